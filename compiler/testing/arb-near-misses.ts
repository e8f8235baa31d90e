/**
 * Near misses: loops that belong together, as passes look for them, of which one precondition does not hold now and then.
 * Random code alone seldom makes a filter of which one loop is the only reader, or two columns that are filtered side by
 * side and zipped; and a precondition that never decides is not tested.
 */

import { f64, i64, iter, range, scan } from '../core/build.ts';
import type { Atom, BinOp, Iter } from '../core/op.ts';
import { appender, F64, I64, isScalar, type MergeOp, merger, struct, type Type, U8, vec } from '../core/types.ts';
import type { Gen } from './arb-gen.ts';
import { type Column, MERGE_OPS, NearColumns } from './arb-near-columns.ts';
import { NearGroups } from './arb-near-groups.ts';
import { nearPair } from './arb-near-pairs.ts';
import { NearTables } from './arb-near-tables.ts';
import { isVecVar, NO_CLASS, ONE, type Scope, type Size, scalarVar, type Var, vecSize } from './arb-scope.ts';
import type { Walk } from './arb-walk.ts';

/** Loops over a vector, and what they make. */
type Kind = (from: Column, scope: Scope) => readonly Var[];

export class NearMisses {
  readonly #gen: Gen;
  readonly #columns: NearColumns;
  /** Each kind as often as it is drawn. */
  readonly #kinds: readonly [Kind, ...Kind[]];
  constructor(gen: Gen) {
    this.#gen = gen;
    const [groups, tables] = [new NearGroups(gen), new NearTables(gen)];
    const columns = new NearColumns(gen, tables);
    this.#columns = columns;
    const times = (n: number, kind: Kind): readonly Kind[] => Array.from({ length: n }, () => kind);
    const chain: Kind = (from, scope) => columns.chain(from, scope);
    this.#kinds = [
      chain,
      ...times(2, chain),
      ...times(4, (from, scope) => columns.columns(from, scope)),
      ...times(3, (from, scope) => groups.grouped(from, scope)),
      (_, scope) => this.#few(scope),
      (from, scope) => this.#twice(from, scope),
      (from, scope) => this.#within(from, scope),
      (from, scope) => columns.part(from, scope),
      ...times(2, (from, scope) => this.#branches(from, scope)),
      ...times(6, (from, scope) => nearPair(gen, from, scope)),
      ...times(4, (from, scope) => tables.make(from, scope)),
      (from, scope) => gen.order.nearCut(from, scope),
      (_, scope) => gen.matrices.make(scope),
    ];
  }

  /** Loops that belong together; the values that they are there for. Nothing when no vector is in reach. */
  make(scope: Scope): readonly Var[] {
    const from = this.#columns.column(scope);
    return from === null ? [] : this.#gen.tape.choose(this.#kinds)(from, scope);
  }

