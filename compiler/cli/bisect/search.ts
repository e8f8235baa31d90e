/**
 * Finds the first rewrite after which a program does something else. The program as written, on the interpreter, says
 * what is right; it is compared with the optimized program on the interpreter and in generated code. A binary search
 * over the number of rewrites then finds one with a right result before it and a wrong one after it.
 *
 * Generated code that is wrong without any rewrite is a fault of the code generator, and is reported as such.
 */

import { compareValues, EXACT, type FloatMatch } from '../../core/compare.ts';
import type { IValue } from '../../core/ivalue.ts';
import { versionPrinter } from '../../core/print.ts';
import { type Program, resultType } from '../../core/program.ts';
import type { ErrorKind } from '../../diag/codes.ts';
import { lineDiff } from '../../explain/diff.ts';
import type { PassOptions } from '../../options.ts';
import type { Pass, Step } from '../../passes/pass.ts';
import type { Target } from '../evaluator.ts';
import { type Attempt, attempt } from './attempt.ts';

/** What a run ended with. `unsupported`: the target cannot run the program. */
export type Outcome =
  | { readonly end: 'value'; readonly value: IValue }
  | { readonly end: 'error'; readonly error: ErrorKind }
  | { readonly end: 'fault'; readonly message: string }
  | { readonly end: 'unsupported' };

/** Runs a program as it is: no pass changes it any more. `wide` allows wide code. */
export type Evaluate = (p: Program, args: readonly IValue[], wide: boolean) => Promise<Outcome>;

export interface Question {
  readonly program: Program;
  readonly steps: readonly Step[];
  readonly options: PassOptions;
  /** Arguments, and the right result for them. */
  readonly cases: readonly Case[];
  readonly targets: Readonly<Partial<Record<Target, Evaluate>>>;
}
export interface Case {
  readonly args: readonly IValue[];
  readonly want: IValue;
}

/** The rewrite that is to blame. */
export interface Rewrite {
  /** It is the nth of all. */
  readonly number: number;
  readonly pass: string;
  /** It is in the nth run of the pass. */
  readonly run: number;
  /** The rules that were applied: one, unless the pass makes several rewrites at once. */
  readonly rules: readonly string[];
  /** The lines that it changed; empty where there is no program after it. */
  readonly diff: readonly string[];
}

export interface Blame {
  /** Null: generated code is wrong for the program as written. */
  readonly rewrite: Rewrite | null;
  readonly target: Target;
  readonly case: Case;
  /** What is wrong with the result. */
  readonly difference: string;
  /** The pass or rule without which the result is right, or null where one alone does not help. */
  readonly disable: string | null;
}

export interface Finding {
  /** All rewrites and runs of passes; 0 where a pass fails. */
  readonly rewrites: number;
  readonly runs: number;
  /** Targets that could run the program. */
  readonly compared: readonly Target[];
  readonly blame: Blame | null;
}

/** Sums may be added in another order by generated code, and math functions have bounds of their own. */
const GENERATED: FloatMatch = { match: 'near', f64: 1e-9, f32: 1e-4 };

export async function search(q: Question): Promise<Finding> {
  const all = attempt(q.program, q.steps, q.options, q.options.bisect);
  const compared: Target[] = [];
  const found = (blame: Blame | null): Finding => ({
    rewrites: all.rewrites,
    runs: all.runs.length,
    compared,
    blame,
  });
  for (const target of ['interp', 'wasm'] as const) {
    const evaluate = q.targets[target];
    if (evaluate === undefined) continue;
    let supported = true;
    for (const c of q.cases) {
      const judge = new Judge(q, target, evaluate, c);
      const verdict = await judge.verdict(all);
      supported &&= verdict.is !== 'unsupported';
      if (verdict.is === 'wrong') {
        compared.push(target);
        return found(await judge.blame(all, verdict.why));
      }
    }
    if (supported) compared.push(target);
  }
  return found(null);
}

/** What there is to say of a result. */
type Verdict =
  | { readonly is: 'right' }
  /** The target cannot run the program, which says nothing. */
  | { readonly is: 'unsupported' }
  | { readonly is: 'wrong'; readonly why: string };
const RIGHT: Verdict = { is: 'right' };
const wrong = (why: string): Verdict => ({ is: 'wrong', why });

/** Compares attempts with one case on one target. */
class Judge {
  readonly #q: Question;
  readonly #target: Target;
  readonly #evaluate: Evaluate;
  readonly #case: Case;

