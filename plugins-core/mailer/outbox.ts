/** Takes mails: checks them, puts them into words, stores them and has them delivered. */
import { randomBytes } from 'node:crypto';
import { shownAddress } from './address.ts';
import { isAddress, MailError, type MailerService } from './api.ts';
import { stateOf, type MailStore } from './store.ts';
import { lengthOf, render, type Templates } from './templates.ts';

export interface OutboxNeeds {
  readonly store: MailStore;
  readonly templates: Templates;
  readonly delivers: boolean;
  /** Domain of our mailbox: Message-IDs end with it. */
  readonly domain: string;
  readonly schedule: (id: number, at: number) => Promise<void>;
  readonly now?: () => number;
}

/** Characters of a mail. */
const longest = 1_000_000;

const addressOf = (text: string): string => {
  const address = text.trim();
  if (!isAddress(address)) throw new MailError('ADDRESS_INVALID', 'this is no address that mail can be sent to');
  return shownAddress(address);
};

export function createOutbox({
  store,
  templates,
  delivers,
  domain,
  schedule,
  now = Date.now,
}: OutboxNeeds): MailerService {
  return {
    delivers,
    async send({ template, locale, to, replyTo, values, by, key }) {
      const spec = templates.find(template);
      if (!spec) throw new MailError('TEMPLATE_UNKNOWN', `there is no mail "${template}"`);
      if (key !== undefined && (key === '' || key.length > 120))
        throw new MailError('KEY_INVALID', 'a key has 1 to 120 characters');
      const plain = await templates.words(spec, locale);
      if (lengthOf(plain, spec.placeholders, values) > longest)
        throw new MailError('MAIL_TOO_LARGE', 'the mail is too large');
      const words = render(plain, spec.placeholders, values);
      const fresh = {
        ...words,
        template,
        locale,
        key: key ?? null,
        by: by ?? spec.owner,
        to: addressOf(to),
        replyTo: replyTo === undefined ? null : addressOf(replyTo),
        messageId: `<${randomBytes(16).toString('hex')}@${domain}>`,
      };
      const stored = await store.add(fresh, now());
      if (stored.created) await schedule(stored.id, now());
      return stored;
    },
    async state(id) {
      const row = await store.byId(id);
      return row && stateOf(row.state);
    },
  };
}
