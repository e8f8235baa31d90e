/**
 * A small Parquet writer for tests: uncompressed or gzip pages of either version, every physical type, nulls,
 * dictionaries. It writes just what it is told, so that tests can also write files no sane program would.
 */

import { gzipSync } from 'node:zlib';

export const PHYSICAL = {
  BOOLEAN: 0,
  INT32: 1,
  INT64: 2,
  INT96: 3,
  FLOAT: 4,
  DOUBLE: 5,
  BYTE_ARRAY: 6,
  FIXED_LEN_BYTE_ARRAY: 7,
} as const;
export const ENCODING = {
  PLAIN: 0,
  RLE: 3,
  DELTA_BINARY_PACKED: 5,
  DELTA_LENGTH_BYTE_ARRAY: 6,
  DELTA_BYTE_ARRAY: 7,
  RLE_DICTIONARY: 8,
  BYTE_STREAM_SPLIT: 9,
} as const;
export const CONVERTED = {
  UTF8: 0,
  DECIMAL: 5,
  DATE: 6,
  TIME_MILLIS: 7,
  TIMESTAMP_MILLIS: 9,
  TIMESTAMP_MICROS: 10,
  UINT_8: 11,
  UINT_16: 12,
  UINT_32: 13,
  UINT_64: 14,
  INT_8: 15,
  INT_16: 16,
} as const;

export interface PageSpec {
  readonly version?: 1 | 2;
  readonly encoding: number;
  /** One flag a row; absent when the field is required. */
  readonly present?: readonly boolean[];
  readonly rows: number;
  /** The encoded values. */
  readonly body: Uint8Array;
}
export interface ChunkSpec {
  readonly dictionary?: { readonly count: number; readonly body: Uint8Array };
  readonly pages: readonly PageSpec[];
}
export interface FieldSpec {
  readonly name: string;
  readonly type: keyof typeof PHYSICAL;
  readonly typeLength?: number;
  readonly repetition?: 0 | 1 | 2;
  readonly converted?: number;
  readonly scale?: number;
  /** Logical type: field number in the thrift union and its struct. */
  readonly logical?: readonly [number, Thrift];
  /** One per row group. */
  readonly chunks: readonly ChunkSpec[];
}

/** Builds a file. All chunks of a row group must have equally many rows. */
export function parquetFile(
  fields: readonly FieldSpec[],
  options: { gzip?: boolean; nest?: boolean } = {},
): Uint8Array {
  const out: number[] = [...ascii('PAR1')];
  const groupCount = fields[0]?.chunks.length ?? 0;
  const groups: Thrift[] = [];
  let total = 0;
  for (let g = 0; g < groupCount; g++) {
    const rows = fields[0]?.chunks[g]?.pages.reduce((sum, page) => sum + page.rows, 0) ?? 0;
    total += rows;
    const columns = fields.map((field) => {
      const start = out.length;
      const chunk = field.chunks[g] ?? { pages: [] };
      for (const byte of chunkBytes(field, chunk, options.gzip === true)) out.push(byte);
      return columnThrift(field, rows, start, out.length - start, options);
    });
    groups.push(struct({ 1: list(columns), 2: i64(out.length), 3: i64(rows) }));
  }
  const nest = options.nest === true;
  const schema = [
    struct({ 4: text('root'), 5: i32(nest ? 1 : fields.length) }),
    ...(nest ? [struct({ 3: i32(1), 4: text('outer'), 5: i32(fields.length) })] : []),
    ...fields.map((field) =>
      struct({
        1: i32(PHYSICAL[field.type]),
        2: field.typeLength === undefined ? null : i32(field.typeLength),
        3: i32(field.repetition ?? 0),
        4: text(field.name),
        6: field.converted === undefined ? null : i32(field.converted),
        7: field.scale === undefined ? null : i32(field.scale),
        10: field.logical === undefined ? null : struct({ [field.logical[0]]: field.logical[1] }),
      }),
    ),
  ];
  const footer = struct({ 1: i32(1), 2: list(schema), 3: i64(total), 4: list(groups) }).bytes;
  return Uint8Array.from([...out, ...footer, ...u32(footer.length), ...ascii('PAR1')]);
}

function columnThrift(
  field: FieldSpec,
  rows: number,
  start: number,
  size: number,
  options: { gzip?: boolean; nest?: boolean },
): Thrift {
  const path = [...(options.nest === true ? ['outer'] : []), field.name].map(text);
  return struct({
    2: i64(start),
    3: struct({
      1: i32(PHYSICAL[field.type]),
      2: list([i32(0)]),
      3: list(path),
      4: i32(options.gzip === true ? 2 : 0),
      5: i64(rows),
      6: i64(size),
      7: i64(size),
      9: i64(start),
    }),
  });
}

