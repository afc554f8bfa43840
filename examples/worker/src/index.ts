import { Hono } from 'hono';

import { sign } from './sign.ts';

export interface Env {
  COUNTERS: KVNamespace;
  GREETING: string;
  SIGNING_KEY?: string;
  CF_VERSION_METADATA?: WorkerVersionMetadata;
}

const app = new Hono<{ Bindings: Env }>();

// Every answer says which version gave it: a deploy is verified by it.
app.use(async (context, next) => {
  await next();
  const version = context.env.CF_VERSION_METADATA?.id;
  if (version) context.header('X-Chitty-Version', version);
});

app.get('/health', (context) => context.json({ status: 'ok', version: context.env.CF_VERSION_METADATA?.id }));

app.get('/hello/:name', async (context) => {
  const name = context.req.param('name');
  const count = Number((await context.env.COUNTERS.get(name)) ?? '0') + 1;
  await context.env.COUNTERS.put(name, String(count));
  const greeting = `${context.env.GREETING}, ${name}!`;
  const key = context.env.SIGNING_KEY;
  return context.json({ greeting, count, signature: key ? await sign(greeting, key) : null });
});

export default app;
