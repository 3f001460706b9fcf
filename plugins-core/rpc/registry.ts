/** The registry: processors, and the functions that plugins gave them. */
import * as v from 'valibot';
import type { Call, FunctionContract, ProcessorSpec, RpcFunctions } from './api.ts';
import type { Arguments, PackageRules } from './codec.ts';
import type { Rate } from './rates.ts';

/** A processor whose types were left behind: caller and subject are what its own functions gave. */
export type AnySpec = ProcessorSpec<unknown, unknown>;
export type AnyCall = Call<unknown, unknown>;
type Results = Readonly<Record<string, unknown>>;

/** One function, ready to be called. */
export interface RegisteredFunction {
  readonly name: string;
  readonly read: (args: Arguments) => { readonly args: Arguments } | { readonly wrong: string };
  readonly first: ((caller: unknown) => void | Promise<void>) | undefined;
  readonly run: (args: Arguments, call: AnyCall) => Results | undefined | Promise<Results | undefined>;
  readonly rate: Rate | undefined;
  /** Functions of one contribution: how many calls are inside. */
  readonly group: Group;
}
interface Group {
  running: number;
  idle: (() => void) | undefined;
}

interface RegisteredProcessor {
  readonly spec: AnySpec;
  readonly rules: PackageRules;
}

export interface Registry {
  /** @throws Error when the name is taken */
  readonly addProcessor: (spec: AnySpec) => () => void;
  /** @throws Error when a function is there already. @returns removes them; resolves once no call is inside */
  readonly addFunctions: (functions: RpcFunctions) => () => Promise<void>;
  readonly processor: (name: string) => RegisteredProcessor | undefined;
  /** Letter case does not matter. */
  readonly find: (processor: string, name: string) => RegisteredFunction | undefined;
  readonly all: () => readonly AnySpec[];
}

/** Longest wait for calls that are inside a function when its plugin stops. */
const patience = 10_000;

export function createRegistry(): Registry {
  const processors = new Map<string, RegisteredProcessor>();
  const functions = new Map<string, Map<string, RegisteredFunction>>();

  return {
    addProcessor(spec) {
      const { name } = spec.processor;
      if (processors.has(name)) throw new Error(`there is a processor "${name}" already`);
      processors.set(name, { spec, rules: rulesOf(spec) });
      return () => void processors.delete(name);
    },
    addFunctions({ contract, implementation }) {
      const processor = (contract.processor as { readonly name: string }).name;
      const byName = functions.get(processor) ?? new Map<string, RegisteredFunction>();
      const group: Group = { running: 0, idle: undefined };
      const added = Object.entries(contract.functions).map(([name, one]) =>
        registered(processor, name, one, implementation[name], group),
      );
      for (const { name } of added) {
        if (name === 'result') throw new Error('the function name "result" is reserved');
        if (byName.has(name.toLowerCase())) throw new Error(`${processor} has a function "${name}" already`);
      }
      for (const one of added) byName.set(one.name.toLowerCase(), one);
      functions.set(processor, byName);
      return () => {
        for (const { name } of added) byName.delete(name.toLowerCase());
        return whenIdle(group);
      };
    },
    processor: (name) => processors.get(name),
    find: (processor, name) => functions.get(processor)?.get(name.toLowerCase()),
    all: () => [...processors.values()].map(({ spec }) => spec),
  };
}

function rulesOf({ mandatory, mandatoryFor = {} }: AnySpec): PackageRules {
  return {
    mandatory: [...Object.keys(mandatory), 'references', 'return'],
    mandatoryFor: new Map([...Object.entries(mandatoryFor), ['result', ['errorCode']]]),
  };
}

function registered(
  processor: string,
  name: string,
  contract: FunctionContract,
  implementation: unknown,
  group: Group,
): RegisteredFunction {
  const steps: unknown = typeof implementation === 'function' ? { run: implementation } : implementation;
  if (!isImplementation(steps)) throw new Error(`${processor}.${name} is not implemented`);
  const parse = v.safeParser(contract.input, { abortEarly: true });
  return {
    name,
    group,
    first: steps.first?.bind(steps),
    run: steps.run.bind(steps),
    rate: contract.rate,
    read(args) {
      const { success, output, issues } = parse(args);
      if (success) return { args: output };
      const [issue] = issues;
      return { wrong: `${v.getDotPath(issue) ?? 'arguments'}: ${issue.message.slice(0, 200)}` };
    },
  };
}

function isImplementation(value: unknown): value is Pick<RegisteredFunction, 'first' | 'run'> {
  return typeof value === 'object' && value !== null && 'run' in value && typeof value.run === 'function';
}

async function whenIdle(group: Group): Promise<void> {
  if (group.running === 0) return;
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve) => {
    group.idle = resolve;
    timer = setTimeout(resolve, patience);
  });
  clearTimeout(timer);
}

/** Runs a function, counted so that its plugin is not stopped under it. What is synchronous stays so. */
export function runCounted(
  { run, group }: RegisteredFunction,
  args: Arguments,
  call: AnyCall,
): Results | undefined | Promise<Results | undefined> {
  group.running += 1;
  let given: ReturnType<typeof run> | undefined;
  try {
    given = run(args, call);
  } finally {
    if (!(given instanceof Promise)) left(group);
  }
  return given instanceof Promise ? given.finally(() => left(group)) : given;
}

function left(group: Group): void {
  group.running -= 1;
  if (group.running === 0) group.idle?.();
}
