/** What a database server risks that acknowledges a commit before it is on disk. */
import { sql } from 'drizzle-orm';
import type { Database } from './api.ts';

/** @returns sentences for the log; none when all is well */
export async function durabilityWarnings(db: Database): Promise<string[]> {
  if (db.dialect === 'sqlite') return [];
  const rows = await db.rows<{ Variable_name: string; Value: string }>(
    sql`show global variables where variable_name in ('innodb_flush_log_at_trx_commit', 'log_bin', 'sync_binlog')`,
  );
  const value = Object.fromEntries(rows.map((row) => [row.Variable_name, row.Value]));
  const warnings: string[] = [];
  const flush = value['innodb_flush_log_at_trx_commit'];
  if (flush !== '1') {
    warnings.push(
      `innodb_flush_log_at_trx_commit is ${flush}: acknowledged messages can be lost when the database stops hard. Set it to 1.`,
    );
  }
  if (value['log_bin'] === 'ON' && value['sync_binlog'] !== '1') {
    warnings.push(`sync_binlog is ${value['sync_binlog']}: replicas can miss acknowledged messages. Set it to 1.`);
  }
  return warnings;
}
