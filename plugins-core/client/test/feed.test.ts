import { describe, expect, it, vi } from 'vitest';
import { createFeed } from '../client/index.ts';

interface Message {
  readonly id: number;
}
const ids = (...numbers: number[]): Message[] => numbers.map((id) => ({ id }));

function world(cursor = 0) {
  const shown: number[] = [];
  const pull = vi.fn<() => void>();
  const feed = createFeed<Message>({
    append: (messages) => shown.push(...messages.map((each) => each.id)),
    pull,
    cursor,
  });
  return { feed, shown, pull };
}

describe('feed', () => {
  it('follows pulls with its cursor', () => {
    const { feed, shown } = world();
    feed.pulled({ messages: ids(1, 2), lastId: 2 });
    feed.pulled({ messages: [], lastId: 2 });
    feed.pulled({ messages: ids(3), lastId: 3 });
    expect(shown).toEqual([1, 2, 3]);
    expect(feed.cursor).toBe(3);
  });

  it('shows a message once, whatever way and however often it comes', () => {
    const { feed, shown } = world();
    feed.pushed({ messages: ids(1), lastId: 1, after: 0 });
    feed.pulled({ messages: ids(1, 2), lastId: 2 });
    feed.pushed({ messages: ids(2), lastId: 2, after: 1 });
    feed.pulled({ messages: ids(2, 2, 3), lastId: 3 });
    expect(shown).toEqual([1, 2, 3]);
  });

  it('pulls when a push shows that something is missing, and does not show what came too early', () => {
    const { feed, shown, pull } = world();
    feed.pulled({ messages: ids(1), lastId: 1 });
    feed.pushed({ messages: ids(3), lastId: 3, after: 2 });
    expect(pull).toHaveBeenCalledOnce();
    expect(shown).toEqual([1]);
    feed.pulled({ messages: ids(2, 3), lastId: 3 });
    expect(shown).toEqual([1, 2, 3]);
  });

  it('sees no gap where a message is hidden from this side', () => {
    const { feed, shown, pull } = world();
    feed.pushed({ messages: ids(2), lastId: 2, after: 0 });
    feed.pushed({ messages: ids(5), lastId: 5, after: 2 });
    expect(pull).not.toHaveBeenCalled();
    expect(shown).toEqual([2, 5]);
  });

  it('follows the stored messages, not a list that a plugin shortened', () => {
    const { feed, shown, pull } = world();
    feed.pulled({ messages: ids(1), lastId: 4 });
    expect(feed.cursor).toBe(4);
    feed.pushed({ messages: [], lastId: 5, after: 4 });
    feed.pushed({ messages: ids(6), lastId: 6, after: 5 });
    expect(pull).not.toHaveBeenCalled();
    expect(shown).toEqual([1, 6]);
  });

  it('never goes back for an answer that was overtaken by a push', () => {
    const { feed, shown } = world(5);
    feed.pushed({ messages: ids(6), lastId: 6, after: 5 });
    feed.pulled({ messages: [], lastId: 5 });
    expect(feed.cursor).toBe(6);
    feed.pulled({ messages: ids(7, 6), lastId: 7 });
    expect(shown).toEqual([6, 7]);
  });

  it('pulls on when a page was so full that the server may have cut it', () => {
    const { feed, pull } = world();
    feed.pulled({ messages: Array.from({ length: 200 }, (_, i) => ({ id: i + 1 })), lastId: 200 });
    expect(pull).toHaveBeenCalledOnce();
    feed.pulled({ messages: ids(201), lastId: 201 });
    expect(pull).toHaveBeenCalledOnce();
  });
});
