/**
 * The demo: three libraries, one fused loop, three million real flights.
 *
 *     npm run demo                      the answer, the loops, and how fast it was
 *     npm run demo -- --json FILE       the same as data
 *
 * Reads the flights and airports of `vega-datasets`, runs `programs/flights` in four ways that give the same answer
 * (checked), and prints medians side by side.
 */

import { closeSync, openSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readCSV, readParquet } from '../frontends/frame/index.ts';
import { init, readCsvTable, readParquetTable, WeldError } from '../runtime/index.ts';
import { flightFiles } from './flights/files.ts';
import { measure } from './flights/measure.ts';
import { reportJson, reportText } from './flights/report.ts';
import { machine } from './machine.ts';
import { progressLine } from './progress.ts';

const USAGE = `usage: npm run demo -- [options]

  --json FILE    also write the figures and the answer to FILE
  --runs N       timed rounds (default 9)
  --threads N    threads of the last column (default: all cores)
  -h, --help     this text
`;

interface Options {
  readonly json: string | null;
  readonly runs: number;
  readonly threads: number | null;
}

function options(argv: readonly string[]): Options | string {
  let values: { json?: string; runs?: string; threads?: string; help?: boolean };
  try {
    ({ values } = parseArgs({
      args: [...argv],
      options: {
        json: { type: 'string' },
        runs: { type: 'string' },
        threads: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }));
  } catch (e) {
    return e instanceof Error ? e.message : String(e);
  }
  if (values.help === true) return '';
  const whole = (text: string | undefined): number | null => (text === undefined ? null : Number(text));
  const [runs, threads] = [whole(values.runs), whole(values.threads)];
  for (const [name, n, most] of [['--runs', runs, 1000] as const, ['--threads', threads, 256] as const]) {
    if (n !== null && !(Number.isInteger(n) && n >= 1 && n <= most))
      return `${name} must be a whole number from 1 to ${most}`;
  }
  const json = values.json ?? null;
  return (json === null ? null : unwritable(json)) ?? { json, runs: runs ?? 9, threads };
}

/** Why a file cannot be written, or null: better known before the measuring than after it. */
function unwritable(file: string): string | null {
  try {
    closeSync(openSync(file, 'a'));
    return null;
  } catch (e) {
    return `cannot write the --json file: ${e instanceof Error ? e.message : String(e)}`;
  }
}

async function demo(o: Options): Promise<void> {
  const progress = progressLine();
  const session = await init(o.threads === null ? {} : { threads: o.threads });
  try {
    const files = flightFiles();
    progress.show('reading 3,000,000 flights');
    const start = performance.now();
    const flights = await readParquet(files.flights, { session });
    const airports = await readCSV(files.airports, { session });
    const readMs = performance.now() - start;
    const result = await measure({
      session,
      flights,
      airports,
      flightsTable: await readParquetTable(files.flights, { alloc: session.heap }),
      airportsTable: await readCsvTable(files.airports, { alloc: session.heap }),
      runs: o.runs,
      onProgress: (text) => progress.show(text),
    });
    progress.clear();
    const report = { ...result, readMs, machine: machine() };
    process.stdout.write(reportText(report));
    if (o.json !== null) writeFileSync(o.json, `${JSON.stringify(reportJson(report), null, 2)}\n`);
  } finally {
    progress.clear();
    await session.dispose();
  }
}

const parsed = options(process.argv.slice(2));
if (typeof parsed === 'string') {
  (parsed === '' ? process.stdout : process.stderr).write(parsed === '' ? USAGE : `${parsed}\n${USAGE}`);
  process.exitCode = parsed === '' ? 0 : 2;
} else {
  try {
    await demo(parsed);
  } catch (e) {
    if (!(e instanceof WeldError)) throw e;
    process.stderr.write(`${e.message}\n`);
    process.exitCode = e.kind === 'UsageError' ? 2 : 1;
  }
}
