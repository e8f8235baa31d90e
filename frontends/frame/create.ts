/**
 * Ways into a frame: Parquet, CSV and NDJSON files, columns in memory, Arrow tables.
 *
 * Readers put columns in the session's heap, where loops read them in place. Data that is already in memory is only
 * referred to; the session copies it to its heap when a program runs.
 */

import type { TypedArray } from '../../compiler/index.ts';
import {
  type CsvOptions,
  type CsvSource,
  defaultSession,
  type NdjsonOptions,
  type ParquetOptions,
  readCsvTable,
  readNdjsonTable,
  readParquetTable,
  type Session,
  type SourceInput,
  scanCsvTables,
  scanNdjsonTables,
  type Table,
  tableFromArrow,
} from '../../runtime/index.ts';
import {
  type ColumnLike,
  commonSession,
  fromData,
  isColumnLike,
  type LazyColumn,
  leaseOn,
  leasesOf,
} from '../core/column.ts';
import { refuse, type Site, siteOf } from '../core/trail.ts';
import { columnOf, type Item } from '../core/values.ts';
import { type Frame, frameOf, frameOfColumns } from './frame.ts';

export interface WithSession {
  /** The session that owns the data; the default one when absent. */
  readonly session?: Session;
}
export type ReadParquetOptions = Omit<ParquetOptions, 'alloc'> & WithSession;
export type ReadCSVOptions = Omit<CsvOptions, 'alloc' | 'machine'> & WithSession;
export type ReadNDJSONOptions = Omit<NdjsonOptions, 'alloc' | 'machine'> & WithSession;

export interface InBatches {
  /** Rows of a batch, 262,144 when absent. */
  readonly batchRows?: number;
}

/** A source as it is shown in messages. */
const sourceText = (source: SourceInput | CsvSource): string => {
  if (typeof source === 'string') return JSON.stringify(source);
  return source instanceof URL ? JSON.stringify(source.href) : '<bytes>';
};

/**
 * Reads a Parquet file (a path, a URL or bytes). `columns` limits what is read; strings are dictionary-encoded,
 * timestamps become microseconds. Errors: W8001 unreadable, W8002 not Parquet, W8008 an unsupported column type.
 */
export async function readParquet(source: SourceInput, options: ReadParquetOptions = {}): Promise<Frame> {
  const { session = await defaultSession(), ...rest } = options;
  const table = await readParquetTable(source, { ...rest, alloc: session.heap });
  return frameOfFile(table, session, siteOf('readParquet', [], `readParquet(${sourceText(source)})`));
}

/**
 * Reads a CSV file (a path, a URL, bytes, or `{ text }`) on all threads, with the types of its columns inferred from all
 * rows unless `dtypes` gives them. Lines end in LF, CRLF or CR. `ragged` says what becomes of rows with more or fewer fields
 * than the first, `encoding: 'utf8-lossy'` of bytes that are not UTF-8. Errors: W8001 unreadable, W8002 malformed.
 */
export async function readCSV(source: CsvSource, options: ReadCSVOptions = {}): Promise<Frame> {
  const { session = await defaultSession(), ...rest } = options;
  const table = await readCsvTable(source, { ...rest, alloc: session.heap, machine: session.machine() });
  return frameOfFile(table, session, siteOf('readCSV', [], `readCSV(${sourceText(source)})`));
}

/**
 * Reads NDJSON, a JSON object a line (a path, a URL, bytes, or `{ text }`), on all threads: keys are columns in order of
 * first appearance, a key that a line lacks is null there, nested values are their JSON text. Errors: W8001 unreadable,
 * W8002 malformed, W8003 an unknown column.
 */
export async function readNDJSON(source: CsvSource, options: ReadNDJSONOptions = {}): Promise<Frame> {
  const { session = await defaultSession(), ...rest } = options;
  const table = await readNdjsonTable(source, { ...rest, alloc: session.heap, machine: session.machine() });
  return frameOfFile(table, session, siteOf('readNDJSON', [], `readNDJSON(${sourceText(source)})`));
}

/**
 * Reads a CSV file in batches, so that it may be larger than memory: frames of `batchRows` rows (262,144 when absent; the
 * last one has what is left), each of which is disposed when the next one is asked for. Types that are not given are guessed
 * from the first `inferRows` rows; a cell behind them that does not fit is an error (W8002).
 */
