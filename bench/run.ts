/**
 * Benchmarks. Each figure stands beside a baseline that ran in the same minutes on the same machine: ratios travel, numbers do not.
 *
 * npm run bench                          all of them
 * npm run bench -- --only poll-idle      some, by name, separated by commas
 * npm run bench -- --json FILE           the figures as data: [{ name, value, unit, baseline, ratio }]
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { deliveryBench } from './delivery.ts';
import { fanoutBench } from './fanout.ts';
import { gatewayBench } from './gateway.ts';
import { listenersBench } from './listeners.ts';
import { pollBench } from './poll.ts';
import { postBench } from './post.ts';
import type { Result } from './result.ts';
import { workspaceBench } from './workspace.ts';

const { values } = parseArgs({ options: { only: { type: 'string' }, json: { type: 'string' } } });
const benches = [pollBench, postBench, listenersBench, deliveryBench, workspaceBench, gatewayBench, fanoutBench];
const known = benches.flatMap((bench) => bench.names);
const asked = values.only?.split(',') ?? known;
const unknown = asked.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`No such benchmark: ${unknown.join(', ')}. There are: ${known.join(', ')}\n`);
  process.exit(2);
}
const only = (name: string) => asked.includes(name);

const built = spawnSync(process.execPath, ['kernel/bin/build.mjs'], { stdio: 'inherit' });
if (built.status !== 0) process.exit(built.status ?? 1);

const digits = (value: number) => value.toLocaleString('en', { maximumSignificantDigits: 4 });
const line = ({ name, value, unit, baseline, ratio, bound, notes }: Result): string => {
  const [word, limit, good] =
    'least' in bound ? ['≥', bound.least, ratio >= bound.least] : ['≤', bound.most, ratio <= bound.most];
  const extra = Object.entries(notes ?? {}).map(([key, text]) => `  ${key} ${text}`);
  return `${name.padEnd(16)} ${digits(value).padStart(9)} ${unit.padEnd(8)} baseline ${digits(baseline).padStart(9)}  ratio ${ratio < 0.1 ? ratio.toFixed(4) : ratio.toFixed(2)} (${word} ${limit}: ${good ? 'met' : 'MISSED'})${extra.join('')}`;
};

const results: Result[] = [];
for (const bench of benches) {
  if (!bench.names.some(only)) continue;
  for (const one of await bench.run(only)) {
    results.push(one);
    process.stdout.write(`${line(one)}\n`);
  }
}
if (values.json) {
  const data = results.map(({ name, value, unit, baseline, ratio }) => ({ name, value, unit, baseline, ratio }));
  writeFileSync(values.json, `${JSON.stringify(data, undefined, 2)}\n`);
}
