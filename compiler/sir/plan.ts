/**
 * The host Plan: what surrounds the kernels. A list of steps over host registers, interpreted in JavaScript by
 * `runtime/execute.ts` over a Device; the same plan serves CPU and GPU, because only `launch` touches rows.
 *
 * A host register holds a scalar (Core's JavaScript encoding), a vector, a dictionary or a struct of these. Vectors
 * are struct-of-arrays: `leaves(elem)` lists the scalar leaves of the element type in field order, and a vector of
 * them is one column a leaf. A vector inside an element is its length and the places of its columns in the memory.
 */

import type { Amount } from '../core/amount.ts';
import type { BinOp, UnOp } from '../core/op.ts';
import type { Program } from '../core/program.ts';
import type { BuilderType, MergeOp, ScalarKind, ScalarType, Type } from '../core/types.ts';
import type { Origin } from '../diag/diagnostic.ts';
import type { FailCode, Kernel } from './kernel.ts';
import type { PartitionKernels } from './scatter.ts';

export type HostReg = number & { readonly __host: never };

/** An operand of a step: a register or a constant. */
export type HostAtom = { readonly reg: HostReg } | { readonly lit: number | bigint | boolean; readonly ty: ScalarType };

/** What a kernel's buffer parameter is bound to. */
export type BufBinding =
  /** Column `leaf` of a vector register. */
  | { readonly bind: 'column'; readonly vec: HostAtom; readonly leaf: number }
  /** Of a finished dictionary: its slot table, the places of near keys, or leaf `leaf` of its entry columns (key leaves,
   *  then value leaves). */
  | { readonly bind: 'slots'; readonly dict: HostAtom; readonly form: SlotForm }
  | { readonly bind: 'places'; readonly dict: HostAtom }
  | { readonly bind: 'entry'; readonly dict: HostAtom; readonly leaf: number }
  /** Memory that output `output` owns; `part` names which (see Output). */
  | { readonly bind: 'output'; readonly output: number; readonly leaf: number }
  /** `length` elements a part between the phases of a wide loop, contents unspecified. */
  | { readonly bind: 'scratch'; readonly length: number }
  /** The whole memory as elements of one kind, for what inner vectors refer to: the index is a place. */
  | { readonly bind: 'memory'; readonly kind: ScalarKind }
  /** Where the part makes vectors (`Region`): i32s, partial. */
  | { readonly bind: 'region' };

/**
 * How a kernel looks for keys. Dense: the key is the slot. Near: in the places if the key is within the bounds, else in the
 * slots. Hashed: in the slots, in which all keys are; a table of another form is hashed first, where lowering does not know
 * it (a dictionary out of a branch) or a kernel has no near form.
 */
export type SlotForm = 'dense' | 'near' | 'hashed';

/**
 * A part makes vectors in a region of its own, from the front: `next` is the first free address, `end` the first behind
 * the region. When something does not fit, the kernel writes how many bytes it wanted and stops with RegionFull; then the
 * launch is run again with larger regions. The region of a loop whose outputs refer to memory belongs to their values;
 * any other begins anew with every row.
 */
export const REGION = { next: 0, end: 1, wanted: 2, words: 3 } as const;

/** What a kernel's scalar parameter is bound to. */
export type ScalarBinding =
  | { readonly bind: 'scalar'; readonly value: HostAtom }
  /** An i64 bound of an iterator over a vector, passed as i32: where the loop has rows it fits. */
  | { readonly bind: 'bound'; readonly value: HostAtom }
  /** The length of a vector or the number of entries of a dictionary (i64 in Core, passed as i32), or the number of
   *  slots of a dictionary minus 1 (i32). */
  | { readonly bind: 'length'; readonly vec: HostAtom }
  | { readonly bind: 'slotmask'; readonly dict: HostAtom; readonly form: SlotForm }
  /** Of a finished dictionary: the least value of leaf `leaf` of near keys (i64, or i32 for narrower leaves), and how many
   *  values it has (i32); 0 if there are none. */
  | { readonly bind: 'low' | 'span'; readonly dict: HostAtom; readonly leaf: number }
  /** The place of a column of a vector or of a dictionary (its entry columns, then its slots, hashed): i32. */
  | { readonly bind: 'place'; readonly of: HostAtom; readonly leaf: number }
  /** For output `output`: capacity of a part's entries, its slot count minus 1, or the table length. All i32. */
  | { readonly bind: 'capacity'; readonly output: number }
  | { readonly bind: 'outmask'; readonly output: number }
  /** The same for a dictionary that is filled, and how many of its keys may go to the slots (i32). */
  | { readonly bind: 'outlow' | 'outspan'; readonly output: number; readonly leaf: number }
  | { readonly bind: 'outhashed'; readonly output: number }
  | { readonly bind: 'tablelength'; readonly output: number };

