/**
 * Random code in the shapes that the passes look for: chains of maps and filters, columns that are filtered side by
 * side, windows, groups that are only reduced, several aggregates under one key, equal loops. A loop drawn at random is
 * rarely the only reader of the one before it, so a corpus without these would hardly test fusion.
 *
 * A shape fixes who reads what. Types, expressions, conditions and builders are drawn as everywhere. What lies between
 * is not put in scope, so that nothing but the shape reads it.
 */

import { i64, range } from '../core/build.ts';
import type { Atom, Sym } from '../core/op.ts';
import { appender, BOOL, dictmerger, groupmerger, I64, isScalar, merger, struct, type VecType } from '../core/types.ts';
import { inlineBlock } from '../core/walk.ts';
import { invariant } from '../diag/diagnostic.ts';
import { type Filled, type Leaf, plain, type Tally } from './arb-builder.ts';
import type { Gen } from './arb-gen.ts';
import {
  inside,
  isVecVar,
  NO_CLASS,
  ONE,
  partOf,
  type Scope,
  scalarVar,
  sizeFor,
  structSize,
  type Var,
} from './arb-scope.ts';
import { NUMBERS } from './arb-types.ts';
import type { Walk } from './arb-walk.ts';

type Vec = Var<VecType>;
/** What one run of a loop's body does to the builder, given the scope of the body and the elements. */
type Round = (b: Sym, inner: Scope, elems: readonly Sym[]) => Filled;

export class IdiomGen {
  readonly #gen: Gen;
  constructor(gen: Gen) {
    this.#gen = gen;
  }

  /** One of the shapes over a vector in scope; gives the values that it ends with. */
  make(scope: Scope): readonly Var[] {
    const { tape, options, values, types, loops } = this.#gen;
    const vecs = scope.vars.filter(isVecVar).filter((v) => v.size.max <= scope.work);
    const source = tape.rarely(6) ? values.literal(types.column(1), scope, 1) : tape.recent(vecs);
    if (source === undefined) return loops.loop(scope);
    switch (tape.pick(options.rich ? 13 : 10)) {
      case 0:
      case 1:
      case 2:
        return this.#chain(source, scope);
      case 3:
      case 4:
        return tape.rarely(3) ? this.#rows(source, scope) : this.#columns(source, scope);
      case 5:
        return this.#siblings(source, scope);
      case 6:
        return this.#aggregates(source, scope);
      case 7:
        return this.#aggregates(source, scope);
      case 8:
        return this.#again(source, scope);
      case 9:
        return this.#indexed(source, scope);
      default:
        return this.#groups(source, scope);
    }
  }

