/** What the two dialects offer to the `db` service and to migrations. */
import type { Dialect } from './api.ts';
import type { Send, Value } from './statement.ts';

/** One connection that nobody else uses meanwhile, for migrations. */
export interface RawConnection {
  /** Runs one statement. @returns its rows as objects by column name */
  execute<Item extends object>(sql: string, values?: readonly Value[]): Promise<Item[]>;
}

export interface Driver {
  readonly dialect: Dialect;
  /** Runs one statement outside any transaction. */
  readonly send: Send;
  transaction<T>(work: (send: Send) => Promise<T>): Promise<T>;
  /** Runs a read where it is in nobody's way. */
  readonly background: Send;
  readonly isUniqueViolation: (error: unknown) => boolean;
  /** Holds the lock under which migrations run; one process at a time. */
  locked<T>(work: (connection: RawConnection) => Promise<T>): Promise<T>;
  /** Ends what runs, then the connections. */
  readonly close: () => Promise<void>;
}
