/**
 * Random well-typed Core programs with arguments, for fast-check.
 *
 * A program is a function of a tape of decisions (`tape.ts`) and is built by the checked Builder, so every tape gives
 * a valid program and nothing is filtered out. It has vector params of one length, other params, and up to some
 * twelve steps; most are loops over what earlier steps made, the others scalar code and values of any type. The result
 * holds the last few values. Shrinking shortens the tape: programs lose steps, then get simpler ones.
 */

import type fc from 'fast-check';
import { Builder, bool } from '../core/build.ts';
import { finished } from '../core/compare.ts';
import type { IValue } from '../core/ivalue.ts';
import { encodeJson } from '../core/json.ts';
import type { Atom } from '../core/op.ts';
import { printProgram } from '../core/print.ts';
import { type Program, resultType } from '../core/program.ts';
import { mergedType } from '../core/rules.ts';
import { BOOL, F64, I64, struct, type Type, typeText, type VecType, vec } from '../core/types.ts';
import { arbValue, LENGTHS } from './arb-data.ts';
import { Gen } from './arb-gen.ts';
import type { Open } from './arb-loop.ts';
import { callReverse } from './arb-prims.ts';
import {
  canMake,
  isLight,
  isVecVar,
  NO_CLASS,
  type ProgramOptions,
  type Scope,
  scalarVar,
  sizeFor,
  sizeOf,
  structSize,
  type Var,
} from './arb-scope.ts';
import { arbFromTape } from './arb-tape.ts';
import { SCALARS } from './arb-types.ts';
import { Tape } from './tape.ts';

export { freshPrims, type TestPrims } from './arb-prims.ts';
export type { ProgramOptions } from './arb-scope.ts';

export interface TestCase {
  readonly program: Program;
  readonly args: readonly IValue[];
  /** The program and its arguments as text, which a failing property prints. */
  readonly toString: () => string;
}

const DEFAULTS: Required<ProgramOptions> = {
  floatSums: true,
  errors: false,
  cudf: false,
  nestedVecs: true,
  rich: true,
  nearMisses: false,
  algebra: false,
  lengths: LENGTHS,
};
/** The most iterations that nested loops add up to, with vectors of the usual lengths. */
const WORK = 3000;
const MOST_STEPS = 12;

/** Random programs with arguments; see ProgramOptions for what they may contain. Of fewer decisions they are shorter. */
export function arbProgram(options: ProgramOptions = {}, decisions = 600): fc.Arbitrary<TestCase> {
  return arbFromTape(decisions, (tape) => programOn(tape, options));
}

/** The program that a list of decisions stands for. */
export function programOf(cells: readonly number[], options: ProgramOptions = {}): TestCase {
  return programOn(new Tape(cells), options);
}

function programOn(tape: Tape, options: ProgramOptions): TestCase {
  return new ProgramGen(tape, { ...DEFAULTS, ...options }).make();
}

class ProgramGen {
  readonly #b = new Builder();
  readonly #tape: Tape;
  readonly #options: Required<ProgramOptions>;
  readonly #gen: Gen;
  readonly #args: IValue[] = [];
  /** Unfinished builders: params, until their value is taken or they are given back. */
  #open: readonly Open[] = [];

  constructor(tape: Tape, options: Required<ProgramOptions>) {
    this.#tape = tape;
    this.#options = options;
    this.#gen = new Gen(this.#b, tape, options);
  }

