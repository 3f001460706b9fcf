/** `mibew db generate` and `mibew db migrate`. */
import { sql } from 'drizzle-orm';
import type { Command } from '../../kernel/commands.ts';
import type { Kernel } from '../../kernel/plugin.ts';
import type { Database } from './api.ts';

export function databaseCommands(kernel: Kernel, database: Database): Command[] {
  return [
    {
      name: 'db generate',
      summary: 'Writes the next migration of a plugin from its tables.ts, for both dialects',
      args: {
        plugin: { type: 'positional', required: true, description: 'id of the plugin' },
        name: { type: 'string', description: 'what changes, in a word or two', default: 'change' },
      },
      async run({ args, ...call }) {
        const plugin = kernel.report().plugins.find(({ id }) => id === args['plugin']);
        if (!plugin) {
          call.print(`There is no plugin "${String(args['plugin'])}"; look at: mibew plugin list`);
          return 1;
        }
        // Brings drizzle-kit with it, which only authors have.
        const { generate } = await import('./generate.ts');
        const files = await generate(plugin.root, String(args['name']));
        call.print(files.length > 0 ? files.join('\n') : 'No table changed.');
        return 0;
      },
    },
    {
      name: 'db migrate',
      summary: 'Brings all tables up to date (a start does so too) and lists what is applied',
      async run(call) {
        const rows = await database.rows<{ plugin: string; name: string; done: number; total: number }>(
          sql`select plugin, name, done, total from database_migration order by plugin, name`,
        );
        for (const { plugin, name, done, total } of rows) {
          call.print(`${plugin.padEnd(14)} ${name}${done < total ? `  (half-applied: ${done} of ${total})` : ''}`);
        }
        return rows.some(({ done, total }) => done < total) ? 1 : 0;
      },
    },
  ];
}
