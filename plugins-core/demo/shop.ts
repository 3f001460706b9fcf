/**
 * The shop: a page as a stranger's site would have it, with the launcher on it. It has the strict policy that the product
 * asks of a host page, and no more: what works here works there.
 */
import { randomBytes } from 'node:crypto';
import type { Context } from 'hono';
import type { Kernel } from '../../kernel/index.ts';
import type { LocalesService } from '../locales/api.ts';
import type { ViewsService } from '../views/api.ts';

const products = [
  { id: 'mug', price: 24, badge: 'new' },
  { id: 'lamp', price: 89 },
  { id: 'blanket', price: 120, badge: 'last' },
  { id: 'vase', price: 46 },
  { id: 'chair', price: 265 },
  { id: 'candle', price: 18 },
] as const;
const questions = ['delivery', 'returns', 'repair'] as const;

export interface ShopNeeds {
  readonly kernel: Pick<Kernel, 'config' | 'facts'>;
  readonly locales: Pick<LocalesService, 'of' | 'info'>;
  readonly views: Pick<ViewsService, 'render'>;
}

export function createShop({ kernel, locales, views }: ShopNeeds) {
  return async (context: Context): Promise<Response> => {
    const { base } = kernel.config;
    const { origin } = kernel.facts(context);
    const locale = locales.of(context);
    const nonce = randomBytes(16).toString('base64url');
    const price = new Intl.NumberFormat(locale, { style: 'currency', currency: 'EUR', maximumFractionDigits: 0 });
    const html = await views.render(
      'demo/shop',
      {
        lang: locale,
        dir: locales.info(locale).rtl ? 'rtl' : 'ltr',
        nonce,
        // Whoever asked for a language asked for the whole page; else the launcher finds it as the page did.
        launcher: `${base}/mibew.js${context.req.query('locale') ? `?locale=${locale}` : ''}`,
        chat: `${base}/chat`,
        operator: `${base}/operator`,
        products: products.map((product) => ({
          id: product.id,
          image: `demo/${product.id}.svg`,
          name: `demo.product.${product.id}`,
          text: `demo.product.${product.id}.text`,
          price: price.format(product.price),
          ...('badge' in product && { badge: `demo.badge.${product.badge}` }),
        })),
        questions: questions.map((id) => ({ question: `demo.question.${id}`, answer: `demo.question.${id}.answer` })),
      },
      locale,
    );
    const socket = origin.replace(/^http/, 'ws');
    const policy = [
      "default-src 'none'",
      `script-src 'nonce-${nonce}'`,
      "style-src 'self'",
      `connect-src ${origin} ${socket}`,
      `img-src ${origin}`,
      `media-src ${origin}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ];
    return context.html(html, 200, {
      'content-security-policy': policy.join('; '),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'strict-origin-when-cross-origin',
    });
  };
}
