/** The code that puts the chat on a page. Widget spec section 1, as far as it does something here. */

import type { CodeChoice, CodeKind, PageCode } from './api.ts';

export interface CodeOptions extends CodeChoice {
  /** What stands before `/chat`: the host and its base path, or the path alone. */
  readonly base: string;
  /** Name of the image, as `/b` knows it. */
  readonly image: string;
  /** Language of the image; where no locale is chosen, that of the house. */
  readonly imageLocale: string;
  /** In a window of its own, without any script. */
  readonly apart: boolean;
  /** How the button looks and when visitors are followed: options of the launcher, by the names of their attributes. */
  readonly looks?: Readonly<Record<string, string | undefined>>;
  readonly words: { readonly caption: string; readonly code: string; readonly go: string };
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

export function codeOf({
  kind,
  base,
  image,
  imageLocale,
  locale,
  group,
  apart,
  looks = {},
  words,
}: CodeOptions): PageCode {
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
          ...Object.entries(looks).flatMap(([name, value]): [string, string][] =>
            value === undefined ? [] : [[`data-${name}`, value]],
          ),
        ];
  return { markup: markups[kind], script };
}

/** What is to be copied. @param nonce with a place for the nonce of a strict policy */
export function textOf({ markup, script }: PageCode, kind: CodeKind, nonce: boolean): string {
  const attributes = [...(script ?? []), ...(nonce ? ([['nonce', noncePlace]] as const) : [])];
  const written = attributes.map(([name, value]) => `${name}="${escape(value)}"`).join(' ');
  const lines = [markup, script && `<script ${written} async></script>`].filter(Boolean);
  return kind === 'script'
    ? lines.join('\n')
    : [`<!-- mibew ${names[kind]} -->`, ...lines, `<!-- / mibew ${names[kind]} -->`].join('\n');
}