/**
 * How one builder of the launched loop is realised. Each kind implements the builder law on partial states:
 * init (before), the kernel's merges, combine (in part order), result.
 *
 * `init` is the value of the builder before the loop (its initial value, or what earlier loops and merges made of it):
 * it is the first state that is combined. Null stands for the fresh builder.
 */
export type Output =
  /** merger: reduction cells first..first+leaves-1 hold the leaves of the value. */
  | {
      readonly out: 'reduce';
      readonly dst: HostReg;
      readonly ty: Type;
      readonly op: MergeOp;
      readonly cells: readonly number[];
      readonly init: HostAtom | null;
    }
  /** appender with exactly one merge per row: leaf columns of length n, stored directly. */
  | { readonly out: 'direct'; readonly dst: HostReg; readonly elem: Type; readonly init: HostAtom | null }
  /** appender with at most one merge per row: leaf columns compacted from the parts by cursor counts. */
  | {
      readonly out: 'compact';
      readonly dst: HostReg;
      readonly elem: Type;
      readonly cursor: number;
      readonly init: HostAtom | null;
    }
  /**
   * appender with any number of merges per row. Output buffers by leaf number: the leaf columns, which all parts share,
   * then per part two i32, the place of the next row and the end of the part's places. Rows behind the end are counted
   * and not stored; then the launch is run again, with exactly as many places a part as it needs. `most` is how many
   * merges a row makes, at most or, if `exact`, always: null where nobody knows.
   */
  | {
      readonly out: 'grow';
      readonly dst: HostReg;
      readonly elem: Type;
      readonly most: Amount<HostAtom> | null;
      readonly exact: boolean;
      readonly init: HostAtom | null;
    }
  /** vecmerger: a private copy of the table per part, filled with the identity; `init` is combined in first. */
  | {
      readonly out: 'table';
      readonly dst: HostReg;
      readonly elem: Type;
      readonly op: MergeOp;
      readonly init: HostAtom;
      /** Rows [0, length): table[row] = table[row] op part[row]; bufs: the table's leaves, then the part's leaves. */
      readonly combine: Kernel;
    }
  /**
   * dictmerger: per part, `entries` columns in first-insertion order (key leaves, then value leaves), a count
   * (cursor `cursor`, maintained by the kernel through the buffer leaf `counts`) and an i32 slot table with entry
   * number + 1, 0 = free. Output buffers by leaf number: 0 .. e-1 the entry columns, e the slots, e+1 the counts (i32:
   * entries, and those of them that are in the slots), e+2 the places of near keys, if `near`. `dense`: slot = key, the
   * slot table has `size` slots. Otherwise open addressing; the table starts at `size` entries if given and grows by
   * running the launch again when a part reports TableFull.
   */
  | {
      readonly out: 'dict';
      readonly dst: HostReg;
      readonly key: Type;
      readonly value: Type;
      readonly op: MergeOp;
      readonly dense: boolean;
      /** May keys have places? */
      readonly near: boolean;
      /** May the rows be partitioned when the keys are many? */
      readonly partition: boolean;
      readonly size: HostAtom | null;
      readonly init: HostAtom | null;
      /** Rows [0, count of a part): merge the part's entry `row` into the final dictionary. Sequential. Bufs: the
       *  part's entry columns (read), then the final entry columns, slots, counts, places if `near`. Scalars: capacity,
       *  outmask; if `near` outhashed, the lows and the spans. */
      readonly combine: Kernel;
    }
  /**
   * dictmerger of many keys, with one merge a row at most: each part scatters its rows to partitions by the hash of the
   * key, then every partition is merged into a table of its own, and the entries of all are put in first-insertion
   * order. Output buffers by leaf number: the columns of scattered rows (key leaves, value leaves, number of the row),
   * then their places (`SCATTER`, in `scatter.ts`). Parts are taken in rounds, which need the memory of scattered rows one after the other.
   */
  | {
      readonly out: 'partitioned';
      readonly dst: HostReg;
      readonly key: Type;
      readonly value: Type;
      readonly op: MergeOp;
      readonly init: null;
      readonly kernels: PartitionKernels;
    };

