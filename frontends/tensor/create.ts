/**
 * Making tensors: `stack` puts columns of frames and arrays side by side as features, `tensor` takes numbers.
 */

import type { TypedArray } from '../../compiler/index.ts';
import type { Session } from '../../runtime/index.ts';
import { type ColumnLike, commonSession, commonSpace, isColumnLike, leasesOf, store } from '../core/column.ts';
import { isFloatType, promote } from '../core/dtype.ts';
import { columnFrom } from '../core/ndarray.ts';
import { castTo } from '../core/ops.ts';
import { refuse, siteOf } from '../core/trail.ts';
import { describe } from '../core/values.ts';
import { hostLayout, scalarsOf, vectorsOf } from './layout.ts';
import { type FloatKind, MAX_COLUMNS, matrixOf, type Numbers, reshaped } from './shape.ts';
import { Tensor } from './tensor.ts';

export interface TensorOptions {
  /** Default: f32 where all data is f32, else f64. */
  readonly dtype?: FloatKind;
  readonly session?: Session;
}

/**
 * Features: k columns of n rows become a tensor (n, k), without a copy. Integers and bool are converted to f64. Lengths
 * that differ are an error (W8005); so are more than 256 columns (W8006).
 */
export function stack(
  features: readonly (ColumnLike | TypedArray | readonly number[])[],
  options: TensorOptions = {},
): Tensor {
  const site = siteOf('tensor.stack', [], `stack([${features?.length ?? 0} columns])`);
  if (!Array.isArray(features)) {
    refuse(site, 'W8006', `stack takes a list of columns, found ${describe(features)}`, { help: 'stack([a, b, c])' });
  }
  const columns = features.map((f) => columnFrom(f, site));
  const space = commonSpace(columns, site);
  if (space === null) refuse(site, 'W8006', 'stack needs at least one column');
  if (columns.length > MAX_COLUMNS) {
    refuse(site, 'W8006', `at most ${MAX_COLUMNS} columns can be stacked, found ${columns.length}`, {
      help: 'a tensor of numbers by rows may have more: tensor(data, [n, k])',
    });
  }
  const session = commonSession([{ session: options.session ?? null }, ...columns], site);
  const kinds = columns.map((c): FloatKind => (isFloatType(c.dtype) ? c.dtype : 'f64'));
  const dtype = options.dtype ?? kinds.reduce((a, b): FloatKind => (promote(a, b) === 'f32' ? 'f32' : 'f64'));
  const where = (j: number) => ({ ...site, text: () => `stack: column ${j}` });
  const cast = columns.map((c, j) => castTo(dtype, c, where(j)));
  const layout = { kind: 'columns', columns: store(cast, space, session, site), space } as const;
  const owned = leasesOf(columns.filter((_, k) => !isColumnLike(features[k])));
  return new Tensor({ layout, rank: 2, dtype, scalars: null, session, trail: site.trail }, owned);
}

/**
 * A tensor of numbers: `tensor([1, 2, 3])` is (3), `tensor([[1, 2], [3, 4]])` is (2, 2), `tensor(data, [n, k])` reads flat
 * data row by row. A typed array of the dtype is kept, not copied, so it must not change before the result is computed. The
 * width is any number from 1 on.
 */
export function tensor(
  values: Numbers,
  shape?: readonly number[] | TensorOptions,
  options: TensorOptions = {},
): Tensor {
  const site = siteOf('tensor.tensor', [], 'tensor(..)');
  const settings: TensorOptions = shape !== undefined && !isShape(shape) ? shape : options;
  const flat = matrixOf(values, site);
  const m = shape !== undefined && isShape(shape) ? reshaped(flat, shape, site) : flat;
  const dtype = settings.dtype ?? (values instanceof Float32Array ? 'f32' : 'f64');
  const session = settings.session ?? null;
  const layout = hostLayout(m, dtype, session, site);
  const scalars = scalarsOf(m, dtype);
  return new Tensor({ layout, rank: m.rank, dtype, scalars, session, trail: site.trail }, leasesOf(vectorsOf(layout)));
}

const isShape = (x: readonly number[] | TensorOptions): x is readonly number[] => Array.isArray(x);
