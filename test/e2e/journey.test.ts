/** The first conversation, from the click on the button to the last word, in two real browsers and over every kind of road. */
import { expect, it, onTestFinished } from 'vitest';
import { describeWith } from '../support/needs.ts';
import { freePort } from '../support/port.ts';
import { startProxy } from '../support/proxy.ts';
import { createRandom } from '../support/random.ts';
import { beforeChat, startServer, type Server } from '../support/server.ts';
import { startFront } from './front.ts';
import { chromium, endConversation, openChat, patience, rowOf, type Person } from './people.ts';
import { gather } from './world.ts';

const soon = { timeout: patience };

interface Road {
  readonly server: Server;
  /** Where browsers find the product. */
  readonly url: string;
  /** What goes wrong on this road by its nature. */
  readonly expected?: readonly RegExp[];
  /** What the visitor is asked before he may write. */
  readonly first?: (visitor: Person) => Promise<void>;
  /** What both have been through when they have said the first words. */
  readonly middle?: (visitor: Person, operator: Person) => Promise<void>;
  /** Looked at when all is over. */
  readonly proved?: () => void;
}

async function plain(): Promise<Road> {
  const server = await started();
  return { server, url: server.url };
}

/** Everything that is on by itself: a visitor answers the survey first. */
async function whole(): Promise<Road> {
  const server = await started({ without: [] });
  const first = async ({ chat }: Person) => {
    await chat.getByRole('button', { name: 'Start the chat' }).click();
    await chat.getByRole('log').waitFor(soon);
  };
  return { server, url: server.url, first };
}

async function started(options: Parameters<typeof startServer>[0] = {}): Promise<Server> {
  const server = await startServer({ without: beforeChat, ...options });
  onTestFinished(() => server.stop());
  return server;
}

/** Something on the way lets no socket through: everything has to go by polling. */
async function withoutSockets(): Promise<Road> {
  const server = await started();
  const faults = { dropAnswer: 0, repeatRequest: 0, cutSocket: 0, losePush: 0, refuseSockets: true };
  const proxy = await startProxy(server.port, faults, createRandom(1));
  onTestFinished(() => proxy.close());
  return {
    server,
    url: proxy.url,
    expected: [/WebSocket connection to .* failed/],
    proved: () => expect(proxy.counts.sockets).toBe(0),
  };
}

/** The product shares its host with others; the demo page is not there by itself then. */
async function belowPath(): Promise<Road> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/mibew`;
  const server = await started({ port, env: { MIBEW_PUBLIC_URL: url } });
  expect((await fetch(`${url}/demo`)).status).toBe(404);
  expect(server.command(['plugin', 'enable', 'demo'])).toMatchObject({ code: 0 });
  return { server, url };
}

async function behindProxy(): Promise<Road> {
  const server = await started({ env: { MIBEW_TRUSTED_PROXIES: '127.0.0.1' } });
  const front = await startFront(server.port);
  onTestFinished(() => front.close());
  return { server, url: front.url, proved: () => expect(front.sockets()).toBeGreaterThan(1) };
}

/** The server is killed between two sentences; both write on meanwhile. */
async function killed(): Promise<Road> {
  const server = await started();
  const middle = async (visitor: Person, operator: Person) => {
    for (const { watch } of [visitor, operator])
      watch.expecting(/ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|WebSocket connection to/);
    await server.kill();
    await visitor.chat.getByText(/^Connection lost/).waitFor(soon);
    await operator.page
      .getByText(/^Connection lost/)
      .first()
      .waitFor(soon);
    for (const count of [1, 2, 3]) {
      await visitor.say(`Kept question ${count}`);
      await operator.say(`Kept answer ${count}`);
    }
    await visitor.chat.getByText('Your 3 messages will be sent').waitFor(soon);
    await server.start();
    for (const person of [visitor, operator]) {
      await person.page
        .getByText(/^Connection lost/)
        .first()
        .waitFor({ ...soon, state: 'detached' });
      await expect
        .poll(() => person.texts('Kept answer'), soon)
        .toEqual(['Kept answer 1', 'Kept answer 2', 'Kept answer 3']);
      await expect
        .poll(() => person.texts('Kept question'), soon)
        .toEqual(['Kept question 1', 'Kept question 2', 'Kept question 3']);
    }
  };
  return { server, url: server.url, middle };
}

describeWith([chromium], 'a visitor and an operator talk', () => {
  const crowd = gather();

  it.each([
    ['over sockets', plain],
    ['with all that is switched on by itself', whole],
    ['by polling, where sockets are refused', withoutSockets],
    ['where the product lives below a path', belowPath],
    ['behind a proxy that speaks TLS', behindProxy],
    ['while the server is killed and started again', killed],
  ])(
    '%s',
    async (_, road) => {
      const { server, url, expected = [], first, middle, proved } = await road();
      const operator = await crowd.founder(server, url, { expected });
      const visitor = await crowd.visitor(`${url}/demo`, { expected });
      await openChat(visitor);
      await first?.(visitor);
      await visitor.say('Is the lamp "dimmable" & <warm>? 💡 100 %');
      await visitor.sees('Is the lamp "dimmable" & <warm>? 💡 100 %');

      await rowOf(operator, 'Is the lamp').click();
      await operator.sees('Is the lamp "dimmable" & <warm>? 💡 100 %');
      await visitor.sees('Operator Ann joined the chat');

      await operator.write('It is');
      await visitor.chat.getByText(/ is writing$/).waitFor(soon);
      await operator.say('It is.\nWarm, too.');
      await visitor.sees('It is. Warm, too.');
      await visitor.chat.getByText(/ is writing$/).waitFor({ ...soon, state: 'hidden' });

      await visitor.write('Good');
      await operator.chat.getByText('Guest is writing').waitFor(soon);
      await visitor.say('Good to hear');
      await operator.sees('Good to hear');

      await visitor.write('How much does');
      await visitor.page.reload();
      await visitor.sees('It is. Warm, too.');
      await expect.poll(() => visitor.field.inputValue(), soon).toBe('How much does');
      await operator.write('And the shade');
      await operator.page.reload();
      await operator.sees('Good to hear');
      await expect.poll(() => operator.field.inputValue(), soon).toBe('And the shade');
      await visitor.say('How much does it cost?');
      await operator.sees('How much does it cost?');
      await operator.say('And the shade is included');
      await visitor.sees('And the shade is included');

      await middle?.(visitor, operator);

      await endConversation(operator);
      await visitor.chat.getByText(/^This conversation has ended\. /).waitFor(soon);
      await visitor.page.getByRole('button', { name: 'Start a new conversation' }).waitFor(soon);
      await operator.chat.getByText('This conversation has ended.').waitFor(soon);
      proved?.();
      visitor.watch.calm();
      operator.watch.calm();
    },
    180_000,
  );
});
