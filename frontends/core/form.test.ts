/** The forms of lazy graphs: of two pipelines they are the same text just where one program does for both. */

import { afterAll, describe, expect, it } from 'vitest';
import { programKey } from '../../compiler/index.ts';
import { readEnv, Session } from '../../runtime/index.ts';
import {
  argsort,
  array,
  cumsum,
  defaultRng,
  diff,
  median,
  quantile,
  rankdata,
  searchsorted,
  sort,
  topk,
  where,
} from '../array/index.ts';
import { col, evaluate, fromColumns, len, lit, when } from '../frame/index.ts';
import { stack, tensor } from '../tensor/index.ts';
import { emit, type Roots } from './emit.ts';
import { emittedFor } from './emitted.ts';
import { formOf } from './form.ts';
import type { Lazy } from './together.ts';

const session = new Session({ threads: 1 }, { ...readEnv({}), check: true });
afterAll(() => session.dispose());

/** What is asked for, as `evaluate` asks for it. */
function rootsOf(values: readonly Lazy<unknown>[]): Roots {
  const all = values.map((v) => v.request());
  const columns = all.flatMap((r) => r.columns);
  const refs = columns.flatMap((c) => (c.valid === null ? [c.value.ref] : [c.value.ref, c.valid.ref]));
  return {
    fields: refs.filter((ref) => ref.node.kind !== 'source'),
    scalars: all.flatMap((r) => r.scalars.flatMap((s) => (s.valid === null ? [s.value] : [s.value, s.valid]))),
  };
}

/** Pipelines over data that depend on `seed`, each another program. */
type Pipeline = (seed: number) => readonly Lazy<unknown>[];
const numbers = (seed: number): Float64Array => Float64Array.from({ length: 20 }, (_, k) => (k * seed) % 11);
const frame = (seed: number) =>
  fromColumns(
    {
      x: numbers(seed),
      y: Array.from(numbers(seed + 1), (v) => (v > 5 ? null : v)),
      k: Int32Array.from(numbers(seed)),
      s: Array.from(numbers(seed), (v) => `s${v % 3}`),
    },
    { session },
  );
const a = (seed: number) => array(numbers(seed), { session });
const matrix = (seed: number) => tensor(numbers(seed).subarray(0, 4), [2, 2], { session });
const PIPELINES: readonly Pipeline[] = [
  (seed) => [a(seed).sum()],
  (seed) => [a(seed).max()],
  (seed) => [a(seed).add(1)],
  (seed) => [a(seed).add(2)],
  (seed) => [a(seed).sub(1)],
  (seed) => [a(seed).mul(0)],
  (seed) => [a(seed).mul(-0)],
  (seed) => [a(seed).mul(Number.NaN)],
  (seed) => [a(seed).astype('i64').add(1n)],
  (seed) => [a(seed).astype('i32').add(1)],
  (seed) => [a(seed).add(a(seed))],
  (seed) => {
    const x = a(seed);
    return [x.add(x)];
  },
  (seed) => {
    const x = a(seed).add(1);
    return [x.mul(x)];
  },
  (seed) => [a(seed).add(1), a(seed).add(1)],
  (seed) => [where(a(seed).gt(3), a(seed), 0)],
  (seed) => [a(seed).sub(a(seed).mean())],
  (seed) => [frame(seed).filter(col('x').gt(3))],
  (seed) => [frame(seed).filter(col('x').gt(3)).select('x')],
  (seed) => [frame(seed).filter(col('x').ge(3)).select('x')],
  (seed) => [frame(seed).filter(col('y').gt(3)).select('x')],
  (seed) => [frame(seed).groupBy('k').agg(col('x').sum(), len())],
  (seed) => [frame(seed).groupBy('k').agg(col('x').max(), len())],
  (seed) => [frame(seed).groupBy('s').agg(col('x').sum(), len())],
  (seed) => [frame(seed).groupBy('s', 'k').agg(col('x').sum())],
  (seed) => [frame(seed).filter(col('s').eq('s1')).select('x')],
  (seed) => [frame(seed).sort('x')],
  (seed) => [frame(seed).sort('x', { descending: true })],
  (seed) => [frame(seed).sort('x').head(3)],
  (seed) => [frame(seed).sort('x').head(4)],
  (seed) => [frame(seed).sort('x').tail(3)],
  (seed) => [frame(seed).join(fromColumns({ k: [1n, 2n, 3n], z: [1, 2, 3] }, { session }), { on: 'k' })],
  (seed) => [frame(seed).join(fromColumns({ k: [1n, 2n, 3n], z: [1, 2, 3] }, { session }), { on: 'k', how: 'left' })],
  (seed) => [frame(seed).select(when(col('x').gt(2)).then(col('y')).otherwise(lit(1)).alias('w'))],
  (seed) => [sort(a(seed))],
  (seed) => [sort(a(seed), { descending: true })],
  (seed) => [argsort(a(seed))],
  (seed) => [argsort(array(Int32Array.from(numbers(seed)), { session }))],
  (seed) => [topk(a(seed), seed)],
  (seed) => [quantile(a(seed), [seed / 10, 0.5])],
  (seed) => [a(seed).sub(median(a(seed)))],
  (seed) => [cumsum(a(seed))],
  (seed) => [rankdata(a(seed))],
  (seed) => [searchsorted(sort(a(seed)), a(seed + 1))],
  (seed) => [diff(a(seed))],
  (seed) => [defaultRng(seed, { session }).uniform(0, seed, seed)],
  (seed) => [defaultRng(seed, { session }).integers(0, seed, seed)],
  (seed) => [stack([a(seed), a(seed + 1)]).matmul([1, 2])],
  (seed) => [matrix(seed).matmul(matrix(seed).mul(1))],
  (seed) => [matrix(seed).matmul(matrix(seed).mul(1)).add([1, 2])],
  (seed) => [matrix(seed).matmul(matrix(seed).mul(1)).relu()],
  (seed) => [matrix(seed).matmul(matrix(seed).mul(1)).sigmoid()],
  (seed) => {
    const product = matrix(seed).matmul(matrix(seed).mul(1));
    return [product, product.relu()];
  },
  (seed) => [stack([a(seed), a(seed + 1)]).matmul(matrix(seed).mul(1))],
  // Weights are data.
  (seed) => [stack([a(seed), a(seed + 1), a(seed + 2)]).matmul([seed, 2, 1])],
];

