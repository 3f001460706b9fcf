import { defineTable, type Row } from '../database/api.ts';

/** A group of operators. Branding is that of the top level: a child uses its parent's. */
export const group = defineTable(
  'groups_group',
  (c) => ({
    id: c.id(),
    /** 0 for the top level. */
    parentId: c.ref().notNull().default(0),
    name: c.str(64).notNull(),
    /** Hash of the folded name, so that both databases compare alike. */
    nameKey: c.key(64).notNull(),
    commonName: c.str(64).notNull().default(''),
    description: c.str(1024).notNull().default(''),
    commonDescription: c.str(1024).notNull().default(''),
    email: c.str(254).notNull().default(''),
    weight: c.int().notNull().default(0),
    title: c.str(255).notNull().default(''),
    chatTitle: c.str(255).notNull().default(''),
    logo: c.str(255).notNull().default(''),
    hostUrl: c.str(255).notNull().default(''),
  }),
  { unique: { name: ['nameKey'] }, index: { parent: ['parentId'] } },
);
export type GroupRow = Row<typeof group>;

/** Who belongs to which group. */
export const member = defineTable(
  'groups_member',
  (c) => ({ groupId: c.ref().notNull(), operatorId: c.ref().notNull() }),
  { primary: ['groupId', 'operatorId'], index: { operator: ['operatorId'] } },
);
