/** Coded refusals: a page for browsers, JSON for everybody else. */
import type { LocalesService } from '../locales/api.ts';
import type { ViewsService } from '../views/api.ts';
import type { OperatorsService } from './api.ts';

export const createRefuse =
  (views: Pick<ViewsService, 'error'>, locales: Pick<LocalesService, 'of' | 'text'>): OperatorsService['refuse'] =>
  async (context, status, code, message = locales.text(locales.of(context), `operators.refusal.${code}`)) => {
    const wantsPage = context.req.header('accept')?.includes('text/html') ?? false;
    return wantsPage ? views.error(context, status, code, message) : context.json({ error: { code, message } }, status);
  };
