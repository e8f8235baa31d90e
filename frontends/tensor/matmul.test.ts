import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { runs } from '../../compiler/testing/runs.ts';
import { readEnv, Session } from '../../runtime/index.ts';
import * as wa from '../array/index.ts';
import { refusal } from '../core/refusal-fixture.ts';
import { testSessions } from '../core/sessions-fixture.ts';
import { col, fromColumns } from '../frame/index.ts';
import * as wt from './index.ts';

const one = { name: 'wasm, one thread', session: new Session({ threads: 1 }, { ...readEnv({}), check: true }) };
const sessions = [...testSessions(), one];
afterAll(() => Promise.all(sessions.map((s) => s.session.dispose())));

type Rows = readonly (readonly number[])[];
const round = { f32: Math.fround, f64: (x: number): number => x };

/** The product by its definition: added in the order of the features, each step rounded. */
const productOf = (x: Rows, w: Rows, kind: wt.FloatKind): number[][] =>
  x.map((row) =>
    Array.from({ length: w[0]?.length ?? 0 }, (_, j) =>
      row.reduce((sum, v, i) => round[kind](sum + round[kind](v * (w[i]?.[j] ?? 0))), 0),
    ),
  );

const cell = fc.oneof(fc.constantFrom(0, -0, 1, -2, 0.5, Infinity, Number.NaN), fc.integer({ min: -9, max: 9 }));
const rowsOf = (n: number, width: number): fc.Arbitrary<Rows> =>
  fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: n, maxLength: n });
const size = fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constantFrom(9, 33));
const matrices = fc
  .tuple(fc.constantFrom(0, 1, 2, 7), size, size)
  .chain(([n, k, m]) => fc.tuple(rowsOf(n, k), rowsOf(k, m), rowsOf(1, m), fc.constant(m)));

describe.each(sessions)('products on $name', ({ session }) => {
  /** Rows as a matrix, as columns, or as columns of a frame of which the number of rows is not known. */
  const tensorOf = (
    rows: Rows,
    width: number,
    how: 'matrix' | 'columns' | 'filtered',
    dtype: wt.FloatKind,
  ): wt.Tensor => {
    const data = (dtype === 'f32' ? Float32Array : Float64Array).from(rows.flat());
    if (how === 'matrix') return wt.tensor(data, [rows.length, width], { dtype, session });
    const columns = Object.fromEntries(
      Array.from({ length: width }, (_, j) => [`c${j}`, data.filter((_, at) => at % width === j)]),
    );
    const frame = fromColumns({ ...columns, kept: new Uint8Array(rows.length).fill(1) }, { session });
    const of = how === 'columns' ? frame : frame.filter(col('kept').eq(1));
    return wt.stack(Object.keys(columns).map((name) => of.column(name)));
  };

  it('are the sums in the order of the features, however features and weights are held', async () => {
    const property = async (
      [x, w, [bias = []], m]: readonly [Rows, Rows, Rows, number],
      how: 'matrix' | 'columns' | 'filtered',
      weights: 'numbers' | 'lazy' | 'filtered',
      dtype: wt.FloatKind,
      both: boolean,
    ): Promise<void> => {
      const left = tensorOf(x, w.length, how, dtype);
      const numbers = tensorOf(w, m, 'matrix', dtype);
      const right =
        weights === 'numbers' ? numbers : weights === 'lazy' ? numbers.mul(1) : tensorOf(w, m, 'filtered', dtype);
      const want = productOf(x, w, dtype);
      const product = left.matmul(right);
      expect(product.shape).toEqual([how === 'filtered' ? null : x.length, m]);
      const added = want.map((row) => row.map((v, j) => round[dtype](v + (bias[j] ?? 0))));
      const layer = product.add(wt.tensor(bias, { dtype })).relu();
      const positive = added.map((row) => row.map((v) => Math.max(v, 0)));
      const [got, sums] = await wt.evaluate(both ? [layer, product] : [layer]);
      expect(Array.from(got ?? [])).toEqual(positive.flat());
      if (both) expect(Array.from(sums ?? [], (v) => v + 0)).toEqual(want.flat().map((v) => v + 0));
    };
    const ways = fc.constantFrom('matrix' as const, 'columns' as const, 'filtered' as const);
    const arbitrary = fc.tuple(
      matrices,
      ways,
      fc.constantFrom('numbers' as const, 'lazy' as const, 'filtered' as const),
      fc.constantFrom('f32' as const, 'f64' as const),
      fc.boolean(),
    );
    await fc.assert(
      fc.asyncProperty(arbitrary, (args) => property(...args)),
      runs(21, 0.04),
    );
  });

  it('of a vector, with every activation, in layers', async () => {
    const x = wt
      .tensor(
        [
          [1, -2],
          [0.5, 4],
          [0, 0],
        ],
        { session },
      )
      .mul(1);
    const w = wt
      .tensor(
        [
          [1, 0, 2],
          [0, 1, -3],
        ],
        { session },
      )
      .mul(1);
    expect(await x.matmul(wt.tensor([10, 1]).mul(1)).toNested()).toEqual([8, 9, 0]);
    const z = x.matmul(w).add([0.5, 0, -1]);
    const sums = [1.5, -2, 7, 1, 4, -12, 0.5, 0, -1];
    expect(Array.from(await z.toArray())).toEqual(sums);
    const plain = wt.tensor(Float64Array.from(sums), [3, 3], { session });
    for (const name of ['relu', 'sigmoid', 'tanh', 'gelu'] as const) {
      const [fused, loop] = await wt.evaluate([z[name](), plain[name]()]);
      expect(fused).toEqual(loop);
    }
    const net = x.matmul(w).add([0.5, 0, -1]).relu().matmul([1, -1, 1]).sigmoid();
    const hidden = [8.5, -3, 0.5];
    expect(Array.from(await net.toArray(), (v) => v.toFixed(12))).toEqual(
      hidden.map((v) => (1 / (1 + Math.exp(-v))).toFixed(12)),
    );
  });

  it('are matrices of any width, which meet vectors, columns and each other', async () => {
    const [n, k] = [3, 300];
    const data = Float64Array.from({ length: n * k }, (_, at) => at % 7);
    const x = wt.tensor(data, [n, k], { session });
    const ramp = Float64Array.from({ length: k }, (_, j) => j);
    const moved = x.sub(wt.tensor(ramp)).mul(x).div(x.sum());
    const total = data.reduce((sum, v) => sum + v, 0);
    expect(Array.from(await moved.toArray())).toEqual(Array.from(data, (v, at) => ((v - (at % k)) * v) / total));
    const columns = Array.from(ramp, (j) => Array.from({ length: n }, (_, i) => data[i * k + j] ?? 0));
    const [sums, means, inRows] = await wt.evaluate([x.sum(0), x.astype('f32').mean(0), x.mean(1)]);
    expect(Array.from(sums)).toEqual(columns.map((c) => c.reduce((a, b) => a + b)));
    expect(means).toEqual(Float32Array.from(columns, (c) => c.reduce((a, b) => a + b) / n));
    expect(Array.from(inRows)).toEqual(
      Array.from({ length: n }, (_, i) => data.subarray(i * k, (i + 1) * k).reduce((a, b) => a + b) / k),
    );
    expect(Array.from(await x.sub(x.mean(0)).sum(0).toArray()).every((v) => Math.abs(v) < 1e-12)).toBe(true);
    expect(await x.column(299).toList()).toEqual([299 % 7, 599 % 7, 899 % 7]);
    const few = wt.tensor(data, [n * 10, 30], { session });
    expect(await few.mean(0).toNested()).toEqual(
      Array.from({ length: 30 }, (_, j) => {
        return Array.from({ length: n * 10 }, (_, i) => data[i * 30 + j] ?? 0).reduce((a, b) => a + b) / (n * 10);
      }),
    );
    const product = few.matmul(wt.tensor(data.subarray(0, 60), [30, 2]).mul(1));
    const rows = wt.stack([product.column(1), product.column(0)]);
    const [sum, left, right] = await wt.evaluate([product.add(rows).sum(1), product.column(0), product.column(1)]);
    expect(Array.from(sum)).toEqual(Array.from(sum, (_, i) => 2 * (Number(left[i]) + Number(right[i]))));
    expect(await product.sum(0).sum().item()).toBe(await product.sum().item());
  });
});

