/** argtopk against the beginning of argsort, for few rows and for so many that it looks at them first. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BOOL,
  F32,
  F64,
  I64,
  plainMemory,
  SCALAR_KINDS,
  type ScalarKind,
  scalar,
  type Value,
  type VecValue,
  vec,
} from '../../compiler/index.ts';
import { runs } from '../../compiler/testing/runs.ts';
import { expectAgreement } from '../testing/agree.ts';
import { argsort } from './argsort.ts';
import { argtopk } from './argtopk.ts';

/** A column of numbers that many rows share, or that few do. */
function column(kind: ScalarKind, length: number, distinct: number, seed: number): VecValue {
  const col = plainMemory.alloc(kind, length);
  const float = kind === 'f32' || kind === 'f64';
  for (let row = 0; row < length; row++) {
    const n = (Math.imul(row + seed, 2654435761) >>> 0) % distinct;
    const value = float ? (FLOATS[n % 7] ?? 1) * (n - distinct / 2) : kind === 'bool' ? n % 2 : n;
    if (col instanceof BigInt64Array || col instanceof BigUint64Array) col[row] = BigInt(n) * 0x1234567890abn;
    else col[row] = value;
  }
  return { kind: 'vec', elem: scalar(kind), length, cols: [col] };
}
const FLOATS = [1, Number.NaN, 0, -0, Number.POSITIVE_INFINITY, 1e-300, 1e5];

const flags = (desc: readonly boolean[]): VecValue => {
  const col = Uint8Array.from(desc, Number);
  return { kind: 'vec', elem: BOOL, length: desc.length, cols: [col] };
};
const rowsOf = (v: Value): readonly bigint[] => {
  if (typeof v !== 'object' || v.kind !== 'vec') throw new Error('not a vector');
  return Array.from(v.cols[0] ?? [], BigInt).slice(0, v.length);
};
function check(k: bigint, desc: readonly boolean[], keys: readonly VecValue[]): void {
  const args = [flags(desc), ...keys];
  const whole = rowsOf(argsort.run(args, plainMemory));
  expect(rowsOf(argtopk.run([k, ...args], plainMemory))).toEqual(whole.slice(0, Number(k)));
}

describe('argtopk', () => {
  it.each(SCALAR_KINDS)('gives the first rows by %s, up and down', (kind) => {
    const size = fc.constantFrom(0n, 1n, 2n, 10n, 700n);
    fc.assert(
      fc.property(size, fc.boolean(), fc.constantFrom(1, 3, 100_000), fc.nat(), (k, desc, distinct, seed) => {
        check(k, [desc], [column(kind, 6000, distinct, seed)]);
      }),
      runs(4, 0.03),
    );
  });

  it('by several keys, the first one first; equal rows as they stand', () => {
    const keys = [column('u8', 8000, 2, 1), column('i64', 8000, 3, 2), column('f64', 8000, 9000, 3)];
    for (const k of [1n, 64n, 2500n]) {
      check(k, [false, true, false], keys);
      check(k, [true, false, true], keys.slice(0, 2).concat(column('bool', 8000, 1, 0)));
    }
  });

  it('of any number of rows, for any k', () => {
    for (const length of [0, 1, 5]) {
      for (const k of [0n, 1n, 5n, 2n ** 63n - 1n]) check(k, [false], [column('i32', length, 3, 1)]);
    }
  });

  describe('on the machine', () => {
    const agree = (k: bigint, desc: readonly boolean[], keys: readonly VecValue[]): Promise<void> =>
      expectAgreement(argtopk, [k, flags(desc), ...keys], [I64, vec(BOOL), ...keys.map((key) => vec(key.elem))]);

    it.each(SCALAR_KINDS)('agrees on %s, of many rows and of few values', async (kind) => {
      for (const [k, desc, distinct] of [
        [10n, false, 100_000],
        [300n, true, 3],
        [20n, true, 100_000],
      ] as const) {
        await agree(k, [desc], [column(kind, 6000, distinct, 7)]);
      }
    });
    it('agrees where many rows have the bound, which other keys tell apart', async () => {
      const [same, few] = [column('bool', 9000, 1, 0), column('u8', 9000, 40, 1)];
      const [more, all] = [column('i64', 9000, 3, 2), column('f64', 9000, 9000, 3)];
      for (const k of [1n, 64n, 300n, 1500n]) {
        await agree(k, [false, true], [same, all]);
        await agree(k, [false, true, false], [few, more, all]);
        await agree(k, [true, false], [few, more]);
      }
    });
    it('agrees where the rows before a bound get one of their own', async () => {
      const cells = Float32Array.from({ length: 3_000_000 }, (_, row) => Math.imul(row, 2654435761) >> 3);
      await agree(700n, [false], [{ kind: 'vec', elem: F32, length: cells.length, cols: [cells] }]);
    });
    it('agrees on columns so long that their beginnings say what the rest is to be better than', async () => {
      const length = 300_000;
      const long = (cell: (row: number) => number): VecValue => {
        const col = Float64Array.from({ length }, (_, row) => cell(row));
        return { kind: 'vec', elem: F64, length, cols: [col] };
      };
      const mixed = (row: number): number => Math.imul(row + 1, 2654435761) >> 2;
      // Few different values, NaN among them; in order and against it; all but one alike at the beginning; equal rows.
      const keys = [
        long((row) => (row % 3 === 0 ? Number.NaN : row % 3 === 1 ? -0 : mixed(row))),
        long((row) => row),
        long((row) => -row),
        long((row) => (row < 200_000 && row !== 5 ? 7 : mixed(row))),
        long((row) => mixed(row) >> 22),
      ];
      for (const key of keys) {
        await agree(100n, [false], [key]);
        await agree(5n, [true], [key]);
      }
      await agree(100n, [false, true], [long((row) => mixed(row) >> 20), column('u8', length, 200, 3)]);
      await agree(0n, [false], [column('i64', length, 1 << 30, 5)]);
      await agree(30n, [true], [column('i64', length, 1 << 30, 5)]);
    });
    it('agrees on rows in order and against it, all NaN and all but one, both zeros, no rows and one', async () => {
      const of = (cell: (row: number) => number, length = 5000): VecValue => {
        const col = Float64Array.from({ length }, (_, row) => cell(row));
        return { kind: 'vec', elem: F64, length, cols: [col] };
      };
      const columns = [
        of((row) => row),
        of((row) => -row),
        of(() => Number.NaN),
        of((row) => (row === 4000 ? 1 : Number.NaN)),
        of((row) => (row % 2 === 0 ? 0 : -0)),
        of(() => 1, 0),
        of(() => 1, 1),
      ];
      for (const key of columns) {
        for (const k of [0n, 3n, 700n]) await agree(k, [k === 3n], [key]);
      }
    });
  });
});
