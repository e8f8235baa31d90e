import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BOOL, F32, F64, fromColumns, I64, type PrimSpec, plainMemory, type Value, vec } from '../../compiler/index.ts';
import { expectAgreement } from '../testing/agree.ts';
import { column } from '../testing/columns.ts';
import { gemm } from './gemm.ts';
import { gemmBatched } from './gemm-batched.ts';
import { layers } from './gemm-bias.ts';
import { gemmStrided } from './gemm-strided.ts';
import { syrk } from './syrk.ts';

const typesOf = (kind: 'f32' | 'f64') => {
  const matrix = vec(kind === 'f32' ? F32 : F64);
  return [BOOL, BOOL, I64, I64, I64, matrix, matrix];
};

describe('gemm', () => {
  it('multiplies, whatever is transposed', () => {
    // [1 2 3; 4 5 6] [1 0; 0 1; 1 1] = [4 5; 10 11]
    const [a, at] = [column('f64', [1, 2, 3, 4, 5, 6]), column('f64', [1, 4, 2, 5, 3, 6])];
    const [b, bt] = [column('f64', [1, 0, 0, 1, 1, 1]), column('f64', [1, 0, 1, 0, 1, 1])];
    for (const [ta, tb] of [
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ] as const) {
      const args: readonly Value[] = [ta, tb, 2n, 2n, 3n, ta ? at : a, tb ? bt : b];
      expect(fromColumns(vec(F64), gemm.run(args, plainMemory))).toEqual([4, 5, 10, 11]);
    }
  });

  it.each(['f32', 'f64'] as const)('agrees on %s, of any size and transposed in any way', async (kind) => {
    const size = fc.oneof(fc.nat(3), fc.constant(1), fc.nat(80));
    const number = fc.oneof(
      fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY, 1e30),
      fc.float({ noNaN: true }),
    );
    const matrix = (n: number) => fc.array(number, { minLength: n, maxLength: n });
    await fc.assert(
      fc.asyncProperty(
        fc
          .tuple(size, size, size)
          .chain(([m, n, k]) =>
            fc.tuple(fc.constant([m, n, k]), matrix(m * k), matrix(k * n), fc.boolean(), fc.boolean()),
          ),
        async ([sizes, a, b, ta, tb]) => {
          const args = [ta, tb, ...sizes.map(BigInt), column(kind, a), column(kind, b)];
          await expectAgreement(gemm, args, typesOf(kind));
        },
      ),
      { numRuns: 25, seed: 3 },
    );
  });

  it('agrees where k has several stretches and the product several blocks', async () => {
    const cells = (n: number, seed: number) =>
      Array.from({ length: n }, (_, i) => (((Math.imul(i + seed, 2654435761) >>> 0) % 2001) - 1000) / 7);
    const [m, n, k] = [70, 131, 300];
    const args = [
      false,
      true,
      BigInt(m),
      BigInt(n),
      BigInt(k),
      column('f32', cells(m * k, 1)),
      column('f32', cells(k * n, 2)),
    ];
    await expectAgreement(gemm, args, typesOf('f32'));
  });
});

const numbers = (n: number, seed: number): readonly number[] =>
  Array.from({ length: n }, (_, i) => (((Math.imul(i + seed, 2654435761) >>> 0) % 2001) - 1000) / 7);
const WAYS = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
] as const;

describe('gemm_strided', () => {
  const stridedTypes = (kind: 'f32' | 'f64') => {
    const types = typesOf(kind);
    return [...types.slice(0, 5), I64, I64, I64, I64, ...types.slice(5)];
  };
  const of = (sizes: readonly (number | boolean)[], a: Value, b: Value): readonly Value[] => [
    ...sizes.map((x) => (typeof x === 'boolean' ? x : BigInt(x))),
    a,
    b,
  ];

  it('multiplies parts of matrices', () => {
    // Of [1 2 3; 4 5 6] the last two columns, times the column (1, 1) that is every second element.
    const [a, b] = [column('f64', [1, 2, 3, 4, 5, 6]), column('f64', [9, 1, 9, 1])];
    const run = (...sizes: readonly (number | boolean)[]): unknown =>
      fromColumns(vec(F64), gemmStrided.run(of(sizes, a, b), plainMemory));
    expect(run(false, false, 2, 1, 2, 1, 3, 1, 2)).toEqual([5, 11]);
    // The same rows as a transposed matrix, and one row again and again.
    expect(run(true, false, 3, 1, 2, 0, 3, 1, 2)).toEqual([5, 7, 9]);
    expect(run(false, false, 3, 1, 2, 4, 0, 1, 2)).toEqual([11, 11, 11]);
  });

  it.each(['f32', 'f64'] as const)('agrees on %s, wherever matrices are', async (kind) => {
    const size = fc.oneof(fc.nat(3), fc.constant(1), fc.nat(40));
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(size, size, size, fc.nat(5), fc.nat(5), fc.nat(3), fc.nat(3), fc.boolean(), fc.boolean()),
        async ([m, n, k, startA, startB, gapA, gapB, ta, tb]) => {
          const [rowsA, columnsA] = ta ? [k, m] : [m, k];
          const [rowsB, columnsB] = tb ? [n, k] : [k, n];
          const [strideA, strideB] = [columnsA + gapA, columnsB + gapB];
          const cells = (start: number, rows: number, stride: number, seed: number) =>
            column(kind, numbers(start + rows * stride, seed));
          const args = of(
            [ta, tb, m, n, k, startA, strideA, startB, strideB],
            cells(startA, rowsA, strideA, 1),
            cells(startB, rowsB, strideB, 2),
          );
          await expectAgreement(gemmStrided, args, stridedTypes(kind));
        },
      ),
      { numRuns: 40, seed: 8 },
    );
  });
});

