/** The entry of `npm run bench`: connects the command with the process. */

import { bench } from './command.ts';

process.exitCode = await bench(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
});
