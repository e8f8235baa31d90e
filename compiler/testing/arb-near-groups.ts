/**
 * Near misses of groups that are only reduced: several reductions of each, of other entries, or of what was made of
 * others; and the groups themselves now and then.
 */

import { f64, lit, scan } from '../core/build.ts';
import type { Atom } from '../core/op.ts';
import {
  appender,
  BOOL,
  dict,
  F64,
  groupmerger,
  I32,
  I64,
  isScalar,
  type MergeOp,
  merger,
  type ScalarType,
  struct,
  type Type,
  type VecType,
  vec,
} from '../core/types.ts';
import type { Gen } from './arb-gen.ts';
import {
  dictSize,
  NO_CLASS,
  ONE,
  partOf,
  type Scope,
  scalarVar,
  sizeFor,
  structSize,
  type Var,
  vecSize,
} from './arb-scope.ts';
import type { Walk } from './arb-walk.ts';

const OPS: readonly [MergeOp, ...MergeOp[]] = ['+', 'max', 'min', '*'];

/** An entry of a dictionary of groups, and the group. */
interface Row {
  readonly key: Var;
  readonly group: Var<VecType>;
}

export class NearGroups {
  readonly #gen: Gen;
  constructor(gen: Gen) {
    this.#gen = gen;
  }

