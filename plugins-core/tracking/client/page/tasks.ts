/** What the server has the page do: scripts are loaded, and handlers called as soon as theirs are there. */
import type { Arguments } from './wire.ts';

export type Handler = (data: Readonly<Record<string, unknown>>) => void;

export interface TasksNeeds {
  /** Where plugins and pages put their functions: `Mibew.APIFunctions`. */
  readonly functions: Record<string, unknown>;
  /** Rejects when the script does not come. */
  readonly load: (address: string) => Promise<void>;
  /** A script did not come. */
  readonly failed: (script: string) => void;
}

export interface Tasks {
  /** Keys as in the original's answers; what is missing or of another shape is as if it were empty. */
  run(response: Arguments): void;
  /** Adds a handler; what the server asked of it before it was there is done now. */
  handle(name: string, run: Handler): void;
}

interface Waiting {
  readonly name: string;
  readonly data: Arguments;
  readonly scripts: readonly unknown[];
}

const bare = <T>() => Object.create(null) as Record<string, T>;
const own = (value: unknown): [string, unknown][] =>
  typeof value === 'object' && value !== null ? Object.entries(value) : [];

export function createTasks({ functions, load, failed }: TasksNeeds): Tasks {
  /** Scripts by id: whether they are there. */
  const scripts = bare<boolean>();
  const dependencies = bare<readonly unknown[]>();
  /** The newest data of handlers that nobody has defined yet. */
  const unheard = bare<Arguments>();
  let waiting: Waiting[] = [];

  function call(name: string, data: Arguments): void {
    const handler = Object.prototype.hasOwnProperty.call(functions, name) && functions[name];
    if (typeof handler !== 'function') {
      unheard[name] = data;
      return;
    }
    try {
      (handler as Handler)(data);
    } catch (error) {
      // Whoever wrote it is told, and the others have their turn.
      setTimeout(() => {
        throw error;
      });
    }
  }

  const isReady = ({ scripts: needed }: Waiting) => needed.every((id) => scripts[String(id)]);

  /** Calls what is ready, in the order in which it came. */
  function drain(): void {
    const all = waiting;
    waiting = [];
    const ready: Waiting[] = [];
    for (const one of all) (isReady(one) ? ready : waiting).push(one);
    for (const { name, data } of ready) call(name, data);
  }

  function fetchScript(id: string, address: unknown): void {
    if (id in scripts) return;
    scripts[id] = false;
    load(String(address)).then(
      () => {
        scripts[id] = true;
        drain();
      },
      () => failed(id),
    );
  }

  return {
    run({ load: addresses, handlers, dependencies: needs, data }) {
      for (const [id, address] of own(addresses)) fetchScript(id, address);
      // The first word on what a handler depends on holds as long as the page.
      for (const [name, ids] of own(needs)) if (!(name in dependencies) && Array.isArray(ids)) dependencies[name] = ids;
      for (const [, name] of own(handlers)) {
        const key = String(name);
        waiting.push({ name: key, data: (data || {}) as Arguments, scripts: dependencies[key] || [] });
      }
      drain();
    },
    handle(name, run) {
      functions[name] = run;
      const data = unheard[name];
      delete unheard[name];
      if (data) call(name, data);
    },
  };
}
