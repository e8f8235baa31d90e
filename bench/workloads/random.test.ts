/** The generator is seeded, stays in its ranges and has roughly its distributions. */

import { expect, it } from 'vitest';
import { type Random, randomOf } from './random.ts';

const COUNT = 20_000;
const many = (draw: (r: Random) => number): number[] => {
  const r = randomOf(7);
  return Array.from({ length: COUNT }, () => draw(r));
};
const mean = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0) / xs.length;

it('gives the same numbers for a seed, others for another', () => {
  const first = (seed: number) =>
    Array.from(
      { length: 5 },
      (
        (r) => () =>
          r.uniform(0, 1)
      )(randomOf(seed)),
    );
  expect(first(1)).toEqual(first(1));
  expect(first(1)).not.toEqual(first(2));
});

it('stays in its ranges', () => {
  for (const x of many((r) => r.uniform(-1, 3))) expect(x >= -1 && x < 3).toBe(true);
  expect(new Set(many((r) => r.whole(-1, 2)))).toEqual(new Set([-1, 0, 1, 2]));
  expect(new Set(many((r) => r.zipf(3)))).toEqual(new Set([0, 1, 2]));
  expect(new Set(many((r) => r.zipf(1)))).toEqual(new Set([0]));
});

it('has its distributions', () => {
  expect(mean(many((r) => r.uniform(0, 1)))).toBeCloseTo(0.5, 1);
  const normal = many((r) => r.normal(3, 2));
  expect(mean(normal)).toBeCloseTo(3, 1);
  expect(Math.sqrt(mean(normal.map((x) => (x - 3) ** 2)))).toBeCloseTo(2, 1);
  expect(mean(many((r) => Number(r.chance(0.25))))).toBeCloseTo(0.25, 1);
  const zipf = many((r) => r.zipf(100));
  const share = (k: number): number => zipf.filter((x) => x === k).length / COUNT;
  expect(share(0) / share(1)).toBeGreaterThan(1.4);
  expect(share(0) / share(1)).toBeLessThan(2.2);
});
