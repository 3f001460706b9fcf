/** Starts a baseline server as a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface Baseline {
  readonly port: number;
  stop(): Promise<void>;
}

/** @param name file in this folder @param args further arguments */
export async function startBaseline(name: string, ...args: readonly string[]): Promise<Baseline> {
  const file = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', file, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(/listening (\d+)/.exec(String(line))?.[1]);
  return {
    port,
    stop: async () => {
      child.kill();
      await once(child, 'close');
    },
  };
}

/** Runs a baseline that measures by itself and prints one line of JSON. */
export async function runBaseline(name: string, ...args: readonly string[]): Promise<{ readonly perSecond: number }> {
  const file = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', file, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += String(chunk);
  });
  await once(child, 'close');
  return JSON.parse(text) as { perSecond: number };
}
