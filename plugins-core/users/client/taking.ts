/** Taking a conversation, and what stands in the way of it. */
import type { Transport } from '../../client/client/index.ts';
import type { WireThread } from '../api.ts';

export type Taken =
  | { readonly kind: 'taken' }
  /** Somebody else has it. */
  | { readonly kind: 'held'; readonly message: string }
  | { readonly kind: 'over' }
  | { readonly kind: 'failed'; readonly message: string };

/** Codes of the thread function `take`. */
const held = 105;
const over = 106;
const unknown = 4;

/** Compare-and-set at the server: of two operators who take at once one is told here who was faster. */
export async function take(
  transport: Pick<Transport, 'call'>,
  row: Pick<WireThread, 'id' | 'token'>,
  force: boolean,
): Promise<Taken> {
  const args = {
    threadId: row.id,
    token: row.token,
    user: false,
    force,
    return: { threadState: 'threadState', threadAgentId: 'threadAgentId', agentName: 'agentName' },
  };
  try {
    const result = await transport.call([{ function: 'take', arguments: args }], { force: true });
    if (result.errorCode === 0) return { kind: 'taken' };
    if (result.errorCode === over || result.errorCode === unknown) return { kind: 'over' };
    if (result.errorCode === held) return { kind: 'held', message: result.errorMessage ?? '' };
    return { kind: 'failed', message: result.errorMessage ?? '' };
  } catch (error) {
    return { kind: 'failed', message: error instanceof Error ? error.message : '' };
  }
}
