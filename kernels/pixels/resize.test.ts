import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { I64, plainMemory, U8, vec } from '../../compiler/index.ts';
import { runs } from '../../compiler/testing/runs.ts';
import { columnOf } from '../column.ts';
import { expectAgreement } from '../testing/agree.ts';
import { column } from '../testing/columns.ts';
import { resizeArea, resizeBilinear, resizeNearest } from './resize.ts';

const TYPES = [I64, I64, I64, I64, I64, vec(U8)];
const noise = (length: number) =>
  column(
    'u8',
    Array.from({ length }, (_, k) => Math.imul(k + 3, 2654435761) >>> 24),
  );
const of = (prim: typeof resizeArea, sizes: readonly number[], cells: readonly number[]): readonly number[] =>
  Array.from(columnOf(prim.run([...sizes.map(BigInt), column('u8', cells)], plainMemory)).cells, Number);

describe.each([resizeNearest, resizeBilinear, resizeArea])('$name', (prim) => {
  it('agrees for any sizes', async () => {
    const side = fc.integer({ min: 1, max: 30 });
    const channels = fc.integer({ min: 1, max: 4 });
    await fc.assert(
      fc.asyncProperty(side, side, channels, side, side, fc.nat(2), async (h, w, c, h2, w2, frames) => {
        await expectAgreement(prim, [...[h, w, c, h2, w2].map(BigInt), noise(frames * h * w * c)], TYPES);
      }),
      runs(42, 0.15),
    );
  });
  it('agrees on white, and keeps it', async () => {
    const white = new Array<number>(60 * 70 * 3).fill(255);
    await expectAgreement(prim, [60n, 70n, 3n, 37n, 11n, column('u8', white)], TYPES);
    expect(of(prim, [60, 70, 3, 37, 11], white).every((p) => p === 255)).toBe(true);
  });
  it('agrees at half the size', async () => {
    const side = fc.integer({ min: 1, max: 20 });
    await fc.assert(
      fc.asyncProperty(side, side, fc.integer({ min: 1, max: 4 }), async (h, w, c) => {
        await expectAgreement(prim, [...[2 * h, 2 * w, c, h, w].map(BigInt), noise(4 * h * w * c)], TYPES);
      }),
      runs(43, 0.1),
    );
  });
  it('to the same size changes nothing', () => {
    const film = Array.from(columnOf(noise(60)).cells, Number);
    expect(of(prim, [4, 5, 3, 4, 5], film)).toEqual(film);
  });
  it('says what does not fit', () => {
    expect(() => of(prim, [2, 2, 1, 0, 1], [1, 2, 3, 4])).toThrow(`${prim.name}: to_height is 0`);
    expect(() => of(prim, [2, 2, 5, 1, 1], [])).toThrow(`${prim.name}: 5 channels`);
    expect(() => of(prim, [2, 2, 1, 1, 1], [1, 2, 3])).toThrow(
      `${prim.name}: 3 elements are no whole number of frames`,
    );
    expect(() => of(prim, [1, 1, 1, 2 ** 20, 2 ** 20], [1])).toThrow(`${prim.name}: a result of ${2 ** 40} elements`);
    expect(prim.typing([I64, I64, I64, I64, I64, I64])).toBe(`${prim.name} takes vec[u8] as argument 6, found i64`);
  });
});

describe('a resize', () => {
  it('takes the pixel at the place, the neighbours, or the mean', () => {
    expect(of(resizeNearest, [1, 4, 1, 1, 2], [1, 2, 3, 4])).toEqual([1, 3]);
    expect(of(resizeBilinear, [1, 2, 1, 1, 4], [0, 100])).toEqual([0, 25, 75, 100]);
    expect(of(resizeArea, [2, 2, 1, 1, 1], [1, 2, 3, 4])).toEqual([3]);
    expect(of(resizeArea, [1, 3, 1, 1, 2], [10, 40, 70])).toEqual([20, 60]);
  });
  it('takes the pixels that OpenCV takes, also where a place is whole', () => {
    const line = Array.from({ length: 26 }, (_, x) => x);
    expect(of(resizeNearest, [1, 26, 1, 1, 10], line)).toEqual([0, 2, 5, 7, 10, 12, 15, 18, 20, 23]);
  });
  // By cv2.resize of OpenCV 5.0.
  it.each([
    [
      [3, 4, 3, 5, 3],
      [
        ...[
          212, 114, 59, 162, 64, 222, 112, 14, 173, 152, 157, 85, 153, 107, 163, 155, 57, 113, 63, 221, 123, 141, 171,
        ],
        ...[73, 219, 121, 23, 126, 131, 187, 128, 81, 137, 129, 160, 87, 169, 72, 229, 119, 21, 179, 69, 185, 130],
      ],
    ],
    [
      [7, 9, 1, 3, 4],
      [82, 108, 154, 137, 77, 113, 149, 185, 125, 108, 154, 179],
    ],
    [
      [2, 3, 4, 3, 2],
      [184, 150, 53, 147, 174, 140, 42, 137, 142, 172, 106, 104, 131, 161, 95, 94, 99, 193, 159, 61, 88, 183, 149, 51],
    ],
  ])('is that of OpenCV: %j', ([h = 0, w = 0, c = 0, h2 = 0, w2 = 0], bytes) => {
    const film = columnOf(noise(h * w * c));
    expect(of(resizeBilinear, [h, w, c, h2, w2], Array.from(film.cells, Number))).toEqual(bytes);
  });
  it('by area refuses frames whose sums have no room', () => {
    expect(() => resizeArea.run([4097n, 2048n, 1n, 1n, 1n, column('u8', [])], plainMemory)).toThrow(
      'at most 8388608 pixels',
    );
  });
});
