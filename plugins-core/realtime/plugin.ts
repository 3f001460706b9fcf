import * as v from 'valibot';
import { definePlugin } from '../../kernel/plugin.ts';
import { stopping } from '../../kernel/tokens.ts';
import { operatorLoggedOut } from '../operators/api.ts';
import { rpcService } from '../rpc/api.ts';
import { closeCodes, realtime } from './api.ts';
import { createSockets } from './sockets.ts';

const config = v.object({
  /** Seconds between two pings; what shows no sign of life for twice as long is cut off. */
  heartbeat: v.optional(v.pipe(v.number(), v.minValue(1)), 10),
  /** Milliseconds within which hello has to come. */
  hello: v.optional(v.pipe(v.number(), v.minValue(1)), 10_000),
  /** Bytes that may wait for a slow reader. */
  unread: v.optional(v.pipe(v.number(), v.minValue(1)), 1024 * 1024),
  /** Sockets per address that have not said hello. */
  strangers: v.optional(v.pipe(v.number(), v.minValue(1)), 64),
  /** Streams per address; further ones are answered and end. */
  streams: v.optional(v.pipe(v.number(), v.minValue(0)), 256),
});

export default definePlugin({
  id: 'realtime',
  config: { schema: config },
  needs: { rpc: rpcService },
  provides: [realtime],
  async setup(ctx) {
    const { heartbeat, hello, unread, strangers, streams } = ctx.config;
    const sockets = createSockets({
      rpc: ctx.use.rpc,
      limits: { heartbeat, hello, unread },
      strangersAtMost: strangers,
      streamsAtMost: streams,
      failed: (error) => ctx.log.error({ error }, 'a socket failed'),
    });
    ctx.provide(realtime, sockets.service);

    await ctx.effect(() => () => sockets.stop(), 'sockets');
    await ctx.effect(() => {
      const timer = setInterval(() => sockets.beat(), heartbeat * 1_000);
      return () => clearInterval(timer);
    }, 'heartbeat');
    // While the plugins behind the packages are still there.
    ctx.on(stopping, () => sockets.stop());
    ctx.on(operatorLoggedOut, ({ sessionId }) =>
      sockets.service.close(`operator-session:${sessionId}`, closeCodes.refused, 'logged out'),
    );
  },
});
