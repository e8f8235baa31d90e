/**
 * What a workload is: a Weld program written as a naive library would emit it, one loop an operator and every
 * intermediate result in memory; seeded data; and the same answer by one plain JavaScript loop, fused by hand. The
 * program lies beside the TypeScript file, under the same name.
 */

import { existsSync, readFileSync } from 'node:fs';
import {
  type Allocator,
  isScalar,
  type Program,
  paramTypes,
  type Type,
  type TypedArray,
  typeText,
  type Value,
} from '../../compiler/index.ts';
import { parseProgram } from '../../compiler/text.ts';
import type { Session } from '../../runtime/index.ts';
import type { Leaf, Near } from './near.ts';
import { type Random, randomOf } from './random.ts';

/** An argument in the form that suits JavaScript best: i64 columns as the narrowest array that holds the values. */
export type Plain = number | Int8Array | Uint8Array | Int32Array | Float32Array | Float64Array;

/** A workload with its data. */
export interface Instance {
  readonly inputs: readonly Plain[];
  /** The answer by plain JavaScript: one array for each scalar leaf of the program's result. */
  js(): readonly Leaf[];
  /** How far the program's answer may be from that, leaf by leaf. */
  readonly near: readonly Near[];
}

export interface Workload {
  /** As in the papers; the files have `-` for `_`. */
  readonly name: string;
  /** The program, where it is too short for a file. */
  readonly text?: string;
  /** The module of the peers in Python, where several workloads share one; otherwise it is called as the workload. What
   *  follows a `:` is the first argument of its functions. */
  readonly peers?: string;
  /** The rows of the answer may come in any order: the first column identifies them. */
  readonly unordered?: true;
  /** What it computes, and where it is from. */
  readonly about: string;
  /** What `rows` counts. */
  readonly unit: string;
  /** Rows of a measurement, unless asked otherwise. */
  readonly rows: number;
  /** The loops (`for`, at every depth) of the program as one fuses it by hand, and which they are. */
  readonly handFused: { readonly loops: number; readonly why: string };
  /** Where our fused program has another number of loops: how many, and why. */
  readonly gap?: { readonly loops: number; readonly why: string };
  /** Reads the file that the only input is, where there is no program. */
  readonly reader?: (path: string, session: Session) => Promise<ReadFile>;
  make(rows: number, random: Random): Instance;
}

/** What was read of a file. */
export interface ReadFile {
  leaves(): readonly Leaf[];
  /** The columns that it lies in. */
  memory(): readonly TypedArray[];
}

/** All measurements use the same data. */
export const SEED = 20_170_108;

/** The data of a workload: the same on every call. */
export const instanceOf = (w: Workload, rows: number): Instance => w.make(rows, randomOf(SEED));

/** The text of a workload's program; it lies beside the sources, also for the code that was built from them. */
export function textOf(w: Workload): string {
  if (w.text !== undefined) return w.text;
  const file = `${w.name.replaceAll('_', '-')}.weld`;
  for (const up of ['./', '../../../bench/workloads/']) {
    const path = new URL(`${up}${file}`, import.meta.url);
    if (existsSync(path)) return readFileSync(path, 'utf8');
  }
  throw new Error(`bench/workloads/${file} is missing`);
}

export const programOf = (w: Workload): Program => parseProgram(textOf(w));

/** Numbers that `into` writes to a column, for data that is not to be in memory twice. */
export interface Source {
  readonly length: number;
  into(column: TypedArray): void;
}

/** The arguments of the program, in memory from `memory`. */
export function argumentsOf(p: Program, inputs: readonly (Plain | Source)[], memory: Allocator): readonly Value[] {
  const types = paramTypes(p);
  if (types.length !== inputs.length) throw new Error(`${inputs.length} inputs for ${types.length} parameters`);
  return types.map((t, k) => argument(t, inputs[k] ?? 0, memory));
}

function argument(t: Type, input: Plain | Source, memory: Allocator): Value {
  if (t.kind === 'scalar') {
    if (typeof input !== 'number') throw new Error(`an array for a parameter of type ${typeText(t)}`);
    return t.scalar === 'i64' ? BigInt(input) : input;
  }
  if (t.kind !== 'vec' || !isScalar(t.elem) || typeof input === 'number') {
    throw new Error(`no input for a parameter of type ${typeText(t)}`);
  }
  const column = memory.alloc(t.elem.scalar, input.length);
  if ('into' in input) input.into(column);
  else fill(column, input);
  return { kind: 'vec', elem: t.elem, length: input.length, cols: [column] };
}

/** Writes numbers to the start of a column, whole numbers to one of 64 bits. */
export function fill(to: TypedArray, from: Exclude<Plain, number>): void {
  if (to instanceof BigInt64Array || to instanceof BigUint64Array) {
    // By words: a BigInt for each would be garbage that counts as memory of whoever reads the column.
    const words = new Uint32Array(to.buffer, to.byteOffset, 2 * from.length);
    for (let i = 0; i < from.length; i++) {
      const x = from[i] as number;
      words[2 * i] = x;
      words[2 * i + 1] = Math.floor(x / 2 ** 32);
    }
  } else to.set(from);
}