  /** Few rounds that are known, or almost; with merges before and behind them. */
  #few(scope: Scope): readonly Var[] {
    const { b, tape, values, walks, options } = this.#gen;
    if (options.errors && tape.rarely(6)) return this.#uneven(scope);
    const rounds = tape.choose([2, 3, 1, 0, 8, 9]);
    const elem = tape.choose([I64, F64, U8]);
    const iters: Iter[] = [];
    const elems: { ty: Type; size: Size }[] = [];
    const many = 1 + tape.pick(2);
    // A part of a vector is shorter than the others.
    const mayBePart = many === 1 || options.errors;
    for (let k = many; k > 0; k--) {
      const wrong = options.errors && tape.rarely(4) ? 1 : 0;
      if (tape.pick(3) > 0) {
        const item = (): Atom => (elem === F64 && tape.rarely(4) ? f64(-0) : values.make(elem, scope, 1).atom);
        const v = b.vec(elem, Array.from({ length: rounds + wrong }, item));
        iters.push(mayBePart && tape.rarely(6) ? iter(v, i64(rounds % 2), i64(rounds), i64(2)) : scan(v));
        elems.push({ ty: elem, size: ONE });
      } else {
        const [start, stride] = [tape.pick(4) - 1, 1 + tape.pick(3)];
        const end = start + rounds * stride + wrong;
        const back = wrong === 1 && tape.pick(3) === 0;
        iters.push(
          back ? range(i64(end), i64(start), i64(tape.pick(3) - 1)) : range(i64(start), i64(end), i64(stride)),
        );
        elems.push({ ty: I64, size: ONE });
      }
    }
    const walk: Walk = { iters, elems, len: NO_CLASS, max: rounds + 1 };
    if (tape.rarely(5)) return this.#several(walk, scope);
    const ty = tape.choose<Type>([F64, I64, struct([F64, I64])]);
    const isSum = tape.pick(3) > 0;
    const start = isSum && tape.rarely(3) ? values.make(ty, scope, 1).atom : null;
    const builder = b.builder(isSum ? merger(ty, tape.choose(MERGE_OPS)) : appender(ty), start);
    const merge = (to: Atom): Atom => b.merge(to, values.make(ty, scope, 1).atom);
    const through = (to: Atom, over: Walk): Atom =>
      b.loop(over.iters, to, (acc, i, ...e) => {
        const same = tape.rarely(3) ? e.find((x) => b.typeOf(x) === ty) : undefined;
        return b.merge(acc, same ?? this.#columns.value(ty, i, walks.body(scope, over, i, e)).atom);
      });
    let acc: Atom = tape.rarely(3) ? merge(builder) : builder;
    acc = through(acc, walk);
    const from = tape.rarely(4) ? this.#columns.column(scope) : null;
    if (from !== null) acc = through(acc, this.#columns.over([from], scope));
    if (tape.rarely(3)) acc = merge(acc);
    const atom = b.result(acc);
    if (isSum) return [{ atom, ty, size: ONE, len: NO_CLASS }];
    const max = rounds + 3 + (from?.size.max ?? 0);
    return [{ atom, ty: vec(ty), size: vecSize(max, ONE), len: this.#gen.freshLength() }];
  }

  /** Two vectors that are known, and that they are not of one length. */
  #uneven(scope: Scope): readonly Var[] {
    const { b, tape, values } = this.#gen;
    const known = (n: number): Atom =>
      b.vec(
        F64,
        Array.from({ length: n }, () => values.make(F64, scope, 1).atom),
      );
    const [n, m] = [tape.pick(5), tape.pick(5)];
    const loop = b.loop([scan(known(n)), scan(known(m))], b.builder(merger(F64, '+')), (acc, _i, x = acc, y = x) =>
      b.merge(acc, b.bin('*', x, y)),
    );
    return [scalarVar(b.result(loop), F64)];
  }

  /** Rounds with three builders, two of which go through one branch, together or each by itself. */
  #several(walk: Walk, scope: Scope): readonly Var[] {
    const { b, tape, walks } = this.#gen;
    const builders = b.struct([merger(I64, '+'), appender(I64), merger(F64, 'max')].map((t) => b.builder(t)));
    const loop = b.loop(walk.iters, builders, (acc, i, ...e) => {
      const body = walks.body(scope, walk, i, e);
      const [x, y, z] = [0, 1, 2].map((k) => b.field(acc, k));
      if (x === undefined || y === undefined || z === undefined) return acc;
      const sum = b.merge(x, this.#columns.value(I64, i, body).atom);
      const pair = b.if(
        this.#columns.test(body),
        () => b.struct([b.merge(y, i), b.merge(z, this.#columns.value(F64, i, body).atom)]),
        () => (tape.pick(2) === 0 ? b.struct([y, z]) : b.struct([b.merge(y, i), z])),
      );
      return b.struct([sum, b.field(pair, 0), b.field(pair, 1)]);
    });
    const done = b.result(loop);
    const size = vecSize(walk.max, ONE);
    const list: Var = { atom: b.field(done, 1), ty: vec(I64), size, len: this.#gen.freshLength() };
    return [scalarVar(b.field(done, 0), I64), list, scalarVar(b.field(done, 2), F64)].slice(tape.pick(3));
  }

  /** The same loop twice, or almost: over other data, with another operator, start or element. */
  #twice(from: Column, scope: Scope): readonly Var[] {
    const { b, tape } = this.#gen;
    const [other = from] = scope.vars.filter(isVecVar).filter((v) => v.ty === from.ty && v.len === from.len);
    const [k, c] = [tape.pick(4), i64(tape.pick(3))];
    const once = (v: Column, op: MergeOp, by: Atom, start: Atom | null): Var => {
      const loop = b.loop([scan(v.atom)], b.builder(merger(I64, op), start), (acc, i, e) => {
        const x = isScalar(v.ty.elem) ? b.cast(I64, e) : i;
        const [p, q] = k < 2 ? [x, by] : [by, x];
        return b.merge(acc, b.bin(k % 2 === 0 ? '-' : '*', p, q));
      });
      return scalarVar(b.result(loop), I64);
    };
    const first = once(from, '+', c, null);
    const vary = tape.pick(6);
    const second = once(
      vary === 1 ? other : from,
      vary === 2 ? 'max' : '+',
      vary === 3 ? i64(3) : c,
      vary === 4 ? i64(5) : null,
    );
    // Equal code on both sides of a branch is not computed on the other one.
    const cond = this.#columns.test(scope);
    const x = this.#gen.scalars.expr(I64, scope, 1);
    const side = (): Atom => b.bin('+', b.bin('*', x, x), i64(1));
    const chosen = tape.pick(2) === 0 ? [scalarVar(b.if(cond, side, side), I64), scalarVar(side(), I64)] : [];
    const y = this.#gen.scalars.expr(I64, scope, 1);
    const op = tape.choose<BinOp>(['-', '+', '<', 'min']);
    const mirrored = [b.bin(op, x, y), b.bin(op, y, x)].map((a) => scalarVar(b.cast(I64, a), I64));
    return [first, second, ...chosen, ...(tape.rarely(3) ? mirrored : [])];
  }

  /** Loops inside a loop, over its own elements or over what stands outside. */
  #within(from: Column, scope: Scope): readonly Var[] {
    const { b, tape, walks } = this.#gen;
    const walk = this.#columns.over([from], scope);
    const ty = tape.choose([I64, F64]);
    const loop = b.loop(walk.iters, b.builder(appender(ty)), (acc, i, ...e) => {
      const body = walks.body(scope, walk, i, e);
      const made = tape.rarely(4) ? [this.#sumTo(scope, body)] : body.loops < 3 ? this.make(body) : [];
      return b.merge(acc, this.#columns.value(ty, i, { ...body, vars: [...body.vars, ...made] }).atom);
    });
    const size = vecSize(walk.max, ONE);
    return [{ atom: b.result(loop), ty: vec(ty), size, len: walk.len }];
  }

  /** A sum over numbers from 0 up to one that the loop does not change, which may be no good end. */
  #sumTo(scope: Scope, body: Scope): Var {
    const { b, scalars, options } = this.#gen;
    const end = scalars.expr(I64, scope, 1);
    const most = options.errors ? b.bin('%', end, i64(6)) : b.bin('&', end, i64(3));
    const walk: Walk = {
      iters: [range(i64(0), most, i64(1))],
      elems: [{ ty: I64, size: ONE }],
      len: NO_CLASS,
      max: 5,
    };
    return this.#columns.reduced(walk, body);
  }

  /** Branches on one condition, or on two, with something between them; a builder may go through both. */
  #branches(from: Column, scope: Scope): readonly Var[] {
    const { b, tape, walks, options } = this.#gen;
    const walk = this.#columns.over([from], scope);
    const [sum, most] = [merger(I64, '+'), merger(F64, 'max')];
    const loop = b.loop(walk.iters, b.struct([b.builder(sum), b.builder(most)]), (acc, i, ...e) => {
      const body = walks.body(scope, walk, i, e);
      const [c, d] = [this.#columns.test(body), this.#columns.test(body)];
      const ticks = options.cudf && body.counted && tape.rarely(2);
      let calls = 0;
      const tick = (): void => {
        if (ticks && tape.pick(2) === 0) b.cudf('test_tick', I64, [b.bin('+', i, i64(100 * calls++))], { pure: false });
      };
      const merge = (to: Atom, ty: Type): Atom => {
        tick();
        return b.merge(to, this.#columns.value(ty, i, body).atom);
      };
      const [x, y] = [b.field(acc, 0), b.field(acc, 1)];
      const branch = (to: Atom, ty: Type, cond: Atom): Atom =>
        b.if(
          cond,
          () => merge(to, ty),
          () => (tape.pick(2) === 0 ? to : merge(to, ty)),
        );
      let x1 = branch(x, I64, c);
      if (tape.rarely(3)) x1 = merge(x1, I64);
      tick();
      const y1 = branch(y, F64, tape.rarely(3) ? d : c);
      if (tape.rarely(3)) x1 = branch(x1, I64, tape.rarely(3) ? d : c);
      return b.struct([x1, y1]);
    });
    const whole = b.result(loop);
    return [scalarVar(b.field(whole, 0), I64), scalarVar(b.field(whole, 1), F64)];
  }
}
