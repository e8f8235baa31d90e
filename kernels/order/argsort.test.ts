import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BOOL,
  F64,
  fromColumns,
  I16,
  I64,
  plainMemory,
  SCALAR_KINDS,
  type ScalarKind,
  scalar,
  U32,
  type Value,
  type VecValue,
  vec,
} from '../../compiler/index.ts';
import { parseProgram } from '../../compiler/text.ts';
import { Session } from '../../runtime/index.ts';
import { expectAgreement } from '../testing/agree.ts';
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

  describe('on the machine', () => {
    const columns = (kind: ScalarKind) =>
      fc.oneof(
        fc.array(cell(kind), { maxLength: 40 }),
        fc.array(cell(kind), { minLength: 700, maxLength: 900 }),
        fc.tuple(cell(kind), fc.nat(300)).map(([c, n]) => Array.from({ length: n }, () => c)),
      );
    it.each(SCALAR_KINDS)('sorts %s as it is defined to', async (kind) => {
      await fc.assert(
        fc.asyncProperty(columns(kind), fc.boolean(), async (cells, desc) => {
          const args = [column('bool', [Number(desc)]), column(kind, cells)];
          await expectAgreement(argsort, args, [vec(BOOL), vec(scalar(kind))]);
        }),
        { numRuns: 8, seed: 6 },
      );
    });
    const keysOf = (rows: number): readonly Value[] => {
      const words = Array.from({ length: rows }, (_, k) => Math.imul(k, 2654435761) >>> 0);
      return [
        column('bool', [1, 0, 1]),
        column(
          'i16',
          words.map((w) => (w >>> 7) % 5),
        ),
        column(
          'f64',
          words.map((w) => (w % 11 === 0 ? Number.NaN : (w % 97) - 48)),
        ),
        column('u32', words),
      ];
    };
    it('sorts by several keys', async () => {
      await expectAgreement(argsort, keysOf(500), [vec(BOOL), vec(I16), vec(F64), vec(U32)]);
    });
    it.each([1, 2, 7])('sorts on a session of %d threads', async (threads) => {
      const program = parseProgram(
        '|d: vec[bool], a: vec[i16], b: vec[f64], c: vec[u32]| cudf[argsort,vec[i64]](d, a, b, c)',
      );
      const args = keysOf(40_000);
      const session = new Session({ threads });
      const found = await session.evaluate(program, args);
      const [want, got] = [argsort.run(args, plainMemory), found].map((v) => fromColumns(vec(I64), v).toString());
      expect(got).toBe(want);
      await session.dispose();
    });
  });

  it('sorts part of a longer column', () => {
    const whole = column('i64', [9n, 3n, 1n, 2n, 0n]);
    const part = { ...whole, length: 3, cols: whole.cols.map((c) => c.subarray(1, 4)) };
    expect(sorted([part], [false])).toEqual([1, 2, 0]);
  });
});