export async function* scanCSV(source: CsvSource, options: ReadCSVOptions & InBatches = {}): AsyncGenerator<Frame> {
  const { session = await defaultSession(), ...rest } = options;
  const tables = scanCsvTables(source, { ...rest, alloc: session.heap, machine: session.machine() });
  yield* framesOf(tables, session, siteOf('scanCSV', [], `scanCSV(${sourceText(source)})`));
}

/**
 * Reads NDJSON in batches, as `scanCSV` does. Columns are the keys of the first `inferRows` lines: another key is an error
 * (W8002) unless `columns` says what to read.
 */
export async function* scanNDJSON(
  source: CsvSource,
  options: ReadNDJSONOptions & InBatches = {},
): AsyncGenerator<Frame> {
  const { session = await defaultSession(), ...rest } = options;
  const tables = scanNdjsonTables(source, { ...rest, alloc: session.heap, machine: session.machine() });
  yield* framesOf(tables, session, siteOf('scanNDJSON', [], `scanNDJSON(${sourceText(source)})`));
}

async function* framesOf(tables: AsyncGenerator<Table>, session: Session, site: Site): AsyncGenerator<Frame> {
  for await (const table of tables) {
    const frame = frameOfFile(table, session, site);
    try {
      yield frame;
    } finally {
      frame.dispose();
    }
  }
}

/** An Arrow table, or the bytes or path of an IPC file or stream. */
export async function fromArrow(
  source: Parameters<typeof tableFromArrow>[0],
  options: WithSession = {},
): Promise<Frame> {
  const { session = await defaultSession() } = options;
  const table = await tableFromArrow(source, { alloc: session.heap });
  return frameOfFile(table, session, siteOf('fromArrow', [], 'fromArrow(..)'));
}

/** A frame that owns what was read into the session's memory. */
function frameOfFile(table: Table, session: Session, site: Site): Frame {
  const lease = leaseOn(table.columns, session);
  return frameOf(table, session, site, lease, [lease]);
}

/**
 * A frame of columns in memory: typed arrays (kept, not copied), lists (numbers are f64, bigints i64, null is missing),
 * and lazy arrays of other libraries. Lengths must agree (W8005).
 */
export function fromColumns(
  columns: Readonly<Record<string, TypedArray | readonly Item[] | ColumnLike>>,
  options: WithSession = {},
): Frame {
  const names = typeof columns === 'object' && columns !== null ? Object.keys(columns) : [];
  const site = siteOf('fromColumns', [], `fromColumns({ ${names.join(', ')} })`);
  if (names.length === 0) refuse(site, 'W8006', 'a frame is made of one column or more, as { name: values }');
  const made = Object.entries(columns).map(([name, values]) => {
    if (values === null || values === undefined)
      refuse(site, 'W8006', `the column ${JSON.stringify(name)} is ${values}`);
    const isLazy = isColumnLike(values);
    return { name, isLazy, column: isLazy ? values.asColumn(site) : dataColumn(name, values, site) };
  });
  const longest = made.find(({ column }) => column.space.length !== made[0]?.column.space.length);
  if (longest !== undefined && longest.column.space.length !== null && made[0]?.column.space.length != null) {
    const [first] = made;
    refuse(
      site,
      'W8005',
      `the column ${JSON.stringify(first.name)} has ${first.column.space.length} rows and ` +
        `${JSON.stringify(longest.name)} has ${longest.column.space.length}`,
    );
  }
  const lazies = made.map((m) => m.column);
  const session = commonSession([{ session: options.session ?? null }, ...lazies], site);
  return frameOfColumns(
    made.map((m) => m.name),
    lazies,
    session,
    site,
    leasesOf(made.flatMap((m) => (m.isLazy ? [] : [m.column]))),
  );
}

function dataColumn(name: string, values: TypedArray | readonly Item[], site: Site): LazyColumn {
  const column = columnOf(values, `the column ${JSON.stringify(name)}`, site);
  const [lazy] = fromData([column], column.length, null, site);
  return lazy ?? refuse(site, 'W8006', `the column ${JSON.stringify(name)} has no values`);
}
