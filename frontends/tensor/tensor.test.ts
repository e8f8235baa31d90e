import { afterAll, describe, expect, it } from 'vitest';
import * as wa from '../array/index.ts';
import { refusal } from '../core/refusal-fixture.ts';
import { testSessions } from '../core/sessions-fixture.ts';
import { col, fromColumns } from '../frame/index.ts';
import * as wt from './index.ts';

const sessions = testSessions();
afterAll(() => Promise.all(sessions.map((s) => s.session.dispose())));

describe.each(sessions)('tensor on $name', ({ session }) => {
  const features = (): wt.Tensor =>
    wt.stack([wa.array([1, 2, 3], { session }), wa.array(new Int32Array([4, 5, 6]))], { session });

  it('multiplies rows with vectors and matrices', async () => {
    expect(await features().matmul([10, 1]).toNested()).toEqual([14, 25, 36]);
    const w = wt.tensor([
      [1, 0, 2],
      [0, 1, 3],
    ]);
    expect(features().matmul(w).shape).toEqual([3, 3]);
    expect(await features().matmul(w).toNested()).toEqual([
      [1, 4, 14],
      [2, 5, 19],
      [3, 6, 24],
    ]);
    expect(
      await features()
        .matmul(wt.tensor([1, -1], { dtype: 'f32' }))
        .toNested(),
    ).toEqual([-3, -3, -3]);
  });

  it('broadcasts numbers, vectors, scalars and equal shapes', async () => {
    const x = features();
    expect(await x.add([100, 200]).toNested()).toEqual([
      [101, 204],
      [102, 205],
      [103, 206],
    ]);
    expect(await x.sub(x.mean(0)).toNested()).toEqual([
      [-1, -1],
      [0, 0],
      [1, 1],
    ]);
    expect(await x.mul(x).sub(1).toNested()).toEqual([
      [0, 15],
      [3, 24],
      [8, 35],
    ]);
    expect(await x.div(x.sum()).sum().item()).toBeCloseTo(1, 12);
    expect(
      await wt
        .stack([x.column(0)])
        .matmul([1])
        .add(wa.array([1, 1, 1]))
        .toNested(),
    ).toEqual([2, 3, 4]);
  });

  it('reduces over rows, features and all', async () => {
    const x = features();
    expect(await x.sum(0).toNested()).toEqual([6, 15]);
    expect(await x.mean(1).toNested()).toEqual([2.5, 3.5, 4.5]);
    expect(await x.sum(1).toNested()).toEqual([5, 7, 9]);
    expect([await x.sum().item(), await x.mean().item()]).toEqual([21, 3.5]);
    expect(x.mean(0).shape).toEqual([2]);
  });

  it('has activations, in f32 too', async () => {
    const x = wt.tensor(
      [
        [-1, 0],
        [2, -0],
      ],
      { session },
    );
    expect(await x.relu().toNested()).toEqual([
      [0, 0],
      [2, 0],
    ]);
    const s = await x.sigmoid().toArray();
    expect(s[0]).toBeCloseTo(1 / (1 + Math.E), 14);
    expect(await x.astype('f32').tanh().toArray()).toBeInstanceOf(Float32Array);
    expect(Array.from(await x.mul(0.75).round().toArray())).toEqual([-1, 0, 2, -0]);
    expect(Array.from(await x.pow(3).add(x.erfc()).trunc().toArray())).toEqual([0, 1, 8, 1]);
    expect(Array.from(await x.abs().log2().toArray())).toEqual([0, -Infinity, 1, -Infinity]);
    expect(await wt.tensor(new Float32Array([1, 2, 3, 4]), [2, 2]).toNested()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(wt.tensor(new Float32Array(2)).dtype).toBe('f32');
  });

  it('takes columns of a frame and gives a score back', async () => {
    const f = fromColumns({ a: [1, null, 3, -4], b: [1, 1, 1, 1] }, { session }).filter(col('b').gt(0));
    const score = wt
      .stack([f.column('a'), f.column('b')])
      .matmul([1, 10])
      .relu();
    const g = f.withColumns({ score }).filter(col('score').gt(10));
    expect(await g.toRecords()).toEqual([
      { a: 1, b: 1, score: 11 },
      { a: 3, b: 1, score: 13 },
    ]);
    expect(await score.toNested()).toEqual([11, Number.NaN, 13, 6]);
  });
});

it('refuses shapes that do not fit', () => {
  const x = wt.stack([wa.array([1, 2]), wa.array([3, 4])]);
  expect(refusal(() => x.matmul([1, 2, 3]))).toMatchInlineSnapshot(`
    "W8005: matmul of shapes (2, 2) and (3,): the inner sizes must agree
      in: stack([2 columns]) > matmul(weights)"
  `);
  expect(refusal(() => x.add([1, 2, 3]))).toMatchInlineSnapshot(`
    "W8005: add of shapes (2, 2) and (3,) does not broadcast
      in: stack([2 columns]) > add(tensor)"
  `);
  expect(refusal(() => x.squeeze())).toMatchInlineSnapshot(`
    "W8005: one column is needed, found a tensor of shape (2, 2)
      in: stack([2 columns]) > squeeze()
      help: take one with column(j), or multiply with a weight vector"
  `);
  expect(refusal(() => wt.stack([wa.array([1]), wa.array([1, 2])]))).toMatchInlineSnapshot(`
    "W8005: the lengths 1 and 2 differ
      in: stack([2 columns])
      help: combine columns of equal length, or reduce one of them to a scalar first"
  `);
  expect(refusal(() => wt.tensor([1, 2, 3], [2, 2]))).toMatchInlineSnapshot(`
    "W8005: 3 numbers do not fill the shape (2, 2)
      in: tensor(..)"
  `);
  expect(refusal(() => wt.tensor([[1, 2], [3]]))).toMatchInlineSnapshot(`
    "W8005: row 1 has 1 numbers and row 0 has 2
      in: tensor(..)"
  `);
});
