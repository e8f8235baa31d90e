/**
 * Random loops: builders are made, taken through loops, branches and merges, and give their values. Inside a loop each
 * iteration takes the builder on in one of the ways that the linear law allows: merges, branches, inner loops, and
 * structs of builders field by field. Loops prefer what was made last, so chains of loops arise, which fusion wants.
 */

import { bool, i64 } from '../core/build.ts';
import type { Annotations, Atom, Sym } from '../core/op.ts';
import {
  appender,
  BOOL,
  type DictType,
  I64,
  isMergeable,
  merger,
  type ScalarType,
  type Type,
  type VecType,
} from '../core/types.ts';
import {
  BuilderGen,
  either,
  type Filled,
  inTurn,
  type Leaf,
  leavesOf,
  NOTHING,
  type Tally,
  type Target,
  upTo,
} from './arb-builder.ts';
import type { Gen } from './arb-gen.ts';
import { inside, NO_CLASS, type Scope, scalarVar, type Var } from './arb-scope.ts';
import type { Walk } from './arb-walk.ts';

const HINTS: readonly [Annotations, ...Annotations[]] = [{ grain_size: 64 }, { loopsize: 3, vectorize: true }];

/** A builder that has not given its value yet. */
export interface Open extends Filled {
  readonly leaf: Leaf;
}

/** A builder after a loop or some other code at the top, and the class of lengths of what it appended. */
interface Stage extends Filled {
  readonly len: number;
}

export class LoopGen {
  readonly builders: BuilderGen;
  readonly #gen: Gen;
  constructor(gen: Gen) {
    this.#gen = gen;
    this.builders = new BuilderGen(gen);
  }

