/** Boot-time configuration: `mibew.config.ts`, and the environment over it. Whoever administrates in the browser changes settings, not this. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PluginError, reasonOf } from './errors.ts';
import { proxyList } from './facts.ts';
import type { KernelConfig, NeedsShape, PluginDefinition } from './plugin.ts';
import { isBuilt } from './place.ts';

/** What `mibew.config.ts` may say. */
export interface MibewConfig {
  /** Address to listen on; all interfaces unless set. Variable HOST. */
  readonly host?: string;
  /** 8080 unless set. Variable PORT. */
  readonly port?: number;
  /** Address under which the world sees the server; its path is the base of all routes. Variable MIBEW_PUBLIC_URL. */
  readonly publicUrl?: string;
  /** Addresses and CIDR ranges whose X-Forwarded headers count. Variable MIBEW_TRUSTED_PROXIES, separated by commas. */
  readonly trustedProxies?: readonly string[];
  /** Data folder, `data` unless set. Variable MIBEW_DATA. */
  readonly data?: string;
  /** At least 32 characters; made and kept in the data folder unless set. Variable MIBEW_SECRET. */
  readonly secret?: string;
  /** Folders of single plugins, relative to the configuration file. */
  readonly pluginFolders?: readonly string[];
  /** Configuration of plugins, by id. */
  readonly plugins?: Readonly<Record<string, object>>;
}

/**
 * Types the configuration file.
 *
 * @example
 * import { defineConfig } from 'mibew/kernel';
 * export default defineConfig({ port: 8080, publicUrl: 'https://www.example.com/mibew' });
 */
export const defineConfig = (config: MibewConfig): MibewConfig => config;

/** Variables of a process. */
export type Env = Readonly<Record<string, string | undefined>>;

const invalid = (where: string, key: string, reason: string, cause?: unknown): PluginError =>
  new PluginError('CONFIG_INVALID', { plugin: 'kernel', reason: `${where}: ${key}: ${reason}`, where, cause });

/** Finds and evaluates the configuration file of a folder; none is fine. */
export async function loadConfigFile(dir: string): Promise<{ file: string; values: MibewConfig }> {
  const file = ['mibew.config.ts', 'mibew.config.mjs', 'mibew.config.js'].find((name) => existsSync(join(dir, name)));
  if (!file) return { file: 'mibew.config.ts', values: {} };
  const path = join(dir, file);
  try {
    const loaded = isBuilt ? await loadBuilt(path) : ((await import(pathToFileURL(path).href)) as { default: unknown });
    const { default: values } = loaded;
    if (typeof values !== 'object' || values === null) throw new TypeError('its default export is no configuration');
    return { file, values };
  } catch (error) {
    throw invalid(file, 'file', reasonOf(error), error);
  }
}

/** The built server has no TypeScript loader, and the file must meet the kernel that runs, not a copy. */
async function loadBuilt(path: string): Promise<{ default: unknown }> {
  const [{ createJiti }, kernel, tokens] = await Promise.all([
    import('jiti'),
    import('./index.ts'),
    import('./tokens.ts'),
  ]);
  const jiti = createJiti(path, { virtualModules: { 'mibew/kernel': kernel, 'mibew/tokens': tokens } });
  return jiti.import(path);
}

const keys = {
  host: ['HOST', (text: string) => text],
  port: [
    'PORT',
    (text: string) =>
      /^\d{1,5}$/.test(text) && Number(text) < 65_536 ? Number(text) : expected('a port from 0 to 65535'),
  ],
  publicUrl: ['MIBEW_PUBLIC_URL', parseUrl],
  trustedProxies: ['MIBEW_TRUSTED_PROXIES', parseProxies],
  data: ['MIBEW_DATA', (text: string) => text],
  secret: ['MIBEW_SECRET', (text: string) => (text.length >= 32 ? text : expected('at least 32 characters'))],
} as const;

function expected(what: string): never {
  throw new TypeError(`expected ${what}`);
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : expected('an address like https://www.example.com/mibew');
  if (!/^https?:$/.test(url.protocol) || url.search || url.hash) expected('http or https, without query and fragment');
  return url;
}

