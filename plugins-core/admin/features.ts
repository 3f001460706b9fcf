/** What plugins do for people. Read from their folders: the texts of a plugin that is switched off are in no catalogue. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Kernel } from '../../kernel/index.ts';

/** Whom a plugin is for, in the order of the page; `mibew.feature` of its manifest. */
export const featureKinds = ['visitors', 'conversations', 'team', 'protection', 'site', 'other'] as const;
type FeatureKind = (typeof featureKinds)[number];

interface Feature {
  readonly title: string;
  readonly lead: string;
  readonly kind: FeatureKind;
}
export interface Features {
  /** @returns undefined when there is no such plugin */
  of(id: string, locale: string): Feature | undefined;
}
interface Manifest {
  readonly description?: unknown;
  readonly mibew?: { readonly feature?: unknown };
}

/** A file that is missing or broken costs its words, not the page. */
function read<T extends object>(file: string): Partial<T> {
  try {
    const json: unknown = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
    return typeof json === 'object' && json !== null ? json : {};
  } catch {
    return {};
  }
}

export function createFeatures(kernel: Pick<Kernel, 'report'>): Features {
  const made = new Map<string, Feature>();

  const make = (id: string, root: string, locale: string): Feature => {
    const files = [...new Set([locale, locale.split('-')[0]!, 'en'])].map((code) =>
      read<Record<string, unknown>>(join(root, 'locales', `${code}.json`)),
    );
    const text = (key: string) => files.map((file) => file[key]).find((found) => typeof found === 'string');
    const { description, mibew } = read<Manifest>(join(root, 'package.json'));
    const kind = featureKinds.find((one) => one === mibew?.feature) ?? 'other';
    const about = typeof description === 'string' ? description : '';
    return { title: text('feature.title') ?? id, lead: text('feature.lead') ?? about, kind };
  };

  return {
    of(id, locale) {
      const plugin = kernel.report().plugins.find((one) => one.id === id);
      if (!plugin) return undefined;
      const key = `${plugin.root}\n${plugin.version}\n${locale}`;
      const feature = made.get(key) ?? make(id, plugin.root, locale);
      made.set(key, feature);
      return feature;
    },
  };
}
