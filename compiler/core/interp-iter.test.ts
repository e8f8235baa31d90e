import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { errorOf, messageOf, run } from '../testing/core-run.ts';
import { type Builder, i32, i64, iter, range, scan } from './build.ts';
import { openNd } from './interp-iter.ts';
import type { IValue } from './ivalue.ts';
import type { Json } from './json.ts';
import type { Atom, Iter } from './op.ts';
import { appender, I32, I64, type Type, vec } from './types.ts';

const LONG = 1n << 62n;
type Num = number | bigint;
const v5: readonly [Type, IValue] = [vec(I32), [10, 11, 12, 13, 14]];
const big = (xs: readonly Num[]): readonly [Type, IValue] => [vec(I64), xs.map(BigInt)];

/** Collects what an iterator gives. */
const collect =
  (elem: Type, it: (b: Builder, ...params: readonly Atom[]) => Iter) =>
  (b: Builder, ...p: readonly Atom[]) =>
    b.result(b.loop([it(b, ...p)], b.builder(appender(elem)), (a, _i, e) => b.merge(a, e)));

const over = (start: Num, end: Num, stride: Num) =>
  collect(I32, (_b, v = i32(0)) => iter(v, i64(start), i64(end), i64(stride)));
const nd = (start: Num, end: Num, stride: Num) =>
  collect(I32, (_b, v = i32(0), shape = i32(0), steps = i32(0)) => ({
    kind: 'nditer',
    vec: v,
    start: i64(start),
    end: i64(end),
    stride: i64(stride),
    shape,
    steps,
  }));

describe('iter', () => {
  const at = (...bounds: readonly [Num, Num, Num]): Json => run(over(...bounds), [v5]);
  const refused = (...bounds: readonly [Num, Num, Num]): string => messageOf(over(...bounds), [v5]);

  test('walks a part of a vector', () => {
    expect(at(0, 5, 1)).toEqual([10, 11, 12, 13, 14]);
    expect(at(1, 5, 2)).toEqual([11, 13]);
    expect(at(4, 5, 1)).toEqual([14]);
    expect(at(5, 5, 1)).toEqual([]);
    expect(at(0, 0, LONG)).toEqual([]);
    expect(run(over(0, 0, 1), [[vec(I32), []]])).toEqual([]);
  });

  test('says which bound is wrong', () => {
    expect(errorOf(over(0, 900, 1), [v5])).toBe('W6002 BadIteratorLength');
    expect(refused(-1, 4, 1)).toBe('W6002: iter: the start -1 is below 0');
    expect(refused(0, 6, 1)).toBe('W6002: iter: the end 6 is above the length 5 of the vector');
    expect(refused(6, 6, 1)).toBe('W6002: iter: the end 6 is above the length 5 of the vector');
    expect(refused(0, 4, 0)).toBe('W6002: iter: the stride 0 is below 1');
    expect(refused(0, 4, -2)).toBe('W6002: iter: the stride -2 is below 1');
    expect(refused(4, 2, 1)).toBe('W6002: iter: the start 4 is above the end 2');
    expect(refused(0, 5, 2)).toBe('W6002: iter: the stride 2 does not divide 5 - 0');
    expect(refused(-LONG, LONG, 1)).toBe(`W6002: iter: the start -${LONG} is below 0`);
  });
});

describe('zip', () => {
  const zip = (b: Builder, ...its: readonly Iter[]): Atom =>
    b.result(b.loop(its, b.builder(appender(I64)), (a, i) => b.merge(a, i)));

  test('counts iterations exactly, however many', () => {
    const uneven = (b: Builder): Atom =>
      zip(b, range(i64(0), i64(LONG), i64(1)), range(i64(0), i64(LONG + 1n), i64(1)));
    expect(messageOf(uneven)).toBe(`W6003: zip: iterators of lengths ${LONG} and ${LONG + 1n}`);
  });

  test('of different iterators; the index counts iterations', () => {
    const made = (b: Builder, v: Atom = i32(0)): Atom =>
      zip(b, scan(v), iter(v, i64(0), i64(5), i64(1)), range(i64(-10), i64(15), i64(5)));
    expect(run(made, [v5])).toEqual([0, 1, 2, 3, 4]);
    expect(errorOf((b, v = i32(0)) => zip(b, scan(v), iter(v, i64(0), i64(4), i64(1))), [v5])).toBe(
      'W6003 MismatchedZipSize',
    );
  });
});

