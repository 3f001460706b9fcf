import { defineTable, type Row } from '../database/api.ts';

/** A field that administrators added to the survey. */
export const field = defineTable(
  'survey_field',
  (c) => ({
    id: c.id(),
    /** Name of the argument, in lower case. */
    name: c.key(32).notNull(),
    kind: c.str(16).notNull(),
    label: c.str(200).notNull(),
    /** Language → label, where it differs. */
    labels: c.json<Readonly<Record<string, string>>>().notNull(),
    required: c.bool().notNull(),
    maxLength: c.int().notNull(),
    /** Of a choice. */
    options: c.json<readonly string[]>().notNull(),
    /** Smaller comes first. */
    weight: c.int().notNull(),
  }),
  { unique: { name: ['name'] } },
);

export type FieldRow = Row<typeof field>;
