/**
 * Making tensors: `stack` puts columns of frames and arrays side by side as features, `tensor` takes numbers.
 */

import type { TypedArray } from '../../compiler/index.ts';
import type { Session } from '../../runtime/index.ts';
import { type ColumnLike, commonSession, commonSpace, isColumnLike, leasesOf, store } from '../core/column.ts';
import { isFloatType, promote } from '../core/dtype.ts';
import { columnFrom } from '../core/ndarray.ts';
import { castTo } from '../core/ops.ts';
import { refuse, type Site, siteOf } from '../core/trail.ts';
import { describe, isTypedArray } from '../core/values.ts';
import {
  elementsOf,
  type FloatKind,
  MAX_COLUMNS,
  MAX_ELEMENTS,
  type Matrix,
  matrixOf,
  type Numbers,
  shapeText,
} from './shape.ts';
import { hostColumns, Tensor } from './tensor.ts';

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
    refuse(site, 'W8006', `a tensor has at most ${MAX_COLUMNS} columns, found ${columns.length}`);
  }
  const session = commonSession([{ session: options.session ?? null }, ...columns], site);
  const kinds = columns.map((c): FloatKind => (isFloatType(c.dtype) ? c.dtype : 'f64'));
  const dtype = options.dtype ?? kinds.reduce((a, b): FloatKind => (promote(a, b) === 'f32' ? 'f32' : 'f64'));
  const where = (j: number) => ({ ...site, text: () => `stack: column ${j}` });
  const cast = columns.map((c, j) => castTo(dtype, c, where(j)));
  const stored = store(cast, space, session, site);
  const owned = leasesOf(columns.filter((_, k) => !isColumnLike(features[k])));
  return new Tensor({ columns: stored, rank: 2, dtype, space, elements: null, session, trail: site.trail }, owned);
}

/**
 * A tensor of numbers: `tensor([1, 2, 3])` is (3), `tensor([[1, 2], [3, 4]])` is (2, 2), `tensor(data, [n, k])` reads flat
 * data row by row. With at most 1024 elements it can serve as weights or as a bias.
 */
export function tensor(
  values: Numbers,
  shape?: readonly number[] | TensorOptions,
  options: TensorOptions = {},
): Tensor {
  const site = siteOf('tensor.tensor', [], 'tensor(..)');
  const given = Array.isArray(shape) ? shape : null;
  const settings: TensorOptions = shape !== undefined && !isShape(shape) ? shape : options;
  const flat = matrixOf(values, site);
  const m = given === null ? flat : reshape(flat, given, site);
  const dtype = settings.dtype ?? (isTypedArray(values) && values instanceof Float32Array ? 'f32' : 'f64');
  const width = m.rows[0]?.length ?? given?.[1] ?? 1;
  if (width > MAX_COLUMNS) refuse(site, 'W8006', `a tensor has at most ${MAX_COLUMNS} columns, found ${width}`);
  const session = settings.session ?? null;
  const columns = hostColumns(m.rows, width, dtype, session, site);
  const space = commonSpace(columns, site);
  if (space === null) refuse(site, 'W8006', 'a tensor has at least one column');
  const elements = m.rows.length * width <= MAX_ELEMENTS ? elementsOf(m, dtype, site) : null;
  return new Tensor({ columns, rank: m.rank, dtype, space, elements, session, trail: site.trail }, leasesOf(columns));
}

const isShape = (x: readonly number[] | TensorOptions): x is readonly number[] => Array.isArray(x);

function reshape(m: Matrix, shape: readonly number[], site: Site): Matrix {
  const flat = m.rows.flat();
  const [n = 0, k = 1] = shape;
  if (shape.length < 1 || shape.length > 2 || !shape.every((s) => Number.isSafeInteger(s) && s >= 0)) {
    refuse(site, 'W8006', `a shape is [n] or [n, k], found ${shapeText(shape)}`);
  }
  if (n * k !== flat.length) refuse(site, 'W8005', `${flat.length} numbers do not fill the shape ${shapeText(shape)}`);
  return {
    rank: shape.length === 1 ? 1 : 2,
    rows: Array.from({ length: n }, (_, i) => flat.slice(i * k, (i + 1) * k)),
  };
}
