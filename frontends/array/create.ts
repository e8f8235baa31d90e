/**
 * Making arrays: from typed arrays, lists and columns of other libraries; constant and counted ones.
 *
 * A typed array is referred to, not copied, so it must not change before the result is computed.
 */

import type { ScalarKind, TypedArray } from '../../compiler/index.ts';
import type { Session } from '../../runtime/index.ts';
import { type ColumnLike, commonSession, isColumnLike, leasesOf, store } from '../core/column.ts';
import { columnFrom, NDArray } from '../core/ndarray.ts';
import { castTo } from '../core/ops.ts';
import { refuse, siteOf } from '../core/trail.ts';
import { describe, type Item } from '../core/values.ts';

export interface ArrayOptions {
  /** Converts to this kind; without it the data keeps its own. */
  readonly dtype?: ScalarKind;
  /** The session that evaluates; the default one when absent. */
  readonly session?: Session;
}

/**
 * A lazy one-dimensional array of a typed array (kept, not copied), a list, or a column of a frame or tensor.
 *
 * A list of numbers is f64, as JavaScript's numbers are; of bigints i64; of booleans bool; null is a missing element.
 */
export function array(values: TypedArray | readonly Item[] | ColumnLike, options: ArrayOptions = {}): NDArray {
  const site = siteOf('array.array', [], 'array(..)');
  const column = columnFrom(values, site);
  const session = commonSession([{ session: options.session ?? null }, column], site);
  const { dtype } = options;
  const owned = isColumnLike(values) ? [] : leasesOf([column]);
  if (dtype === undefined) return new NDArray({ ...column, session }, site.trail, owned);
  const where = { ...site, text: () => `array(.., { dtype: '${dtype}' })` };
  const [made] = store([castTo(dtype, column, where)], column.space, session, site);
  return new NDArray(made ?? column, site.trail, owned);
}

function constant(call: string, length: number, value: number, options: ArrayOptions): NDArray {
  if (typeof value === 'number') return array(new Float64Array(checked(call, length)).fill(value), options);
  return refuse(
    siteOf(`array.${call}`, [], `${call}(..)`),
    'W8006',
    `${call} needs a number, found ${describe(value)}`,
  );
}

/** `full(3, 1.5)`: an array of one value, f64 unless `dtype` says otherwise. */
export const full = (length: number, value: number, options: ArrayOptions = {}): NDArray =>
  constant('full', length, value, options);
export const zeros = (length: number, options: ArrayOptions = {}): NDArray => constant('zeros', length, 0, options);
export const ones = (length: number, options: ArrayOptions = {}): NDArray => constant('ones', length, 1, options);

/** `arange(5)`: 0, 1, 2, 3, 4 in f64. With two or three arguments: from `start` up to below `stop` by `step`. */
export function arange(start: number, stop?: number, step = 1, options: ArrayOptions = {}): NDArray {
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  if (step === 0) refuse(siteOf('array.arange', [], 'arange(..)'), 'W8006', 'the step of arange is not 0');
  const count = Math.max(0, Math.ceil((to - from) / step));
  return array(
    Float64Array.from({ length: checked('arange', count) }, (_, i) => from + i * step),
    options,
  );
}

/** `linspace(0, 1, 5)`: evenly spaced values, both ends included. */
export function linspace(start: number, stop: number, count = 50, options: ArrayOptions = {}): NDArray {
  const steps = Math.max(1, checked('linspace', count) - 1);
  const value = (_: unknown, i: number): number => (i === steps ? stop : start + ((stop - start) * i) / steps);
  return array(Float64Array.from({ length: count }, value), options);
}

/** Elements of f64 that fill the 4 GiB of a session. */
const MAX_LENGTH = 2 ** 29;

function checked(call: string, length: number): number {
  if (Number.isSafeInteger(length) && length >= 0 && length <= MAX_LENGTH) return length;
  const needed = `a length is a whole number from 0 to ${MAX_LENGTH}`;
  return refuse(siteOf(`array.${call}`, [], `${call}(..)`), 'W8006', `${needed}, found ${describe(length)}`);
}
