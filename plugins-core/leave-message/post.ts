/** Mails: to the house when a message was left, and to the visitor when it is answered. Both go into the outbox once. */
import type { Logger } from '../../kernel/plugin.ts';
import { type Thread, type ThreadsService } from '../chat/api.ts';
import type { GroupsService } from '../groups/api.ts';
import type { LocalesService } from '../locales/api.ts';
import { isAddress, MailError, type MailerService, type MailTemplate, type SettledMail } from '../mailer/api.ts';
import type { Store } from './store.ts';
import type { Answer, Left } from './tables.ts';

export const templates: readonly MailTemplate[] = [
  { name: 'leave_message', placeholders: ['name', 'email', 'message', 'info'] },
  { name: 'leave_message_answer', placeholders: ['name', 'answer', 'operator', 'company', 'message'] },
];

export interface PostNeeds {
  readonly store: Store;
  readonly mailer: MailerService | undefined;
  readonly threads: Pick<ThreadsService, 'byId'>;
  readonly groups: Pick<GroupsService, 'mailAddress'> | undefined;
  readonly locales: Pick<LocalesService, 'match' | 'home'>;
  /** Address of the site, title of the company, language of mails to the house. */
  readonly site: { readonly email: string; readonly title: string };
  readonly words: { readonly left_messages_locale: string };
  readonly log: Logger;
}

/** Nobody to mail it to: handed over as far as it goes. */
const nobody = 0;
const atOnce = 100;

export type Post = ReturnType<typeof createPost>;

export function createPost(needs: PostNeeds) {
  const { store, mailer, threads, groups, locales, site, words, log } = needs;

  /** Group → parent → site. */
  async function house(thread: Thread): Promise<string | undefined> {
    const own = thread.groupId > 0 ? await groups?.mailAddress(thread.groupId) : undefined;
    return [own, site.email].find((address) => address !== undefined && isAddress(address));
  }

  async function tell(row: Left, thread: Thread): Promise<void> {
    const to = await house(thread);
    if (!mailer) return;
    if (to === undefined) return store.mailed(row.threadId, nobody);
    const locale = (words.left_messages_locale && locales.match(words.left_messages_locale)) || locales.home;
    const values = { name: row.name, email: row.email, message: thread.shownMessage ?? '', info: row.info };
    const mail = { template: 'leave_message', locale, to, replyTo: row.email, values, key: `left:${row.threadId}` };
    return store.mailed(row.threadId, (await mailer.send(mail)).id);
  }

  async function send(row: Answer, { name, email }: Left, thread: Thread): Promise<void> {
    if (!mailer) return;
    const replyTo = await house(thread);
    const { id } = await mailer.send({
      template: 'leave_message_answer',
      locale: thread.locale,
      to: email,
      ...(replyTo !== undefined && { replyTo }),
      values: {
        name,
        answer: row.body,
        operator: row.operatorName,
        company: site.title,
        message: (thread.shownMessage ?? '').replaceAll(/^/gm, '> '),
      },
      key: `answer:${row.id}`,
    });
    await store.answerMailed(row.id, id);
  }

  /** What fails now the job hands over later; what can never be handed over is given up. */
  async function attempt(work: () => Promise<void>, giveUp: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      log.error({ error }, 'a mail could not be put into the outbox');
      if (error instanceof MailError) await giveUp();
    }
  }

  /** The last answer whose mail was asked for: each run goes on where the one before ended, and begins anew at the end. */
  let cursor = 0;

  /**
   * The hook tells at once, and once: a server may die between a failure and the news of it, and this plugin may have been
   * off. So the mailer is asked for every mail whose end is not known yet; its table is what counts.
   */
  async function settle(by: MailerService): Promise<void> {
    const rows = await store.unsettled(cursor, atOnce);
    for (const row of rows) {
      const state = await by.state(row.mailId!);
      if (state === 'waiting') continue;
      // Gone: the mailer forgets what was settled a month ago or longer.
      await (state === 'sent' || state === undefined ? store.settled(row.id) : store.undelivered(row.id));
    }
    cursor = rows.length < atOnce ? 0 : rows.at(-1)!.id;
  }

  const post = {
    /** Mails can be written to visitors. */
    get delivers(): boolean {
      return mailer?.delivers === true;
    },
    left: (row: Left, thread: Thread) =>
      attempt(
        () => tell(row, thread),
        () => store.mailed(row.threadId, nobody),
      ),
    answered: (row: Answer, message: Left, thread: Thread) =>
      attempt(
        () => send(row, message, thread),
        async () => {
          await store.answerMailed(row.id, nobody);
          await store.undelivered(row.id);
        },
      ),
    /** Job: what was not handed over, or not heard of, because the server went down in between. */
    async catchUp(): Promise<void> {
      if (!mailer) return;
      const { messages, answers } = await store.unmailed(atOnce);
      for (const row of messages) {
        const thread = await threads.byId(row.threadId);
        await (thread ? post.left(row, thread) : store.mailed(row.threadId, nobody));
      }
      for (const row of answers) {
        const [message, thread] = [await store.find(row.threadId), await threads.byId(row.threadId)];
        await (message && thread ? post.answered(row, message, thread) : store.answerMailed(row.id, nobody));
      }
      await settle(mailer);
    },
    /** An answer that did not arrive is work again. */
    async failed({ template, key }: Pick<SettledMail, 'template' | 'key'>): Promise<void> {
      const id = template === 'leave_message_answer' ? Number(/^answer:(\d+)$/.exec(key ?? '')?.[1] ?? 0) : 0;
      if (id > 0) await store.undelivered(id);
    },
  };
  return post;
}
