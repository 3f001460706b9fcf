/** Structured log: one JSON line per event, each with the id of the plugin that wrote it, secrets blanked. */
import { pino, stdSerializers, type DestinationStream, type Level, type Logger as Pino } from 'pino';

const secrets = ['password', 'passwd', 'secret', 'token', 'visitor', 'authorization', 'cookie', 'key', 'apiKey'];

/** What {@link createLog} takes. */
export interface LogOptions {
  readonly level?: Level | 'silent';
  readonly destination?: DestinationStream;
}

/**
 * Makes the root log; `log.child({ plugin })` makes a plugin's own.
 *
 * @example
 * const log = createLog({ level: 'info' }).child({ plugin: 'kernel' });
 */
export function createLog({ level = 'info', destination }: LogOptions = {}): Pino {
  const paths = secrets.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]).concat('*["x-mibew-visitor"]');
  const options = {
    level,
    base: null,
    redact: { paths, censor: '[secret]' },
    errorKey: 'error',
    serializers: { err: stdSerializers.err },
  };
  return pino(options, destination ?? pino.destination({ dest: 2, sync: true }));
}
