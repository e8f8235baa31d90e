/**
 * The contract of a device: memory, and launches of kernels over the parts of a loop. It knows nothing of plans,
 * vectors or builders; `execute.ts` interprets plans over it. One behavioural suite runs on every device.
 *
 * Methods that a remote device can only do later may give a promise; the CPU answers most of them at once.
 */

import type { FailCode, FlatMemory, Kernel, ScalarKind, ScalarValue, TypedArray, Value } from '../compiler/index.ts';
import type { Lane } from './profile/recorder.ts';

/** An answer that is there at once, or later. */
export type Soon<T> = T | Promise<T>;

/** Device memory for `length` values of `kind`. `handle` names the allocation to its device (on the CPU its address). */
export interface Mem {
  readonly kind: ScalarKind;
  readonly length: number;
  readonly handle: number;
}

/** Compiled kernels on a device. */
export interface DeviceProgram {
  /** The names of the kernels. */
  readonly kernels: readonly string[];
}

/** What a buffer parameter of a kernel is bound to. */
export interface BufferArg {
  readonly mem: Mem;
  /** Distance between the copies of a partial buffer in bytes; 0 for a buffer that all parts share. */
  readonly stride: number;
  /** There are copies for the parts of one round only. */
  readonly perRound?: true;
}

/** Parts that run in rounds: what those of a round leave is taken before the next round begins. */
export interface Rounds {
  /** Parts of a round. */
  readonly parts: number;
  /** Takes what parts [first, end) left; a failure ends the launch. */
  take(first: number, end: number): Promise<Failure | null>;
}

export interface LaunchRequest {
  readonly program: DeviceProgram;
  readonly kernel: Kernel;
  /** Rows [0, rows) are run, in parts of `rowsPerPart`; at least 1. */
  readonly rows: number;
  readonly rowsPerPart: number;
  /** One a buffer parameter. */
  readonly buffers: readonly BufferArg[];
  /** One a scalar parameter, in the encoding of its kind. */
  readonly scalars: readonly ScalarValue[];
  /** Most threads to use; the result does not depend on it. */
  readonly threads: number;
  readonly trial?: Trial;
  readonly rounds?: Rounds | null;
  /** Ends the launch with W6013 when it fires; no thread is in it any more then. */
  readonly signal?: AbortSignal | null;
  /** Is told what the threads do. */
  readonly lane?: Lane | null;
}

/**
 * Another form of a kernel, which computes the same, for the first rows of a launch; what it reports says which form the
 * others get. Its buffers are those of the kernel up to the scratch ones; it has as many reductions and cursors.
 */
export interface Trial {
  readonly kernel: Kernel;
  readonly buffers: readonly BufferArg[];
  /** A multiple of the rows of a call. */
  readonly rows: number;
  /** Is this form the better one? Asked with what the first part has so far. */
  isBetter(report: LaunchReport): boolean;
}

/** A kernel that folds the partial states of parts into one state. */
export interface CombineRequest {
  readonly program: DeviceProgram;
  readonly kernel: Kernel;
  /** Rows [0, rows[p]) are run for part p. */
  readonly rows: readonly number[];
  /** One a buffer parameter; one with a stride is moved to the copy of the part. */
  readonly buffers: readonly BufferArg[];
  readonly scalars: readonly ScalarValue[];
  readonly signal?: AbortSignal | null;
}

/** Why and where a kernel stopped. */
export interface Failure {
  readonly code: FailCode;
  readonly part: number;
  readonly row: number;
}

/** What the parts of a launch left behind. Complete only when `failure` is null. */
export interface LaunchReport {
  readonly parts: number;
  /** The first failing part in part order. */
  readonly failure: Failure | null;
  /** The value of reduction `red` of a part. */
  cell(part: number, red: number): ScalarValue;
  /** The place of the first row that a part pushed at a cursor: never behind the first place of its own. */
  first(part: number, cursor: number): number;
  /** How many rows a part pushed at a cursor. */
  count(part: number, cursor: number): number;
}

export interface DeviceInfo {
  readonly name: string;
  /** Threads or compute units that a launch may use. */
  readonly threads: number;
  /** The most memory that allocations may take together. */
  readonly limitBytes: number;
  /** Memory in use now. */
  readonly usedBytes: number;
}

export interface Device {
  /** The memory that vectors in vectors refer to by place. */
  readonly flat: FlatMemory;

  /** Code for this device has 64-bit addresses. */
  readonly memory64: boolean;

  /** What the device is and how full. */
  info(): DeviceInfo;

  /** Memory with any contents, readable for 64 bytes behind its end. W6006 when the limit would be passed. */
  alloc(kind: ScalarKind, length: number): Mem;

  /** Gives an allocation back. */
  free(mem: Mem): void;

  /** Keeps the first `length` values of an allocation and gives the rest back. */
  trim(mem: Mem, length: number): Mem;

  /** Device memory with the values of a column: in place if it is there already, else a copy that is made once. The
   *  column must not change afterwards; the memory lives as long as the column. W8009 if the column was disposed. */
  upload(kind: ScalarKind, column: TypedArray): Mem;

  /** The value, with all that its elements refer to in this device's memory: itself, or a copy that is made once. */
  localize(v: Value): Value;

  /** The values of an allocation. On the CPU this is the memory itself, to read and to write. */
  read(mem: Mem): Soon<TypedArray>;

  /** The handle of the allocation that a host array lies in; null for memory that only the garbage collector owns. */
  owner(view: TypedArray): number | null;

  /** Hands a read allocation over to the garbage collector: it is freed when `view` and all others of it are gone. */
  adopt(view: TypedArray): void;

  /** Makes compiled kernels ready to launch. */
  prepare(code: Uint8Array): Promise<DeviceProgram>;

  /** Forgets compiled kernels. */
  unload(program: DeviceProgram): void;

  /** Runs a kernel over all its parts. */
  launch(request: LaunchRequest): Soon<LaunchReport>;

  /** Runs a kernel for one part after the other, in part order; stops at the first failure. */
  combine(request: CombineRequest): Promise<Failure | null>;

  /** Resolves when everything launched so far is done. */
  sync(): Promise<void>;

  /** Ends the device. */
  dispose(): Promise<void>;
}
