/** The thread behind `reader.ts`: answers one read after the other and cannot write. */
import { parentPort, workerData } from 'node:worker_threads';
import Libsql from 'libsql';
import type { ReadAnswer, ReadRequest } from './reader.ts';

const connection = new Libsql(workerData as string, { timeout: 5000 });
connection.pragma('query_only = ON');

function answer({ id, sql, values, named }: ReadRequest): ReadAnswer {
  try {
    return {
      id,
      rows: connection
        .prepare(sql)
        .raw(!named)
        .all([...values]),
    };
  } catch (error) {
    const { message, code } = error as Error & { code?: string };
    return { id, error: { message, code } };
  }
}

parentPort?.on('message', (request: ReadRequest) => parentPort?.postMessage(answer(request), []));
