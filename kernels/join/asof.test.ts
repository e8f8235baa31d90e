import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fromColumns,
  I64,
  plainMemory,
  type ScalarKind,
  type Value,
  type VecValue,
  vec,
} from '../../compiler/index.ts';
import { runs } from '../../compiler/testing/runs.ts';
import { MACHINE_FORMS } from '../index.ts';
import { expectColumnsAgree } from '../testing/agree.ts';
import { ALL_VALID as all, type Cell, cellsOf, column, mask } from '../testing/columns.ts';
import { guardedMachine } from '../testing/guarded-machine.ts';
import { asofs } from './asof.ts';

const ascending = (cells: readonly Cell[]): readonly Cell[] =>
  cells.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : Number(Number.isNaN(a)) - Number(Number.isNaN(b))));

/** Values of both sides, those of the right one in order, keys of few kinds, nulls, and how far is near. */
function sides(kind: ScalarKind) {
  const tolerance = fc.constantFrom<readonly Cell[]>([], [], [kind === 'i64' ? 3n : 3]);
  return fc
    .tuple(cellsOf(kind, 90), cellsOf(kind, 60), tolerance, fc.boolean(), fc.boolean(), fc.nat(2))
    .map(([l, r, far, inOrder, nulls, by]): readonly Value[] => {
      const left = inOrder ? ascending(l) : l;
      const valid = (cells: readonly Cell[]) => (nulls ? mask(cells.map((_, k) => k % 5 !== 0)) : all);
      const keys = (cells: readonly Cell[]): readonly VecValue[] =>
        [
          column(
            'i32',
            cells.map((_, k) => (k * 7) % 4),
          ),
          column(
            'i64',
            cells.map((_, k) => BigInt(k % 3) << 60n),
          ),
        ].slice(0, by);
      return [
        column(kind, far),
        valid(left),
        valid(r),
        column(kind, left),
        ...keys(left),
        column(kind, ascending(r)),
        ...keys(r),
      ];
    });
}

describe.each(asofs)('$name', (asof) => {
  it('is as it is defined', async () => {
    const kinds = fc.constantFrom<ScalarKind>('i64', 'i32', 'f64', 'f32', 'u8', 'u64');
    await fc.assert(
      fc.asyncProperty(kinds.chain(sides), (args) => expectColumnsAgree(asof, args)),
      runs(71, 0.1),
    );
  });

  it('is as it is defined for infinities and the ends of a kind', async () => {
    const [low, high] = [-(2n ** 63n), 2n ** 63n - 1n];
    const whole = [column('i64', [low, 0n, high, -1n]), column('i64', [low, low, 5n, high])];
    await expectColumnsAgree(asof, [column('i64', [high]), all, all, ...whole]);
    const inf = Number.POSITIVE_INFINITY;
    const floats = [column('f64', [-inf, 0, inf, 1]), column('f64', [-inf, 2, inf, inf, Number.NaN])];
    for (const far of [[], [1], [inf]]) {
      await expectColumnsAgree(asof, [column('f64', far), all, all, ...floats]);
    }
  });

  it('refuses right values that do not ascend', async () => {
    const form = await MACHINE_FORMS.get(asof.name)?.();
    const refused = async (message: string, ...args: readonly Value[]) => {
      expect(() => asof.run(args, plainMemory)).toThrow(message);
      await expect(form?.(args, guardedMachine(2))).rejects.toThrow(message);
    };
    const [none, l] = [column('i64', []), column('i64', [1n])];
    const falls = column('i64', [1n, 5n, 4n, 9n, 2n]);
    await refused(`W6016: ${asof.name}: the values of the right side do not ascend in row 2`, none, all, all, l, falls);
    const nulls = mask([true, true, false, true, true]);
    await refused('in row 4', none, all, nulls, l, falls);
    await refused('in row 2', none, all, all, l, column('i32', [1]), falls, column('i32', [0, 1, 1, 0, 1]));
    await refused('W8006', column('i64', [-1n]), all, all, l, l);
    const apart = [none, all, all, l, column('i32', [1]), falls, column('i32', [0, 1, 0, 1, 2])];
    await expectColumnsAgree(asof, apart);
  });
});

it('gives the nearest right row', () => {
  const rows = (name: string, ...far: readonly Cell[]): unknown => {
    const args = [column('f64', far), all, all, column('f64', [1, 5, 9, 4]), column('f64', [2, 5, 5, 12])];
    return fromColumns(vec(I64), asofs.find((a) => a.name === name)?.run(args, plainMemory) ?? false);
  };
  expect(rows('asof_backward')).toEqual([-1n, 2n, 2n, 0n]);
  expect(rows('asof_forward')).toEqual([0n, 1n, 3n, 1n]);
  expect(rows('asof_nearest')).toEqual([0n, 2n, 3n, 1n]);
  expect(rows('asof_nearest', 1)).toEqual([0n, 2n, -1n, 1n]);
  expect(rows('asof_backward', 3)).toEqual([-1n, 2n, -1n, 0n]);
});
