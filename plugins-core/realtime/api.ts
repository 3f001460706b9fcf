/**
 * Carriers that stay open: one socket per processor with packages in both directions, and streams, which go on with pushes after
 * the answer to one package. Both are members of topics.
 */
import { defineService } from '../../kernel/tokens.ts';
import type { ClientCall } from '../rpc/api.ts';

export interface RealtimeService {
  /**
   * Pushes calls to every socket and stream of this node that subscribed to `topic`. Encoded once per distinct text. A slow reader is cut off
   * (4429), never buffered without end; what it missed it pulls.
   * @returns number of sockets and streams reached
   */
  publish(topic: string, calls: readonly ClientCall[]): number;
  /** Number of sockets and streams of this node on a topic; 0 lets the publisher skip making the message. */
  count(topic: string): number;
  /**
   * Takes every socket and stream of this node that is on `topic` off others (and off itself, if named): what may not be heard any
   * more. A stream that is on no topic ends.
   */
  leave(topic: string, others: readonly string[]): void;
  /** Closes sockets and ends streams whose caller has this `socketKey` (see ProcessorSpec), e.g. `operator-session:12`. */
  close(socketKey: string, code: number, reason: string): void;
}
export const realtime = defineService<RealtimeService>('realtime');

/** Why the server closes a socket: the hello was refused, none came, the server goes away, the reader is too slow. */
export const closeCodes = { refused: 4403, noHello: 4408, goingAway: 4503, slowReader: 4429 } as const;

/**
 * A sign of life: an empty text frame, in both directions. The server answers it with the same, at most once a second.
 * Clients that cannot see pings send one per `heartbeat` seconds of the hello's answer to learn that the server is there.
 */
export const heartbeatFrame = '';
