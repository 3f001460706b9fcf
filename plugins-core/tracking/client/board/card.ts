/** The panel about a visitor who is in no conversation: who he is, what he looked at, who invited him. */
import { CallFailed, controls, createEmitter, succeed, type Ui } from '../../../client/client/index.ts';
import type { QueueContext } from '../../../users/client/context.ts';
import type { WireVisitor } from '../../api.ts';
import type { VisitorContext } from './context.ts';
import { outcomeOf } from './row.ts';
import { trackModel, type Track } from './track.ts';
import { linkOf, shortAddress, type Words } from './words.ts';

export interface CardNeeds {
  readonly context: QueueContext;
  readonly words: Words;
  readonly row: (id: number) => WireVisitor | undefined;
  /** Says something aloud. */
  readonly say: (words: string) => void;
  /** It was put away. */
  readonly closed: () => void;
}

interface Fact {
  readonly label: string;
  readonly value: string;
  readonly href?: string | undefined;
  readonly since?: number;
  readonly exact?: string;
}

function factsOf(row: WireVisitor, ui: Ui, clock: QueueContext['clock'], words: Words): readonly Fact[] {
  const text = (key: string, args = {}) => ui.text(`tracking.board.fact.${key}`, args);
  const time = (name: string, at: number): Fact => ({
    label: text(name),
    value: clock.since(at),
    since: at,
    exact: clock.exact(at),
  });
  const link = (name: string, address: string): Fact => ({
    label: text(name),
    value: shortAddress(address),
    href: linkOf(address),
  });
  const say = (name: string, value: string): Fact => ({ label: text(name), value });
  const { invitationInfo } = row;
  const outcome = outcomeOf(row);
  return [
    time('since', row.firstTime),
    link('page', row.page),
    link('entry', row.entry),
    say('pages', String(row.pages)),
    say('visits', row.visits > 0 ? String(row.visits) : ''),
    say('place', words.place(row)),
    say('browser', row.userAgent),
    say('system', row.system),
    say('address', row.remote),
    say('chats', row.chats > 0 ? String(row.chats) : ''),
    say('invitations', row.invitations > 0 ? String(row.invitations) : ''),
    ...(invitationInfo ? [say('invitedBy', invitationInfo.agentName), time('invited', invitationInfo.time)] : []),
    say('outcome', !invitationInfo && outcome ? ui.text(`tracking.board.outcome.${outcome.name}`) : ''),
    say('visitor', row.userId),
  ].filter(({ value }) => value !== '');
}

export function createCard({ context, words, row: rowOf, say, closed }: CardNeeds) {
  const { ui, clock, transport, agentId, agentName, page } = context;
  const element = document.createElement('div');
  element.className = 'mb-visitor';
  let shown: WireVisitor | undefined;
  let here = false;
  let track: Track | undefined;
  let missing: string | undefined;
  let hung: { readonly end: () => void; readonly tell: () => void } | undefined;

  function draw() {
    if (!shown) return;
    const { id, identity } = shown;
    const link = typeof page.trackedLink === 'string' && page.trackedLink !== '' ? page.trackedLink : undefined;
    ui.fill(element, 'tracking/visitor', {
      name: words.name(shown),
      state: here ? words.page(shown) : ui.text('tracking.board.left'),
      here,
      identity: identity && {
        id: identity.id,
        verified: identity.verified,
        text: ui.text(`tracking.board.identity.${identity.verified ? 'verified' : 'unverified'}`),
      },
      returning: shown.visits > 0 && ui.text('tracking.board.returning', { count: shown.visits }),
      facts: factsOf(shown, ui, clock, words),
      said: Object.entries(shown.attributes).map(([name, value]) => ({ name, value })),
      track: track && trackModel(track, shown.firstTime, ui, clock),
      missing,
      history: link && `${link}?visitor=${id}`,
    });
  }

  /** What plugins add, as long as the same visitor is shown. */
  function hang(first: WireVisitor) {
    const place = ui.find(element, '[data-part="visitor-controls"]');
    place.replaceChildren();
    const emitter = createEmitter<{ row: WireVisitor }>();
    const visitor: VisitorContext = {
      visitor: () => shown ?? first,
      name: () => words.name(shown ?? first),
      present: () => here,
      on: (listener) => emitter.on('row', listener),
      ui,
      transport,
      agentId,
      agentName,
      page,
      commands: context.commands,
      say,
    };
    const end = controls.fill('tracking/visitor', place, visitor);
    return { end, tell: () => shown && emitter.emit('row', shown) };
  }

  async function learn(id: number) {
    const args = { agentId, visitor: id, return: { pages: 'pages', events: 'events' } };
    try {
      const result = succeed(await transport.call([{ function: 'visitorTrack', arguments: args }], { force: true }));
      if (shown?.id !== id) return;
      track = result as unknown as Track;
      missing = undefined;
    } catch (error) {
      if (shown?.id !== id || track) return;
      missing = ui.text(
        `tracking.board.track.${error instanceof CallFailed && error.kind === 'function' ? 'gone' : 'failed'}`,
      );
    }
    draw();
  }

  function end() {
    hung?.end();
    hung = undefined;
    shown = track = missing = undefined;
  }

  element.addEventListener('click', ({ target }) => {
    if (target instanceof Element && target.closest('[data-visitor-close]')) closed();
  });

  return {
    element,
    get id() {
      return shown?.id;
    },
    show(id: number) {
      const row = rowOf(id);
      if (!row || shown?.id === id) return;
      end();
      shown = row;
      here = true;
      element.replaceChildren();
      draw();
      hung = hang(row);
      void learn(id);
    },
    /** Something changed of those who are on the site. */
    follow(ids: ReadonlySet<number>) {
      if (!shown || !ids.has(shown.id)) return;
      const now = rowOf(shown.id);
      const moved = now !== undefined && (now.pages !== shown.pages || now.page !== shown.page);
      shown = now ?? shown;
      here = now !== undefined;
      draw();
      hung?.tell();
      if (moved) void learn(shown.id);
    },
    /** Events come without being told of. */
    refresh() {
      if (shown && here && !document.hidden) void learn(shown.id);
    },
    /** Keys go on in it. */
    focus() {
      element.querySelector<HTMLElement>('[data-visitor-close]')?.focus();
    },
    end,
  };
}
