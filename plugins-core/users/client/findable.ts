/** All that the palette finds: conversations by name, what can be done and its keys, the pages that this operator may see. */
import { type Command, isMac, type Ui } from '../../client/client/index.ts';
import type { Boards } from './boards.ts';
import type { Desk } from './desk.ts';
import { keyName } from './keys.ts';
import type { Entry } from './palette.ts';
import { type Queue, sections } from './queue.ts';

export interface FindableNeeds {
  readonly ui: Ui;
  readonly queue: Queue;
  readonly desk: Desk;
  readonly show: (id: number) => void;
  readonly beside: (id: number) => void;
  readonly nameOf: (id: number) => string;
  readonly openThread: (id: number) => void;
  readonly boards: Pick<Boards, 'found'>;
  /** Of the workspace, and of the conversation in front. */
  readonly commands: () => readonly Command[];
}

/** Moves along something stand in the sheet of keys, not here: whoever opened the palette has his hands elsewhere. */
const left = new Set(['palette', 'down', 'up']);

function* openOnes({ queue, desk, show, beside, nameOf }: FindableNeeds): Iterable<Entry> {
  for (const { id } of desk.seats) {
    const name = nameOf(id);
    yield {
      id: `thread-${id}`,
      label: name,
      about: queue.last(id)?.firstMessage ?? '',
      person: name,
      run: () => show(id),
      beside: () => beside(id),
    };
  }
}

function* queued({ ui, queue, desk, nameOf, openThread }: FindableNeeds): Iterable<Entry> {
  for (const section of sections) {
    for (const { id, firstMessage, agentName } of queue.list(section)) {
      if (desk.has(id)) continue;
      const where = section === 'others' ? agentName : ui.text(`users.section.${section}`);
      const about = [where, firstMessage].filter(Boolean).join(' · ');
      yield { id: `thread-${id}`, label: nameOf(id), about, person: nameOf(id), run: () => openThread(id) };
    }
  }
}

/** What the page around the workspace offers: its navigation, the operator's own menu, the colours. */
function* surroundings(ui: Ui): Iterable<Entry> {
  const controls = document.querySelectorAll<HTMLElement>(
    '#mb-nav a[href]:not([aria-current]), #mb-account :is(a[href], button)',
  );
  const known = new Set<string>();
  for (const control of controls) {
    const label = (control.getAttribute('aria-label') ?? control.textContent).trim();
    const group = control.closest('[role="group"]')?.getAttribute('aria-labelledby');
    const heading = group && document.getElementById(group)?.textContent.trim();
    const id = `page-${control.getAttribute('href') ?? label}`;
    if (!label || known.has(id) || control.getAttribute('aria-pressed') === 'true') continue;
    known.add(id);
    const about = heading || (control.localName === 'a' ? ui.text('users.palette.page') : undefined);
    yield { id, label, about, run: () => control.click() };
  }
}

export function findable(needs: FindableNeeds): readonly Entry[] {
  const mac = isMac();
  const here = needs.ui.text('users.keys.group.conversation');
  const does = needs
    .commands()
    .filter(({ name }) => !left.has(name))
    .map(({ name, label, group, keys = [], run }): Entry => {
      return { id: name, label, about: group ?? here, keys: keys[0] && keyName(keys[0], mac), run };
    });
  return [...openOnes(needs), ...does, ...queued(needs), ...needs.boards.found(), ...surroundings(needs.ui)];
}
