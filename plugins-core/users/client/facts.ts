/** The panel about the visitor of the shown conversation. */
import type { WireThread } from '../api.ts';
import type { Clock } from './clock.ts';
import { type Queue, state, waitsSince } from './queue.ts';
import { controls, createEmitter, type Transport, type Ui } from '../../client/client/index.ts';
import type { FactsContext } from './context.ts';

/** What the rows do not carry: the answer of `threadFacts`. */
export interface Extra {
  readonly referrer: string;
  readonly locale: string;
  readonly chatStarted: number;
  readonly groupName: string;
}

interface Fact {
  readonly label: string;
  readonly value: string;
  readonly href?: string;
  readonly since?: number;
  readonly exact?: string;
}

/** Only these are made links: what a visitor's browser calls a page may be anything. */
function linkOf(address: string): string | undefined {
  try {
    const url = new URL(address);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : undefined;
  } catch {
    return undefined;
  }
}

function languageName(code: string, locale: string): string {
  try {
    return new Intl.DisplayNames(locale, { type: 'language' }).of(code) ?? code;
  } catch {
    return code;
  }
}

function factsModel(row: WireThread | undefined, extra: Extra | undefined, { ui, clock, agentId }: FactsNeeds) {
  if (!row) return { visitor: undefined, facts: [] };
  const text = (name: string) => ui.text(`users.facts.${name}`);
  const facts: Fact[] = [];
  const say = (name: string, value: string, href?: string) => {
    if (value) facts.push({ label: text(name), value, href });
  };
  const time = (name: string, at: number) =>
    facts.push({ label: text(name), value: clock.since(at), since: at, exact: clock.exact(at) });

  say('group', extra?.groupName ?? '');
  if (row.state === state.chatting) {
    if (extra?.chatStarted) time('chatting', extra.chatStarted);
    time('started', row.totalTime);
    say('operator', row.agentName === '-' ? '' : row.agentName);
  } else {
    time('waiting', waitsSince(row));
    if (row.state === state.waiting) time('started', row.totalTime);
  }
  say('page', extra?.referrer ?? '', linkOf(extra?.referrer ?? ''));
  say('browser', row.userAgent);
  say('address', row.remote);
  say('language', extra?.locale ? languageName(extra.locale, ui.locale) : '');
  if (row.agentId !== agentId) say('first', row.firstMessage ?? '');
  say('visitor', row.userId);
  return { visitor: row.userName, facts };
}

export interface FactsNeeds {
  readonly element: HTMLElement;
  readonly agentId: number;
  readonly ui: Ui;
  readonly queue: Queue;
  readonly clock: Clock;
  readonly ask: (thread: number) => Promise<Extra | undefined>;
  /** For controls: ways to the queue and to the conversations. */
  readonly users: Transport;
  readonly threads: Transport;
  readonly page: FactsContext['page'];
}

export function createFacts(needs: FactsNeeds) {
  const { element, ui, queue, ask } = needs;
  const extras = new Map<number, { readonly state: number; readonly extra?: Extra }>();
  let shown: number | undefined;
  let hung: { readonly id: number; readonly end: () => void; readonly tell: (row: WireThread) => void } | undefined;

  /** What plugins hang below the facts, as long as the same conversation is shown. */
  function hang(row: WireThread | undefined) {
    if (hung && hung.id === row?.id) return hung.tell(row);
    hung?.end();
    hung = undefined;
    const place = ui.find(element, '[data-part="facts-controls"]');
    place.replaceChildren();
    if (!row) return;
    const { id } = row;
    const emitter = createEmitter<{ row: WireThread }>();
    const context: FactsContext = {
      get row() {
        return queue.last(id) ?? row;
      },
      on: (listener) => emitter.on('row', listener),
      element,
      ui,
      transport: needs.users,
      threads: needs.threads,
      agentId: needs.agentId,
      page: needs.page,
      clock: needs.clock,
    };
    let mark = JSON.stringify(row);
    hung = {
      id,
      end: controls.fill('users/facts', place, context),
      tell(now) {
        const next = JSON.stringify(now);
        if (next !== mark) emitter.emit('row', now);
        mark = next;
      },
    };
  }

  function learn(row: WireThread) {
    if (extras.get(row.id)?.state === row.state) return;
    // Kept as asked before the answer comes, so that redrawing meanwhile does not ask again.
    extras.set(row.id, { state: row.state, extra: extras.get(row.id)?.extra });
    for (const id of extras.keys()) if (!queue.last(id)) extras.delete(id);
    ask(row.id).then(
      (extra) => {
        if (extra) extras.set(row.id, { state: row.state, extra });
        draw(shown);
      },
      () => extras.delete(row.id),
    );
  }

  function draw(id: number | undefined) {
    shown = id;
    const row = id === undefined ? undefined : queue.last(id);
    ui.fill(element, 'users/facts', factsModel(row, row && extras.get(row.id)?.extra, needs));
    hang(row);
    if (row && queue.row(row.id)) learn(row);
  }

  return { draw };
}
