/**
 * Near misses of loops one behind the other: vectors that a loop makes, and a few ways to read them. What the passes ask
 * for is what mostly happens (one reader, the index not read, one condition), and each of it does not happen now and
 * then.
 */

import { i64, range, scan } from '../core/build.ts';
import type { Atom, Iter } from '../core/op.ts';
import {
  appender,
  BOOL,
  F64,
  I64,
  isMergeable,
  isScalar,
  type MergeOp,
  merger,
  struct,
  type Type,
  U8,
  type VecType,
  vec,
  vecmerger,
} from '../core/types.ts';
import type { Gen } from './arb-gen.ts';
import type { NearTables } from './arb-near-tables.ts';
import {
  isVecVar,
  joined,
  NO_CLASS,
  ONE,
  type Scope,
  type Size,
  scalarVar,
  sizeFor,
  structSize,
  type Var,
  vecSize,
} from './arb-scope.ts';
import type { Walk } from './arb-walk.ts';

/** A vector to read, and what else a reader may know. */
export type Column = Var<VecType>;

export const MERGE_OPS: readonly [MergeOp, ...MergeOp[]] = ['+', 'max', 'min', '*'];
/** Chains of producers are this long at most. */
const LONGEST = 3;

export class NearColumns {
  readonly #gen: Gen;
  readonly #tables: NearTables;
  /** Whether loops call an extern that counts its calls, which most passes then leave alone. */
  #ticks = false;
  constructor(gen: Gen, tables: NearTables) {
    this.#gen = gen;
    this.#tables = tables;
  }

  column(scope: Scope): Column | null {
    return this.#gen.tape.recent(scope.vars.filter(isVecVar).filter((v) => v.size.max <= scope.work)) ?? null;
  }

