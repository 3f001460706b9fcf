/** A server that brings one mail away and may be killed meanwhile: database, mail server, number of the mail. */
import { connect } from '../../database/testing.ts';
import { openPost } from './post.ts';

const [database = '', url = '', id = ''] = process.argv.slice(2);
const db = connect(database);
const { deliver } = openPost(db, { url, now: Date.now });
await deliver(Number(id));
await db.close();
process.exit(0);
