/** Joins the conversation of operators: an entry of its menu and a button of its toolbar hand it over. */
import { controls, type Arguments, type Model, type Result, type Ui } from '../../client/client/index.ts';
import './notes.ts';
import { openHandover } from './dialog.ts';

/** The parts of the slot's context that are used here. */
interface WindowContext {
  readonly conversation: {
    readonly state: Model<{ readonly threadState: number | undefined; readonly threadAgentId: number }>;
    readonly ask: (name: string, args: Arguments) => Promise<Result>;
  };
  readonly user: boolean;
  readonly agent?: { readonly id: number };
  readonly ui: Ui;
  readonly root: HTMLElement;
  readonly menu: {
    add(entry: {
      readonly name: string;
      readonly label: string;
      readonly icon: string;
      readonly weight: number;
      readonly keys: readonly string[];
      readonly shown: () => boolean;
      readonly run: () => void;
    }): () => void;
  };
  options(): Promise<Readonly<Record<string, unknown>>>;
}

/** State of a thread that an operator has. */
const chatting = 2;

async function visitorName(context: WindowContext): Promise<string> {
  try {
    const { user } = (await context.options()) as { user?: { name?: unknown } };
    if (typeof user?.name === 'string') return user.name;
  } catch {
    // Without his name it works as well.
  }
  return context.ui.text('chat.agent.other');
}

function mount(element: HTMLElement, context: WindowContext): (() => void) | void {
  const { conversation, ui, root, menu, agent } = context;
  if (context.user || !agent) return;
  let close: (() => void) | undefined;
  let opening = false;
  const isOwn = () => {
    const { threadState, threadAgentId } = conversation.state.get();
    return threadState === chatting && threadAgentId === agent.id;
  };

  async function open(): Promise<void> {
    if (close || opening) return;
    opening = true;
    const name = await visitorName(context);
    opening = false;
    if (!isOwn() || !root.isConnected) return;
    close = openHandover({ ui, root, name, ask: conversation.ask, closed: () => (close = undefined) });
  }

  const button = ui.element('handover/button', {});
  button.addEventListener('click', () => void open());
  element.append(button);
  const draw = () => {
    button.hidden = !isOwn();
    // Somebody else has it by now, or it is over.
    if (!isOwn()) close?.();
  };
  draw();
  const ends = [
    conversation.state.subscribe(draw),
    menu.add({
      name: 'handover',
      label: ui.text('handover.client.open'),
      icon: ui.render('handover/icon', {}),
      weight: 50,
      keys: ['Alt+H'],
      shown: isOwn,
      run: () => void open(),
    }),
  ];
  return () => {
    for (const end of ends) end();
    close?.();
  };
}

controls.add<WindowContext>('chat/window', { name: 'handover', weight: 20, mount });
