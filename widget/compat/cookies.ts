/** The original's helpers, for scripts of pages that use them. Widget spec section 2. */
import { thePage } from './page.ts';

interface Helpers {
  /** Shortest suffix of the host's name for which the browser takes cookies; `''` while unknown. */
  cookiesDomain: string;
  createCookie(name: string, value: string, expires?: Date): void;
  /** @returns false when there is none */
  readCookie(name: string): string | false;
  loadScript(url: string, id?: string): HTMLScriptElement;
  loadStyleSheet(url: string): void;
}

function write(name: string, value: string, domain: string, expires?: Date): void {
  const secure = location.protocol === 'https:' ? '; SameSite=None; Secure' : '';
  const until = expires ? `; expires=${expires.toUTCString()}` : '';
  document.cookie = `${name}=${encodeURIComponent(value)}; path=/${domain && `; domain=${domain}`}${until}${secure}`;
}
function read(name: string): string | false {
  for (const one of document.cookie.split(';')) {
    const [key, ...value] = one.trim().split('=');
    if (key !== name) continue;
    try {
      return decodeURIComponent(value.join('='));
    } catch {
      return value.join('=');
    }
  }
  return false;
}

/** Tries suffixes, the shortest first, and takes the first for which the browser keeps a cookie. */
function findDomain(): string {
  const labels = location.hostname.split('.');
  const probe = 'mibewCookieProbe';
  for (let length = 2; length <= labels.length; length++) {
    const domain = labels.slice(-length).join('.');
    write(probe, '1', domain);
    if (read(probe) === '1') {
      write(probe, '', domain, new Date(0));
      return domain;
    }
  }
  return '';
}

export function addHelpers(): void {
  const page = thePage();
  const helpers: Helpers = {
    cookiesDomain: '',
    createCookie(name, value, expires) {
      helpers.cookiesDomain = helpers.cookiesDomain || findDomain();
      write(name, value, helpers.cookiesDomain, expires);
    },
    readCookie: read,
    loadScript(url, id) {
      const script = document.createElement('script');
      script.src = url;
      if (id) script.id = id;
      return document.head.appendChild(script);
    },
    loadStyleSheet(url) {
      const link = document.createElement('link');
      link.rel = 'stylesheet';
      link.href = url;
      document.head.appendChild(link);
    },
  };
  page.Utils = page.Utils || helpers;
}
