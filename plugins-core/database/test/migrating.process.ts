/** A server that does nothing but migrate: prints what it applied. */
import { parseAddress } from '../address.ts';
import { migrate } from '../migrations.ts';
import { openDriver } from '../open.ts';

const [url, root] = process.argv.slice(2) as [string, string];
const driver = openDriver(parseAddress(url, process.cwd()), () => {
  throw new Error('nobody reads here');
});
const applied = await migrate(driver, { id: 'shop', root });
process.stdout.write(applied.join('\n'));
await driver.close();
