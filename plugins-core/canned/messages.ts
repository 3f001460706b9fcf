/** The service `canned.messages`. */
import { and, asc, eq, inArray } from 'drizzle-orm';
import type { Database } from '../database/api.ts';
import type { GroupsService } from '../groups/api.ts';
import type { LocalesService } from '../locales/api.ts';
import { conflictsOf } from '../operators/api.ts';
import { CannedError, type CannedInput, type CannedIssue, type CannedMessage, type CannedService } from './api.ts';
import { fillIn } from './placeholders.ts';
import { message } from './tables.ts';

export interface MessagesNeeds {
  readonly db: Database;
  readonly locales: Pick<LocalesService, 'available'>;
  readonly groups: Pick<GroupsService, 'enabled' | 'byId' | 'nameOf'> | undefined;
  /** Name of the company, setting `title`. */
  readonly title: () => string;
}

const longest = { title: 100, body: 1024 } as const;
/** So many are offered in one conversation. */
const offered = 500;
const labelLength = 97;

const characters = (text: string) => Array.from(text);
/** What every database keeps as it is: no NUL, no half characters. */
const clean = (text: string) =>
  text
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replaceAll('\0', '')
    .trim();

function labelOf({ title, body }: CannedMessage): string {
  if (title) return title;
  const line = characters(body.replace(/\s+/g, ' '));
  return line.length > labelLength ? `${line.slice(0, labelLength).join('')}…` : line.join('');
}

export function createMessages({ db, locales, groups, title }: MessagesNeeds): CannedService {
  const t = db.table(message);
  const unknown = () => new CannedError('CANNED_UNKNOWN', 'There is no such canned message.');
  const byId = async (id: number): Promise<CannedMessage | undefined> =>
    (await db.query.select().from(t).where(eq(t.id, id)).limit(1))[0];
  const condition = (locale: string, groupId: number | undefined) =>
    and(eq(t.locale, locale), groupId === undefined ? undefined : eq(t.groupId, groupId));

  async function checked(input: CannedInput, original?: CannedMessage): Promise<CannedInput> {
    const issues: CannedIssue[] = [];
    const values = { ...input, title: clean(input.title), body: clean(input.body) };
    for (const field of ['title', 'body'] as const) {
      if (values[field] === '') issues.push({ field, code: 'required' });
      if (characters(values[field]).length > longest[field]) issues.push({ field, code: 'too_long' });
    }
    if (!locales.available().some(({ code }) => code === values.locale))
      issues.push({ field: 'locale', code: 'unknown' });
    // A message of a group that is gone may stay where it is.
    const kept = values.groupId === 0 || values.groupId === original?.groupId;
    if (!kept && !(await groups?.byId(values.groupId))) issues.push({ field: 'groupId', code: 'unknown' });
    if (issues.length > 0) throw new CannedError('CANNED_INVALID', 'The canned message cannot be stored.', issues);
    return { locale: values.locale, groupId: values.groupId, title: values.title, body: values.body };
  }

  /** Of the language of the conversation; of `pt` where there are none in `pt-br`. */
  async function spoken(locale: string, groupIds: readonly number[]): Promise<readonly CannedMessage[]> {
    const found = await db.query
      .select()
      .from(t)
      .where(and(eq(t.locale, locale), inArray(t.groupId, [...groupIds])))
      .orderBy(asc(t.title), asc(t.id))
      .limit(offered);
    const parent = locale.slice(0, Math.max(0, locale.lastIndexOf('-')));
    return found.length > 0 || parent === '' ? found : spoken(parent, groupIds);
  }

  return {
    byId,
    list: ({ locale, groupId }, { offset, limit }) =>
      db.query
        .select()
        .from(t)
        .where(condition(locale, groupId))
        .orderBy(asc(t.title), asc(t.id))
        .limit(limit)
        .offset(offset),
    count: ({ locale, groupId }) => db.query.count(t, condition(locale, groupId)),
    async answers(thread, operator) {
      const group = groups?.enabled && thread.groupId > 0 ? await groups.byId(thread.groupId) : undefined;
      const found = await spoken(thread.locale, group ? [group.id, 0] : [0]);
      const values = {
        visitor: thread.userName,
        operator: thread.agentName || operator.name,
        group: group && groups ? groups.nameOf(group, thread.locale) : '',
        title: title(),
        id: String(thread.id),
      };
      return found
        .toSorted((a, b) => Number(a.groupId === 0) - Number(b.groupId === 0))
        .map((one) => ({ short: labelOf(one), full: fillIn(one.body, values) }));
    },
    async create(input) {
      const values = await checked(input);
      const { insertId } = await db.query.insert(t).values(values);
      return { ...values, id: insertId };
    },
    async update(id, changes, expected = {}) {
      const original = await byId(id);
      if (!original) throw unknown();
      const values = await checked({ ...original, ...changes }, original);
      const wanted = Object.fromEntries(
        Object.keys(changes).map((field) => [field, values[field as keyof CannedInput]]),
      ) as Partial<CannedInput>;
      return db.transaction(async (tx) => {
        const [now] = await db.forUpdate(tx.query.select().from(t).where(eq(t.id, id)));
        // Somebody took it away in between.
        if (!now) throw unknown();
        const issues = conflictsOf<Partial<CannedInput>>(now, expected, wanted).map((field): CannedIssue => ({
          field,
          code: 'changed',
        }));
        if (issues.length > 0)
          throw new CannedError('CANNED_CHANGED', 'Somebody else changed the canned message meanwhile.', issues);
        if (Object.keys(wanted).length > 0) await tx.query.update(t).set(wanted).where(eq(t.id, id));
        return { ...now, ...wanted };
      });
    },
    delete: (id) =>
      db.transaction(async (tx) => {
        const [was] = await db.forUpdate(tx.query.select().from(t).where(eq(t.id, id)));
        if (was) await tx.query.delete(t).where(eq(t.id, id));
        return was;
      }),
    restore: async ({ id, locale, groupId, title: name, body }) =>
      void (await db.query.insertIgnore(t, { id, locale, groupId, title: name, body })),
  };
}
