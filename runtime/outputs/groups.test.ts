import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runs } from '../../compiler/testing/runs.ts';
import { expectedGroups } from './groups.ts';

/** Distinct values among the first m of a shuffled walk over `keys` keys, each equally likely. */
function distinct(keys: number, m: number, seed: number): number {
  const seen = new Set<number>();
  let state = seed >>> 0;
  for (let k = 0; k < m; k++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    seen.add(Math.floor((state / 2 ** 32) * keys));
  }
  return seen.size;
}

test('nothing merged, everything seen, every row its own key', () => {
  expect(expectedGroups({ first: 0, second: 0 }, 100)).toBe(0);
  expect(expectedGroups({ first: 7, second: 7 }, 100)).toBe(7);
  expect(expectedGroups({ first: 8192, second: 16384 }, 10)).toBe(81920);
  expect(expectedGroups({ first: 10, second: 25 }, 10)).toBe(100);
});

test('equally likely keys: within a quarter, also where a filter drops most rows', () => {
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 60_000 }), fc.constantFrom(8192, 4000), fc.nat(), (keys, merges, seed) => {
      const counts = { first: distinct(keys, merges, seed), second: distinct(keys, 2 * merges, seed) };
      const times = 30;
      const real = distinct(keys, times * merges, seed);
      expect(expectedGroups(counts, times)).toBeGreaterThan(0.75 * real);
      expect(expectedGroups(counts, times)).toBeLessThan(1.25 * real);
    }),
    runs(7, 0.15),
  );
});
