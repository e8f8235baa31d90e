/** Kernels about order: each against what is evident, and in machine form against its definition. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BOOL,
  F64,
  fromColumns,
  I64,
  type IValue,
  type PrimSpec,
  plainMemory,
  SCALAR_KINDS,
  type ScalarKind,
  scalar,
  type Type,
  type Value,
  vec,
} from '../../compiler/index.ts';
import { expectAgreement } from '../testing/agree.ts';
import { type Cell, cellOf, cellsOf, column } from '../testing/columns.ts';
import { kth } from './kth.ts';
import { quantile } from './quantile.ts';
import { searchsorted } from './searchsorted.ts';
import { sort } from './sort.ts';
import { unique } from './unique.ts';

const KINDS = SCALAR_KINDS.filter((k) => k !== 'bool');
const vecOf = (kind: ScalarKind): Type => vec(scalar(kind));

function value(prim: PrimSpec, args: readonly Value[], types: readonly Type[]): IValue {
  const ty = prim.typing(types);
  if (typeof ty === 'string') throw new Error(ty);
  return fromColumns(ty, prim.run(args, plainMemory));
}
const check = (arb: fc.Arbitrary<() => Promise<void>>, numRuns = 10): Promise<void> =>
  fc.assert(
    fc.asyncProperty(arb, (run) => run()),
    { numRuns, seed: 21 },
  );

describe('sort', () => {
  it('puts zeros by sign and NaN last, both ways', () => {
    const cells = column('f64', [2, Number.NaN, -0, 0, -1, Number.NaN]);
    const run = (desc: boolean): IValue => value(sort, [desc, cells], [BOOL, vec(F64)]);
    expect(run(false)).toEqual([-1, -0, 0, 2, Number.NaN, Number.NaN]);
    expect(run(true)).toEqual([2, 0, -0, -1, Number.NaN, Number.NaN]);
  });
  it.each(SCALAR_KINDS)('agrees on %s', async (kind) => {
    await check(
      fc.tuple(cellsOf(kind), fc.boolean()).map(([cells, desc]) => async () => {
        await expectAgreement(sort, [desc, column(kind, cells)], [BOOL, vecOf(kind)]);
      }),
    );
  });
});

describe('kth', () => {
  it('is a place of the sorted vector', () => {
    const args = [column('i64', [0n, 3n, 1n]), column('f64', [5, Number.NaN, -1, 3])];
    expect(value(kth, args, [vec(I64), vec(F64)])).toEqual([-1, Number.NaN, 3]);
  });
  // More values than are sorted at once, so that samples are taken.
  const many = fc.tuple(fc.integer(), fc.constantFrom(3, 100, 20_000), fc.constantFrom(4200, 9000));
  const spread = (kind: ScalarKind, seed: number, distinct: number, n: number): readonly Cell[] =>
    Array.from({ length: n }, (_, row) => {
      const w = (Math.imul(row ^ seed, 0x9e3779b1) >>> 3) % distinct;
      const bits = kind === 'i8' || kind === 'u8' ? w % 100 : w;
      if (kind === 'i64' || kind === 'u64') return BigInt(bits) * 0x123456789n;
      return kind === 'f64' && w % 13 === 5 ? Number.NaN : kind === 'f32' || kind === 'f64' ? bits - 50 : bits;
    });
  it.each(KINDS)('agrees on %s', async (kind) => {
    await check(
      fc
        .tuple(many, fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 3 }))
        .map(([[seed, distinct, n], at]) => async () => {
          const ks = at.map((q) => BigInt(Math.floor(q * (n - 1))));
          await expectAgreement(
            kth,
            [column('i64', ks), column(kind, spread(kind, seed, distinct, n))],
            [vec(I64), vecOf(kind)],
          );
        }),
      4,
    );
  });
  it('agrees where samples mislead: all equal, in order, one value apart', async () => {
    const n = 5000;
    const columns = [
      Array.from({ length: n }, () => -0),
      Array.from({ length: n }, (_, k) => k),
      Array.from({ length: n }, (_, k) => n - k),
      Array.from({ length: n }, (_, k) => (k === 17 ? 1 : k === 18 ? Number.NaN : k % 2 === 0 ? 0 : -0)),
    ];
    const ks = column('i64', [0n, 1n, 2500n, 4998n, 4999n]);
    for (const cells of columns) await expectAgreement(kth, [ks, column('f64', cells)], [vec(I64), vec(F64)]);
  });
});

describe('quantile', () => {
  const types = [vec(F64), vec(F64)];
  it('is on the line between two places', () => {
    const args = (v: readonly number[]) => [column('f64', [0, 0.5, 0.25, 1]), column('f64', v)];
    expect(value(quantile, args([4, 1, 3, 2]), types)).toEqual([1, 2.5, 1.75, 4]);
    const infinite = [Number.NEGATIVE_INFINITY, 7, Number.POSITIVE_INFINITY, Number.NaN];
    expect(value(quantile, args(infinite), types)).toEqual([
      ...[Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN],
    ]);
    expect(value(quantile, [column('f64', []), column('f64', [])], types)).toEqual([]);
    expect(value(quantile, [column('f64', [0, 0.5, 1]), column('f64', [])], types)).toEqual([NaN, NaN, NaN]);
  });
  it('agrees on few values and on many', async () => {
    const qs = column('f64', [0, 0.001, 0.5, 0.99, 1]);
    for (const n of [0, 1, 2, 6000]) {
      const cells = Array.from({ length: n }, (_, r) => Math.imul(r + 1, 0x9e3779b1) % 5000);
      await expectAgreement(quantile, [qs, column('f64', cells)], types);
      await expectAgreement(quantile, [qs, column('i64', cells.map(BigInt))], [vec(F64), vec(I64)]);
    }
  });
});

describe('searchsorted', () => {
  it('counts what is in front', () => {
    const args = (right: boolean) => [
      right,
      column('f64', [1, 2, 2, Number.NaN]),
      column('f64', [2, 9, 0, Number.NaN]),
    ];
    const types = [BOOL, vec(F64), vec(F64)];
    expect(value(searchsorted, args(false), types)).toEqual([1n, 3n, 0n, 3n]);
    expect(value(searchsorted, args(true), types)).toEqual([3n, 3n, 0n, 4n]);
  });
  it.each(KINDS)('agrees on %s', async (kind) => {
    await check(
      fc
        .tuple(cellsOf(kind, 200), fc.array(cellOf(kind), { maxLength: 40 }), fc.boolean())
        .map(([cells, extra, right]) => async () => {
          const sorted = sort.run([false, column(kind, cells)], plainMemory);
          const args = [right, sorted, column(kind, [...extra, ...cells.slice(0, 20)])];
          await expectAgreement(searchsorted, args, [BOOL, vecOf(kind), vecOf(kind)]);
        }),
    );
  });
});

describe('unique', () => {
  it('has one zero and one NaN', () => {
    const args = [column('f64', [0, Number.NaN, -0, 3, 3, Number.NaN, -1])];
    expect(value(unique, args, [vec(F64)])).toEqual([-1, 0, 3, Number.NaN]);
  });
  it.each(SCALAR_KINDS)('agrees on %s', async (kind) => {
    await check(
      cellsOf(kind).map((cells) => async () => {
        await expectAgreement(unique, [column(kind, cells)], [vecOf(kind)]);
      }),
    );
  });
});
