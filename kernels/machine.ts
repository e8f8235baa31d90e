/**
 * What the machine form of a primitive runs on: memory and launches, without knowing whose.
 *
 * A primitive is a name, a typing rule and a meaning in plain TypeScript (`PrimSpec`), which the interpreter runs. Its
 * machine form gives the same value, bit for bit and for any number of threads, by kernels written by hand: it allocates
 * what it needs, launches kernels over parts of the rows and looks at what they counted in between.
 */

import type { Allocator, ScalarValue, TypedArray, Value } from '../compiler/index.ts';
import type { Kernel } from '../compiler/kernels.ts';
import type { Tuning } from './tuning.ts';

/** A buffer of a kernel: a column that all parts share, or a copy of `length` elements for each part behind another. */
export type MachineBuffer = TypedArray | { readonly copies: TypedArray; readonly length: number };

export interface MachineLaunch {
  /** Rows [0, rows) are run in parts of `rowsPerPart`; a thread works on one part at a time. Without rows nothing runs. */
  readonly rows: number;
  readonly rowsPerPart: number;
  /** One a buffer parameter, and one a scalar parameter. */
  readonly bufs: readonly MachineBuffer[];
  readonly scalars?: readonly ScalarValue[];
}

/** What the parts of a launch left behind. */
export interface MachineReport {
  readonly parts: number;
  /** The row at which the first part that stopped did so, and why; null when all ran to their end. */
  readonly failure: { readonly code: string; readonly part: number; readonly row: number } | null;
  /** The value of reduction `red` of a part. */
  cell(part: number, red: number): ScalarValue;
  /** The place of the first row that a part pushed at a cursor: never behind the first place of its own. */
  first(part: number, cursor: number): number;
  /** How many rows a part pushed at a cursor. */
  count(part: number, cursor: number): number;
}

/** Rows that a kernel left to the host, which takes some hundred times as long for each. */
export interface HostWork {
  /** The primitive. */
  readonly kernel: string;
  readonly rows: number;
  /** Of so many. */
  readonly of: number;
  readonly reason: string;
}

export interface Machine {
  /** For results and for memory in between; what the result does not lie in is freed when the primitive is done. */
  readonly alloc: Allocator;
  /** Threads that a launch may use. */
  readonly threads: number;
  /** The fewest rows that are worth a part of their own, where a row is a little work. */
  readonly fewestRows: number;
  /** What has been learnt of kernels that do the same at other speeds. */
  readonly tuning: Tuning;
  /** Runs a kernel, which is compiled the first time that it is launched: make each one once (`once`). */
  launch(kernel: Kernel, launch: MachineLaunch): Promise<MachineReport>;
  /** Is told of rows that a kernel leaves to the host: whoever wonders where the time goes has to see it. */
  onHost(work: HostWork): void;
}

/** Are so few rows not worth a launch, let alone that a kernel is compiled for them? */
export const isFew = (m: Machine, rows: number): boolean => rows <= m.fewestRows / 8;

/** Rows of a part of a kernel that does a little with each row and stores it. */
export const MAP_ROWS = 1 << 16;

/** Gives the value of the primitive for checked arguments. */
export type MachineForm = (args: readonly Value[], machine: Machine) => Promise<Value>;

/** A maker of kernels that makes each one once. */
export function once<A extends readonly (string | number | boolean)[]>(make: (...args: A) => Kernel) {
  const made = new Map<string, Kernel>();
  return (...args: A): Kernel => {
    const key = args.join();
    const kernel = made.get(key) ?? make(...args);
    made.set(key, kernel);
    return kernel;
  };
}
