/**
 * A program on both machines: the reference interpreter, and generated code on one thread and on two, without passes in
 * scalar code, with SIMD, with everything, and with rows partitioned where they can be. All must give the same value or
 * the same kind of error, errors must have a place when the program has places, and a run must leave no memory behind but
 * its result's.
 */

import { CpuDevice } from '../../runtime/cpu/device.ts';
import { execute } from '../../runtime/execute.ts';
import { columnsOf } from '../../runtime/value.ts';
import { compile } from '../compile.ts';
import { Builder } from '../core/build.ts';
import { EXACT, type FloatMatch } from '../core/compare.ts';
import { fromColumns, plainMemory, toColumns } from '../core/convert.ts';
import { interpret } from '../core/interp.ts';
import type { IValue } from '../core/ivalue.ts';
import type { Atom, Sym } from '../core/op.ts';
import { type Program, paramTypes, resultType } from '../core/program.ts';
import type { Type } from '../core/types.ts';
import type { PrimTable, Value } from '../core/value.ts';
import { InternalError, WeldError } from '../diag/diagnostic.ts';
import { ALL_PASSES } from '../pipeline.ts';
import { compareOutcomes, type Outcome, outcomeOf } from './differential.ts';
import { partitionedPlan } from './partitioned.ts';

const PASSES = ALL_PASSES.map((p) => p.name);
/** The passes that are left out. */
const WAYS: readonly (readonly string[])[] = [[...PASSES, 'vectorize'], PASSES, []];

/** A program of parameters of the given types. */
export function program(params: readonly Type[], make: (b: Builder, ...xs: Sym[]) => Atom): Program {
  const b = new Builder();
  const xs = params.map((t, k) => b.param(t, `x${k}`));
  return b.finish(make(b, ...xs));
}
/** A parameter that is there. */
export function at<T>(x: T | undefined): T {
  if (x === undefined) throw new InternalError('test: no such parameter');
  return x;
}
/** A `vec[i64]`. */
export const longs = (n: number, f: (k: number) => number): IValue => Array.from({ length: n }, (_, k) => BigInt(f(k)));

export interface BothOptions {
  readonly floats?: FloatMatch;
  readonly prims?: PrimTable;
}

export class Both {
  readonly #devices = [1, 2].map((threads) => new CpuDevice({ threads }));

  async dispose(): Promise<void> {
    await Promise.all(this.#devices.map((d) => d.dispose()));
  }

  /** The interpreter's value, which every other way to run must give. */
  async agrees(p: Program, args: readonly IValue[], options: BothOptions = {}): Promise<IValue> {
    const want = await this.outcome(p, args, options);
    if ('error' in want) throw new InternalError(`test: the program ends with ${want.error}`);
    return want.value;
  }

  /** What the interpreter ends with, and every other way to run. A refusal to compile (W5001) passes through. */
  async outcome(p: Program, args: readonly IValue[], options: BothOptions = {}): Promise<Outcome> {
    const { prims = new Map(), floats = EXACT } = options;
    const want = outcomeOf(() => interpret(p, args, { prims }));
    const types = paramTypes(p);
    const values = args.map((a, k) => toColumns(types[k] ?? resultType(p), a, plainMemory));
    for (const disable of WAYS) {
      const compiled = await compile(p, { disable, check: true, ahead: disable.length === 0 });
      const { plan, loops } = partitionedPlan(compiled.plan);
      for (const device of this.#devices) {
        const program = await device.prepare(compiled.wasm.bytes);
        for (const form of loops === 0 ? [plan] : [compiled.plan, plan]) {
          const got = await outcomeOfRun(async () => {
            const value = await execute(form, values, { device, program, prims, threads: device.pool.threads });
            const rows = fromColumns(resultType(p), value);
            for (const c of columnsOf(value)) device.heap.free(c);
            return rows;
          });
          const found = compareOutcomes(resultType(p), want, got, floats);
          if (found !== null) {
            const how = disable.length === 0 ? 'with all passes' : `without ${disable.at(-1)} and others`;
            const rows = form === plan && loops > 0 ? ', partitioned' : '';
            throw new InternalError(`test: ${device.pool.threads} threads, ${how}${rows}: ${found}`);
          }
        }
        device.unload(program);
      }
    }
    return want;
  }

  /** The kind of the error that every way to run ends with, or `a value`. */
  async ends(p: Program, args: readonly IValue[]): Promise<string> {
    const out = await this.outcome(p, args);
    return 'error' in out ? out.error : 'a value';
  }

  /** Bytes in use on each device. Copies of arguments stay as long as the arguments. */
  get used(): readonly number[] {
    return this.#devices.map((d) => d.heap.used);
  }
  /** The plan's value on one device, columnar. */
  async columns(p: Program, args: readonly Value[]): Promise<Value> {
    const [device] = this.#devices;
    if (device === undefined) throw new InternalError('test: no device');
    const { plan, wasm } = await compile(p, { check: true });
    const program = await device.prepare(wasm.bytes);
    return execute(plan, args, { device, program, prims: new Map(), threads: 1 });
  }
}

/** What a run on a device ends with. */
export async function outcomeOfRun(f: () => Promise<IValue>): Promise<Outcome> {
  try {
    return { value: await f() };
  } catch (e) {
    if (e instanceof WeldError) return { error: e.kind };
    throw e;
  }
}
