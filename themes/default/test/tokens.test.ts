import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const tokensFile = 'themes/default/tokens.css';
const tokens = readFileSync(join(root, tokensFile), 'utf8');

/** Style sheets that ship to browsers, relative to the repository. */
function sheets(): string[] {
  const below = (folder: string) =>
    !existsSync(join(root, folder))
      ? []
      : readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile() && entry.name.endsWith('.css'))
          .map((entry) => join(entry.parentPath, entry.name).slice(root.length))
          .filter((file) => !/(^|\/)(node_modules|dist|test)\//.test(file));
  // A plugin's assets are its own affair: the demo's shop is somebody else's page and looks like one.
  const shipped = /^(?:themes|widget)\/|^plugins-(?:core|contrib)\/[\w-]+\/(?:client|templates)\//;
  return ['themes', 'plugins-core', 'plugins-contrib', 'widget']
    .flatMap(below)
    .filter((file) => shipped.test(file))
    .toSorted();
}

const withoutComments = (css: string) => css.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '));
const names =
  'aliceblue antiquewhite aqua aquamarine azure beige bisque black blanchedalmond blue blueviolet brown burlywood cadetblue chartreuse chocolate coral cornflowerblue cornsilk crimson cyan darkblue darkcyan darkgoldenrod darkgray darkgreen darkgrey darkkhaki darkmagenta darkolivegreen darkorange darkorchid darkred darksalmon darkseagreen darkslateblue darkslategray darkturquoise darkviolet deeppink deepskyblue dimgray dodgerblue firebrick floralwhite forestgreen fuchsia gainsboro ghostwhite gold goldenrod gray green greenyellow grey honeydew hotpink indianred indigo ivory khaki lavender lawngreen lemonchiffon lightblue lightcoral lightcyan lightgray lightgreen lightgrey lightpink lightsalmon lightseagreen lightskyblue lightslategray lightsteelblue lightyellow lime limegreen linen magenta maroon mediumblue mediumorchid mediumpurple mediumseagreen mediumslateblue mediumspringgreen mediumturquoise mediumvioletred midnightblue mintcream mistyrose moccasin navajowhite navy oldlace olive olivedrab orange orangered orchid palegoldenrod palegreen paleturquoise palevioletred papayawhip peachpuff peru pink plum powderblue purple rebeccapurple red rosybrown royalblue saddlebrown salmon sandybrown seagreen seashell sienna silver skyblue slateblue slategray snow springgreen steelblue tan teal thistle tomato turquoise violet wheat white whitesmoke yellow yellowgreen';
const named = new RegExp(`(?<![\\w-])(?:${names.replaceAll(' ', '|')})(?![\\w-])`, 'i');
const raw: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['colour', /#[\da-f]{3,8}\b|\b(?:rgb|hsl|hwb|lab|lch|oklab|oklch|color)a?\(/i],
  ['colour', named],
  // 0 of anything is nothing; ch, fr, % and units of the window say a relation, not a size.
  ['size', /(?<![\w-])-?(?!0+(?:\.0+)?(?:px|rem|em|pt))\d*\.?\d+(?:px|rem|em|pt|cm|mm|in|ex)\b/i],
  ['duration', /(?<![\w-])(?!0+m?s\b)\d*\.?\d+m?s\b/i],
];

/** The declarations of a sheet (and the queries of its at-rules), each with the line on which it begins. */
function declarations(css: string): { readonly line: number; readonly name: string; readonly value: string }[] {
  const found: { line: number; name: string; value: string }[] = [];
  let [buffer, line, start] = ['', 1, 1];
  let quote = '';
  for (const char of withoutComments(css)) {
    if (buffer.trim() === '') start = line;
    if (char === '\n') line += 1;
    if (quote ? char === quote : char === '"' || char === "'") quote = quote ? '' : char;
    if (quote !== '' || !'{};'.includes(char)) {
      buffer += char;
      continue;
    }
    const text = buffer.trim();
    const [, name = '', value = ''] = /^([\w-]+)\s*:([\s\S]*)$/.exec(text) ?? [];
    if (char === '{' && text.startsWith('@')) found.push({ line: start, name: '@', value: text });
    else if (char !== '{' && name !== '') found.push({ line: start, name, value });
    buffer = '';
  }
  return found;
}

const breakpoints = /\b(?:30|40|64|80)rem\b/g;

