/** `fastMath` on this engine: one rounding for a product and a sum where it can, and nothing of the kind otherwise. */

import { afterAll, describe, expect, it } from 'vitest';
import { F64, isVecValue, plainMemory, toColumns, type Value, vec } from '../compiler/index.ts';
import { parseProgram } from '../compiler/text.ts';
import { hasRelaxedMadd } from './cpu/features.ts';
import { Session } from './session.ts';

const session = new Session({ threads: 1 });
afterAll(() => session.dispose());

/** x * x - 1 next to 1: two roundings lose what one keeps. */
const PROGRAM = parseProgram('|x: vec[f64], c: f64| map(x, |e| c - e * e)');
const X = 1 + 2 ** -30;
const EXACT = -(2 ** -29) - 2 ** -60;
const ROUNDED = -(2 ** -29);

async function values(fastMath: boolean): Promise<number[]> {
  const x: Value = toColumns(vec(F64), new Array<number>(4).fill(X), plainMemory);
  const out = await session.evaluate(PROGRAM, [x, 1], { fastMath, target: 'wasm' });
  if (!isVecValue(out)) throw new Error('a vector');
  return Array.from(out.cols[0] ?? [], Number);
}

it('without it every operation is rounded', async () => {
  expect(await values(false)).toEqual([ROUNDED, ROUNDED, ROUNDED, ROUNDED]);
});

describe.skipIf(!hasRelaxedMadd())(
  `with relaxed multiply-add${hasRelaxedMadd() ? '' : ', which this engine lacks'}`,
  () => {
    it('is one rounding or two, as the engine likes', async () => {
      for (const v of await values(true)) expect([EXACT, ROUNDED]).toContain(v);
    });
  },
);

describe.skipIf(hasRelaxedMadd())(
  `without relaxed multiply-add${hasRelaxedMadd() ? ', which this engine has' : ''}`,
  () => {
    it('fastMath runs, and rounds twice', async () => {
      expect(await values(true)).toEqual([ROUNDED, ROUNDED, ROUNDED, ROUNDED]);
    });
  },
);