it('does a bias and an activation in the product, unless that is asked for otherwise', async () => {
  const x = wt.tensor(new Float32Array(600), [20, 30]);
  const product = x.matmul(wt.tensor(new Float32Array(1200), [30, 40]));
  const layer = product.add(wt.tensor(new Float32Array(40)));
  const kernels = async (...values: readonly wt.Tensor[]): Promise<readonly unknown[]> => {
    const { final, loopsAfter } = await wt.explain(values);
    return [...(final.match(/gemm\w*/g) ?? []), loopsAfter];
  };
  expect(await kernels(layer.tanh())).toEqual(['gemm_tanh', 0]);
  expect(await kernels(product.relu())).toEqual(['gemm_relu', 0]);
  expect(await kernels(layer.relu().mul(2))).toEqual(['gemm_relu', 1]);
  const kept = wa.array(new Float32Array(9)).compress(wa.array(new Float32Array(9)).ge(0));
  const lazy = wt
    .stack([kept, kept])
    .matmul(wt.tensor(new Float32Array(800), [2, 400]))
    .relu();
  expect((await lazy.mean().explain()).final.match(/gemm\w*/g)).toEqual(['gemm_relu']);
  expect(await kernels(layer, layer.sigmoid())).toEqual(['gemm_bias', 1]);
  expect(await kernels(product, layer.gelu())).toEqual(['gemm', 1]);
  expect(await kernels(product.mul(2).relu())).toEqual(['gemm', 1]);
  // Of doubles the sum is one, too.
  expect(await kernels(product.add(wt.tensor(new Float64Array(40))))).toEqual(['gemm', 1]);
});

it('refuses what gemm does not take', async () => {
  const wide = wt.tensor(new Float64Array(900), [3, 300]);
  const missing = wt.stack([wa.array([1, null]), wa.array([3, 4])]);
  expect(refusal(() => missing.matmul(wt.tensor(new Float64Array(600), [2, 300])))).toMatchInlineSnapshot(`
    "W8004: tensor.matmul(tensor): a matrix has no missing elements, found f64 with nulls
      in: stack([2 columns]) > matmul(tensor)
      help: fillNull(..) or filter them first"
  `);
  expect(refusal(() => wide.matmul(new Float64Array(3)))).toMatchInlineSnapshot(`
    "W8005: matmul of shapes (3, 300) and (3,): the inner sizes must agree
      in: tensor(..) > matmul(weights)"
  `);
  const kept = wa.array([1, 2, 3]).compress(wa.array([true, false, true]));
  await expect(wide.matmul(wt.stack([kept])).toArray()).rejects.toThrow(
    'W6003: gemm: b has 2 elements, a matrix of 300 x 1 has 300',
  );
});
