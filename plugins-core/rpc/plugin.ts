import * as v from 'valibot';
import { definePlugin } from '../../kernel/plugin.ts';
import { kernel } from '../../kernel/tokens.ts';
import { cluster } from '../cluster/api.ts';
import { db, tables } from '../database/api.ts';
import { job } from '../jobs/api.ts';
import {
  functionCalled,
  functionFailed,
  packageReceived,
  packageRefused,
  processors,
  rpcFunctions,
  rpcService,
} from './api.ts';
import { createCallbacks, databaseCallbacks } from './callbacks.ts';
import { createExecutor } from './executor.ts';
import { createNews } from './news.ts';
import { createRates } from './rates.ts';
import { type AnySpec, createRegistry } from './registry.ts';
import { createService } from './service.ts';
import { storedCallback, waitingCall } from './tables.ts';
import { createWaiting, databaseWaiting } from './waiting.ts';

/** Packages of one caller; a client sends one every two seconds, and one for each thing that somebody does. */
const config = v.object({
  /** Packages per second that one caller may keep up. */
  packagesPerSecond: v.optional(v.pipe(v.number(), v.minValue(1)), 300),
  /** Packages that one caller may send at once, after a pause. */
  packagesAtOnce: v.optional(v.pipe(v.number(), v.minValue(1)), 1000),
});
/** Calls that nobody fetched within a day are forgotten. */
const keptFor = 24 * 3_600_000;

export default definePlugin({
  id: 'rpc',
  config: { schema: config },
  needs: { kernel, db, cluster },
  provides: [rpcService],
  contributes: [tables([waitingCall, storedCallback])],
  async setup(ctx) {
    const { bus } = ctx.use.cluster;
    const registry = createRegistry();
    const rates = createRates();
    const waitingNews = createNews(bus, 'rpc.waiting');
    const callbackNews = createNews(bus, 'rpc.callback');
    await ctx.effect(() => () => [waitingNews, callbackNews].forEach((news) => news.stop()), 'news of calls');
    const waitingStore = databaseWaiting(ctx.use.db);
    const waiting = createWaiting(waitingStore, waitingNews);
    const callbacks = createCallbacks(databaseCallbacks(ctx.use.db), callbackNews);
    await Promise.all([waiting.load(), callbacks.load()]);

    const failed = (about: { processor: string; function: string; error: unknown }) => {
      ctx.log.error(about, 'a function failed');
      void ctx.call(functionFailed, about);
    };
    const executor = createExecutor({
      find: registry.find,
      rates,
      called: (results, about) => ctx.call(functionCalled, results, about),
      failed,
      buffered: (keys) => waiting.take(keys),
      expects: (processor, token) => callbacks.expects(processor, token),
      callback: (processor, token) => callbacks.take(processor, token),
    });
    const service = createService({
      registry,
      executor,
      rates,
      waiting,
      callbacks,
      rate: { perSecond: ctx.config.packagesPerSecond, burst: ctx.config.packagesAtOnce },
      facts: (context) => ctx.use.kernel.facts(context),
      received: (pack, about) => ctx.call(packageReceived, pack, about),
      refused(about) {
        ctx.log.debug(about, 'a package was refused');
        void ctx.call(packageRefused, about);
      },
      failed: (error) => ctx.log.error({ error }, 'calls that wait could not be delivered'),
    });
    waitingNews.heard(service.arrived);
    ctx.provide(rpcService, service);

    await ctx.collect(processors, (spec) => {
      const undo = registry.addProcessor(spec as unknown as AnySpec);
      return () => {
        undo();
        service.drop(spec.processor['name']);
      };
    });
    await ctx.collect(rpcFunctions, registry.addFunctions);
    ctx.contribute(
      job({
        name: 'rpc.forget-calls',
        every: 600_000,
        async run() {
          await callbacks.expire(Date.now());
          await waitingStore.forgetBefore(Date.now() - keptFor);
        },
      }),
    );
  },
});
