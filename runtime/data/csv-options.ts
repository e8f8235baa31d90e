/** What a reader of CSV can be told, and the checks of it. */

import { fail, SCALAR_KINDS } from '../../compiler/index.ts';
import type { Dialect, Machine, Ragged } from '../../kernels/index.ts';
import type { Allocator, DType } from './column.ts';

export interface CsvOptions {
  readonly alloc: Allocator;
  /** Runs kernels on the memory that `alloc` gives (`session.machine()`); without one the definition reads the text. */
  readonly machine?: Machine;
  /** One ASCII character; a comma when absent. */
  readonly delimiter?: string;
  /** Inside quotes, takes the character behind it as it is; there is none when absent, and a quote is written twice. */
  readonly escape?: string;
  /** Lines that begin with this character are no rows. */
  readonly comment?: string;
  /** Whether the first row names the columns (it does by default); else they are `column_1`, `column_2`, ... */
  readonly header?: boolean;
  /** Columns to read, in this order; all of them when absent. */
  readonly columns?: readonly string[];
  /** Unquoted fields that mean null, besides the empty one. */
  readonly nullValues?: readonly string[];
  /** Types by column name, instead of inferred ones. */
  readonly dtypes?: Readonly<Record<string, DType>>;
  /**
   * What becomes of a row with more or fewer fields than the first: `error` (W8002, the default); `null` gives missing
   * fields null, and more are an error; `truncate` also drops fields that are too many; `skip` drops the row.
   */
  readonly ragged?: Ragged;
  /** `utf8-lossy` puts U+FFFD in the place of bytes that are not UTF-8; by default they are an error (W8002). */
  readonly encoding?: 'utf8' | 'utf8-lossy';
  /** Rows from which types are guessed; all rows decide in the end, but a guess that holds saves time. 1,000 when absent. */
  readonly inferRows?: number;
  /** Bytes that are read at a time, 256 MiB at most; when absent 4 MiB, of NDJSON 1 MiB a thread up to that. */
  readonly blockBytes?: number;
}

/** Options in the form that reading needs. */
export interface CsvSettings {
  readonly dialect: Dialect;
  readonly header: boolean;
  readonly columns: readonly string[] | undefined;
  readonly nulls: readonly Uint8Array[];
  readonly dtypes: Readonly<Record<string, DType>>;
  readonly lossy: boolean;
  /** Is what stands in quotes always text where types are guessed? */
  readonly quotedIsText: boolean;
  readonly inferRows: number;
  readonly blockBytes: number;
}

const BLOCK_BYTES = 4 << 20;
/** Kernels count what they note of cells in i32. */
const MOST_BLOCK_BYTES = 2 ** 28;
const RAGGED: readonly Ragged[] = ['error', 'null', 'truncate', 'skip'];

/** W8006 for an option that is unusable. */
export function checkCsvOptions(options: CsvOptions): CsvSettings {
  const delimiter = byteOf('delimiter', options.delimiter ?? ',', "for example ',' or ';' or '\\t'");
  const { escape: escaping, comment, ragged = 'error', encoding = 'utf8', inferRows = 1000 } = options;
  const { blockBytes = BLOCK_BYTES, dtypes = {} } = options;
  if (!RAGGED.includes(ragged)) {
    fail('W8006', `ragged is one of ${RAGGED.join(', ')}, found ${JSON.stringify(ragged)}`);
  }
  if (encoding !== 'utf8' && encoding !== 'utf8-lossy') {
    fail('W8006', `the encoding is utf8 or utf8-lossy, found ${JSON.stringify(encoding)}`);
  }
  checkCount('inferRows', inferRows);
  checkCount('blockBytes', blockBytes);
  return {
    dialect: {
      delimiter,
      // A quote before a quote is what there is without an escape.
      escapeByte: escaping === undefined || escaping === '"' ? null : byteOf('escape', escaping, "for example '\\\\'"),
      comment: comment === undefined ? null : byteOf('comment', comment, "for example '#'"),
      ragged,
    },
    header: options.header ?? true,
    columns: options.columns,
    nulls: (options.nullValues ?? []).map((text) => new TextEncoder().encode(text)),
    dtypes,
    lossy: encoding === 'utf8-lossy',
    quotedIsText: false,
    inferRows,
    blockBytes: Math.min(blockBytes, MOST_BLOCK_BYTES),
  };
}

/** W8006 for a type that columns cannot have. */
export function checkDType(column: string, dtype: DType): void {
  if (dtype === 'string' || dtype === 'timestamp' || SCALAR_KINDS.includes(dtype)) return;
  fail('W8006', `found the dtype '${String(dtype)}' for column '${column}'`, {
    help: `expected one of ${[...SCALAR_KINDS, 'string', 'timestamp'].join(', ')}`,
  });
}

function byteOf(what: string, text: string, example: string): number {
  const code = text.charCodeAt(0);
  if (text.length !== 1 || code > 0x7f || text === '"' || text === '\n' || text === '\r') {
    fail('W8006', `found the ${what} ${JSON.stringify(text)}, expected one ASCII character`, {
      help: `${example}; not a quote or a line end`,
    });
  }
  return code;
}
/** W8006 for what is no number of things. */
export function checkCount(what: string, n: number): void {
  if (!(Number.isInteger(n) && n > 0)) fail('W8006', `${what} is a whole number above 0, found ${String(n)}`);
}
