/** The code that puts the chat on a page. Widget spec section 1, as far as it does something here. */

export const codeKinds = ['script', 'button', 'text_link', 'operator_code'] as const;
export type CodeKind = (typeof codeKinds)[number];

export interface CodeOptions {
  readonly kind: CodeKind;
  /** What stands before `/chat`: the host and its base path, or the path alone. */
  readonly base: string;
  /** Name of the image, as `/b` knows it. */
  readonly image: string;
  readonly locale?: string;
  /** Language of the image; where no locale is chosen, that of the house. */
  readonly imageLocale: string;
  readonly group?: number;
  /** In a window of its own, without any script. */
  readonly apart: boolean;
  /** With a place for the nonce of a strict policy. */
  readonly nonce: boolean;
  readonly words: { readonly caption: string; readonly code: string; readonly go: string };
}
export interface Code {
  /** What is to be copied. */
  readonly text: string;
  /** Without the script element. */
  readonly markup: string;
  /** Attributes of the script element; undefined: it needs none. */
  readonly script: readonly (readonly [name: string, value: string])[] | undefined;
}

/** Stands in the code where the page puts its own nonce. */
export const noncePlace = 'YOUR-NONCE';

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escape = (text: string) => text.replaceAll(/[&<>"]/g, (char) => entities[char]!);
const names = { script: '', button: 'button', text_link: 'text link', operator_code: 'operator code field' } as const;

const query = (pairs: Readonly<Record<string, string | number | undefined>>): string => {
  const text = new URLSearchParams(
    Object.entries(pairs).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  ).toString();
  return text === '' ? '' : `?${text}`;
};

export function codeOf({ kind, base, image, imageLocale, locale, group, apart, nonce, words }: CodeOptions): Code {
  const chat = escape(`${base}/chat${query({ locale, group })}`);
  const link = (inner: string) =>
    `<a id="mibew-agent-button" href="${chat}" target="_blank" rel="noopener">${inner}</a>`;
  const picture = escape(`${base}/b${query({ i: image, lang: imageLocale, group })}`);
  const hidden = (name: string, value: string | number | undefined) =>
    value === undefined ? '' : `<input type="hidden" name="${name}" value="${escape(String(value))}">`;
  const markups = {
    script: '',
    button: link(`<img src="${picture}" alt="${escape(words.caption)}" border="0">`),
    text_link: link(escape(words.caption)),
    operator_code: [
      `<form id="mibew-operator-code-form" action="${escape(base)}/chat" method="get" target="_blank">`,
      `${hidden('locale', locale)}${hidden('group', group)}<label>${escape(words.code)} <input id="mibew-operator-code-field" name="operator_code" autocomplete="off" required></label>`,
      `<button type="submit">${escape(words.go)}</button>`,
      '</form>',
    ].join('\n'),
  } as const satisfies Record<CodeKind, string>;

  const script: [string, string][] | undefined =
    kind === 'operator_code' || (kind !== 'script' && apart)
      ? undefined
      : [
          ['src', `${base}/mibew.js`],
          ...(kind === 'script' ? [] : ([['data-button', 'none']] as [string, string][])),
          ...(locale === undefined ? [] : ([['data-locale', locale]] as [string, string][])),
          ...(group === undefined ? [] : ([['data-group', String(group)]] as [string, string][])),
        ];
  const attributes = [...(script ?? []), ...(nonce ? ([['nonce', noncePlace]] as const) : [])];
  const element =
    script && `<script ${attributes.map(([name, value]) => `${name}="${escape(value)}"`).join(' ')} async></script>`;
  const lines = [markups[kind], element].filter(Boolean);
  const text =
    kind === 'script'
      ? lines.join('\n')
      : [`<!-- mibew ${names[kind]} -->`, ...lines, `<!-- / mibew ${names[kind]} -->`].join('\n');
  return { text, markup: markups[kind], script };
}