/** The bounds of an iterator, i64: (end - start) / stride elements. */
export interface SpaceBounds {
  readonly start: HostAtom;
  readonly end: HostAtom;
  readonly stride: HostAtom;
}

/** What a launch walks, checked before it runs (BadIteratorLength). */
export type SpaceIter =
  | { readonly of: 'vec'; readonly vec: HostAtom }
  | ({ readonly of: 'range' } & SpaceBounds)
  | ({ readonly of: 'iter'; readonly vec: HostAtom } & SpaceBounds)
  | ({ readonly of: 'nd'; readonly vec: HostAtom; readonly shape: HostAtom; readonly steps: HostAtom } & SpaceBounds);

/** What the vectors in the elements of an output may refer to: values that are bound, and what the loop makes. */
export interface Refers {
  readonly values: readonly HostAtom[];
  readonly region: boolean;
}

/** One loop over data: the kernel, its space and its bindings. */
export interface Launch {
  readonly kernel: Kernel;
  /** At least one; all must have one number of elements (MismatchedZipSize), which is that of the rows. */
  readonly space: readonly SpaceIter[];
  readonly bufs: readonly BufBinding[];
  readonly scalars: readonly ScalarBinding[];
  readonly outputs: readonly Output[];
  /** One an output. */
  readonly refers: readonly Refers[];
  readonly origin: Origin | null;
  /** The operations of the body for which the kernel may stop. */
  readonly sites?: readonly FailSite[];
  /** Rows have loops of their own, and no result shows where parts end. */
  readonly nested?: true;
  /** The loop in another form: which is better depends on the data. */
  readonly skipping?: SkippingForm;
  /** The loop for dictionaries of many keys: its outputs are the same, but that those with `partition` are partitioned.
   *  Only in a plan that was made ahead; registers have the same numbers with it and without it. */
  readonly partitioned?: Launch;
}

/**
 * A kernel that does what another one does, bit for bit, but jumps over blocks of rows that no row takes (see
 * `passes/skip.ts`). Its parameters are those of the other up to the scratch buffers.
 */
export interface SkippingForm {
  readonly kernel: Kernel;
  readonly bufs: readonly BufBinding[];
  /** The reduction to which each of the `branches` adds the rows of the blocks that it computes. */
  readonly counter: number;
  readonly branches: number;
}

/** An operation that makes a kernel stop with `code`. */
export interface FailSite {
  readonly code: FailCode;
  readonly origin: Origin | null;
}

/**
 * A stable merge sort by a comparator: for runs of `width` rows, doubled until one run is left, the kernel merges the
 * pairs. Row r merges runs 2r and 2r + 1: it reads the order of the rows so far from buffer 0 (i32 row numbers), writes
 * the new one to buffer 1 and takes the second run's row only where it belongs strictly before the first's. Scalars 0
 * to 2 are the width, the number of rows and how long a merged run is (i32): where only the first k rows are asked for
 * no run is longer than k. Further parameters are bound by `bufs` and `scalars`.
 */
export interface Sorting {
  readonly kernel: Kernel;
  readonly bufs: readonly BufBinding[];
  readonly scalars: readonly ScalarBinding[];
  /** The operations of the comparator for which the kernel may stop. */
  readonly sites: readonly FailSite[];
}

/** What the host does next, and for which operation of the program, which errors name. */
export type Step = Action & { readonly origin?: Origin | null };

