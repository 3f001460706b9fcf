import { defineTable, type Row } from '../database/api.ts';

export const operator = defineTable(
  'operators_operator',
  (c) => ({
    id: c.id(),
    login: c.str(64).notNull(),
    /** Lower case, so that both databases compare alike; the same for e-mail. */
    loginKey: c.str(64).notNull(),
    name: c.str(64).notNull(),
    commonName: c.str(64).notNull(),
    email: c.str(254).notNull(),
    emailKey: c.str(254).notNull(),
    passwordHash: c.key(255).notNull(),
    permissions: c.json<readonly string[]>().notNull(),
    disabled: c.bool().notNull().default(false),
    status: c.oneOf(['available', 'away', 'invisible']).notNull().default('available'),
    code: c.str(64).notNull().default(''),
    avatar: c.str(255).notNull().default(''),
    createdAt: c.time().notNull(),
    /** The last sign of him, written rarely; 0: he was never here. */
    lastSeenAt: c.time().notNull().default(0),
  }),
  { unique: { login: ['loginKey'], email: ['emailKey'] } },
);
export type OperatorRow = Row<typeof operator>;

export const session = defineTable(
  'operators_session',
  (c) => ({
    id: c.id(),
    operatorId: c.ref().notNull(),
    /** SHA-256 of the secret in the cookie; the secret itself is kept nowhere. */
    secretHash: c.key(64).notNull(),
    remember: c.bool().notNull(),
    createdAt: c.time().notNull(),
    lastSeenAt: c.time().notNull(),
    expiresAt: c.time().notNull(),
    address: c.str(64).notNull(),
    userAgent: c.str(255).notNull(),
  }),
  { unique: { secret: ['secretHash'] }, index: { operator: ['operatorId'], expires: ['expiresAt'] } },
);

/** One row that every change of who is an administrator locks first, so that two of them never count at the same time. */
export const guard = defineTable(
  'operators_guard',
  (c) => ({ name: c.key(32).notNull(), turns: c.ref().notNull().default(0) }),
  { primary: ['name'] },
);
