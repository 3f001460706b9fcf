import { defineTable, type Row } from '../database/api.ts';

export const ban = defineTable(
  'bans_ban',
  (c) => ({
    id: c.id(),
    /** What is banned, written in one way: a range, or `visitor:` and a public id. One ban each. */
    target: c.key(96).notNull(),
    comment: c.str(255).notNull(),
    createdAt: c.time().notNull(),
    till: c.time().notNull(),
    createdBy: c.ref().notNull(),
  }),
  { unique: { target: ['target'] }, index: { till: ['till'] } },
);
export type BanRow = Row<typeof ban>;
