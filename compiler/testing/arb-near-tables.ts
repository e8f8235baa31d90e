/**
 * Near misses of a dictionary and who reads it, with one thing wrong at most (see `arb-near-pairs.ts`): aggregates side by
 * side, which may become one dictionary or have a table; groups that are only reduced.
 */

import { f64, i64, lit, scan } from '../core/build.ts';
import type { Atom } from '../core/op.ts';
import {
  BOOL,
  dict,
  dictmerger,
  F64,
  groupmerger,
  I8,
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
import { dictSize, NO_CLASS, ONE, type Scope, scalarVar, sizeFor, structSize, type Var, vecSize } from './arb-scope.ts';
import type { Walk } from './arb-walk.ts';

type Vec = Var<VecType>;

const DICT_FLAWS = ['other-key', 'other-operator', 'branch', 'kept', 'kept-whole', 'wide-key', 'unasked'] as const;
type DictFlaw = (typeof DICT_FLAWS)[number] | null;
const GROUP_FLAWS = ['reads-index', 'two-merges', 'odd-start', 'fails', 'walks-more', 'kept-whole'] as const;
type GroupFlaw = (typeof GROUP_FLAWS)[number] | null;

export class NearTables {
  readonly #gen: Gen;
  constructor(gen: Gen) {
    this.#gen = gen;
  }

  make(from: Vec, scope: Scope): readonly Var[] {
    const { tape } = this.#gen;
    return tape.pick(2) === 0
      ? this.#dicts(from, scope, tape.choose<DictFlaw>([null, ...DICT_FLAWS]))
      : this.#groups(from, scope, tape.choose<GroupFlaw>([null, ...GROUP_FLAWS]));
  }

  /** Two dictionaries of one loop, or one, and what is read of them. */
  #dicts(from: Vec, scope: Scope, flaw: DictFlaw): readonly Var[] {
    const { b, tape, walks, telling } = this.#gen;
    const key = flaw === 'wide-key' ? I64 : tape.choose<Type>([I64, struct([BOOL, I8]), BOOL]);
    const op = tape.choose(this.#floatOps());
    const types = [dictmerger(key, I64, op), dictmerger(key, F64, flaw === 'other-operator' ? 'min' : op)];
    if (flaw === 'wide-key' || tape.rarely(4)) types.pop();
    const walk = walks.along([from]);
    // A struct of one builder is another matter.
    const isPlain = types.length === 1;
    const builders = types.map((t) => b.builder(t));
    const loop = b.loop(walk.iters, isPlain ? (builders[0] ?? i64(0)) : b.struct(builders), (acc, i, ...e) => {
      const body = walks.body(scope, walk, i, e);
      const few = this.#key(key, body);
      // Keys that a number of 32 bits cannot count.
      const shared = flaw === 'wide-key' ? b.bin('*', few, i64(2 ** 32)) : few;
      const merge = (to: Atom, k: number): Atom => {
        const own = flaw === 'other-key' && k === 1 ? this.#key(key, body) : shared;
        const value = telling.value(types[k]?.value ?? I64, body.elems);
        const merged = (): Atom => b.merge(to, b.struct([own, value]));
        const test = flaw === 'branch' && k === 1 ? telling.test(body.elems) : null;
        return test === null ? merged() : b.if(test, merged, () => to);
      };
      return isPlain ? merge(acc, 0) : b.struct(types.map((_, k) => merge(b.field(acc, k), k)));
    });
    const done = b.result(loop);
    const size = dictSize(from.size.max, sizeFor(key, 0), ONE);
    const dicts = types.map(
      (t, k): Var => ({ atom: isPlain ? done : b.field(done, k), ty: dict(key, t.value), size, len: NO_CLASS }),
    );
    const values = dicts.flatMap((d, k) =>
      flaw !== 'unasked' && tape.pick(3) > 0
        ? [this.#entries(d, key, types[k]?.value ?? I64, scope)]
        : [this.#found(d, key, types[k]?.value ?? I64, scope, flaw)],
    );
    if (flaw === 'kept') values.push(...dicts.slice(tape.pick(2)).slice(0, 1));
    if (flaw === 'kept-whole' && !isPlain) {
      values.push({ atom: done, ty: b.typeOf(done), size: structSize(dicts.map((d) => d.size)), len: NO_CLASS });
    }
    return values;
  }

  /** A key that tells elements apart, with few values where it is a number of one of the wider kinds. */
  #key(t: Type, body: Scope): Atom {
    const { b, tape, telling } = this.#gen;
    if (t.kind === 'struct') return b.struct(t.fields.map((f) => this.#key(f, body)));
    const x = telling.value(t, body.elems);
    return t === I64 ? b.bin('&', x, i64(1 + 2 * tape.pick(4))) : x;
  }

  /** A number made of all entries in their order. */
  #entries(d: Var, key: Type, value: ScalarType | Type, scope: Scope): Var {
    const { b, telling, walks } = this.#gen;
    const entries: Vec = {
      atom: b.tovec(d.atom),
      ty: vec(struct([key, value])),
      size: vecSize(d.size.max, { max: 1, parts: d.size.parts }),
      len: this.#gen.freshLength(),
    };
    const walk = walks.along([entries]);
    const loop = b.loop(walk.iters, b.builder(merger(I64, '+')), (acc, i, row = acc) => {
      const body = walks.body(scope, walk, i, [row]);
      const inKey = isScalar(key) ? null : telling.value(I64, [scalarVar(b.field(row, 0), key)]);
      const sum = b.bin('*', telling.value(I64, body.elems), i64(3));
      return b.merge(acc, inKey === null ? sum : b.bin('+', sum, inKey));
    });
    return scalarVar(b.result(loop), I64);
  }

  /** The value under a key that may be there: asked for first, if nothing is wrong. */
  #found(d: Var, key: Type, value: Type, scope: Scope, flaw: DictFlaw): Var {
    const { b, tape, options } = this.#gen;
    const k = this.#gen.values.key(key, { ...scope, vars: tape.pick(2) === 0 ? [] : scope.vars });
    const asked = b.keyexists(d.atom, k);
    const there = (): Atom => b.lookup(d.atom, k);
    const other = (): Atom => (isScalar(value) ? lit(value, 7) : i64(7));
    const [then, otherwise] = flaw === 'unasked' && options.errors ? [other, there] : [there, other];
    return scalarVar(b.if(asked, then, otherwise), value);
  }

  /** Groups, and a number for each of them or for one that is looked up. */
  #groups(from: Vec, scope: Scope, flaw: GroupFlaw): readonly Var[] {
    const { b, tape, walks, telling } = this.#gen;
    const elem = flaw === 'odd-start' ? F64 : flaw === 'fails' ? I64 : tape.choose([I64, F64]);
    const walk = walks.along([from]);
    const beside = flaw === 'kept-whole' || tape.rarely(4);
    const grouping = b.builder(groupmerger(I64, elem));
    const loop = b.loop(
      walk.iters,
      beside ? b.struct([grouping, b.builder(merger(I64, '+'))]) : grouping,
      (acc, i, ...e) => {
        const body = walks.body(scope, walk, i, e);
        const value = telling.value(elem, body.elems);
        // What is in the groups of odd keys is odd.
        const key = b.bin('&', flaw === 'fails' ? value : telling.value(I64, body.elems), i64(3));
        const merge = (to: Atom): Atom => b.merge(to, b.struct([key, value]));
        return beside ? b.struct([merge(b.field(acc, 0)), b.merge(b.field(acc, 1), i)]) : merge(acc);
      },
    );
    const done = b.result(loop);
    const d = beside ? b.field(done, 0) : done;
    const one = (atom: Atom): Vec => ({
      atom,
      ty: vec(elem),
      size: vecSize(from.size.max, ONE),
      len: this.#gen.freshLength(),
    });
    const values = [
      flaw === 'fails' || tape.rarely(3) ? this.#one(d, one, scope, flaw) : this.#each(d, one, scope, flaw),
    ];
    if (flaw !== 'kept-whole') return beside ? [...values, scalarVar(b.field(done, 1), I64)] : values;
    const size = structSize([dictSize(from.size.max, ONE, vecSize(from.size.max, ONE)), ONE]);
    return [...values, { atom: done, ty: b.typeOf(done), size, len: NO_CLASS }];
  }
  #each(d: Atom, group: (atom: Atom) => Vec, scope: Scope, flaw: GroupFlaw): Var {
    const { b, tape } = this.#gen;
    const out = struct([I64, F64]);
    const loop = b.loop(
      [scan(b.tovec(d))],
      b.builder(merger(out, tape.choose(this.#floatOps()))),
      (acc, _i, row = acc) => {
        const v = group(b.field(row, 1));
        const number = tape.pick(3) === 0 ? b.cast(F64, b.len(v.atom)) : this.#reduced(v, scope, flaw);
        return b.merge(acc, b.struct([b.bin('*', b.field(row, 0), i64(7)), number]));
      },
    );
    return { atom: b.result(loop), ty: out, size: structSize([ONE, ONE]), len: NO_CLASS };
  }
  #one(d: Atom, group: (atom: Atom) => Vec, scope: Scope, flaw: GroupFlaw): Var {
    const { b, tape } = this.#gen;
    const k = i64(1 + 2 * tape.pick(2));
    const found = b.if(
      b.keyexists(d, k),
      () => this.#reduced(group(b.lookup(d, k)), scope, flaw),
      () => f64(-1),
    );
    return scalarVar(found, F64);
  }
  /** A float, made of a group by one loop. */
  #reduced(v: Vec, scope: Scope, flaw: GroupFlaw): Atom {
    const { b, tape, walks, telling } = this.#gen;
    const twice: Walk = walks.along(flaw === 'walks-more' ? [v, v] : [v]);
    const { elem } = v.ty;
    const ty = elem === I64 ? I64 : F64;
    const [first, ...others] = this.#floatOps();
    const op = flaw === 'odd-start' ? first : tape.choose<MergeOp>([first, ...others, 'min']);
    const start = flaw === 'odd-start' ? f64(tape.pick(2) === 0 ? 0.1 : 1e16) : null;
    const loop = b.loop(twice.iters, b.builder(merger(ty, op), start), (acc, i, ...e) => {
      const body = walks.body({ ...scope, vars: [] }, twice, i, e);
      const value = telling.value(ty, body.elems);
      switch (flaw) {
        case 'reads-index':
          return b.merge(acc, b.bin('+', value, b.cast(ty, i)));
        case 'two-merges':
          return b.merge(b.merge(acc, value), telling.value(ty, body.elems));
        case 'odd-start':
          return b.merge(acc, b.bin('*', value, f64(0.1)));
        case 'fails':
          return b.merge(acc, b.bin('/', i64(60), e[0] ?? value));
        default:
          return b.merge(acc, value);
      }
    });
    return b.cast(F64, b.result(loop));
  }

  /** Sums of floats only where they may be. */
  #floatOps(): readonly [MergeOp, ...MergeOp[]] {
    return this.#gen.options.floatSums ? ['+', 'max'] : ['max'];
  }
}
