/**
 * `gateway-…`: contacts of visited pages with so many visitors on the site, as the original's script sends them. Each is of a known
 * visitor; one in ten tells another page, one in a hundred brings an invitation. Beside a bare Hono GET of the same bytes.
 * `visitor-bytes`: what one more visitor takes in memory, beside a plain object in a Map.
 */
import { readFileSync } from 'node:fs';
import { startBaseline, runBaseline } from './baseline/start.ts';
import { median, openConnection, throughput, type Connection } from './load.ts';
import { result, type Bench, type Result } from './result.ts';
import { contactOf, invitingPage, startSite, type Site } from './site.ts';

const sizes = [0, 5_000, 50_000] as const;
const connections = 64;
const rounds = 5;
const seconds = 3;
/** Contacts between the one that has somebody invited and the one that brings the invitation. */
const later = 200;

interface Counts {
  contacts: number;
  invited: number;
}

/** One browser after the other on one connection. */
function worker(site: Site, connection: Connection, seed: number, counts: Counts): () => Promise<void> {
  let turn = seed;
  /** Invited, and not told yet. */
  const waiting: { readonly visitor: number; readonly turn: number }[] = [];
  const pageOf = (visitor: number) => `https://shop.example/page/${visitor}`;
  return async () => {
    turn += 1;
    let visitor = (turn * 7_919 + seed * 104_729) % site.visitors.length;
    let page = turn % 10 === 0 ? `${pageOf(visitor)}/${turn}` : pageOf(visitor);
    if (turn % 100 === 0) {
      page = invitingPage;
      waiting.push({ visitor, turn });
    } else if (waiting[0] && turn - waiting[0].turn >= later) {
      visitor = waiting.shift()!.visitor;
      page = invitingPage;
    }
    const { status, body } = await connection.send(contactOf(site.visitors[visitor]!, page, visitor));
    if (status !== 200) throw new Error(`a contact was answered with ${status}: ${body}`);
    counts.contacts += 1;
    if (body.includes('"invitationCreate"')) counts.invited += 1;
  };
}

/** Bytes that a process has written to disk so far. */
const writtenBy = (pid: number) => Number(/^write_bytes: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1]);

export const gatewayBench: Bench = {
  names: [...sizes.map((size) => `gateway-${size}`), 'visitor-bytes'],
  run: async (only) => {
    const wanted = sizes.filter((size) => only(`gateway-${size}`) || (size === 50_000 && only('visitor-bytes')));
    const sites = await Promise.all(wanted.map(() => startSite()));
    const results: Result[] = [];
    try {
      const workers: (() => Promise<void>)[][] = [];
      const counts: Counts[] = [];
      let bytes = 0;
      for (const [at, site] of sites.entries()) {
        await site.fill(connections);
        const before = await site.memory();
        await site.fill(wanted[at]!);
        const after = await site.memory();
        if (after.present < wanted[at]!) throw new Error(`${after.present} visitors are present, not ${wanted[at]}`);
        bytes = (after.bytes - before.bytes) / wanted[at]!;
        const open = await Promise.all(Array.from({ length: connections }, () => openConnection(site.server.port)));
        const count: Counts = { contacts: 0, invited: 0 };
        counts.push(count);
        workers.push(open.map((connection, seed) => worker(site, connection, seed, count)));
      }
      if (only('visitor-bytes')) {
        const { perSecond: plain } = await runBaseline('visitors', '50000');
        results.push(result('visitor-bytes', bytes, 'bytes', plain, { most: 3 }));
      }
      if (!wanted.some((size) => only(`gateway-${size}`))) return results;

      const probe = await openConnection(sites[0]!.server.port);
      const { body } = await probe.send(contactOf(sites[0]!.visitors[0]!, 'https://shop.example/page/0', 0));
      probe.close();
      const baseline = await startBaseline('get', body);
      const bare = await Promise.all(Array.from({ length: connections }, () => openConnection(baseline.port)));
      const request = contactOf('x'.repeat(43), 'https://shop.example/page/0', 0);
      const plain = bare.map((connection) => async () => void (await connection.send(request)));
      const theirs: number[] = [];
      const ours: number[][] = sites.map(() => []);
      const written: number[] = sites.map(() => 0);
      for (const work of workers) await throughput(work, 1);
      for (const count of counts) Object.assign(count, { contacts: 0, invited: 0 });
      for (let round = 0; round < rounds; round += 1) {
        theirs.push(await throughput(plain, seconds));
        for (const [at, site] of sites.entries()) {
          const { pid } = await site.memory();
          const before = writtenBy(pid);
          ours[at]!.push(await throughput(workers[at]!, seconds));
          written[at]! += writtenBy(pid) - before;
        }
      }
      await baseline.stop();
      for (const [at, size] of wanted.entries()) {
        const { contacts, invited } = counts[at]!;
        const notes = {
          invited: `${((100 * invited) / contacts).toFixed(2)} %`,
          written: `${Math.round(written[at]! / contacts)} B/contact`,
        };
        if (only(`gateway-${size}`))
          results.push(
            result(`gateway-${size}`, median(ours[at]!), 'contacts/s', median(theirs), { least: 0.4 }, notes),
          );
      }
      return results;
    } finally {
      for (const site of sites) await site.stop();
    }
  },
};