function chunkBytes(field: FieldSpec, chunk: ChunkSpec, gzip: boolean): number[] {
  const out: number[] = [];
  const pack = (bytes: Uint8Array): Uint8Array => (gzip ? gzipSync(bytes) : bytes);
  if (chunk.dictionary !== undefined) {
    const { count, body } = chunk.dictionary;
    const packed = pack(body);
    out.push(...page(2, body.length, packed.length, { 7: struct({ 1: i32(count), 2: i32(0) }) }), ...packed);
  }
  for (const spec of chunk.pages) {
    const flags = field.repetition === 1 ? hybrid((spec.present ?? []).map(Number), 1) : new Uint8Array(0);
    const nulls = (spec.present ?? []).filter((flag) => !flag).length;
    if (spec.version === 2) {
      const packed = pack(spec.body);
      const header = {
        1: i32(spec.rows),
        2: i32(nulls),
        3: i32(spec.rows),
        4: i32(spec.encoding),
        5: i32(flags.length),
        6: i32(0),
      };
      const sizes = [flags.length + spec.body.length, flags.length + packed.length] as const;
      out.push(...page(3, ...sizes, { 8: struct(header) }), ...flags, ...packed);
    } else {
      const raw = Uint8Array.from([...(field.repetition === 1 ? u32(flags.length) : []), ...flags, ...spec.body]);
      const packed = pack(raw);
      const header = struct({ 1: i32(spec.rows), 2: i32(spec.encoding), 3: i32(3), 4: i32(3) });
      out.push(...page(0, raw.length, packed.length, { 5: header }), ...packed);
    }
  }
  return out;
}

const page = (type: number, raw: number, packed: number, rest: Record<number, Thrift>): number[] =>
  struct({ 1: i32(type), 2: i32(raw), 3: i32(packed), ...rest }).bytes;

/** Plain encoding of numbers, bigints, booleans, strings or byte arrays. */
export function plain(type: keyof typeof PHYSICAL, values: readonly unknown[]): Uint8Array {
  if (type === 'BOOLEAN') return bits(values.map(Number), 1);
  const out: number[] = [];
  for (const value of values) {
    const view = new DataView(new ArrayBuffer(12));
    if (value instanceof Uint8Array || typeof value === 'string') {
      const bytes = value instanceof Uint8Array ? value : new TextEncoder().encode(value);
      if (type === 'BYTE_ARRAY') out.push(...u32(bytes.length));
      out.push(...bytes);
      continue;
    }
    let size = 8;
    if (type === 'INT32') view.setInt32(0, Number(value), true);
    else if (type === 'FLOAT') view.setFloat32(0, Number(value), true);
    else if (type === 'DOUBLE') view.setFloat64(0, Number(value), true);
    else view.setBigInt64(0, BigInt.asIntN(64, BigInt(String(value))), true);
    if (type === 'INT32' || type === 'FLOAT') size = 4;
    if (type === 'INT96') {
      view.setInt32(8, Number(BigInt(String(value)) >> 64n), true);
      size = 12;
    }
    out.push(...new Uint8Array(view.buffer, 0, size));
  }
  return Uint8Array.from(out);
}

/** Dictionary indices: a byte of width, then the hybrid. */
export const indices = (values: readonly number[], width: number): Uint8Array =>
  Uint8Array.from([width, ...hybrid(values, width)]);

/** Run lengths for runs of eight and more, packed groups of eight for the rest, as writers do. */
export function hybrid(values: readonly number[], width: number): Uint8Array {
  const out: number[] = [];
  let at = 0;
  while (at < values.length) {
    let run = 1;
    while (values[at + run] === values[at]) run++;
    if (run >= 8 || at + 8 > values.length) {
      out.push(...varint(run << 1));
      for (let i = 0; i < width; i += 8) out.push(((values[at] ?? 0) >> i) & 0xff);
      at += run;
    } else {
      out.push(...varint((1 << 1) | 1), ...bits(values.slice(at, at + 8), width));
      at += 8;
    }
  }
  return Uint8Array.from(out);
}

function bits(values: readonly number[], width: number): Uint8Array {
  const out = new Uint8Array(Math.ceil((values.length * width) / 8));
  values.forEach((value, i) => {
    for (let b = 0; b < width; b++) {
      const at = i * width + b;
      out[at >> 3] = (out[at >> 3] ?? 0) | (((value >> b) & 1) << (at & 7));
    }
  });
  return out;
}

/** A value in thrift's compact protocol. */
export interface Thrift {
  readonly type: number;
  readonly bytes: number[];
}
export const i32 = (v: number): Thrift => ({ type: 5, bytes: varint(v < 0 ? -2 * v - 1 : 2 * v) });
const i64 = (v: number): Thrift => ({ type: 6, bytes: varint(2 * v) });
export const bool = (v: boolean): Thrift => ({ type: v ? 1 : 2, bytes: [] });
const text = (v: string): Thrift => {
  const bytes = new TextEncoder().encode(v);
  return { type: 8, bytes: [...varint(bytes.length), ...bytes] };
};
const list = (items: readonly Thrift[]): Thrift => ({
  type: 9,
  bytes: [0xf0 | (items[0]?.type ?? 12), ...varint(items.length), ...items.flatMap((item) => item.bytes)],
});
export function struct(fields: Readonly<Record<number, Thrift | null>>): Thrift {
  const bytes: number[] = [];
  let last = 0;
  for (const [key, field] of Object.entries(fields)) {
    if (field === null) continue;
    bytes.push(((Number(key) - last) << 4) | field.type, ...field.bytes);
    last = Number(key);
  }
  return { type: 12, bytes: [...bytes, 0] };
}

function varint(value: number): number[] {
  const out: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) out.push((rest % 128) | 0x80);
  return [...out, rest];
}
const u32 = (v: number): number[] => [v & 0xff, (v >> 8) & 0xff, (v >> 16) & 0xff, (v >> 24) & 0xff];
const ascii = (v: string): number[] => [...v].map((c) => c.charCodeAt(0));
