/**
 * Starts a MariaDB for one run of the tests and tells them by MIBEW_TEST_MYSQL. Set that variable yourself to use a
 * server that you have.
 */
import { missingMariaDb, startMariaDb } from '../support/mariadb.ts';

export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env['MIBEW_TEST_MYSQL']) return undefined;
  if (missingMariaDb) {
    if (process.env['CI'] === 'true') throw new Error(`${missingMariaDb}, and in CI nothing is skipped.`);
    process.env['MIBEW_TEST_MYSQL_MISSING'] = missingMariaDb;
    return undefined;
  }
  const database = await startMariaDb();
  process.env['MIBEW_TEST_MYSQL'] = database.url;
  return async () => {
    delete process.env['MIBEW_TEST_MYSQL'];
    await database.stop();
  };
}
