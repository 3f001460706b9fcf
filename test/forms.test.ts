import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bans } from '../plugins-core/bans/api.ts';
import { groups } from '../plugins-core/groups/api.ts';
import { fieldsIn } from '../plugins-core/operators/test/browser.ts';
import { routes } from './access/rules.ts';
import { createWorld, type Answer, type Person, type World } from './access/world.ts';

/** A form that people fill in. */
interface Form {
  readonly page: string;
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
  /** Names of what is typed or chosen. */
  readonly open: readonly string[];
}

const decoded = (text: string) => text.replaceAll('&#x3D;', '=').replaceAll('&amp;', '&').replaceAll('&#x27;', "'");
const attribute = (tag: string, name: string): string | undefined => {
  const found = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
  return found === undefined ? undefined : decoded(found);
};
const controls = (html: string): readonly string[] =>
  [...html.matchAll(/<(?:input|select|textarea)\b[^>]*>/g)].map(([tag]) => tag);
const isOpen = (tag: string) =>
  !/\s(?:disabled|readonly)\b/.test(tag) && !/type="(?:hidden|checkbox|radio|submit|file|search)"/.test(tag);

function formsOn(page: string, html: string): readonly Form[] {
  return [...html.matchAll(/<form(\s[^>]*method="post"[^>]*)>([^]*?)<\/form>/g)].flatMap(
    ([, tag = '', inside = '']) => {
      const open = controls(inside)
        .filter(isOpen)
        .flatMap((one) => attribute(one, 'name') ?? []);
      const { csrf_token: _, ...fields } = fieldsIn(inside);
      return open.length > 0 ? [{ page, action: attribute(tag, 'action') ?? page, fields, open }] : [];
    },
  );
}

/** What nobody can store anywhere: nothing at all, far too much, what cannot be shown, what is neither number nor choice. */
const nonsense: readonly string[] = ['', 'x'.repeat(3_000), 'a\u0007b', '<b>"&'];

/** Said of a page that refuses a form: what is wrong with it, if anything is. */
function faults({ body }: Answer, posted: Readonly<Record<string, string>>, open: readonly string[]): string[] {
  const found: string[] = [];
  const form = formsOn('', body).find((one) => open.every((name) => one.open.includes(name)));
  if (!form) return ['the form is not there any more'];
  const invalid = controls(body).filter((tag) => tag.includes('aria-invalid="true"'));
  if (invalid.length === 0) found.push('no field is marked');
  const focused = [...body.matchAll(/<\w+(?:\s[^>]*)?\sautofocus[\s>][^>]*/g)].map(([tag]) => tag);
  if (focused.length !== 1 || !focused[0]!.includes('aria-invalid="true"')) found.push('the focus is elsewhere');
  else if (!invalid[0]?.includes(' autofocus')) found.push('the focus is not at the first field');
  for (const tag of invalid) {
    const name = attribute(tag, 'name');
    const ids = (attribute(tag, 'aria-describedby') ?? '').split(' ');
    const said = ids.some((id) => new RegExp(`class="mb-error"[^>]*id="${id}"[^>]*>[^]*?\\w`).test(body));
    if (!said) found.push(`${name}: nothing says what is wrong`);
  }
  const tidy = (text: string | undefined) => text?.replaceAll('\r\n', '\n').trim();
  for (const name of open) {
    // What cannot be chosen cannot be kept, and passwords are never sent back.
    const tag = controls(body).find((one) => attribute(one, 'name') === name) ?? '';
    const kept = !tag.startsWith('<select') && attribute(tag, 'type') !== 'password';
    if (kept && tidy(form.fields[name]) !== tidy(posted[name])) found.push(`${name}: what was typed is gone`);
  }
  return found;
}

