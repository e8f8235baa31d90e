import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { I64, plainMemory, U8, type Value, vec } from '../../compiler/index.ts';
import { runs } from '../../compiler/testing/runs.ts';
import { columnOf } from '../column.ts';
import { expectAgreement } from '../testing/agree.ts';
import { column } from '../testing/columns.ts';
import { blockMse } from './mse.ts';

const TYPES = [I64, I64, I64, I64, vec(U8), vec(U8)];
const noise = (length: number, seed: number): Value =>
  column(
    'u8',
    Array.from({ length }, (_, k) => (Math.imul(k + seed, 2654435761) >>> 24) & 255),
  );
const numbers = (v: Value): readonly number[] => Array.from(columnOf(v).cells, Number);

describe('block_mse', () => {
  it('agrees for any sizes', async () => {
    const side = fc.integer({ min: 1, max: 40 });
    await fc.assert(
      fc.asyncProperty(side, side, fc.integer({ min: 1, max: 4 }), side, fc.nat(3), async (h, w, c, block, frames) => {
        const sizes = [h, w, c, block].map(BigInt);
        const film = noise(frames * h * w * c, 7);
        await expectAgreement(blockMse, [...sizes, film, noise(h * w * c, 1)], TYPES);
        await expectAgreement(blockMse, [...sizes, film, noise(frames * h * w * c, 1)], TYPES);
      }),
      runs(41, 0.1),
    );
  });
  it('agrees where sums are large', async () => {
    const film = (cell: number): Value => column('u8', new Array<number>(3 * 70_000).fill(cell));
    const args = [3n, 70_000n, 1n, 70_000n, film(0), film(255)];
    await expectAgreement(blockMse, args, TYPES);
    expect(numbers(blockMse.run(args, plainMemory))).toEqual([65025]);
  });
  it('is the mean of squares of the pixels of a block', () => {
    const [a, b] = [column('u8', [1, 2, 3, 4, 5, 6]), column('u8', [1, 4, 0, 4, 5, 9])];
    expect(numbers(blockMse.run([2n, 3n, 1n, 2n, a, b], plainMemory))).toEqual([4 / 4, 18 / 2]);
    expect(numbers(blockMse.run([2n, 3n, 1n, 9n, a, b], plainMemory))).toEqual([22 / 6]);
  });
  it('says what does not fit', () => {
    const run = (sizes: readonly bigint[], a: number, b: number) => () =>
      blockMse.run([...sizes, noise(a, 0), noise(b, 0)], plainMemory);
    expect(run([2n, 3n, 1n, 0n], 6, 6)).toThrow('block_mse: block is 0');
    expect(run([-1n, 3n, 1n, 1n], 6, 6)).toThrow('block_mse: height is -1');
    expect(run([2n, 3n, 1n, 1n], 7, 6)).toThrow('block_mse: 7 elements are no whole number of frames of 2 x 3');
    expect(run([2n, 3n, 1n, 1n], 18, 12)).toThrow('block_mse: 3 frames and 2 to compare them with');
    expect(blockMse.typing([I64])).toBe('block_mse takes i64 as argument 2, found nothing');
  });
});
