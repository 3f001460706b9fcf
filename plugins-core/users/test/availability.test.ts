import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Status } from '../../operators/api.ts';
import { watchActivity } from '../client/activity.ts';
import { createAvailability } from '../client/availability.ts';

describe('the status of the operator', () => {
  function world() {
    const asked: { status: Status; done: () => void; failed: (error: Error) => void }[] = [];
    const availability = createAvailability(
      (status) => new Promise((done, failed) => void asked.push({ status, done, failed })),
      'away',
    );
    return { asked, availability, now: () => availability.status.get() };
  }

  it('is shown as chosen at once, and stays when the server has heard of it', async () => {
    const { availability, asked, now } = world();
    expect(now()).toEqual({ status: 'away', idle: false, failed: false });
    const chosen = availability.set('invisible');
    expect(now().status).toBe('invisible');
    asked[0]!.done();
    await chosen;
    expect(now()).toEqual({ status: 'invisible', idle: false, failed: false });
  });

  it('is taken back when the server did not hear of it, but not over what was chosen since', async () => {
    const { availability, asked, now } = world();
    const first = availability.set('available');
    asked[0]!.failed(new Error('no'));
    await first;
    expect(now()).toEqual({ status: 'away', idle: false, failed: true });
    const [second, third] = [availability.set('available'), availability.set('invisible')];
    asked[1]!.failed(new Error('no'));
    asked[2]!.done();
    await Promise.all([second, third]);
    expect(now()).toEqual({ status: 'invisible', idle: false, failed: false });
  });

  it('follows the server, but for what is on its way there', async () => {
    const { availability, asked, now } = world();
    availability.told({ status: 'available', idle: true });
    expect(now()).toEqual({ status: 'available', idle: true, failed: false });
    const chosen = availability.set('away');
    availability.told({ status: 'available', idle: true });
    expect(now()).toMatchObject({ status: 'away', idle: false });
    asked[0]!.done();
    await chosen;
    availability.told({ status: 'invisible', idle: false });
    expect(now().status).toBe('invisible');
  });
});

describe('what the operator does', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function world() {
    const target = new EventTarget();
    const state = { told: 0, fails: false };
    const end = watchActivity({
      target,
      async tell() {
        state.told += 1;
        if (state.fails) throw new Error('no');
      },
      now: () => Date.now(),
    });
    return { state, end, move: (name = 'pointermove') => target.dispatchEvent(new Event(name)) };
  }

  it('is told at the first move, whatever it is, and not while nothing is done', async () => {
    const { state, move } = world();
    await vi.advanceTimersByTimeAsync(600_000);
    expect(state.told).toBe(0);
    for (const [index, name] of ['keydown', 'pointerdown', 'pointermove', 'wheel', 'touchstart'].entries()) {
      move(name);
      expect(state.told, name).toBe(index + 1);
      await vi.advanceTimersByTimeAsync(60_000);
    }
    move('visibilitychange');
    expect(state.told).toBe(5);
  });

  it('is told three times a minute while he is busy, the last move included', async () => {
    const { state, move } = world();
    for (let second = 0; second < 60; second += 1) {
      move();
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(state.told).toBe(4);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(state.told).toBe(4);
  });

  it('is told again with the next move where the server did not hear of it, and never after the end', async () => {
    const { state, move, end } = world();
    state.fails = true;
    move();
    await vi.advanceTimersByTimeAsync(0);
    for (let pixel = 0; pixel < 50; pixel += 1) move();
    expect(state.told).toBe(1);
    state.fails = false;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(state.told).toBe(2);
    await vi.advanceTimersByTimeAsync(20_000);
    move();
    await vi.advanceTimersByTimeAsync(1_000);
    move();
    end();
    await vi.advanceTimersByTimeAsync(60_000);
    move();
    expect(state.told).toBe(3);
  });
});
