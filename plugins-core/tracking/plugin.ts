import { join } from 'node:path';
import * as v from 'valibot';
import { definePlugin } from '../../kernel/plugin.ts';
import { kernel, optional } from '../../kernel/tokens.ts';
import {
  chatOptions,
  createRate,
  type Rate,
  threadChanged,
  threadClosed,
  threads,
  visitorComing,
  visitorReady,
  visitors as chatVisitors,
} from '../chat/api.ts';
import { cluster } from '../cluster/api.ts';
import { db, tables } from '../database/api.ts';
import { job } from '../jobs/api.ts';
import { locales, localesService } from '../locales/api.ts';
import { attempts, operators } from '../operators/api.ts';
import { realtime } from '../realtime/api.ts';
import { rpc, type CarrierSession } from '../rpc/api.ts';
import { settings, settingsChanged, settingsPage } from '../settings/api.ts';
import { threadLog } from '../thread-log/api.ts';
import { usersOptions } from '../users/api.ts';
import { clientModule, defineView, views, viewsService } from '../views/api.ts';
import { launcherPart, widget, widgetContacted } from '../widget/api.ts';
import * as api from './api.ts';
import { boardViews, codeLink, visitorBoard } from './board.ts';
import { createListings } from './listing.ts';
import { createContact, historyEach } from './contact.ts';
import { createGeo } from './geo.ts';
import { createKept } from './kept.ts';
import type { Known } from './known.ts';
import { createLinks } from './links.ts';
import { createNews } from './news.ts';
import { trailRoutes } from './pages.ts';
import { createPush } from './push.ts';
import { createFunctions } from './rpc.ts';
import { createTracking, pagesTopic } from './service.ts';
import { trackingSettings } from './settings.ts';
import { event, page, visitor } from './tables.ts';
import { createTrail } from './trail.ts';
import { createUpkeep } from './upkeep.ts';
import { createVisitors } from './visitors.ts';
import { createWriter } from './writer.ts';

const config = v.object({
  /** Visitors in memory at most; further ones are not followed. */
  visitors: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 100_000),
});
const minute = 60;
/** Milliseconds between two looks at who is not here any more. */
const sweeping = 5_000;
/** Hears what others ask of a visitor who comes before his secret is taken away. */
const last = 100;