  /** Maps and filters, each over the one before, and what reads the last. */
  #chain(source: Vec, scope: Scope): readonly Var[] {
    const { tape, walks } = this.#gen;
    let last = source;
    for (let stages = 1 + tape.pick(3); stages > 0; stages--) {
      const beside = last.len === source.len && tape.rarely(5);
      last = this.#stage(walks.along(beside ? [last, source] : [last]), scope);
    }
    return this.#read(last, scope);
  }
  /** A map, or in every second case a filter. */
  #stage(walk: Walk, scope: Scope): Vec {
    const { tape, types, scalars } = this.#gen;
    const leaf = plain(appender(types.data(1)));
    const all = tape.pick(2) === 0;
    const [v] = this.#loop([leaf], walk, scope, (b, inner) =>
      all
        ? this.#merge(b, leaf, inner)
        : this.#guarded(b, scalars.expr(BOOL, inner, 2), () => this.#merge(b, leaf, inner)),
    );
    return vecOf(v);
  }

  /** What is done with a vector that nobody else reads. */
  #read(v: Vec, scope: Scope): readonly Var[] {
    const { b, tape, options, loops, walks, values } = this.#gen;
    const whole = walks.along([v]);
    switch (tape.pick(options.rich ? 15 : 7)) {
      case 0:
        return this.#reader(whole, scope);
      case 1:
      case 2:
        return [scalarVar(b.len(v.atom), I64)];
      case 3:
        return [...this.#reader(whole, scope), scalarVar(b.len(v.atom), I64)];
      case 4:
      case 5: {
        // The second loop needs what the first one found out, as a normalisation needs a mean.
        const found = this.#reader(whole, scope);
        return [...found, ...this.#reader(whole, { ...scope, vars: [...scope.vars, ...found] })];
      }
      case 6:
        return [...this.#reader(whole, scope), ...this.#reader(whole, scope)];
      case 7:
      case 8:
      case 9:
      case 10:
      case 11:
        return loops.loop(scope, walks.windowed(v, scope));
      default: {
        const part = values.sliced(v, scope);
        return tape.pick(2) === 0 ? [part] : this.#reader(walks.along([part]), scope);
      }
    }
  }
  /** Any loop, or in every second case one that merges once for each element and does not look at the index. */
  #reader(walk: Walk, scope: Scope): readonly Var[] {
    const { tape, loops } = this.#gen;
    if (tape.pick(2) === 0) return loops.loop(scope, walk);
    const given = walk.elems.map((e) => e.ty);
    const leaf =
      tape.pick(3) === 0 ? loops.builders.leaf(scope, given) : plain(merger(...loops.builders.merged(given)));
    return this.#loop([leaf], walk, scope, (b, inner) => this.#merge(b, leaf, inner));
  }

  /** Columns that are filtered by one condition, and read together. */
  #columns(source: Vec, scope: Scope): readonly Var[] {
    const { tape, types, scalars, walks } = this.#gen;
    const leaves = this.#some(() => plain(appender(types.scalar())));
    const together = tape.pick(2) === 0;
    const columns = this.#loop(leaves, walks.along([source]), scope, (s, inner) => {
      const keep = scalars.expr(BOOL, inner, 2);
      // One branch for all, or one for each, which the passes are to join.
      return together
        ? this.#guarded(s, keep, () => this.#each(s, leaves, (b, leaf) => this.#merge(b, leaf, inner)))
        : this.#each(s, leaves, (b, leaf) => this.#guarded(b, keep, () => this.#merge(b, leaf, inner)));
    }).map(vecOf);
    const [x, y, ...rest] = columns;
    if (x === undefined || y === undefined) return [];
    const zipped = tape.pick(2) === 0 ? walks.along([x, y]) : walks.along([y, x, ...rest]);
    return [...this.#reader(zipped, scope), ...(tape.rarely(3) ? columns.slice(-1) : [])];
  }

  /** Rows that are filtered, of which the readers look at some fields each. */
  #rows(source: Vec, scope: Scope): readonly Var[] {
    const { tape, types, scalars, walks } = this.#gen;
    const leaf = plain(appender(types.row()));
    const [v] = this.#loop([leaf], walks.along([source]), scope, (b, inner) =>
      this.#guarded(b, scalars.expr(BOOL, inner, 2), () => this.#merge(b, leaf, inner)),
    );
    const rows = vecOf(v);
    const found = this.#fieldReader(rows, scope);
    if (tape.pick(3) === 0) return found;
    return [...found, ...this.#fieldReader(rows, { ...scope, vars: [...scope.vars, ...found] })];
  }
  #fieldReader(rows: Vec, scope: Scope): readonly Var[] {
    const { b, tape, walks, loops } = this.#gen;
    const { elem } = rows.ty;
    const fields = elem.kind === 'struct' ? elem.fields : [];
    const index = tape.pick(fields.length);
    const ty = fields[index] ?? elem;
    const leaf = loops.builders.leaf(scope, [ty]);
    return this.#loop([leaf], walks.along([rows]), scope, (s, _inner, [e]) => {
      const one = e === undefined ? [] : [scalarVar(b.field(e, index), ty)];
      return this.#merge(s, leaf, inside(scope, one, rows.size.max));
    });
  }

  /** A loop that makes several things, and a reader of one of them. */
  #siblings(source: Vec, scope: Scope): readonly Var[] {
    const { tape, types, scalars, walks, loops } = this.#gen;
    const leaves = [plain(appender(types.scalar())), loops.builders.leaf(scope, [source.ty.elem])];
    const all = tape.pick(3) === 0;
    const [v, ...others] = this.#loop(leaves, walks.along([source]), scope, (s, inner) => {
      const merged = (): Filled => this.#each(s, leaves, (b, leaf) => this.#merge(b, leaf, inner));
      return all ? merged() : this.#guarded(s, scalars.expr(BOOL, inner, 2), merged);
    });
    return [...others, ...this.#reader(walks.along([vecOf(v)]), scope)];
  }

  /** Aggregates under one key, read by keys or entry by entry. */
  #aggregates(source: Vec, scope: Scope): readonly Var[] {
    const { b, tape, types, scalars, values, walks, reach, loops } = this.#gen;
    const key = types.key();
    const numbers = this.#some(() => tape.choose(NUMBERS));
    const op = loops.builders.opFor(struct(numbers));
    const leaves = numbers.map((ty) => plain(dictmerger(key, ty, op)));
    const all = tape.pick(2) === 0;
    const dicts = this.#loop(leaves, walks.along([source]), scope, (s, inner) => {
      const merged = (): Filled => {
        const k = values.key(key, inner);
        return this.#each(s, leaves, (b, leaf) => this.#keyed(b, leaf, k, inner));
      };
      return all ? merged() : this.#guarded(s, scalars.expr(BOOL, inner, 2), merged);
    }).filter((v) => v.ty.kind === 'dict');
    const [first, second] = dicts;
    if (first === undefined || second === undefined || tape.pick(6) === 0) return dicts.map((d) => values.entries(d));
    if (tape.pick(5) === 0) {
      const hidden = { ...scope, vars: dicts };
      return this.#some(() => null).flatMap(() => reach.element(hidden) ?? []);
    }
    // A loop over the entries of one looks the same key up in the other.
    const entries = vecOf(values.entries(first));
    const leaf = loops.builders.leaf(scope, [entries.ty.elem]);
    return this.#loop([leaf], walks.along([entries]), scope, (s, inner, [e]) => {
      if (e === undefined || second.ty.kind !== 'dict') return this.#merge(s, leaf, inner);
      const other = b.lookup(second.atom, b.field(e, 0));
      return this.#merge(s, leaf, { ...inner, vars: [...inner.vars, scalarVar(other, second.ty.value)] });
    });
  }

  /** Groups of which a loop over the entries reads nothing but reductions. */
  #groups(source: Vec, scope: Scope): readonly Var[] {
    const { b, tape, types, values, walks, loops } = this.#gen;
    const grouping = plain(groupmerger(types.key(), types.scalar()));
    const [d] = this.#loop([grouping], walks.along([source]), scope, (s, inner) => this.#merge(s, grouping, inner));
    if (d === undefined) return [];
    const entries = vecOf(values.entries(d));
    const leaf = loops.builders.leaf(scope, [I64]);
    return this.#loop([leaf], walks.along([entries]), scope, (s, _inner, [e]) => {
      if (e === undefined) return { builder: s, tallies: [] };
      const [key, group] = [b.field(e, 0), b.field(e, 1)];
      const ty = b.typeOf(group);
      const size = partOf(partOf(entries.size, 0), 1);
      const found = inside(scope, isScalar(b.typeOf(key)) ? [scalarVar(key, b.typeOf(key))] : [], entries.size.max);
      const sums = this.#some(() => {
        if (tape.rarely(3)) return scalarVar(b.len(group), I64);
        const elems: Vec[] = ty.kind === 'vec' ? [{ atom: group, ty, size, len: NO_CLASS }] : [];
        const [of] = elems;
        return of === undefined ? scalarVar(b.len(group), I64) : this.#reduced(of, found);
      });
      return this.#merge(s, leaf, { ...found, vars: [...found.vars, ...sums] });
    });
  }
  /** A number that a loop makes of elements alone. */
  #reduced(v: Vec, scope: Scope): Var {
    const { walks, loops, scalars, tape } = this.#gen;
    const [ty, op] = loops.builders.merged([]);
    const leaf = plain(merger(ty, op));
    const [sum] = this.#loop([leaf], walks.along([v]), { ...scope, vars: scope.vars.slice(-1) }, (b, inner) => {
      const quiet = { ...inner, vars: inner.vars.slice(-1) };
      return tape.pick(2) === 0
        ? this.#merge(b, leaf, quiet)
        : this.#guarded(b, scalars.expr(BOOL, quiet, 1), () => this.#merge(b, leaf, quiet));
    });
    return sum ?? v;
  }

  /** A loop over the indices of a vector that looks its elements up, and sometimes walks it, too. */
  #indexed(source: Vec, scope: Scope): readonly Var[] {
    const { b, tape, walks, loops } = this.#gen;
    const indices = range(i64(0), b.len(source.atom), i64(1));
    const beside = walks.along([source]);
    const zipped = tape.pick(3) === 0;
    const walk = {
      ...beside,
      iters: zipped ? [...beside.iters, indices] : [indices],
      elems: [...(zipped ? beside.elems : []), { ty: I64, size: ONE }],
    };
    const leaf = loops.builders.leaf(scope, [source.ty.elem]);
    return this.#loop([leaf], walk, scope, (s, inner, elems) => {
      const index = elems.at(-1);
      if (index === undefined) return this.#merge(s, leaf, inner);
      const size = partOf(source.size, 0);
      const found: Var = { atom: b.lookup(source.atom, index), ty: source.ty.elem, size, len: NO_CLASS };
      return this.#merge(s, leaf, { ...inner, vars: [...inner.vars, found] });
    });
  }

  /** The same code twice, with names of its own. */
  #again(source: Vec, scope: Scope): readonly Var[] {
    const { b, tape, walks } = this.#gen;
    let made: readonly Var[] = [];
    const code = b.block([], () => {
      const found = tape.pick(3) === 0 ? this.#chain(source, scope) : this.#reader(walks.along([source]), scope);
      made = found.slice(0, 1);
      return made[0]?.atom ?? source.atom;
    });
    const copy = inlineBlock(code, [], b.syms);
    b.splice(code.lets);
    b.splice(copy.lets);
    return made.flatMap((v) => [v, { ...v, atom: copy.result }]);
  }

  /** The values of fresh builders after a loop. */
  #loop(leaves: readonly Leaf[], walk: Walk, scope: Scope, round: Round): readonly Var[] {
    const { loops, walks } = this.#gen;
    const [only] = leaves;
    const target = leaves.length === 1 && only !== undefined ? only : { kind: 'group' as const, parts: leaves };
    return loops.filled(target, walk, (b, i, elems) => round(b, walks.body(scope, walk, i, elems), elems));
  }
  #merge(b: Atom, leaf: Leaf, inner: Scope): Filled {
    const { builder, tally } = this.#gen.loops.builders.merge(b, leaf, inner, 1 + this.#gen.tape.pick(3));
    return { builder, tallies: [tally] };
  }
  /** A merge under a key that is there. */
  #keyed(builder: Atom, leaf: Leaf, key: Atom, inner: Scope): Filled {
    const { b, tape, values } = this.#gen;
    const value = leaf.ty.kind === 'dictmerger' ? values.make(leaf.ty.value, inner, 1 + tape.pick(2)) : null;
    const size = structSize([sizeFor(b.typeOf(key), 4), value?.size ?? ONE]);
    return {
      builder: b.merge(builder, b.struct([key, value?.atom ?? key])),
      tallies: [{ least: 1, most: 1, size }],
    };
  }
  /** Something for each builder of a struct. */
  #each(s: Atom, leaves: readonly Leaf[], f: (b: Atom, leaf: Leaf) => Filled): Filled {
    const { b } = this.#gen;
    const fields = leaves.map((_, k) => b.field(s, k));
    const filled = leaves.map((leaf, k) => f(fields[k] ?? s, leaf));
    return { builder: b.struct(filled.map((x) => x.builder)), tallies: filled.flatMap((x) => x.tallies) };
  }
  #guarded(s: Atom, keep: Atom, f: () => Filled): Filled {
    let tallies: readonly Tally[] = [];
    const builder = this.#gen.b.if(
      keep,
      () => {
        const filled = f();
        tallies = filled.tallies.map((t) => ({ ...t, least: 0 }));
        return filled.builder;
      },
      () => s,
    );
    return { builder, tallies };
  }
  /** Two or three. */
  #some<T>(f: () => T): readonly T[] {
    return Array.from({ length: 2 + this.#gen.tape.pick(2) }, f);
  }
}

/** The vector that a shape has just made. */
function vecOf(v: Var | undefined): Vec {
  invariant(v !== undefined && isVecVar(v), () => 'the shape makes a vector');
  return v;
}
