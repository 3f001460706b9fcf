/** The command line: collects commands, runs them, and lets a second process run them in this one. */
import { commands, definePlugin, kernel } from '../../kernel/index.ts';
import { commandLine } from './api.ts';
import { createBook } from './book.ts';
import { ownCommands } from './commands.ts';
import { serveCommands } from './socket.ts';

export default definePlugin({
  id: 'console',
  needs: { kernel },
  provides: [commandLine],
  async setup(ctx) {
    const book = createBook();
    book.add(ownCommands(ctx.use.kernel, book.list));
    await ctx.collect(commands, (list) => book.add(list));
    ctx.provide(commandLine, {
      run: book.run,
      serve: () => ctx.effect(() => serveCommands(ctx.use.kernel.config.data, book), 'socket of the command line'),
    });
  },
});
