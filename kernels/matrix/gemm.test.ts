import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BOOL, F32, F64, fromColumns, I64, plainMemory, type Value, vec } from '../../compiler/index.ts';
import { expectAgreement } from '../testing/agree.ts';
import { column } from '../testing/columns.ts';
import { gemm } from './gemm.ts';
import { gemmBatched } from './gemm-batched.ts';
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

  it('says what is wrong with its arguments', () => {
    const run = (m: bigint, a: number, b: number): unknown =>
      gemm.run(
        [false, false, m, 2n, 3n, column('f64', new Array(a).fill(1)), column('f64', new Array(b).fill(1))],
        plainMemory,
      );
    expect(() => run(2n, 5, 6)).toThrow('W6003: gemm: a has 5 elements, a matrix of 2 x 3 has 6');
    expect(() => run(2n, 6, 7)).toThrow('W6003: gemm: b has 7 elements, a matrix of 3 x 2 has 6');
    expect(() => run(-2n, 6, 6)).toThrow('W8005: gemm: m is -2, sizes are 0 to 2147483647');
    expect(gemm.typing([BOOL, BOOL, I64, I64, I64, vec(I64), vec(I64)])).toContain(
      'matrices of f32 or f64, found vec[i64]',
    );
    expect(gemm.typing([BOOL, BOOL, I64, I64, I64, vec(F64), vec(F32)])).toContain(
      'of one type, found vec[f64] and vec[f32]',
    );
    expect(gemm.typing([BOOL, BOOL, I64, I64])).toContain('three sizes of i64, found i64, i64, nothing');
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
  it('says what is wrong with its arguments', () => {
    const run = (batch: bigint, a: number): unknown =>
      gemmBatched.run([false, false, batch, 2n, 2n, 3n, column('f64', numbers(a, 1)), column('f64', [])], plainMemory);
    expect(() => run(2n, 6)).toThrow('W6003: gemm_batched: a has 6 elements, 2 matrices of 2 x 3 have 12');
    expect(() => run(-1n, 6)).toThrow('W8005: gemm_batched: batch is -1, sizes are 0 to 2147483647');
    expect(gemmBatched.typing([BOOL, BOOL, F64])).toBe('gemm_batched needs how many products as i64, found f64');
    expect(gemmBatched.typing([BOOL, F64, I64])).toContain('of each product: gemm needs two bools first');
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
  it('says what is wrong with its arguments', () => {
    expect(() => syrk.run([false, 2n, 2n, column('f64', [1])], plainMemory)).toThrow(
      'W6003: syrk: a has 1 elements, a matrix of 2 x 2 has 4',
    );
    expect(syrk.typing([I64])).toContain('syrk needs a bool first');
    expect(syrk.typing([BOOL, I64, F64, vec(F64)])).toContain('two sizes of i64, found i64 and f64');
    expect(syrk.typing([BOOL, I64, I64, vec(I64)])).toContain('a matrix of f32 or f64, found vec[i64]');
  });
});
