/** Sorts, dictionaries, assertions and bytes against the interpreter; where errors of a run are. */

import { afterAll, describe, expect, it } from 'vitest';
import { Builder, bool, f64, i32, i64, iter, range, scan } from '../core/build.ts';
import { plainMemory, toColumns } from '../core/convert.ts';
import { dictOf } from '../core/ibuilder.ts';
import { type IValue, istruct } from '../core/ivalue.ts';
import type { Atom, Iter, Sym } from '../core/op.ts';
import type { Program } from '../core/program.ts';
import {
  appender,
  BOOL,
  dict,
  F64,
  I32,
  I64,
  isLinear,
  merger,
  struct,
  type Type,
  U8,
  vec,
  vecmerger,
} from '../core/types.ts';
import { type Origin, WeldError } from '../diag/diagnostic.ts';
import { at, Both, longs, program } from '../testing/both.ts';

const both = new Both();
afterAll(() => both.dispose());
const ends = (p: Program, args: readonly IValue[]): Promise<string> => both.ends(p, args);
/** Every element of an iterator with its number. */
const indexed = (b: Builder, its: readonly Iter[], elem: Type): Atom =>
  b.result(b.loop(its, b.builder(appender(struct([I64, elem]))), (acc, i, e) => b.merge(acc, b.struct([i, at(e)]))));

/** More rows than a part. */
const N = 16384 + 6;
describe('sort', () => {
  const compare = (b: Builder, x: Atom, y: Atom): Atom =>
    b.select(b.bin('<', x, y), i32(-1), b.select(b.bin('>', x, y), i32(1), i32(0)));
  const pairs = vec(struct([I32, I64]));
  const byFirst = program([pairs], (b, x) => b.sort(at(x), (p, q) => compare(b, b.field(p, 0), b.field(q, 0))));
  it('is stable, of any length, by more than one part of rows', async () => {
    for (const n of [0, 1, 2, 3, 5, 64, 65, 2 * N]) {
      await both.agrees(byFirst, [Array.from({ length: n }, (_, k) => istruct([(k * 7919) % 13, BigInt(k)]))]);
    }
  });
  it('NaN, zeros, infinities; both orders; what no order is', async () => {
    const p = program([vec(F64)], (b, x) =>
      b.struct([
        b.sort(at(x), (p, q) => compare(b, p, q)),
        b.sort(at(x), (p, q) => compare(b, q, p)),
        b.sort(at(x), () => i32(1)),
        b.sort(at(x), () => i32(-1)),
      ]),
    );
    const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
    await both.agrees(p, [[3, nan, -0, inf, 0, -inf, nan, 1, -0, 2, nan]]);
  });
  it('up to a limit, however far it is from the length', async () => {
    const compareFirst = (b: Builder, p: Atom, q: Atom): Atom => compare(b, b.field(p, 0), b.field(q, 0));
    const top = program([pairs, I64], (b, x, k) => b.sort(at(x), (p, q) => compareFirst(b, p, q), at(k)));
    const { MAX: most, MIN: least } = { MAX: 2n ** 63n - 1n, MIN: -(2n ** 63n) };
    for (const n of [0, 1, 2, 5, 64, 65, 2 * N]) {
      const rows = Array.from({ length: n }, (_, k) => istruct([(k * 7919) % 13, BigInt(k)]));
      const limits = n > 1000 ? [7n] : [least, -1n, 0n, 1n, 2n, 3n, 7n, 64n, BigInt(n), most];
      for (const k of limits) await both.agrees(top, [rows, k]);
    }
    const none = program([vec(F64), I64], (b, x, k) => b.sort(at(x), (p, q) => compare(b, p, q), at(k)));
    const { NaN: nan } = Number;
    for (const k of [1n, 3n, 5n, 8n]) await both.agrees(none, [[3, nan, -0, 0, nan, 1, -0, 2, nan], k]);
    const fails = program([vec(I64), I64], (b, x, k) =>
      b.sort(at(x), (p) => b.cast(I32, b.bin('/', i64(1), p)), at(k)),
    );
    expect([await ends(fails, [[0n, 0n], 0n]), await ends(fails, [[0n, 0n], 1n])]).toEqual([
      'a value',
      'DivisionByZero',
    ]);
  });
  it('by a branching comparator that looks up, loops and captures', async () => {
    const p = program([vec(I64), vec(I64), I64], (b, x, y, k) => {
      const weight = (e: Atom): Atom => {
        const far = b.if(
          b.bin('<', e, at(k)),
          () => b.lookup(at(y), e),
          () => i64(0),
        );
        const near = b.loop([scan(at(y))], b.builder(merger(I64, '+')), (m, _i, f) => b.merge(m, b.bin('*', at(f), e)));
        return b.bin('%', b.bin('+', far, b.result(near)), i64(5));
      };
      return b.sort(at(x), (p, q) => compare(b, weight(p), weight(q)));
    });
    await both.agrees(p, [longs(30, (i) => (i * 11) % 17), longs(6, (i) => i * i), 6n]);
    expect(await ends(p, [longs(30, (i) => (i * 11) % 17), longs(5, (i) => i * i), 6n])).toBe('ArrayOutOfBounds');
    expect(await ends(p, [[5n], [], 6n])).toBe('a value');
  });
  it('feeds loops and slices', async () => {
    const p = program([vec(I64)], (b, x) => {
      const s = b.sort(b.slice(at(x), i64(1), i64(40)), (p, q) => compare(b, q, p));
      return b.struct([b.slice(s, i64(0), i64(3)), indexed(b, [scan(s)], I64), at(x)]);
    });
    await both.agrees(p, [longs(50, (k) => (k * 31) % 50)]);
  });
});

