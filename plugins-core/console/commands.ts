/** The commands that the product has without any other plugin: about plugins, and about its health. */
import { formatReport, type Command, type Kernel } from '../../kernel/index.ts';

/** Makes them for a kernel; `list` gives the commands of everybody, for `help`. */
export const ownCommands = (kernel: Kernel, list: () => readonly Command[]): Command[] => [
  {
    name: 'plugin list',
    summary: 'Lists all plugins and their states',
    run: ({ print }) => print(formatReport(kernel.report(), true)),
  },
  {
    name: 'plugin plan',
    summary: 'Tells what switching a plugin would stop and start',
    args: { ...id, disable: { type: 'boolean', description: 'plan for switching it off' } },
    run({ args, print }) {
      const { starts, stops, refused } = kernel.plan({ [args['disable'] ? 'disable' : 'enable']: String(args['id']) });
      if (refused) print(`refused: ${refused.code}, ${refused.message} (${refused.hint})`);
      else print(`stops: ${stops.join(', ') || 'nothing else'}\nstarts: ${starts.join(', ') || 'nothing else'}`);
      return refused ? 1 : 0;
    },
  },
  switchTo(kernel, 'enable', 'Starts a plugin, without a restart'),
  switchTo(kernel, 'disable', 'Stops a plugin, without a restart'),
  {
    name: 'doctor',
    summary: 'Checks configuration, data folder and plugins',
    run: (call) => doctor(kernel, call.print),
  },
  { name: 'help', summary: 'Lists the commands', run: ({ print }) => help(list(), print) },
];

const id = { id: { type: 'positional', required: true, description: 'id of the plugin' } } as const;

const switchTo = (kernel: Kernel, what: 'enable' | 'disable', summary: string): Command => ({
  name: `plugin ${what}`,
  summary,
  args: id,
  async run({ args, print }) {
    const report = await kernel[what](String(args['id']));
    const { id: name, status, problems } = report.plugins.find((plugin) => plugin.id === args['id'])!;
    print([`${name}: ${status}`, ...problems.map(({ code, message }) => `${code}  ${message}`)].join('\n'));
    return what === 'enable' && status !== 'active' ? 1 : 0;
  },
});

function doctor({ config, version, report }: Kernel, print: (line: string) => void): number {
  const all = report();
  print(`mibew ${version} on Node ${process.version}`);
  print(`data: ${config.data}`);
  print(`listens on: ${config.host || 'every interface'}, port ${config.port}`);
  print(`public address: ${config.publicUrl?.href ?? 'not set, taken from each request'}`);
  print(formatReport(all));
  return all.plugins.some(({ status }) => status === 'failed' || status === 'waiting') ? 1 : 0;
}

function help(list: readonly Command[], print: (line: string) => void): void {
  print('mibew start\n    Runs the server');
  for (const { name, summary, args = {} } of list) {
    const words = Object.entries(args).map(([key, { type, required }]) => {
      const word = type === 'positional' ? `<${key}>` : type === 'string' ? `--${key} <text>` : `--${key}`;
      return required ? ` ${word}` : ` [${word}]`;
    });
    print(`mibew ${name}${words.join('')}\n    ${summary}`);
  }
}
