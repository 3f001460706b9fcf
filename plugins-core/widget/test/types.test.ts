import type { LauncherOptions, MibewApi } from 'mibew/widget';
import { expectTypeOf, it } from 'vitest';

it('gives pages the types of what they may call', () => {
  const page = {} as { Mibew?: Window['Mibew'] };
  const use = (mibew: MibewApi) => {
    mibew.open({ group: 3, locale: 'de', fields: { order: '4711' } });
    mibew.push(['open'], ['on', 'unread', (count: number) => void count.toFixed()], ['consent', true]);
    mibew.configure({ position: 'start', rules: [{ path: '/de/', locale: 'de' }] });
    mibew.identify({ id: 7, hash: 'abc', plan: 'gold' });
    mibew.track('basket', { items: 3 });
    expectTypeOf(mibew.on('open', () => undefined)).toEqualTypeOf<() => void>();
    // @ts-expect-error there is no such event
    mibew.on('opened', () => undefined);
    // @ts-expect-error there is no such corner
    mibew.configure({ position: 'left' });
    // @ts-expect-error there is no such call
    mibew.push(['jump']);
  };
  expectTypeOf(use).toBeFunction();
  expectTypeOf(page.Mibew).toEqualTypeOf<Window['Mibew']>();
  expectTypeOf<LauncherOptions['closed']>().toEqualTypeOf<'say' | 'hide' | undefined>();
});
