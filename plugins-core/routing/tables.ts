import { defineTable } from '../database/api.ts';

/** How the conversations of one group find their operator, where that differs from the setting. */
export const rule = defineTable('routing_rule', (c) => ({ groupId: c.ref().notNull(), mode: c.key(16).notNull() }), {
  primary: ['groupId'],
});

/** How many conversations one operator is given at a time, where that differs from the setting. */
export const limit = defineTable('routing_limit', (c) => ({ operatorId: c.ref().notNull(), most: c.int().notNull() }), {
  primary: ['operatorId'],
});
