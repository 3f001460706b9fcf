import { describe, expect, it } from 'vitest';
import { threadState } from '../../chat/api.ts';
import { browserName } from '../browsers.ts';
import { forViewer, goneRow, patternName, toRow } from '../rows.ts';
import { thread } from './fixtures.ts';

const nobody = { id: 3, takeover: false, viewthreads: false };

describe('a row of the queue', () => {
  it('carries exactly the fields of the protocol', () => {
    expect(toRow(thread(), { pattern: '{name}' })).toEqual({
      id: 42,
      token: 1234567,
      userId: '5f0c.1',
      userName: 'Guest',
      userIp: '192.0.2.7',
      remote: '192.0.2.7',
      userAgent: 'Firefox 121.0',
      agentId: 0,
      agentName: '-',
      canOpen: true,
      canView: false,
      canBan: false,
      ban: false,
      state: 0,
      totalTime: 1_700_000_000,
      waitingTime: 1_700_000_003,
      firstMessage: 'Where is my order?',
    });
  });

  it('says that the visitor is gone only where he is', () => {
    const row = (visitorGone: boolean) => toRow(thread({ visitorGone }), { pattern: '{name}' });
    expect(row(true).visitorGone).toBe(true);
    expect(row(false)).not.toHaveProperty('visitorGone');
    expect(goneRow(thread({ visitorGone: true }))).not.toHaveProperty('visitorGone');
  });

  it('shows the visitor by the pattern and leaves what he typed into his name alone', () => {
    const visitor = thread({ userName: '{addr} $& {id}' });
    expect(patternName('{name} <{id}> {addr} {other}', visitor)).toBe('{addr} $& {id} <5f0c.1> 192.0.2.7 {other}');
  });

  it('names the addressed operator before the agent, and nobody as a dash', () => {
    const row = (nextAgentName?: string) => toRow(thread({ agentName: 'Bob' }), { pattern: '{name}', nextAgentName });
    expect(row('Cleo').agentName).toBe('Cleo');
    expect(row().agentName).toBe('Bob');
    expect(toRow(thread(), { pattern: '{name}' }).agentName).toBe('-');
  });

  it('puts the first message on one line and escapes nothing', () => {
    const row = toRow(thread({ shownMessage: 'a\r\n\tb <b>&amp;</b>' }), { pattern: '{name}' });
    expect(row.firstMessage).toBe('a b <b>&amp;</b>');
    expect(toRow(thread({ shownMessage: null }), { pattern: '{name}' }).firstMessage).toBeNull();
  });

  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['2001:db8::1', '2001:db8::1'],
    ['host.example (192.0.2.9)', '192.0.2.9'],
    ['unknown', false],
  ])('reads the address in %s', (remote, expected) => {
    expect(toRow(thread({ remote }), { pattern: '{name}' }).userIp).toBe(expected);
  });

  it('names browsers, and shows what it does not know as it is', () => {
    const chrome =
      'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36';
    expect(browserName(chrome)).toBe('Chrome 120.0.0.0');
    expect(browserName('curious robot')).toBe('curious robot');
    expect(browserName('')).toBe('');
  });

  it.each([
    { state: threadState.queue, agentId: 0, takeover: false, canOpen: true },
    { state: threadState.waiting, agentId: 9, takeover: false, canOpen: true },
    { state: threadState.chatting, agentId: 3, takeover: false, canOpen: true },
    { state: threadState.chatting, agentId: 9, takeover: false, canOpen: false },
    { state: threadState.chatting, agentId: 9, takeover: true, canOpen: true },
  ])('may be opened: %o', ({ state, agentId, takeover, canOpen }) => {
    const row = thread({ state, agentId });
    expect(forViewer(toRow(row, { pattern: '{name}' }), row, { ...nobody, takeover }).canOpen).toBe(canOpen);
  });

  it.each([
    { agentId: 9, nextAgent: 0, viewthreads: true, canView: true },
    { agentId: 9, nextAgent: 0, viewthreads: false, canView: false },
    { agentId: 3, nextAgent: 0, viewthreads: true, canView: false },
    { agentId: 9, nextAgent: 3, viewthreads: true, canView: false },
  ])('may be watched: %o', ({ agentId, nextAgent, viewthreads, canView }) => {
    const row = thread({ agentId, nextAgent });
    expect(forViewer(toRow(row, { pattern: '{name}' }), row, { ...nobody, viewthreads }).canView).toBe(canView);
  });

  it('is the same object for every operator for whom nothing differs', () => {
    const row = toRow(thread(), { pattern: '{name}' });
    expect(forViewer(row, thread(), nobody)).toBe(row);
  });

  it('say whom they wait for by name, to him alone', () => {
    const waits = thread({ nextAgent: 3, state: threadState.waiting });
    const row = toRow(waits, { pattern: '{name}' });
    expect(forViewer(row, waits, { ...nobody, id: 3 })).toEqual({ ...row, addressed: true });
    expect(forViewer(row, waits, { ...nobody, id: 4 })).toBe(row);
  });

  it('tells nothing of a thread that left the sight but that it did', () => {
    const text = JSON.stringify(goneRow(thread({ userName: 'Secret', shownMessage: 'Secret' })));
    expect(JSON.parse(text)).toMatchObject({ id: 42, state: threadState.closed });
    expect(text).not.toMatch(/Secret|1234567|192\.0|5f0c/);
  });
});
