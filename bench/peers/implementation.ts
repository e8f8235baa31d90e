/** What is timed beside what: one way of computing a workload's answer, in a process of its own. */

import type { Leaf } from '../workloads/near.ts';

export interface Implementation {
  /** `weld`, `weld-unfused`, `js`, `numpy`, ... */
  readonly name: string;
  /** Of the library, or of the engine that runs the code. */
  readonly version: string;
  /** Milliseconds from program to running code, where there is such a step before the first run. */
  readonly compileMs: number | null;
  /** Computes the answer once, measured around the computation alone. Done when the process is quiet again. */
  run(): Promise<Run>;
  /** The answer of the last run: one array a scalar leaf. */
  answer(): Promise<readonly Leaf[]>;
  memory(): Promise<Memory>;
  close(): Promise<void>;
}

/** Milliseconds that a computation took. */
export interface Run {
  readonly ms: number;
  /** Of the processors, by all threads of the process. */
  readonly cpuMs: number;
}

/** Memory in MiB; null for what an implementation cannot tell. */
export interface Memory {
  /** The most that the process held so far: its columns, its results and itself. */
  readonly peakMb: number;
  /** The most that it held before it had its columns. */
  readonly baseMb: number | null;
  /** Its columns and its last answer. */
  readonly dataMb: number | null;
}

/** One that is not here, and why. */
export interface Missing {
  readonly name: string;
  readonly reason: string;
}

/** An implementation failed: it gave no answer, or not in the way it has to. */
export class PeerError extends Error {
  override readonly name = 'PeerError';
}
