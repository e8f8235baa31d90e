/**
 * Reads a CSV text into a table: in pieces that end with a row, each of which is laid out (`kernels/csv`) and then read
 * column by column; a cell becomes a JavaScript string only as an entry of a dictionary. Kernels do it on all threads, where
 * there is a machine and the text is not short; else the definition does.
 *
 * Types come from all rows: bool (`true`/`false`), i64, f64, timestamp (ISO 8601), else string. Two rules keep what a
 * guess would lose: integers with leading zeros (`00501`) and integers that no i64 holds make a string column, unless
 * `dtypes` says otherwise. An empty field is null, and so is one listed in `nullValues`; a quoted field is always a
 * value, but a quoted empty field is null where the column is not of strings. A header without text at some place
 * names that column `column_k`, counted from 1.
 */

import type { Table } from './column.ts';
import { type CsvEngine, definition } from './csv-engine.ts';
import { type CsvOptions, type CsvSettings, checkCount, checkCsvOptions } from './csv-options.ts';
import { CsvReading } from './csv-reading.ts';
import { type ByteSource, bytesSource, openSource, type SourceInput } from './source.ts';

export type { CsvOptions } from './csv-options.ts';
export type CsvSource = SourceInput | { readonly text: string };

/** Shorter texts are read by the definition: loading the kernels would take longer. */
export const SHORT_BYTES = 1 << 16;

/**
 * Reads a CSV (a path, a URL, its bytes, or `{ text }`).
 *
 * Errors: W8001 cannot be read; W8002 ragged rows, an open quote, a cell that is not of the type asked for, not UTF-8;
 * W8003 an unknown column; W8006 an unusable option.
 */
export function readCsvTable(source: CsvSource, options: CsvOptions): Promise<Table> {
  return readCsvWith(source, options, (settings, byteLength) => engineOf(byteLength, options, settings));
}

/**
 * Reads a CSV in batches of `batchRows` rows (262,144 when absent; the last one has what is left), so that files may be
 * larger than memory. Types that are not given are guessed from the first `inferRows` rows, and a cell that does not fit
 * one is an error (W8002), since the batches before it are gone. The strings of a batch have a dictionary of their own.
 */
export function scanCsvTables(
  source: CsvSource,
  options: CsvOptions & { readonly batchRows?: number },
): AsyncGenerator<Table> {
  return scanCsvWith(source, options, (settings, byteLength) => engineOf(byteLength, options, settings));
}

/** Makes the engine for a text of so many bytes. */
type EngineOf = (settings: CsvSettings, byteLength: number) => Promise<CsvEngine>;

/** The table, with a given engine. */
export async function readCsvWith(source: CsvSource, options: CsvOptions, engineFor: EngineOf): Promise<Table> {
  const settings = checkCsvOptions(options);
  const opened = await openCsv(source);
  let engine: CsvEngine | null = null;
  try {
    engine = await engineFor(settings, opened.byteLength);
    return await new CsvReading(opened, settings, engine).table(options.alloc);
  } finally {
    engine?.dispose();
    await opened.close();
  }
}

/** Its batches, with a given engine. */
export async function* scanCsvWith(
  source: CsvSource,
  options: CsvOptions & { readonly batchRows?: number },
  engineFor: EngineOf,
): AsyncGenerator<Table> {
  const { batchRows = 1 << 18 } = options;
  const settings = checkCsvOptions(options);
  checkCount('batchRows', batchRows);
  const opened = await openCsv(source);
  let engine: CsvEngine | null = null;
  try {
    engine = await engineFor(settings, opened.byteLength);
    yield* new CsvReading(opened, settings, engine).batches(options.alloc, batchRows);
  } finally {
    engine?.dispose();
    await opened.close();
  }
}

/** The bytes of a source, or of a text. */
export async function openCsv(source: CsvSource): Promise<ByteSource> {
  const isInput = typeof source === 'string' || source instanceof URL || source instanceof Uint8Array;
  return isInput ? openSource(source) : bytesSource('<text>', new TextEncoder().encode(source.text));
}

async function engineOf(byteLength: number, { machine }: CsvOptions, settings: CsvSettings): Promise<CsvEngine> {
  if (machine === undefined || byteLength < SHORT_BYTES) return definition(settings);
  const { isForKernels, kernelEngine } = await import('./csv-machine.ts');
  return isForKernels(settings) ? kernelEngine(machine, settings) : definition(settings);
}
