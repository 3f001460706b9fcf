/** Beside a conversation: the visitor's way through the site, and what its pages say of him. */
import { controls, succeed } from '../../../client/client/index.ts';
import type { FactsContext } from '../../../users/client/context.ts';
import type { WireVisitor } from '../../api.ts';
import { type Track, trackModel } from './track.ts';
import { createWords } from './words.ts';

/** He goes on while he talks; so often it is looked at, ms. */
const pause = 10_000;
let panels = 0;

controls.add<FactsContext>('users/facts', {
  name: 'visitor-path',
  weight: 80,
  mount(place, { row, ui, transport, agentId, page, clock }) {
    const uid = `mb-path-${++panels}`;
    const words = createWords(ui, page.guestName);
    const link = typeof page.trackedLink === 'string' ? page.trackedLink : '';
    let ended = false;

    function draw(visitor: WireVisitor, track: Track) {
      const { identity } = visitor;
      ui.fill(place, 'tracking/path', {
        uid,
        identity: identity && {
          id: identity.id,
          verified: identity.verified,
          text: ui.text(`tracking.board.identity.${identity.verified ? 'verified' : 'unverified'}`),
        },
        place: words.place(visitor),
        said: Object.entries(visitor.attributes).map(([name, value]) => ({ name, value })),
        track: trackModel(track, visitor.firstTime, ui, clock),
        history: link && `${link}?thread=${row.id}`,
      });
    }
    async function learn() {
      if (document.hidden) return;
      const wanted = { visitor: 'visitor', pages: 'pages', events: 'events' };
      const args = { agentId, thread: row.id, return: wanted };
      try {
        const result = succeed(await transport.call([{ function: 'visitorTrack', arguments: args }], { force: true }));
        if (!ended) draw(result.visitor as WireVisitor, result as unknown as Track);
      } catch {
        // Nothing is known of him, or not just now: what was shown stays.
      }
    }
    void learn();
    const timer = setInterval(() => void learn(), pause);
    return () => {
      ended = true;
      clearInterval(timer);
    };
  },
});
