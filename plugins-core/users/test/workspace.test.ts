import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { describeWith } from '../../../test/support/needs.ts';
import { type Thread, threads } from '../../chat/api.ts';
import { operators } from '../../operators/api.ts';
import { chromium, openOffice, rowOf, writing } from './office.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

describeWith([chromium], 'the workspace in a browser', () => {
  const office = openOffice();
  const { visit, workspace } = office;

  it('shows a visitor without a reload, and lets the keyboard alone take and answer him', async () => {
    const page = await workspace();
    const zoe = await visit('Zoe', 'Hello there');
    await page.waitForSelector(rowOf('waiting', zoe));
    await expect.poll(() => page.title()).toMatch(/^\(1\) /);
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForSelector(rowOf('mine', zoe));
    await writing(page);
    await page.keyboard.type('Hi Zoe');
    await page.keyboard.press('Control+Enter');
    await expect
      .poll(async () =>
        (await office.kernel.service(threads).messages(zoe.id, 'user', 0)).messages.map((each) => each.message),
      )
      .toContain('Hi Zoe');
    await page.context().close();
    await office.kernel.service(threads).close(zoe.id, 'user');
  });

  it('is told of a new visitor by push', async () => {
    const frames: string[] = [];
    const page = await workspace({ frames });
    const zoe = await visit('Pushed Zoe', 'Hello there');
    await page.waitForSelector(rowOf('waiting', zoe));
    const pushes = frames.filter((frame) => frame.includes('"receiveThreads"'));
    expect(pushes.join()).toContain('Pushed Zoe');
    await page.context().close();
    await office.kernel.service(threads).close(zoe.id, 'user');
  });

  it('works without sockets, too', async () => {
    const page = await workspace({ sockets: false });
    const zoe = await visit('Zoe', 'Hello there');
    await page.click(`${rowOf('waiting', zoe)} button`);
    await page.waitForSelector(rowOf('mine', zoe));
    await page.context().close();
    await office.kernel.service(threads).close(zoe.id, 'user');
  });

  it('marks what was not looked at, and forgets the mark once it was', async () => {
    const page = await workspace();
    const [zoe, max] = [await visit('Zoe', 'One'), await visit('Max', 'Two')];
    for (const each of [zoe, max]) {
      await page.click(`${rowOf('waiting', each)} button`);
      await page.waitForSelector(`.mb-seat--active[data-thread="${each.id}"]`);
      await page.waitForSelector(`[data-pane-of="${each.id}"] :text("${each === zoe ? 'One' : 'Two'}")`);
    }
    await office.kernel.service(threads).post(zoe.id, 'user', { message: 'Still there?' });
    await page.waitForSelector(`.mb-seat[data-thread="${zoe.id}"] .mb-count`);
    await page.keyboard.press('Control+ArrowUp');
    await page.waitForSelector(`.mb-seat--active[data-thread="${zoe.id}"]`);
    await page.waitForSelector(`.mb-seat[data-thread="${zoe.id}"] .mb-count`, { state: 'detached' });
    await page.context().close();
    for (const { id } of [zoe, max]) await office.kernel.service(threads).close(id, 'user');
  });

  it('has conversations and drafts back after a reload', async () => {
    const page = await workspace();
    const zoe = await visit('Zoe', 'Hello');
    await page.click(`${rowOf('waiting', zoe)} button`);
    await writing(page);
    await page.keyboard.type('half a sen');
    await page.reload();
    await page.waitForSelector(`.mb-seat--active[data-thread="${zoe.id}"]`);
    await expect.poll(() => page.inputValue(`[data-pane-of="${zoe.id}"] textarea`)).toBe('half a sen');
    await page.context().close();
    await office.kernel.service(threads).close(zoe.id, 'user');
  });

  it('opens what the server gives to the operator and says so, and keeps quiet about what he takes himself', async () => {
    const page = await workspace();
    const [zoe, max] = [await visit('Zoe', 'Hello'), await visit('Max', 'Hi')];
    await page.waitForSelector(rowOf('waiting', max));
    await office.kernel.service(threads).assign(zoe.id, office.ann);
    await page.getByText('The conversation with Zoe was given to you').waitFor();
    // Nothing else was open: it is shown at once.
    await page.waitForSelector(`.mb-seat--active[data-thread="${zoe.id}"]`);
    await page.click(`${rowOf('waiting', max)} button`);
    await page.waitForSelector(`.mb-seat--active[data-thread="${max.id}"]`);
    await page.waitForSelector(rowOf('mine', max));
    expect(await page.getByText('The conversation with Max was given to you').count()).toBe(0);

    const eve = await visit('Eve', 'Good evening');
    await office.kernel.service(threads).assign(eve.id, office.ann);
    await page.getByText('The conversation with Eve was given to you').waitFor();
    // He is at something else now: it waits in a tab of its own.
    await page.waitForSelector(`.mb-seat:not(.mb-seat--active)[data-thread="${eve.id}"]`);
    expect(await page.locator(`.mb-seat--active[data-thread="${max.id}"]`).count()).toBe(1);
    await page.locator(`.mb-toast[data-thread="${eve.id}"]`).getByRole('button', { name: 'Open' }).click();
    await page.waitForSelector(`.mb-seat--active[data-thread="${eve.id}"]`);
    await page.context().close();
    for (const { id } of [zoe, max, eve]) await office.kernel.service(threads).close(id, 'user');
  });

  it('writes a note for operators that no visitor sees, and stays at notes over a reload', async () => {
    const page = await workspace();
    const zoe = await visit('Zoe', 'Hello');
    await page.click(`${rowOf('waiting', zoe)} button`);
    await writing(page);
    // What the plugin that brings the switch does.
    await page.evaluate(
      (key) => sessionStorage.setItem(key, 'note'),
      `mibew:drafts:agent-${office.ann.id}:mibew:draft:agent:${zoe.id}:mode`,
    );
    await page.reload();
    const pane = page.locator(`[data-pane-of="${zoe.id}"]`);
    await pane.getByLabel('Write a note that only operators see…').fill('She is a regular');
    await pane.getByRole('button', { name: 'Send' }).click();
    await pane.locator('.mb-message--note', { hasText: 'She is a regular' }).waitFor();
    await page.waitForSelector('.mb-message--note:not(.mb-message--waiting, .mb-message--sent)');
    const kinds = async (side: 'user' | 'agent') =>
      (await office.kernel.service(threads).messages(zoe.id, side, 0)).messages.filter(({ message }) =>
        /regular/.test(message),
      );
    expect(await kinds('agent')).toMatchObject([{ kind: 3, name: 'Ann' }]);
    expect(await kinds('user')).toEqual([]);
    await page.context().close();
    await office.kernel.service(threads).close(zoe.id, 'user');
  });

  it('offers notices on the desktop once something was missed, and asks the browser when told to', async () => {
    const page = await workspace();
    await page.addInitScript(() => {
      const shown: string[] = [];
      class Fake extends EventTarget {
        static permission = 'default';
        static requestPermission = () => Promise.resolve((Fake.permission = 'granted'));
        constructor(title: string) {
          super();
          shown.push(title);
        }
      }
      Object.assign(window, { Notification: Fake, shown });
      // The operator looks elsewhere, all the time.
      document.hasFocus = () => false;
    });
    await page.reload();
    await page.waitForSelector('[data-section=waiting]:not([hidden])');
    expect(await page.getByText('You looked elsewhere').count()).toBe(0);
    const zoe = await visit('Zoe', 'Hello');
    await page.getByText('You looked elsewhere when somebody needed you').waitFor();
    await page.getByRole('button', { name: 'Turn on notices' }).click();
    await page.waitForSelector('[data-part=notify][data-on=true]');
    const max = await visit('Max', 'Hi');
    await expect
      .poll(() => page.evaluate(() => (window as unknown as { shown: string[] }).shown))
      .toEqual(['Max is waiting']);
    await page.context().close();
    for (const { id } of [zoe, max]) await office.kernel.service(threads).close(id, 'user');
  });

  it('has a menu of all conversations when there are more than tabs fit', async () => {
    const page = await workspace({ width: 900 });
    const many: Thread[] = [];
    for (const name of ['Adelaide', 'Bartholomew', 'Cassandra', 'Desdemona', 'Evangeline', 'Ferdinand']) {
      const thread = await visit(`${name} of the long name`, 'Hello');
      await office.kernel.service(threads).assign(thread.id, office.ann);
      many.push(thread);
    }
    const more = page.getByRole('button', { name: 'All open conversations 6' });
    await more.click();
    const menu = page.locator('[data-part=more-menu]');
    expect(await menu.getByRole('button').count()).toBe(6);
    await page.keyboard.press('End');
    await menu.getByRole('button', { name: 'Ferdinand of the long name' }).click();
    await page.waitForSelector(`.mb-seat--active[data-thread="${many.at(-1)!.id}"]`);
    expect(await menu.isVisible()).toBe(false);
    await page.context().close();
    for (const { id } of many) await office.kernel.service(threads).close(id, 'user');
  });

  it('tells who has a conversation, takes it over when asked to, and says when one has ended', async () => {
    const page = await workspace();
    const zoe = await visit('Zoe', 'Hello');
    await office.kernel.service(threads).take(zoe.id, office.bob);
    await page.click(`${rowOf('others', zoe)} button`);
    await page.waitForSelector('[data-part=blank] :text("Bob has this conversation")');
    expect(await page.locator('[data-part=blank] h2').textContent()).toBe('Zoe');
    expect(await page.locator('[data-part=blank] blockquote').textContent()).toBe('Hello');
    await page.click('[data-action=force]');
    await page.waitForSelector(`.mb-seat--active[data-thread="${zoe.id}"]`);
    expect((await office.kernel.service(threads).byId(zoe.id))?.agentId).toBe(office.ann.id);
    await office.kernel.service(threads).close(zoe.id, 'user');
    await page.waitForSelector(`.mb-seat--over[data-thread="${zoe.id}"]`);
    await page.click(`.mb-seat[data-thread="${zoe.id}"] [data-action=close]`);
    await page.waitForSelector(`.mb-seat[data-thread="${zoe.id}"]`, { state: 'detached' });
    await page.context().close();
  });

  it('says that the connection is lost, and when it is back', async () => {
    const page = await workspace();
    await page.context().setOffline(true);
    await page.waitForSelector('[data-part=notices] [data-action=wake]');
    await page.context().setOffline(false);
    await page.waitForSelector('[data-part=notices] [data-action=wake]', { state: 'detached' });
    await page.context().close();
  });

  it('shows the way to the login when the session ends', async () => {
    const page = await workspace();
    await office.kernel.service(operators).setPassword(office.ann.id, 'correct horse');
    const link = await page.waitForSelector('[data-part=notices] a');
    expect(await link.getAttribute('href')).toContain('/operator/login');
    await page.context().close();
  });

  it('warns before a log-out that would lose messages, and then logs out', async () => {
    const page = await workspace({ sockets: false });
    const zoe = await visit('Zoe', 'Hello');
    await page.click(`${rowOf('waiting', zoe)} button`);
    await writing(page);
    await page.route('**/thread/update', (route) => route.abort());
    await page.keyboard.type('On its way');
    await page.keyboard.press('Control+Enter');
    const logOut = async () => {
      await page.click('[popovertarget=mb-account]');
      await page.click('#mb-account form[action$="/operator/logout"] button');
    };
    await logOut();
    await page.waitForSelector('[data-part=logout][open] :text("One message")');
    await page.click('[data-part=logout] [value=stay]');
    await page.waitForSelector('[data-part=logout][open]', { state: 'detached' });
    await page.keyboard.press('Escape');
    await logOut();
    await page.click('[data-part=logout] [value=leave]');
    await page.waitForURL('**/operator/login*');
    const kept = await page.evaluate(() =>
      Object.keys(localStorage).filter((key) => key.includes('outbox') && key.includes('box:')),
    );
    expect(kept).toEqual([]);
    await page.context().close();
    await office.kernel.service(threads).close(zoe.id, 'user');
  });

  it.each([320, 390, 768, 1440])('is accessible and fits at %i px', async (width) => {
    const zoe = await visit('A visitor with a name that is much longer than any list is wide', 'Hello');
    await office.kernel.service(threads).take(zoe.id, office.ann);
    const page = await workspace({ width });
    await page.click(`${rowOf('mine', zoe)} button`);
    await page.waitForSelector(`[data-pane-of="${zoe.id}"] [role="log"] :text-is("Hello")`);
    await page.evaluate(axe);
    const problems = await page.evaluate(async () => {
      const { axe: checker } = window as unknown as {
        axe: {
          run(root: string, options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
        };
      };
      const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
      const { violations } = await checker.run('.mb-workspace', { runOnly: tags });
      return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`);
    });
    expect(problems).toEqual([]);
    const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    expect(content).toBeLessThanOrEqual(window ?? 0);
    await page.context().close();
    await office.kernel.service(threads).close(zoe.id, 'user');
  });
});
