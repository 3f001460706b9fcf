/** Joins conversations of operators: the conversation as a file, in the menu. */
import { controls, reportError, type Ui } from '../../client/client/index.ts';

interface ChatContext {
  readonly ui: Ui;
  readonly menu: { add(entry: { name: string; label: string; icon: string; weight: number; run(): void }): () => void };
  options(): Promise<Readonly<Record<string, unknown>>>;
}

async function save(context: ChatContext): Promise<void> {
  const { links } = (await context.options()) as { links?: { transcript?: string } };
  if (!links?.transcript) return;
  const link = document.createElement('a');
  link.href = links.transcript;
  link.download = '';
  link.click();
}

controls.add<ChatContext>('chat/window', {
  name: 'transcript',
  mount(_, context) {
    const { ui, menu } = context;
    const icon = ui.render('transcript/icon', {});
    const run = () => void save(context).catch(reportError);
    return menu.add({ name: 'transcript', label: ui.text('transcript.save'), icon, weight: 30, run });
  },
});
