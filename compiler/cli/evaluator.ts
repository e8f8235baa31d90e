/**
 * Runs programs on a target, for `run` and for the repl. The runtime is loaded only when machine code is asked for, and
 * one session serves all programs of an evaluator.
 *
 * A program that machine code cannot run is W5001; the interpreter runs a whole program only when it is asked for by name.
 */

import type { CompileSettings, Env, Session } from '../../runtime/index.ts';
import { fromColumns, plainMemory, toColumns } from '../core/convert.ts';
import { resolveExterns } from '../core/externs.ts';
import { interpret } from '../core/interp.ts';
import type { IValue } from '../core/ivalue.ts';
import { type Program, paramTypes, resultType } from '../core/program.ts';
import { isLinear, typeText } from '../core/types.ts';
import type { PrimTable, Value } from '../core/value.ts';
import { fail, withOrigin } from '../diag/diagnostic.ts';
import type { Vars } from './arguments.ts';

export type Target = 'wasm' | 'interp';

export interface EvaluatorOptions {
  readonly target: Target;
  /** Null: all cores. */
  readonly threads: number | null;
  /** Null: no limit. */
  readonly fuel: number | null;
  readonly memory: number | null;
  /** For generated code: rules that hold over the real numbers only. */
  readonly fastMath: boolean;
}

export class Evaluator {
  readonly #options: EvaluatorOptions;
  readonly #env: Vars;
  #session: Session | null = null;

  constructor(options: EvaluatorOptions, env: Vars) {
    this.#options = options;
    this.#env = env;
  }

  /** The value of a program for its arguments. `settings` are for generated code. */
  async evaluate(p: Program, args: readonly IValue[], settings: CompileSettings = {}): Promise<IValue> {
    const { target, fuel, memory } = this.#options;
    if (target === 'wasm') return this.#evaluateWasm(p, args, settings);
    const table = await prims();
    return interpret(resolveExterns(p, table), args, {
      prims: table,
      ...(fuel === null ? {} : { fuel }),
      ...(memory === null ? {} : { memoryLimit: memory }),
    });
  }

  /** Ends the threads, if there are any. */
  async dispose(): Promise<void> {
    await this.#session?.dispose();
    this.#session = null;
  }

  async #evaluateWasm(p: Program, args: readonly IValue[], settings: CompileSettings): Promise<IValue> {
    refuseBuilders(p);
    const session = await this.#open();
    // Compiled before the arguments are converted: what is wrong with the program is said first.
    await session.compile(p, settings);
    const value = await session.evaluate(p, columnsOf(p, args), { ...settings, target: 'wasm' });
    const rows = fromColumns(resultType(p), value);
    session.release(value);
    return rows;
  }

  async #open(): Promise<Session> {
    if (this.#session !== null) return this.#session;
    const { readEnv, Session } = await import('../../runtime/index.ts');
    const { threads, memory, fastMath } = this.#options;
    const env: Env = readEnv(this.#env);
    this.#session = new Session(
      { fastMath, ...(threads === null ? {} : { threads }), ...(memory === null ? {} : { memoryLimitBytes: memory }) },
      env,
    );
    return this.#session;
  }
}

/** The primitives that programs may call. */
async function prims(): Promise<PrimTable> {
  const { KERNELS } = await import('../../kernels/index.ts');
  return KERNELS;
}

/** Unfinished builders pass between programs on the interpreter only. */
function refuseBuilders(p: Program): void {
  const found = [resultType(p), ...paramTypes(p)].find(isLinear);
  if (found === undefined) return;
  fail('W5001', `machine code gives and takes no unfinished builder yet, found ${typeText(found)}`, {
    help: 'evaluate it on the interpreter (:target interp), or finish it with result(..)',
  });
}

function columnsOf(p: Program, args: readonly IValue[]): readonly Value[] {
  return p.body.params.map((s, k) => {
    try {
      return toColumns(p.syms.type(s), args[k] ?? 0, plainMemory);
    } catch (e) {
      throw withOrigin(e, p.syms.origin(s));
    }
  });
}
