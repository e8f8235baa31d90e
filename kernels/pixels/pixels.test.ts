import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BOOL, F32, F64, I64, type PrimSpec, plainMemory, U8, type Value, vec } from '../../compiler/index.ts';
import { runs } from '../../compiler/testing/runs.ts';
import { columnOf } from '../column.ts';
import { expectAgreement } from '../testing/agree.ts';
import { column } from '../testing/columns.ts';
import { boxFilter } from './box.ts';
import { inverse } from './box-machine.ts';
import { GREY, mixChannels, RGB_TO_YCC, YCC_TO_RGB } from './mix.ts';
import { normalise } from './normalise.ts';

const noise = (length: number): Value =>
  column(
    'u8',
    Array.from({ length }, (_, k) => Math.imul(k + 3, 2654435761) >>> 24),
  );
const numbers = (prim: PrimSpec, args: readonly Value[]): readonly number[] =>
  Array.from(columnOf(prim.run(args, plainMemory)).cells, Number);
const channels = fc.integer({ min: 1, max: 4 });

describe('mix_channels', () => {
  const TYPES = [I64, vec(F64), vec(U8)];
  it('agrees for any weights', async () => {
    await fc.assert(
      fc.asyncProperty(
        channels,
        channels,
        fc.nat(70),
        fc.array(fc.double({ min: -1.9, max: 1.9, noNaN: true }), { minLength: 20, maxLength: 20 }),
        async (c, rows, pixels, weights) => {
          const args = [BigInt(c), column('f64', weights.slice(0, rows * (c + 1))), noise(pixels * c)];
          await expectAgreement(mixChannels, args, TYPES);
        },
      ),
      runs(51, 0.15),
    );
  });
  it('agrees where channels only change places', async () => {
    await fc.assert(
      fc.asyncProperty(
        channels,
        fc.array(fc.nat(3), { minLength: 1, maxLength: 4 }),
        fc.nat(70),
        async (c, picks, pixels) => {
          const weights = picks.flatMap((pick) => Array.from({ length: c + 1 }, (_, l) => (l === pick % c ? 1 : 0)));
          await expectAgreement(mixChannels, [BigInt(c), column('f64', weights), noise(pixels * c)], TYPES);
        },
      ),
      runs(54, 0.15),
    );
  });
  it('agrees over several stretches', async () => {
    for (const weights of [GREY, [0, 0, 1, 0]]) {
      await expectAgreement(mixChannels, [3n, column('f64', weights), noise(3 * 9001)], TYPES);
    }
  });
  it('cuts what is no byte', async () => {
    const args = [1n, column('f64', [1.9, 500, -1.9, 0, -1, 255]), noise(100)];
    await expectAgreement(mixChannels, args, TYPES);
  });
  it('makes grey, and the colours of video and back', () => {
    const primaries = [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 10, 20, 30];
    const of = (weights: readonly number[], film: readonly number[]): readonly number[] =>
      numbers(mixChannels, [3n, column('f64', weights), column('u8', film)]);
    expect(of(GREY, primaries)).toEqual([76, 150, 29, 255, 18]);
    const ycc = of(RGB_TO_YCC, primaries);
    expect(ycc.slice(0, 3)).toEqual([76, 85, 255]);
    for (const [k, p] of of(YCC_TO_RGB, ycc).entries()) expect(Math.abs(p - (primaries[k] ?? 0))).toBeLessThan(3);
    expect(of([0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0], [1, 2, 3])).toEqual([3, 2, 1]);
  });
  it('says what does not fit', () => {
    const run = (c: bigint, weights: readonly number[], n: number) => () =>
      numbers(mixChannels, [c, column('f64', weights), noise(n)]);
    expect(run(3n, [1, 1, 1], 3)).toThrow('mix_channels: 3 weights for 3 channels');
    expect(run(3n, [1, 1, 1, 0], 4)).toThrow('mix_channels: 4 elements are no whole number of pixels of 3 channels');
    expect(run(1n, [2, 0], 1)).toThrow('mix_channels: a weight of 2');
    expect(run(1n, [Number.NaN, 0], 1)).toThrow('mix_channels: a weight of NaN');
    expect(run(9n, [2, 0], 1)).toThrow('mix_channels: 9 channels');
  });
});

