/** Builders against the interpreter: any number of merges a row, merges outside loops, branches, iterations. */

import { afterAll, describe, expect, it } from 'vitest';
import { bool, f64, i64, range, scan } from '../core/build.ts';
import type { IValue } from '../core/ivalue.ts';
import type { Atom, Sym } from '../core/op.ts';
import type { Program } from '../core/program.ts';
import { appender, BOOL, dictmerger, F64, I64, merger, struct, vec, vecmerger } from '../core/types.ts';
import { at, Both, longs, program } from '../testing/both.ts';

const both = new Both();
afterAll(() => both.dispose());
const ends = (p: Program, args: readonly IValue[]): Promise<string> => both.ends(p, args);

/** More rows than a part. */
const N = 16384 + 6;
describe('appenders with any number of merges', () => {
  const several = program([vec(I64)], (b, x) => {
    const all = b.struct([
      b.builder(appender(I64)),
      b.builder(appender(struct([I64, BOOL]))),
      b.builder(merger(I64, '+')),
    ]);
    const out = b.loop([scan(at(x))], all, (acc, i, e) =>
      b.struct([
        b.merge(b.merge(b.field(acc, 0), i), at(e)),
        b.if(
          b.bin('<', at(e), i64(3)),
          () =>
            b.merge(
              b.merge(b.merge(b.field(acc, 1), b.struct([i, bool(true)])), b.struct([at(e), bool(false)])),
              b.struct([i64(7), bool(true)]),
            ),
          () => b.field(acc, 1),
        ),
        b.merge(b.field(acc, 2), at(e)),
      ]),
    );
    return b.result(out);
  });
  it('twice and up to three times a row', async () => {
    for (const n of [0, 1, N]) await both.agrees(several, [longs(n, (k) => (k * 7) % 11)]);
  });
  const nested = program([vec(I64), vec(I64)], (b, x, y) => {
    const out = b.loop([scan(at(x))], b.builder(appender(struct([I64, I64]))), (acc, i, e) => {
      const first = b.merge(acc, b.struct([i, i64(-1)]));
      const inner = b.loop([scan(at(y))], first, (c, j, f) =>
        b.if(
          b.bin('<', at(f), at(e)),
          () => b.merge(c, b.struct([j, at(f)])),
          () => c,
        ),
      );
      return b.merge(inner, b.struct([i, i64(-2)]));
    });
    return b.result(out);
  });
  it('from nested loops: room for all, for some parts only, exactly', async () => {
    await both.agrees(nested, [longs(5, (k) => k), longs(4, (k) => k)]);
    await both.agrees(nested, [longs(40, (k) => (k === 3 ? 500 : 0)), longs(500, (k) => k)]);
    await both.agrees(nested, [longs(N, (k) => (k > 16380 ? 9 : 0)), longs(9, (k) => k)]);
    await both.agrees(nested, [longs(N, (k) => (k < 9 ? 9 : 0)), longs(9, (k) => k)]);
    await both.agrees(nested, [[], []]);
  });
  it('beside a dictionary that grows', async () => {
    const p = program([vec(I64), vec(I64)], (b, x, y) => {
      const start = b.struct([b.builder(appender(I64)), b.builder(dictmerger(I64, I64, '+'))]);
      const out = b.loop([scan(at(x))], start, (acc, i, e) => {
        const inner = b.loop([scan(at(y))], b.field(acc, 0), (c, _j, f) => b.merge(c, b.bin('*', at(f), i)));
        return b.struct([inner, b.merge(b.field(acc, 1), b.struct([at(e), i]))]);
      });
      const r = b.result(out);
      return b.struct([b.field(r, 0), b.tovec(b.field(r, 1))]);
    });
    await both.agrees(p, [longs(20000, (k) => k), longs(7, (k) => k)]);
  });
  it('of a triangle of ranges', async () => {
    const p = program([I64], (b, n) =>
      b.result(
        b.loop([range(i64(0), at(n), i64(1))], b.builder(appender(I64)), (acc, _i, e) =>
          b.loop([range(at(e), at(n), i64(1))], acc, (c, j, f) =>
            b.merge(c, b.bin('+', b.bin('*', at(e), i64(1000)), b.bin('+', at(f), j))),
          ),
        ),
      ),
    );
    for (const n of [0n, 1n, 50n]) await both.agrees(p, [n]);
  });
});

