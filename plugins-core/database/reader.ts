/** The second connection to a SQLite file, on a thread of its own, for reads that may take long. */
import type { Worker } from 'node:worker_threads';
import { failure } from './failure.ts';
import type { Value } from './statement.ts';

export interface ReadRequest {
  readonly id: number;
  readonly sql: string;
  readonly values: readonly Value[];
  /** Rows as objects by column name, not as lists of values. */
  readonly named: boolean;
}
export type ReadAnswer =
  | { readonly id: number; readonly rows: unknown[] }
  | { readonly id: number; readonly error: { message: string; code: string | undefined } };

export interface Reader {
  rows(sql: string, values: Value[], named: boolean): Promise<unknown[]>;
  close(): Promise<void>;
}

/** The thread starts with the first question. */
export function createReader(start: () => Worker): Reader {
  const waiting = new Map<number, { resolve: (rows: unknown[]) => void; reject: (error: Error) => void }>();
  let worker: Worker | undefined;
  let last = 0;

  function failAll(error: Error): void {
    worker = undefined;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  }

  function running(): Worker {
    if (worker) return worker;
    const started = start();
    started.on('message', (answer: ReadAnswer) => {
      const asked = waiting.get(answer.id);
      waiting.delete(answer.id);
      if (waiting.size === 0) started.unref();
      if ('rows' in answer) asked?.resolve(answer.rows);
      else asked?.reject(Object.assign(new Error(answer.error.message), { code: answer.error.code }));
    });
    started.on('error', failAll);
    started.on('exit', () => {
      if (worker === started)
        failAll(failure('DATABASE_CLOSED', 'The thread that reads the database ended; ask again.'));
    });
    worker = started;
    return started;
  }

  return {
    rows: (sql, values, named) =>
      new Promise((resolve, reject) => {
        const id = ++last;
        waiting.set(id, { resolve, reject });
        const thread = running();
        thread.ref();
        thread.postMessage({ id, sql, values, named } satisfies ReadRequest, []);
      }),
    close: async () => {
      await worker?.terminate();
    },
  };
}
