/** Baseline of `visitor-bytes`: the same facts of a visitor as one plain object in a Map, and nothing else. argv: number of visitors. */
import { randomBytes } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const count = Number(process.argv[2] ?? '1000');
const heap = () => {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};
/** A text of its own, as one that comes with a request is. */
const own = (text: string) => Buffer.from(text).toString('latin1');
const before = heap();
const visitors = new Map<string, object>();
for (let index = 0; index < count; index += 1)
  visitors.set(randomBytes(32).toString('base64url'), {
    id: index,
    userId: randomBytes(12).toString('hex'),
    name: '',
    entry: own('https://search.example/'),
    userAgent: own('Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'),
    remote: own(`10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`),
    locale: own('en'),
    firstTime: Date.now() + index,
    lastTime: Date.now() + index,
    page: { address: own(`https://shop.example/page/${index}`), title: '', at: Date.now() + index },
  });
const bytes = (heap() - before) / count;
process.stdout.write(`${JSON.stringify({ perSecond: visitors.size && bytes })}\n`);