describe('builders on the host', () => {
  it('are merged into before, after and without a loop', async () => {
    const p = program([vec(I64), I64], (b, x, k) => {
      const pair = struct([I64, F64]);
      const a = b.merge(b.merge(b.builder(appender(pair)), b.struct([at(k), f64(0.5)])), b.struct([i64(2), f64(-0)]));
      const m = b.merge(b.builder(merger(pair, '+')), b.struct([at(k), f64(2)]));
      const v = b.merge(b.builder(vecmerger(I64, '*'), at(x)), b.struct([i64(1), i64(10)]));
      const d = b.merge(
        b.merge(b.builder(dictmerger(I64, I64, '+')), b.struct([at(k), i64(5)])),
        b.struct([i64(1), i64(6)]),
      );
      const start = b.struct([a, m, v, d]);
      const out = b.loop([scan(at(x))], start, (acc, i, e) =>
        b.struct([
          b.merge(b.field(acc, 0), b.struct([at(e), f64(1)])),
          b.merge(b.field(acc, 1), b.struct([at(e), f64(0.25)])),
          b.merge(b.field(acc, 2), b.struct([b.bin('%', i, i64(3)), at(e)])),
          b.merge(b.field(acc, 3), b.struct([b.bin('%', at(e), i64(5)), i])),
        ]),
      );
      const again = b.loop([scan(at(x))], b.struct([0, 1, 2, 3].map((f) => b.field(out, f))), (acc, i, e) =>
        b.struct([
          b.if(
            b.bin('>', at(e), i64(2)),
            () => b.merge(b.field(acc, 0), b.struct([i, f64(3)])),
            () => b.field(acc, 0),
          ),
          b.merge(b.field(acc, 1), b.struct([i, f64(1)])),
          b.merge(b.field(acc, 2), b.struct([i64(0), i])),
          b.merge(b.field(acc, 3), b.struct([i, at(e)])),
        ]),
      );
      const last = [
        b.merge(b.field(again, 0), b.struct([at(k), f64(9)])),
        b.merge(b.field(again, 1), b.struct([at(k), f64(9)])),
        b.merge(b.field(again, 2), b.struct([i64(2), at(k)])),
        b.merge(b.field(again, 3), b.struct([at(k), at(k)])),
      ].map((s) => b.result(s));
      return b.struct([...last.slice(0, 3), b.tovec(at(last[3])), at(x)]);
    });
    for (const n of [3, 10, N]) await both.agrees(p, [longs(n, (k) => (k * 13) % 7), 3n]);
    expect(await ends(p, [longs(1, (k) => k), 3n])).toBe('ArrayOutOfBounds');
    expect(await ends(p, [longs(2, (k) => k), 3n])).toBe('ArrayOutOfBounds');
  });
  it('that nothing is merged into have results', async () => {
    const p = program([vec(F64)], (b, x) =>
      b.struct([
        b.result(b.builder(appender(struct([I64, BOOL])))),
        b.result(b.builder(merger(struct([I64, F64]), 'min'))),
        b.result(b.builder(merger(F64, '+'), f64(-0))),
        b.result(b.builder(vecmerger(F64, '+'), at(x))),
        b.tovec(b.result(b.builder(dictmerger(struct([I64, F64]), I64, '+'), i64(0)))),
        b.keyexists(b.result(b.builder(dictmerger(F64, I64, '+'))), f64(0)),
      ]),
    );
    await both.agrees(p, [[1, Number.NaN, -0]]);
    await both.agrees(p, [[]]);
  });
  it('sums keep the sign of zero, and min and max NaN', async () => {
    const p = program([vec(F64), F64], (b, x, k) =>
      b.struct(
        (['+', '*', 'min', 'max'] as const).map((op) => {
          const start = b.merge(b.merge(b.builder(merger(F64, op)), f64(-0)), at(k));
          return b.result(b.loop([scan(at(x))], start, (acc, _i, e) => b.merge(acc, at(e))));
        }),
      ),
    );
    for (const k of [0, -0, Number.NaN, Number.POSITIVE_INFINITY]) {
      for (const x of [[], [-0], [0], [Number.NaN, 1], [2]]) await both.agrees(p, [x, k]);
    }
  });
  it('dictionaries go on in first-insertion order, dense or not, also when tables grow', async () => {
    const p = (dense: boolean): Program =>
      program([vec(I64), vec(I64)], (b, x, y) => {
        const start = b.builder(dictmerger(I64, struct([I64, I64]), 'max'), i64(100000), dense ? { dense: true } : {});
        const fill = (d: Atom, v: Atom): Sym =>
          b.loop([scan(v)], d, (acc, i, e) => b.merge(acc, b.struct([at(e), b.struct([i, at(e)])])));
        const d = b.result(fill(b.merge(fill(start, at(x)), b.struct([i64(77), b.struct([i64(1), i64(2)])])), at(y)));
        const found = b.loop([scan(at(y))], b.builder(appender(struct([I64, I64]))), (acc, _i, e) =>
          b.merge(acc, b.lookup(d, at(e))),
        );
        return b.struct([b.tovec(d), b.result(found)]);
      });
    for (const dense of [false, true]) {
      await both.agrees(p(dense), [longs(50, (k) => k % 7), longs(40, (k) => k % 11)]);
      await both.agrees(p(dense), [longs(N, (k) => (k * 31) % 9000), longs(N, (k) => (k * 17) % 20000)]);
      await both.agrees(p(dense), [[], longs(3, (k) => k)]);
      await both.agrees(p(dense), [longs(3, (k) => k), []]);
    }
  });
  it('go through branches', async () => {
    const p = program([vec(I64), BOOL], (b, x, c) => {
      const one = b.struct([b.merge(b.builder(appender(I64)), i64(5)), b.builder(merger(I64, '+'), i64(3))]);
      const chosen = b.if(
        at(c),
        () => b.struct([b.merge(b.field(one, 0), i64(6)), b.field(one, 1)]),
        () =>
          b.loop([scan(at(x))], one, (acc, _i, e) =>
            b.struct([b.merge(b.field(acc, 0), at(e)), b.merge(b.field(acc, 1), at(e))]),
          ),
      );
      return b.result(
        b.loop([scan(at(x))], chosen, (acc, i, _e) =>
          b.struct([b.merge(b.field(acc, 0), i), b.merge(b.field(acc, 1), i)]),
        ),
      );
    });
    for (const c of [true, false]) for (const n of [0, 4]) await both.agrees(p, [longs(n, (k) => 10 * k), c]);
  });
  it('go through iterations', async () => {
    const p = program([vec(I64), I64], (b, x, n) => {
      const s = b.iterate(
        b.struct([b.struct([b.builder(appender(I64)), b.builder(merger(I64, 'max'))]), at(n)]),
        (st) => {
          const [bs, k] = [b.field(st, 0), b.field(st, 1)];
          const next = b.loop([scan(at(x))], bs, (acc, _i, e) =>
            b.struct([b.merge(b.field(acc, 0), b.bin('*', at(e), k)), b.merge(b.field(acc, 1), b.bin('-', k, at(e)))]),
          );
          const fewer = b.bin('-', k, i64(1));
          const more = b.struct([b.merge(b.field(next, 0), i64(-1)), b.field(next, 1)]);
          return b.struct([b.struct([more, fewer]), b.bin('>', fewer, i64(0))]);
        },
      );
      return b.struct([b.result(b.field(s, 0)), b.field(s, 1)]);
    });
    for (const n of [-1n, 1n, 4n]) await both.agrees(p, [longs(3, (k) => k + 1), n]);
  });
});

