/** Iterators of top-level and nested loops, against the interpreter; slices and vector literals as what loops walk. */

import { afterAll, describe, expect, it } from 'vitest';
import { type Builder, bool, i64, iter, range, scan } from '../core/build.ts';
import { type IValue, istruct } from '../core/ivalue.ts';
import type { Atom, Iter } from '../core/op.ts';
import type { Program } from '../core/program.ts';
import { appender, BOOL, F64, I64, merger, struct, type Type, vec } from '../core/types.ts';
import { at, Both, longs, program } from '../testing/both.ts';

const both = new Both();
afterAll(() => both.dispose());
const ends = (p: Program, args: readonly IValue[]): Promise<string> => both.ends(p, args);
const nd = (v: Atom, start: Atom, end: Atom, stride: Atom, shape: Atom, steps: Atom): Iter => ({
  kind: 'nditer',
  vec: v,
  start,
  end,
  stride,
  shape,
  steps,
});
/** Every element of an iterator with its number. */
const indexed = (b: Builder, its: readonly Iter[], elem: Type): Atom =>
  b.result(b.loop(its, b.builder(appender(struct([I64, elem]))), (acc, i, e) => b.merge(acc, b.struct([i, at(e)]))));

/** More rows than a part. */
const N = 16384 + 6;
describe('iter', () => {
  const sub = program([vec(I64), I64, I64, I64], (b, x, s, e, t) =>
    b.struct([
      indexed(b, [iter(at(x), at(s), at(e), at(t))], I64),
      b.result(
        b.loop([iter(at(x), at(s), at(e), at(t))], b.builder(merger(I64, '+')), (acc, _i, el) => b.merge(acc, at(el))),
      ),
    ]),
  );
  it.each([
    [0, 10, 1],
    [0, 10, 2],
    [2, 8, 3],
    [10, 10, 7],
    [3, 3, 1],
    [0, 10, 10],
    [9, 10, 1],
  ])('start %d, end %d, stride %d', async (s, e, t) => {
    await both.agrees(sub, [longs(10, (k) => k * k), BigInt(s), BigInt(e), BigInt(t)]);
  });
  it.each([
    [0, 10, 0],
    [0, 11, 1],
    [-1, 3, 1],
    [5, 4, 1],
    [0, 10, 3],
    [11, 11, 1],
    [-1, -1, 1],
  ])('start %d, end %d, stride %d is refused', async (s, e, t) => {
    expect(await ends(sub, [longs(10, (k) => k), BigInt(s), BigInt(e), BigInt(t)])).toBe('BadIteratorLength');
  });
  it('over several parts, constant and captured bounds, structs', async () => {
    const p = program([vec(struct([I64, F64, BOOL])), I64], (b, x, s) => {
      const its = [iter(at(x), i64(5), i64(N), i64(1)), iter(at(x), at(s), i64(N - 5), i64(1))];
      const out = b.loop(its, b.builder(appender(struct([I64, F64]))), (acc, i, e, f) =>
        b.merge(acc, b.struct([b.bin('+', b.field(at(e), 0), i), b.field(at(f), 1)])),
      );
      return b.result(out);
    });
    const rows = Array.from({ length: N }, (_, k) => istruct([BigInt(k), k / 4, k % 2 === 0]));
    await both.agrees(p, [rows, 0n]);
    expect(await ends(p, [rows, 1n])).toBe('MismatchedZipSize');
    const strided = program([vec(I64)], (b, x) => indexed(b, [iter(at(x), i64(1), i64(N), i64(3))], I64));
    await both.agrees(strided, [longs(N, (k) => -k)]);
  });
  it('in a zip with ranges and scans', async () => {
    const p = program([vec(I64), I64], (b, x, n) => {
      const its = [
        scan(at(x)),
        range(i64(0), at(n), i64(1)),
        range(i64(-8), i64(0), i64(2)),
        iter(at(x), i64(3), i64(4), i64(1)),
      ];
      return b.result(
        b.loop(its.slice(0, 3), b.builder(appender(I64)), (acc, i, e, f, g) =>
          b.merge(acc, b.bin('+', b.bin('*', at(e), at(f)), b.bin('-', at(g), i))),
        ),
      );
    });
    await both.agrees(p, [longs(4, (k) => k + 1), 4n]);
    expect(await ends(p, [longs(4, (k) => k), 5n])).toBe('MismatchedZipSize');
    expect(await ends(p, [longs(0, (k) => k), 0n])).toBe('MismatchedZipSize');
  });
  it('in a nested loop', async () => {
    const p = program([vec(I64), vec(I64), I64], (b, x, y, t) =>
      b.result(
        b.loop([scan(at(x))], b.builder(appender(I64)), (acc, _i, e) => {
          const inner = b.loop(
            [iter(at(y), at(e), b.len(at(y)), at(t)), range(at(e), b.len(at(y)), at(t))],
            b.builder(merger(I64, '+')),
            (m, j, f, g) => b.merge(m, b.bin('*', b.bin('+', at(f), j), at(g))),
          );
          return b.merge(acc, b.result(inner));
        }),
      ),
    );
    await both.agrees(p, [longs(5, (k) => 2 * k), longs(8, (k) => k * 3), 2n]);
    await both.agrees(p, [longs(1, () => 8), longs(8, (k) => k * 3), 99n]);
    expect(await ends(p, [longs(2, () => 1), longs(8, (k) => k), 2n])).toBe('BadIteratorLength');
    expect(await ends(p, [longs(2, () => 9), longs(8, (k) => k), 2n])).toBe('BadIteratorLength');
    expect(await ends(p, [longs(2, () => -2), longs(8, (k) => k), 2n])).toBe('BadIteratorLength');
    expect(await ends(p, [longs(2, () => 0), longs(8, (k) => k), 0n])).toBe('BadIteratorLength');
  });
});

