/** Moments at which a server may be killed. */
export const moments = ['before-commit', 'after-commit', 'between-answer-and-push'] as const;
export type Moment = (typeof moments)[number];