/** Raw values in a sheet, as `line: what "value"`. Breakpoints are exempt, and offsets in the letter's own unit. */
function rawValues(css: string): string[] {
  return declarations(css).flatMap(({ line, name, value }) => {
    let plain = value.replace(/var\(\s*--[\w-]+|(['"]).*?\1|url\([^)]*\)/g, '');
    if (name === '@') plain = plain.replace(breakpoints, '');
    // A colour that is made of another one brings none of its own.
    plain = plain.replace(/\boklch\(from (?=var\(|currentcolor\b|\))/g, 'from(');
    if (name === 'text-underline-offset') plain = plain.replace(/0\.\d+em/, '');
    return raw.flatMap(([what, pattern]) => {
      const found = pattern.exec(plain)?.[0];
      return found === undefined ? [] : [`${line}: ${what} "${found}"`];
    });
  });
}

test('style sheets take every colour, size and duration from the tokens', () => {
  const offences = sheets()
    .filter((file) => file !== tokensFile)
    .flatMap((file) => rawValues(readFileSync(join(root, file), 'utf8')).map((offence) => `${file}:${offence}`));
  expect(offences).toEqual([]);
});

test.each([
  ['a {\n  color: #fff;\n}', ['2: colour "#fff"']],
  ['a { color: red; margin: 4px }', ['1: colour "red"', '1: size "4px"']],
  ['a {\n  border: var(--mb-size-hairline) solid rgb(0 0 0 / 10%);\n}', ['2: colour "rgb("']],
  ['a {\n  transition:\n    color 200ms ease,\n    margin 0s;\n}', ['2: duration "200ms"']],
  ['a {\n  padding: 0 calc(var(--mb-space-2) + 0.5rem) 50% 2fr;\n}', ['2: size "0.5rem"']],
  ['.gray:hover,\n#fff {\n  color: currentColor;\n  width: 100%;\n  inline-size: 20ch;\n}', []],
  ['@media (width >= 64rem) {\n}\n@media (width >= 50rem) {\n}', ['3: size "50rem"']],
  ['/* 4px #fff */\na::after {\n  content: "4px red";\n}', []],
])('the check finds %j', (css, offences) => {
  expect(rawValues(css)).toEqual(offences);
});

test('every token that a sheet or a script names exists', () => {
  const defined = new Set([...tokens.matchAll(/(--mb-[\w-]+)\s*:/g)].map((match) => match[1]));
  const missing = sheets().flatMap((file) => {
    const css = withoutComments(readFileSync(join(root, file), 'utf8'));
    const own = new Set([...css.matchAll(/(--mb-[\w-]+)\s*:/g)].map((match) => match[1]));
    return [...css.matchAll(/var\(\s*(--mb-[\w-]+)/g)]
      .map((match) => match[1])
      .filter((name) => !defined.has(name) && !own.has(name))
      .map((name) => `${file}: ${name}`);
  });
  expect(missing).toEqual([]);
});

type Scheme = 'light' | 'dark';
function colour(name: string, scheme: Scheme): readonly [number, number, number] {
  const value = new RegExp(`--mb-color-${name}:\\s*([^;]+);`).exec(tokens)?.[1] ?? '';
  const other = /^var\(--mb-color-([\w-]+)\)$/.exec(value)?.[1];
  if (other !== undefined) return colour(other, scheme);
  const pair = /^light-dark\(#([\da-f]{6}), #([\da-f]{6})\)$/.exec(value);
  if (!pair) throw new Error(`--mb-color-${name}: expected light-dark(#…, #…), found "${value}"`);
  const hex = Number.parseInt(pair[scheme === 'light' ? 1 : 2]!, 16);
  return [hex >> 16, (hex >> 8) & 255, hex & 255];
}
function luminance(rgb: readonly [number, number, number]): number {
  const [r, g, b] = rgb.map((part) =>
    part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4,
  ) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function contrast(front: string, back: string, scheme: Scheme): number {
  const [a, b] = [luminance(colour(front, scheme)), luminance(colour(back, scheme))];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

const surfaces = ['bg', 'surface', 'surface-raised', 'surface-sunken', 'surface-hover', 'surface-active'];
const states = ['success', 'warning', 'danger', 'info'];
const readable: readonly (readonly [front: string, back: string])[] = [
  ...['text', 'text-muted', 'text-subtle'].flatMap((text) => surfaces.map((surface) => [text, surface] as const)),
  ...['accent-text', ...states].flatMap((text) =>
    ['bg', 'surface', 'surface-raised', 'surface-hover'].map((surface) => [text, surface] as const),
  ),
  ...['accent-soft', 'accent-soft-hover'].flatMap(
    (back) =>
      [
        ['accent-text', back],
        ['text', back],
        ['text-muted', back],
      ] as const,
  ),
  ...['accent', 'accent-hover', 'accent-active'].map((back) => ['on-accent', back] as const),
  ...states.flatMap(
    (state) =>
      [
        [state, `${state}-soft`],
        ['text', `${state}-soft`],
        ['on-solid', `${state}-solid`],
      ] as const,
  ),
  ['on-solid', 'danger-solid-hover'],
  ['bubble-own-text', 'bubble-own'],
  ['bubble-own-meta', 'bubble-own'],
  ['bubble-other-text', 'bubble-other'],
  ['text-muted', 'bubble-other'],
  ['bubble-hidden-text', 'bubble-hidden'],
  ...[1, 2, 3, 4, 5, 6].map((tint) => [`avatar-${tint}-text`, `avatar-${tint}`] as const),
  ['text', 'selection'],
];
const visible: readonly (readonly [front: string, back: string])[] = [
  ...['border-control', 'focus', 'accent-text', 'online', 'away', 'offline'].flatMap((front) =>
    ['surface', 'bg'].map((back) => [front, back] as const),
  ),
  ['accent', 'surface'],
];

test.each(['light', 'dark'] as const)('text reaches 4.5:1 and what can be operated 3:1 in the %s scheme', (scheme) => {
  const low = (pairs: typeof readable, least: number) =>
    pairs
      .filter(([front, back]) => contrast(front, back, scheme) < least)
      .map(([front, back]) => `${front} on ${back}: ${contrast(front, back, scheme).toFixed(2)}`);
  expect(low(readable, 4.5)).toEqual([]);
  expect(low(visible, 3)).toEqual([]);
});
