/** What others may know of this plugin: contracts only, safe to import in a browser. */
import { threadProcessor } from 'mibew/plugins/chat';
import { defineRpc } from 'mibew/plugins/rpc';
import * as v from 'valibot';

/** Adds the function `wave` to the processor of conversations. */
export const helloRpc = defineRpc(threadProcessor, {
  wave: { input: v.object({ user: v.boolean() }), output: v.object({ waves: v.number() }) },
});
