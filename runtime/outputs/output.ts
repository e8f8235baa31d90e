/**
 * What every output kind of a launch provides. An output realises one builder by the builder law: `init` makes the
 * partial states of all parts, the kernel merges into them, `result` combines them in part order to the value.
 *
 * One file a kind: reduce (merger), rows and grow (appender), table (vecmerger), dict and partitioned (dictmerger).
 */

import type { Kernel, Output, ScalarKind, TypedArray, Value } from '../../compiler/index.ts';
import type { Arena } from '../arena.ts';
import type { BufferArg, DeviceProgram, Failure, LaunchReport, Mem, Soon } from '../device.ts';
import type { Lane } from '../profile/recorder.ts';
import type { GroupCounts } from './groups.ts';
import type { NearBounds, SeenKeys } from './near.ts';

export type OutputOf<K extends Output['out']> = Extract<Output, { readonly out: K }>;

/** The launch that outputs belong to. */
export interface Loop {
  readonly arena: Arena;
  readonly program: DeviceProgram;
  /** Cancels the run. */
  readonly signal: AbortSignal | null;
  readonly threads: number;
  /** Is told what is launched. */
  readonly lane: Lane | null;
  /** Rows of the loop, and how they are cut. */
  readonly rows: number;
  readonly rowsPerPart: number;
  readonly parts: number;
  /** Parts that are run before an output takes what they left. */
  readonly roundParts: number;
  /** Where its kernel makes vectors, if it does. */
  readonly region: BufferArg | null;
}

/** The memory of one output while its launch runs. */
export interface OutputState {
  /** The buffers by leaf number. */
  readonly buffers: readonly BufferArg[];
  /** Rows of a table, or entries that fit in the dictionary of a part. */
  readonly capacity: number;
  /** Slots in the table of a part. */
  readonly slots: number;
  /** Of a dictionary: the bounds of its near keys, if there are any, and how many others the slots have room for. */
  readonly near?: NearBounds | null;
  readonly hashed?: number;
  /** Of columns whose places are dealt to the parts: where those of each part begin. */
  readonly starts?: readonly number[];
}

/** How large the state of a part is: chosen before the rows are cut. */
export interface OutputSize {
  readonly capacity: number;
  readonly slots: number;
  /** Bytes of state of one part; 0 if the output has none but cells and rows. */
  readonly bytes: number;
  readonly near?: NearBounds | null;
  readonly hashed?: number;
  /** Bytes of what a part leaves to be taken at the end of its round. */
  readonly roundBytes?: number;
  /** Bytes of the tables that take it. */
  readonly tableBytes?: number;
  /** Entries that a part is expected to make, where some rows were looked at. */
  readonly entries?: number;
  /** What was chosen after a look at the data, and why; null if nothing was. */
  readonly note: Note | null;
}
export const NO_STATE: OutputSize = { capacity: 0, slots: 0, bytes: 0, note: null };

/** A choice made at run time, in words, with its reason. */
export interface Note {
  readonly choice: string;
  readonly reason: string;
}

/** What is known of the data when a size is chosen. */
export interface Seen {
  /** How many times the entries of the first run are wanted, because its tables were full; 1 at first. */
  readonly growth: number;
  /** What the first SAMPLE_ROWS rows left, and twice as many; null when the data were not looked at. */
  readonly groups: GroupCounts | null;
  /** The keys that rows have left; null if none were looked at, or bounds from them were no good. */
  readonly keys: SeenKeys | null;
}

export interface OutputRule<O extends Output> {
  /** The size of a part's state. `sizedBy` is the value of the operand that says it, if there is one. */
  size(out: O, sizedBy: Value | null, rows: number, seen: Seen): OutputSize;
  /** Does the size depend on the data? Then the first rows of a long loop are run alone, to see what they leave. */
  learns?(out: O, sizedBy: Value | null): boolean;
  /** Entries of the first part. */
  entries?(out: O, state: OutputState, loop: Loop): Soon<number>;
  /** The keys that the first `rows` rows of a part have left. */
  keys?(out: O, state: OutputState, part: number, rows: number, loop: Loop): Soon<SeenKeys | null>;
  /** Makes the partial states of all parts from the value before the loop; `counts` is what was lacking in the run
   *  before, if anything was. */
  init(out: O, size: OutputSize, start: Value | null, loop: Loop, counts: readonly number[] | null): Soon<OutputState>;
  /** After a run: the places that each part needs, when some had not enough and the launch must run again. */
  lacking?(out: O, state: OutputState, loop: Loop): Soon<readonly number[] | null>;
  /** Takes what the parts [first, end) of a round left; TableFull when there is no room for it. */
  take?(out: O, state: OutputState, first: number, end: number, loop: Loop): Promise<Failure | null>;
  /** Combines the partial states in part order. */
  result(out: O, state: OutputState, report: LaunchReport, start: Value | null, loop: Loop): Soon<Value>;
}

/** A buffer that all parts share. */
export const shared = (mem: Mem): BufferArg => ({ mem, stride: 0 });

/** The whole memory of the device as elements of a kind: what a kernel reaches inner vectors through. */
export const wholeMemory = (kind: ScalarKind): BufferArg => shared({ kind, length: 0, handle: 0 });

/** The arguments behind the bound ones: the memory buffers that a combine kernel declares last. */
export const memoryBuffers = (kernel: Kernel, bound: number): readonly BufferArg[] =>
  kernel.bufs.slice(bound).map((b) => wholeMemory(b.elem));

const STRIDE = 64;
/** The distance between the copies of a partial buffer: whole cache lines, so parts never share one. */
export const strideOf = (bytes: number): number => Math.max(STRIDE, Math.ceil(bytes / STRIDE) * STRIDE);

/** An allocation and its values. */
export interface Column {
  readonly mem: Mem;
  readonly view: TypedArray;
}
/** Allocates a column that the host fills or reads. */
export async function column(arena: Arena, kind: ScalarKind, length: number): Promise<Column> {
  const mem = arena.alloc(kind, length);
  return { mem, view: await arena.device.read(mem) };
}
