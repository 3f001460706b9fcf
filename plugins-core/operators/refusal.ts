/** Coded refusals: a page for browsers, JSON for everybody else. */
import type { LocalesService } from '../locales/api.ts';
import type { ViewsService } from '../views/api.ts';
import type { OperatorsService } from './api.ts';

export const createRefuse =
  (views: Pick<ViewsService, 'page'>, locales: Pick<LocalesService, 'of' | 'text'>): OperatorsService['refuse'] =>
  async (context, status, code) => {
    const locale = locales.of(context);
    const message = locales.text(locale, `operators.refusal.${code}`);
    const wantsPage = context.req.header('accept')?.includes('text/html') ?? false;
    return wantsPage
      ? views.page(context, 'operators/refusal', { status, code, message }, { status })
      : context.json({ error: { code, message } }, status);
  };
