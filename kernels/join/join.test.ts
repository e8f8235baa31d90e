import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fromColumns,
  I64,
  invariant,
  plainMemory,
  SCALAR_KINDS,
  type ScalarKind,
  type Value,
  type VecValue,
  vec,
} from '../../compiler/index.ts';
import { runs } from '../../compiler/testing/runs.ts';
import { parseProgram } from '../../compiler/text.ts';
import { Session } from '../../runtime/index.ts';
import { MACHINE_FORMS } from '../index.ts';
import { expectColumnsAgree } from '../testing/agree.ts';
import { ALL_VALID as all, type Cell, cellsOf, column, mask } from '../testing/columns.ts';
import { guardedMachine } from '../testing/guarded-machine.ts';
import { checkUnique } from './check-unique.ts';
import { joins } from './join.ts';
import { match } from './match.ts';

/** Keys of both sides that have many in common, and which of them are null. */
function sides(kind: ScalarKind, most: number) {
  const masks = fc.constantFrom<((row: number) => boolean) | null>(
    null,
    null,
    (row) => row % 3 !== 0,
    () => false,
  );
  return fc
    .tuple(cellsOf(kind, most), cellsOf(kind, most), fc.nat(most), masks, masks)
    .map(([a, b, n, lm, rm]): readonly Value[] => {
      const left: readonly Cell[] = [...a, ...b.slice(0, n)];
      const valid = (cells: readonly Cell[], of: typeof lm) => (of === null ? all : mask(cells.map((_, k) => of(k))));
      return [valid(left, lm), valid(b, rm), column(kind, left), column(kind, b)];
    });
}

const lengthOf = (v: Value | undefined): number => (typeof v === 'object' && v.kind === 'vec' ? v.length : 0);
function head(v: Value | undefined, length: number): VecValue {
  invariant(typeof v === 'object' && v.kind === 'vec', () => 'a column');
  return { ...v, length, cols: v.cols.map((c) => c.subarray(0, length)) };
}

describe('match', () => {
  it('is the first right row, and nulls match nothing', () => {
    const rows = (...args: readonly Value[]) => fromColumns(vec(I64), match.run(args, plainMemory));
    const [l, r] = [column('f64', [7, Number.NaN, -0, 1]), column('f64', [0, 7, Number.NaN, 7, 1])];
    expect(rows(all, all, l, r)).toEqual([1n, 2n, 0n, 4n]);
    expect(rows(mask([true, true, false, true]), mask([true, false, true, true, true]), l, r)).toEqual([
      3n,
      2n,
      -1n,
      4n,
    ]);
  });
  it.each(SCALAR_KINDS)('of %s is as it is defined', async (kind) => {
    await fc.assert(
      fc.asyncProperty(sides(kind, 120), (args) => expectColumnsAgree(match, args)),
      runs(61, 0.02),
    );
  });
});

describe.each(joins)('$name', (join) => {
  it('is as it is defined', async () => {
    const kinds = fc.constantFrom<ScalarKind>('i64', 'i32', 'f64', 'u8', 'u64');
    await fc.assert(
      fc.asyncProperty(
        kinds.chain((kind) => sides(kind, 60)),
        (args) => expectColumnsAgree(join, args),
      ),
      runs(62, 0.06),
    );
  });

  it('is as it is defined for keys of several columns', async () => {
    const kinds = fc.array(fc.constantFrom<ScalarKind>('i64', 'f64', 'i32', 'bool', 'u16'), {
      minLength: 2,
      maxLength: 4,
    });
    const args = kinds
      .chain((of) => fc.tuple(...of.map((kind) => sides(kind, 12))))
      .map((columns) => {
        // As many rows as the shortest has.
        const rows = (at: number): number => Math.min(...columns.map((c) => lengthOf(c[at])));
        const cut = (at: number) => columns.map((c) => head(c[at], rows(at)));
        const valid = (at: number) => (lengthOf(columns[0]?.[at]) === 0 ? all : head(columns[0]?.[at], rows(at + 2)));
        return [valid(0), valid(1), ...cut(2), ...cut(3)];
      });
    await fc.assert(
      fc.asyncProperty(args, (given) => expectColumnsAgree(join, given)),
      runs(63, 0.06),
    );
  });

  it('is as it is defined for columns that 64 bits do not hold', async () => {
    const wide = [0n, 1n, 2n, 3n, -1n, 2n ** 63n - 1n, -(2n ** 63n)];
    const columns = (seed: number, rows: number) =>
      [3, 5, 11].map((step) =>
        column(
          'i64',
          Array.from({ length: rows }, (_, k) => wide[((k + seed) * step + (k >> 3)) % 7] ?? 0n),
        ),
      );
    const [left, right] = [columns(1, 70), columns(2, 50)];
    for (const many of [2, 3]) {
      const nulls = mask(Array.from({ length: 50 }, (_, k) => k % 9 !== 0));
      await expectColumnsAgree(join, [all, nulls, ...left.slice(0, many), ...right.slice(0, many)]);
    }
  });

  it('is as it is defined without rows', async () => {
    const [none, some] = [column('i64', []), column('i64', [3n, 5n])];
    for (const sidesOf of [
      [none, none],
      [some, none],
      [none, some],
    ])
      await expectColumnsAgree(join, [all, all, ...sidesOf]);
    await expectColumnsAgree(join, [mask([false, false]), mask([false, false]), some, some]);
  });

  it('refuses more pairs than a loop has rows', async () => {
    const many = column(
      'i32',
      Array.from({ length: 1 << 16 }, () => 7),
    );
    expect(() => join.run([all, all, many, many], plainMemory)).toThrow('W6009');
    const form = await MACHINE_FORMS.get(join.name)?.();
    await expect(form?.([all, all, many, many], guardedMachine(2))).rejects.toThrow(
      `W6009: ${join.name}: 4294967296 pairs of rows with equal keys, the most is 2147467263`,
    );
  });
});

