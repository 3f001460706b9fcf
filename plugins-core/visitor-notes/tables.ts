import { defineTable, type Row } from '../database/api.ts';

/** What operators keep about a visitor. */
export const note = defineTable(
  'visitor_notes_note',
  (c) => ({
    id: c.id(),
    /** Public id of the visitor. */
    userId: c.key(32).notNull(),
    text: c.str(2000).notNull(),
    operatorId: c.ref().notNull(),
    /** His name when he wrote it: he may be gone by the time it is read. */
    operatorName: c.str(64).notNull(),
    createdAt: c.time().notNull(),
    /** 0: never changed. */
    changedAt: c.time().notNull().default(0),
  }),
  { index: { visitor: ['userId', 'id'], pace: ['operatorId', 'createdAt'] } },
);
export type NoteRow = Row<typeof note>;