describe('dictionaries', () => {
  const t = dict(struct([I64, BOOL]), struct([F64, I32]));
  const p = program([t, vec(I64), I64], (b, d, x, k) => {
    const key = (e: Atom): Atom => b.struct([e, b.bin('>', e, i64(1))]);
    const found = b.loop([scan(at(x))], b.builder(appender(struct([BOOL, F64, I32]))), (acc, _i, e) => {
      const o = b.optlookup(at(d), key(at(e)));
      const v = b.field(o, 1);
      return b.merge(acc, b.struct([b.field(o, 0), b.field(v, 0), b.field(v, 1)]));
    });
    const sum = b.loop([scan(at(x))], b.builder(merger(F64, '+')), (acc, _i, e) =>
      b.merge(
        acc,
        b.if(
          b.keyexists(at(d), key(at(e))),
          () => b.field(b.lookup(at(d), key(at(e))), 0),
          () => f64(0.5),
        ),
      ),
    );
    return b.struct([b.tovec(at(d)), b.optlookup(at(d), key(at(k))), b.result(found), b.result(sum), at(d)]);
  });
  const entries = (n: number): IValue =>
    dictOf(
      t.key,
      Array.from({ length: n }, (_, k) => [istruct([BigInt(k), k > 1]), istruct([k / 2, k])]),
    );
  it('are arguments; a miss of optlookup gives zero', async () => {
    for (const n of [0, 1, 40]) {
      await both.agrees(p, [entries(n), longs(60, (k) => k - 5), 3n]);
      await both.agrees(p, [entries(n), [], 1000n]);
    }
  });
});

describe('assert', () => {
  const p = program([vec(I64), I64, BOOL], (b, x, n, c) => {
    const ok = b.assert(b.bin('<', b.len(at(x)), at(n)));
    const out = b.loop([scan(at(x))], b.builder(appender(I64)), (acc, _i, e) =>
      b.merge(
        acc,
        b.if(
          b.bin('>', at(e), i64(3)),
          () => b.select(b.assert(b.bin('<', at(e), at(n))), at(e), i64(-1)),
          () => i64(0),
        ),
      ),
    );
    const never = b.if(
      at(c),
      () => b.assert(bool(false)),
      () => bool(true),
    );
    return b.struct([ok, b.result(out), never]);
  });
  it('outside and inside loops, where its branch runs', async () => {
    await both.agrees(p, [longs(50, (k) => k % 9), 60n, false]);
    expect(await ends(p, [longs(50, (k) => k % 9), 50n, false])).toBe('AssertionError');
    expect(await ends(p, [longs(5, (k) => 2 * k), 8n, false])).toBe('AssertionError');
    expect(await ends(p, [longs(5, (k) => k), 60n, true])).toBe('AssertionError');
  });
  it('counts when nobody needs its value', async () => {
    const unread = program([vec(I64), I64], (b, x, n) => {
      b.assert(b.bin('<', at(n), i64(5)));
      b.loop([scan(at(x))], b.builder(appender(I64)), (acc, _i, e) => {
        b.assert(b.bin('!=', at(e), at(n)));
        return b.merge(acc, at(e));
      });
      return at(n);
    });
    // The verifier wants every builder consumed: the loop's result is taken and dropped.
    const body = unread.body.lets.at(-1);
    if (body === undefined) throw new Error('no loop');
    const b = new Builder(unread.syms);
    const { lets } = b.block([], () => b.result(body.sym));
    const q: Program = { syms: unread.syms, body: { ...unread.body, lets: [...unread.body.lets, ...lets] } };
    await both.agrees(q, [longs(4, (k) => k), 4n]);
    expect(await ends(q, [longs(4, (k) => k), 2n])).toBe('AssertionError');
    expect(await ends(q, [longs(4, (k) => k), 5n])).toBe('AssertionError');
  });
});

