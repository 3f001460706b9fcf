/**
 * The pseudo-locale `ar-XB`: English made about 40 % longer, accented, in brackets, and laid out from right to left. For
 * trying layouts; generated, and offered only to those who ask for it by name.
 */
import type { Ast } from './message.ts';

export const pseudoCode = 'ar-XB';

const plain = 'AaBbCcDdEeFfGgHhIiJjKkLlMmNnOoPpQqRrSsTtUuVvWwXxYyZz';
const accented = 'ÅåƁƀÇçÐðÉéƑƒĜĝĤĥÎîĴĵĶķĻļṀṁÑñÖöÞþǪǫŔŕŠšŢţÛûṼṽŴŵẊẋÝýŽž';
const map = new Map([...plain].map((char, index) => [char, [...accented][index]!]));
const growth = 0.4;

/** A literal, accented and longer: vowels are drawn out first, so that words keep their places to wrap. */
function stretch(text: string): string {
  let due = 0;
  let out = '';
  for (const char of text) {
    due += growth;
    const shown = map.get(char) ?? char;
    out += shown;
    if (/[aeiouy]/i.test(char)) for (; due >= 1; due -= 1) out += shown;
  }
  return /\p{L}/u.test(text) ? out + '~'.repeat(Math.round(due)) : out;
}

function walk(nodes: Ast): Ast {
  return nodes.map((node) => {
    if (node.type === 0) return { ...node, value: stretch(node.value) };
    if (!('options' in node)) return node;
    const options = Object.entries(node.options).map(([name, option]) => [
      name,
      { ...option, value: walk(option.value) },
    ]);
    return { ...node, options: Object.fromEntries(options) } as typeof node;
  });
}

/** Turns a parsed message into its pseudo-translation; arguments stay as they are. */
export const pseudo = (ast: Ast): Ast => [{ type: 0, value: '⟦' }, ...walk(ast), { type: 0, value: '⟧' }];
