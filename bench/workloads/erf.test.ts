/** The error function of the plain loops, beside the one that all engines run. */

import { expect, it } from 'vitest';
import { library } from '../../compiler/testing/math-accuracy.ts';
import { erf } from './erf.ts';

it('is a few units of the last place off at most', () => {
  for (let x = -6.5; x <= 6.5; x += 1 / 128) {
    const want = library('erf', 'f64', [x, 0]);
    expect(Math.abs(erf(x) - want), String(x)).toBeLessThanOrEqual(8 * 2 ** -53 * Math.abs(want));
  }
});

it('is odd, 1 at infinity and NaN where its argument is', () => {
  expect([-0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN].map(erf)).toStrictEqual([-0, 1, -1, NaN]);
});
