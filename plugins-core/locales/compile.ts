/**
 * Compiles messages to plain JavaScript, so that a browser needs neither an ICU library nor `eval`: the output is the
 * source of an ES module. Every text from a message goes through {@link literal}, never into the code as it is.
 */
import { IntlMessageFormat } from 'intl-messageformat';
import { kindOf, literalText, type Ast, type AstNode, type Message } from './message.ts';

type Style = { readonly parsedOptions: object } | string | null | undefined;

/** A JSON value as JavaScript that is also safe inside an HTML script element. */
export const literal = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[<>\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** What compiled messages call: number, date, plural category, text of an argument. */
const runtime = `const c={},m=(k,l,o)=>c[k+l+JSON.stringify(o)]??=new Intl[k](l,o),
n=(l,v,o={},s=1)=>m('NumberFormat',l,o).format(v*s),
d=(l,v,o)=>m('DateTimeFormat',l,o).format(v),
p=(l,v,t,x,o)=>x['='+v]??x[m('PluralRules',l,{type:t}).select(v-o)]??x.other,
s=v=>v==null?'':''+v,
h=(x,v)=>Object.hasOwn(x,v)?x[v]:x.other;`;

/** The expression for one message: a string literal, or a function of its arguments. */
export function compileMessage({ ast, intl }: Message): string {
  if (ast.every((node) => literalText(node) !== undefined)) return literal(ast.map(literalText).join(''));
  return `a=>${sequence(ast, literal(intl), '0')}`;
}

function sequence(nodes: Ast, intl: string, pound: string): string {
  if (nodes.length === 0) return '""';
  const parts = nodes.map((node) => expression(node, intl, pound));
  // Two numbers side by side would be added, not joined.
  return nodes.length === 1 ? parts[0]! : `""+${parts.join('+')}`;
}

function expression(node: AstNode, intl: string, pound: string): string {
  const kind = kindOf(node);
  const text = literalText(node);
  if (text !== undefined) return literal(text);
  if (kind === 'pound') return `n(${intl},${pound})`;
  const value = 'value' in node ? `a[${literal(node.value)}]` : '""';
  const style = 'style' in node ? (node.style as Style) : undefined;
  if (kind === 'number') {
    const { scale, ...options } = { ...optionsOf('number', style, {}) } as { scale?: number };
    return `n(${intl},${value},${literal(options)}${scale === undefined ? '' : `,${literal(scale)}`})`;
  }
  if (kind === 'date') return `d(${intl},${value},${literal(optionsOf('date', style, {}))})`;
  if (kind === 'time') return `d(${intl},${value},${literal(optionsOf('time', style, 'medium'))})`;
  if ('options' in node) {
    const plural = 'pluralType' in node ? node : undefined;
    const rest = plural ? (plural.offset === 0 ? value : `${value}-${plural.offset}`) : pound;
    const choices = Object.entries(node.options).map(
      ([name, option]) => `[${literal(name)}]:()=>${sequence(option.value, intl, rest)}`,
    );
    const table = `{${choices.join(',')}}`;
    return plural
      ? `p(${intl},${value},${literal(plural.pluralType)},${table},${plural.offset})()`
      : `h(${table},${value})()`;
  }
  return `s(${value})`;
}

function optionsOf(of: 'number' | 'date' | 'time', style: Style, fallback: string | object): object {
  if (style && typeof style === 'object') return style.parsedOptions;
  const named: Readonly<Record<string, object | undefined>> = IntlMessageFormat.formats[of];
  return named[style ?? ''] ?? (typeof fallback === 'string' ? (named[fallback] ?? {}) : fallback);
}

/** Source of an ES module with these messages. */
export function compileModule(locale: string, rtl: boolean, messages: ReadonlyMap<string, Message>): string {
  const texts = [...messages].map(([key, message]) => `${literal(key)}:${compileMessage(message)}`);
  return `${runtime}\nexport default{locale:${literal(locale)},rtl:${rtl},texts:{\n${texts.join(',\n')}\n}};\n`;
}
