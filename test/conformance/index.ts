/** What tests of plugins need: a kernel in this process, fakes, and the suite that every plugin should pass. */
export * from './kernel.ts';
export * from './describe.ts';
