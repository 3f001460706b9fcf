/** The words of mails: those of the plugin that sends them, or what administrators put in their place, per language. */
import { and, eq, inArray } from 'drizzle-orm';
import type { PluginRef } from '../../kernel/index.ts';
import type { Database } from '../database/api.ts';
import type { LocalesService } from '../locales/api.ts';
import { conflictsOf } from '../operators/api.ts';
import type { MailTemplate } from './api.ts';
import { template, type StoredWords } from './tables.ts';

export interface Words {
  readonly subject: string;
  readonly body: string;
}
/** A kind of mail, and whose it is. */
export interface KnownTemplate extends MailTemplate {
  readonly owner: string;
}
export const limits = { subject: 1024, body: 20_000 } as const;

const mark = /\{(\d{1,2})\}/g;
/** `{0}`, `{1}` … replaced at once, so that a visitor who writes `{1}` gets `{1}`. */
const filled = (text: string, values: readonly string[]): string =>
  text.replaceAll(mark, (_, index: string) => values[Number(index)] ?? '');

/** How long a mail would become, as far as it may be too long to be made. */
export function lengthOf(
  { subject, body }: Words,
  placeholders: readonly string[],
  values: Readonly<Record<string, string>>,
): number {
  const text = `${subject}${body}`;
  const lengths = [...text.matchAll(mark)].map(([, index]) => values[placeholders[Number(index)] ?? '']?.length ?? 0);
  return lengths.reduce((sum, length) => sum + length, text.length);
}

/** A mail in words. A subject is one line, whatever stands in it; a text holds lines and tabs, and no other controls. */
export function render(
  { subject, body }: Words,
  placeholders: readonly string[],
  values: Readonly<Record<string, string>>,
): Words {
  const list = placeholders.map((name) => values[name] ?? '');
  const line = filled(subject, list)
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  const text = filled(body, list)
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[^\P{Cc}\n\t]/gu, '');
  return { subject: Array.from(line).slice(0, 250).join(''), body: text };
}

export type Templates = ReturnType<typeof createTemplates>;

export function createTemplates(db: Database, locales: Pick<LocalesService, 'text' | 'available'>) {
  const t = db.table(template);
  const known = new Map<string, KnownTemplate>();

  /** Where words come from: the language, the one that it is a kind of (`pt` of `pt-br`), English. */
  const chain = (locale: string) => [...new Set([locale, locale.split('-')[0]!, 'en'])];

  /** The plugin's own words, with `{0}` where a placeholder stands. */
  function own({ owner, name, placeholders }: KnownTemplate, locale: string): Words {
    const marks = Object.fromEntries(placeholders.map((_, index) => [String(index), `{${index}}`]));
    const text = (part: keyof Words) => locales.text(locale, `${owner}.mail.${name}.${part}`, marks);
    return { subject: text('subject'), body: text('body') };
  }

  async function stored(name: string, wanted: readonly string[]): Promise<Map<string, Words>> {
    const rows = await db.query
      .select()
      .from(t)
      .where(and(eq(t.name, name), inArray(t.locale, [...wanted])));
    return new Map(rows.map(({ locale, subject, body }) => [locale, { subject, body }]));
  }

  const one = (name: string, locale: string) => and(eq(t.name, name), eq(t.locale, locale));

  /**
   * The words of a mail in a language: the first of its chain that somebody wrote words for. A plugin that speaks a
   * language as it speaks English has no words for it.
   */
  async function words(spec: KnownTemplate, locale: string): Promise<Words & { readonly changed: boolean }> {
    const languages = chain(locale);
    const changed = await stored(spec.name, languages);
    const english = own(spec, 'en');
    for (const language of languages) {
      const found = changed.get(language);
      if (found) return { ...found, changed: language === locale };
      const plain = own(spec, language);
      if (language === 'en' || plain.subject !== english.subject || plain.body !== english.body)
        return { ...plain, changed: false };
    }
    return { ...english, changed: false };
  }

  return {
    add(spec: MailTemplate, { id: owner }: Pick<PluginRef, 'id'>): () => void {
      if (!/^\w{1,64}$/.test(spec.name)) throw new Error(`"${spec.name}" is no name for a mail: letters, digits and _`);
      if (known.has(spec.name)) throw new Error(`there already is a mail "${spec.name}"`);
      known.set(spec.name, { ...spec, owner });
      return () => void known.delete(spec.name);
    },
    find: (name: string): KnownTemplate | undefined => known.get(name),
    all: (): readonly KnownTemplate[] => [...known.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1)),
    words,
    /**
     * @param expected what was seen of the words that are to change; what is not said of is changed in any case
     * @returns what somebody else changed to something else meanwhile: then nothing was stored
     */
    async save(
      spec: KnownTemplate,
      locale: string,
      changes: Partial<Words>,
      expected: Partial<Words> = {},
      now = Date.now(),
    ): Promise<readonly (keyof Words)[]> {
      const { subject, body } = await words(spec, locale);
      const attempt = () =>
        db.transaction(async (tx) => {
          const [row] = await db.forUpdate(tx.query.select().from(t).where(one(spec.name, locale)));
          const was = row ?? { subject, body };
          const conflicts = conflictsOf<Partial<Words>>(was, expected, changes);
          if (conflicts.length > 0) return conflicts;
          const set = { ...changes, changedAt: now };
          if (row) await tx.query.update(t).set(set).where(one(spec.name, locale));
          else await tx.query.insert(t).values({ name: spec.name, locale, subject, body, ...set });
          return [];
        });
      try {
        return await attempt();
      } catch (error) {
        // Somebody wrote the first words of his own in the same moment: now there is a row to look at.
        if (!db.isUniqueViolation(error)) throw error;
        return attempt();
      }
    },
    /**
     * Back to the plugin's own words.
     * @returns what was taken away; undefined where nobody had changed anything; `changed` where it is not what was expected, and is kept
     */
    reset: (
      name: string,
      locale: string,
      expected: Partial<Words> = {},
    ): Promise<StoredWords | 'changed' | undefined> =>
      db.transaction(async (tx) => {
        const [row] = await db.forUpdate(tx.query.select().from(t).where(one(name, locale)));
        if (!row) return undefined;
        if (conflictsOf<Partial<Words>>(row, expected, {}).length > 0) return 'changed';
        await tx.query.delete(t).where(one(name, locale));
        return row;
      }),
    /** Brings back what was taken away; safe to repeat. @returns false when somebody wrote others by now */
    async restore(row: StoredWords): Promise<boolean> {
      const { affected } = await db.query.insertIgnore(t, { ...row });
      if (affected > 0) return true;
      const now = (await stored(row.name, [row.locale])).get(row.locale);
      return now?.subject === row.subject && now.body === row.body;
    },
    /** Name of a mail → languages in which administrators changed its words. */
    async changes(): Promise<ReadonlyMap<string, readonly string[]>> {
      const found = new Map<string, string[]>();
      const rows = await db.query.select({ name: t.name, locale: t.locale }).from(t).limit(1000);
      for (const { name, locale } of rows) found.set(name, [...(found.get(name) ?? []), locale]);
      return found;
    },
  };
}