  constructor(q: Question, target: Target, evaluate: Evaluate, c: Case) {
    this.#q = q;
    this.#target = target;
    this.#evaluate = evaluate;
    this.#case = c;
  }

  async verdict({ program, fault }: Attempt): Promise<Verdict> {
    return program === null ? wrong(fault ?? 'a pass failed') : this.#run(program, true);
  }

  async blame(all: Attempt, difference: string): Promise<Blame> {
    const shared = { target: this.#target, case: this.#case };
    if (this.#target === 'wasm') {
      const bare = await this.#run(this.#q.program, true);
      if (bare.is === 'wrong') {
        const scalar = await this.#run(this.#q.program, false);
        return { ...shared, rewrite: null, difference: bare.why, disable: scalar.is === 'right' ? 'vectorize' : null };
      }
    }
    const { number, good, bad, why } = await this.#first(all, difference);
    const rewrite = rewriteOf(this.#q.program, number, good, bad);
    return { ...shared, rewrite, difference: why, disable: await this.#avoidedBy(rewrite) };
  }

  /** Two neighbours: the last attempt that is right and the first that is wrong, as far as a binary search sees. */
  async #first(all: Attempt, difference: string): Promise<Neighbours> {
    let low = 0;
    let good = this.#attempt(0);
    let high = all.program === null ? Number.POSITIVE_INFINITY : all.rewrites;
    let [bad, why] = [all, difference];
    while (high - low > 1) {
      // Where a pass fails the number of rewrites is not known: the steps double until one is wrong.
      const middle = Number.isFinite(high) ? low + Math.floor((high - low) / 2) : Math.max(1, 2 * low);
      const tried = this.#attempt(middle);
      const verdict = await this.verdict(tried);
      if (verdict.is === 'wrong') [high, bad, why] = [middle, tried, verdict.why];
      else [low, good] = [middle, tried];
    }
    // All rewrites were made by an attempt that went on afterwards, to see whether there are more.
    if (bad === all) bad = this.#attempt(high);
    return { number: high, good, bad, why };
  }

  /** The rule or the pass that is to be switched off; checked, not guessed. */
  async #avoidedBy({ pass, rules }: Rewrite): Promise<string | null> {
    const known = passesOf(this.#q.steps).find((s) => s.name === pass)?.rules ?? [];
    for (const name of [...rules.filter((r) => known.includes(r)), pass]) {
      const { program, steps, options } = this.#q;
      const disable = [...options.disable, name];
      const verdict = await this.verdict(attempt(program, steps, { ...options, disable }, options.bisect));
      if (verdict.is === 'right') return name;
    }
    return null;
  }

  #attempt(rewrites: number): Attempt {
    return attempt(this.#q.program, this.#q.steps, this.#q.options, rewrites);
  }

  async #run(p: Program, wide: boolean): Promise<Verdict> {
    const got = await this.#evaluate(p, this.#case.args, wide);
    switch (got.end) {
      case 'value': {
        const floats = this.#target === 'interp' ? EXACT : GENERATED;
        const differs = compareValues(resultType(this.#q.program), this.#case.want, got.value, floats);
        return differs === null ? RIGHT : wrong(differs);
      }
      case 'error':
        return wrong(`expected a value, found ${got.error}`);
      case 'fault':
        return wrong(got.message);
      case 'unsupported':
        return { is: 'unsupported' };
      default:
        return got satisfies never;
    }
  }
}

interface Neighbours {
  readonly number: number;
  readonly good: Attempt;
  readonly bad: Attempt;
  /** What is wrong with the bad one. */
  readonly why: string;
}

/** What the second of two neighbours has done more. */
function rewriteOf(p: Program, number: number, good: Attempt, bad: Attempt): Rewrite {
  const at = bad.runs.length - 1;
  const last = bad.runs[at];
  const before = good.runs.length - 1 === at ? good.runs[at]?.fired : undefined;
  const print = versionPrinter();
  const from = print(good.program ?? p);
  return {
    number,
    pass: last?.pass ?? '',
    run: bad.runs.filter((r) => r.pass === last?.pass).length,
    rules: [...(last?.fired ?? [])].flatMap(([rule, n]) => (n > (before?.get(rule) ?? 0) ? [rule] : [])),
    diff: bad.program === null ? [] : lineDiff(from, print(bad.program)),
  };
}

const passesOf = (steps: readonly Step[]): readonly Pass[] =>
  steps.flatMap((s) => ('repeat' in s ? passesOf(s.repeat) : [s]));
