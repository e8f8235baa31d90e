#!/usr/bin/env node
/** The entry of the `weldc` command: connects `main` with the process. */

import { readFileSync } from 'node:fs';
import { main } from './main.ts';

process.exitCode = await main(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  stdin: () => readFileSync(0, 'utf8'),
  env: process.env,
});
