/** `value.explain()` on every kind of lazy value. */

import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { init, readEnv, Session } from '../../runtime/index.ts';
import { array } from '../array/index.ts';
import { col, fromColumns } from '../frame/index.ts';
import { tensor } from '../tensor/index.ts';

let session: Session;
beforeAll(async () => {
  session = await init({ threads: 1 });
});
afterAll(() => session.dispose());

const numbers = () => array([1, 2, 3, 4], { session });

describe('explain', () => {
  it('of an array: what the passes do to its program', async () => {
    const x = await numbers().mul(2).add(1).explain();
    expect(x).toMatchObject({ loopsBefore: 2, loopsAfter: 1, bytesBefore: 32_000_000, bytesAfter: 16_000_000 });
    expect(x.passes.some((r) => r.name === 'fuse-vertical' && r.changed)).toBe(true);
    expect(x.final).toMatch(/^\|.*\|\n/);
    expect(x.lowering.length).toBeGreaterThan(0);
    expect(x.passes.every((r) => r.ms >= 0) && x.passes.some((r) => r.ms > 0)).toBe(true);
  });

  it('prints as text, and is data otherwise', async () => {
    const x = await numbers().mul(2).explain();
    expect(x.text).toMatch(/^loops: 1 before, 1 after\nbytes moved: /);
    expect([`${x}`, String(x), inspect(x)]).toEqual([x.text, x.text, x.text]);
    const data: unknown = JSON.parse(JSON.stringify(x));
    expect(data).toMatchObject({ loopsBefore: 1, final: x.final, text: x.text });
  });

  it('of scalars, tensors and frames', async () => {
    const sum = await numbers().mul(2).sum().explain();
    expect([sum.loopsBefore, sum.loopsAfter]).toEqual([2, 1]);
    const t = tensor(new Float64Array([1, 2, 3, 4]), [2, 2], { session });
    const product = await t.mul(2).matmul([1, 2]).explain();
    expect(product.loopsAfter).toBe(1);
    const f = fromColumns({ a: [1, 2, 3], b: [4, 5, 6] }, { session });
    const both = await f
      .filter(col('a').gt(1))
      .select(col('a').add(col('b')).alias('c'))
      .explain();
    expect(both.loopsAfter).toBe(1);
    expect(both.loopsBefore).toBeGreaterThan(1);
  });

  it('of what is data already says so', async () => {
    for (const x of [
      await numbers().explain(),
      await fromColumns({ a: [1] }, { session }).explain(),
      await tensor(new Float64Array([1, 2]), [2], { session }).explain(),
    ]) {
      expect(x).toMatchObject({ loopsBefore: 0, loopsAfter: 0, bytesBefore: 0, bytesAfter: 0, passes: [], final: '' });
      expect(String(x)).toBe('nothing to compute: it is data already\n');
    }
  });

  it('obeys its settings and the switches of the session', async () => {
    const lazy = numbers().mul(2).add(1);
    const off = await lazy.explain({ disable: ['fuse-vertical', 'fuse-copy', 'fuse-horizontal', 'fuse-sibling'] });
    expect([off.loopsBefore, off.loopsAfter]).toEqual([2, 2]);
    await expect(lazy.explain({ disable: ['fusion'] })).rejects.toThrow("W8006: there is no pass 'fusion'");
    const other = new Session({ threads: 1 }, readEnv({ WELD_BISECT: '0' }));
    try {
      const x = await array([1, 2], { session: other }).mul(2).add(1).explain();
      expect([x.loopsBefore, x.loopsAfter, x.passes.length]).toEqual([2, 2, 0]);
      expect([...(await array([1, 2], { session: other }).mul(2).add(1).toArray())]).toEqual([3, 5]);
    } finally {
      await other.dispose();
    }
  });
});
