/** Routes: a table of our own, from which a Hono app is built anew after each change and swapped in one assignment. */
import { Hono, type Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { Logger as Pino } from 'pino';
import { asPluginError, describeError, PluginError, reasonOf, type ErrorCode } from './errors.ts';
import type { InFlight } from './flight.ts';
import { bySpecificity, fillPattern, normalise } from './pattern.ts';
import { missing, type AccessQuestion, type Method, type RouteParams, type RouteSpec } from './plugin.ts';

interface Route {
  readonly plugin: string;
  readonly spec: RouteSpec;
  readonly methods: readonly Method[];
  /** Without the base. */
  readonly path: string;
}

/** What the router asks the kernel. */
export interface RouterDeps {
  readonly base: string;
  readonly flight: InFlight;
  readonly log: Pino;
  readonly active: (plugin: string) => boolean;
  readonly allow: (question: AccessQuestion) => Promise<true | Response | undefined>;
}

const methods: readonly Method[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** Keeps the routes of all plugins and answers requests. */
export class Router {
  readonly #routes = new Set<Route>();
  readonly #deps: RouterDeps;
  #app: Hono | undefined;

  constructor(deps: RouterDeps) {
    this.#deps = deps;
  }

  /** @returns a function that removes the route. @throws PluginError ROUTE_CONFLICT */
  add(plugin: string, claims: readonly string[], spec: RouteSpec): () => void {
    const claimed = claims.some((claim) => spec.path === claim || spec.path.startsWith(`${claim}/`));
    const path = claimed ? spec.path : `/plugins/${plugin}${spec.path === '/' ? '' : spec.path}`;
    const route: Route = { plugin, spec, path, methods: typeof spec.method === 'string' ? [spec.method] : spec.method };
    for (const other of this.#routes) {
      const sameName = other.plugin === plugin && other.spec.name === spec.name;
      const same =
        normalise(other.path) === normalise(path) && route.methods.find((method) => other.methods.includes(method));
      if (!sameName && !same) continue;
      const taken = same ? `${same} ${path}` : `name "${spec.name}"`;
      const owner = `${other.plugin}.${other.spec.name}`;
      throw new PluginError('ROUTE_CONFLICT', { plugin, route: taken, other: owner, where: `${plugin}.${spec.name}` });
    }
    this.#routes.add(route);
    this.#app = undefined;
    return () => {
      this.#routes.delete(route);
      this.#app = undefined;
    };
  }

  fetch(request: Request, env?: unknown): Response | Promise<Response> {
    return (this.#app ??= this.#build()).fetch(request, env as object);
  }

  /** The address of `<plugin>.<name>`. @throws PluginError ROUTE_UNKNOWN */
  url(route: string, params: RouteParams = {}): string {
    const dot = route.indexOf('.');
    const [plugin, name] = [route.slice(0, dot), route.slice(dot + 1)];
    const found = [...this.#routes].find((one) => one.plugin === plugin && one.spec.name === name);
    const fail = (reason: string) => new PluginError('ROUTE_UNKNOWN', { plugin: plugin || 'kernel', route, reason });
    if (!found) throw fail('no active plugin has it');
    try {
      const path = fillPattern(found.path, params);
      const { base } = this.#deps;
      return base !== '' && found.path === '/' ? base + path.slice(1) : base + path;
    } catch (error) {
      throw fail(reasonOf(error));
    }
  }

  #build(): Hono {
    const app = new Hono();
    const { base } = this.#deps;
    // Hono lets the first registration win, so the more specific one has to come first.
    for (const route of [...this.#routes].sort((a, b) => bySpecificity(a.path, b.path))) {
      const handler = this.#handle(route);
      app.on([...route.methods], base !== '' && route.path === '/' ? base : base + route.path, handler);
      // Load balancers ask the port directly and know nothing of the base.
      if (base !== '' && route.plugin === 'kernel') app.on([...route.methods], route.path, handler);
    }
    app.notFound(async (context) => {
      const { method, path } = context.req;
      const allowed = methods.filter((one) => app.router.match(one, path)[0].length > 0);
      if (allowed.length > 0) {
        const allow = [...allowed, ...(allowed.includes('GET') ? ['HEAD'] : [])].join(', ');
        return refuse(context, 405, 'METHOD_NOT_ALLOWED', { method }, { allow });
      }
      const short = `/${path.replace(/^[/\\]+|[/\\]+$/g, '')}`;
      if (short !== path && short !== '/' && (method === 'GET' || method === 'HEAD'))
        return context.redirect(short + new URL(context.req.url).search, 301);
      const route = { name: 'missing', plugin: 'kernel' };
      const answer = await this.#deps.allow({ access: missing, context, route });
      return answer instanceof Response ? answer : refuse(context, 404, 'NOT_FOUND');
    });
    app.onError((error, context) => this.#failed(error, context, 'kernel', 'app'));
    return app;
  }

  #handle(route: Route): (context: Context) => Response | Promise<Response> {
    const { plugin, spec } = route;
    const { flight, active } = this.#deps;
    const call = spec.access.kind === 'open' ? spec.handler : (context: Context) => this.#guarded(route, context);
    return (context) => {
      if (!active(plugin)) return refuse(context, 503, 'PLUGIN_STOPPING', {}, { 'retry-after': '1' });
      try {
        const answer = flight.track(plugin, () => call(context));
        return answer instanceof Promise
          ? answer.catch((error: unknown) => this.#failed(error, context, plugin, spec.name))
          : answer;
      } catch (error) {
        return this.#failed(error, context, plugin, spec.name);
      }
    };
  }

  async #guarded({ plugin, spec }: Route, context: Context): Promise<Response> {
    const answer = await this.#deps.allow({ access: spec.access, context, route: { name: spec.name, plugin } });
    if (answer === true) return spec.handler(context);
    return answer ?? refuse(context, 403, 'ACCESS_REFUSED');
  }

  #failed(thrown: unknown, context: Context, plugin: string, route: string): Response {
    if (thrown instanceof HTTPException && thrown.status < 500) return thrown.getResponse();
    const error = asPluginError(thrown, 'INTERNAL_ERROR', { plugin });
    this.#deps.log.error(
      { plugin: error.plugin, route: `${plugin}.${route}`, code: error.code, error: thrown },
      'route failed',
    );
    return refuse(context, 500, 'INTERNAL_ERROR');
  }
}

/** A coded refusal: JSON, or a line of text for a browser that asked for a page. */
export function refuse(
  context: Context,
  status: 403 | 404 | 405 | 500 | 503,
  code: ErrorCode,
  details: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Response {
  const { message } = describeError(code, details);
  return context.req.header('accept')?.includes('text/html')
    ? context.text(`${status} ${code}: ${message}`, status, headers)
    : context.json({ error: { code, message } }, status, headers);
}
