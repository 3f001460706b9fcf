/** What visitors, pages and places are called. */
import type { Ui } from '../../../client/client/index.ts';
import type { WireVisitor } from '../../api.ts';

/** Only these are made links: what a page calls itself may be anything. */
export function linkOf(address: string): string | undefined {
  try {
    const url = new URL(address);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : undefined;
  } catch {
    return undefined;
  }
}
/** `https://shop.example/cart?x=1` → `shop.example/cart?x=1` */
export const shortAddress = (address: string): string =>
  address.replace(/^https?:\/\/(www\.)?/i, '').replace(/\/$/, '');
/** `Chrome 120.0.0.0` → `Chrome 120` */
export const shortBrowser = (browser: string): string => browser.replace(/ (\d+)\.[\d.]*$/, ' $1');
/** The end of the public id, which differs most: enough to tell two strangers apart. */
const shortId = (userId: string): string => userId.replaceAll(/[^\p{L}\p{N}]/gu, '').slice(-5);

/** @param guest what the server calls somebody without a name */
export function createWords(ui: Ui, guest: unknown) {
  let regions: Intl.DisplayNames | undefined;
  try {
    regions = new Intl.DisplayNames(ui.locale, { type: 'region', fallback: 'code' });
  } catch {
    // A pseudo-locale: codes say it, too.
  }
  function country(code: string): string {
    try {
      return code === '' ? '' : (regions?.of(code) ?? code);
    } catch {
      return code;
    }
  }
  return {
    /** Strangers are told apart by their ids. */
    name({ userName, userId }: WireVisitor): string {
      const name = userName.trim();
      return name === '' || name === guest ? ui.text('tracking.board.guest', { id: shortId(userId) }) : name;
    },
    country,
    place: ({ city, country: code }: WireVisitor): string => [city, country(code)].filter(Boolean).join(', '),
    /** The page that he looks at. */
    page: ({ title, page }: WireVisitor): string => title.trim() || shortAddress(page),
  };
}

export type Words = ReturnType<typeof createWords>;
