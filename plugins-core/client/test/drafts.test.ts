import { expect, it } from 'vitest';
import { createDrafts, memoryStorage } from '../client/index.ts';

it('keeps drafts for the next window, and for nobody else who logs in, in the same window either', () => {
  const [session, lasting] = [memoryStorage(), memoryStorage()];
  createDrafts(session, lasting, 'agent-1').set('5', 'Between us');
  expect(createDrafts(session, lasting, 'agent-2').get('5')).toBeUndefined();
  expect(createDrafts(memoryStorage(), lasting, 'agent-1').get('5')).toBe('Between us');
});

it('leaves nothing of what is forgotten, and everything else', () => {
  const [session, lasting] = [memoryStorage(), memoryStorage()];
  session.set('mibew.workspace.1', 'his desk');
  const drafts = createDrafts(session, lasting, 'agent-1');
  drafts.set('5', 'Over by now');
  drafts.set('6', 'Goes on');
  expect(drafts.keys()).toEqual(['5', '6']);
  drafts.forget((key) => key === '5');
  expect(drafts.get('5')).toBeUndefined();
  expect(drafts.get('6')).toBe('Goes on');
  drafts.forget();
  expect([...session.keys(), ...lasting.keys()]).toEqual(['mibew.workspace.1']);
});
