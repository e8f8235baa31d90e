/** The solver's arithmetic against ours: at sample points, every operation of every kind gives the same bits. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BinOp, UnOp } from '../../core/op.ts';
import { binScalar, castScalar, normalise, type ScalarValue, unScalar } from '../../core/scalar.ts';
import { isFloatKind, isIntKind, SCALAR_KINDS, type ScalarKind } from '../../core/types.ts';
import { smtBin, smtCast, smtLit, smtUn } from './smtlib.ts';
import { openSolver, type Solver } from './solver.ts';

let solver: Solver;
beforeAll(async () => {
  solver = await openSolver();
});
afterAll(() => solver.close());

/** The solver finds no false one among statements without variables. */
async function allTrue(statements: readonly string[]): Promise<boolean> {
  const script = `(assert (not (and true ${statements.join('\n')})))`;
  return (await solver.prove([{ script, inputs: [] }], 20_000)).verdict === 'proved';
}

const NUMBERS = [0, 1, -1, 2, 3, -3, 7, 100, -128, 127, 255, 2 ** 31 - 1, -(2 ** 31), 2 ** 32 - 1];
const REALS = [
  ...NUMBERS,
  -0,
  0.5,
  -0.1,
  2.5,
  1e10,
  1e30,
  -1e300,
  5e-324,
  2 ** -149,
  2 ** 63,
  Number.NaN,
  1 / 0,
  -1 / 0,
];
const EXTREMES = [2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n];
/** Sample values of a kind, each once. */
function samples(k: ScalarKind): readonly ScalarValue[] {
  if (k === 'bool') return [false, true];
  if (isFloatKind(k)) return REALS.map((v) => normalise(k, v));
  const big = k === 'i64' || k === 'u64' ? EXTREMES : [];
  return [...new Set([...NUMBERS, ...big].map((v) => normalise(k, v)))];
}

const COMPARE: readonly BinOp[] = ['==', '!=', '<', '<=', '>', '>='];
const BITS: readonly BinOp[] = ['&', '|', '^'];
const ARITHMETIC: readonly BinOp[] = ['+', '-', '*', '/', 'min', 'max'];
function opsOf(k: ScalarKind): readonly BinOp[] {
  if (k === 'bool') return [...COMPARE, ...BITS, '&&', '||'];
  return isIntKind(k) ? [...COMPARE, ...BITS, ...ARITHMETIC, '%'] : [...COMPARE, ...ARITHMETIC];
}

describe.each(SCALAR_KINDS)('%s', (k) => {
  test.each(opsOf(k))('%s', async (op) => {
    const divides = isIntKind(k) && (op === '/' || op === '%');
    const result = COMPARE.includes(op) ? 'bool' : k;
    const statements = samples(k).flatMap((a) =>
      samples(k).flatMap((b) => {
        if (divides && Number(b) === 0) return [];
        const want = smtLit(result, binScalar(op, k, a, b));
        return [`(= ${smtBin(op, k, smtLit(k, a), smtLit(k, b))} ${want})`];
      }),
    );
    expect(await allTrue(statements)).toBe(true);
  });
  test('one operand', async () => {
    const ops: readonly UnOp[] = k === 'bool' ? ['not'] : isFloatKind(k) ? ['neg', 'sqrt'] : ['neg'];
    const statements = ops.flatMap((op) =>
      samples(k).map((a) => `(= ${smtUn(op, k, smtLit(k, a))} ${smtLit(k, unScalar(op, k, a))})`),
    );
    expect(await allTrue(statements)).toBe(true);
  });
  test.each(SCALAR_KINDS)('to %s', async (to) => {
    const statements = samples(k).map((a) => `(= ${smtCast(k, to, smtLit(k, a))} ${smtLit(to, castScalar(k, to, a))})`);
    expect(await allTrue(statements)).toBe(true);
  });
});

test('a false statement is found, and one that is not understood is a fault', async () => {
  expect(await allTrue(['(= #x01 #x02)'])).toBe(false);
  await expect(allTrue(['(= #x01 #x0002)'])).rejects.toThrow('the solver refuses');
});
