/**
 * asof_backward, asof_forward, asof_nearest(tolerance, left_valid, right_valid, left_on, left by.., right_on, right by..): for
 * each left row the right row with the nearest value of `on` that is not after it, not before it, or on either side; -1 for
 * none.
 *
 *     asof_backward([], [], [], [1, 5, 9], [2, 5, 5])  =>  [-1L, 2L, 2L]
 *
 * `on` ascends on the right side, among the rows of each key `by` where there are such: W6016 where it does not. The left
 * side may be in any order. Of equal values the last is nearest from before and the first from behind; with `nearest` the one
 * before is taken where both are equally far. No row is farther than `tolerance`, which has one element or none. NaN is
 * no value, and keys `by` are equal as in other joins.
 */

import {
  fail,
  I64,
  invariant,
  isFloatKind,
  type PrimSpec,
  type ScalarKind,
  type TypedArray,
  vec,
} from '../../compiler/index.ts';
import { columnKind, columnOf, found, vectorOf } from '../column.ts';
import { type JoinKeys, type KeyPair, keysOf, keysProblem, matchesOf } from './keys.ts';

export const ASOF_NAMES = ['asof_backward', 'asof_forward', 'asof_nearest'] as const;
export type AsofName = (typeof ASOF_NAMES)[number];

/** The arguments: how far, by what, and the keys of which the first is gone. */
export interface AsofArgs extends JoinKeys {
  readonly on: KeyPair;
  readonly tolerance: number | bigint | null;
}

export const asofs: readonly PrimSpec[] = ASOF_NAMES.map((name) => ({
  name,
  doc: `${name}(tolerance: vec[T], left_valid, right_valid: vec[bool], left_on: vec[T], left by.., right_on: vec[T], right by..): vec[i64], the right row nearest to each left row, or -1`,
  pure: true,

  typing([tolerance, ...args]) {
    const problem = keysProblem(name, args);
    if (problem !== null) return problem;
    const kind = columnKind(args[2]);
    if (kind === 'bool') return `${name} needs numbers to be near to, found vec[bool]`;
    return tolerance === args[2]
      ? vec(I64)
      : `${name} needs a ${found(args[2])} of one tolerance or none first, found ${found(tolerance)}`;
  },

  run(args, alloc) {
    const { on, tolerance, ...keys } = asofArgs(name, args);
    const near = nearest(name, on.kind, tolerance);
    // Without keys `by` all rows have the same.
    const by = keys.pairs.length > 0 ? keys.pairs : [sameKey(keys)];
    const valid = (side: 'left' | 'right'): Uint8Array =>
      Uint8Array.from({ length: keys[side].rows }, (_, row) =>
        Number(keys[side].valid?.[row] !== 0 && !Number.isNaN(on[side][row])),
      );
    const right = { ...keys.right, valid: valid('right') };
    const find = matchesOf({ left: { ...keys.left, valid: valid('left') }, right, pairs: by });
    checkOrder(
      name,
      on.right,
      matchesOf({ left: right, right, pairs: by.map((p) => ({ ...p, left: p.right })) }),
      right.rows,
    );
    const rows = Array.from({ length: keys.left.rows }, (_, row) => near(on.left[row] ?? 0, find(row), on.right));
    return vectorOf('i64', rows, alloc);
  },
}));

/** The arguments that a typing rule let in. */
export function asofArgs(name: AsofName, [tolerance, ...args]: Parameters<PrimSpec['run']>[0]): AsofArgs {
  const { left, right, pairs } = keysOf(name, args);
  const [on, ...by] = pairs;
  invariant(on !== undefined, () => `${name} without a value to be near to`);
  const tolerances = columnOf(tolerance);
  if (tolerances.length > 1) fail('W8005', `${name}: ${tolerances.length} tolerances, expected one or none`);
  const most = tolerances.cells[0] ?? null;
  if (most !== null && !(most >= 0)) fail('W8006', `${name}: a tolerance is 0 or more, found ${most}`);
  return { left, right, pairs: by, on, tolerance: most };
}

/** A key that all rows of both sides have. */
export const sameKey = ({ left, right }: Pick<JoinKeys, 'left' | 'right'>): KeyPair => ({
  kind: 'u8',
  left: new Uint8Array(left.rows),
  right: new Uint8Array(right.rows),
});

type Nearest = (value: number | bigint, rows: readonly number[], on: TypedArray) => number;

function nearest(name: AsofName, kind: ScalarKind, tolerance: number | bigint | null): Nearest {
  const distance = (a: number | bigint, b: number | bigint): number | bigint =>
    !isFloatKind(kind) ? BigInt(a) - BigInt(b) : a === b ? 0 : Number(a) - Number(b);
  const within = (d: number | bigint): boolean => tolerance === null || d <= tolerance;
  return (value, rows, on) => {
    const at = (row: number): number | bigint => on[row] ?? 0;
    const before = name === 'asof_forward' ? undefined : rows.findLast((row) => at(row) <= value);
    const behind = name === 'asof_backward' ? undefined : rows.find((row) => at(row) >= value);
    const far = [before, behind].map((row, k) => {
      if (row === undefined) return null;
      const d = k === 0 ? distance(value, at(row)) : distance(at(row), value);
      return within(d) ? d : null;
    });
    const [b = null, f = null] = far;
    if (b === null) return f === null || behind === undefined ? -1 : behind;
    return f === null || b <= f ? (before ?? -1) : (behind ?? -1);
  };
}

/** W6016 for the first right row whose value is below that of the row before it with the same key. */
function checkOrder(name: AsofName, on: TypedArray, find: (row: number) => readonly number[], rows: number): void {
  for (let row = 0; row < rows; row++) {
    const same = find(row);
    const before = same[same.indexOf(row) - 1];
    if (before !== undefined && (on[row] ?? 0) < (on[before] ?? 0)) refuseOrder(name, row);
  }
}

export function refuseOrder(name: AsofName, row: number): never {
  return fail('W6016', `${name}: the values of the right side do not ascend in row ${row}`, {
    help: 'sort the right side by them first',
  });
}