  /** Builders, a loop that fills them, perhaps more code that does; gives the new values. */
  loop(scope: Scope, walk: Walk = this.#gen.walks.walk(scope)): readonly Var[] {
    const { tape, options } = this.#gen;
    const target = this.builders.target(scope, given(walk));
    let stage: Stage = {
      builder: this.builders.fresh(target),
      tallies: leavesOf(target).map(() => NOTHING),
      len: NO_CLASS,
    };
    if (tape.rarely(6)) stage = after(stage, this.#fill(stage.builder, target, scope, 1));
    stage = after(stage, this.#through(stage.builder, target, walk, scope, 2));
    if (options.rich && tape.rarely(6)) stage = after(stage, this.#fill(stage.builder, target, scope, 1));
    return this.#outcomes(this.#result(stage.builder, target, scope), target, stage);
  }
  /** The values of fresh builders after a loop with the given body. */
  filled(target: Target, walk: Walk, body: (b: Sym, i: Sym, elems: readonly Sym[]) => Filled): readonly Var[] {
    const { b } = this.#gen;
    const stage = this.#over(this.builders.fresh(target), walk, {}, body);
    return this.#outcomes(b.result(stage.builder), target, stage);
  }
  /** The value of builders, sometimes taken one by one or in both branches of an `if`. */
  #result(builder: Atom, target: Target, scope: Scope): Atom {
    const { b, tape, options } = this.#gen;
    if (target.kind === 'group' && tape.rarely(6)) {
      const fields = target.parts.map((_, k) => b.field(builder, k));
      return b.struct(fields.map((f) => b.result(f)));
    }
    const value = (): Atom => b.result(builder);
    return options.rich && tape.rarely(12) ? b.if(this.#condition(scope), value, value) : value();
  }

  /** More code for an unfinished builder, which may have been merged into before. */
  goOn(open: Open, scope: Scope): Open {
    const { tape, walks } = this.#gen;
    const { leaf, builder } = open;
    const filled =
      tape.pick(3) > 0
        ? this.#through(builder, leaf, walks.walk(scope), scope, 2)
        : this.#fill(builder, leaf, scope, 1);
    return { leaf, builder: filled.builder, tallies: inTurn(open.tallies, filled.tallies) };
  }
  /** The value of such a builder. */
  close({ leaf, builder, tallies }: Open, scope: Scope): readonly Var[] {
    return this.#outcomes(this.#result(builder, leaf, scope), leaf, { builder, tallies, len: NO_CLASS });
  }

  /** The builder through one loop. */
  #through(acc: Atom, target: Target, walk: Walk, scope: Scope, depth: number): Stage {
    const { tape, options, walks } = this.#gen;
    const notes = options.rich && tape.rarely(9) ? tape.choose(HINTS) : {};
    return this.#over(acc, walk, notes, (s, i, elems) =>
      this.#fill(s, target, walks.body(scope, walk, i, elems), depth),
    );
  }
  #over(acc: Atom, walk: Walk, notes: Annotations, body: (b: Sym, i: Sym, elems: readonly Sym[]) => Filled): Stage {
    let tallies: readonly Tally[] = [];
    const builder = this.#gen.b.loop(
      walk.iters,
      acc,
      (s, i, ...elems) => {
        const filled = body(s, i, elems);
        tallies = filled.tallies;
        return filled.builder;
      },
      notes,
    );
    const [first] = tallies;
    const exactlyOnce = tallies.length === 1 && first?.least === 1 && first.most === 1;
    return { builder, tallies: upTo(walk.max, tallies), len: exactlyOnce ? walk.len : NO_CLASS };
  }

  /** What one run of some code does to a builder. */
  #fill(acc: Atom, target: Target, scope: Scope, depth: number): Filled {
    const { b, tape, options, walks } = this.#gen;
    const skipped = leavesOf(target).map(() => NOTHING);
    if (depth <= 0) return this.#each(acc, target, scope, 0);
    const again = (to: Atom): Filled => this.#fill(to, target, scope, depth - 1);
    // A struct of builders as a whole only in rich programs.
    const whole = target.kind === 'leaf' || options.rich;
    switch (whole ? tape.pick(options.rich ? 11 : 9) : 0) {
      case 5:
      case 6: {
        const cond = this.#condition(scope);
        let tallies: readonly Tally[] = skipped;
        const side = (): Atom => {
          const filled = again(acc);
          tallies = either(skipped, filled.tallies);
          return filled.builder;
        };
        const builder = tape.rarely(4) ? b.if(cond, () => acc, side) : b.if(cond, side, () => acc);
        return { builder, tallies };
      }
      case 7: {
        const sides: Filled[] = [];
        const side = (): Atom => {
          const filled = again(acc);
          sides.push(filled);
          return filled.builder;
        };
        const builder = b.if(this.#condition(scope), side, side);
        return { builder, tallies: sides.map((f) => f.tallies).reduce(either) };
      }
      case 8:
        if (tape.pick(2) === 0) {
          const once = again(acc);
          const twice = again(once.builder);
          return { builder: twice.builder, tallies: inTurn(once.tallies, twice.tallies) };
        }
        return this.#nested(acc, target, scope, depth);
      case 9:
        return this.#through(acc, target, walks.walk(scope), scope, depth - 1);
      case 10:
        // Inside a loop the builder that comes out of `iterate` would not count as the one that went in.
        return scope.loops === 0 ? this.#iterated(acc, target, scope, depth) : again(acc);
      default:
        return this.#each(acc, target, scope, depth);
    }
  }
  #condition(scope: Scope): Atom {
    return this.#gen.scalars.expr(BOOL, scope, 1 + this.#gen.tape.pick(2));
  }

  /** A merge into a builder, or something for each field of a struct of builders. */
  #each(acc: Atom, target: Target, scope: Scope, depth: number): Filled {
    const { b, tape } = this.#gen;
    if (target.kind === 'leaf') {
      const merged = this.builders.merge(acc, target, scope, tape.pick(4));
      return { builder: merged.builder, tallies: [merged.tally] };
    }
    const fields = target.parts.map((_, k) => b.field(acc, k));
    const filled = target.parts.map((p, k) => this.#fill(fields[k] ?? acc, p, scope, depth));
    return { builder: b.struct(filled.map((f) => f.builder)), tallies: filled.flatMap((f) => f.tallies) };
  }

  /** A loop inside: it takes the builder along, or makes a value of its own to merge. */
  #nested(acc: Atom, target: Target, scope: Scope, depth: number): Filled {
    const { tape, walks } = this.#gen;
    if (tape.pick(2) === 0) return this.#through(acc, target, walks.walk(scope), scope, 0);
    const ty = this.#gen.types.merged();
    const known = { ...scope, vars: [...scope.vars, ...this.#sum(ty, scope)] };
    return this.#each(acc, target, known, depth - 1);
  }

  /** Some rounds of `iterate` over the builder and a count. */
  #iterated(acc: Atom, target: Target, scope: Scope, depth: number): Filled {
    const { b, tape } = this.#gen;
    const rounds = 1 + tape.pick(3);
    let tallies: readonly Tally[] = [];
    const end = b.iterate(b.struct([acc, i64(0)]), (s) => {
      const [builder, n] = [b.field(s, 0), b.field(s, 1)];
      const filled = this.#fill(builder, target, inside(scope, [scalarVar(n, I64)], rounds), depth - 1);
      tallies = filled.tallies;
      const next = b.bin('+', n, i64(1));
      return b.struct([b.struct([filled.builder, next]), b.bin('<', next, i64(rounds))]);
    });
    return { builder: b.field(end, 0), tallies: upTo(rounds, tallies) };
  }

  /** The value of one new builder that a loop fills, for code inside other code. */
  #filled(leaf: Leaf, scope: Scope): Var {
    const { b, walks } = this.#gen;
    const stage = this.#through(this.builders.fresh(leaf), leaf, walks.walk(scope), scope, 1);
    const [only] = this.#outcomes(b.result(stage.builder), leaf, stage);
    return only ?? scalarVar(bool(false), BOOL);
  }
  /** `result(for(.., appender[T], ..))` */
  collection(t: VecType, scope: Scope): Var {
    return this.#filled({ kind: 'leaf', ty: appender(t.elem), arg: null, table: null }, scope);
  }
  dictionary(t: DictType, scope: Scope): Var | null {
    const leaf = this.builders.forDict(t);
    return leaf === null ? null : this.#filled(leaf, scope);
  }
  #sum(ty: Type, scope: Scope): readonly Var[] {
    const { tape, options } = this.#gen;
    const inexact = !options.floatSums;
    const op = inexact || tape.pick(2) === 0 ? 'max' : '+';
    return [this.#filled({ kind: 'leaf', ty: merger(ty, op), arg: null, table: null }, scope)];
  }
  /** A scalar that a loop makes. */
  reduction(ty: ScalarType, scope: Scope): Atom {
    const { b } = this.#gen;
    const of = isMergeable(ty) ? ty : I64;
    return b.cast(ty, this.#sum(of, scope)[0]?.atom ?? i64(0));
  }

  /** The values that finished builders put in scope: theirs, and the entries of dictionaries as vectors. */
  #outcomes(value: Atom, target: Target, stage: Stage): readonly Var[] {
    const { b, values } = this.#gen;
    let next = 0;
    const visit = (atom: Atom, t: Target): readonly Var[] => {
      if (t.kind === 'group') return t.parts.flatMap((p, k) => visit(b.field(atom, k), p));
      const size = this.builders.resultSize(t, stage.tallies[next++] ?? NOTHING, 1);
      const v: Var = { atom, ty: b.typeOf(atom), size, len: this.#classOf(t, stage) };
      return v.ty.kind === 'dict' ? [v, values.entries(v)] : [v];
    };
    return visit(value, target);
  }
  #classOf(leaf: Leaf, stage: Stage): number {
    if (leaf.ty.kind === 'vecmerger') return leaf.table?.len ?? this.#gen.freshLength();
    if (leaf.ty.kind !== 'appender') return NO_CLASS;
    return stage.len === NO_CLASS ? this.#gen.freshLength() : stage.len;
  }
}

/** A stage, and the one before it. The class of lengths stays when nothing else was appended. */
function after(before: Stage, f: Filled & { readonly len?: number }): Stage {
  const untouched = before.tallies.every((t) => t.most === 0);
  return {
    builder: f.builder,
    tallies: inTurn(before.tallies, f.tallies),
    len: untouched ? (f.len ?? NO_CLASS) : NO_CLASS,
  };
}

/** The types that an iteration has at hand. */
const given = (walk: Walk): readonly Type[] => walk.elems.map((e) => e.ty);
