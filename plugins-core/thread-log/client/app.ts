/** The log of a past conversation. Entry of its bundle: what was said, drawn as the chat draws it. */
import { apps, createUi } from '../../client/client/index.ts';
import type { MountedMessages, WireMessage } from '../../chat/api.ts';
import type { AppStart } from '../../views/api.ts';

/** A part of the conversation: on the page, and in each answer after it. */
interface Part {
  readonly messages: readonly WireMessage[];
  readonly lastId: number;
  readonly more: boolean;
}
interface LogBoot extends Part {
  /** Where further parts come from. */
  readonly source: string;
}

async function fetchPart(source: string, after: number): Promise<Part> {
  const response = await fetch(`${source}?after=${after}`, { credentials: 'same-origin' });
  if (!response.ok) throw new Error(`further messages were answered with ${response.status}`);
  return (await response.json()) as Part;
}

export function start({ root, boot: given, templates, texts }: AppStart): void {
  const boot = given as LogBoot;
  if (!(root instanceof HTMLElement)) throw new Error('operators have pages of their own');
  const ui = createUi({ templates, texts });
  root.replaceChildren(ui.element('thread-log/log', { empty: boot.messages.length === 0 }));
  const part = (name: string) => ui.find(root, `[data-part="${name}"]`);
  const list = apps.mount('chat-messages', part('messages'), { ui }) as MountedMessages;
  const [more, told, load] = [part('more'), part('told'), part('load')];
  let last: Part = boot;
  let busy = false;

  function show(next: Part): void {
    last = next;
    list.append(next.messages);
    more.hidden = !next.more;
  }
  async function further(): Promise<void> {
    if (busy || !last.more) return;
    busy = true;
    load.setAttribute('aria-busy', 'true');
    told.textContent = ui.text('thread-log.window.loading');
    try {
      show(await fetchPart(boot.source, last.lastId));
      told.textContent = '';
      // Where the end is still in sight nothing tells so a second time.
      watch.unobserve(more);
      watch.observe(more);
    } catch {
      told.textContent = ui.text('thread-log.window.failed');
      watch.unobserve(more);
    } finally {
      load.removeAttribute('aria-busy');
      busy = false;
    }
  }
  // Whoever reads on finds what follows there already.
  const watch = new IntersectionObserver(
    (entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) void further();
    },
    { rootMargin: '600px' },
  );
  load.onclick = () => void further();
  show(boot);
  if (boot.more) watch.observe(more);
  root.removeAttribute('aria-busy');
}
