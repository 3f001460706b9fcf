/** Sees from outside whether a running product has stored something. */
import Database from 'libsql';

/** What changes whenever somebody stores something. Rows are only added or counted up, so the ends of the tables tell. */
const fingerprint = `select json_array(
  (select value from chat_revision),
  (select json_group_array(json_array(id, state, agent_id, user_name, last_seq, message_count, closed_at)) from
    (select * from chat_thread order by id desc limit 50)),
  (select max(rowid) from chat_message),
  (select max(id) from chat_visitor),
  (select json_group_array(json_array(o.id, o.login, o.name, o.status)) from operators_operator o),
  (select count(*) from rpc_waiting), (select count(*) from rpc_callback)) as state`;

/** Watches the SQLite file of a running product. */
export function watchStored(file: string) {
  const database = new Database(file);
  const version = database.prepare('pragma data_version');
  const read = database.prepare(fingerprint);
  let seen: unknown;
  let state = '';
  return {
    /** Looks only when another connection has written since. */
    state: () => {
      const { data_version: now } = version.get() as { data_version: number };
      if (now !== seen) ({ state } = read.get() as { state: string });
      seen = now;
      return state;
    },
    close: () => database.close(),
  };
}
