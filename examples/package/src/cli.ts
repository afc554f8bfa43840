#!/usr/bin/env node
import { parseArgs } from 'node:util';

import { greet } from './index.ts';

try {
  const { values, positionals } = parseArgs({
    options: { in: { type: 'string', default: 'en' } },
    allowPositionals: true,
  });
  console.log(greet(positionals.join(' ') || 'world', values.in));
} catch (error) {
  console.error(`greet: ${(error as Error).message}\nUsage: greet [--in LANGUAGE] [NAME]`);
  process.exitCode = 2;
}
