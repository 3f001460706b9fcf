/** A conversation, read whole, and the files that are made of it. */
import type { chatSettings, Side, Thread, ThreadsService, WireMessage } from '../chat/api.ts';
import type { LocalesService } from '../locales/api.ts';
import type { Values } from '../settings/api.ts';
import type { ViewsService } from '../views/api.ts';
import type { TranscriptFormat } from './api.ts';
import { clockOf, lineOf, plainText, type Clock } from './lines.ts';

export interface TranscriptNeeds {
  readonly threads: Pick<ThreadsService, 'messages'>;
  readonly locales: Pick<LocalesService, 'text' | 'intl' | 'info'>;
  readonly views: Pick<ViewsService, 'render'>;
  readonly chat: Values<typeof chatSettings>;
}
export interface TranscriptFile {
  readonly name: string;
  readonly type: string;
  readonly content: string;
}

const atOnce = 200;
/** Of a longer conversation the beginning is left out. */
const mostMessages = 5_000;
/** Characters; mail servers do not take much more than a million. */
const longestText = 500_000;

export type Transcripts = ReturnType<typeof createTranscripts>;

export function createTranscripts({ threads, locales, views, chat }: TranscriptNeeds) {
  /** As this side may see it: a visitor's never holds what is for operators. */
  async function read({ id, lastSeq }: Thread, side: Side): Promise<readonly WireMessage[]> {
    const all: WireMessage[] = [];
    let after = Math.max(0, lastSeq - mostMessages);
    for (;;) {
      const { messages, lastId } = await threads.messages(id, side, after, atOnce);
      if (lastId <= after) return all.filter(({ message }) => message !== '');
      all.push(...messages);
      after = lastId;
    }
  }

  function linesOf(messages: readonly WireMessage[], clock: Clock): string {
    const text = messages.map((message) => lineOf(message, clock)).join('\n');
    return text.length <= longestText ? text : `[…]\n${text.slice(text.indexOf('\n', text.length - longestText) + 1)}`;
  }

  /** Messages under the days on which they were written. */
  function days(messages: readonly WireMessage[], clock: Clock, language: string) {
    const found: { day: string; messages: WireMessage[] }[] = [];
    for (const message of messages) {
      const day = clock.day(message.created, language);
      if (found.at(-1)?.day !== day) found.push({ day, messages: [] });
      found.at(-1)!.messages.push(message);
    }
    return found;
  }

  return {
    /** For a mail: the lines alone. */
    async history(thread: Thread, timeZone?: string | null): Promise<string> {
      return linesOf(await read(thread, 'user'), clockOf(timeZone));
    },
    async file(
      thread: Thread,
      side: Side,
      format: TranscriptFormat,
      locale: string,
      timeZone?: string | null,
    ): Promise<TranscriptFile> {
      const clock = clockOf(timeZone);
      const language = locales.intl(locale);
      const all = days(await read(thread, side), clock, language);
      const title = locales.text(locale, 'transcript.file.title', { company: chat.title, name: thread.userName });
      const name = `conversation-${thread.id}.${format}`;
      if (format === 'txt') {
        const parts = all.map(({ day, messages }) => `— ${day} —\n\n${linesOf(messages, clock)}`);
        return { name, type: 'text/plain', content: `${[title, ...parts].join('\n\n')}\n` };
      }
      const content = await views.render(
        'transcript/file',
        {
          title,
          language,
          rtl: locales.info(locale).rtl,
          days: all.map(({ day, messages }) => ({
            day,
            messages: messages.map(({ kind, created, name, message }) => ({
              time: clock.time(created),
              name,
              text: plainText(message),
              style: kind === 1 ? 'visitor' : kind === 2 ? 'operator' : 'event',
            })),
          })),
        },
        locale,
      );
      return { name, type: 'text/html', content };
    },
  };
}
