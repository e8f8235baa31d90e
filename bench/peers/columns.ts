/**
 * Columns as files, which every process here can read: raw little-endian numbers, the inputs beside one `inputs.json`
 * that says which. Scalars stand in the JSON itself.
 */

import { closeSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TypedArray } from '../../compiler/index.ts';
import type { Leaf } from '../workloads/near.ts';
import { fill, type Plain, type Source } from '../workloads/workload.ts';

type Column = Exclude<Plain, number>;

const ARRAYS = {
  i8: Int8Array,
  u8: Uint8Array,
  i32: Int32Array,
  f32: Float32Array,
  f64: Float64Array,
} as const;
type Kind = keyof typeof ARRAYS;

/** A column in a file, or a scalar. */
export type Input<K = Kind> = { readonly kind: K; readonly length: number; readonly file: string } | number;
/** Of an answer, which may have whole numbers beyond 2^53. */
export type Output = Input<Kind | 'i64'>;

function kindOf(column: Column): Kind {
  if (column instanceof Int8Array) return 'i8';
  if (column instanceof Uint8Array) return 'u8';
  if (column instanceof Int32Array) return 'i32';
  if (column instanceof Float32Array) return 'f32';
  return 'f64';
}

/** The file of an input that is a column; of bytes it is these bytes. */
export const inputFile = (k: number): string => `input-${k}.bin`;

export function writeInputs(folder: string, inputs: readonly Plain[]): void {
  const list = inputs.map((input, k): Input => {
    if (typeof input === 'number') return input;
    const file = inputFile(k);
    writeFileSync(join(folder, file), input);
    return { kind: kindOf(input), length: input.length, file };
  });
  writeFileSync(join(folder, 'inputs.json'), JSON.stringify(list));
}

/** What `writeInputs` wrote; columns are read when they are filled in. */
export function readInputs(folder: string): readonly (number | Source)[] {
  const list: readonly Input[] = JSON.parse(readFileSync(join(folder, 'inputs.json'), 'utf8'));
  return list.map((input) => {
    if (typeof input === 'number') return input;
    return { length: input.length, into: (column: TypedArray) => readInto(column, folder, input) };
  });
}

/** Numbers that are in memory twice while a column is read. */
const PIECE = 1 << 16;

function readInto(column: TypedArray, folder: string, { kind, length, file }: Exclude<Input, number>): void {
  const piece = new ARRAYS[kind](Math.min(PIECE, length));
  const from = openSync(join(folder, file), 'r');
  try {
    for (let at = 0; at < length; at += piece.length) {
      const numbers = piece.subarray(0, length - at);
      const read = readSync(from, numbers);
      if (read !== numbers.byteLength) throw new Error(`${file} ends after ${at} of ${length} numbers`);
      fill(column.subarray(at), numbers);
    }
  } finally {
    closeSync(from);
  }
}

/** Writes an answer and tells where it is: what is neither a column of a known kind nor of 64 bits as f64. */
export function writeLeaves(folder: string, name: string, leaves: readonly Leaf[]): readonly Output[] {
  return leaves.map((leaf, k) => {
    const file = `${name}-${k}.bin`;
    const column = columnOf(leaf);
    writeFileSync(join(folder, file), column);
    return { kind: column instanceof BigInt64Array ? 'i64' : kindOf(column), length: leaf.length, file };
  });
}
function columnOf(leaf: Leaf): Column | BigInt64Array {
  if (leaf instanceof BigInt64Array) return leaf;
  if (typeof leaf[0] === 'bigint') return BigInt64Array.from(leaf as ArrayLike<bigint>);
  const same = Object.values(ARRAYS).some((kind) => leaf instanceof kind);
  return same ? (leaf as Column) : Float64Array.from(leaf as ArrayLike<number>);
}

/** The numbers of an answer. */
export function readLeaf(folder: string, { kind, file }: Exclude<Output, number>): Leaf {
  // A buffer of the file system may start anywhere; a column of wide numbers may not.
  const { buffer } = Uint8Array.from(readFileSync(join(folder, file)));
  return kind === 'i64' ? new BigInt64Array(buffer) : new ARRAYS[kind](buffer);
}
