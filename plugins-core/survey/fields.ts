/** The fields that administrators added: stored, and kept in memory on every node. */
import { asc, eq } from 'drizzle-orm';
import { followChanges, type Bus } from '../cluster/api.ts';
import type { Database, Transaction } from '../database/api.ts';
import { conflictsOf } from '../operators/api.ts';
import {
  FieldError,
  issuesOf,
  limits,
  tidied,
  toField,
  type Field,
  type FieldInput,
  type FieldIssue,
} from './field.ts';
import { field as fieldTable } from './tables.ts';

const topic = 'survey.fields';

export interface FieldsNeeds {
  readonly db: Database;
  readonly bus: Pick<Bus, 'publish' | 'subscribe' | 'onConnection'>;
  readonly failed: (error: unknown) => void;
}

export interface Fields {
  /** In the order in which they are asked. */
  list(): readonly Field[];
  byId(id: number): Field | undefined;
  /** @throws FieldError */
  create(input: FieldInput): Promise<Field>;
  /**
   * @param changes labels in languages that are not named stay as they are
   * @param expected what was seen of the entries that are to change, and of others that these depend on
   * @throws FieldError
   */
  update(id: number, changes: Partial<FieldInput>, expected?: Partial<FieldInput>): Promise<Field>;
  /** @returns what was deleted; undefined when there is no such field */
  delete(id: number): Promise<Field | undefined>;
  /** Brings back what was deleted, under its number; safe to repeat. @returns false when another field has its name by now */
  restore(field: Field): Promise<boolean>;
  /**
   * Changes places with its neighbour; at the end of the list nothing happens.
   * @param past the neighbour that was seen there. Where it has been passed already nothing happens, either
   * @returns false when somebody else changed the order, so that it is no neighbour
   */
  move(id: number, direction: 'up' | 'down', past?: number): Promise<boolean>;
  load(): Promise<void>;
  /** Hears what other nodes change. @returns a function that ends it */
  watch(): () => void;
}

/** Entries which somebody else changed, labels language by language. */
function conflicts(
  was: Field,
  expected: Partial<FieldInput>,
  values: FieldInput,
  changes: Partial<FieldInput>,
): FieldIssue[] {
  const { labels = {}, ...rest } = expected;
  // What is expected and not to be changed has to be as it was.
  const wanted = Object.fromEntries(
    Object.keys(changes).map((entry) => [entry, values[entry as keyof FieldInput]]),
  ) as Partial<FieldInput>;
  const label = (of: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.keys(labels).map((locale) => [locale, of[locale] ?? '']));
  return [
    ...conflictsOf<Partial<Omit<FieldInput, 'labels'>>>(was, rest, wanted),
    ...conflictsOf(label(was.labels), label(labels), label(values.labels)).map((locale) => `label_${locale}` as const),
  ].map((entry) => ({ entry, code: 'changed' }));
}

export function createFields({ db, bus, failed }: FieldsNeeds): Fields {
  const t = db.table(fieldTable);
  let known: readonly Field[] = [];
  let queue: Promise<unknown> = Promise.resolve();

  const ordered = (query: Pick<Transaction, 'query'>['query']) =>
    query.select().from(t).orderBy(asc(t.weight), asc(t.id));

  /** One reading after the other, so that the last one to be stored is the one that stays. */
  function load(): Promise<void> {
    const next = queue.then(async () => {
      known = (await ordered(db.query)).map(toField);
    });
    queue = next.catch(() => undefined);
    return next;
  }

  async function changed(): Promise<void> {
    await load();
    bus.publish(topic, null);
  }

  /** @throws FieldError */
  async function write<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!db.isUniqueViolation(error)) throw error;
      throw new FieldError('FIELD_INVALID', [{ entry: 'name', code: 'taken' }]);
    }
  }

  function checked(input: FieldInput): FieldInput {
    const field = tidied(input);
    const issues = issuesOf(field);
    if (issues.length > 0) throw new FieldError('FIELD_INVALID', issues);
    return field;
  }

  return {
    load,
    watch: () => followChanges(bus, topic, () => void load().catch(failed)),
    list: () => known,
    byId: (id) => known.find((one) => one.id === id),
    async create(input) {
      const values = checked(input);
      const made = await write(() =>
        db.transaction(async (tx) => {
          const rows = await db.forUpdate(ordered(tx.query));
          if (rows.length >= limits.fields) throw new FieldError('TOO_MANY_FIELDS');
          const row = { ...values, weight: (rows.at(-1)?.weight ?? 0) + 1 };
          const { insertId } = await tx.query.insert(t).values(row);
          return { ...row, id: insertId };
        }),
      );
      await changed();
      return made;
    },
    async update(id, changes, expected = {}) {
      const made = await write(() =>
        db.transaction(async (tx) => {
          const row = (await db.forUpdate(ordered(tx.query))).find((one) => one.id === id);
          if (!row) throw new FieldError('FIELD_UNKNOWN');
          const was = toField(row);
          const values = checked({ ...was, ...changes, labels: { ...was.labels, ...changes.labels } });
          const issues = conflicts(was, expected, values, changes);
          if (issues.length > 0) throw new FieldError('FIELD_CHANGED', issues);
          await tx.query.update(t).set(values).where(eq(t.id, id));
          return { ...was, ...values };
        }),
      );
      await changed();
      return made;
    },
    async delete(id) {
      const was = await db.transaction(async (tx) => {
        const [row] = await db.forUpdate(tx.query.select().from(t).where(eq(t.id, id)));
        if (row) await tx.query.delete(t).where(eq(t.id, id));
        return row && toField(row);
      });
      await changed();
      return was;
    },
    async restore(field) {
      const { affected } = await db.query.insertIgnore(t, { ...field });
      await changed();
      return affected > 0 || known.some(({ id }) => id === field.id);
    },
    async move(id, direction, past) {
      const moved = await db.transaction(async (tx) => {
        const rows = await db.forUpdate(ordered(tx.query));
        const order = rows.map((row) => row.id);
        const from = order.indexOf(id);
        const step = direction === 'up' ? -1 : 1;
        // Somebody else has moved it already.
        if (past !== undefined && order[from - step] === past) return true;
        const to = from + step;
        if (from < 0 || to < 0 || to >= rows.length) return past === undefined;
        if (past !== undefined && order[to] !== past) return false;
        order.splice(to, 0, ...order.splice(from, 1));
        for (const [index, one] of order.entries()) {
          if (rows.find((row) => row.id === one)?.weight === index + 1) continue;
          await tx.query
            .update(t)
            .set({ weight: index + 1 })
            .where(eq(t.id, one));
        }
        return true;
      });
      await changed();
      return moved;
    },
  };
}
