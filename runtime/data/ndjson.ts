/**
 * Reads NDJSON (a JSON object a line) into a table: keys are columns in order of first appearance, a key that a line lacks
 * is null there. The lines are laid out as those of a CSV are (`ndjson-lines.ts`), so the cells are read by the same code.
 *
 * Types come from all rows: bool, i64, f64, and string for everything else: texts, nested values as their JSON text, and
 * columns whose values are of several types. Integers that no i64 holds make strings, or doubles where there is a fraction.
 * Texts are never guessed to be numbers or timestamps, but `dtypes` may say so.
 */

import { JSON_ESCAPES, loadCsvKernels } from '../../kernels/index.ts';
import type { Table } from './column.ts';
import { type CsvSource, openCsv, SHORT_BYTES } from './csv.ts';
import { type CsvEngine, definition } from './csv-engine.ts';
import { type CsvOptions, type CsvSettings, checkCount, checkCsvOptions, checkDType } from './csv-options.ts';
import { type LinesToLayout, linesByDefinition } from './ndjson-lines.ts';
import { NdjsonReading } from './ndjson-reading.ts';

export type NdjsonOptions = Pick<
  CsvOptions,
  'alloc' | 'machine' | 'columns' | 'dtypes' | 'encoding' | 'inferRows' | 'blockBytes'
>;

/** Lines are long and their columns are read one after the other: what a thread reads of them stays in its cache. */
const BYTES_A_THREAD = 1 << 20;
const MOST_BYTES = 4 << 20;

/** How lines and cells are read. */
export interface NdjsonEngine {
  readonly cells: CsvEngine;
  readonly layout: LinesToLayout;
  dispose(): void;
}

/**
 * Reads NDJSON (a path, a URL, its bytes, or `{ text }`).
 *
 * Errors: W8001 cannot be read; W8002 a line that is no object, a cell that is not of the type asked for, not UTF-8; W8003
 * an unknown column; W8006 an unusable option.
 */
export function readNdjsonTable(source: CsvSource, options: NdjsonOptions): Promise<Table> {
  return readNdjsonWith(source, options, engineOf(options));
}

/**
 * Reads NDJSON in batches of `batchRows` rows (262,144 when absent; the last one has what is left), so that files may be
 * larger than memory. Columns are the keys of the first `inferRows` lines, and types that are not given are guessed from
 * them: another key is an error (W8002) unless `columns` says what to read, and so is a cell that does not fit. The strings of
 * a batch have a dictionary of their own.
 */
export function scanNdjsonTables(
  source: CsvSource,
  options: NdjsonOptions & { readonly batchRows?: number },
): AsyncGenerator<Table> {
  return scanNdjsonWith(source, options, engineOf(options));
}

/** Makes the engine for a text of so many bytes. */
type EngineOf = (settings: CsvSettings, byteLength: number) => Promise<NdjsonEngine> | NdjsonEngine;

const engineOf =
  ({ machine }: NdjsonOptions): EngineOf =>
  (settings, byteLength) =>
    machine === undefined || byteLength < SHORT_BYTES ? byDefinition(settings) : byKernels(machine, settings);

export function byDefinition(settings: CsvSettings): NdjsonEngine {
  return { cells: definition(settings), layout: linesByDefinition, dispose: () => {} };
}
export async function byKernels(
  machine: NonNullable<NdjsonOptions['machine']>,
  settings: CsvSettings,
): Promise<NdjsonEngine> {
  const [{ kernelEngine }, { linesByKernels }] = await Promise.all([
    import('./csv-machine.ts'),
    import('./ndjson-machine.ts'),
  ]);
  const cells = await kernelEngine(machine, settings);
  const lines = linesByKernels(machine, await loadCsvKernels());
  const dispose = (): void => {
    cells.dispose();
    lines.dispose();
  };
  return { cells, layout: lines.layout, dispose };
}

/** The table, with a given engine. */
export async function readNdjsonWith(source: CsvSource, options: NdjsonOptions, engineFor: EngineOf): Promise<Table> {
  const settings = settingsOf(options);
  const opened = await openCsv(source);
  let engine: NdjsonEngine | null = null;
  try {
    engine = await engineFor(settings, opened.byteLength);
    return await new NdjsonReading(opened, settings, engine, options.alloc).table();
  } finally {
    engine?.dispose();
    await opened.close();
  }
}

/** Its batches, with a given engine. */
export async function* scanNdjsonWith(
  source: CsvSource,
  options: NdjsonOptions & { readonly batchRows?: number },
  engineFor: EngineOf,
): AsyncGenerator<Table> {
  const { batchRows = 1 << 18 } = options;
  const settings = settingsOf(options);
  checkCount('batchRows', batchRows);
  const opened = await openCsv(source);
  let engine: NdjsonEngine | null = null;
  try {
    engine = await engineFor(settings, opened.byteLength);
    yield* new NdjsonReading(opened, settings, engine, options.alloc).batches(batchRows);
  } finally {
    engine?.dispose();
    await opened.close();
  }
}

function settingsOf(options: NdjsonOptions): CsvSettings {
  const { machine } = options;
  const checked = checkCsvOptions({
    blockBytes: Math.min(MOST_BYTES, (machine?.threads ?? 4) * BYTES_A_THREAD),
    ...options,
  });
  for (const [column, dtype] of Object.entries(checked.dtypes)) checkDType(column, dtype);
  return { ...checked, dialect: { ...checked.dialect, escapeByte: JSON_ESCAPES }, quotedIsText: true };
}
