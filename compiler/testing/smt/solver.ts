/**
 * The door to the SMT solver (z3, compiled to WASM, a development dependency): text in, verdict out.
 *
 * The solver runs on threads of its own, which keep the process alive until `close`. Its limit is in milliseconds of
 * its own clock; a question that is not answered by then is `unknown`, never a proof.
 */

import type { ScalarValue } from '../../core/scalar.ts';
import { InternalError } from '../../diag/diagnostic.ts';
import type { Claim } from './claim.ts';
import { inputValue } from './inputs.ts';

/** Values of the inputs that refute a claim. Inputs of any type have none. */
export type Counterexample = ReadonlyMap<string, ScalarValue>;

export type Answer =
  | { readonly verdict: 'proved' }
  | { readonly verdict: 'refuted'; readonly counterexample: Counterexample }
  | { readonly verdict: 'unknown' };

export interface Solver {
  /** Is there an input for which a rule is wrong? The limit is for each of its claims. */
  prove(claims: readonly Claim[], limitMs: number): Promise<Answer>;
  close(): Promise<void>;
}

export async function openSolver(): Promise<Solver> {
  const { init, killThreads, Z3_lbool } = await import('z3-solver');
  const { Z3, em } = await init();
  const config = Z3.mk_config();

  const ask = async (claim: Claim, limitMs: number): Promise<Answer> => {
    // A context for each question: what it holds is freed with it.
    const context = Z3.mk_context(config);
    try {
      const solver = Z3.mk_solver(context);
      Z3.solver_inc_ref(context, solver);
      const params = Z3.mk_params(context);
      Z3.params_inc_ref(context, params);
      Z3.params_set_uint(context, params, Z3.mk_string_symbol(context, 'timeout'), limitMs);
      Z3.solver_set_params(context, solver, params);
      Z3.solver_from_string(context, solver, claim.script);
      const error = Z3.get_error_code(context);
      if (error !== 0) {
        throw new InternalError(`the solver refuses a claim: ${Z3.get_error_msg(context, error)}\n${claim.script}`);
      }
      const found = await Z3.solver_check(context, solver);
      if (found === Z3_lbool.Z3_L_FALSE) return { verdict: 'proved' };
      if (found === Z3_lbool.Z3_L_UNDEF) return { verdict: 'unknown' };
      const model = Z3.solver_get_model(context, solver);
      const value = (term: string): bigint | null => {
        for (let k = 0; k < Z3.model_get_num_consts(context, model); k++) {
          const decl = Z3.model_get_const_decl(context, model, k);
          if (Z3.get_symbol_string(context, Z3.get_decl_name(context, decl)) !== term) continue;
          const ast = Z3.model_get_const_interp(context, model, decl);
          return ast === null ? null : BigInt(Z3.get_numeral_string(context, ast));
        }
        return null;
      };
      const values = claim.inputs.flatMap((i) => {
        const v = inputValue(i, value);
        return v === null ? [] : [[i.name, v] as const];
      });
      return { verdict: 'refuted', counterexample: new Map(values) };
    } finally {
      Z3.del_context(context);
    }
  };

  return {
    async prove(claims, limitMs) {
      let answer: Answer = { verdict: 'proved' };
      for (const claim of claims) {
        const found = await ask(claim, limitMs);
        if (found.verdict === 'refuted') return found;
        if (found.verdict === 'unknown') answer = found;
      }
      return answer;
    },
    async close() {
      Z3.del_config(config);
      await killThreads(em);
    },
  };
}
