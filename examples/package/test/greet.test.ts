import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

import { greet, languages } from '../src/index.ts';

test('a greeting is in English unless told otherwise', () => {
  assert.equal(greet('Ada'), 'Hello, Ada!');
  assert.equal(greet('Ada', 'fr'), 'Bonjour, Ada!');
});

test('an unknown language names the known ones', () => {
  assert.throws(() => greet('Ada', 'xx'), new RegExp(languages.join(', ')));
});

test('the command greets by its arguments', () => {
  const cli = new URL('../src/cli.ts', import.meta.url);
  assert.equal(execFileSync(process.execPath, [cli.pathname, '--in', 'es', 'Ada'], { encoding: 'utf8' }), 'Hola, Ada!\n');
});
