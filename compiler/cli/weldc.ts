#!/usr/bin/env node
/** The entry of the `weldc` command: connects `main` with the process. */

import { readFileSync } from 'node:fs';
import { decodeUtf8 } from './files.ts';
import { main } from './main.ts';

// A reader that has seen enough (`weldc explain x.weld | head`) is no mistake; output that is lost otherwise is.
process.stdout.on('error', (e: NodeJS.ErrnoException) => {
  if (e.code !== 'EPIPE') process.stderr.write(`weldc: cannot write the answer: ${e.message}\n`);
  process.exit(e.code === 'EPIPE' ? (process.exitCode ?? 0) : 2);
});

process.exitCode = await main(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  stdin: () => decodeUtf8(readFileSync(0)),
  console: () => ({
    input: process.stdin,
    output: process.stdout,
    terminal: process.stdin.isTTY && process.stdout.isTTY,
  }),
  env: process.env,
});
