/** `poll-idle`: what a poll with nothing new costs, beside a bare route that parses and answers the same bytes. */
import { startBaseline } from './baseline/start.ts';
import { median, openConnection, postRequest, throughput } from './load.ts';
import { openVisitor, packageOf, pollOf, startProduct } from './product.ts';
import { result, type Bench } from './result.ts';

const visitors = 64;
const rounds = 5;
const seconds = 3;

/** The last number that the visitor has seen, so that the next poll has nothing new. */
const lastIdOf = (answer: string): number => Number(/"lastId":(\d+)/.exec(answer)?.[1] ?? 0);

export const pollBench: Bench = {
  names: ['poll-idle'],
  run: async () => {
    const server = await startProduct();
    try {
      const people = await Promise.all(Array.from({ length: visitors }, (_, index) => openVisitor(server, index)));
      const seen = await Promise.all(people.map(async (one) => lastIdOf(await one.call(...pollOf(one, 0)))));
      const answer = await people[0]!.call(...pollOf(people[0]!, seen[0]!));
      const baseline = await startBaseline('echo', answer);
      const connections = await Promise.all(people.map(() => openConnection(baseline.port)));
      const product = people.map((one, at) => async () => void (await one.call(...pollOf(one, seen[at]!))));
      const bare = people.map((one, at) => async () => {
        const body = packageOf(pollOf(one, seen[at]!));
        const headers = { 'X-Mibew-Visitor': one.secret, 'X-Forwarded-For': `10.0.0.${at}` };
        await connections[at]!.send(postRequest('/thread/update', body, headers));
      });
      const ours: number[] = [];
      const theirs: number[] = [];
      for (let round = 0; round < rounds; round += 1) {
        theirs.push(await throughput(bare, seconds));
        ours.push(await throughput(product, seconds));
      }
      await baseline.stop();
      return [result('poll-idle', median(ours), 'polls/s', median(theirs), { least: 0.5 })];
    } finally {
      await server.stop();
    }
  },
};
