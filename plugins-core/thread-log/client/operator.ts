/** Joins conversations of operators: the way to those before it, and to its own log once it is over. */
import { controls, reportError, type Ui } from '../../client/client/index.ts';

interface ChatContext {
  readonly user: boolean;
  readonly ui: Ui;
  readonly menu: { add(entry: { name: string; label: string; icon: string; weight: number; run(): void }): () => void };
  options(): Promise<Readonly<Record<string, unknown>>>;
}

async function linksOf(context: ChatContext): Promise<{ readonly history?: string; readonly log?: string }> {
  const { links } = (await context.options()) as { links?: { history?: string; log?: string } };
  return links ?? {};
}

async function openHistory(context: ChatContext): Promise<void> {
  const { history } = await linksOf(context);
  if (!history) return;
  const link = document.createElement('a');
  link.href = history;
  link.target = '_blank';
  link.rel = 'noopener';
  link.click();
}

controls.add<ChatContext>('chat/window', {
  name: 'history',
  weight: 180,
  mount(_, context) {
    const { user, ui, menu } = context;
    if (user) return undefined;
    const icon = ui.render('thread-log/icon', {});
    const run = () => void openHistory(context).catch(reportError);
    return menu.add({ name: 'history', label: ui.text('thread-log.chat.history'), icon, weight: 180, run });
  },
});

controls.add<ChatContext>('chat/over', {
  name: 'log',
  mount(element, context) {
    if (context.user) return undefined;
    let shown = true;
    linksOf(context).then(({ log }) => {
      if (shown && log) element.append(context.ui.element('thread-log/over', { href: log }));
    }, reportError);
    return () => void (shown = false);
  },
});
