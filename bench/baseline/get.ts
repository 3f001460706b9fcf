/** Baseline of `gateway`: a bare Hono server that answers a GET with the same bytes and headers. Answer in argv[2]. */
import { serve } from '@hono/node-server';
import { Hono } from 'hono';

const answer = process.argv[2] ?? '';
const app = new Hono();
app.get('/widget', (context) => context.body(answer, 200, { 'content-type': 'application/javascript' }));
// Its turn comes every few seconds; what it keeps open meanwhile stays open.
const serverOptions = { keepAliveTimeout: 75_000 };
serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1', serverOptions }, ({ port }) =>
  process.stdout.write(`listening ${port}\n`),
);
