/**
 * `npm run bench:report`: writes `bench/RESULTS.md` and its plots from the figures in `bench/results/*.json`, each
 * written by a suite with `--json`, and prints how far they are from `bench/targets.ts`. Nothing is measured here, and no
 * figure is in the page that is not in a file.
 */

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TARGETS } from '../targets.ts';
import { pageOf } from './page.ts';
import { plotOf } from './plot.ts';
import { type Results, readResults } from './results.ts';
import { targetsTable } from './targets.ts';

const FOLDER = 'bench';

/** What was written, and the table of targets. */
export async function report(folder: string): Promise<{ readonly files: readonly string[]; readonly targets: string }> {
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
  const targets = targetsTable(TARGETS, results);
  write('RESULTS.md', pageOf(results, targets));
  return { files: written, targets };
}

const HELP = 'there are no figures: npm run bench -- --suite weld --json bench/results/weld.json';

if (process.argv[1]?.endsWith('report/main.js') === true) {
  if (!existsSync(join(FOLDER, 'results'))) throw new Error(HELP);
  const { files, targets } = await report(FOLDER);
  process.stdout.write(`${targets}\n${files.join('\n')}\n`);
}