type Action =
  | {
      readonly step: 'bin';
      readonly dst: HostReg;
      readonly op: BinOp;
      readonly a: HostAtom;
      readonly b: HostAtom;
      readonly ty: Type;
    }
  | { readonly step: 'un'; readonly dst: HostReg; readonly op: UnOp; readonly a: HostAtom; readonly ty: ScalarType }
  | {
      readonly step: 'cast';
      readonly dst: HostReg;
      readonly a: HostAtom;
      readonly from: ScalarType;
      readonly to: ScalarType;
    }
  | {
      readonly step: 'select';
      readonly dst: HostReg;
      readonly cond: HostAtom;
      readonly a: HostAtom;
      readonly b: HostAtom;
    }
  | { readonly step: 'struct'; readonly dst: HostReg; readonly fields: readonly HostAtom[] }
  | { readonly step: 'field'; readonly dst: HostReg; readonly of: HostAtom; readonly index: number }
  | { readonly step: 'vec'; readonly dst: HostReg; readonly elem: Type; readonly items: readonly HostAtom[] }
  | { readonly step: 'len'; readonly dst: HostReg; readonly of: HostAtom }
  | { readonly step: 'lookup'; readonly dst: HostReg; readonly of: HostAtom; readonly index: HostAtom }
  /** `{found, value}`; the value of a miss is zero. */
  | { readonly step: 'optlookup'; readonly dst: HostReg; readonly of: HostAtom; readonly key: HostAtom }
  | { readonly step: 'keyexists'; readonly dst: HostReg; readonly of: HostAtom; readonly key: HostAtom }
  | {
      readonly step: 'slice';
      readonly dst: HostReg;
      readonly of: HostAtom;
      readonly start: HostAtom;
      readonly size: HostAtom;
    }
  | { readonly step: 'tovec'; readonly dst: HostReg; readonly of: HostAtom }
  | {
      readonly step: 'branch';
      readonly dst: HostReg;
      readonly cond: HostAtom;
      readonly then: PlanBlock;
      readonly else: PlanBlock;
    }
  /** `param` holds the value that the body gives the next of, as `{next, again}`; at least once. */
  | {
      readonly step: 'iterate';
      readonly dst: HostReg;
      readonly init: HostAtom;
      readonly param: HostReg;
      readonly body: PlanBlock;
    }
  | { readonly step: 'launch'; readonly launch: Launch }
  /** A builder after merges on the host, as the value it would have now. `state` is that value before them; null for a
   *  fresh builder. */
  | {
      readonly step: 'merge';
      readonly dst: HostReg;
      readonly ty: BuilderType;
      readonly state: HostAtom | null;
      readonly values: readonly HostAtom[];
    }
  /**
   * The groups of a groupmerger: `counts` has a value count for each key, `pairs` the pairs of key and value in input
   * order, `entries` the entry of each pair in `counts`. `before` are groups that were there before.
   */
  | {
      readonly step: 'group';
      readonly dst: HostReg;
      readonly key: Type;
      readonly value: Type;
      readonly counts: HostAtom;
      readonly pairs: HostAtom;
      readonly entries: HostAtom;
      readonly before: HostAtom | null;
    }
  /** `limit`: only the first so many (i64). */
  | {
      readonly step: 'sort';
      readonly dst: HostReg;
      readonly of: HostAtom;
      readonly by: Sorting;
      readonly limit: HostAtom | null;
    }
  | { readonly step: 'assert'; readonly dst: HostReg; readonly cond: HostAtom }
  | { readonly step: 'serialize'; readonly dst: HostReg; readonly of: HostAtom; readonly ty: Type }
  | { readonly step: 'deserialize'; readonly dst: HostReg; readonly of: HostAtom; readonly ty: Type }
  /** An operation that generated code does not do: the reference interpreter runs it, row by row, on the host. The block
   *  has a param for each of `args`. */
  | { readonly step: 'interpret'; readonly dst: HostReg; readonly program: Program; readonly args: readonly HostAtom[] }
  /** A named primitive of `kernels/` or an extern of the session. */
  | {
      readonly step: 'prim';
      readonly dst: HostReg;
      readonly name: string;
      readonly args: readonly HostAtom[];
      readonly ty: Type;
    }
  /** The registers' memory may be reused: nothing later reads them. */
  | { readonly step: 'free'; readonly regs: readonly HostReg[] };

export interface PlanBlock {
  readonly steps: readonly Step[];
  readonly result: HostAtom;
}

/** One decision of lowering with its reason, for explain. */
export interface Decision {
  readonly what: string;
  readonly choice: string;
  readonly reason: string;
}

export interface Plan {
  readonly params: readonly { readonly reg: HostReg; readonly ty: Type }[];
  readonly body: PlanBlock;
  readonly resultType: Type;
  readonly kernels: readonly Kernel[];
  readonly decisions: readonly Decision[];
}