it('is as it is defined on threads, with more rows than a partition has', { timeout: 60_000 }, async () => {
  const cells = (n: number, seed: number) =>
    Array.from({ length: n }, (_, k) => BigInt(Math.imul(k + seed, 2654435761)) << 20n);
  const args = [all, all, column('i64', cells(40_000, 50_000)), column('i64', cells(70_000, 0))];
  const program = parseProgram(
    '|a: vec[bool], b: vec[bool], l: vec[i64], r: vec[i64]| cudf[join_full,{vec[i64],vec[i64]}](a, b, l, r)',
  );
  const columnsOf = (v: Value | undefined): readonly unknown[] =>
    typeof v === 'object' && v.kind === 'struct' ? v.fields.map((f) => head(f, lengthOf(f)).cols[0]?.slice()) : [];
  const want = columnsOf(joins.find((j) => j.name === 'join_full')?.run(args, plainMemory));
  expect(want).toMatchObject([{ length: 90_000 }, { length: 90_000 }]);
  for (const threads of [1, 2, 7]) {
    const session = new Session({ threads });
    expect(isDeepStrictEqual(columnsOf(await session.evaluate(program, args)), want)).toBe(true);
    await session.dispose();
  }
});

it('pairs rows in the order of the left side, then of the right one', () => {
  const [l, r] = [column('i64', [7n, 5n, 8n]), column('i64', [5n, 7n, 5n, 9n])];
  const pairs = (name: string): string => {
    const made = joins.find((j) => j.name === name)?.run([all, all, l, r], plainMemory);
    return typeof made === 'object' && made.kind === 'struct'
      ? made.fields.map((f) => head(f, lengthOf(f)).cols[0]).join('|')
      : '';
  };
  expect(pairs('join_inner')).toBe('0,1,1|1,0,2');
  expect(pairs('join_left')).toBe('0,1,1,2|1,0,2,-1');
  expect(pairs('join_right')).toBe('0,1,1,-1|1,0,2,3');
  expect(pairs('join_full')).toBe('0,1,1,2,-1|1,0,2,-1,3');
});

describe('check_unique', () => {
  it('gives the validity back, or names two rows', async () => {
    const nulls = mask([true, false, true, false]);
    for (const kind of ['i64', 'f64', 'u8'] as const) {
      await expectColumnsAgree(checkUnique, [nulls, column(kind, [1, 2, 3, 2])]);
      await expectColumnsAgree(checkUnique, [all, column(kind, [1, 2, 3, 0])]);
      await expectColumnsAgree(checkUnique, [all, column(kind, [1, 2, 1, 2]), column('i32', [5, 5, 6, 6])]);
      const args = [all, column(kind, [1, 2, 3, 2]), column('bool', [0, 1, 0, 1])];
      expect(() => checkUnique.run(args, plainMemory)).toThrow('W6015: check_unique: rows 1 and 3 have the same key');
      const form = await MACHINE_FORMS.get('check_unique')?.();
      await expect(form?.(args, guardedMachine(2))).rejects.toThrow('W6015: check_unique: rows 1 and 3');
    }
    const far = [1n, 2n ** 60n, 2n ** 40n, 7n];
    await expectColumnsAgree(checkUnique, [all, column('i64', far)]);
    const form = await MACHINE_FORMS.get('check_unique')?.();
    await expect(form?.([all, column('i64', [...far, 2n ** 40n])], guardedMachine(2))).rejects.toThrow('rows 2 and 4');
  });
});
