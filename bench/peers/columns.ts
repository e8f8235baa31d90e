/**
 * Columns as files, which every process here can read: raw little-endian numbers, the inputs beside one `inputs.json`
 * that says which. Scalars stand in the JSON itself.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Leaf } from '../workloads/near.ts';
import type { Plain } from '../workloads/workload.ts';

type Column = Exclude<Plain, number> | BigInt64Array;
export type ColumnKind = 'i8' | 'u8' | 'i32' | 'i64' | 'f32' | 'f64';

/** A column in a file, or a scalar. */
export type Input = { readonly kind: ColumnKind; readonly length: number; readonly file: string } | number;

const ARRAYS = {
  i8: Int8Array,
  u8: Uint8Array,
  i32: Int32Array,
  i64: BigInt64Array,
  f32: Float32Array,
  f64: Float64Array,
} as const;

function kindOf(column: Column): ColumnKind {
  if (column instanceof Int8Array) return 'i8';
  if (column instanceof Uint8Array) return 'u8';
  if (column instanceof Int32Array) return 'i32';
  if (column instanceof BigInt64Array) return 'i64';
  if (column instanceof Float32Array) return 'f32';
  return 'f64';
}

export function writeInputs(folder: string, inputs: readonly Plain[]): void {
  const list = inputs.map((input, k): Input => {
    if (typeof input === 'number') return input;
    const file = `input-${k}.bin`;
    writeFileSync(join(folder, file), input);
    return { kind: kindOf(input), length: input.length, file };
  });
  writeFileSync(join(folder, 'inputs.json'), JSON.stringify(list));
}

/** The numbers of a column file. */
export function readColumn(folder: string, { kind, file }: Exclude<Input, number>): Column {
  const bytes = readFileSync(join(folder, file));
  // A buffer of the file system may start anywhere; a column of wide numbers may not.
  return new ARRAYS[kind](Uint8Array.from(bytes).buffer);
}

/** Writes an answer and tells where it is: whole numbers beyond 2^53 as i64, everything else as f64. */
export function writeLeaves(folder: string, name: string, leaves: readonly Leaf[]): readonly Input[] {
  return leaves.map((leaf, k) => {
    const file = `${name}-${k}.bin`;
    const [kind, column] =
      typeof leaf[0] === 'bigint'
        ? (['i64', BigInt64Array.from(leaf as ArrayLike<bigint>)] as const)
        : (['f64', Float64Array.from(leaf as ArrayLike<number>)] as const);
    writeFileSync(join(folder, file), column);
    return { kind, length: leaf.length, file };
  });
}
