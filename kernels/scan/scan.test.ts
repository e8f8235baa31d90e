import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { F64, fromColumns, I8, plainMemory, SCALAR_KINDS, scalar, vec } from '../../compiler/index.ts';
import { expectAgreement } from '../testing/agree.ts';
import { type Cell, cellsOf, column } from '../testing/columns.ts';
import { BLOCK, scans } from './scan.ts';

const [sum, , least] = scans;
const KINDS = SCALAR_KINDS.filter((k) => k !== 'bool');

describe.each(scans)('$name', (scan) => {
  it('agrees for every kind, also over several blocks', async () => {
    for (const kind of KINDS) {
      const ty = [vec(scalar(kind))];
      await fc.assert(
        fc.asyncProperty(cellsOf(kind, 60), async (cells) => {
          await expectAgreement(scan, [column(kind, cells)], ty);
        }),
        { numRuns: 4, seed: 8 },
      );
    }
  });
  it.each([1, BLOCK, BLOCK + 1, 2 * BLOCK + 7])('agrees on %d rows', async (rows) => {
    const cells = Array.from({ length: rows }, (_, k): Cell => (k % 97) / 7 + 0.5);
    if (rows > 5000) cells[5000] = Number.NaN;
    await expectAgreement(scan, [column('f64', cells)], [vec(F64)]);
    await expectAgreement(
      scan,
      [
        column(
          'u8',
          cells.map((c) => Number(c) | 0),
        ),
      ],
      [vec(scalar('u8'))],
    );
  });
});

describe('scans', () => {
  it('are what prefixes come to', () => {
    const of = (scan: typeof sum, cells: readonly number[]) =>
      scan === undefined ? null : fromColumns(vec(F64), scan.run([column('f64', cells)], plainMemory));
    expect(of(sum, [1, 2, 3])).toEqual([1, 3, 6]);
    expect(of(sum, [-0, 0, -0])).toEqual([-0, 0, 0]);
    expect(of(least, [3, 1, 2, Number.NaN, 0])).toEqual([3, 1, 1, Number.NaN, Number.NaN]);
    expect(of(sum, [])).toEqual([]);
  });
  it('of integers are plain prefixes, which wrap, over any number of blocks', () => {
    const cells = Array.from({ length: 3 * BLOCK }, (_, k) => ((k * 37) % 255) - 127);
    let running = 0;
    const want = cells.map((c) => {
      running = ((running + c) << 24) >> 24;
      return running;
    });
    expect(fromColumns(vec(I8), sum?.run([column('i8', cells)], plainMemory) ?? 0)).toEqual(want);
  });
});
