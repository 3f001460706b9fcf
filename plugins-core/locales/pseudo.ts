/**
 * The pseudo-locale `ar-XB`: English made about 40 % longer, accented, in brackets, and laid out from right to left. For
 * trying layouts; generated, and offered only to those who ask for it by name.
 */
import { literalText, type Ast, type AstNode } from './message.ts';

export const pseudoCode = 'ar-XB';

const plain = 'AaBbCcDdEeFfGgHhIiJjKkLlMmNnOoPpQqRrSsTtUuVvWwXxYyZz';
const accented = Array.from('ÅåƁƀÇçÐðÉéƑƒĜĝĤĥÎîĴĵĶķĻļṀṁÑñÖöÞþǪǫŔŕŠšŢţÛûṼṽŴŵẊẋÝýŽž');
const map = new Map(Array.from(plain, (char, index) => [char, accented[index]!]));
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

const literalNode = (value: string): AstNode => ({ type: 0, value });

function walk(nodes: Ast): Ast {
  return nodes.map((node) => {
    const text = literalText(node);
    if (text !== undefined) return literalNode(stretch(text));
    if (!('options' in node)) return node;
    const options: typeof node.options = {};
    for (const [name, option] of Object.entries(node.options)) options[name] = { ...option, value: walk(option.value) };
    return { ...node, options };
  });
}

/** Turns a parsed message into its pseudo-translation; arguments stay as they are. */
export const pseudo = (ast: Ast): Ast => [literalNode('⟦'), ...walk(ast), literalNode('⟧')];
