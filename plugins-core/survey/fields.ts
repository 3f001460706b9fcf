/** The fields that administrators added: stored, and kept in memory on every node. */
import { asc, eq } from 'drizzle-orm';
import { followChanges, type Bus } from '../cluster/api.ts';
import type { Database, Transaction } from '../database/api.ts';
import { FieldError, issuesOf, limits, tidied, toField, type Field, type FieldInput } from './field.ts';
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
  /** @throws FieldError */
  update(id: number, input: FieldInput): Promise<Field>;
  delete(id: number): Promise<boolean>;
  /** Changes places with its neighbour; at the end of the list nothing happens. */
  move(id: number, direction: 'up' | 'down'): Promise<void>;
  load(): Promise<void>;
  /** Hears what other nodes change. @returns a function that ends it */
  watch(): () => void;
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
    async update(id, input) {
      const values = checked(input);
      await write(async () => db.query.update(t).set(values).where(eq(t.id, id)));
      await changed();
      const made = known.find((one) => one.id === id);
      if (!made) throw new FieldError('FIELD_UNKNOWN');
      return made;
    },
    async delete(id) {
      const { affected } = await db.query.delete(t).where(eq(t.id, id));
      await changed();
      return affected > 0;
    },
    async move(id, direction) {
      await db.transaction(async (tx) => {
        const rows = await db.forUpdate(ordered(tx.query));
        const from = rows.findIndex((row) => row.id === id);
        const to = direction === 'up' ? from - 1 : from + 1;
        if (from < 0 || to < 0 || to >= rows.length) return;
        const order = rows.map((row) => row.id);
        order.splice(to, 0, ...order.splice(from, 1));
        for (const [index, moved] of order.entries()) {
          if (rows.find((row) => row.id === moved)?.weight === index + 1) continue;
          await tx.query
            .update(t)
            .set({ weight: index + 1 })
            .where(eq(t.id, moved));
        }
      });
      await changed();
    },
  };
}
