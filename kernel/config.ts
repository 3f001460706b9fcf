/** Boot-time configuration: `mibew.config.ts`, and the environment over it. Administrators change settings, not this. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as v from 'valibot';
import { asPluginError, PluginError, reasonOf } from './errors.ts';
import { proxyList } from './facts.ts';
import { isBuilt } from './place.ts';
import type { KernelConfig, StandardIssue, StandardSchema } from './plugin.ts';

const publicUrl = v.pipe(
  v.string(),
  v.regex(/^https?:\/\/[^/?#]+[^?#]*$/, 'expected an address like https://a.example/mibew'),
);
const list = v.pipe(
  v.string(),
  v.transform((text) => text.split(',').map((range) => range.trim())),
);
const proxies = v.pipe(
  v.union([v.array(v.string()), list], 'expected a list'),
  v.check(isProxyList, 'expected addresses or CIDR ranges'),
);
/** Each key with its default; the README says what they mean. */
const schema = v.strictObject({
  /** Address to listen on; every interface unless set. */
  host: v.optional(v.string(), ''),
  port: v.optional(v.pipe(v.number('expected a number'), v.integer(), v.minValue(0), v.maxValue(65_535)), 8080),
  /** Address under which the world sees the server; its path is the base of all routes. */
  publicUrl: v.optional(publicUrl),
  /** Addresses and CIDR ranges whose `X-Forwarded-*` headers count. */
  trustedProxies: v.optional(proxies, []),
  /** The data folder, relative to the installation. */
  data: v.optional(v.string(), 'data'),
  /** Made and kept in the data folder unless set. */
  secret: v.optional(v.pipe(v.string(), v.minLength(32, 'expected 32 characters or more'))),
  /** Folders of single plugins, relative to the installation. */
  pluginFolders: v.optional(v.array(v.string()), []),
  /** Configuration of plugins, by id. */
  plugins: v.optional(v.record(v.string(), v.looseObject({})), {}),
});
const env = {
  ...{ host: 'HOST', port: 'PORT', publicUrl: 'MIBEW_PUBLIC_URL', data: 'MIBEW_DATA', secret: 'MIBEW_SECRET' },
  trustedProxies: 'MIBEW_TRUSTED_PROXIES',
};

/** What `mibew.config.ts` may say. */
export type MibewConfig = v.InferInput<typeof schema>;

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
export interface ConfigSource {
  readonly file: string;
  readonly values: MibewConfig;
  readonly env: Env;
}

/** Finds and evaluates the configuration file of a folder; none is fine. */
export async function loadConfigFile(dir: string): Promise<{ file: string; values: MibewConfig }> {
  const file = ['mibew.config.ts', 'mibew.config.mjs', 'mibew.config.js'].find((name) => existsSync(join(dir, name)));
  if (!file) return { file: 'mibew.config.ts', values: {} };
  try {
    const path = join(dir, file);
    const loaded: { default?: unknown } = isBuilt ? await loadBuilt(path) : await import(pathToFileURL(path).href);
    if (typeof loaded.default !== 'object' || loaded.default === null) throw new Error('it has no default export');
    return { file, values: loaded.default as MibewConfig };
  } catch (error) {
    throw asPluginError(error, 'CONFIG_INVALID', {
      plugin: 'kernel',
      where: file,
      reason: `${file}: ${reasonOf(error)}`,
    });
  }
}

/** The built server has no TypeScript loader, and the file must meet the kernel that runs, not a copy of it. */
async function loadBuilt(path: string): Promise<{ default?: unknown }> {
  const [{ createJiti }, kernel, tokens] = await Promise.all([
    import('jiti'),
    import('./index.ts'),
    import('./tokens.ts'),
  ]);
  return createJiti(path, { virtualModules: { 'mibew/kernel': kernel, 'mibew/tokens': tokens } }).import(path);
}

/** Checks the kernel's own values, and makes the data folder and the secret. @throws PluginError CONFIG_INVALID */
export async function readKernelConfig(
  source: ConfigSource,
  dir: string,
): Promise<KernelConfig & Pick<v.InferOutput<typeof schema>, 'plugins' | 'pluginFolders'>> {
  const values = await readConfig('kernel', { schema, env }, source.values, source);
  const url = values.publicUrl === undefined ? undefined : new URL(values.publicUrl);
  const data = resolve(dir, values.data);
  try {
    mkdirSync(data, { recursive: true });
    const file = join(data, 'secret');
    if (!values.secret && !existsSync(file))
      writeFileSync(file, randomBytes(48).toString('base64url'), { mode: 0o600 });
    const secret = values.secret ?? readFileSync(file, 'utf8').trim();
    return { ...values, data, secret, publicUrl: url, base: url?.pathname.replace(/\/+$/, '') ?? '' };
  } catch (error) {
    throw new PluginError('CONFIG_INVALID', { plugin: 'kernel', where: 'data', reason: `data: ${reasonOf(error)}` });
  }
}

/** Validates the values of a plugin; the text of a variable is tried as it is, then as the JSON value that it spells. */
export async function readConfig<T>(
  plugin: string,
  config: { schema: StandardSchema<T>; env?: object } | undefined,
  given: object | undefined,
  { file, env }: ConfigSource,
): Promise<T> {
  const at = plugin === 'kernel' ? file : `${file} -> plugins["${plugin}"]`;
  const fail = (key: string, message: string): never => {
    const variable = variables.find(([name]) => name === key.split('.')[0])?.[1];
    const where = variable ?? (plugin === 'kernel' ? file : `${at}${key && `.${key}`}`);
    // Validators quote what they got, which may be a password.
    const reason = message.replace(/,? but received .*$/s, '');
    throw new PluginError('CONFIG_INVALID', { plugin, where, reason: `${key && `${key}: `}${reason} (${where})` });
  };
  const variables = Object.entries((config?.env ?? {}) as Record<string, string>).filter(([, name]) => env[name]);
  if (!config) return given === undefined ? ({} as T) : fail('', 'the plugin takes no configuration');
  const values: Record<string, unknown> = {
    ...given,
    ...Object.fromEntries(variables.map(([key, name]) => [key, env[name]])),
  };
  const keyOf = ({ path = [] }: StandardIssue) =>
    path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
  let result = await config.schema['~standard'].validate(values);
  const spelled = variables.filter(
    ([key]) => result.issues?.some((issue) => keyOf(issue) === key) && isJson(String(values[key])),
  );
  for (const [key, name] of spelled) values[key] = JSON.parse(env[name]!);
  if (spelled.length > 0) result = await config.schema['~standard'].validate(values);
  return result.issues ? fail(keyOf(result.issues[0]!), result.issues[0]!.message) : result.value;
}

function isJson(text: string): boolean {
  return /^(true|false|null|-?\d+(\.\d+)?|\[.*\]|\{.*\})$/s.test(text);
}

function isProxyList(ranges: string[]): boolean {
  try {
    return proxyList(ranges) !== undefined;
  } catch {
    return false;
  }
}
