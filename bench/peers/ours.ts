/** Our own implementations of a workload, and the plain JavaScript loop, for the process that times them. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Value } from '../../compiler/index.ts';
import { columnsOf, init, type Session } from '../../runtime/index.ts';
import { EVERY_PASS } from '../suites/switches.ts';
import { type Leaf, leavesOf } from '../workloads/near.ts';
import {
  argumentsOf,
  type Instance,
  instanceOf,
  programOf,
  type ReadFile,
  type Workload,
} from '../workloads/workload.ts';
import { inputFile, readInputs } from './columns.ts';

export const OURS = ['js', 'weld', 'weld-unfused', 'weld-fast'] as const;
export type Ours = (typeof OURS)[number];
/** With `fastMath`, which is measured where it is asked for. */
export const FAST: Ours = 'weld-fast';

/** A workload whose data is loaded. */
export interface Loaded {
  readonly version: string;
  readonly compileMs: number | null;
  run(): Promise<number>;
  answer(): readonly Leaf[];
  memory(): { readonly base_mb?: number; readonly data_mb?: number };
  close(): Promise<void>;
}

export interface LoadOptions {
  /** Where the inputs are. */
  readonly folder: string;
  readonly rows: number;
  readonly threads: number;
}

/** The plain loop gets data that is made anew, from the seed that all processes share; ours reads what was written. */
export async function load(w: Workload, impl: Ours, o: LoadOptions): Promise<Loaded> {
  if (impl === 'js') return loadLoop(instanceOf(w, o.rows));
  return w.reader === undefined ? loadWeld(w, impl, o) : loadReader(w.reader, o);
}

function loadLoop(instance: Instance): Loaded {
  let last: readonly Leaf[] = [];
  return {
    version: `Node ${process.versions.node}`,
    compileMs: null,
    run: async () => {
      const began = performance.now();
      last = instance.js();
      return performance.now() - began;
    },
    answer: () => last,
    memory: () => ({}),
    close: async () => {},
  };
}

async function loadReader(read: Reader, { folder, threads }: LoadOptions): Promise<Loaded> {
  const session = await init({ threads });
  await session.warmUp();
  const base_mb = peakMb();
  const path = join(folder, inputFile(0));
  let last: ReadFile | null = null;
  return {
    version: `Node ${process.versions.node}`,
    compileMs: null,
    run: async () => {
      for (const column of last?.memory() ?? []) session.release(column);
      const start = performance.now();
      last = await read(path, session);
      return performance.now() - start;
    },
    answer: () => last?.leaves() ?? [],
    memory: () => ({
      base_mb,
      data_mb: (last?.memory() ?? []).reduce((sum, column) => sum + column.byteLength, 0) / MIB,
    }),
    close: () => session.dispose(),
  };
}
type Reader = NonNullable<Workload['reader']>;

/** Without fusion every operation is a loop of its own, in the same lanes and with the same dictionaries. */
const UNFUSED = EVERY_PASS.filter((p) => p !== 'vectorize' && p !== 'partition');

async function loadWeld(w: Workload, impl: Ours, { folder, threads }: LoadOptions): Promise<Loaded> {
  const session: Session = await init({ threads });
  await session.warmUp();
  const program = programOf(w);
  const disable = impl === 'weld-unfused' ? UNFUSED : [];
  const fastMath = impl === FAST;
  const began = performance.now();
  await session.compile(program, { disable, fastMath });
  const compileMs = performance.now() - began;
  const base_mb = peakMb();
  const args = argumentsOf(program, readInputs(folder), session.heap);
  let last: Value | null = null;
  return {
    version: `Node ${process.versions.node}`,
    compileMs,
    run: async () => {
      if (last !== null) session.release(last);
      const start = performance.now();
      last = await session.evaluate(program, args, { target: 'wasm', threads, disable, fastMath });
      return performance.now() - start;
    },
    answer: () => (last === null ? [] : leavesOf(last)),
    memory: () => ({ base_mb, data_mb: bytesOf(last === null ? args : [...args, last]) / MIB }),
    close: () => session.dispose(),
  };
}

const MIB = 1024 * 1024;
const bytesOf = (values: readonly Value[]): number =>
  values.flatMap((v) => [...columnsOf(v)]).reduce((sum, column) => sum + column.byteLength, 0);

/**
 * The most memory that this process held so far, in MiB. Linux's figure of the memory itself: that of the process begins
 * with what its parent held when it was started.
 */
export function peakMb(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS / 1024;
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;
}