describe('nditer', () => {
  const p = program([vec(I64), I64, I64, vec(I64), vec(I64)], (b, x, s, e, shape, steps) =>
    indexed(b, [nd(at(x), at(s), at(e), i64(1), at(shape), at(steps))], I64),
  );
  const run = (s: number, e: number, shape: number[], steps: number[], n = 24): Promise<string> =>
    ends(p, [longs(n, (k) => k * 7), BigInt(s), BigInt(e), shape.map(BigInt), steps.map(BigInt)]);
  it('walks a shape', async () => {
    for (const [s, e, shape, steps] of [
      [0, 24, [2, 3, 4], [12, 4, 1]],
      [0, 24, [4, 3, 2], [1, 4, 12]],
      [23, 47, [2, 3, 4], [-12, -4, -1]],
      [5, 11, [6], [0]],
      [3, 3, [0, 7], [1, 1]],
      [2, 3, [], []],
      [0, 6, [2, 1, 3], [3, 2 ** 40, 1]],
    ] as const) {
      expect(await run(s, e, [...shape], [...steps])).toBe('a value');
    }
  });
  it('refuses what does not fit', async () => {
    for (const [s, e, shape, steps] of [
      [0, 24, [2, 3], [3, 1]],
      [0, 6, [2, 3], [3]],
      [0, 6, [2, 3], [23, 1]],
      [0, 6, [2, 3], [-3, 1]],
      [0, 6, [-2, -3], [3, 1]],
      [0, 2, [2 ** 40, 2 ** 40], [0, 0]],
    ] as const) {
      expect(await run(s, e, [...shape], [...steps])).toBe('BadIteratorLength');
    }
  });
});

describe('slices and vector literals in loops', () => {
  const windows = program([vec(I64), I64, I64], (b, x, from, size) =>
    b.result(
      b.loop([scan(at(x))], b.builder(appender(struct([I64, I64, I64]))), (acc, i, _e) => {
        const w = b.slice(at(x), b.bin('+', i, at(from)), at(size));
        const inner = b.slice(w, i64(0), i64(2));
        const sum = b.loop(
          [scan(w), iter(at(x), i64(0), b.len(w), i64(1))],
          b.builder(merger(I64, '+')),
          (m, j, f, g) => b.merge(m, b.bin('+', b.bin('*', at(f), j), at(g))),
        );
        const first = b.if(
          b.bin('>', b.len(inner), i64(1)),
          () => b.lookup(inner, i64(1)),
          () => i64(-1),
        );
        return b.merge(acc, b.struct([b.result(sum), b.len(inner), first]));
      }),
    ),
  );
  it('slices are cut at the end', async () => {
    for (const [from, size] of [
      [0, 3],
      [0, 0],
      [0, -4],
      [0, 2 ** 40],
    ] as const) {
      await both.agrees(windows, [longs(20, (k) => k * k), BigInt(from), BigInt(size)]);
    }
    await both.agrees(windows, [[], 5n, 1n]);
  });
  it('a slice that starts outside is refused; one past the last is not', async () => {
    expect(await ends(windows, [longs(4, (k) => k), 1n, 2n])).toBe('a value');
    expect(await ends(windows, [longs(4, (k) => k), 2n, 2n])).toBe('ArrayOutOfBounds');
    expect(await ends(windows, [longs(4, (k) => k), -1n, 2n])).toBe('ArrayOutOfBounds');
    expect(await ends(windows, [longs(4, (k) => k), 2n ** 32n, 2n])).toBe('ArrayOutOfBounds');
  });
  const lists = program([vec(I64)], (b, x) =>
    b.result(
      b.loop([scan(at(x))], b.builder(appender(struct([I64, BOOL]))), (acc, i, e) => {
        const square = b.struct([b.bin('*', at(e), at(e)), b.bin('<', at(e), i)]);
        const v = b.vec(struct([I64, BOOL]), [b.struct([at(e), bool(true)]), square, b.struct([i, bool(false)])]);
        const all = b.loop([scan(v)], acc, (c, _j, f) => b.merge(c, at(f)));
        const some = b.loop([iter(v, i64(0), i64(2), i64(2))], all, (c, _j, f) => b.merge(c, at(f)));
        return b.merge(some, b.lookup(v, b.bin('%', at(e), i64(4))));
      }),
    ),
  );
  it('literals are looked up and walked', async () => {
    await both.agrees(lists, [longs(21, (k) => (k % 3) * 5)]);
    expect(await ends(lists, [longs(5, (k) => k)])).toBe('ArrayOutOfBounds');
    const empty = program([vec(I64)], (b, x) =>
      b.result(
        b.loop([scan(at(x))], b.builder(appender(I64)), (acc, _i, e) => {
          const v = b.vec(F64, []);
          const n = b.loop([scan(v)], b.builder(merger(I64, '+')), (m) => b.merge(m, i64(1)));
          return b.merge(acc, b.bin('+', b.bin('+', at(e), b.len(v)), b.result(n)));
        }),
      ),
    );
    await both.agrees(empty, [longs(3, (k) => k)]);
  });
});
