/**
 * Baseline of `post-sqlite`: the bare driver doing what a post does (key lookup, thread update, message insert), one
 * prepared transaction after another, with the same durability, on a copy of the schema. argv: database file, seconds.
 */
import Database from 'libsql';

const [, , file = '', seconds = '3'] = process.argv;
const db = new Database(file);
for (const pragma of ['journal_mode=WAL', 'synchronous=FULL', 'busy_timeout=5000'])
  db.prepare(`pragma ${pragma}`).all();

const threads = db.prepare('select id from chat_thread').all() as { id: number }[];
const find = db.prepare(
  'select seq, body_hash from chat_message where thread_id = ? and sender = ? and sender_key = ?',
);
const update = db.prepare(
  'update chat_thread set last_seq = last_seq + 1, last_visible_seq = last_seq + 1 where id = ? returning last_seq',
);
const columns = (
  db.prepare('pragma table_info(chat_message)').all() as { name: string; notnull: number; dflt_value: unknown }[]
)
  .filter((column) => column.notnull === 1 && column.dflt_value === null)
  .map((column) => column.name);
const names = [...new Set([...columns, 'sender_key', 'body_hash'])];
const insert = db.prepare(`insert into chat_message (${names.join(', ')}) values (${names.map(() => '?').join(', ')})`);
const begin = db.prepare('begin immediate');
const commit = db.prepare('commit');

const fixed: Record<string, unknown> = {
  kind: 1,
  sender: 'v',
  body: 'x'.repeat(80),
  created_at: Date.now(),
  agent_id: 0,
};
const end = performance.now() + Number(seconds) * 1000;
const start = performance.now();
let done = 0;
while (performance.now() < end) {
  const thread = threads[done % threads.length]!.id;
  const key = `raw-${process.pid}-${done}`;
  begin.run();
  find.all(thread, 'v', key);
  const seq = (update.all(thread) as { last_seq: number }[])[0]!.last_seq;
  const row: Record<string, unknown> = { ...fixed, thread_id: thread, seq, sender_key: key, body_hash: 'h'.repeat(43) };
  insert.run(...names.map((name) => row[name] ?? ''));
  commit.run();
  done += 1;
}
process.stdout.write(`${JSON.stringify({ perSecond: done / ((performance.now() - start) / 1000) })}\n`);
