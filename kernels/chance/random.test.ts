import { describe, expect, it } from 'vitest';
import { F32, F64, I64, type PrimSpec, plainMemory, type Value, vec } from '../../compiler/index.ts';
import { columnOf } from '../column.ts';
import { expectAgreement } from '../testing/agree.ts';
import { column } from '../testing/columns.ts';
import { philox, type Words } from './philox.ts';
import { randomIntegers, randomNormal, randomPermutation, randomUniform } from './random.ts';
import { turn } from './turn.ts';

const two = (kind: 'f32' | 'f64', a: number, b: number): Value => column(kind, [a, b]);
const FLOATS = { f32: [I64, I64, vec(F32), I64], f64: [I64, I64, vec(F64), I64] } as const;
const cells = (prim: PrimSpec, args: readonly Value[]): readonly number[] =>
  Array.from(columnOf(prim.run(args, plainMemory)).cells, Number);
const moments = (v: readonly number[]): readonly number[] => {
  const mean = v.reduce((s, x) => s + x, 0) / v.length;
  const central = (p: number): number => v.reduce((s, x) => s + (x - mean) ** p, 0) / v.length;
  return [mean, central(2), central(3), central(4)];
};

describe('philox', () => {
  it.each([
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ] as const)('of %j is what its authors published', (counter: Words, key, words) => {
    expect(philox(counter, key)).toEqual(words);
  });
});

describe('machine forms', () => {
  const ROWS = [0, 1, 2, 3, 4, 7, 8, 9, 1001];
  it.each([
    [randomUniform, 'f32', -1, 3],
    [randomUniform, 'f64', 0, 1],
    [randomUniform, 'f64', 5, 5],
    [randomNormal, 'f32', 10, 0.5],
    [randomNormal, 'f64', 0, 1],
    [randomNormal, 'f64', 1, 0],
  ] as const)('agree: %o of %s by %d and %d', async (prim, kind, a, b) => {
    for (const rows of ROWS) {
      await expectAgreement(prim, [-7n, 1n << 40n, two(kind, a, b), BigInt(rows)], FLOATS[kind]);
    }
  });
  it.each([
    [0n, 1n],
    [-3n, 4n],
    // Nearly half of the words are drawn again.
    [0n, (1n << 31n) + 1n],
    [-5n, (1n << 32n) - 5n],
    [0n, (1n << 32n) + 1n],
    [-(1n << 62n) - 7n, 1n << 62n],
    [-(1n << 63n), (1n << 63n) - 1n],
  ])('of integers from %d to %d agree', async (low, high) => {
    for (const rows of [0, 1, 5, 8, 203]) {
      await expectAgreement(randomIntegers, [3n, -1n, low, high, BigInt(rows)], [I64, I64, I64, I64, I64]);
    }
  });
  it('of permutations agree', async () => {
    for (const rows of [0, 1, 2, 700]) {
      await expectAgreement(randomPermutation, [3n, 0n, BigInt(rows)], [I64, I64, I64]);
    }
  });
});

describe('random columns', () => {
  it('begin alike for any number of rows, and differ by seed and stream', () => {
    const of = (seed: bigint, stream: bigint, rows: bigint): readonly number[] =>
      cells(randomUniform, [seed, stream, two('f64', 0, 1), rows]);
    expect(of(1n, 2n, 100n).slice(0, 33)).toEqual(of(1n, 2n, 33n));
    const firsts = [of(1n, 2n, 1n), of(2n, 1n, 1n), of(1n, 1n << 32n, 1n), of(1n << 32n, 2n, 1n)].flat();
    expect(new Set(firsts).size).toBe(4);
  });
  it('have the moments of their distribution, within five standard errors', () => {
    const n = 16_000;
    const near = (got: readonly number[], want: readonly number[], errors: readonly number[]): void => {
      for (const [k, w] of want.entries()) {
        expect(Math.abs((got[k] ?? Number.NaN) - w), `moment ${k}`).toBeLessThan((5 * (errors[k] ?? 0)) / Math.sqrt(n));
      }
    };
    const errors = [1, Math.SQRT2, Math.sqrt(15), Math.sqrt(96)];
    for (const kind of ['f32', 'f64'] as const) {
      near(moments(cells(randomNormal, [5n, 0n, two(kind, 0, 1), BigInt(n)])), [0, 1, 0, 3], errors);
      const u = cells(randomUniform, [5n, 0n, two(kind, 0, 1), BigInt(n)]);
      near(moments(u), [1 / 2, 1 / 12], [Math.sqrt(1 / 12), Math.sqrt(1 / 180)]);
      expect(u.every((x) => x >= 0 && x < 1)).toBe(true);
    }
  });
  it('of integers have all of them alike', () => {
    const n = 24_000;
    const counts = new Array<number>(6).fill(0);
    for (const x of cells(randomIntegers, [9n, 0n, 10n, 16n, BigInt(n)])) counts[x - 10] = (counts[x - 10] ?? 0) + 1;
    // Chi-squared with five degrees of freedom: above 25.7 once in 10,000 times.
    expect(counts.reduce((s, c) => s + (c - n / 6) ** 2 / (n / 6), 0)).toBeLessThan(25.7);
  });
  it('of a permutation hold every row once', () => {
    const order = cells(randomPermutation, [1n, 0n, 5000n]);
    expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 5000 }, (_, k) => k));
    expect(order.filter((row, at) => row === at).length).toBeLessThan(10);
  });
});

describe('turns', () => {
  it.each([
    ['f64', 8],
    ['f32', 4],
  ] as const)('of %s have cosines and sines within %d roundings, those of the angle included', (kind, units) => {
    const unit = kind === 'f64' ? 2 ** -53 : 2 ** -24;
    for (let k = 0; k < 4096; k++) {
      const t = k / 4096;
      const [c, s] = turn(kind, t);
      expect(Math.abs(c - Math.cos(2 * Math.PI * t))).toBeLessThan(units * unit);
      expect(Math.abs(s - Math.sin(2 * Math.PI * t))).toBeLessThan(units * unit);
    }
    expect([0, 0.25, 0.5, 0.75].map((t) => turn(kind, t))).toEqual([
      [1, 0],
      [-0, 1],
      [-1, -0],
      [0, -1],
    ]);
  });
});
