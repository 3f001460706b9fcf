/** Boot-time configuration: `mibew.config.ts`, and the environment over it. Administrators change settings, not this. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as v from 'valibot';
import { asPluginError, PluginError, reasonOf } from './errors.ts';
import { isRange } from './facts.ts';
import { isBuilt } from './place.ts';
import type { KernelConfig, StandardIssue, StandardSchema } from './plugin.ts';

const commas = (text: string) => text.split(',').map((part) => part.trim());
const list = v.union([v.array(v.string()), v.pipe(v.string(), v.transform(commas))], 'expected a list');
// The path becomes part of every route: what means something in a pattern, or is told in two ways, stays out.
const address = /^https?:\/\/[^\s/?#@]+(\/[\w.~-]+)*\/*$/;
const isAddress = (text: string) => address.test(text) && URL.canParse(text);
/** Each key with its default; `docs/reference/configuration.md` is made of it. */
export const entries = {
  /** Address to listen on; every interface unless set. */
  host: v.optional(v.string(), ''),
  /** Port to listen on; 0 for any that is free. */
  port: v.optional(v.pipe(v.number('expected a number'), v.integer(), v.minValue(0), v.maxValue(65_535)), 8080),
  /** Address under which the world sees the server; its path is the base of all routes. */
  publicUrl: v.optional(v.pipe(v.string(), v.check(isAddress, 'expected an address like https://a.example/mibew'))),
  /** Addresses and CIDR ranges whose `X-Forwarded-*` headers count. */
  trustedProxies: v.optional(v.pipe(list, v.everyItem(isRange, 'expected addresses or CIDR ranges')), []),
  /** The data folder, relative to the installation. */
  data: v.optional(v.string(), 'data'),
  /** Made and kept in the data folder unless set. */
  secret: v.optional(v.pipe(v.string(), v.minLength(32, 'expected 32 characters or more'))),
  /** Folders of single plugins, relative to the installation. */
  pluginFolders: v.optional(v.array(v.string()), []),
  /** Configuration of plugins, by id. */
  plugins: v.optional(v.record(v.string(), v.looseObject({})), {}),
};
const schema = v.strictObject(entries, ({ expected }) => (expected === 'never' ? 'unknown key' : 'expected an object'));
const kernelEnv = {
  host: 'HOST',
  port: 'PORT',
  publicUrl: 'MIBEW_PUBLIC_URL',
  data: 'MIBEW_DATA',
  secret: 'MIBEW_SECRET',
};
export const env = { ...kernelEnv, trustedProxies: 'MIBEW_TRUSTED_PROXIES' };

/** What `mibew.config.ts` may say. */
export type MibewConfig = v.InferInput<typeof schema>;
type FullConfig = KernelConfig & Pick<v.InferOutput<typeof schema>, 'plugins' | 'pluginFolders'>;

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

/** Where values come from: the file, by name and content, and the variables. */
export type ConfigSource = { readonly file: string; readonly values: MibewConfig; readonly env: Env };

const invalid = (where: string, reason: string, cause: unknown) =>
  asPluginError(cause, 'CONFIG_INVALID', { plugin: 'kernel', where, reason: `${where}: ${reason}` });

/** Finds and evaluates the configuration file of a folder; none is fine. */
export async function loadConfigFile(dir: string): Promise<{ file: string; values: MibewConfig }> {
  const file = ['mibew.config.ts', 'mibew.config.mjs', 'mibew.config.js'].find((name) => existsSync(join(dir, name)));
  if (!file) return { file: 'mibew.config.ts', values: {} };
  try {
    const path = join(dir, file);
    const loaded: { default?: unknown } = isBuilt ? await loadBuilt(path) : await import(pathToFileURL(path).href);
    if (typeof loaded.default !== 'object' || loaded.default === null) throw new Error('it has no default export');
    return { file, values: loaded.default };
  } catch (error) {
    throw invalid(file, reasonOf(error), error);
  }
}

/** The built server has no TypeScript loader, and the file must meet the kernel that runs, not a copy of it. */
async function loadBuilt(path: string): Promise<{ default?: unknown }> {
  const { createJiti } = await import('jiti');
  const virtualModules = { 'mibew/kernel': await import('./index.ts'), 'mibew/tokens': await import('./tokens.ts') };
  return createJiti(path, { virtualModules }).import(path);
}

/** Checks the kernel's own values, and makes the data folder and the secret. @throws PluginError CONFIG_INVALID */
export async function readKernelConfig(source: ConfigSource, dir: string): Promise<FullConfig> {
  const values = await readConfig('kernel', { schema, env }, source.values, source);
  const url = values.publicUrl === undefined ? undefined : new URL(values.publicUrl);
  const data = resolve(dir, values.data);
  try {
    // Conversations, hashes of passwords: nothing in here is for other users of the machine.
    mkdirSync(data, { recursive: true, mode: 0o700 });
    const file = join(data, 'secret');
    const fresh = randomBytes(48).toString('base64url');
    if (!values.secret && !existsSync(file)) writeFileSync(file, fresh, { mode: 0o600 });
    const secret = values.secret ?? readFileSync(file, 'utf8').trim();
    if (secret.length < 32) throw new Error(`${file} holds no secret; put it back, or delete it for a new one`);
    return { ...values, data, secret, publicUrl: url, base: url?.pathname.replace(/\/+$/, '') ?? '' };
  } catch (error) {
    throw invalid('data', reasonOf(error), error);
  }
}

/** Validates the values of a plugin; the text of a variable is tried as it is, then as the JSON value that it spells. */
export async function readConfig<T>(
  plugin: string,
  config: { schema: StandardSchema<T>; env?: object } | undefined,
  given: object | undefined,
  { file, env }: ConfigSource,
): Promise<T> {
  const fail = (key: string, message: string): never => {
    const variable = variables.find(([name]) => name === key.split('.')[0])?.[1];
    const place = plugin === 'kernel' ? file : `${file} -> plugins["${plugin}"]${key && `.${key}`}`;
    // Validators quote what they got, which may be a password.
    const text = message.replace(/,? but received .*$/s, '');
    const reason = `${key && `${key}: `}${text} (${variable ?? place})`;
    throw new PluginError('CONFIG_INVALID', { plugin, where: variable ?? place, reason });
  };
  const variables = Object.entries((config?.env ?? {}) as Record<string, string>).filter(([, name]) => env[name]);
  if (!config) return given === undefined ? ({} as T) : fail('', 'the plugin takes no configuration');
  const texts = Object.fromEntries(variables.map(([key, name]) => [key, env[name]!]));
  const values: Record<string, unknown> = { ...given, ...texts };
  let result = await config.schema['~standard'].validate(values);
  const wrong = new Set(result.issues?.map(keyOf));
  const spelled = Object.entries(texts).filter(([key, text]) => wrong.has(key) && json.test(text));
  for (const [key, text] of spelled) values[key] = JSON.parse(text);
  if (spelled.length > 0) result = await config.schema['~standard'].validate(values);
  return result.issues ? fail(keyOf(result.issues[0]!), result.issues[0]!.message) : result.value;
}

const json = /^(true|false|null|-?(0|[1-9]\d*)(\.\d+)?)$/;
const keyOf = ({ path = [] }: StandardIssue): string =>
  path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
