/** `mibew setting …`: what administrators change in the browser, from a shell. */
import { PluginError, type Command } from '../../kernel/index.ts';
import type { Field, SettingsError, SettingsService } from './api.ts';

const words: Readonly<Record<string, boolean>> = {
  on: true,
  true: true,
  '1': true,
  off: false,
  false: false,
  '0': false,
};

/** The value that a text means for a field; what fits no value is left for the check to refuse. */
function parse(field: Field | undefined, text: string): unknown {
  if (field?.type === 'switch') return words[text] ?? text;
  if (field?.type === 'number') return text.trim() === '' ? text : Number(text);
  return text;
}

const shown = (field: Field | undefined, value: unknown): string =>
  field?.type === 'text' && field.secret && value !== '' ? '(secret)' : JSON.stringify(value);

export function settingCommands(settings: Pick<SettingsService, 'groups' | 'change'>): Command[] {
  const fieldOf = (key: string) =>
    settings
      .groups()
      .map(({ spec }) => spec.fields[key])
      .find((field) => field !== undefined);
  return [
    {
      name: 'setting list',
      summary: 'Lists settings and their values',
      run({ print }) {
        const lines = settings
          .groups()
          .flatMap(({ spec, values }) =>
            Object.entries(values).map(([key, value]) => `${key} = ${shown(spec.fields[key], value)}`),
          );
        print(lines.toSorted().join('\n'));
      },
    },
    {
      name: 'setting set',
      summary: 'Changes a setting, at once and on all nodes',
      args: {
        key: { type: 'positional', required: true, description: 'key of the setting' },
        value: { type: 'positional', required: true, description: 'on or off, a number, or text' },
      },
      async run({ args, print }) {
        const [key, text] = [String(args['key']), String(args['value'])];
        try {
          await settings.change({ [key]: parse(fieldOf(key), text) }, 'command line');
        } catch (error) {
          const { issues } = error as Partial<SettingsError>;
          if (!issues) throw error;
          const reason = issues.map((issue) => `${issue.key}: ${issue.message}`).join('; ');
          throw new PluginError('COMMAND_INVALID', { plugin: 'settings', reason, cause: error });
        }
        print(`${key} = ${text}`);
      },
    },
  ];
}