describe('nditer', () => {
  const at = (shape: readonly Num[], steps: readonly Num[], start: Num = 0): Json => {
    const end = BigInt(start) + shape.reduce<bigint>((n, d) => n * BigInt(d), 1n);
    return run(nd(start, end, 1), [v5, big(shape), big(steps)]);
  };
  const refused = (bounds: readonly [Num, Num, Num], shape: readonly Num[], steps: readonly Num[]): string =>
    messageOf(nd(...bounds), [v5, big(shape), big(steps)]);

  test('walks a shape, the last dimension fastest', () => {
    expect(at([2, 2], [2, 1])).toEqual([10, 11, 12, 13]);
    expect(at([2, 2], [1, 2])).toEqual([10, 12, 11, 13]);
    expect(at([2, 2], [-1, -2], 4)).toEqual([14, 12, 13, 11]);
    expect(at([3, 2], [0, 0], 2)).toEqual([12, 12, 12, 12, 12, 12]);
    expect(at([], [])).toEqual([10]);
    expect(at([1], [LONG], 4)).toEqual([14]);
    expect(at([1, 1, 1], [LONG, -LONG, 7], 2)).toEqual([12]);
  });

  test('of no elements looks at none', () => {
    expect(at([2, 0], [LONG, LONG], 9)).toEqual([]);
    expect(at([0, LONG, LONG, LONG], [1, 1, 1, 1])).toEqual([]);
    expect(run(nd(0, 0, 1), [[vec(I32), []], big([0]), big([1])])).toEqual([]);
  });

  test('the bounds give the count, with any stride', () => {
    expect(run(nd(1, 9, 2), [v5, big([2, 2]), big([2, 1])])).toEqual([11, 12, 13, 14]);
  });

  test('says what is wrong', () => {
    expect(refused([0, 4, 1], [2, 2], [2])).toBe('W6002: nditer: a shape of 2 dimensions has 1 steps');
    expect(refused([0, 4, 1], [-2, -2], [1, 1])).toBe('W6002: nditer: the dimension -2 is below 0');
    expect(refused([0, 5, 1], [2, 2], [2, 1])).toBe('W6002: nditer: the shape [2,2] has not (5 - 0) / 1 = 5 elements');
    expect(refused([0, 4, 1], [LONG, LONG], [0, 0])).toContain('has not (4 - 0) / 1 = 4 elements');
    expect(refused([0, 4, 1], [2, 2], [4, 1])).toBe('W6002: nditer: the offset 5 is outside a vector of length 5');
    expect(refused([0, 4, 1], [2, 2], [-1, 1])).toBe('W6002: nditer: the offset -1 is below 0');
    expect(refused([0, 2, 1], [2], [-LONG])).toBe(`W6002: nditer: the offset -${LONG} is below 0`);
    expect(refused([-1, 0, 1], [1], [1])).toBe('W6002: nditer: the offset -1 is below 0');
    expect(refused([5, 6, 1], [1], [1])).toBe('W6002: nditer: the offset 5 is outside a vector of length 5');
    expect(refused([0, 4, 0], [2, 2], [2, 1])).toBe('W6002: nditer: the stride 0 is below 1');
    expect(refused([4, 0, 1], [2, 2], [2, 1])).toBe('W6002: nditer: the start 4 is above the end 0');
    expect(refused([0, 5, 2], [2, 2], [2, 1])).toBe('W6002: nditer: the stride 2 does not divide 5 - 0');
    expect(errorOf(nd(0, 1, 1), [[vec(I32), []], big([1]), big([1])])).toBe('W6002 BadIteratorLength');
    // Many dimensions: the product is not computed, and the message does not list them all.
    const many = new Array<Num>(20_000).fill(LONG);
    expect(refused([0, 4, 1], many, many)).toContain('the shape [4611686018427387904,');
    expect(refused([0, 4, 1], many, many).length).toBeLessThan(300);
  });

  test('is the nested loops over its dimensions', () => {
    const dim = fc.record({ size: fc.integer({ min: 0, max: 4 }), step: fc.integer({ min: -5, max: 5 }) });
    fc.assert(
      fc.property(fc.array(dim, { maxLength: 4 }), (dims) => {
        let offsets = [0];
        for (const { size, step } of dims) {
          offsets = offsets.flatMap((o) => Array.from({ length: size }, (_, k) => o + k * step));
        }
        const start = -Math.min(0, ...offsets);
        const v = Array.from({ length: Math.max(0, ...offsets) + start + 1 }, (_, k) => k);
        const bounds = { start: BigInt(start), end: BigInt(start + offsets.length), stride: 1n };
        const shape = dims.map((d) => BigInt(d.size));
        const it = openNd(
          v,
          bounds,
          shape,
          dims.map((d) => BigInt(d.step)),
        );
        expect(Array.from({ length: Number(it.length) }, (_, k) => it.at(k))).toEqual(offsets.map((o) => o + start));
      }),
      { numRuns: 200, seed: 11 },
    );
  });
});
