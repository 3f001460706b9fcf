/** Routes: a table of our own, from which a Hono app is built anew after each change and swapped in one assignment. */
import { Hono, type Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { Logger as Pino } from 'pino';
import { asPluginError, describeError, PluginError, reasonOf, type ErrorCode } from './errors.ts';
import type { InFlight } from './flight.ts';
import { bySpecificity, fillPattern, normalise } from './pattern.ts';
import { missing, type AccessQuestion, type Method, type RouteParams, type RouteSpec } from './plugin.ts';

/** `path` is the whole one, but for the base. */
type Route = { readonly plugin: string; readonly name: string; readonly path: string; readonly spec: RouteSpec };

/** What the router asks the kernel. */
export interface RouterDeps {
  readonly base: string;
  readonly flight: InFlight;
  readonly log: Pino;
  readonly active: (plugin: string) => boolean;
  readonly allow: (question: AccessQuestion) => Promise<true | Response | undefined>;
}

const known: readonly Method[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const methodsOf = ({ method }: RouteSpec): Method[] => (typeof method === 'string' ? [method] : [...method]);

/** Keeps the routes of all plugins and answers requests. */
export type Router = ReturnType<typeof createRouter>;

export function createRouter({ base, flight, log, active, allow }: RouterDeps) {
  const routes = new Set<Route>();
  let app: Hono | undefined;

  function failed(thrown: unknown, context: Context, plugin: string, name: string): Response {
    if (thrown instanceof HTTPException && thrown.status < 500) return thrown.getResponse();
    const error = asPluginError(thrown, 'INTERNAL_ERROR', { plugin });
    const facts = { plugin: error.plugin, route: `${plugin}.${name}`, code: error.code, error: thrown };
    log.error(facts, 'route failed');
    return refuse(context, 500, 'INTERNAL_ERROR');
  }

  async function guarded({ spec, plugin, name }: Route, context: Context): Promise<Response> {
    const answer = await allow({ access: spec.access, context, route: { name, plugin } });
    return answer === true ? spec.handler(context) : (answer ?? refuse(context, 403, 'ACCESS_REFUSED'));
  }

  const handle = (route: Route) => {
    const { plugin, name, spec } = route;
    const call = spec.access.kind === 'open' ? spec.handler : (context: Context) => guarded(route, context);
    return (context: Context): Response | Promise<Response> => {
      if (!active(plugin)) return refuse(context, 503, 'PLUGIN_STOPPING', {}, { 'retry-after': '1' });
      const fail = (error: unknown) => failed(error, context, plugin, name);
      try {
        const answer = flight.track(plugin, () => call(context));
        return answer instanceof Promise ? answer.catch(fail) : answer;
      } catch (error) {
        return fail(error);
      }
    };
  };

  async function nothing(context: Context, app: Hono): Promise<Response> {
    const { method, path } = context.req;
    const allowed: string[] = known.filter((one) => app.router.match(one, path)[0].length > 0);
    if (allowed.includes('GET')) allowed.push('HEAD');
    if (allowed.length > 0)
      return refuse(context, 405, 'METHOD_NOT_ALLOWED', { method }, { allow: allowed.join(', ') });
    // As it was sent: decoded, a tab behind the first slash would lead to another host.
    const { pathname, search } = new URL(context.req.url);
    const short = `/${pathname.replace(/^\/+|\/+$/g, '')}`;
    if (short !== pathname && short !== '/' && (method === 'GET' || method === 'HEAD'))
      return context.redirect(short + search, 301);
    const answer = await allow({ access: missing, context, route: { name: 'missing', plugin: 'kernel' } });
    return answer instanceof Response ? answer : refuse(context, 404, 'NOT_FOUND');
  }

  function build(): Hono {
    const app = new Hono();
    // Hono lets the first registration win, so the more specific one has to come first.
    for (const route of [...routes].toSorted((a, b) => bySpecificity(a.path, b.path))) {
      const [handler, methods] = [handle(route), methodsOf(route.spec)];
      app.on(methods, base !== '' && route.path === '/' ? base : base + route.path, handler);
      // Load balancers ask the port directly and know nothing of the base.
      if (base !== '' && route.plugin === 'kernel') app.on(methods, route.path, handler);
    }
    app.notFound((context) => nothing(context, app));
    app.onError((error, context) => failed(error, context, 'kernel', 'app'));
    return app;
  }

  return {
    /** @returns a function that removes the route. @throws PluginError ROUTE_CONFLICT */
    add(plugin: string, claims: readonly string[], spec: RouteSpec): () => void {
      const { name } = spec;
      const claimed = claims.some((claim) => spec.path === claim || spec.path.startsWith(`${claim}/`));
      const path = claimed ? spec.path : `/plugins/${plugin}${spec.path === '/' ? '' : spec.path}`;
      for (const other of routes) {
        const shared = methodsOf(spec).find((method) => methodsOf(other.spec).includes(method));
        const taken = normalise(other.path) === normalise(path) && shared ? `${shared} ${path}` : undefined;
        if (!taken && (other.plugin !== plugin || other.name !== name)) continue;
        const details = {
          route: taken ?? `name "${name}"`,
          other: `${other.plugin}.${other.name}`,
          where: `${plugin}.${name}`,
        };
        throw new PluginError('ROUTE_CONFLICT', { plugin, ...details });
      }
      const route: Route = { plugin, name, path, spec };
      routes.add(route);
      app = undefined;
      return () => {
        routes.delete(route);
        app = undefined;
      };
    },
    fetch: (request: Request, env?: unknown) => (app ??= build()).fetch(request, env ?? {}),
    /** The address of `<plugin>.<name>`. @throws PluginError ROUTE_UNKNOWN */
    url(route: string, params: RouteParams = {}): string {
      const found = [...routes].find(({ plugin, name }) => `${plugin}.${name}` === route);
      const fail = (reason: string) =>
        new PluginError('ROUTE_UNKNOWN', { plugin: route.split('.')[0]!, route, reason });
      if (!found) throw fail('no active plugin has it');
      try {
        const path = fillPattern(found.path, params);
        return base !== '' && found.path === '/' ? base + path.slice(1) : base + path;
      } catch (error) {
        throw fail(reasonOf(error));
      }
    },
  };
}

/** A coded refusal: JSON, or a line of text for a browser that asked for a page. */
export function refuse(context: Context, status: Status, code: ErrorCode, details = {}, headers: Headers = {}) {
  const { message } = describeError(code, details);
  return context.req.header('accept')?.includes('text/html')
    ? context.text(`${status} ${code}: ${message}`, status, headers)
    : context.json({ error: { code, message } }, status, headers);
}
type Status = 403 | 404 | 405 | 500 | 503;
type Headers = Record<string, string>;
