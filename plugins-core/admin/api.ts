/** Administration: what plugins show on the dashboard. */
import { defineHook, definePoint } from '../../kernel/tokens.ts';
import type { Operator, OperatorSession } from '../operators/api.ts';

/** Something that administrators should know, e.g. that mail is not configured. */
export interface Notice {
  readonly kind: 'info' | 'warning' | 'danger';
  /** Locale key of the text. */
  readonly text: string;
  /** Route name of the page where it is cured. */
  readonly route?: string;
}
/**
 * Contributes a question asked whenever the dashboard is shown: undefined when there is nothing to say.
 *
 * @example
 * ctx.contribute(notice(async () => (configured() ? undefined : { kind: 'warning', text: 'mailer.notice.missing' })));
 */
export const notice = definePoint<() => Notice | undefined | Promise<Notice | undefined>>('admin.notice');

/** A number on the dashboard. */
export interface Figure {
  /** Locale key. */
  readonly label: string;
  /** Route name of the page that tells more. */
  readonly route?: string;
  /** Smaller comes first. */
  readonly weight: number;
  readonly permission?: string;
  /** Undefined leaves the figure out: there is nothing to tell. */
  value(session: OperatorSession): number | undefined | Promise<number | undefined>;
}
/** Contributes a number to the dashboard. */
export const figure = definePoint<Figure>('admin.figure');

/** Somebody who is there, as the dashboard says it. */
export interface Present {
  readonly id: number;
  readonly name: string;
  /** Address of his picture; `''` for none. */
  readonly avatar: string;
  readonly away: boolean;
}
/**
 * Who is there, before the dashboard tells it to this operator: listeners take away whom he is not to know of.
 *
 * @example ctx.on(presentShown, (list, { operator }) => list.filter(({ id }) => isColleague(operator, id)))
 */
export const presentShown = defineHook.filter<readonly Present[], [{ readonly operator: Operator }]>(
  'admin.present.shown',
);
