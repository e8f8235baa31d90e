/** What sessions, evaluations and artifacts are asked with, and what they say of themselves. */

import type { Compiled, Manifest, Plan, PrimSpec, Type, Value } from '../compiler/index.ts';
import type { HostWork } from '../kernels/index.ts';
import type { DeviceProgram } from './device.ts';
import type { TargetName } from './env.ts';
import type { Given } from './given.ts';
import type { LaunchRecord } from './launch.ts';
import type { Batch, PartialArgs, Partitioned } from './stream/partitions.ts';

export interface SessionOptions {
  /** Most threads of a launch; default: WELD_THREADS, else the cores of the machine. Results do not depend on it. */
  readonly threads?: number;
  /** Most bytes of columns; default 4 GiB. Above that, up to 16 GiB, the memory has 64-bit addresses (`spec/decisions/0018`),
   *  which engines with memory64 have (Node.js 24 and later); W8006 on others. */
  readonly memoryLimitBytes?: number;
  /** What `fastMath` of an evaluation is where it says nothing. Default: false. */
  readonly fastMath?: boolean;
  /** Folder that keeps compiled programs for later processes; default: WELD_CACHE, else none. Only for a folder that
   *  nobody else may write to: what is read from it is run. */
  readonly cacheFolder?: string;
  /** Primitives besides those of `kernels/`, for programs that call them by name. */
  readonly prims?: readonly PrimSpec[];
}

export interface CompileSettings {
  /** Names of passes to switch off, besides those of WELD_DISABLE. */
  readonly disable?: readonly string[];
  /** Allow rewrites of floats that are right over the reals only, and one rounding for a product and a sum
   *  (`spec/numerics.md`, Algebra). Default: the session's. */
  readonly fastMath?: boolean;
}
export interface EvaluateOptions extends CompileSettings {
  /** Most threads of a launch, up to those of the session. */
  readonly threads?: number;
  /** `wasm`, or `interp` for the reference interpreter; default: WELD_TARGET, else wasm. */
  readonly target?: TargetName;
  /**
   * Cancels the evaluation: it ends with W6013 within some milliseconds, and what it held is freed. The compiler, the
   * reference interpreter, a primitive and a single call of a kernel (16,384 rows) are not interrupted.
   */
  readonly signal?: AbortSignal;
}

/** What runs of compiled programs are asked with. */
export type RunOptions = Pick<EvaluateOptions, 'threads' | 'signal'>;

/** A compiled program from a folder. */
export interface Artifact extends Disposable {
  readonly manifest: Manifest;
  readonly paramTypes: readonly Type[];
  readonly resultType: Type;
  /** The value for arguments of the parameters' types, in the session's memory. W2005, W8006 and what programs throw. */
  run(args: readonly Given[], options?: RunOptions): Promise<Value>;
  /** `session.stream` by the stages of the artifact, which streams the arguments that `manifest.stages` says. W8006 for
   *  one that has none, or for other arguments. */
  stream(args: PartialArgs, batches: AsyncIterable<Batch> | Iterable<Batch>, options?: RunOptions): Promise<Value>;
  /** `session.partition` by the stages of the artifact. */
  partition(args: PartialArgs, options?: RunOptions): Promise<Partitioned>;
  /** Lets the code go; `using` does so at the end of a block. */
  unload(): void;
}

/** A program that is compiled and loaded. */
export interface Prepared {
  readonly plan: Plan;
  readonly program: DeviceProgram;
  /** How it was compiled; null if it comes from the session's cache folder. */
  readonly compiled: Compiled | null;
}

/**
 * What the last evaluation did, with times in milliseconds. A cached program takes next to nothing to compile. The second
 * form of a loop, compiled when a launch first asks for it, counts as running.
 */
export interface RunRecord {
  readonly compileMs: number;
  readonly runMs: number;
  readonly cached: boolean;
  /** The loops that ran, in order, with what was chosen at run time. */
  readonly launches: readonly LaunchRecord[];
  /** Rows that kernels left to the host, and why: these take long. */
  readonly onHost: readonly HostWork[];
}