  /** `groupmerger`, and a loop over its entries that reduces each group in some ways, or a group that is looked up. */
  grouped(from: Var<VecType>, scope: Scope): readonly Var[] {
    const { b, tape, walks, values } = this.#gen;
    const walk = whole(from);
    const key = tape.choose<Type>([I64, BOOL, F64, struct([I32, BOOL])]);
    const elem = tape.choose<Type>([F64, I64, struct([I64, F64])]);
    const beside = tape.rarely(4);
    const groups = b.builder(groupmerger(key, elem));
    const loop = b.loop(
      walk.iters,
      beside ? b.struct([groups, b.builder(merger(I64, '+'))]) : groups,
      (acc, i, ...e) => {
        const body = walks.body(scope, walk, i, e);
        const merge = (to: Atom): Atom => b.merge(to, b.struct([values.key(key, body), this.#value(elem, body)]));
        const into = (to: Atom): Atom => {
          if (tape.rarely(5))
            return b.if(
              this.#test(body),
              () => merge(to),
              () => to,
            );
          return tape.rarely(6) ? merge(merge(to)) : merge(to);
        };
        return beside ? b.struct([into(b.field(acc, 0)), b.merge(b.field(acc, 1), i)]) : into(acc);
      },
    );
    const done = b.result(loop);
    const d = beside ? b.field(done, 0) : done;
    const again = beside && tape.rarely(4) ? b.field(done, 0) : d;
    const others = beside ? [scalarVar(b.field(done, 1), I64)] : [];
    const size = dictSize(walk.max, sizeFor(key, 4), vecSize(2 * walk.max, sizeFor(elem, 0)));
    const within: Scope = { ...scope, vars: [...scope.vars, ...others] };
    const made = tape.rarely(3)
      ? [this.#found(d, key, elem, walk.max, within)]
      : this.#walked(again, key, elem, walk.max, within);
    if (beside && tape.rarely(4)) {
      const all = { atom: done, ty: b.typeOf(done), size: structSize([size, ONE]), len: NO_CLASS };
      return [...made, ...others, all];
    }
    if (tape.rarely(8)) return [...made, ...others, { atom: d, ty: dict(key, vec(elem)), size, len: NO_CLASS }];
    return tape.rarely(6) ? [...made, ...others, scalarVar(b.len(b.tovec(d)), I64)] : [...made, ...others];
  }

  /** A loop over the entries: numbers made of each, or of those that a condition chooses. */
  #walked(d: Atom, key: Type, elem: Type, most: number, scope: Scope): readonly Var[] {
    const { b, tape, walks } = this.#gen;
    const pair = struct([key, vec(elem)]);
    const group = vecSize(2 * most, sizeFor(elem, 0));
    const entries: Var<VecType> = {
      atom: b.tovec(d),
      ty: vec(pair),
      size: vecSize(most, { max: 1, parts: [sizeFor(key, 4), group] }),
      len: this.#gen.freshLength(),
    };
    const walk = whole(entries);
    const out: Type = tape.choose<Type>([struct([F64, I64]), F64, struct([F64, I64]), struct([key, I64])]);
    const loop = b.loop(walk.iters, b.builder(appender(out)), (acc, i, row = acc) => {
      // The entry itself is not for everybody: most programs would then keep the groups.
      const open = tape.rarely(8) ? walks.body(scope, walk, i, [row]) : walks.body(scope, walk, i, []);
      const at: Row = {
        key: { atom: b.field(row, 0), ty: key, size: sizeFor(key, 4), len: NO_CLASS },
        group: { atom: b.field(row, 1), ty: vec(elem), size: group, len: this.#gen.freshLength() },
      };
      const body: Scope = { ...open, vars: [...open.vars, at.key] };
      const made = tape.rarely(10) ? [this.#across(entries, at, elem, body)] : this.#reductions(at, elem, body);
      const value =
        out.kind === 'struct' && out.fields[0] === F64
          ? { atom: b.struct([this.#number(made, F64), this.#number(made, I64)]) }
          : this.#gen.values.make(out, { ...body, vars: [...body.vars, ...made] }, 1);
      return tape.rarely(6)
        ? b.if(
            this.#test(body),
            () => b.merge(acc, value.atom),
            () => acc,
          )
        : b.merge(acc, value.atom);
    });
    return [{ atom: b.result(loop), ty: vec(out), size: vecSize(most, sizeFor(out, 4)), len: NO_CLASS }].map((v) => ({
      ...v,
      len: this.#gen.freshLength(),
    }));
  }

  /** One of some numbers. */
  #number(all: readonly Var[], ty: ScalarType): Atom {
    const { b, tape } = this.#gen;
    const v = tape.recent(all);
    if (v === undefined) return lit(ty, 0);
    return b.cast(ty, v.ty.kind === 'struct' ? b.field(v.atom, 0) : v.atom);
  }

  /** A number made of all groups, for each of them: what is read of one entry meets another one. */
  #across(entries: Var<VecType>, at: Row, elem: Type, body: Scope): Var {
    const { b, tape, walks } = this.#gen;
    const walk = whole(entries);
    if (walk.max > body.work) return this.#reduction(at.group, elem, body);
    const loop = b.loop(walk.iters, b.builder(merger(F64, 'max')), (acc, i, row = acc) => {
      const inner = { ...walks.body(body, walk, i, []), vars: tape.pick(2) === 0 ? [at.key] : body.vars };
      const group = { ...at.group, atom: b.field(row, 1) };
      return b.merge(acc, this.#number([this.#reduction(group, elem, inner)], F64));
    });
    return scalarVar(b.result(loop), F64);
  }

  /** One to three numbers for a group. Later ones may be made of earlier ones, which cannot be known when it is made. */
  #reductions(row: Row, elem: Type, body: Scope): readonly Var[] {
    const { b, tape } = this.#gen;
    let made: readonly Var[] = [];
    for (let more = 1 + tape.pick(3); more > 0; more--) {
      const known: Scope = tape.rarely(5) ? { ...body, vars: [...body.vars, ...made] } : body;
      const next = tape.pick(4) === 0 ? scalarVar(b.len(row.group.atom), I64) : this.#reduction(row.group, elem, known);
      made = [...made, next];
    }
    return made;
  }
  #reduction(group: Var<VecType>, elem: Type, scope: Scope): Var {
    const { b, tape, walks, options, scalars } = this.#gen;
    if (elem === F64 && options.floatSums && tape.rarely(6)) return this.#rounded(group);
    const ty = tape.choose<Type>([elem === I64 ? I64 : F64, I64, F64, struct([F64, I64])]);
    const op: MergeOp = options.floatSums ? tape.choose(OPS) : 'max';
    const start = tape.rarely(3) ? this.#start(ty, op, scope) : null;
    const walk: Walk = tape.rarely(12)
      ? {
          ...whole(group),
          iters: [scan(group.atom), scan(group.atom)],
          elems: [...whole(group).elems, ...whole(group).elems],
        }
      : whole(group);
    const double = tape.rarely(5);
    const other = tape.rarely(3) ? appender(F64) : merger(F64, 'max');
    const reduced = b.builder(merger(ty, op), start);
    const loop = b.loop(walk.iters, double ? b.struct([reduced, b.builder(other)]) : reduced, (acc, i, ...e) => {
      // What else is in scope is mostly made after the groups.
      const inner = walks.body(tape.pick(3) > 0 ? { ...scope, vars: [] } : scope, walk, i, e);
      const mine: Scope = { ...inner, vars: inner.vars.filter((v) => v.atom !== i) };
      const spice = tape.pick(14);
      const value = (t: Type): Atom => {
        const v = this.#value(t, mine);
        if (!isScalar(t)) return v;
        // Sums that are rounded.
        if (spice > 7 && t === F64) return b.bin('*', v, f64(0.1));
        if (spice === 1) return b.bin('+', v, b.cast(t, i));
        return spice === 2 && options.errors && t === I64 ? b.bin('/', v, scalars.expr(I64, mine, 0)) : v;
      };
      const merge = (to: Atom): Atom => b.merge(to, value(ty));
      const into = (to: Atom): Atom => {
        if (spice < 8 && spice > 3) {
          return b.if(
            this.#test(mine),
            () => merge(to),
            () => to,
          );
        }
        return spice === 3 ? merge(merge(to)) : merge(to);
      };
      return double ? b.struct([into(b.field(acc, 0)), b.merge(b.field(acc, 1), value(F64))]) : into(acc);
    });
    const done = b.result(loop);
    return { atom: double ? b.field(done, 0) : done, ty, size: ONE, len: NO_CLASS };
  }
  /** A sum of small numbers, each of which is lost in what it starts from; all of them together are not. */
  #rounded(group: Var<VecType>): Var {
    const { b, tape } = this.#gen;
    const start = tape.pick(3) === 0 ? null : f64(1e16);
    const loop = b.loop([scan(group.atom)], b.builder(merger(F64, '+'), start), (acc, _i, e) =>
      b.merge(acc, b.bin('min', b.bin('max', e, f64(0.3)), f64(0.7))),
    );
    return scalarVar(b.result(loop), F64);
  }
  /** What a reduction starts from: what changes nothing, what makes a difference of a rounding, or anything. */
  #start(ty: Type, op: MergeOp, scope: Scope): Atom {
    const { tape, values } = this.#gen;
    if (isScalar(ty) && tape.pick(2) === 0) return lit(ty, op === '*' ? 1 : 0);
    return ty === F64 && tape.pick(2) === 0 ? f64(0.1) : values.make(ty, scope, 0).atom;
  }
  /** The reduction of a group that is looked up, if it is there. */
  #found(d: Atom, key: Type, elem: Type, most: number, scope: Scope): Var {
    const { b, values } = this.#gen;
    const k = values.key(key, scope);
    const group = (): Var<VecType> => ({
      atom: b.lookup(d, k),
      ty: vec(elem),
      size: vecSize(2 * most, sizeFor(elem, 0)),
      len: this.#gen.freshLength(),
    });
    const atom = b.if(
      b.keyexists(d, k),
      () => {
        const made = this.#reduction(group(), elem, scope);
        return isScalar(made.ty) ? b.cast(F64, made.atom) : b.field(made.atom, 0);
      },
      () => lit(F64, 0),
    );
    return scalarVar(atom, F64);
  }

  #value(ty: Type, body: Scope): Atom {
    const { tape, telling, values } = this.#gen;
    return (tape.pick(2) === 0 ? telling.of(ty, body.elems) : null) ?? values.make(ty, body, 1).atom;
  }
  #test(body: Scope): Atom {
    const { tape, telling, scalars } = this.#gen;
    return (tape.pick(2) === 0 ? telling.test(body.elems) : null) ?? scalars.expr(BOOL, body, 1);
  }
}

/** A loop over all of a vector and nothing else. */
const whole = (v: Var<VecType>): Walk => ({
  iters: [scan(v.atom)],
  elems: [{ ty: v.ty.elem, size: partOf(v.size, 0) }],
  len: v.len,
  max: v.size.max,
});