  /** Producers one behind the other, and readers of the last one. */
  chain(from: Column, scope: Scope): readonly Var[] {
    const { b, tape } = this.#gen;
    this.#ticks = this.#gen.options.cudf && tape.rarely(5);
    if (tape.rarely(9)) return [scalarVar(b.len(this.#table(from, scope).atom), I64)];
    let v = tape.rarely(5) ? this.#table(from, scope) : this.#producer(from, scope);
    for (let more = tape.pick(LONGEST); more > 0; more--) v = this.#producer(v, scope);
    return this.#readers([v], scope);
  }

  /** A vector that is no appender's: sums by position. */
  #table(from: Column, scope: Scope): Column {
    const { b, tape, walks, reach } = this.#gen;
    const walk = this.over([from], scope);
    const elem = tape.choose<Type>([I64, F64, struct([I64, F64])]);
    const start = this.#producer(from, scope, [], 0);
    const made = start.ty.elem === elem ? start : this.#gen.values.literal(vec(elem), scope, 1);
    const loop = b.loop(walk.iters, b.builder(vecmerger(elem, tape.choose(MERGE_OPS)), made.atom), (acc, i, ...e) => {
      const body = walks.body(scope, walk, i, e);
      const index = tape.pick(2) === 0 ? i : b.bin('&', this.value(I64, i, body).atom, i64(3));
      const merged = (): Atom => b.merge(acc, b.struct([index, this.value(elem, i, body).atom]));
      const unguarded = this.#gen.options.errors && tape.rarely(6);
      return unguarded ? merged() : b.if(reach.inBounds(index, made.atom), merged, () => acc);
    });
    return { ...made, atom: b.result(loop) };
  }

  /** A vector, mostly a map, of which only a part is read. */
  part(from: Column, scope: Scope): readonly Var[] {
    const { tape, values, walks } = this.#gen;
    const v = this.#producer(from, scope, [], tape.rarely(4) ? 4 : 0);
    const part = tape.pick(2) === 0 ? [values.sliced(v, scope)] : [this.reduced(walks.windowed(v, scope), scope)];
    return tape.rarely(6) ? [...part, v] : part;
  }

  /** One to three readers, of which later ones may use what earlier ones give; sometimes the vectors themselves. */
  #readers(columns: readonly [Column, ...Column[]], scope: Scope): readonly Var[] {
    const { tape } = this.#gen;
    let made: readonly Var[] = [];
    for (let more = 1 + tape.pick(3); more > 0; more--) {
      made = [...made, ...this.#reader(columns, { ...scope, vars: [...scope.vars, ...made] })];
    }
    return tape.rarely(4) ? [...made, ...columns] : made;
  }
  #reader(columns: readonly [Column, ...Column[]], scope: Scope): readonly Var[] {
    const { b, tape, values } = this.#gen;
    const [first] = columns;
    switch (tape.pick(10)) {
      case 0:
      case 1:
      case 2:
        return [this.reduced(this.over(columns, scope), scope)];
      case 3:
        return [scalarVar(b.len(first.atom), I64)];
      case 4:
      case 5:
        return [this.#producer(first, scope, columns.slice(1))];
      case 6:
        return this.#tables.make(first, scope);
      case 7:
        return [values.sliced(first, scope)];
      case 8: {
        const found = this.#gen.reach.element({ ...scope, vars: [first] });
        return found === null ? [] : [found];
      }
      default: {
        // A window, or whatever else there is to walk in a vector.
        const walk = this.#gen.walks.walk({ ...scope, vars: [...columns] });
        return [this.reduced(walk, scope)];
      }
    }
  }

  /** All of the columns, sometimes with another vector of their length, or the positions; rarely of another length. */
  over([first, ...others]: readonly [Column, ...Column[]], scope: Scope): Walk {
    const { b, tape, options } = this.#gen;
    const columns = [first, ...others];
    const alike = scope.vars.filter(isVecVar).filter((v) => v.len === first.len && v.len !== NO_CLASS);
    const mate = tape.rarely(4) ? tape.recent(alike) : undefined;
    if (mate !== undefined) columns.push(mate);
    const stranger = options.errors && tape.rarely(10) ? this.column(scope) : null;
    if (stranger !== null) columns.push(stranger);
    const iters: Iter[] = columns.map((c) => scan(c.atom));
    const elems = columns.map((c) => ({ ty: c.ty.elem, size: c.size.parts[0] ?? ONE }));
    if (tape.rarely(12)) {
      iters.push(range(i64(0), b.len(first.atom), i64(1)));
      elems.push({ ty: I64, size: ONE });
    }
    return { iters, elems, len: first.len, max: Math.max(...columns.map((c) => c.size.max)) };
  }

  reduced(walk: Walk, scope: Scope): Var {
    const { b, tape, values, types, options } = this.#gen;
    const given = tape.recent(walk.elems.map((e) => e.ty).filter(isMergeable));
    const ty = given !== undefined && tape.pick(2) === 0 ? given : types.merged();
    const op = options.floatSums || !isScalar(ty) ? tape.choose(MERGE_OPS) : 'max';
    const start = tape.rarely(4) ? values.make(ty, scope, 1).atom : null;
    const loop = b.loop(walk.iters, b.builder(merger(ty, op), start), (acc, i, ...e) => {
      const body = this.#gen.walks.body(scope, walk, i, e);
      const merged = (): Atom => b.merge(acc, this.value(ty, i, body).atom);
      return tape.rarely(5) ? b.if(this.test(body), merged, () => acc) : merged();
    });
    return { atom: b.result(loop), ty, size: ONE, len: NO_CLASS };
  }

  /** A map, a filter, or a loop that makes several elements of one. */
  #producer(from: Column, scope: Scope, others: readonly Column[] = [], shape?: number): Column {
    const { b, tape, walks } = this.#gen;
    // Now and then over a part of a vector, or over numbers.
    const strange = others.length === 0 && tape.rarely(8);
    const walk = strange ? walks.walk({ ...scope, vars: [from] }) : this.over([from, ...others], scope);
    const elem = this.#elemType(walk);
    const kind = shape ?? tape.pick(10);
    let size: Size = ONE;
    const loop = b.loop(walk.iters, b.builder(appender(elem)), (acc, i, ...e) => {
      const body = walks.body(scope, walk, i, e);
      const merge = (to: Atom): Atom => {
        const v = this.value(elem, i, body);
        size = joined(size, v.size);
        return b.merge(to, v.atom);
      };
      return this.#shaped(kind, acc, merge, body);
    });
    const isMap = kind < 4;
    const atom = b.result(loop);
    const len = isMap ? walk.len : this.#gen.freshLength();
    return { atom, ty: vec(elem), size: vecSize(walk.max * (kind >= 8 ? 3 : 1), size), len };
  }
  /** Merges, as a map, a filter or another kind of producer has them. */
  #shaped(kind: number, acc: Atom, merge: (to: Atom) => Atom, body: Scope): Atom {
    const { b, tape } = this.#gen;
    switch (kind) {
      case 4:
      case 5:
      case 6:
        return b.if(
          this.test(body),
          () => merge(acc),
          () => acc,
        );
      case 7:
        return b.if(
          this.test(body),
          () => merge(acc),
          () => merge(acc),
        );
      case 8:
        return merge(merge(acc));
      case 9: {
        const count = tape.pick(3);
        return b.loop([range(i64(0), i64(count), i64(1))], acc, (to) => merge(to));
      }
      default:
        return merge(acc);
    }
  }
  #elemType(walk: Walk): Type {
    const { tape, types } = this.#gen;
    const known = tape.recent(walk.elems.map((e) => e.ty).filter(isScalar));
    switch (tape.pick(6)) {
      case 0:
      case 1:
        return known ?? I64;
      case 2:
        return struct([known ?? I64, F64]);
      case 3:
        return tape.choose([U8, BOOL, F64, I64]);
      default:
        return types.allows(vec(I64)) && tape.rarely(6) ? types.data(2) : tape.choose([I64, F64]);
    }
  }

  /** A value in a loop body: mostly of the elements, now and then of the number of the iteration. */
  value<T extends Type>(ty: T, i: Atom, body: Scope): Var<T> {
    const { b, tape, values } = this.#gen;
    if (this.#gen.options.errors && tape.rarely(16)) b.assert(this.test(body));
    if (this.#ticks && body.counted && tape.pick(2) === 0)
      b.cudf('test_tick', I64, [tape.pick(2) === 0 ? i : i64(7)], { pure: false });
    const telling = tape.pick(2) === 0 ? this.#gen.telling.of(ty, body.elems) : null;
    if (telling !== null) return { atom: telling, ty, size: sizeFor(ty, 0), len: NO_CLASS };
    const v = values.make(ty, body, tape.pick(3));
    return ty === I64 && tape.rarely(8) ? { ...v, atom: b.bin('+', v.atom, i) } : v;
  }
  test(body: Scope): Atom {
    const telling = this.#gen.tape.pick(2) === 0 ? this.#gen.telling.test(body.elems) : null;
    return telling ?? this.#gen.scalars.expr(BOOL, body, 1 + this.#gen.tape.pick(2));
  }

  /**
   * One loop that makes two or three vectors, with a sum beside them sometimes: maps, filters by one condition or by
   * several. Then readers that zip two of them or read one.
   */
  columns(from: Column, scope: Scope): readonly Var[] {
    const { b, tape, walks } = this.#gen;
    this.#ticks = this.#gen.options.cudf && tape.rarely(5);
    const walk = this.over([from], scope);
    const types = Array.from({ length: tape.rarely(8) ? 1 : 2 + tape.pick(2) }, () => this.#elemType(walk));
    const sum = tape.rarely(3);
    const kind = tape.pick(6);
    const sizes: Size[] = types.map(() => ONE);
    // Now and then the last one is no appender's: it has one element, a sum.
    const table = types.length > 1 && tape.rarely(5) ? types.length - 1 : -1;
    if (table > 0) types[table] = I64;
    const builders = types.map((t, k) =>
      k === table ? b.builder(vecmerger(I64, '+'), b.vec(I64, [i64(1)])) : b.builder(appender(t)),
    );
    if (sum) builders.push(b.builder(merger(I64, '+')));
    const loop = b.loop(walk.iters, b.struct(builders), (acc, i, ...e) => {
      const body = walks.body(scope, walk, i, e);
      const merge = (to: Atom, k: number): Atom => {
        const v = this.value(types[k] ?? I64, i, body);
        sizes[k] = joined(sizes[k] ?? ONE, v.size);
        return b.merge(to, k === table ? b.struct([i64(0), v.atom]) : v.atom);
      };
      const all = (s: Atom): Atom => b.struct(builders.map((_, k) => merge(b.field(s, k), k)));
      if (kind === 0) return all(acc);
      const cond = this.test(body);
      if (kind < 4)
        return b.if(
          cond,
          () => all(acc),
          () => acc,
        );
      // Each vector by itself: under the same condition, or under one that another has not.
      const fields = builders.map((_, k) => b.field(acc, k));
      const filtered = fields.map((f, k) => {
        const own = tape.rarely(3) ? this.test(body) : cond;
        const once = b.if(
          own,
          () => merge(f, k),
          () => f,
        );
        return kind === 5 && tape.rarely(4) ? merge(once, k) : once;
      });
      return b.struct(filtered);
    });
    // The values of a loop as one struct, or each taken by itself.
    const apart = tape.rarely(3);
    const whole = apart ? null : b.result(loop);
    const goesOn = tape.rarely(4);
    const value = (k: number): Atom => {
      if (whole !== null) return b.field(whole, k);
      const own = b.field(loop, k);
      if (k !== 0 || !goesOn) return b.result(own);
      const more = b.loop(walk.iters, own, (acc, i, ...e) =>
        b.merge(acc, this.value(types[0] ?? I64, i, walks.body(scope, walk, i, e)).atom),
      );
      return b.result(more);
    };
    const shared = this.#gen.freshLength();
    const columns = types.map((t, k): Column => {
      const alone = apart && goesOn && k === 0;
      const len = alone || kind >= 4 || k === table ? this.#gen.freshLength() : kind === 0 ? walk.len : shared;
      return { atom: value(k), ty: vec(t), size: vecSize(2 * walk.max, sizes[k] ?? ONE), len };
    });
    const others = sum ? [scalarVar(value(types.length), I64)] : [];
    const within: Scope = { ...scope, vars: [...scope.vars, ...others] };
    const [u = from, v = from, w = from] = columns;
    // One of them read once, beside the others.
    if (tape.rarely(5)) return [this.reduced(this.over([u], within), within), ...others, v];
    const zipped = u.len === v.len || (this.#gen.options.errors && tape.rarely(3));
    const made =
      zipped && tape.pick(4) > 0
        ? this.#readers(tape.rarely(5) && u.len === w.len ? [u, v, w] : [u, v], within)
        : this.#readers([u], within);
    const more = tape.rarely(3) ? this.#readers([v], within) : [];
    // One vector with two symbols.
    const again = whole !== null && tape.rarely(5) ? this.#readers([{ ...u, atom: value(0) }], within) : [];
    const all: readonly Var[] =
      whole !== null && tape.rarely(4) ? [this.#together(whole, [...columns, ...others])] : [];
    return [...made, ...more, ...again, ...others, ...all];
  }
  /** The values of a loop, used as one. */
  #together(atom: Atom, parts: readonly Var[]): Var {
    const size = structSize(parts.map((p) => p.size));
    return { atom, ty: this.#gen.b.typeOf(atom), size, len: NO_CLASS };
  }
}
