import assert from 'node:assert/strict';
import { test } from 'node:test';

import app from '../src/index.ts';

/** As much of a KV namespace as the Worker uses. */
function counters() {
  const held = new Map<string, string>();
  return {
    get: async (name: string) => held.get(name) ?? null,
    put: async (name: string, value: string) => void held.set(name, value),
  };
}

function environment(extra: object = {}) {
  return { COUNTERS: counters(), GREETING: 'Hello', ...extra } as never;
}

test('health is ok and names the version', async () => {
  const answer = await app.request('/health', {}, environment({ CF_VERSION_METADATA: { id: 'v-1' } }));
  assert.equal(answer.status, 200);
  assert.deepEqual(await answer.json(), { status: 'ok', version: 'v-1' });
  assert.equal(answer.headers.get('X-Chitty-Version'), 'v-1');
});

test('greetings are counted by name', async () => {
  const env = environment();
  await app.request('/hello/ada', {}, env);
  const answer = await app.request('/hello/ada', {}, env);
  assert.deepEqual(await answer.json(), { greeting: 'Hello, ada!', count: 2, signature: null });
});

test('a greeting is signed where there is a key', async () => {
  const answer = await app.request('/hello/ada', {}, environment({ SIGNING_KEY: 'k' }));
  const { signature } = (await answer.json()) as { signature: string };
  assert.match(signature, /^[0-9a-f]{64}$/);
});

test('an unknown path is not found', async () => {
  assert.equal((await app.request('/nothing', {}, environment())).status, 404);
});
