import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runs } from '../../compiler/testing/runs.ts';
import { selected } from './sample.ts';

it('selects what stands at a place of the sorted cells', () => {
  const number = fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(0, -0, 1, 2, Number.POSITIVE_INFINITY));
  fc.assert(
    fc.property(fc.float64Array({ noNaN: true, minLength: 1 }), fc.array(number), fc.nat(), (few, more, at) => {
      const cells = Float64Array.of(...few, ...more);
      const place = at % cells.length;
      // Zeros are equal.
      expect((selected(cells.slice(), place) as number) + 0).toBe((cells.sort()[place] as number) + 0);
    }),
    runs(31),
  );
});

it('selects among integers of 64 bits, equal cells and none', () => {
  expect(selected(BigInt64Array.of(5n, -3n, 2n ** 62n, 5n), 1)).toBe(5n);
  expect(selected(new Uint8Array(5000).fill(7), 4999)).toBe(7);
  expect(selected(Float64Array.of(), 0)).toBeUndefined();
  expect(selected(Float64Array.of(2, 1), 2)).toBeUndefined();
});
