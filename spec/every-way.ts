/**
 * One program on a machine beside the reference interpreter, for tests that compare the two on many programs: bit for
 * bit, errors by kind as far as `semantics.md` fixes them, and calls of externs that are not pure in their order.
 */

import { EXACT } from '../compiler/core/compare.ts';
import { InternalError } from '../compiler/diag/diagnostic.ts';
import { fromColumns, paramTypes, plainMemory, resultType, toColumns, WeldError } from '../compiler/index.ts';
import { freshPrims, type TestCase } from '../compiler/testing/arb-program.ts';
import { compareOutcomes, type Outcome } from '../compiler/testing/differential.ts';
import type { Observed } from '../compiler/testing/influence.ts';
import { type EvaluateOptions, readEnv, Session, type SessionOptions } from '../runtime/index.ts';

/** A session with the primitives of generated programs. */
export class Machine {
  readonly #prims = freshPrims();
  readonly #session: Session;
  constructor(options: SessionOptions, env = readEnv()) {
    this.#session = new Session({ ...options, prims: [...this.#prims.prims.values()] }, env);
  }
  dispose(): Promise<void> {
    return this.#session.dispose();
  }

  /** Runs a case: what is different from the interpreter's run, or null. */
  async difference(c: TestCase, want: Observed, options: EvaluateOptions): Promise<string | null> {
    const got = await this.#run(c, options);
    // Of several errors any may come first, and one in a value that nobody needs may be dropped by a pass.
    if ('error' in want.end) {
      const kept = want.end.error === 'AssertionError' && !('error' in got);
      return kept ? 'a value in place of an AssertionError' : null;
    }
    const found = compareOutcomes(resultType(c.program), want.end, got, EXACT);
    const [calls, made] = [want.ticks.join(), this.#prims.ticks.join()];
    return found ?? (calls === made ? null : `expected calls ${calls}, found ${made}`);
  }

  async #run(c: TestCase, options: EvaluateOptions): Promise<Outcome> {
    this.#prims.restart();
    try {
      const types = paramTypes(c.program);
      const args = c.args.map((a, k) => {
        const ty = types[k];
        if (ty === undefined) throw new InternalError('more arguments than parameters');
        return toColumns(ty, a, plainMemory);
      });
      const value = await this.#session.evaluate(c.program, args, { ...options, target: 'wasm' });
      return { value: fromColumns(resultType(c.program), value) };
    } catch (e) {
      if (!(e instanceof WeldError)) throw e;
      return { error: e.kind };
    }
  }
}
