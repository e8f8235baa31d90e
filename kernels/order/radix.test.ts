/** The radix sort where there are many rows: samples that say what is so, and samples that mislead. */

import { describe, expect, it } from 'vitest';
import { BOOL, type ScalarKind, scalar, vec } from '../../compiler/index.ts';
import { expectAgreement } from '../testing/agree.ts';
import { type Cell, column } from '../testing/columns.ts';
import { argsort } from './argsort.ts';
import { digitsOf, likesOf, type Sample } from './digits.ts';
import { pickedFrom } from './sample.ts';
import { sort } from './sort.ts';

const word = (row: number): number => Math.imul(row + 1, 0x9e3779b1) >>> 0;
const fraction = (row: number): number => word(row) / 2 ** 32;

async function agree(kind: ScalarKind, cells: readonly Cell[]): Promise<void> {
  const keys = column(kind, cells);
  for (const down of [false, true]) {
    await expectAgreement(sort, [down, keys], [BOOL, vec(scalar(kind))]);
    await expectAgreement(argsort, [column('bool', [Number(down)]), keys], [vec(BOOL), vec(scalar(kind))]);
  }
}
const rows = (n: number, cell: (row: number) => Cell): readonly Cell[] => Array.from({ length: n }, (_, r) => cell(r));

/** The rows that a sample of so many looks at. */
function lookedAt(n: number): ReadonlySet<number> {
  const picked = pickedFrom(
    Float64Array.from({ length: n }, (_, r) => r),
    1 << 13,
  );
  return new Set(Array.from({ length: picked.length }, (_, k) => Number(picked[k])));
}

describe('the radix sort', () => {
  it('sorts floats around 0, some of them far away, zeros of both signs and NaN', async () => {
    const far = [1e300, -1e300, 5e-324, -0, 0, Number.NaN, Number.NEGATIVE_INFINITY];
    await agree(
      'f64',
      rows(6000, (r) => (r % 700 === 3 ? (far[(r / 700) | 0] ?? 0) : fraction(r) - 0.5)),
    );
    await agree(
      'f32',
      rows(3000, (r) => (r % 400 === 3 ? (far[(r / 400) | 0] ?? 0) : Math.fround(fraction(r)))),
    );
  });
  it('sorts small integers of both signs, and one that is not small', async () => {
    await agree(
      'i64',
      rows(5000, (r) => (r === 4321 ? -(2n ** 62n) : BigInt(word(r) % 1000) - 500n)),
    );
    await agree(
      'i32',
      rows(5000, (r) => (r === 17 ? 2 ** 30 : (word(r) % 1000) - 500)),
    );
  });
  it('sorts where the sample has not seen the top bit', async () => {
    const n = 20_000;
    const looked = lookedAt(n);
    const cells = rows(n, (r) => (looked.has(r) || r % 5 > 0 ? word(r) >>> 2 : word(r) | (2 ** 31))).map(
      (c) => Number(c) >>> 0,
    );
    await agree('u32', cells);
  });
  it('sorts by all bits what is alike where the sample did not look', async () => {
    const n = 20_000;
    const looked = lookedAt(n);
    expect(looked.size).toBeLessThan(n / 2);
    await agree(
      'f64',
      rows(n, (r) => (looked.has(r) ? fraction(r) : 0.5 + fraction(r) * 2 ** -40)),
    );
  });
});

describe('digits', () => {
  const sampleOf = (words: readonly number[]): Sample => {
    const high = Uint32Array.from(words).sort();
    return { width: 32, high, low: new Uint32Array(high.length) };
  };
  it('are the bits behind shared ones, as far as they tell words apart', () => {
    const s = sampleOf(Array.from({ length: 4096 }, (_, r) => word(r) >>> 4));
    const likes = likesOf(s);
    expect(likes.isSplit).toBe(false);
    expect(digitsOf(s, 4096, likes, 27, 10)).toEqual({ count: 2, bits: 10, low: 8, top: 10, isSplit: false });
    expect(digitsOf(s, Number.POSITIVE_INFINITY, likes, 27, 10)).toEqual({
      ...{ count: 3, bits: 10, low: 0, top: 8, isSplit: false },
    });
  });
  it('have the top bit in front where halves share what is below it', () => {
    const s = sampleOf([2 ** 31 - 3, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 2]);
    const likes = likesOf(s);
    expect(likes).toEqual({ isSplit: true, words: [BigInt(2 ** 31 - 3), BigInt(2 ** 31)] });
    expect(digitsOf(s, 4, likes, 1, 10)).toEqual({ count: 1, bits: 3, low: 0, top: 2, isSplit: true });
  });
  it('are none where all words are the same', () => {
    const s = sampleOf([7, 7, 7]);
    expect(digitsOf(s, 3, likesOf(s), -1, 10)).toEqual({ count: 1, bits: 0, low: 0, top: 0, isSplit: false });
  });
});
