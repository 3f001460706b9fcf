/** The first messages of each language: stored once, and from then on like any others. */
import type { Database } from '../database/api.ts';
import type { LocalesService } from '../locales/api.ts';
import { message, seeded } from './tables.ts';

/** Texts `canned.first.<name>.title` and `canned.first.<name>.text`. */
const names = ['hello', 'moment', 'more', 'else', 'thanks', 'bye'] as const;

export async function seed(db: Database, locales: Pick<LocalesService, 'available' | 'text'>): Promise<void> {
  const [messages, ledger] = [db.table(message), db.table(seeded)];
  for (const { code: locale } of locales.available()) {
    const rows = names.map((name) => {
      const key = `canned.first.${name}`;
      return {
        locale,
        groupId: 0,
        title: locales.text(locale, `${key}.title`),
        body: locales.text(locale, `${key}.text`),
      };
    });
    // A language without texts of its own has those of English to show, which nobody wants to send in it.
    const foreign = locale !== 'en' && rows[0]!.body === locales.text('en', `canned.first.${names[0]}.text`);
    if (foreign) continue;
    await db.transaction(async (tx) => {
      const { affected } = await tx.query.insertIgnore(ledger, { locale, seededAt: Date.now() });
      if (affected > 0) await tx.query.insert(messages).values(rows);
    });
  }
}
