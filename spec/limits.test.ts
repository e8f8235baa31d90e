/** Programs of unusual size compile, or are refused with a typed error that names the limit. */

import { afterAll, describe, expect, it } from 'vitest';
import { type Value, WeldError } from '../compiler/index.ts';
import { parseProgram } from '../compiler/text.ts';
import { readEnv, Session } from '../runtime/index.ts';

// Without the verifier, which goes over the whole program after every pass.
const session = new Session({ threads: 1 }, { ...readEnv(), check: false });
afterAll(() => session.dispose());

const chain = (n: number, step: (k: number) => string): string =>
  Array.from({ length: n }, (_, k) => `let a${k + 1} = ${step(k)};`).join('\n');

describe('size', () => {
  it('10,000 lets', async () => {
    const p = parseProgram(`|a0: i64| ${chain(10_000, (k) => `a${k} * 3L + ${k}L`)} a10000`);
    let want = 5n;
    for (let k = 0n; k < 10_000n; k++) want = BigInt.asIntN(64, want * 3n + k);
    expect(await session.evaluate(p, [5n])).toBe(want);
  }, 60_000);

  it('2,000 lets in the body of a loop', async () => {
    const p = parseProgram(
      `|v: vec[i64]| result(for(v, merger[i64,+], |b, i, a0| ${chain(2000, (k) => `a${k} * 3L + ${k}L`)} merge(b, a2000)))`,
    );
    let want = 5n;
    for (let k = 0n; k < 2000n; k++) want = BigInt.asIntN(64, want * 3n + k);
    const v: Value = { kind: 'vec', elem: p.syms.typeOf(p.body.result), length: 1, cols: [BigInt64Array.of(5n)] };
    expect(await session.evaluate(p, [v])).toBe(want);
  }, 60_000);

  it.each([
    ['brackets', `|x: i32| ${'('.repeat(2000)}x${')'.repeat(2000)}`],
    ['branches', `|x: i32| ${'if(x > 0, '.repeat(2000)}x${', 0)'.repeat(2000)}`],
    ['types', `|x: ${'vec['.repeat(2000)}i32${']'.repeat(2000)}| 1`],
    ['lambdas', `|x: i32| ${'(|y| '.repeat(2000)}x${')(1)'.repeat(2000)}`],
  ])('2,000 nested %s are refused', (_what, text) => {
    let refused: unknown = null;
    try {
      parseProgram(text);
    } catch (e) {
      refused = e;
    }
    expect(refused).toBeInstanceOf(WeldError);
    expect(refused).toMatchObject({ code: 'W1004', kind: 'CompileError' });
  });

  it('lambdas that call lambdas grow until the limit', () => {
    const doubled = Array.from({ length: 30 }, (_, k) => `let f${k + 1} = (|x| f${k}(f${k}(x)));`).join(' ');
    expect(() => parseProgram(`|n: i64| let f0 = (|x| x + 1L); ${doubled} f30(n)`)).toThrow('W1007');
  }, 60_000);
});
