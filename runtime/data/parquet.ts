/**
 * Reads a Parquet file into a table: one preallocated column per field, filled row group by row group.
 *
 * The footer at the end of the file names every column chunk, so only the chunks of the selected columns are read.
 * Types and their conversions are in `parquet-types.ts`, pages in `parquet-pages.ts`, columns in `parquet-sinks.ts`.
 * Whatever is wrong inside the bytes is W8002 with the file and the column, never a bare engine error.
 */

import { fail, InternalError, WeldError } from '../../compiler/index.ts';
import type { Allocator, Table } from './column.ts';
import { selectColumns } from './columns-by-name.ts';
import type { FileMetaData, ParquetCodec, RowGroup, SchemaTree } from './parquet-codec.ts';
import { loadParquetCodec } from './parquet-codec.ts';
import type { PageScratch } from './parquet-pages.ts';
import { readColumnChunk } from './parquet-pages.ts';
import type { ColumnSink } from './parquet-sinks.ts';
import { columnSink } from './parquet-sinks.ts';
import { fieldType } from './parquet-types.ts';
import type { ByteSource, SourceInput } from './source.ts';
import { messageOf, openSource } from './source.ts';

export interface ParquetOptions {
  /** Columns to read, in this order; all of them when absent. */
  readonly columns?: readonly string[];
  readonly alloc: Allocator;
  /** Called after each column chunk with how many of all are done. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** A top-level column of the file. */
interface Field {
  readonly node: SchemaTree;
  /** Position of its (first) leaf among the chunks of a row group. */
  readonly leaf: number;
}

/**
 * Reads a Parquet file (a path, a URL, or its bytes). Strings come as dictionary codes, dates and timestamps as
 * microseconds, decimals as f64; columns without nulls have no validity.
 *
 * Errors: W8001 cannot be read, W8002 not Parquet or damaged, W8003 unknown column, W8008 a column type we lack.
 */
export async function readParquetTable(input: SourceInput, options: ParquetOptions): Promise<Table> {
  const [codec, source] = await Promise.all([loadParquetCodec(), openSource(input)]);
  try {
    return await readTable(codec, source, options);
  } finally {
    await source.close();
  }
}

async function readTable(codec: ParquetCodec, source: ByteSource, options: ParquetOptions): Promise<Table> {
  const metadata = await readMetadata(codec, source);
  const fields = guard(source, null, () => topLevelFields(codec, metadata));
  const all = fields.map((field) => field.node.element.name);
  const selected = selectColumns(all, options.columns, source.name).map((i) => fields[i] ?? unreachable());
  const length = guard(source, null, () => rowCount(metadata));

  const total = selected.length * metadata.row_groups.length;
  const scratch: PageScratch = {
    indices: new Int32Array(0),
    present: new Int32Array(0),
  };
  const columns = [];
  let done = 0;
  // Column by column, so that a column's dictionary and its stretch of the heap stay in the caches.
  for (const field of selected) {
    const { name } = field.node.element;
    requireFlat(field.node, source.name);
    const type = fieldType(field.node.element, source.name);
    const sink = guard(source, name, () => columnSink(type, length, options.alloc));
    let row = 0;
    for (const group of metadata.row_groups) {
      await readChunk(codec, source, field, group, row, sink, scratch);
      row += Number(group.num_rows);
      options.onProgress?.(++done, total);
    }
    columns.push(sink.finish(`${source.name}: column '${name}'`));
  }
  return {
    names: selected.map((field) => field.node.element.name),
    columns,
    length,
  };
}

/** Reads and decodes one column of one row group. */
async function readChunk(
  codec: ParquetCodec,
  source: ByteSource,
  field: Field,
  group: RowGroup,
  row: number,
  sink: ColumnSink,
  scratch: PageScratch,
): Promise<void> {
  const { element } = field.node;
  const chunk = group.columns[field.leaf];
  const meta = chunk?.meta_data;
  if (chunk === undefined || meta === undefined || chunk.file_path !== undefined) {
    return corrupt(source, element.name, 'its data is encrypted or in another file');
  }
  // Some writers leave the offset of the dictionary out, others put 0; the chunk starts with whatever comes first.
  const dictionary = Number(meta.dictionary_page_offset ?? 0);
  const data = Number(meta.data_page_offset);
  const start = dictionary > 0 ? Math.min(dictionary, data) : data;
  const end = start + Number(meta.total_compressed_size);
  if (!(start >= 0 && end >= start && end <= source.byteLength)) {
    return corrupt(source, element.name, `its data is at bytes ${start} to ${end} of ${source.byteLength}`);
  }
  const bytes = await source.read(start, end);
  const rows = Number(group.num_rows);
  guard(source, element.name, () =>
    readColumnChunk(codec, { bytes, element, codec: meta.codec, row, rows }, sink, scratch),
  );
}

const MAGIC = 'PAR1';

async function readMetadata(codec: ParquetCodec, source: ByteSource): Promise<FileMetaData> {
  const size = source.byteLength;
  if (size < 12) return corrupt(source, null, `it has ${size} bytes, fewer than any Parquet file`);
  const tail = await source.read(size - 8, size);
  const found = String.fromCharCode(...tail.subarray(4));
  if (found === 'PARE') return corrupt(source, null, 'its footer is encrypted');
  if (found !== MAGIC) {
    const printable = JSON.stringify(found);
    const head = String.fromCharCode(...(await source.read(0, 4)));
    const help = head === MAGIC ? 'it begins like one: the file is cut short' : null;
    return fail('W8002', `${source.name} is not a Parquet file: it ends in ${printable}, expected "${MAGIC}"`, {
      help,
    });
  }
  const length = new DataView(tail.buffer, tail.byteOffset, 8).getUint32(0, true);
  if (length > size - 12) return corrupt(source, null, `its footer claims ${length} of its ${size} bytes`);
  const footer = await source.read(size - 8 - length, size);
  return guard(source, null, () => codec.parquetMetadata(footer, { geoparquet: false }));
}

function topLevelFields(codec: ParquetCodec, metadata: FileMetaData): readonly Field[] {
  let leaf = 0;
  return codec.parquetSchema(metadata).children.map((node) => {
    const field = { node, leaf };
    leaf += leaves(node);
    return field;
  });
}

function leaves(node: SchemaTree): number {
  return node.children.length === 0 ? 1 : node.children.reduce((sum, child) => sum + leaves(child), 0);
}

/** Rows of the file: what the row groups add up to, which the total must confirm. */
function rowCount(metadata: FileMetaData): number {
  const total = metadata.row_groups.reduce((sum, group) => sum + BigInt(group.num_rows), 0n);
  if (total !== BigInt(metadata.num_rows) || metadata.row_groups.some((group) => group.num_rows < 0n)) {
    throw new RangeError(`its row groups have ${total} rows, its footer says ${metadata.num_rows}`);
  }
  if (total > 0x7fff_ffffn) throw new RangeError(`it claims ${total} rows, more than 2147483647`);
  return Number(total);
}

function requireFlat(node: SchemaTree, where: string): void {
  const { name, repetition_type } = node.element;
  if (node.children.length === 0 && repetition_type !== 'REPEATED') return;
  const what = node.children.length > 0 ? 'nested (a list, map or struct)' : 'repeated';
  fail('W8008', `${where}: column '${name}' is ${what}; expected one value a row`, {
    help: 'read the others by naming them in `columns`',
  });
}

/** Runs a decoder; whatever it throws about the bytes becomes W8002. A ReferenceError never is about the bytes. */
function guard<T>(source: ByteSource, column: string | null, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof WeldError || error instanceof InternalError || error instanceof ReferenceError) throw error;
    return corrupt(source, column, messageOf(error));
  }
}

function corrupt(source: ByteSource, column: string | null, reason: string): never {
  const where = column === null ? source.name : `${source.name}: column '${column}'`;
  return fail('W8002', `${where} cannot be decoded as Parquet: ${reason}`, {
    help: 'the file is damaged or was written by an incompatible program; write it again',
  });
}

function unreachable(): never {
  throw new InternalError('parquet: a selected column is not in the file');
}