describe('serialize and deserialize', () => {
  const t = struct([vec(struct([I32, BOOL])), dict(F64, I64), F64, vec(struct([]))]);
  it('there and back', async () => {
    const p = program([t], (b, x) => {
      const bytes = b.serialize(at(x));
      return b.struct([b.deserialize(t, bytes), bytes, b.len(bytes)]);
    });
    const d = dictOf(F64, [
      [Number.NaN, 1n],
      [-0, -2n],
      [0, 3n],
    ]);
    await both.agrees(p, [istruct([[istruct([-1, true]), istruct([7, false])], d, -0, [istruct([]), istruct([])]])]);
    await both.agrees(p, [istruct([[], dictOf(F64, []), Number.NaN, []])]);
  });
  it('bytes that are no value are refused', async () => {
    const p = program([vec(U8)], (b, x) => b.deserialize(vec(I32), at(x)));
    expect(await ends(p, [[1, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0]])).toBe('a value');
    for (const bad of [
      [],
      [1, 0, 0, 0, 0, 0, 0, 0],
      [1, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 9],
      new Array<number>(8).fill(255),
    ]) {
      expect(await ends(p, [bad])).toBe('DeserializationError');
    }
  });
});

describe('errors of a run have a place', () => {
  const origin = (name: string): Origin => ({ kind: 'api', call: name, chain: [name] });
  it.each([
    ['an assertion', 'W6011', (b: Builder, x: Sym) => b.assert(b.bin('==', b.len(x), i64(9)))],
    ['a step', 'W6001', (b: Builder, x: Sym) => b.lookup(x, i64(-1))],
    [
      'a merge',
      'W6001',
      (b: Builder, x: Sym) => b.merge(b.builder(vecmerger(I64, '+'), x), b.struct([i64(9), i64(1)])),
    ],
    ['bytes', 'W6012', (b: Builder, x: Sym) => b.deserialize(BOOL, b.serialize(x))],
    [
      'a comparator',
      'W6005',
      (b: Builder, x: Sym) => b.sort(x, (p, q) => b.cast(I32, b.bin('/', p, b.bin('-', q, q)))),
    ],
    [
      'an iteration',
      'W6005',
      (b: Builder, x: Sym) =>
        b.iterate(i64(3), (k) => b.struct([b.bin('/', k, b.bin('-', b.len(x), i64(2))), bool(true)])),
    ],
    [
      'bounds',
      'W6002',
      (b: Builder, x: Sym) =>
        b.loop([iter(x, i64(0), i64(9), i64(1))], b.builder(merger(I64, '+')), (m, _i, e) => b.merge(m, at(e))),
    ],
    [
      'a loop',
      'W6011',
      (b: Builder, x: Sym) =>
        b.loop([scan(x)], b.builder(merger(I64, '+')), (m, _i, e) => {
          b.assert(b.bin('<', at(e), i64(1)));
          return b.merge(m, at(e));
        }),
    ],
    [
      'memory',
      'W6006',
      (b: Builder, x: Sym) =>
        b.loop([range(i64(0), b.bin('*', b.len(x), i64(300000000)), i64(1))], b.builder(appender(F64)), (m) =>
          b.merge(m, f64(1)),
        ),
    ],
  ] as const)('%s: %s', async (_what, code, make) => {
    const b = new Builder();
    const x = b.param(vec(I64), 'x');
    const made = b.at(origin('the.culprit'), () => make(b, x));
    const value = isLinear(b.typeOf(made)) ? b.result(made) : made;
    const p = b.finish(value);
    const error: unknown = await both.columns(p, [toColumns(vec(I64), [1n, 2n], plainMemory)]).catch((e: unknown) => e);
    if (!(error instanceof WeldError)) throw error;
    const [d] = error.diagnostics;
    expect([d?.code, d?.origin]).toEqual([code, origin('the.culprit')]);
  });
});