describe('iterate', () => {
  it('on the host: scalars, vectors that are made anew, an exchange', async () => {
    const p = program([I64, vec(I64)], (b, n, x) => {
      const s = b.iterate(b.struct([at(n), at(x), i64(0), i64(1)]), (st) => {
        const [k, v, f0, f1] = [0, 1, 2, 3].map((f) => b.field(st, f));
        const doubled = b.loop([scan(at(v))], b.builder(appender(I64)), (acc, _i, e) =>
          b.merge(acc, b.bin('+', at(e), at(e))),
        );
        const less = b.bin('-', at(k), i64(1));
        const next = b.struct([less, b.result(doubled), at(f1), b.bin('+', at(f0), at(f1))]);
        return b.struct([next, b.bin('>', less, i64(0))]);
      });
      return b.struct([s, b.len(b.field(s, 1))]);
    });
    const before = both.used;
    const x = longs(3, (k) => k);
    for (const n of [-5n, 1n, 30n]) await both.agrees(p, [n, x]);
    for (const [k, used] of both.used.entries()) expect(used - (before[k] ?? 0)).toBeLessThan(4096);
  });
  it('in a loop, with an exchange and an error', async () => {
    const p = program([vec(I64), vec(F64)], (b, x, y) =>
      b.result(
        b.loop([scan(at(x))], b.builder(appender(struct([I64, I64, F64]))), (acc, _i, e) => {
          const s = b.iterate(b.struct([at(e), i64(0), f64(0)]), (st) => {
            const [n, steps] = [b.field(st, 0), b.field(st, 1)];
            const even = b.bin('==', b.bin('%', n, i64(2)), i64(0));
            const next = b.select(even, b.bin('/', n, i64(2)), b.bin('+', b.bin('*', n, i64(3)), i64(1)));
            const state = b.struct([next, b.bin('+', steps, i64(1)), b.lookup(at(y), steps)]);
            return b.struct([state, b.bin('>', next, i64(1))]);
          });
          return b.merge(acc, s);
        }),
      ),
    );
    const y = Array.from({ length: 40 }, (_, k) => k / 2);
    await both.agrees(p, [longs(20, (k) => k), y]);
    expect(await ends(p, [longs(30, (k) => k), y])).toBe('ArrayOutOfBounds');
    const swap = program([vec(I64)], (b, x) =>
      b.result(
        b.loop([scan(at(x))], b.builder(appender(I64)), (acc, i, e) => {
          const s = b.iterate(b.struct([at(e), i, i64(3)]), (st) => {
            const k = b.bin('-', b.field(st, 2), i64(1));
            return b.struct([b.struct([b.field(st, 1), b.field(st, 0), k]), b.bin('!=', k, i64(0))]);
          });
          return b.merge(b.merge(acc, b.field(s, 0)), b.field(s, 1));
        }),
      ),
    );
    await both.agrees(swap, [longs(9, (k) => 100 * k)]);
  });
  it('in a loop, carrying the builder', async () => {
    const p = program([vec(I64)], (b, x) => {
      const start = b.struct([b.builder(appender(I64)), b.builder(merger(I64, '+'))]);
      const out = b.loop([scan(at(x))], start, (acc, i, e) => {
        const s = b.iterate(b.struct([b.field(acc, 0), at(e)]), (st) => {
          const k = b.bin('-', b.field(st, 1), i64(1));
          return b.struct([b.struct([b.merge(b.field(st, 0), b.bin('*', k, i)), k]), b.bin('>', k, i64(0))]);
        });
        return b.struct([b.field(s, 0), b.merge(b.field(acc, 1), b.field(s, 1))]);
      });
      return b.result(out);
    });
    await both.agrees(p, [longs(30, (k) => (k * 7) % 10)]);
  });
});
