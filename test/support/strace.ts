/** A process under strace: what it writes, to which file or peer, and what it makes sure is on disk, in order. */
import { execFileSync } from 'node:child_process';
import type { Requirement } from './needs.ts';

const traced = ['write', 'writev', 'sendto', 'sendmsg', 'pwrite64', 'pwritev', 'fsync', 'fdatasync'];
/** More bytes of a string than a page of the database has, so that it is shown whole. */
const shown = 16_384;

export interface SystemCall {
  /** A call begins and ends; those of other threads may come between. */
  readonly phase: 'begins' | 'ends';
  readonly thread: string;
  readonly name: string;
  /** Path of the file, or the ends of the connection. Only known where the call begins. */
  readonly target: string;
  /** All that strace prints, the arguments where the call begins and the result where it ends. */
  readonly text: string;
}

/** The words that start a command under strace. The command keeps its process id, so signals reach it and not strace. */
export function underStrace(log: string): readonly string[] {
  const what = ['-s', String(shown), '-e', `trace=${traced.join()}`, '-e', 'signal=none'];
  return ['strace', '-D', '-f', '-yy', ...what, '-o', log];
}

export function strace(): Requirement {
  const what = 'strace, allowed to trace';
  try {
    execFileSync('strace', ['-o', '/dev/null', 'true'], { stdio: 'ignore' });
    return { what, present: true };
  } catch {
    return { what, present: false };
  }
}

/** Reads what strace has written; a call that nobody interrupted begins and ends on one line. */
export function readTrace(log: string): SystemCall[] {
  const calls: SystemCall[] = [];
  for (const line of log.split('\n')) {
    const [, thread, rest] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (thread === undefined || rest === undefined) continue;
    const resumed = /^<\.\.\. (\w+) resumed>/.exec(rest)?.[1];
    if (resumed !== undefined) {
      calls.push({ phase: 'ends', thread, name: resumed, target: '', text: rest });
      continue;
    }
    const [, name, target] = /^(\w+)\(\d+<(.*?)>(?:, |\)| <)/.exec(rest) ?? [];
    if (name === undefined || target === undefined) continue;
    calls.push({ phase: 'begins', thread, name, target, text: rest });
    if (!rest.endsWith('<unfinished ...>')) calls.push({ phase: 'ends', thread, name, target, text: rest });
  }
  return calls;
}
