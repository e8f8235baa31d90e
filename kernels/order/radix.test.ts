/** The radix sort where there are many rows: samples that say what is so, and samples that mislead; and its buckets. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BOOL, type ScalarKind, scalar, vec } from '../../compiler/index.ts';
import { runs } from '../../compiler/testing/runs.ts';
import { expectAgreement } from '../testing/agree.ts';
import { type Cell, column } from '../testing/columns.ts';
import { argsort } from './argsort.ts';
import { type Buckets, bucketsOf, sampleOfWords } from './buckets.ts';
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

describe('buckets', () => {
  const least = 2n ** 63n;
  const words = (distances: readonly bigint[]): BigUint64Array => BigUint64Array.from(distances, (d) => least + d);
  /** As the kernel finds it, by words that wrap around. */
  const bucketOf = (b: Buckets, w: bigint, width = 64): number => {
    const cell = BigInt.asUintN(width, w - b.low) >> BigInt(b.shift);
    if (cell < b.ofCell.length) return b.ofCell[Number(cell)] ?? -1;
    return w < b.low ? 0 : b.count - 1;
  };

  it('are in the order of the words, and of about the size asked for', () => {
    const distances = Array.from({ length: 4096 }, (_, r) => (BigInt(word(r)) ** 2n) >> 4n);
    const b = bucketsOf(sampleOfWords(words(distances)), 1 << 20, 1 << 14);
    const found = distances.sort((x, y) => (x < y ? -1 : 1)).map((d) => bucketOf(b, least + d));
    expect(found).toEqual(found.toSorted((x, y) => x - y));
    expect(found[0]).toBe(1);
    expect(found.at(-1)).toBe(b.count - 2);
    const sizes = Array.from({ length: b.count - 2 }, (_, k) => found.filter((f) => f === k + 1).length);
    // Of 256 words for each sampled one; cells are ranges of 16 sampled words at least.
    expect(Math.max(...sizes) * 256).toBeLessThan(2 * (1 << 14));
    expect(Math.min(...sizes.slice(0, -1)) * 256).toBeGreaterThanOrEqual(1 << 14);
  });
  it('have words that the sample has not seen in front and behind', () => {
    const b = bucketsOf(sampleOfWords(words([5n, 900n, 70_000n])), 1000, 100);
    for (const w of [0n, least - 2n ** 40n]) expect(bucketOf(b, w)).toBe(0);
    for (const w of [least + 2n ** 40n, 2n ** 64n - 1n]) expect(bucketOf(b, w)).toBe(b.count - 1);
  });
  it('have no cell where words before the first one wrap around to', () => {
    // Some lie so close that cells are small: some are in front of the first one, and their number is no power of two.
    const sample = Uint32Array.from({ length: 4096 }, (_, r) =>
      r % 2 === 0 ? 3_000_000_000 + r : 2_424_832 + word(r) * 0.999,
    );
    const b = bucketsOf(sampleOfWords(sample), 40_000, 500);
    expect(b.ofCell.length * 2 ** b.shift).toBe(2 ** 32);
    for (let w = 0n; w < 2_424_832n; w += 10_007n) expect(bucketOf(b, w, 32)).toBeLessThanOrEqual(1);
  });
  it('are in the order of all words, whatever the sample', () => {
    const ends = fc.nat(300).map((n) => 2 ** 32 - 1 - n);
    const any32 = fc.oneof(fc.nat(2 ** 32 - 1), fc.nat(2 ** 32 - 1), fc.nat(300), ends);
    // So many that there are cells by the hundred.
    const manyOf = (minLength: number): fc.Arbitrary<number[]> =>
      fc.array(any32, { minLength, maxLength: 80, size: 'max' });
    fc.assert(
      fc.property(manyOf(1), manyOf(0), fc.boolean(), (sample, others, isWide) => {
        const wide = (n: number): bigint => BigInt(n) * (isWide ? 2n ** 32n + 1n : 1n);
        const given = isWide ? BigUint64Array.from(sample, wide) : Uint32Array.from(sample);
        const b = bucketsOf(sampleOfWords(given), 10_000, 500);
        const found = [...sample, ...others].sort((x, y) => x - y).map((n) => bucketOf(b, wide(n), isWide ? 64 : 32));
        expect(found).toEqual(found.toSorted((x, y) => x - y));
        expect(Math.min(...found)).toBeGreaterThanOrEqual(0);
        expect(b.low).toBeGreaterThanOrEqual(0n);
        expect(Math.max(...found)).toBeLessThan(b.count);
      }),
      runs(17),
    );
  });
  it('are three where all words are the same', () => {
    const b = bucketsOf(sampleOfWords(words([7n, 7n, 7n])), 3, 1);
    expect(b).toEqual({ count: 3, low: least + 7n, shift: 0, ofCell: Uint16Array.of(1) });
  });
});
