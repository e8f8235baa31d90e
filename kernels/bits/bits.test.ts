import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BOOL, I64, plainMemory, U8, type Value, vec } from '../../compiler/index.ts';
import { runs } from '../../compiler/testing/runs.ts';
import { columnOf } from '../column.ts';
import { expectAgreement } from '../testing/agree.ts';
import { column } from '../testing/columns.ts';
import { bitmapCount, bitmapOf, maskOf, SET_NAMES, SETS, sets } from './bits.ts';

const bytes = fc.uint8Array({ maxLength: 70 }).map((b) => column('u8', [...b]));
const numbers = (v: Value): readonly number[] => Array.from(columnOf(v).cells, Number);

describe('machine forms agree', () => {
  it('of masks, for any number of rows', async () => {
    for (const rows of [0, 1, 7, 8, 15, 16, 17, 128, 129, 1000]) {
      const mask = column(
        'bool',
        Array.from({ length: rows }, (_, k) => ((k * 7) % 5) & 1),
      );
      await expectAgreement(bitmapOf, [mask], [vec(BOOL)]);
      const bitmap = bitmapOf.run([mask], plainMemory);
      await expectAgreement(maskOf, [bitmap, BigInt(rows)], [vec(U8), I64]);
      await expectAgreement(bitmapCount, [bitmap, BigInt(rows)], [vec(U8), I64]);
      expect(numbers(maskOf.run([bitmap, BigInt(rows)], plainMemory))).toEqual(numbers(mask));
    }
  });
  it('of random bitmaps, and of some of their rows', async () => {
    await fc.assert(
      fc.asyncProperty(bytes, fc.nat(), async (bitmap, n) => {
        const args = [bitmap, BigInt(n % (8 * bitmap.length + 1))];
        await expectAgreement(maskOf, args, [vec(U8), I64]);
        await expectAgreement(bitmapCount, args, [vec(U8), I64]);
      }),
      runs(31, 0.1),
    );
  });
  it.each(sets)('of $name', async (set) => {
    await fc.assert(
      fc.asyncProperty(bytes, bytes, async (a, b) => {
        const length = Math.min(a.length, b.length);
        const args = [a, b].map((v) => column('u8', numbers(v).slice(0, length)));
        await expectAgreement(set, args, [vec(U8), vec(U8)]);
      }),
      runs(32, 0.1),
    );
  });
});

describe('bitmaps', () => {
  it('have the first row in the lowest bit, and zeros behind the last', () => {
    const mask = column('bool', [1, 0, 1, 0, 0, 0, 0, 0, 1]);
    expect(numbers(bitmapOf.run([mask], plainMemory))).toEqual([5, 1]);
  });
  it('count only the rows that are meant', () => {
    expect(bitmapCount.run([column('u8', [255, 255]), 11n], plainMemory)).toBe(11n);
  });
  it('are sets of rows', () => {
    const of = (k: number): unknown =>
      numbers(sets[k]?.run([column('u8', [0b1100]), column('u8', [0b1010])], plainMemory) ?? 0);
    expect(SET_NAMES.map((name) => SETS[name].says).length).toBe(sets.length);
    expect([0, 1, 2, 3].map(of)).toEqual([[0b1000], [0b1110], [0b0110], [0b0100]]);
  });
});
