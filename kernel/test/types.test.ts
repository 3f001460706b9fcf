import { describe, expect, it } from 'vitest';
import * as v from 'valibot';
import { definePlugin, open } from '../plugin.ts';
import { defineHook, definePoint, defineService, optional } from '../tokens.ts';

const engine = defineService<{ power: number }>('types.engine');
const radio = defineService<{ play(song: string): void }>('types.radio');
const told = defineHook.notify<[name: string]>('types.told');
const shaped = defineHook.filter<number, [string]>('types.shaped');
const allowed = defineHook.decide<[string], 'yes' | 'no'>('types.allowed');
const words = definePoint<string>('types.words');

/** Compiled, never run: the lines marked with ts-expect-error must not compile, the others must. */
export const good = definePlugin({
  id: 'types',
  config: { schema: v.object({ key: v.string() }), env: { key: 'KEY' } },
  needs: { engine, radio: optional(radio) },
  provides: [engine],
  contributes: [words('hello')],
  async setup(ctx) {
    const power: number = ctx.use.engine.power;
    ctx.use.radio?.play('x');
    // @ts-expect-error an optional service may be missing
    ctx.use.radio.play('x');
    // @ts-expect-error only what was declared is there
    void ctx.use.brakes;
    ctx.config.key.trim();
    // @ts-expect-error no such key in the schema
    void ctx.config.secret;
    ctx.provide(engine, { power });
    // @ts-expect-error the implementation must fit the token
    ctx.provide(engine, { power: 'much' });
    ctx.on(told, (name) => void name.trim());
    // @ts-expect-error the listener gets a string
    ctx.on(told, (name: number) => void name);
    ctx.on(shaped, (value, word) => value + word.length);
    // @ts-expect-error a filter of numbers returns a number
    ctx.on(shaped, () => 'three');
    ctx.on(allowed, async (word) => (word === '' ? 'no' : 'yes'));
    // @ts-expect-error not one of the verdicts
    ctx.on(allowed, () => 'maybe');
    const verdict: 'yes' | 'no' | undefined = await ctx.call(allowed, 'x');
    // @ts-expect-error there may be no answer
    const sure: 'yes' | 'no' = await ctx.call(allowed, 'x');
    // @ts-expect-error wrong argument
    await ctx.call(told, 5);
    await ctx.collect(words, (word, owner) => void [word.trim(), owner.root, verdict, sure]);
    // @ts-expect-error words are strings
    ctx.contribute(words(5));
    ctx.route({ name: 'x', method: 'GET', path: '/x', access: open, handler: (context) => context.text('x') });
    // @ts-expect-error a route says who may call it
    ctx.route({ name: 'x', method: 'GET', path: '/x', handler: (context) => context.text('x') });
  },
});

describe('the types of tokens', () => {
  it('carry nothing at run time', () => {
    expect(engine).toEqual({ token: 'service', id: 'types.engine' });
    expect(words('a')).toEqual({ point: words, value: 'a' });
  });
});