describe('every form', () => {
  let world: World;
  let admin: Person;
  beforeAll(async () => {
    world = await createWorld({
      enableban: true,
      enablegroups: true,
      surveyaskmail: true,
      surveyaskmessage: true,
      enableprivacypolicy: true,
      privacypolicy: 'https://example.com/privacy',
    });
    admin = await world.operator('root', ['admin']);
    for (const name of ['Here', 'There']) {
      const { id } = await world.kernel.service(groups).create({ name });
      await world.kernel.service(groups).changeMembers(id, { add: [admin.id] });
    }
    await world.kernel.service(bans).create({ address: '192.0.2.7', comment: 'spam', till: 0 }, admin.id);
    const question = { name: 'order', label: 'Order', kind: 'text', maxlength: '8', options: '', required: 'on' };
    await world.request('/operator/survey-fields/add', admin, question);
    const rule = { name: 'Cart', secondsOnPage: '30', secondsOnSite: '0', pagesSeen: '1', operators: '1', hours: '24' };
    await world.request('/operator/invitation/add', admin, { ...rule, visitor: 'any', groupId: '0', enabled: 'on' });
  });
  afterAll(() => world?.stop());

  async function pages(): Promise<readonly Form[]> {
    const forms: Form[] = [];
    const named = Object.entries(routes).flatMap(([name, rule]) =>
      rule.who === 'operators' && !rule.form ? [world.kernel.url(name, rule.params ?? {})] : [],
    );
    for (const page of [...named, '/operator/ban/add']) {
      const { status, body } = await world.request(page, admin);
      if (status === 200) forms.push(...formsOn(page, body));
    }
    return forms;
  }

  it('of visitors without scripts keeps what was typed and begins where something is wrong, whether somebody is there or not', async () => {
    for (const expected of ['/chat/leave-message', '/chat/survey']) {
      const visitor = world.visitor();
      const { body } = await world.request('/chat?locale=en', visitor);
      const [form] = formsOn('/chat', body);
      expect(form?.action).toContain(expected);
      expect(form?.open).toEqual(expect.arrayContaining(['email', 'message', 'group']));
      const key = 'k'.repeat(22);
      const posted = { ...form!.fields, key, email: 'nobody', message: 'one\n<two>', group: '2' };
      const mended = { ...posted, email: 'vera@example.com', name: 'Vera', 'field-order': '7' };
      // The second time nothing is wrong but that he did not agree to anything.
      for (const typed of [posted, mended]) {
        const answer = await world.request(form!.action, visitor, { ...typed, asked: '1' });
        expect(answer.status, expected).toBe(422);
        expect(faults(answer, typed, form!.open), expected).toEqual([]);
        expect(formsOn('/chat', answer.body)[0]?.fields['group']).toBe('2');
        if (typed === mended) expect(answer.body.match(/aria-invalid="true"/g)).toHaveLength(1);
      }
      await world.call('/operator/users/update', admin, 'update', { agentId: admin.id });
    }
  });

  // Comes last: where nothing at all is a value, it is stored.
  it('of operators keeps what was typed, says at each field what is wrong with it, and begins at the first', async () => {
    const forms = await pages();
    const actions = forms.map(({ action }) => action.replace(/\?.*/, '').replaceAll(/\d+/g, 'N'));
    for (const action of [
      '/operator/ban/add',
      '/operator/ban/N/edit',
      '/operator/canned-message/add',
      '/operator/canned-message/N/edit',
      '/operator/group/add',
      '/operator/group/N/edit',
      '/operator/invitation/add',
      '/operator/invitation/N/edit',
      '/operator/mail-template/leave_message/edit',
      '/operator/operator/add',
      '/operator/routing',
      '/operator/settings',
      '/operator/survey-fields/add',
      '/operator/survey-fields/N/edit',
    ])
      expect(actions).toContain(action);

    const wrong: string[] = [];
    const refused = new Set<string>();
    for (const { action, fields, open } of forms) {
      for (const text of nonsense) {
        const posted = { ...fields, ...Object.fromEntries(open.map((name) => [name, text])) };
        const answer = await world.request(action, admin, posted);
        if (answer.status === 422) {
          refused.add(action);
          wrong.push(...faults(answer, posted, open).map((fault) => `${action} (${text.slice(0, 5)}): ${fault}`));
        } else if (answer.status >= 500) wrong.push(`${action} (${text.slice(0, 5)}): ${answer.status}`);
      }
    }
    expect([...new Set(wrong)]).toEqual([]);
    expect(forms.map(({ action }) => action).filter((action) => !refused.has(action))).toEqual([]);
  });
});
