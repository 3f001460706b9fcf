/** Joins the workspace: asks a visitor of the board into a conversation, and takes it back. */
import { CallFailed, controls, isSendKey, succeed } from '../../client/client/index.ts';
import type { VisitorContext } from '../../tracking/client/board/context.ts';
import type { invitationErrors } from '../api.ts';

/** A copy of the contract's codes: the contract itself would bring its schemas into the browser. */
const codes = { unknown: 290, pending: 291, group: 292 } satisfies typeof invitationErrors;
const known = new Map<number | undefined, string>(Object.entries(codes).map(([name, code]) => [code, name]));
/** What was begun and not sent, by the visitor's number. */
const drafts = new Map<number, string>();
const longest = 1_024;

controls.add<VisitorContext>('tracking/visitor', {
  name: 'invite',
  weight: 100,
  mount(place, context) {
    const { ui, transport, agentId, agentName, page, commands } = context;
    const { id } = context.visitor();
    const text = (key: string, args = {}) => ui.text(`invitation.board.${key}`, args);
    const form = ui.element('invitation/board_invite', { longest });
    const field = ui.find(form, 'textarea', HTMLTextAreaElement);
    const problem = ui.find(form, '[data-part="invite-problem"]');
    const allowed = page.operatorCouldNotInvite !== true;
    let ended = false;
    let busy = false;

    const pending = () => context.visitor().invitationInfo;
    const own = () => {
      const info = pending();
      return info !== false && info.agentName === agentName;
    };
    const invitable = () => allowed && context.present() && !pending() && !busy;
    const withdrawable = () => own() && !busy;

    function draw() {
      const info = pending();
      const part = (name: string) => ui.find(form, `[data-part="${name}"]`);
      part('invite-pending').hidden = !info;
      part('invite-write').hidden = Boolean(info);
      part('invite-withdraw').hidden = !own();
      part('invite-not').hidden = allowed;
      if (info) part('invite-by').textContent = own() ? text('own') : text('by', { name: info.agentName });
      for (const control of form.querySelectorAll<HTMLButtonElement | HTMLTextAreaElement>('button, textarea'))
        control.disabled = control.closest('[data-part="invite-write"]') !== null && !(allowed && context.present());
      for (const button of form.querySelectorAll('button')) button.ariaBusy = busy ? 'true' : null;
    }
    function complain(sentence: string) {
      problem.hidden = sentence === '';
      problem.textContent = sentence;
    }

    async function ask(
      name: string,
      args: object,
      wanted: Readonly<Record<string, string>>,
      done: (result: object) => void,
    ) {
      busy = true;
      complain('');
      draw();
      try {
        const all = { agentId, visitor: id, ...args, return: wanted };
        done(succeed(await transport.call([{ function: name, arguments: all }], { force: true })));
      } catch (error) {
        const code = error instanceof CallFailed && error.kind === 'function' ? error.code : undefined;
        complain(text(`error.${known.get(code) ?? 'other'}`));
      } finally {
        busy = false;
        if (!ended) draw();
      }
    }
    function invite() {
      if (!invitable()) return;
      const greeting = field.value.trim();
      void ask('inviteVisitor', { greeting }, { thread: 'thread', token: 'token' }, () => {
        drafts.delete(id);
        field.value = '';
        context.say(text('invited', { name: context.name() }));
      });
    }
    function withdraw() {
      if (!withdrawable()) return;
      void ask('cancelInvitation', {}, { canceled: 'canceled' }, (result) => {
        const { canceled } = result as { readonly canceled?: unknown };
        if (canceled === true) context.say(text('withdrawn'));
        else complain(text('error.late'));
      });
    }

    form.addEventListener('submit', (event) => {
      event.preventDefault();
      invite();
    });
    ui.find(form, '[data-part="invite-withdraw"]').addEventListener('click', withdraw);
    field.addEventListener('input', () => void (field.value ? drafts.set(id, field.value) : drafts.delete(id)));
    field.addEventListener('keydown', (event) => {
      if (!isSendKey(event, false)) return;
      event.preventDefault();
      invite();
    });
    field.value = drafts.get(id) ?? '';
    place.append(form);
    draw();

    const group = ui.text('tracking.board.tab');
    const forget = [
      commands.add({ name: 'invite', label: text('invite'), group, keys: ['Alt+P'], shown: invitable, run: invite }),
      commands.add({
        name: 'withdrawInvitation',
        label: text('withdraw'),
        group,
        keys: ['Alt+Shift+P'],
        shown: withdrawable,
        run: withdraw,
      }),
      context.on(draw),
    ];
    return () => {
      ended = true;
      for (const each of forget) each();
    };
  },
});
