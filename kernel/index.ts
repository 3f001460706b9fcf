/** The public entry on the server: what a plugin or an entry point imports as `mibew/kernel`. */
export * from './tokens.ts';
export * from './plugin.ts';
export { commands, type Command, type CommandArg, type CommandCall } from './commands.ts';
export { defineConfig, type MibewConfig } from './config.ts';
export { describeError, PluginError, reasonOf, type ErrorCode } from './errors.ts';
export { createKernel, type HostKernel, type KernelOptions } from './kernel.ts';
export { refuse } from './http.ts';
export { formatReport } from './report.ts';
export { listen, type Server } from './server.ts';
export { startWorker } from './worker.ts';
