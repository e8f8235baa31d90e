/**
 * What is asked of our code, as data. `npm run bench:report` holds each target against the figures of
 * `bench/results/*.json`; a ratio is always of two figures of one run. Where there is more than one run by the same version
 * of Node.js, the worst of them counts.
 */

/** `rows` of a measurement; where there are none, its largest number of rows counts. */
export interface Target {
  readonly workload: string;
  readonly rows?: number;
  readonly asked: Asked;
}

export type Asked =
  /** At most this share of the time of an implementation; both on one thread, or both on two. */
  | { readonly of: string; readonly most: number; readonly threads?: 2 }
  /** Faster by two threads than by one at least so many times. */
  | { readonly of: 'one thread'; readonly least: number }
  /** The most memory, without what the process held before it had columns, is at most this many times the columns and
   *  the answer. */
  | { readonly of: 'data'; readonly most: number };

const TEN_MILLION = 10_000_000;

/** Times of a workload, as shares of those of others. */
const times = (
  workload: string,
  shares: Readonly<Record<string, number>>,
  size: { readonly rows?: number } = {},
): readonly Target[] =>
  Object.entries(shares).map(([of, most]): Target => ({ workload, ...size, asked: { of, most } }));

/** The same where all have two threads. */
const onTwo = (workload: string, shares: Readonly<Record<string, number>>): readonly Target[] =>
  Object.entries(shares).map(([of, most]): Target => ({ workload, asked: { of, most, threads: 2 } }));

const large = { rows: TEN_MILLION };
const faster = (workload: string, least: number): Target => ({
  workload,
  ...large,
  asked: { of: 'one thread', least },
});
const lean = (workload: string): Target => ({ workload, ...large, asked: { of: 'data', most: 1.2 } });

export const TARGETS: readonly Target[] = [
  ...times('black_scholes', { js: 0.5, numpy: 0.65 }, large),
  ...times('black_scholes_f32', { numpy: 0.25 }, large),
  ...times('haversine', { numpy: 1.25, numba: 0.5 }, large),
  ...times('sum_f64', { numpy: 1.3 }, large),
  ...times('triad_f64', { numpy: 0.5 }, large),
  ...times('filter_i32_10', { numpy: 0.25 }, large),
  ...times('filter_i32_50', { numpy: 0.25 }, large),
  ...times('tpch_q6', { js: 0.3, numpy: 0.3, numba: 1.3, duckdb: 0.6 }, large),
  ...times('tpch_q1', { duckdb: 0.6 }),
  ...times('crime_index', { js: 0.5, pandas: 0.1 }, large),
  ...times('data_cleaning', { pandas: 0.2 }),
  ...times('birth_analysis', { pandas: 0.2 }),
  ...times('movielens', { pandas: 0.2 }),
  ...times('group_sum_16', { pandas: 0.5 }, large),
  ...times('group_sum_1k', { pandas: 0.6 }, large),
  ...times('group_sum_1m', { pandas: 0.2, duckdb: 0.4 }, large),
  ...onTwo('join_sum', { duckdb: 1, polars: 1 }),
  ...onTwo('join_sum_sparse', { duckdb: 1, polars: 1 }),
  ...times('asof_sum', { pandas: 0.7 }, large),
  ...times('random_normal_f64', { numpy: 1 }),
  ...times('block_mse', { numpy: 0.1 }),
  ...times('resize_nearest', { cv2: 1.5 }),
  ...times('resize_bilinear', { cv2: 1.5 }),
  ...times('resize_bilinear_half', { cv2: 1.5 }),
  ...times('resize_area', { cv2: 1.5 }),
  ...times('mix_grey', { cv2: 1.5 }),
  ...times('mix_bgr', { numpy: 0.2 }),
  ...times('normalise', { numpy: 0.2, cv2: 0.2 }),
  ...times('box_filter', { cv2: 1.5 }),
  ...times('str_contains', { duckdb: 0.3 }),
  ...times('str_starts', { duckdb: 0.3 }),
  ...times('str_contains_any', { js: 0.2 }),
  ...onTwo('read_csv', { polars: 1, duckdb: 1 }),
  ...onTwo('read_ndjson', { polars: 1 }),
  ...times('sort_f64', { numpy: 1, polars: 0.5 }, large),
  ...times('argsort_f64', { numpy: 1, polars: 0.5 }, large),
  ...times('topk_f64', { numpy: 0.15 }, large),
  ...times('median_f64', { numpy: 0.15 }, large),
  ...times('scan_f64', { numpy: 1 }, large),
  ...times('unique_i64', { numpy: 1 }, large),
  ...times('searchsorted_f64', { numpy: 1 }, large),
  // 0.4 of the operations a second.
  ...times('gemm_f32', { numpy: 2.5 }),
  ...times('gemm_f64', { numpy: 2.5 }),
  ...times('gemm_relu_f32', { numpy: 2.5 }),
  ...times('median_pipeline', { numpy: 0.2 }, large),
  ...times('cumsum_pipeline', { numpy: 0.7 }, large),
  ...times('layer_784_256', { numpy: 2.5 }),
  faster('black_scholes', 1.8),
  faster('haversine', 1.8),
  faster('sum_f64', 1.2),
  faster('triad_f64', 1.2),
  { workload: 'gemm_f32', asked: { of: 'one thread', least: 1.8 } },
  { workload: 'gemm_f64', asked: { of: 'one thread', least: 1.8 } },
  ...['sum_f64', 'triad_f64', 'filter_i32_10', 'filter_i32_50'].map(lean),
  ...['group_sum_16', 'group_sum_1k', 'group_sum_1m'].map(lean),
];
