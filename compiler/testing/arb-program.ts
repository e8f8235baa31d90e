/**
 * Random well-typed Core programs with arguments, for fast-check.
 *
 * A program is a function of a tape of decisions (`tape.ts`) and is built by the checked Builder, so every tape gives
 * a valid program and nothing is filtered out. It has vector params of one length, scalar params, and up to some
 * twelve steps; most are loops over what earlier steps made, the others scalar code, slices, structs and comparisons.
 * The result holds the last few values. Shrinking shortens the tape: programs lose steps, then get simpler ones.
 */

import type fc from 'fast-check';
import { Builder, bool, i64 } from '../core/build.ts';
import type { IValue } from '../core/ivalue.ts';
import { encodeJson } from '../core/json.ts';
import type { Atom } from '../core/op.ts';
import { printProgram } from '../core/print.ts';
import { type Program, resultType } from '../core/program.ts';
import { BOOL, F64, I64, isScalar, struct, type Type, typeText, vec } from '../core/types.ts';
import type { PrimTable, Value, VecValue } from '../core/value.ts';
import { arbValue, LENGTHS } from './arb-data.ts';
import { LoopGen } from './arb-loop.ts';
import { isVecVar, type ProgramOptions, SCALARS, type Scope, scalarVar, type Var } from './arb-scalar.ts';
import { arbFromTape } from './arb-tape.ts';
import { Tape } from './tape.ts';

export type { ProgramOptions } from './arb-scalar.ts';

export interface TestCase {
  readonly program: Program;
  readonly args: readonly IValue[];
  /** The program and its arguments as text, which a failing property prints. */
  readonly toString: () => string;
}

const DEFAULTS: Required<ProgramOptions> = {
  math: true,
  floatSums: true,
  errors: false,
  cudf: false,
  nestedVecs: true,
  lengths: LENGTHS,
};

/** Random programs with arguments; see ProgramOptions for what they may contain. */
export function arbProgram(options: ProgramOptions = {}): fc.Arbitrary<TestCase> {
  return arbFromTape(600, (tape) => programOn(tape, options));
}

/** The program that a list of decisions stands for. */
export function programOf(cells: readonly number[], options: ProgramOptions = {}): TestCase {
  return programOn(new Tape(cells), options);
}

function programOn(tape: Tape, options: ProgramOptions): TestCase {
  return new ProgramGen(tape, { ...DEFAULTS, ...options }).make();
}

/** The primitives that generated programs call when `cudf` is on: `test_reverse` of any vector with columns. */
export const testPrims: PrimTable = new Map([
  [
    'test_reverse',
    {
      name: 'test_reverse',
      doc: 'The vector from its end to its start.',
      typing: ([t]: readonly Type[]) => (t?.kind === 'vec' ? t : 'test_reverse takes a vector'),
      run: ([v]: readonly Value[]): Value => reversed(v),
    },
  ],
]);

function reversed(v: Value | undefined): VecValue {
  if (typeof v !== 'object' || v.kind !== 'vec') throw new TypeError('test_reverse takes a vector');
  return { ...v, cols: v.cols.map((c) => c.slice(0, v.length).reverse()) };
}

class ProgramGen {
  readonly #b = new Builder();
  readonly #tape: Tape;
  readonly #options: Required<ProgramOptions>;
  readonly #loops: LoopGen;
  readonly #args: IValue[] = [];

  constructor(tape: Tape, options: Required<ProgramOptions>) {
    this.#tape = tape;
    this.#options = options;
    this.#loops = new LoopGen(this.#b, tape, options);
  }