  make(): TestCase {
    const b = this.#b;
    const params = this.#params();
    const made: Var[] = [];
    const work = Math.max(WORK, ...this.#options.lengths.map((n) => 1.5 * n));
    const scope = (): Scope => ({ vars: [...params, ...made], elems: [], work, loops: 0, counted: true });
    const algebra = this.#tape.span(() => this.#algebra(params.find(isVecVar), scope()));
    made.push(...algebra);
    for (let steps = 0; steps < MOST_STEPS; steps++) {
      const step = this.#tape.span(() => (this.#tape.pick(10) === 0 ? null : this.#step(scope())));
      if (step === null) break;
      made.push(...step);
    }
    // Builders from outside give their values, or are handed out as they are.
    const [closed, handed] = this.#tape.pick(2) === 0 ? [this.#open, []] : [[], this.#open];
    made.push(...closed.flatMap((o) => this.#gen.loops.close(o, scope())));
    const program = b.finish(this.#result(made.length > 0 ? made : params, algebra, handed));
    const args = this.#args;
    return { program, args, toString: () => caseText(program, args) };
  }

  /** What the optimizer's rules are about, for each element of a vector. */
  #algebra(of: Var<VecType> | undefined, scope: Scope): readonly Var[] {
    return of === undefined || !this.#options.algebra ? [] : this.#gen.algebra.column(of, scope);
  }

  /** Vectors of one length, perhaps one of another, and other values. */
  #params(): readonly Var[] {
    const [tape, { lengths, rich }, { types }] = [this.#tape, this.#options, this.#gen];
    const length = tape.choose(lengths);
    const shared = this.#gen.freshLength(length);
    const vars: Var[] = [];
    const add = (ty: Type, n: number, len: number): void => {
      const atom = this.#b.param(ty, ty.kind === 'vec' ? 'x' : 'c');
      const value = arbValue(ty, tape, n);
      this.#args.push(value);
      vars.push({ atom, ty, len, size: sizeOf(ty, value) });
    };
    for (let n = 1 + tape.pick(4); n > 0; n--) add(vec(this.#elem()), length, shared);
    if (tape.rarely(3)) {
      const other = tape.choose(lengths);
      add(vec(tape.choose(SCALARS)), other, this.#gen.freshLength(other));
    }
    for (let n = tape.pick(3); n > 0; n--) add(tape.choose(SCALARS), 0, NO_CLASS);
    if (rich && tape.rarely(3)) {
      const ty = types.data(3);
      if (ty.kind !== 'vec') add(ty, tape.choose(lengths), NO_CLASS);
    }
    if (rich && tape.rarely(9)) {
      for (let n = 1 + tape.pick(2); n > 0; n--) this.#builder(2 + tape.pick(4));
    }
    return vars;
  }
  /** A param that is a builder with up to some merges. */
  #builder(merges: number): void {
    const leaf = this.#gen.loops.builders.foreign();
    const builder = this.#b.param(leaf.ty, 'b');
    this.#args.push(arbValue(leaf.ty, this.#tape, merges));
    const size = sizeFor(mergedType(leaf.ty), 3);
    this.#open = [...this.#open, { leaf, builder, tallies: [{ least: 0, most: 3, size }] }];
  }
  #elem(): Type {
    const [tape, { nestedVecs, rich }, { types }] = [this.#tape, this.#options, this.#gen];
    if (tape.rarely(10)) return struct([I64, F64]);
    if (rich && tape.rarely(10)) return types.data(3);
    return nestedVecs && tape.rarely(15) ? vec(tape.choose(SCALARS)) : tape.choose(SCALARS);
  }

  #step(scope: Scope): readonly Var[] {
    if (this.#options.nearMisses && this.#tape.pick(4) > 0) return this.#gen.nearMisses.make(scope);
    const [tape, { scalars, values, loops, idioms, types, order }] = [this.#tape, this.#gen];
    const [open, ...others] = this.#open;
    if (open !== undefined && tape.pick(2) === 0) {
      this.#open = [...others, loops.goOn(open, scope)];
      return [];
    }
    const kind = tape.pick(this.#options.rich ? 20 : 16);
    if (kind < 4) return loops.loop(scope);
    if (kind < 8 || (kind < 10 && !this.#options.rich)) return idioms.make(scope);
    if (kind < 10) return this.#gen.matrices.make(scope);
    const vectors = scope.vars.filter(isVecVar).filter((v) => canMake(v.ty) && isLight(v, scope));
    switch (kind) {
      case 10:
      case 11: {
        const ty = tape.choose(SCALARS);
        return [scalarVar(scalars.expr(ty, scope, 4), ty)];
      }
      case 12: {
        const v = tape.recent(vectors);
        return v === undefined ? [] : [values.slice(v.ty, scope, 0)];
      }
      case 13:
        return [values.literal(vec(tape.choose(SCALARS)), scope, 2)];
      case 14: {
        const v = tape.recent(vectors);
        return v === undefined ? [scalarVar(scalars.expr(BOOL, scope, 2), BOOL)] : [values.choice(v.ty, scope, 0)];
      }
      case 15:
        return this.#options.cudf && tape.pick(2) === 0 ? this.#call(scope) : this.#structure(scope);
      case 16: {
        const v = tape.recent(vectors);
        if (v === undefined) return [];
        return tape.pick(2) === 0 ? [order.sorted(v, scope)] : order.cut(v, scope);
      }
      case 17: {
        const known = tape.recent(scope.vars.filter((v) => canMake(v.ty)));
        const ty = known !== undefined && tape.pick(2) === 0 ? known.ty : types.data(3);
        return [tape.pick(2) === 0 ? values.iterated(ty, scope, 2) : values.roundTrip(ty, scope, 2)];
      }
      default:
        return [values.make(types.data(3), scope, 3)];
    }
  }

  /** A struct of values in scope and one of its fields. */
  #structure(scope: Scope): readonly Var[] {
    const [b, tape] = [this.#b, this.#tape];
    const v = tape.recent(scope.vars) ?? scalarVar(bool(false), BOOL);
    const other = tape.recent(scope.vars) ?? v;
    const atom = b.struct([v.atom, other.atom]);
    const made: Var = { atom, ty: b.typeOf(atom), size: structSize([v.size, other.size]), len: NO_CLASS };
    return [made, { ...v, atom: b.field(atom, 0) }];
  }

  #call(scope: Scope): readonly Var[] {
    const v = callReverse(this.#gen, null, scope);
    return v === null ? [] : [v];
  }

  /** The last few values, of near misses all of them, and unfinished builders, as a struct, or one alone. */
  #result(made: readonly Var[], always: readonly Var[], open: readonly Open[]): Atom {
    const given = this.#options.rich ? made : made.filter((v) => !holdsDict(v.ty));
    const last = this.#options.nearMisses ? given : given.slice(-(1 + this.#tape.pick(8)));
    const fields = [...always.filter((v) => !last.includes(v)), ...last];
    const atoms = [...fields.map((v) => v.atom), ...open.map((o) => o.builder)];
    const [only] = atoms;
    return only !== undefined && atoms.length === 1 ? only : this.#b.struct(atoms);
  }
}

/** Plain programs give dictionaries back as vectors only: not every target can hand one out. */
const holdsDict = (t: Type): boolean => t.kind === 'dict' || (t.kind === 'struct' && t.fields.some(holdsDict));

/** A case as text: the program, and its arguments as typed JSON; of a builder the value that it would give. */
export function caseText(program: Program, args: readonly IValue[]): string {
  const values = program.body.params.map((s, k) => {
    const ty = program.syms.type(s);
    const [finalType, value] = finished(ty, args[k] ?? 0);
    return `# ${typeText(ty)} ${JSON.stringify(encodeJson(finalType, value))}`;
  });
  return `${printProgram(program)}${values.join('\n')}\n# gives ${typeText(resultType(program))}\n`;
}
