/** Our own implementations of a workload, and the plain JavaScript loop, for the process that times them. */

import type { Value } from '../../compiler/index.ts';
import { init, type Session } from '../../runtime/index.ts';
import { EVERY_PASS } from '../suites/switches.ts';
import { type Leaf, leavesOf } from '../workloads/near.ts';
import { argumentsOf, type Instance, instanceOf, programOf, type Workload } from '../workloads/workload.ts';

export const OURS = ['js', 'weld', 'weld-unfused'] as const;
export type Ours = (typeof OURS)[number];

/** A workload whose data is loaded. */
export interface Loaded {
  readonly version: string;
  readonly compileMs: number | null;
  run(): Promise<number>;
  answer(): readonly Leaf[];
  close(): Promise<void>;
}

/** The data is made anew, from the seed that all processes share. */
export async function load(w: Workload, impl: Ours, rows: number, threads: number): Promise<Loaded> {
  const instance = instanceOf(w, rows);
  return impl === 'js' ? loadLoop(instance) : loadWeld(w, impl, instance, threads);
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
    close: async () => {},
  };
}

/** Without fusion every operation is a loop of its own, in generated code that is as wide as ever. */
const UNFUSED = EVERY_PASS.filter((p) => p !== 'vectorize');

async function loadWeld(w: Workload, impl: Ours, instance: Instance, threads: number): Promise<Loaded> {
  const session: Session = await init({ threads });
  await session.warmUp();
  const program = programOf(w);
  const args = argumentsOf(program, instance.inputs, session.heap);
  const disable = impl === 'weld' ? [] : UNFUSED;
  const began = performance.now();
  await session.compile(program, { disable });
  const compileMs = performance.now() - began;
  let last: Value | null = null;
  return {
    version: `Node ${process.versions.node}`,
    compileMs,
    run: async () => {
      if (last !== null) session.release(last);
      const start = performance.now();
      last = await session.evaluate(program, args, { target: 'wasm', threads, disable });
      return performance.now() - start;
    },
    answer: () => (last === null ? [] : leavesOf(last)),
    close: () => session.dispose(),
  };
}
