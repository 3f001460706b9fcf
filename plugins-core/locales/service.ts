/** The service `locales`: texts, the choice of a language, texts for browsers. */
import { isBuilt } from '../../kernel/place.ts';
import { reasonOf } from '../../kernel/errors.ts';
import type { Kernel, Logger } from '../../kernel/plugin.ts';
import type { LocaleInfo, LocalesService } from './api.ts';
import type { Catalogue } from './catalogue.ts';
import { compileModule } from './compile.ts';
import type { Message } from './message.ts';
import { nearest, negotiate, rememberLocale, wishOf } from './negotiate.ts';
import { pseudoCode } from './pseudo.ts';

/** What the service takes. */
export interface LocalesDeps {
  readonly catalogue: Catalogue;
  readonly kernel: Kernel;
  readonly log: Logger;
  readonly defaultLocale?: string | undefined;
  /** Whether files that change are read again: in development. */
  readonly watch?: boolean;
}

const rightToLeft = new Set(['ar', 'ckb', 'dv', 'fa', 'he', 'ku', 'ps', 'sd', 'ug', 'ur', 'yi']);

/** What is known of a code without any file: its own name and its direction. */
function describeLocale(code: string): LocaleInfo {
  if (code === pseudoCode) return { code, name: 'Pseudo (ar-XB)', rtl: true };
  const rtl = rightToLeft.has(code.split('-')[0]!.toLowerCase());
  try {
    return { code, rtl, name: new Intl.DisplayNames([code], { type: 'language' }).of(code) ?? code };
  } catch {
    return { code, rtl, name: code };
  }
}

export function createLocales({
  catalogue,
  kernel,
  log,
  defaultLocale,
  watch = !isBuilt,
}: LocalesDeps): LocalesService {
  const missing = new Set<string>();
  const infos = new Map<string, LocaleInfo>();
  let looked = 0;

  // A few stat calls, at most twice a second, and only when somebody asks for a page or a module.
  const refresh = () => {
    if (!watch || Date.now() - looked < 500) return;
    looked = Date.now();
    catalogue.refresh();
  };
  const tellOnce = (id: string, fields: object, message: string) => {
    if (missing.has(id) || missing.size > 1000) return;
    missing.add(id);
    log.warn(fields, message);
  };
  const isKnown = (code: string) => code === pseudoCode || catalogue.codes().includes(code);

  return {
    get revision() {
      return catalogue.revision;
    },
    text(locale, key, args = {}) {
      const message = catalogue.find(locale, key);
      if (!message) {
        tellOnce(`${locale} ${key}`, { locale, text: key }, 'nobody has this text');
        return key;
      }
      try {
        return message.format(args);
      } catch (error) {
        tellOnce(`${locale} ${key}`, { locale, text: key, reason: reasonOf(error) }, 'text not filled in');
        return message.source;
      }
    },
    of(context) {
      refresh();
      return negotiate(catalogue.codes(), wishOf(context), defaultLocale);
    },
    remember(context, code) {
      rememberLocale(context, code, kernel.config.base || '/', kernel.facts(context).secure);
    },
    match: (requested) =>
      requested.toLowerCase() === pseudoCode.toLowerCase() ? pseudoCode : nearest(catalogue.codes(), requested),
    info(code) {
      const known = infos.get(code) ?? describeLocale(code);
      infos.set(code, known);
      return known;
    },
    available() {
      return catalogue.codes().map((code) => this.info(code));
    },
    home: defaultLocale ?? 'en',
    intl: (code) => (code === pseudoCode ? 'en' : code),
    clientModule(locale, prefixes) {
      refresh();
      if (!isKnown(locale)) locale = 'en';
      const messages = new Map<string, Message>();
      for (const key of catalogue.keys()) {
        if (!prefixes.some((prefix) => key.startsWith(prefix))) continue;
        const message = catalogue.find(locale, key);
        if (message) messages.set(key, message);
      }
      return compileModule(locale, this.info(locale).rtl, messages);
    },
  };
}
