/** Baseline of `poll-idle`: a bare Hono server that parses the same body and answers the same bytes. Answer in argv[2]. */
import { serve } from '@hono/node-server';
import { Hono } from 'hono';

const answer = JSON.parse(process.argv[2] ?? '{}') as Record<string, unknown>;
const app = new Hono();
app.post('/thread/update', async (context) => {
  await context.req.json();
  return context.json(answer);
});
serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => process.stdout.write(`listening ${port}\n`));
