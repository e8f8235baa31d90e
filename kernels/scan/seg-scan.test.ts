/** Scans of segments, by their definition and in machine form. */

import { describe, expect, it } from 'vitest';
import { BOOL, F64, fromColumns, plainMemory, scalar, vec } from '../../compiler/index.ts';
import { expectAgreement } from '../testing/agree.ts';
import { column } from '../testing/columns.ts';
import { BLOCK } from './scan.ts';
import { segScans } from './seg-scan.ts';

const [sum, , least] = segScans;
const word = (row: number): number => Math.imul(row + 1, 0x9e3779b1) >>> 0;

describe.each(segScans)('$name', (scan) => {
  it('agrees on segments that are short, longer than blocks, all rows and one row each', async () => {
    const starts = [() => false, () => true, (r: number) => r === 5000, (r: number) => word(r) % 1500 === 0];
    for (const [n, isStart] of starts.entries()) {
      for (const rows of [0, 1, BLOCK, 3 * BLOCK + 7]) {
        const flags = column(
          'bool',
          Array.from({ length: rows }, (_, r) => Number(isStart(r))),
        );
        const cells = Array.from({ length: rows }, (_, r) => (r === 6000 ? Number.NaN : (word(r) % 97) / 7 - 5));
        await expectAgreement(scan, [flags, column('f64', cells)], [vec(BOOL), vec(F64)]);
        const kind = (['i8', 'u64', 'f32', 'i64'] as const)[n] ?? 'i32';
        const whole = cells.map((_, r) => (kind === 'u64' || kind === 'i64' ? BigInt(word(r)) : word(r) % 100));
        await expectAgreement(scan, [flags, column(kind, whole)], [vec(BOOL), vec(scalar(kind))]);
      }
    }
  });
});

describe('scans of segments', () => {
  const of = (scan: typeof sum, starts: readonly number[], cells: readonly number[]): unknown =>
    fromColumns(vec(F64), scan?.run([column('bool', starts), column('f64', cells)], plainMemory) ?? 0);
  it('begin again at starts', () => {
    expect(of(sum, [0, 0, 1, 0, 1], [1, 2, 3, 4, -0])).toEqual([1, 3, 3, 7, -0]);
    expect(of(least, [1, 0, 0, 1], [3, Number.NaN, 1, 2])).toEqual([3, Number.NaN, Number.NaN, 2]);
  });
});