  make(): TestCase {
    const b = this.#b;
    const params = this.#params();
    const made: Var[] = [];
    for (let steps = 0; steps < 12 && this.#tape.pick(10) !== 0; steps++)
      made.push(...this.#step([...params, ...made]));
    const program = b.finish(this.#result(made.length > 0 ? made : params));
    const args = this.#args;
    return { program, args, toString: () => caseText(program, args) };
  }

  /** Vectors of one length, perhaps one of another, and scalars. */
  #params(): readonly Var[] {
    const tape = this.#tape;
    const length = tape.choose(this.#options.lengths);
    const vars: Var[] = [];
    const add = (ty: Type, n: number, len: number): void => {
      const atom = this.#b.param(ty, ty.kind === 'vec' ? 'x' : 'c');
      this.#args.push(arbValue(ty, tape, n));
      vars.push({ atom, ty, len, max: n });
    };
    const pair = struct([I64, F64]);
    const elem = (): Type => {
      if (tape.rarely(10)) return pair;
      return this.#options.nestedVecs && tape.rarely(15) ? vec(tape.choose(SCALARS)) : tape.choose(SCALARS);
    };
    for (let n = 1 + tape.pick(4); n > 0; n--) add(vec(elem()), length, 0);
    if (tape.rarely(3)) add(vec(tape.choose(SCALARS)), tape.choose(this.#options.lengths), 1);
    for (let n = tape.pick(3); n > 0; n--) add(tape.choose(SCALARS), 0, -1);
    return vars;
  }

  #step(scope: Scope): readonly Var[] {
    const [b, tape, loops] = [this.#b, this.#tape, this.#loops];
    const { scalars } = loops;
    const kind = tape.pick(16);
    if (kind < 10) return loops.loop(scope);
    switch (kind) {
      case 10:
      case 11: {
        const ty = tape.choose(SCALARS);
        return [scalarVar(scalars.expr(ty, scope, 4), ty)];
      }
      case 12:
        return this.#slice(scope);
      case 13: {
        const ty = tape.choose(SCALARS);
        const items = Array.from({ length: tape.pick(4) }, () => scalars.expr(ty, scope, 2));
        return [{ atom: b.vec(ty, items), ty: vec(ty), len: loops.freshLength(), max: items.length }];
      }
      case 14:
        return this.#choice(scope);
      default:
        return this.#options.cudf ? this.#call(scope) : this.#structure(scope);
    }
  }

  /** A part of a vector; the start is in bounds. */
  #slice(scope: Scope): readonly Var[] {
    const [b, tape, { scalars }] = [this.#b, this.#tape, this.#loops];
    const v = tape.recent(scope.filter(isVecVar));
    if (v === undefined) return [];
    const wish = b.bin('max', i64(0), scalars.expr(I64, scope, 1));
    const start = tape.pick(2) === 0 ? i64(0) : b.bin('min', wish, b.len(v.atom));
    return [{ ...v, atom: b.slice(v.atom, start, scalars.expr(I64, scope, 1)), len: this.#loops.freshLength() }];
  }

  /** One of two values of a type, or of two loops over the same data. */
  #choice(scope: Scope): readonly Var[] {
    const [b, tape, { scalars }] = [this.#b, this.#tape, this.#loops];
    const cond = scalars.expr(BOOL, scope, 2);
    const v = tape.recent(scope.filter(isVecVar));
    const other = v === undefined ? undefined : tape.recent(scope.filter(isVecVar).filter((w) => w.ty === v.ty));
    if (v === undefined || other === undefined) return [scalarVar(cond, BOOL)];
    const atom =
      tape.pick(2) === 0
        ? b.select(cond, v.atom, other.atom)
        : b.if(
            cond,
            () => v.atom,
            () => other.atom,
          );
    const len = v.len === other.len ? v.len : this.#loops.freshLength();
    return [{ atom, ty: v.ty, len, max: Math.max(v.max, other.max) }];
  }

  /** A struct of values in scope and one of its fields. */
  #structure(scope: Scope): readonly Var[] {
    const [b, tape] = [this.#b, this.#tape];
    const v = tape.recent(scope) ?? scalarVar(bool(false), BOOL);
    const other = tape.recent(scope) ?? v;
    const made = b.struct([v.atom, other.atom]);
    return [scalarVar(made, b.typeOf(made)), { ...v, atom: b.field(made, 0) }];
  }

  #call(scope: Scope): readonly Var[] {
    const v = this.#tape.recent(scope.filter(isVecVar).filter((w) => isScalar(w.ty.elem)));
    return v === undefined ? [] : [{ ...v, atom: this.#b.cudf('test_reverse', v.ty, [v.atom]) }];
  }

  /** The last few values as a struct, or one alone. */
  #result(made: Scope): Atom {
    const fields = made.filter((v) => !holdsDict(v.ty)).slice(-(1 + this.#tape.pick(5)));
    const [only] = fields;
    if (only !== undefined && fields.length === 1) return only.atom;
    return this.#b.struct(fields.map((v) => v.atom));
  }
}

/** Dictionaries are given back as vectors only: not every target can hand one out. */
const holdsDict = (t: Type): boolean => t.kind === 'dict' || (t.kind === 'struct' && t.fields.some(holdsDict));

/** A case as text: the program, and its arguments as typed JSON. */
export function caseText(program: Program, args: readonly IValue[]): string {
  const values = program.body.params.map((s, k) => {
    const ty = program.syms.type(s);
    return `# ${typeText(ty)} ${JSON.stringify(encodeJson(ty, args[k] ?? 0))}`;
  });
  return `${printProgram(program)}${values.join('\n')}\n# gives ${typeText(resultType(program))}\n`;
}
