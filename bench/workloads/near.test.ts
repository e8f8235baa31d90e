/** What counts as the same answer. */

import { describe, expect, it } from 'vitest';
import { F64 } from '../../compiler/index.ts';
import { difference, leavesOf, roundings, sumOf, U } from './near.ts';

describe('difference', () => {
  it('is none between equal leaves, whatever their arrays', () => {
    expect(difference([[1n, 2n], [NaN]], [Int32Array.of(1, 2), [NaN]], ['exact', 'exact'])).toBeNull();
    expect(difference([], [], [])).toBeNull();
  });

  it('is named by its place', () => {
    expect(difference([[1], [1, 3]], [[1], [1, 2]], ['exact', 'exact'])).toBe(
      'column 1: row 1 is 3 instead of 2 (at most 0 apart)',
    );
    expect(difference([[1]], [[1, 2]], ['exact'])).toBe('column 0: 1 values instead of 2');
    expect(difference([[1]], [[1], [2]], ['exact', 'exact'])).toBe('1 columns instead of 2');
    expect(difference([[1]], [[1]], [])).toBe('0 bounds for 1 columns');
  });

  it('may be as large as the bound and no larger', () => {
    expect(difference([[1 + 2 * U]], [[1]], [roundings(2)])).toBeNull();
    expect(difference([[1 + 4 * U]], [[1]], [roundings(2)])).not.toBeNull();
    expect(difference([[-1 - 8 * U]], [[-1]], [sumOf(4)])).toBeNull();
    expect(difference([[0.25]], [[0]], [{ absolute: 0.25 }])).toBeNull();
    expect(difference([[0.26]], [[0]], [{ absolute: 0.25 }])).not.toBeNull();
  });

  it('is never bridged by a bound where one side is no number', () => {
    expect(difference([[NaN]], [[1]], [{ absolute: Infinity }])).not.toBeNull();
    expect(difference([[1]], [[NaN]], [{ absolute: Infinity }])).not.toBeNull();
    expect(difference([[Infinity]], [[1]], [{ relative: 1 }])).not.toBeNull();
  });
});

describe('leavesOf', () => {
  it('goes through structs to columns, without what lies behind their rows', () => {
    const v = { kind: 'vec', elem: F64, length: 2, cols: [Float64Array.of(1, 2, 3)] } as const;
    expect(leavesOf({ kind: 'struct', fields: [7n, true, { kind: 'struct', fields: [v] }] })).toEqual([
      [7n],
      [1],
      Float64Array.of(1, 2),
    ]);
  });
});
