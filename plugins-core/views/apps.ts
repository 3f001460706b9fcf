/** Client apps: which modules, templates, texts and styles each one is made of, and their addresses. */
import { basename, join, resolve } from 'node:path';
import { PluginError } from '../../kernel/errors.ts';
import type { PluginRef } from '../../kernel/plugin.ts';
import type { LocalesService } from '../locales/api.ts';
import type { AppAssets, ClientSpec } from './api.ts';
import { bundle } from './bundle.ts';
import type { Lookup } from './lookup.ts';
import { precompile, templateFiles } from './precompile.ts';
import { sheet, sheetModule, type SheetKind } from './sheet.ts';
import type { Store } from './store.ts';
import type { IconSource } from './syntax.ts';
import type { Theme } from './theme.ts';

/** What {@link createApps} takes. */
export interface AppsDeps {
  readonly store: Store;
  readonly lookup: Lookup;
  readonly chain: readonly Theme[];
  readonly locales: LocalesService;
  readonly icons: { readonly icon: IconSource; clear(): void };
  /** Folder with the built file → its address. */
  readonly address: (file: string) => string;
  /** Changes with the product, so that its update builds anew. */
  readonly version: string;
}
interface Entry {
  readonly spec: ClientSpec;
  readonly owner: PluginRef;
}

export interface Apps {
  readonly add: (spec: ClientSpec, owner: PluginRef) => () => void;
  readonly app: (name: string, locale: string) => Promise<AppAssets>;
  /** Addresses of the modules that join `page`, and of the sheet of pages. */
  readonly page: () => Promise<{ readonly style: string; readonly modules: readonly string[] }>;
  /** The module that starts an app on a page. */
  readonly loader: () => Promise<string>;
  /** Names of everything that is an app of its own. */
  names(): readonly string[];
}

