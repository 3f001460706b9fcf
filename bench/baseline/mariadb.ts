/**
 * Baseline of `post-mariadb`: the bare driver doing what a post does, on 16 connections at once, with the same durability,
 * on a copy of the schema. argv: database address, seconds, connections.
 */
import { createConnection, type ResultSetHeader, type RowDataPacket } from 'mysql2/promise';

const [, , url = '', seconds = '3', parallel = '16'] = process.argv;
const first = await createConnection(url);
const [threads] = await first.query<RowDataPacket[]>('select id from chat_thread');
const [columns] = await first.query<RowDataPacket[]>('show columns from chat_message');
await first.end();
const needed = columns
  .filter((column) => column['Null'] === 'NO' && column['Default'] === null)
  .map((column) => String(column['Field']));
const names = [...new Set([...needed, 'sender_key', 'body_hash'])];
const fixed: Record<string, string | number> = {
  kind: 1,
  sender: 'v',
  body: 'x'.repeat(80),
  created_at: Date.now(),
  agent_id: 0,
};

const end = performance.now() + Number(seconds) * 1000;
const start = performance.now();
let done = 0;
const worker = async (index: number) => {
  const db = await createConnection(url);
  const thread = Number(threads[index % threads.length]!['id']);
  for (let count = 0; performance.now() < end; count += 1) {
    const key = `raw-${process.pid}-${index}-${count}`;
    await db.query('begin');
    await db.execute('select seq, body_hash from chat_message where thread_id = ? and sender = ? and sender_key = ?', [
      thread,
      'v',
      key,
    ]);
    const [{ insertId: seq }] = await db.execute<ResultSetHeader>(
      'update chat_thread set last_seq = last_insert_id(last_seq + 1), last_visible_seq = last_seq where id = ?',
      [thread],
    );
    const row: Record<string, string | number> = {
      ...fixed,
      thread_id: thread,
      seq,
      sender_key: key,
      body_hash: 'h'.repeat(43),
    };
    await db.execute(
      `insert into chat_message (${names.join(', ')}) values (${names.map(() => '?').join(', ')})`,
      names.map((name) => row[name] ?? ''),
    );
    await db.query('commit');
    done += 1;
  }
  await db.end();
};
await Promise.all(Array.from({ length: Number(parallel) }, (_, index) => worker(index)));
process.stdout.write(`${JSON.stringify({ perSecond: done / ((performance.now() - start) / 1000) })}\n`);
