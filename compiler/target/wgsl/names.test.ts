import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createNamer, identifier } from './names.ts';

test('names are kept where WGSL allows, and changed where not', () => {
  const names = createNamer(['helper']);
  const wanted = ['total', 'total', 'filter', 'min', 'helper', 'v12', '', '__x__y', '9lives', 'a b', 'größe'];
  expect(wanted.map((w) => names.fresh(w))).toEqual([
    'total',
    'total_2',
    'filter_2',
    'min_2',
    'helper_2',
    'v12_2',
    'unnamed',
    'x_y',
    'n9lives',
    'a_b',
    'gr_e',
  ]);
});

test('any text gives an identifier, and never the same twice', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.string(), fc.constantFrom('x', 'x_2', 'fn', 'v1')), { maxLength: 20 }),
      (wanted) => {
        const names = createNamer();
        const given = wanted.map((w) => names.fresh(w));
        expect(new Set(given).size).toBe(given.length);
        for (const name of given) expect(name).toMatch(/^(?!v\d+$)[A-Za-z][A-Za-z0-9_]*$/);
        for (const w of wanted) expect(identifier(w)).not.toMatch(/__/);
      },
    ),
    { seed: 3, numRuns: 200 },
  );
});
