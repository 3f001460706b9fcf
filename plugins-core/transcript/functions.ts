/** Functions of the `thread` processor. */
import { threadOf, type ThreadCaller, type ThreadSubject } from '../chat/api.ts';
import { RpcError, type RpcImplementation } from '../rpc/api.ts';
import type { LocalesService } from '../locales/api.ts';
import type { Values } from '../settings/api.ts';
import { transcriptErrors, type transcriptRpc } from './api.ts';
import type { Sending } from './sending.ts';
import type { transcriptSettings } from './settings.ts';
import type { Transcripts } from './transcript.ts';

export interface FunctionsNeeds {
  readonly sending: Sending;
  readonly transcripts: Transcripts;
  readonly locales: Pick<LocalesService, 'text'>;
  readonly settings: Values<typeof transcriptSettings>;
}

/** `user: true` is answered for the visitor whose thread it is; the processor has made sure of that. */
export function createFunctions({
  sending,
  transcripts,
  locales,
  settings,
}: FunctionsNeeds): RpcImplementation<ThreadCaller, ThreadSubject, typeof transcriptRpc.functions> {
  return {
    async mailTranscript({ email, captcha, key, timeZone }, call) {
      await sending.send(threadOf(call.subject), { email, captcha, key, timeZone, remote: call.request.address });
      return {};
    },
    async transcript({ format, timeZone }, call) {
      const thread = threadOf(call.subject);
      if (!settings.usercandownload) {
        const text = locales.text(thread.locale, 'transcript.issue.download');
        throw new RpcError(transcriptErrors.off, 'TRANSCRIPT_OFF', text);
      }
      return { ...(await transcripts.file(thread, 'user', format, thread.locale, timeZone)) };
    },
  };
}
