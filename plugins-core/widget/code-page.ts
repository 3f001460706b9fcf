/** `/operator/button-code`: choices, the code that comes of them, and how it looks. */
import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from 'hono';
import type { Kernel } from '../../kernel/plugin.ts';
import type { GroupsService } from '../groups/api.ts';
import type { LocalesService } from '../locales/api.ts';
import type { OperatorsService } from '../operators/api.ts';
import type { ViewsService } from '../views/api.ts';
import { codeKinds, type CodeChoice, type CodeKind, type PageCode } from './api.ts';
import { codeOf, noncePlace, textOf } from './code.ts';

export interface CodePageNeeds {
  readonly kernel: Pick<Kernel, 'config' | 'facts'>;
  readonly operators: Pick<OperatorsService, 'refuse'>;
  readonly groups: Pick<GroupsService, 'enabled' | 'list' | 'nameOf'> | undefined;
  readonly locales: Pick<LocalesService, 'of' | 'text' | 'available' | 'home' | 'info'>;
  readonly views: Pick<ViewsService, 'page' | 'render'>;
  readonly addresses: { readonly url: Kernel['url'] };
  /** Asks who else has a say in the code. */
  readonly filter: (code: PageCode, choice: CodeChoice) => Promise<PageCode>;
  /** Absolute path of the folder with the images. */
  readonly folder: string;
}
/** What was chosen, as the original calls it in the address. */
interface Choice {
  readonly kind: CodeKind;
  readonly image: string;
  readonly locale: string | undefined;
  readonly group: number | undefined;
  readonly host: boolean;
  readonly secure: boolean;
  readonly apart: boolean;
  readonly nonce: boolean;
  readonly position: 'start' | undefined;
  readonly color: string | undefined;
  readonly label: string | undefined;
  readonly consent: boolean;
}

export function createCodePage(needs: CodePageNeeds) {
  const { kernel, operators, groups, locales, views, addresses, filter, folder } = needs;

  const imagesOf = async (): Promise<readonly string[]> =>
    (await readdir(join(folder, 'en')))
      .flatMap((file) => /^(\w+)_on\.png$/.exec(file)?.[1] ?? [])
      .toSorted((one, other) => Number(other === 'mibew') - Number(one === 'mibew') || (one < other ? -1 : 1));

  /** What is chosen in the address; the first time the host is in the code, since most pages lie elsewhere. */
  const choiceOf = (
    context: Context,
    images: readonly string[],
    list: readonly { id: number }[],
  ): Choice | undefined => {
    const asked = (name: string) => context.req.query(name);
    const first = asked('codetype') === undefined;
    const kind = codeKinds.find((one) => one === (asked('codetype') ?? 'script'));
    const group = Number(asked('group'));
    const ticked = (name: string) => ['on', '1'].includes(asked(name) ?? '');
    return (
      kind && {
        kind,
        image: images.find((one) => one === asked('i')) ?? images[0] ?? 'mibew',
        locale: locales.available().find(({ code }) => code === asked('lang'))?.code,
        group: list.some(({ id }) => id === group) ? group : undefined,
        host: first || ticked('hostname'),
        secure: ticked('secure'),
        apart: ticked('forcewindows'),
        nonce: ticked('nonce'),
        position: asked('position') === 'start' ? 'start' : undefined,
        color: ticked('colored') && /^#[\da-f]{6}$/i.test(asked('color') ?? '') ? asked('color') : undefined,
        label: asked('label')?.trim().slice(0, 40) || undefined,
        consent: ticked('consent'),
      }
    );
  };

  const made = (context: Context, { host, secure, ...choice }: Choice, whole = host): Promise<PageCode> => {
    const { origin } = kernel.facts(context);
    const address = secure ? origin.replace(/^http:/, 'https:') : origin;
    const words = choice.locale ?? locales.home;
    const { kind, locale, group, position, color, label, consent } = choice;
    // A page with a link of its own has no other button.
    const shown = kind === 'script' ? { position, color, label } : {};
    const code = codeOf({
      ...choice,
      base: `${whole ? address : ''}${kernel.config.base}`,
      imageLocale: words,
      looks: { ...shown, consent: consent ? 'required' : undefined },
      words: {
        caption: locales.text(words, 'widget.code.caption'),
        code: locales.text(words, 'widget.code.operatorCode'),
        go: locales.text(words, 'widget.code.go'),
      },
    });
    return filter(code, { kind, ...(locale !== undefined && { locale }), ...(group !== undefined && { group }) });
  };

  const asked = async (context: Context) => {
    const list = groups?.enabled ? await groups.list() : [];
    const images = await imagesOf();
    return { list, images, choice: choiceOf(context, images, list) };
  };
  const refused = (context: Context) => {
    const text = locales.text(locales.of(context), 'widget.code.unknown');
    return operators.refuse(context, 400, 'CODE_UNKNOWN', text);
  };

  const show = async (context: Context): Promise<Response> => {
    const { list, images, choice } = await asked(context);
    if (!choice) return refused(context);
    const locale = locales.of(context);
    const { origin } = kernel.facts(context);
    const code = await made(context, choice);
    const text = textOf(code, choice.kind, choice.nonce);
    const { host } = new URL(origin);
    const search = new URL(context.req.url).search;
    const model = {
      kinds: codeKinds.map((kind) => ({ kind, label: `widget.code.kind.${kind}`, selected: kind === choice.kind })),
      [choice.kind]: true,
      images: images.length > 1 && images.map((name) => ({ name, selected: name === choice.image })),
      languages: locales
        .available()
        .map(({ code: one, name }) => ({ code: one, name, selected: one === choice.locale })),
      groups: list.map((one) => ({
        id: one.id,
        name: groups?.nameOf(one, locale),
        selected: one.id === choice.group,
      })),
      choice,
      insecure: origin.startsWith('http:'),
      scripted: code.script !== undefined,
      code: text,
      rows: text.split('\n').length + 2,
      policy:
        code.script === undefined
          ? choice.kind === 'button' && `img-src https://${host}`
          : `script-src 'nonce-${noncePlace}'; connect-src https://${host} wss://${host}; img-src https://${host}; media-src https://${host}`,
      preview: `${addresses.url('widget.codePreview')}${search}`,
    };
    return views.page(context, 'widget/button-code', model);
  };

  /** A page as a stranger's would be: with the code on it, and nothing of the operators'. */
  const preview = async (context: Context): Promise<Response> => {
    const { choice } = await asked(context);
    if (!choice) return refused(context);
    const { origin } = kernel.facts(context);
    const nonce = randomBytes(16).toString('base64url');
    const locale = locales.of(context);
    const code = await made(context, { ...choice, secure: false }, true);
    const html = await views.render(
      'widget/preview',
      { ...code, nonce, lang: locale, dir: locales.info(locale).rtl ? 'rtl' : 'ltr' },
      locale,
    );
    // It lies in a sandbox, where no address is one's own.
    const policy = [
      "default-src 'none'",
      `script-src 'nonce-${nonce}'`,
      `connect-src ${origin} ${origin.replace(/^http/, 'ws')}`,
      `img-src ${origin}`,
      `media-src ${origin}`,
      `form-action ${origin}`,
      "base-uri 'none'",
      "frame-ancestors 'self'",
    ];
    return context.html(html, 200, {
      'content-security-policy': policy.join('; '),
      'x-frame-options': 'SAMEORIGIN',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
  };

  return { show, preview };
}
