import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BOOL,
  F64,
  I64,
  plainMemory,
  SCALAR_KINDS,
  type ScalarKind,
  scalar,
  struct,
  type VecValue,
  vec,
} from '../compiler/index.ts';
import { argsort } from './argsort.ts';

type Cell = number | bigint;

function column(kind: ScalarKind, cells: readonly Cell[]): VecValue {
  const col = plainMemory.alloc(kind, cells.length);
  for (const [k, v] of cells.entries()) col[k] = v as never;
  return { kind: 'vec', elem: scalar(kind), length: cells.length, cols: [col] };
}
function sorted(keys: readonly VecValue[], desc: readonly boolean[]): number[] {
  const order = argsort.run([column('bool', desc.map(Number)), ...keys], plainMemory);
  if (typeof order !== 'object' || order.kind !== 'vec') throw new Error('not a vector');
  expect(order.elem).toBe(I64);
  return [...(order.cols[0] ?? [])].map(Number);
}
/** The meaning: a stable sort with NaN last. */
function expected(keys: readonly VecValue[], desc: readonly boolean[]): number[] {
  const rows = Array.from({ length: keys[0]?.length ?? 0 }, (_, k) => k);
  return rows.sort((i, j) => {
    for (const [k, key] of keys.entries()) {
      const [a, b] = [key.cols[0]?.[i] ?? 0, key.cols[0]?.[j] ?? 0];
      const [x, y] = [Number.isNaN(a), Number.isNaN(b)];
      if (x || y) {
        if (x !== y) return x ? 1 : -1;
      } else if (a !== b) return a < b === !desc[k] ? -1 : 1;
    }
    return 0;
  });
}

const RANGES: Partial<Record<ScalarKind, fc.Arbitrary<Cell>>> = {
  bool: fc.nat(1),
  i64: fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.bigInt({ min: -2n, max: 2n })),
  u64: fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.bigInt({ min: 0n, max: 2n })),
  f32: fc.oneof(fc.float(), fc.constantFrom(0, -0, Number.NaN, Infinity, -Infinity, 1)),
  f64: fc.oneof(fc.double(), fc.constantFrom(0, -0, Number.NaN, Infinity, -Infinity, 1)),
};
const cell = (kind: ScalarKind): fc.Arbitrary<Cell> =>
  RANGES[kind] ?? fc.oneof(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.integer({ min: -2, max: 2 }));

describe('argsort', () => {
  for (const kind of SCALAR_KINDS) {
    it(`sorts ${kind}, up and down`, () => {
      fc.assert(
        fc.property(fc.array(cell(kind), { maxLength: 40 }), fc.boolean(), (cells, desc) => {
          const key = column(kind, cells);
          expect(sorted([key], [desc])).toEqual(expected([key], [desc]));
        }),
        { numRuns: 200, seed: 4 },
      );
    });
  }

  it('sorts by several keys, the first one first', () => {
    const row = fc.tuple(fc.integer({ min: -2, max: 2 }), fc.constantFrom(0, 1, Number.NaN, -0), fc.nat(1));
    fc.assert(
      fc.property(
        fc.array(row, { maxLength: 40 }),
        fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
        (rows, desc) => {
          const keys = [
            column(
              'i16',
              rows.map((r) => r[0]),
            ),
            column(
              'f64',
              rows.map((r) => r[1]),
            ),
            column(
              'bool',
              rows.map((r) => r[2]),
            ),
          ];
          expect(sorted(keys, desc)).toEqual(expected(keys, desc));
        },
      ),
      { numRuns: 200, seed: 5 },
    );
  });

  it('sorts many rows', () => {
    const key = column(
      'f64',
      Array.from({ length: 20000 }, (_, k) => Math.sin(k * k) * 1e6),
    );
    expect(sorted([key], [false])).toEqual(expected([key], [false]));
    expect(sorted([key], [true])).toEqual(expected([key], [true]));
  });

  it('sorts part of a longer column', () => {
    const whole = column('i64', [9n, 3n, 1n, 2n, 0n]);
    const part = { ...whole, length: 3, cols: whole.cols.map((c) => c.subarray(1, 4)) };
    expect(sorted([part], [false])).toEqual([1, 2, 0]);
  });

  it('says what is wrong with its arguments', () => {
    const [flags, keys] = [vec(BOOL), vec(F64)];
    expect(argsort.typing([flags, keys])).toBe(vec(I64));
    expect(argsort.typing([keys])).toContain('vec[bool] first');
    expect(argsort.typing([flags])).toContain('at least one key');
    expect(argsort.typing([flags, vec(struct([F64]))])).toContain('found vec[{f64}]');
    const three = column('f64', [3, 2, 1]);
    expect(() => sorted([three], [true, false])).toThrow('W8005');
    expect(() => sorted([three, column('f64', [1])], [true, false])).toThrow('W6003');
  });
});