describe('the form of a lazy graph', () => {
  it('is that of the same pipeline over other data, and of no other program', () => {
    const all = PIPELINES.flatMap((make, k) =>
      [3, 3, 7].map((seed) => {
        const roots = rootsOf(make(seed));
        return { k, form: formOf(roots), program: programKey(emit(roots).program) };
      }),
    );
    const programs = new Map<string, string>();
    for (const { k, form, program } of all) {
      const key = form?.key ?? '';
      expect(programs.get(key) ?? program, `pipeline ${k}`).toBe(program);
      programs.set(key, program);
    }
    const ofLine = (k: number): Set<string | undefined> =>
      new Set(all.filter((x) => x.k === k).map((x) => x.form?.key));
    expect(PIPELINES.map((_, k) => ofLine(k).size)).toEqual(PIPELINES.map(() => 1));
    const lines = new Map(PIPELINES.map((_, k) => [[...ofLine(k)][0], k]));
    expect(PIPELINES.flatMap((_, k) => (lines.get([...ofLine(k)][0]) === k ? [] : [k]))).toEqual([]);
  });

  it('gives each graph its own data and its own answer', async () => {
    for (const make of PIPELINES.filter((_, k) => k % 7 === 0)) {
      // The interpreter computes what was emitted for this graph.
      for (const seed of [3, 5, 3, 7]) {
        const [here, there] = [make(seed), make(seed)];
        expect(show(await evaluate(here))).toEqual(show(await evaluate(there, { target: 'interp' })));
      }
    }
  });

  it('is not made of graphs that are very large; those are emitted each time', () => {
    const chain = (n: number): Roots => {
      let x = a(3);
      for (let k = 0; k < n; k++) x = x.add(1);
      return rootsOf([x]);
    };
    const [short, long] = [chain(200), chain(1000)];
    expect(formOf(short)?.params).toHaveLength(1);
    expect(formOf(long)).toBe(null);
    expect(emittedFor(short, session).program).toBe(emittedFor(chain(200), session).program);
    expect(emittedFor(long, session).program).not.toBe(emittedFor(long, session).program);
  });

  it('keeps a bounded number of programs for a session', () => {
    const first = rootsOf([a(3).add(0.5)]);
    const { program } = emittedFor(first, session);
    expect(emittedFor(first, session).program).toBe(program);
    for (let k = 0; k < 300; k++) emittedFor(rootsOf([a(3).add(k)]), session);
    expect(emittedFor(first, session).program).not.toBe(program);
  });
});

function show(values: readonly unknown[]): readonly unknown[] {
  return values.map((v) =>
    typeof v === 'object' && v !== null && 'toRecords' in v && typeof v.toRecords === 'function' ? v.toRecords() : v,
  );
}
