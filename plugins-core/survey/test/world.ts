/** The plugin in a kernel beside chat, and a visitor who fills in the survey. */
import { newcomer, serve, type Caller, type ChatServer } from '../../chat/test/server.ts';
import { ann } from '../../chat/test/world.ts';
import { threads, type WireMessage } from '../../chat/api.ts';
import type { TestPlugin } from '../../../kernel/testing.ts';
import type { Dialect } from '../../database/api.ts';
import { settings } from '../../settings/api.ts';
import type { SurveyForm } from '../api.ts';

const outcome = { return: { next: 'next', options: 'options' } };

export async function survey(dialect: Dialect, more: readonly TestPlugin[] = []) {
  const server: ChatServer = await serve(dialect, ['survey', ...more]);
  const set = (values: Record<string, unknown>) => server.kernel.service(settings).change(values, 'test');
  await set({ max_connections_from_one_host: 0, start_rate: 0 });
  server.online.add(ann.id);
  const send = async (who: Caller, name: string, args: Readonly<Record<string, unknown>> = {}) =>
    (await server.call(who, [name, { ...outcome, ...args }])).results[0] ?? {};
  return {
    server,
    set,
    /** What is asked first. */
    open: (who: Caller = newcomer(), args = {}) => send(who, 'open', args),
    /** The survey, as it is offered. */
    async form(who: Caller = newcomer(), args = {}): Promise<SurveyForm | undefined> {
      const { next, options } = await send(who, 'open', args);
      return next === 'survey' ? (options as { surveyForm: SurveyForm }).surveyForm : undefined;
    },
    process: (who: Caller, args = {}) => send(who, 'processSurvey', args),
    /** All that operators read of a thread. */
    async told(threadId: number): Promise<readonly WireMessage[]> {
      return (await server.kernel.service(threads).messages(threadId, 'agent', 0)).messages;
    },
    /** Adds a field through the page of administrators. */
    field: (fields: Record<string, string>) =>
      server.page('/operator/survey-fields/add', {
        who: { operator: ann },
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({
          csrf_token: 'csrf-of-the-test',
          kind: 'text',
          maxlength: '20',
          options: '',
          ...fields,
        }).toString(),
      }),
  };
}
export type SurveyWorld = Awaited<ReturnType<typeof survey>>;
