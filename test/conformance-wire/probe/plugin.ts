/** Calls functions at clients when a test asks for it, and keeps what comes back: RPC spec section 8. */
import { definePlugin, open } from 'mibew/kernel';
import { threadProcessor } from 'mibew/plugins/chat';
import { defineRpc, rpc, RpcError, rpcService, type ClientCall } from 'mibew/plugins/rpc';
import { usersProcessor } from 'mibew/plugins/users';
import * as v from 'valibot';

interface Asked {
  readonly processor: string;
  readonly keys: readonly string[];
  readonly calls: readonly ClientCall[];
  readonly callback?: { readonly function: string; readonly arguments: Readonly<Record<string, unknown>> };
}

const heardFunction = { input: v.looseObject({}), output: v.object({}) };

export default definePlugin({
  id: 'probe',
  needs: { rpc: rpcService },
  setup(ctx) {
    const heard: unknown[] = [];
    const hear = (args: unknown) => {
      heard.push(args);
      return {};
    };
    ctx.contribute(rpc(defineRpc(threadProcessor, { probeHeard: heardFunction }), { probeHeard: hear }));
    ctx.contribute(rpc(defineRpc(usersProcessor, { probeHeard: heardFunction }), { probeHeard: hear }));
    ctx.route({
      name: 'call',
      method: 'POST',
      path: '/call',
      access: open,
      async handler(context) {
        const { processor, keys, calls, callback } = await context.req.json<Asked>();
        try {
          await ctx.use.rpc.call(processor, keys, calls, callback);
          return context.json({ errorCode: 0 });
        } catch (error) {
          if (!(error instanceof RpcError)) throw error;
          return context.json({ errorCode: error.errorCode });
        }
      },
    });
    ctx.route({ name: 'heard', method: 'GET', path: '/heard', access: open, handler: (c) => c.json(heard) });
  },
});
