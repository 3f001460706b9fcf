/** What the database holds, read without the product. */
import Database from 'libsql';
import { createConnection } from 'mysql2/promise';

export interface StoredMessage {
  readonly threadId: number;
  readonly seq: number;
  readonly kind: number;
  readonly body: string;
}

const statement = 'select thread_id as threadId, seq, kind, body from chat_message order by thread_id, seq';

/** Reads all messages. @param url as MIBEW_DATABASE has it */
export async function readMessages(url: string): Promise<readonly StoredMessage[]> {
  if (url.startsWith('sqlite:')) {
    const database = new Database(url.slice('sqlite:'.length));
    try {
      return database.prepare(statement).all() as StoredMessage[];
    } finally {
      database.close();
    }
  }
  const connection = await createConnection(url);
  try {
    const [rows] = await connection.query(statement);
    return rows as StoredMessage[];
  } finally {
    await connection.end();
  }
}
