/** `mibew/client`: what browser code of plugins and of the product's own apps is written against. */
export { createTransport } from './transport.ts';
export type { Transport, TransportOptions, TransportStatus } from './transport.ts';
export { CallFailed, isTransient, succeed, threadInteraction, usersInteraction } from './wire.ts';
export type { Arguments, FunctionCall, Interaction, Result } from './wire.ts';
export type { ClientFunction } from './execute.ts';
export { hostEnvironment, randomText } from './environment.ts';
export type { Environment, SocketLike } from './environment.ts';
export { createOutbox } from './outbox.ts';
export type { Entry, Outbox, Reason, Receipt } from './outbox.ts';
export { createFeed } from './feed.ts';
export type { Feed, Page, Push } from './feed.ts';
export { createEmitter, createModel, reportError } from './store.ts';
export type { Emitter, Model } from './store.ts';
export { memoryStorage, pageStorage } from './storage.ts';
export type { KeyValue, PageStorage } from './storage.ts';
