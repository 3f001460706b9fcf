/** Notes as they are kept: limits, and who may do what. */
import { and, desc, eq, gt } from 'drizzle-orm';
import type { Database, Transaction } from '../database/api.ts';
import type { Operator, OperatorsService } from '../operators/api.ts';
import { RpcError } from '../rpc/api.ts';
import { longestNote, notesErrors } from './api.ts';
import { note, type NoteRow } from './tables.ts';

const minute = 60_000;
/** Notes about one visitor: whoever reads them is in the middle of a conversation. */
const most = 100;
/** Notes that one operator may write within a minute. */
const pace = 20;

export interface NotesNeeds {
  readonly db: Database;
  readonly operators: Pick<OperatorsService, 'can'>;
  /** Notes about this visitor are others now. */
  readonly changed: (userId: string) => void;
  readonly now?: () => number;
}
export type Notes = ReturnType<typeof createNotes>;

/** What every database keeps as it is: no NUL, no half characters; line breaks as we write them. */
const clean = (text: string) =>
  text
    .replaceAll(/\r\n?/g, '\n')
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replaceAll(/(?![\n\t])\p{Cc}/gu, '')
    .trim();

/** @throws RpcError */
function checked(text: string): string {
  const cleaned = clean(text);
  if (cleaned === '') throw new RpcError(notesErrors.empty, 'NOTE_EMPTY', 'Write something first.');
  if (Array.from(cleaned).length > longestNote)
    throw new RpcError(notesErrors.tooLong, 'NOTE_TOO_LONG', `A note has at most ${longestNote} characters.`);
  return cleaned;
}
const unknown = () => new RpcError(notesErrors.unknown, 'NOTE_UNKNOWN', 'There is no such note any more.');
const foreign = () => new RpcError(notesErrors.foreign, 'NOTE_FOREIGN', 'This note is somebody else’s.');

export function createNotes({ db, operators, changed, now = Date.now }: NotesNeeds) {
  const t = db.table(note);
  const mayDelete = (row: NoteRow, operator: Operator) =>
    row.operatorId === operator.id || operators.can(operator, 'admin');

  /** @throws RpcError */
  async function locked(tx: Transaction, userId: string, id: number): Promise<NoteRow> {
    const [row] = await db.forUpdate(
      tx.query
        .select()
        .from(t)
        .where(and(eq(t.id, id), eq(t.userId, userId))),
    );
    if (!row) throw unknown();
    return row;
  }

  return {
    mayDelete,
    /** The newest first. */
    ofVisitor: (userId: string): Promise<NoteRow[]> =>
      Promise.resolve(db.query.select().from(t).where(eq(t.userId, userId)).orderBy(desc(t.id)).limit(most)),
    /** @throws RpcError */
    async add(userId: string, text: string, { id: operatorId, name }: Operator): Promise<NoteRow> {
      const createdAt = now();
      const row = { userId, text: checked(text), operatorId, operatorName: name, createdAt, changedAt: 0 };
      const fresh = and(eq(t.operatorId, operatorId), gt(t.createdAt, createdAt - minute));
      const recent = await db.query.select().from(t).where(fresh).orderBy(desc(t.id)).limit(pace);
      const same = recent.find((one) => one.userId === userId && one.text === row.text);
      if (same) return same;
      if (recent.length >= pace || (await db.query.count(t, eq(t.userId, userId))) >= most)
        throw new RpcError(notesErrors.tooMany, 'TOO_MANY_NOTES', 'There are too many notes already.');
      const { insertId } = await db.query.insert(t).values(row);
      changed(userId);
      return { ...row, id: insertId };
    },
    /** @param seen the text as it was shown. @throws RpcError */
    async change(userId: string, id: number, text: string, seen: string, operator: Operator): Promise<NoteRow> {
      const wanted = checked(text);
      const row = await db.transaction(async (tx) => {
        const was = await locked(tx, userId, id);
        if (was.operatorId !== operator.id) throw foreign();
        if (was.text === wanted) return was;
        if (was.text !== clean(seen))
          throw new RpcError(notesErrors.changed, 'NOTE_CHANGED', 'The note was changed meanwhile.');
        const values = { text: wanted, changedAt: now() };
        await tx.query.update(t).set(values).where(eq(t.id, id));
        return { ...was, ...values };
      });
      changed(userId);
      return row;
    },
    /** @returns what was deleted. @throws RpcError */
    async delete(userId: string, id: number, operator: Operator): Promise<NoteRow> {
      const row = await db.transaction(async (tx) => {
        const was = await locked(tx, userId, id);
        if (!mayDelete(was, operator)) throw foreign();
        await tx.query.delete(t).where(eq(t.id, id));
        return was;
      });
      changed(userId);
      return row;
    },
    /** Brings back what was deleted, under its number; safe to repeat. */
    async restore(row: NoteRow): Promise<void> {
      await db.query.insertIgnore(t, { ...row });
      changed(row.userId);
    },
  };
}