export default definePlugin({
  id: 'tracking',
  config: { schema: config },
  needs: {
    kernel,
    cluster,
    db,
    settings,
    locales: localesService,
    views: viewsService,
    attempts,
    operators,
    realtime,
    threads,
    chatters: chatVisitors,
    widget,
    log: optional(threadLog),
  },
  provides: [api.tracking],
  contributes: [
    tables([visitor, page, event]),
    settingsPage(trackingSettings),
    locales('locales/'),
    locales('client/locales/'),
    views([defineView('tracking/trail', { version: 1, side: 'server' }), ...boardViews]),
    clientModule(visitorBoard),
  ],
  async setup(ctx) {
    const { use } = ctx;
    const values = use.settings.of(trackingSettings);
    const now = () => Date.now();
    const failed = (message: string) => (error: unknown) => ctx.log.warn({ err: error }, message);

    const geo = createGeo((error, path) =>
      ctx.log.error({ err: error, path }, 'the file of places cannot be read: places are not looked up'),
    );
    await geo.use(values.tracking_geoip);
    ctx.on(settingsChanged, ({ keys }) =>
      keys.includes('tracking_geoip') ? geo.use(values.tracking_geoip) : undefined,
    );

    const kept = createKept(use.db);
    const visitors = createVisitors({
      kept,
      most: ctx.config.visitors,
      loaded: (known) => links.loaded(known),
      now,
    });
    const guest = () => use.locales.text(use.locales.home, 'tracking.guest');
    const listings = createListings({
      visitors,
      limit: () => values.visitors_limit,
      guest,
      load: (operator) => ctx.call(api.visitorsLoaded, { operator }),
      listed: (rows, about) => ctx.call(api.visitorsListed, rows, about),
      now,
    });
    const push = createPush({ ...use, listings, failed: failed('the visitor board could not be pushed') });
    await ctx.effect(() => () => push.stop(), 'push of the visitor board');
    const changed = (known: Known) => push.changed(known);

    const news = createNews({
      ...use,
      visitors,
      idle: (known) => writer.idle(known),
      changed,
      failed: failed('changes of other nodes could not be read'),
    });
    await ctx.effect(() => news.follow(), 'news of other nodes');
    const writer = createWriter({
      write: (batch) => kept.write(batch),
      written: (about) => news.tell(about),
      failed: failed('visitors could not be stored; it is tried again'),
    });
    await ctx.effect(() => () => writer.flush(), 'store what is new');

    const linked = (known: Known) => {
      changed(known);
      news.tell([known]);
    };
    const tracking = createTracking({ ...use, visitors, writer, kept, linked, now });
    ctx.provide(api.tracking, tracking);
    const links = createLinks({
      ...use,
      visitors,
      tracking,
      invited: ({ id, invited }) => kept.link(id, { invited }),
      changed,
    });
    ctx.on(visitorComing, (input, { visitor: chatter }) => links.coming(input, chatter), { stage: last });
    ctx.on(visitorReady, async (thread) => void (await links.ready(thread)));
    ctx.on(threadChanged, ({ thread }) => links.threadChanged(thread));
    ctx.on(threadClosed, (thread) => links.threadClosed(thread));

    /** Of IPv6 one customer has more addresses than there are visitors. */
    const byNetwork = (rate: Rate): Rate => ({
      take: (address) => rate.take(use.attempts.network(address)),
      giveBack: (address) => rate.giveBack(use.attempts.network(address)),
    });
    /** Which visitor a connection is subscribed to. */
    const followed = new WeakMap<CarrierSession, number>();
    const contact = createContact({
      visitors,
      writer,
      settings: values,
      geo,
      newcomers: byNetwork(createRate(() => values.tracking_newcomers / minute, minute)),
      history: byNetwork(createRate(() => (values.tracking_newcomers * historyEach) / minute, minute)),
      changed,
      listens({ id }, session) {
        const before = followed.get(session);
        if (before === id) return;
        if (before !== undefined) session.unsubscribe(pagesTopic(before));
        followed.set(session, id);
        session.subscribe(pagesTopic(id));
      },
      created: (one) => void ctx.call(api.visitorCreated, one),
      tracked: (about) => ctx.call(api.visitorTracked, about),
      answered: (response, about) => ctx.call(api.widgetAnswered, response, about),
      failed: failed('a visitor could not be looked up; his page asks again'),
      full: () => ctx.log.warn({ visitors: visitors.size }, 'there is no room for further visitors in memory'),
      now,
    });
    ctx.on(widgetContacted, contact);
    ctx.contribute(
      launcherPart({
        name: 'tracking',
        entry: join(ctx.plugin.root, 'client/page/part.ts'),
        facts: () => ({
          poll: values.updatefrequency_tracking,
          consent: values.tracking_consent,
          dnt: values.tracking_respect_dnt,
        }),
      }),
    );
    await ctx.effect(() => () => use.widget.stop(), 'tell open pages to stop');

    const upkeep = createUpkeep({
      ...use,
      visitors,
      writer,
      kept,
      tracking,
      settings: values,
      changed,
      deleted: (ids) => void ctx.call(api.visitorsDeleted, ids),
      now,
    });
    await ctx.effect(() => {
      const timer = setInterval(upkeep.sweep, sweeping);
      return () => clearInterval(timer);
    }, 'notice who left');
    ctx.contribute(job({ name: 'tracking.clean', every: 60_000, run: upkeep.clean }));

    const trail = createTrail({
      ...use,
      tracking,
      ofVisitor: (id) => visitors.byVisitor(id),
      isRecent: ({ lastTime }) => now() - lastTime <= values.tracking_lifetime * 1000,
    });
    ctx.contribute(rpc(api.trackingRpc, createFunctions({ listings, push, trail })));
    for (const route of trailRoutes({ ...use, trail, addresses: ctx })) ctx.route(route);
    const trackedLink = () => ctx.url('userTrack');
    ctx.on(usersOptions, (options, { operator }) => ({
      ...options,
      showVisitors: true,
      trackedLink: trackedLink(),
      guestName: guest(),
      codeLink: codeLink(ctx, operator),
    }));
    ctx.on(chatOptions, (options, { thread, side }) => {
      if (side !== 'agent') return undefined;
      const tracked = `${trackedLink()}?thread=${thread.id}`;
      return { ...options, links: { ...(options['links'] as object | undefined), tracked } };
    });
  },
});