function parseProxies(text: string): string[] {
  const ranges = text
    .split(',')
    .map((range) => range.trim())
    .filter(Boolean);
  try {
    proxyList(ranges);
  } catch {
    expected('addresses or CIDR ranges');
  }
  return ranges;
}

const listKeys = new Set(['trustedProxies', 'pluginFolders']);

/** Checks the kernel's own values. @throws PluginError CONFIG_INVALID */
export function readKernelConfig(values: MibewConfig, file: string, env: Env, dir: string): KernelConfig {
  const value = <K extends keyof typeof keys>(key: K): ReturnType<(typeof keys)[K][1]> | undefined => {
    const [variable, parse] = keys[key];
    const given = values[key];
    const fromEnv = env[variable];
    const text = fromEnv || (listKeys.has(key) && Array.isArray(given) ? given.join(',') : given);
    if (text === undefined || text === '') return undefined;
    try {
      if (typeof text !== (key === 'port' && !fromEnv ? 'number' : 'string'))
        expected(key === 'port' ? 'a number' : 'text');
      return parse(String(text)) as ReturnType<(typeof keys)[K][1]>;
    } catch (error) {
      throw invalid(fromEnv ? 'environment' : file, fromEnv ? variable : key, reasonOf(error));
    }
  };
  for (const [key, given] of Object.entries(values)) {
    if (!(key in keys) && key !== 'plugins' && key !== 'pluginFolders') throw invalid(file, key, 'unknown key');
    if (listKeys.has(key) && !Array.isArray(given)) throw invalid(file, key, 'expected a list');
  }
  const publicUrl = value('publicUrl');
  const base = publicUrl?.pathname.replace(/\/+$/, '') ?? '';
  const data = resolve(dir, value('data') ?? 'data');
  const [host, port, trustedProxies] = [value('host') ?? '', value('port') ?? 8080, value('trustedProxies') ?? []];
  const given = value('secret');
  try {
    mkdirSync(data, { recursive: true });
    return { host, port, publicUrl, base, trustedProxies, data, secret: given ?? keepSecret(join(data, 'secret')) };
  } catch (error) {
    throw invalid(
      env['MIBEW_DATA'] ? 'environment' : file,
      env['MIBEW_DATA'] ? 'MIBEW_DATA' : 'data',
      reasonOf(error),
      error,
    );
  }
}

function keepSecret(file: string): string {
  if (!existsSync(file)) writeFileSync(file, randomBytes(48).toString('base64url'), { mode: 0o600, flag: 'wx' });
  return readFileSync(file, 'utf8').trim();
}

type Issue = {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
};
const keyOf = (issue: Issue): string =>
  (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.');

/** Validates the configuration of a plugin; the text of a variable is tried as it is, then as a JSON value. */
export async function readPluginConfig(
  { id, config }: PluginDefinition<unknown, NeedsShape>,
  given: object | undefined,
  file: string,
  env: Env,
): Promise<unknown> {
  const fail = (key: string, reason: string, variable?: string): PluginError => {
    const where = variable ? `variable ${variable}` : `${basename(file)} -> plugins["${id}"]${key && `.${key}`}`;
    return new PluginError('CONFIG_INVALID', { plugin: id, where, reason: `${key && `${key}: `}${reason} (${where})` });
  };
  if (!config) {
    if (given !== undefined) throw fail('', 'the plugin takes no configuration');
    return {};
  }
  const variables = Object.entries((config.env ?? {}) as Record<string, string>).filter(([, name]) => env[name]);
  const values: Record<string, unknown> = { ...given };
  for (const [key, name] of variables) values[key] = env[name];
  let result = await config.schema['~standard'].validate(values);
  const wrong = new Set(result.issues?.map((issue) => keyOf(issue)));
  const retry = variables.filter(([key]) => wrong.has(key));
  for (const [key, name] of retry) values[key] = parsed(env[name]!);
  if (retry.length > 0) result = await config.schema['~standard'].validate(values);
  if (!result.issues) return result.value;
  const issue = result.issues[0]!;
  const variable = variables.find(([key]) => key === keyOf(issue).split('.')[0]);
  throw fail(keyOf(issue), issue.message, variable?.[1]);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
