import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { forEachLet } from '../core/walk.ts';
import { arbProgram, type TestCase } from './arb-program.ts';
import { arbFromTape } from './arb-tape.ts';

/** Fails on what `bad` accepts; gives the counterexample and the number of tries that shrinking took. */
function shrunk<T>(arb: fc.Arbitrary<T>, bad: (v: T) => boolean): { readonly found: T; readonly tries: number } {
  let tries = 0;
  const details = fc.check(
    fc.property(arb, (v) => {
      tries++;
      return !bad(v);
    }),
    { seed: 9, numRuns: 2000 },
  );
  if (details.counterexample === null) throw new Error('nothing failed');
  return { found: details.counterexample[0], tries: tries - details.numRuns };
}

describe('shrinking a tape', () => {
  test('finds the smallest list with a property', () => {
    const lists = arbFromTape(200, (tape) => Array.from({ length: tape.pick(50) }, () => tape.pick(1000)));
    const { found } = shrunk(lists, (xs) => xs.filter((x) => x >= 10).length >= 3);
    expect(found.length).toBeLessThanOrEqual(4);
    expect(Math.max(...found)).toBeLessThan(32);
  });

  test('keeps of a program what matters, in few tries', () => {
    const sizeOf = (c: TestCase): number => {
      let lets = 0;
      forEachLet(c.program.body, () => lets++);
      return lets;
    };
    const { found, tries } = shrunk(arbProgram(), (c) => c.toString().includes('tovec'));
    expect(sizeOf(found)).toBeLessThanOrEqual(24);
    expect(tries).toBeLessThan(2500);
  });
});
