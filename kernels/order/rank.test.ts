/** Ranks against the definition of each, and in machine form against the plain one. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BOOL, F64, fromColumns, I64, plainMemory, scalar, vec } from '../../compiler/index.ts';
import { expectAgreement } from '../testing/agree.ts';
import { cellsOf, column } from '../testing/columns.ts';
import { ranks } from './rank.ts';

const word = (row: number): number => Math.imul(row + 1, 0x9e3779b1) >>> 0;

describe.each(ranks)('$name', (rank) => {
  it('agrees on kinds of every width, up and down', async () => {
    for (const kind of ['bool', 'i16', 'f32', 'u64', 'f64'] as const) {
      await fc.assert(
        fc.asyncProperty(cellsOf(kind, 60), fc.boolean(), async (cells, desc) => {
          await expectAgreement(rank, [desc, column(kind, cells)], [BOOL, vec(scalar(kind))]);
        }),
        { numRuns: 2, seed: 12 },
      );
    }
  });
  it('agrees where equal values go on over several blocks', async () => {
    const of = (cell: (row: number) => number): Promise<void> =>
      expectAgreement(
        rank,
        [
          false,
          column(
            'f64',
            Array.from({ length: 13_000 }, (_, r) => cell(r)),
          ),
        ],
        [BOOL, vec(F64)],
      );
    await of(() => Number.NaN);
    await of((r) => (word(r) % 9 === 0 ? word(r) % 100 : 50));
    await of((r) => (r < 4096 ? 1 : r < 8192 ? 2 : 3));
  });
});

describe('ranks', () => {
  it('are places from 1 on, equal values by each rule', () => {
    const cells = column('f64', [30, -0, 20, 0, Number.NaN, 20, Number.NaN]);
    const found = (desc: boolean): unknown =>
      Object.fromEntries(
        ranks.map((r) => [
          r.name,
          fromColumns(vec(r.name === 'rank_average' ? F64 : I64), r.run([desc, cells], plainMemory)),
        ]),
      );
    expect(found(false)).toEqual({
      rank_ordinal: [5n, 1n, 3n, 2n, 6n, 4n, 7n],
      rank_min: [5n, 1n, 3n, 1n, 6n, 3n, 6n],
      rank_max: [5n, 2n, 4n, 2n, 7n, 4n, 7n],
      rank_dense: [3n, 1n, 2n, 1n, 4n, 2n, 4n],
      rank_average: [5, 1.5, 3.5, 1.5, 6.5, 3.5, 6.5],
    });
    expect(found(true)).toMatchObject({ rank_min: [1n, 4n, 2n, 4n, 6n, 2n, 6n] });
  });
});
