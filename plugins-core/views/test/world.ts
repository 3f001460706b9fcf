/** A kernel with `locales`, `views` and small plugins written for one test. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createKernel, type HostKernel } from '../../../kernel/kernel.ts';
import { readCandidate, type Candidate } from '../../../kernel/loader.ts';
import { productRoot } from '../../../kernel/place.ts';
import type { AnyDefinition } from '../../../kernel/manifest.ts';
import { createLog } from '../../../kernel/log.ts';
import type { NeedsShape, PluginDefinition } from '../../../kernel/plugin.ts';
import localesPlugin from '../../locales/plugin.ts';
import { viewsService, type ViewsService } from '../api.ts';
import viewsPlugin from '../plugin.ts';

export interface World {
  readonly root: string;
  /** Writes a file below the world's folder; each one is younger than the last. */
  readonly write: (file: string, text: string) => void;
  /** Declares a plugin in `<id>/`. */
  plugin<const Needs extends NeedsShape>(id: string, definition: Omit<PluginDefinition<unknown, Needs>, 'id'>): void;
  /** @param publicUrl none: whatever the request says */
  boot(
    config?: object,
    publicUrl?: string | null,
  ): Promise<{
    kernel: HostKernel;
    views: ViewsService;
    log: string[];
    readonly get: (path: string, headers?: Record<string, string>) => Promise<Response>;
  }>;
  dispose(): Promise<void>;
}

let clock = Date.now() - 10_000_000;

export function createWorld(): World {
  const root = mkdtempSync(join(tmpdir(), 'mibew-views-'));
  const extra: Candidate[] = [];
  const kernels: HostKernel[] = [];
  const write = (file: string, text: string) => {
    const path = join(root, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    clock += 5_000;
    utimesSync(path, new Date(), new Date(clock));
  };
  return {
    root,
    write,
    plugin(id, definition) {
      write(
        `${id}/package.json`,
        JSON.stringify({
          name: `@test/${id}`,
          version: '1.0.0',
          type: 'module',
          engines: { mibew: '^1.0.0' },
          mibew: { id, plugin: './plugin.ts', plugins: { views: '^1.0.0', locales: '^1.0.0' }, claims: [`/${id}`] },
        }),
      );
      const candidate = readCandidate(join(root, id), false);
      extra.push({ ...candidate, definition: { id, ...definition } });
    },
    async boot(config = {}, publicUrl: string | null = 'https://shop.example/mibew') {
      const core = (id: string, definition: unknown): Candidate => ({
        ...readCandidate(join(productRoot, 'plugins-core', id), true),
        definition: definition as AnyDefinition,
      });
      const log: string[] = [];
      const kernel = await createKernel({
        dir: root,
        env: {},
        config: {
          data: join(root, 'data'),
          publicUrl: publicUrl ?? undefined,
          plugins: { views: { watch: true, ...config } },
        },
        plugins: [core('locales', localesPlugin), core('views', viewsPlugin), ...extra],
        log: createLog({ destination: { write: (line: string) => void log.push(line) } }),
      });
      kernels.push(kernel);
      await kernel.boot();
      return {
        kernel,
        log,
        views: kernel.service(viewsService),
        get: async (path, headers = {}) => kernel.fetch(new Request(`https://shop.example${path}`, { headers })),
      };
    },
    async dispose() {
      for (const kernel of kernels) await kernel.stop();
      rmSync(root, { recursive: true });
    },
  };
}
