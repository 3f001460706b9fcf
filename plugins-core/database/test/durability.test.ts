import { describe, expect, it } from 'vitest';
import type { Database } from '../api.ts';
import { durabilityWarnings } from '../durability.ts';
import { eachDialect } from '../testing.ts';

describe('a database server that acknowledges too early', () => {
  const saying = (variables: Record<string, string>) => {
    const rows = async () => Object.entries(variables).map(([Variable_name, Value]) => ({ Variable_name, Value }));
    return { dialect: 'mysql', rows } as unknown as Database;
  };

  it('is warned of', async () => {
    const lax = { innodb_flush_log_at_trx_commit: '2', log_bin: 'ON', sync_binlog: '0' };
    const warnings = await durabilityWarnings(saying(lax));
    expect(warnings).toEqual([
      expect.stringContaining('innodb_flush_log_at_trx_commit is 2'),
      expect.stringContaining('sync_binlog is 0'),
    ]);
    const strict = { innodb_flush_log_at_trx_commit: '1', log_bin: 'OFF', sync_binlog: '0' };
    expect(await durabilityWarnings(saying(strict))).toEqual([]);
  });
});

eachDialect((_dialect, open) => {
  it('asks the running server', async () => {
    expect(await durabilityWarnings(await open())).toEqual([]);
  });
});
