import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createGeo, fileProblem } from '../geo.ts';

/** One record for all addresses of IPv4 (https://maxmind.github.io/MaxMind-DB): a tree of one node, and both its sides lead there. */
function database(): Buffer {
  const text = (value: string) => Buffer.concat([Buffer.from([0x40 | value.length]), Buffer.from(value)]);
  const map = (...pairs: readonly [string, Buffer][]) =>
    Buffer.concat([Buffer.from([0xe0 | pairs.length]), ...pairs.flatMap(([key, value]) => [text(key), value])]);
  const number = (kind: number, ...bytes: readonly number[]) =>
    Buffer.from(kind < 8 ? [(kind << 5) | bytes.length, ...bytes] : [bytes.length, kind - 7, ...bytes]);
  const [uint16, uint32, uint64, array] = [5, 6, 9, 11];
  const record = map(['country', map(['iso_code', text('SE')])], ['city', map(['names', map(['en', text('Lund')])])]);
  const leaf = [0, 0, 1 + 16];
  const metadata = map(
    ['binary_format_major_version', number(uint16, 2)],
    ['binary_format_minor_version', number(uint16, 0)],
    ['build_epoch', number(uint64, 1)],
    ['database_type', text('Test-City')],
    ['description', map()],
    ['ip_version', number(uint16, 4)],
    ['languages', Buffer.from([0, array - 7])],
    ['node_count', number(uint32, 1)],
    ['record_size', number(uint16, 24)],
  );
  const marker = Buffer.from('abcdef4d61784d696e642e636f6d', 'hex');
  return Buffer.concat([Buffer.from([...leaf, ...leaf]), Buffer.alloc(16), record, marker, metadata]);
}

async function withFiles(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'mibew-geo-'));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

it('finds country and city in a database of MaxMind, and nothing for what is no address', () =>
  withFiles(async (folder) => {
    const path = join(folder, 'city.mmdb');
    await writeFile(path, database());
    expect(fileProblem(path)).toBeUndefined();
    const failures: unknown[] = [];
    const geo = createGeo((error) => failures.push(error));
    expect(geo.of('192.0.2.7')).toEqual({ country: '', city: '' });
    await geo.use(path);
    expect(geo.of('192.0.2.7')).toEqual({ country: 'SE', city: 'Lund' });
    for (const address of ['', 'somewhere', '192.0.2.7, 10.0.0.1'])
      expect(geo.of(address)).toEqual({ country: '', city: '' });
    await geo.use('');
    expect(geo.of('192.0.2.7')).toEqual({ country: '', city: '' });
    expect(failures).toEqual([]);
  }));

it('says what is wrong with a file, and goes on without it', () =>
  withFiles(async (folder) => {
    const [text, gone, broken] = ['text.mmdb', 'gone.mmdb', 'broken.mmdb'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    await writeFile(text, 'no database');
    await writeFile(
      broken,
      Buffer.concat([database().subarray(0, 30), Buffer.from('abcdef4d61784d696e642e636f6d', 'hex')]),
    );
    expect(fileProblem('')).toBeUndefined();
    expect(fileProblem(text)).toContain('MaxMind');
    for (const path of [gone, folder]) expect(fileProblem(path)).toContain('path of a file');
    const failures: string[] = [];
    const geo = createGeo((_, path) => failures.push(path));
    for (const path of [text, gone, folder, broken]) await geo.use(path);
    expect(failures).toEqual([text, gone, folder, broken]);
    expect(geo.of('192.0.2.7')).toEqual({ country: '', city: '' });
  }));

it('tells once that a file is broken inside', async () => {
  const failures: unknown[] = [];
  const reader = {
    get: () => {
      throw new Error('corrupt');
    },
  };
  const geo = createGeo(
    (error) => failures.push(error),
    async () => reader,
  );
  await geo.use('somewhere');
  for (let turn = 0; turn < 3; turn += 1) expect(geo.of('192.0.2.7')).toEqual({ country: '', city: '' });
  expect(failures).toHaveLength(1);
});
