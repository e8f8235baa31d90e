import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runs } from '../../compiler/testing/runs.ts';
import { GrainSet } from './grain-set.ts';

it('finds the greatest number that is not above another', () => {
  const number = fc.oneof(fc.nat(70), fc.nat(5000), fc.nat(2 ** 26));
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), number), { maxLength: 60 }), fc.array(number), (changes, asked) => {
      const [set, plain] = [new GrainSet(), new Set<number>()];
      for (const [add, n] of changes) {
        if (add) set.add(n);
        else set.delete(n);
        if (add) plain.add(n);
        else plain.delete(n);
      }
      for (const n of [...asked, ...plain, ...[...plain].map((p) => p + 1)]) {
        const below = [...plain].filter((p) => p <= n);
        expect(set.floor(n)).toBe(below.length === 0 ? null : Math.max(...below));
      }
    }),
    runs(31),
  );
});
