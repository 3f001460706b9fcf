/** The driver behind an address. */
import type { Worker } from 'node:worker_threads';
import type { Address } from './address.ts';
import type { Driver } from './driver.ts';
import { createMysql } from './mysql.ts';
import { createSqlite } from './sqlite.ts';

export function openDriver(address: Address, startReader: (file: string) => Worker): Driver {
  return address.dialect === 'sqlite' ? createSqlite({ file: address.file, startReader }) : createMysql({ address });
}
