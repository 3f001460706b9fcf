/** For tests only: lets SQLite answer before the disk has anything, so that a test can be seen to notice. */
import { sql } from 'drizzle-orm';
import { definePlugin } from 'mibew/kernel';
import { db } from 'mibew/plugins/database';

export default definePlugin({
  id: 'haste',
  needs: { db },
  async setup(ctx) {
    await ctx.use.db.rows(sql`pragma synchronous = off`);
  },
});