describe('normalise', () => {
  const TYPES = [I64, I64, BOOL, vec(F32), vec(F32), vec(U8)];
  it('agrees for any sizes', async () => {
    const size = fc.integer({ min: 1, max: 50 });
    await fc.assert(
      fc.asyncProperty(channels, size, fc.nat(3), fc.boolean(), async (c, pixels, frames, planar) => {
        const scale = column('f32', [0.1, 1 / 255, -3, 2].slice(0, c).map(Math.fround));
        const shift = column('f32', [0, -0.5, 1e9, Number.NaN].slice(0, c));
        const args = [BigInt(c), BigInt(pixels), planar, scale, shift, noise(c * pixels * frames)];
        await expectAgreement(normalise, args, TYPES);
      }),
      runs(52, 0.15),
    );
  });
  it('agrees over several stretches', async () => {
    const one = (x: number): Value => column('f32', [x]);
    await expectAgreement(normalise, [1n, 9001n, true, one(2), one(1), noise(2 * 9001)], TYPES);
  });
  it('has a scale and a shift a channel, and planes where asked', () => {
    const two = (a: number, b: number): Value => column('f32', [a, b]);
    const args = (planar: boolean) => [2n, 2n, planar, two(1, 2), two(0, 0.5), column('u8', [1, 2, 3, 4])];
    expect(numbers(normalise, args(false))).toEqual([1, 4.5, 3, 8.5]);
    expect(numbers(normalise, args(true))).toEqual([1, 3, 4.5, 8.5]);
    expect(() => numbers(normalise, [3n, ...args(false).slice(1)])).toThrow('4 elements are no whole number of frames');
    expect(() => numbers(normalise, [1n, ...args(false).slice(1)])).toThrow('normalise: 2 scales for 1 channels');
  });
});

describe('box_filter', () => {
  const TYPES = [I64, I64, I64, I64, vec(U8)];
  it('agrees for any sizes', async () => {
    const side = fc.integer({ min: 1, max: 24 });
    await fc.assert(
      fc.asyncProperty(side, side, fc.integer({ min: 1, max: 6 }), fc.nat(9), fc.nat(2), async (h, w, c, r, frames) => {
        await expectAgreement(boxFilter, [...[h, w, c, r].map(BigInt), noise(frames * h * w * c)], TYPES);
      }),
      runs(53, 0.15),
    );
  });
  it.each([1n, 9n])('agrees over several strips, radius %i', async (radius) => {
    await expectAgreement(boxFilter, [120n, 7n, 3n, radius, noise(120 * 7 * 3)], TYPES);
  });
  it('has the quotients of all sums of small squares', () => {
    for (const area of [1, 3, 5, 7, 9, 11, 13, 15].map((side) => side * side)) {
      const wrong = Array.from({ length: 256 * area }, (_, sum) => sum).findIndex(
        (sum) => Math.floor((sum * inverse(area)) / 2 ** 24) !== Math.floor(sum / area),
      );
      expect(wrong).toBe(-1);
    }
  });
  it('agrees on white with the largest radius', async () => {
    const white = column('u8', new Array<number>(12).fill(255));
    await expectAgreement(boxFilter, [3n, 4n, 1n, 127n, white], TYPES);
    expect(new Set(numbers(boxFilter, [3n, 4n, 1n, 127n, white]))).toEqual(new Set([255]));
  });
  it('is the mean around a pixel, with the edge beyond the edge', () => {
    expect(numbers(boxFilter, [1n, 3n, 1n, 1n, column('u8', [0, 3, 9])])).toEqual([1, 4, 7]);
    expect(() => numbers(boxFilter, [1n, 3n, 1n, 128n, column('u8', [0, 3, 9])])).toThrow('box_filter: radius is 128');
    expect(() => numbers(boxFilter, [1n, 3n, 1n, -1n, column('u8', [0, 3, 9])])).toThrow('box_filter: radius is -1');
  });
});