export function createApps({ store, lookup, chain, locales, icons, address, version }: AppsDeps): Apps {
  const entries = new Set<Entry>();
  const texts = new Map<string, { readonly revision: number; readonly file: Promise<string> }>();
  const theme = chain.map(({ root, version }) => `${root}@${version}`).join();

  const entryOf = (name: string) => [...entries].find(({ spec }) => spec.name === name);
  const inOrder = (found: Iterable<Entry>) =>
    [...found].toSorted((a, b) => (a.owner.id + a.spec.name < b.owner.id + b.spec.name ? -1 : 1));
  /** What joins the app, and what joins that. */
  const joining = (app: string) => {
    const found = new Set<Entry>();
    const add = (name: string): void => {
      for (const entry of entries) {
        if (!entry.spec.joins?.includes(name) || found.has(entry)) continue;
        found.add(entry);
        add(entry.spec.name);
      }
    };
    add(app);
    return inOrder(found);
  };
  const partsOf = (apps: readonly string[]) =>
    inOrder([...entries].filter(({ spec }) => spec.partOf?.some((app) => apps.includes(app))));
  const fileOf = (entry: Entry, path: string): string => {
    const file = resolve(entry.owner.root, path);
    if (file.startsWith(join(entry.owner.root, '/'))) return file;
    throw new PluginError('CONTRIBUTION_REJECTED', {
      plugin: entry.owner.id,
      point: 'views.client',
      reason: `"${path}" lies outside the plugin`,
    });
  };

  const libraryFile = async (): Promise<string | undefined> => {
    const library = entryOf('client');
    return library && store.ensure(recipe(library));
  };
  const recipe = (entry: Entry, specifier?: string) => {
    const { spec, owner } = entry;
    const file = fileOf(entry, spec.entry!);
    const client = entryOf('client');
    const library =
      client && specifier !== undefined ? { entry: fileOf(client, client.spec.entry!), specifier } : undefined;
    return {
      id: `module:${spec.name}`,
      file: `${spec.name}.js`,
      config: [version, file, owner.version, specifier].join(' '),
      build: () => bundle({ entry: file, owner: owner.id, library }),
    };
  };
  const moduleOf = async (entry: Entry): Promise<string> => {
    const library = entry.spec.name === 'client' ? undefined : await libraryFile();
    return address(await store.ensure(recipe(entry, library && `./${library}`)));
  };
  const styleOf = async (app: string, parts: readonly Entry[], kind: SheetKind): Promise<string> => {
    const styles = parts.flatMap((entry) => (entry.spec.styles ?? []).map((style) => fileOf(entry, style)));
    return store.ensure({
      id: `style:${kind}:${app}`,
      file: `${app}.css`,
      config: [version, theme, kind, ...styles].join(' '),
      build: () => sheet(chain, styles, kind, parts[0]?.owner.id ?? 'views'),
    });
  };
  const templatesOf = (app: string, parts: readonly Entry[]): Promise<string> => {
    const patterns = [...new Set(parts.flatMap(({ spec }) => spec.templates ?? []))];
    return store.ensure({
      id: `templates:${app}`,
      file: `${app}-templates.js`,
      config: [version, theme, ...patterns, templateFiles(lookup)].join(' '),
      build() {
        icons.clear();
        return precompile(patterns, lookup, icons.icon, parts[0]!.owner.id);
      },
    });
  };
  const textsOf = (app: string, locale: string, parts: readonly Entry[]): Promise<string> => {
    const prefixes = [...new Set(parts.flatMap(({ spec }) => spec.texts ?? []))].toSorted();
    const key = [app, locale, ...prefixes].join(' ');
    const kept = texts.get(key);
    if (kept?.revision === locales.revision) return kept.file;
    const file = store.put(`${app}-${locale}.js`, locales.clientModule(locale, prefixes));
    texts.set(key, { revision: locales.revision, file });
    return file;
  };
  const styleModules = new Map<string, Promise<string>>();
  const styleModuleOf = (app: string, style: string): Promise<string> => {
    const made =
      styleModules.get(style) ??
      store.read(style).then((css) => store.put(`${app}-style.js`, sheetModule(css!.toString('utf8'))));
    styleModules.set(style, made);
    return made;
  };

  /** One module that imports all of a part, as it lies beside them: its one address carries the nonce of the page to each. */
  const partOf = async (entry: Entry, locale: string): Promise<string> => {
    const { name } = entry.spec;
    const all = [entry, ...joining(name)];
    const [app, templates, textsFile, style, ...joined] = await Promise.all([
      moduleOf(entry),
      templatesOf(name, all),
      textsOf(name, locale, all),
      styleOf(name, all, 'part'),
      ...all
        .slice(1)
        .filter(({ spec }) => spec.entry !== undefined)
        .map(moduleOf),
    ]);
    const beside = (found: string) => JSON.stringify(`./${basename(found)}`);
    const source = [
      ...joined.map((module) => `import ${beside(module)};`),
      `import ${beside(app)};`,
      `import templates from ${beside(templates)};`,
      `import texts from ${beside(textsFile)};`,
      `import style from ${beside(await styleModuleOf(name, style))};`,
      'export { templates, texts, style };',
    ];
    return address(await store.put(`${name}-part-${locale}.js`, `${source.join('\n')}\n`));
  };

  return {
    add(spec, owner) {
      const fail = (reason: string): never => {
        throw new PluginError('CONTRIBUTION_REJECTED', { plugin: owner.id, point: 'views.client', reason });
      };
      if (!/^[a-z][a-z0-9-]*$/.test(spec.name)) fail(`"${spec.name}": expected small letters and hyphens`);
      const other = entryOf(spec.name);
      if (other) fail(`"${spec.name}" is taken by ${other.owner.id}`);
      if (spec.entry === undefined && (!spec.joins?.length || spec.partOf))
        fail(`"${spec.name}" has neither an entry nor an app to join`);
      const entry = { spec, owner };
      for (const path of [spec.entry, ...(spec.styles ?? [])]) if (path !== undefined) fileOf(entry, path);
      entries.add(entry);
      return () => void entries.delete(entry);
    },
    async app(name, locale) {
      const entry = entryOf(name);
      if (entry?.spec.entry === undefined)
        throw new PluginError('APP_UNKNOWN', { plugin: 'views', reason: `there is no client app "${name}"` });
      const joined = joining(name);
      const parts = [entry, ...joined];
      const withLibrary = entryOf('client') ? [entryOf('client')!, ...parts] : parts;
      const [library, app, templates, textsFile, style, ...modules] = await Promise.all([
        libraryFile(),
        moduleOf(entry),
        templatesOf(name, withLibrary),
        textsOf(name, locale, withLibrary),
        styleOf(name, withLibrary, 'app'),
        ...joined.filter(({ spec }) => spec.entry !== undefined).map(moduleOf),
      ]);
      const client = library === undefined ? '' : address(library);
      const onDemand = partsOf(parts.map(({ spec }) => spec.name));
      const addresses = await Promise.all(onDemand.map((part) => partOf(part, locale)));
      return {
        modules: [...(client === '' ? [] : [client]), ...modules, app],
        client,
        app,
        joined: modules,
        templates: address(templates),
        texts: address(textsFile),
        style: address(style),
        styleModule: address(await styleModuleOf(name, style)),
        parts: Object.fromEntries(onDemand.map(({ spec }, place) => [spec.name, addresses[place]!])),
      };
    },
    async page() {
      const parts = joining('page');
      const [style, ...modules] = await Promise.all([
        styleOf('page', parts, 'page'),
        ...parts.filter(({ spec }) => spec.entry !== undefined).map(moduleOf),
      ]);
      return { style: address(style), modules };
    },
    async loader() {
      const entry = entryOf('loader');
      if (!entry) throw new PluginError('APP_UNKNOWN', { plugin: 'views', reason: 'the loader is missing' });
      return moduleOf(entry);
    },
    names: () =>
      [...entries]
        .filter(({ spec }) => spec.entry !== undefined && !spec.joins && !['client', 'loader'].includes(spec.name))
        .map(({ spec }) => spec.name),
  };
}
