/**
 * Tables to and from Apache Arrow: the one door to `apache-arrow`, which is loaded at the first use.
 *
 * Values are shared, not copied, where the two layouts agree: numbers and microsecond timestamps of one chunk without
 * nulls, and dictionary codes that are already i32 in order of first appearance. Columns of several record batches are
 * concatenated. What differs is converted: bits to bytes for validity and bools, other time units to microseconds
 * (nanoseconds are floored), plain strings to dictionary codes, half floats to f32, decimals to f64 (rounded).
 * A column of Arrow's null type becomes a string column of nulls. Time zones are dropped: the instant stays.
 */

import type { Table as ArrowTable, Data, DataType, Vector } from 'apache-arrow';
import { fail, InternalError, WeldError } from '../../compiler/index.ts';
import { packBits } from './arrow-bits.ts';
import { readArrowColumn } from './arrow-columns.ts';
import type { Allocator, Column, Dictionary, DType, Table } from './column.ts';
import type { SourceInput } from './source.ts';
import { messageOf, readAll } from './source.ts';

export type Arrow = typeof import('apache-arrow');

const loadArrow = (): Promise<Arrow> => import('apache-arrow');

/** An Arrow table over the same values; strings become `Dictionary<Utf8, Int32>`, timestamps microseconds. */
export async function tableToArrow(table: Table): Promise<ArrowTable> {
  const arrow = await loadArrow();
  const children = table.columns.map((column) => toData(arrow, column));
  const fields = table.columns.map((column, i) => {
    const type = children[i]?.type ?? new arrow.Null();
    return new arrow.Field(table.names[i] ?? '', type, column.validity !== null);
  });
  const type = new arrow.Struct(fields);
  const data = arrow.makeData({ type, length: table.length, nullCount: 0, children });
  const schema = new arrow.Schema(fields);
  return new arrow.Table(schema, new arrow.RecordBatch(schema, data));
}

function toData(arrow: Arrow, column: Column): Data {
  const { dtype, length, validity, data } = column;
  let nullCount = 0;
  if (validity !== null) for (let i = 0; i < length; i++) nullCount += validity[i] === 1 ? 0 : 1;
  const buffers = {
    [arrow.BufferType.DATA]: dtype === 'bool' ? packBits(data, length) : data.subarray(0, length),
    [arrow.BufferType.VALIDITY]: validity === null ? new Uint8Array(0) : packBits(validity, length),
  };
  const dictionary = dtype === 'string' ? stringVector(arrow, column.dictionary ?? []) : undefined;
  return new arrow.Data<DataType>(arrowType(arrow, dtype), 0, length, nullCount, buffers, [], dictionary);
}

function arrowType(arrow: Arrow, dtype: DType): DataType {
  switch (dtype) {
    case 'bool':
      return new arrow.Bool();
    case 'string':
      return new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32());
    case 'timestamp':
      return new arrow.TimestampMicrosecond();
    case 'i8':
      return new arrow.Int8();
    case 'i16':
      return new arrow.Int16();
    case 'i32':
      return new arrow.Int32();
    case 'i64':
      return new arrow.Int64();
    case 'u8':
      return new arrow.Uint8();
    case 'u16':
      return new arrow.Uint16();
    case 'u32':
      return new arrow.Uint32();
    case 'u64':
      return new arrow.Uint64();
    case 'f32':
      return new arrow.Float32();
    case 'f64':
      return new arrow.Float64();
    default:
      return dtype satisfies never;
  }
}

/** The strings as one Utf8 chunk. */
function stringVector(arrow: Arrow, strings: Dictionary): Vector {
  const encoder = new TextEncoder();
  const encoded = Array.from(strings, (text) => encoder.encode(text));
  const valueOffsets = new Int32Array(strings.length + 1);
  let end = 0;
  encoded.forEach((bytes, i) => {
    end += bytes.length;
    valueOffsets[i + 1] = end;
  });
  const data = new Uint8Array(end);
  encoded.forEach((bytes, i) => {
    data.set(bytes, valueOffsets[i] ?? 0);
  });
  const type = new arrow.Utf8();
  return new arrow.Vector([arrow.makeData({ type, length: strings.length, nullCount: 0, valueOffsets, data })]);
}

/**
 * A table from an Arrow table or from Arrow IPC (bytes of a stream or file, or a path or URL of one).
 *
 * Errors: W8001 cannot be read, W8002 not Arrow IPC or damaged, W8008 a column type we have no column for.
 */
export async function tableFromArrow(
  source: ArrowTable | SourceInput,
  options: { readonly alloc: Allocator },
): Promise<Table> {
  const arrow = await loadArrow();
  const isInput = typeof source === 'string' || source instanceof URL || source instanceof Uint8Array;
  if (!isInput && !Array.isArray(source?.schema?.fields)) {
    fail('W8006', 'an Arrow table, or the path, URL or bytes of Arrow IPC is needed', {
      help: 'wrap an ArrayBuffer: new Uint8Array(buffer)',
    });
  }
  const { name, table } = isInput ? await fromIpc(arrow, source) : { name: '<arrow table>', table: source };
  const names = table.schema.fields.map((field) => field.name);
  const columns = names.map((column, i) => {
    const chunks: readonly Data<DataType>[] = table.getChildAt(i)?.data ?? [];
    const type = table.schema.fields[i]?.type;
    if (type === undefined) throw new InternalError('arrow: a field without a type');
    const reading = { arrow, where: `${name}: column '${column}'`, alloc: options.alloc };
    return readArrowColumn(reading, type, chunks, table.numRows);
  });
  return { names, columns, length: table.numRows };
}

async function fromIpc(arrow: Arrow, input: SourceInput): Promise<{ name: string; table: ArrowTable }> {
  const { name, bytes } = await readAll(input);
  const help = 'expected an Arrow IPC stream, or a file as Feather version 2 is';
  if (bytes.length === 0) fail('W8002', `${name} cannot be decoded as Arrow: it is empty`, { help });
  try {
    const table = arrow.tableFromIPC(bytes);
    // What is no Arrow at all is read as a stream that ends at once.
    if (table.schema.fields.length === 0) fail('W8002', `${name} has no Arrow columns`, { help });
    return { name, table };
  } catch (error) {
    if (error instanceof WeldError || error instanceof ReferenceError) throw error;
    return fail('W8002', `${name} cannot be decoded as Arrow: ${messageOf(error)}`, { help });
  }
}