describe('gemm_bias and its family', () => {
  const layerTypes = (kind: 'f32' | 'f64') => [...typesOf(kind), vec(kind === 'f32' ? F32 : F64)];

  it('adds a number a column, and puts the elements through a function', () => {
    // [1 2] [1 0 -1; 1 0 1] = [3 0 1]
    const run = (prim: PrimSpec, bias: readonly number[]): unknown => {
      const args = [false, false, 1n, 3n, 2n, column('f64', [1, 2]), column('f64', [1, 0, -1, 1, 0, 1])];
      return fromColumns(vec(F64), prim.run([...args, column('f64', bias)], plainMemory));
    };
    const [bias, relu, sigmoid, tanh, gelu] = layers as [PrimSpec, PrimSpec, PrimSpec, PrimSpec, PrimSpec];
    expect(run(bias, [])).toEqual([3, 0, 1]);
    expect(run(bias, [1, 2, -4])).toEqual([4, 2, -3]);
    expect(run(relu, [1, 2, -4])).toEqual([4, 2, 0]);
    expect(run(sigmoid, [0, 0, -1])).toEqual([1 / (1 + Math.exp(-3)), 0.5, 0.5]);
    expect(run(tanh, [0, 0, -1])).toEqual([Math.tanh(3), 0, 0]);
    expect(run(gelu, [0, 1, -1])).toEqual([expect.closeTo(2.99595, 5), expect.closeTo(0.841345, 6), 0]);
  });

  it.each(layers.map((prim) => [prim.name, prim] as const))(
    '%s agrees, wherever tiles and stretches end',
    async (_, prim) => {
      const numbersOf = (n: number, seed: number) =>
        [Number.NaN, -0, 1e300, ...numbers(n, seed)].slice(0, n).map((x) => x / 50);
      for (const kind of ['f32', 'f64'] as const) {
        for (const [m, n, k] of [
          [5, 23, 300],
          [1, 9, 4],
          [9, 1, 4],
          [3, 14, 0],
          [1, 2, 0],
          [0, 2, 3],
        ] as const) {
          for (const bias of [numbersOf(n, 5), []]) {
            const args = [
              true,
              false,
              BigInt(m),
              BigInt(n),
              BigInt(k),
              ...[numbersOf(m * k, 1), numbers(k * n, 2), bias].map((c) => column(kind, c)),
            ];
            await expectAgreement(prim, args, layerTypes(kind));
          }
        }
      }
    },
  );
});

describe('gemm_batched', () => {
  it.each(['f32', 'f64'] as const)('agrees on %s, for small products, large ones and none', async (kind) => {
    for (const [batch, m, n, k] of [
      [3, 5, 23, 4],
      [4, 1, 1, 9],
      [2, 70, 65, 64],
      [0, 2, 2, 2],
      [2, 0, 3, 2],
      [2, 2, 3, 0],
    ] as const) {
      for (const [ta, tb] of WAYS) {
        const [a, b] = [column(kind, numbers(batch * m * k, 1)), column(kind, numbers(batch * k * n, 2))];
        const args = [ta, tb, ...[batch, m, n, k].map(BigInt), a, b];
        await expectAgreement(gemmBatched, args, [BOOL, BOOL, I64, ...typesOf(kind).slice(2)]);
      }
    }
  });
});

describe('syrk', () => {
  it.each(['f32', 'f64'] as const)('agrees on %s, stored either way', async (kind) => {
    for (const [n, k] of [
      [1, 3],
      [7, 5],
      [40, 3],
      [131, 9],
      [0, 2],
      [4, 0],
    ] as const) {
      for (const ta of [false, true]) {
        const args = [ta, BigInt(n), BigInt(k), column(kind, numbers(n * k, 3))];
        await expectAgreement(syrk, args, [BOOL, I64, I64, vec(kind === 'f32' ? F32 : F64)]);
      }
    }
  });
  it('is a matrix times its transpose', () => {
    const args = [false, 2n, 2n, column('f64', [1, 2, 3, 4])];
    expect(fromColumns(vec(F64), syrk.run(args, plainMemory))).toEqual([5, 11, 11, 25]);
    expect(fromColumns(vec(F64), syrk.run([true, ...args.slice(1)], plainMemory))).toEqual([10, 14, 14, 20]);
  });
});
