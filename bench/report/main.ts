/**
 * `npm run bench:report`: writes `bench/RESULTS.md` and its plots from the figures in `bench/results/*.json`, each
 * written by a suite with `--json`. Nothing is measured here, and no figure is in the page that is not in a file.
 */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pageOf } from './page.ts';
import { plotOf } from './plot.ts';
import { type Results, readResults } from './results.ts';

const FOLDER = 'bench';

export async function report(folder: string): Promise<readonly string[]> {
  const from = join(folder, 'results');
  const files = readdirSync(from).filter((name) => name.endsWith('.json'));
  const results: readonly Results[] = files
    .sort()
    .map((name) => readResults(name, readFileSync(join(from, name), 'utf8')));
  mkdirSync(join(folder, 'plots'), { recursive: true });
  const written: string[] = [];
  const write = (name: string, text: string): void => {
    writeFileSync(join(folder, name), text);
    written.push(join(folder, name));
  };
  for (const r of results) write(join('plots', `${r.name}.svg`), await plotOf(r));
  write('RESULTS.md', pageOf(results));
  return written;
}

if (process.argv[1]?.endsWith('report/main.js') === true) {
  for (const file of await report(FOLDER)) process.stdout.write(`${file}\n`);
}
