/** The comparison rules of the case format, and the paths that differences are told with. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeJson, encodeJson, type Json } from '../../compiler/core/json.ts';
import { BOOL, dict, F32, F64, I32, I64, struct, type Type, U64, vec } from '../../compiler/index.ts';
import type { Tolerance } from './cases.ts';
import { difference } from './compare.ts';
import { placeOf } from './fields.ts';
import { wantAt } from './values.ts';

const EXACT: Tolerance = { within: 'exact' };
const AT = placeOf('case "x"');

/** The difference between two values that are written as JSON. */
const differ = (t: Type, found: Json, want: Json, tolerance: Tolerance = EXACT): string | null =>
  difference(t, decodeJson(t, found), wantAt(t, want, AT), tolerance);

describe('exact comparison', () => {
  it('takes every NaN for the same, and tells the zeros apart', () => {
    expect(differ(F64, 'NaN', 'NaN')).toBeNull();
    expect(differ(F32, 'NaN', 1)).toBe('at $: expected 1, found "NaN"');
    expect(differ(F64, '-0', 0)).toBe('at $: expected 0, found "-0"');
    expect(differ(F64, 0, '-0')).toBe('at $: expected "-0", found 0');
    expect(differ(F64, '-0', '-0')).toBeNull();
    expect(differ(F64, 'Infinity', '-Infinity')).toBe('at $: expected "-Infinity", found "Infinity"');
  });

  it('names the path of the first difference', () => {
    const t = struct([I32, vec(struct([BOOL, F64]))]);
    const value: Json = [
      7,
      [
        [true, 1],
        [false, 2],
      ],
    ];
    expect(differ(t, value, value)).toBeNull();
    expect(
      differ(t, value, [
        7,
        [
          [true, 1],
          [false, 2.5],
        ],
      ]),
    ).toBe('at $.1.[1].1: expected 2.5, found 2');
    expect(differ(t, value, [7, [[true, 1]]])).toBe('at $.1: expected 1 elements, found 2');
    expect(differ(t, value, [8, []])).toBe('at $.0: expected 8, found 7');
  });

  it('is exact on 64 bits', () => {
    expect(differ(I64, '9223372036854775807', '9223372036854775806')).toBe(
      'at $: expected "9223372036854775806", found "9223372036854775807"',
    );
    expect(differ(U64, '18446744073709551615', '18446744073709551615')).toBeNull();
  });

  it('compares dictionaries in iteration order', () => {
    const t = dict(I32, I64);
    const value: Json = [
      [2, 20],
      [1, 10],
    ];
    expect(differ(t, value, value)).toBeNull();
    expect(
      differ(t, value, [
        [1, 10],
        [2, 20],
      ]),
    ).toBe('at $.[0].0: expected 1, found 2');
    expect(
      differ(t, value, [
        [2, 20],
        [1, 11],
      ]),
    ).toBe('at $.[1].1: expected 11, found 10');
    expect(differ(t, [], value)).toBe('at $: expected 2 entries, found 0');
  });

  it('compares empty and long vectors', () => {
    expect(differ(vec(I32), [], [])).toBeNull();
    expect(differ(vec(I32), [], [0])).toBe('at $: expected 1 elements, found 0');
    expect(differ(vec(I32), { range: [0, 1000] }, { concat: [{ range: [0, 999] }, [0]] })).toBe(
      'at $.[999]: expected 0, found 999',
    );
  });
});

describe('tolerances', () => {
  const abs: Tolerance = { within: 'abs', of: 0.5 };
  const rel: Tolerance = { within: 'rel', of: 0.01 };

  it('are for floats only', () => {
    expect(differ(F64, 1.5, 1, abs)).toBeNull();
    expect(differ(F64, 1.75, 1, abs)).toBe('at $: expected 1 within abs 0.5, found 1.75');
    expect(differ(I32, 2, 1, { within: 'abs', of: 3 })).toBe('at $: expected 1, found 2');
    expect(differ(struct([F64, I32]), [1.25, 3], [1, 3], abs)).toBeNull();
  });

  it('are relative to the expected value', () => {
    expect(differ(F64, -202, -200, rel)).toBeNull();
    expect(differ(F64, -203, -200, rel)).toBe('at $: expected -200 within rel 0.01, found -203');
    expect(differ(F64, 1e-9, 0, rel)).not.toBeNull();
    expect(differ(F64, '-0', 0, rel)).toBeNull();
  });

  it('leave NaN and the infinities exact', () => {
    expect(differ(F64, 'NaN', 'NaN', abs)).toBeNull();
    expect(differ(F64, 'NaN', 1, abs)).not.toBeNull();
    expect(differ(F64, 1, 'NaN', abs)).not.toBeNull();
    expect(differ(F64, 'Infinity', 'Infinity', rel)).toBeNull();
    expect(differ(F64, 1e308, 'Infinity', abs)).not.toBeNull();
    // The bound is infinite too, and still a finite number is not infinity.
    expect(differ(F64, 1e308, 'Infinity', rel)).not.toBeNull();
    expect(differ(F64, '-Infinity', 'Infinity', rel)).not.toBeNull();
  });
});

describe('null', () => {
  it('accepts anything at its place and nothing else elsewhere', () => {
    const t = struct([struct([BOOL, I32]), vec(F64)]);
    const want: Json = [
      [false, null],
      [1, null, 3],
    ];
    expect(
      differ(
        t,
        [
          [false, 99],
          [1, 'NaN', 3],
        ],
        want,
      ),
    ).toBeNull();
    expect(
      differ(
        t,
        [
          [true, 99],
          [1, 2, 3],
        ],
        want,
      ),
    ).toBe('at $.0.0: expected false, found true');
    expect(
      differ(
        t,
        [
          [false, 0],
          [1, 2, 4],
        ],
        want,
      ),
    ).toBe('at $.1.[2]: expected 3, found 4');
    expect(
      differ(
        t,
        [
          [false, 0],
          [1, 2],
        ],
        want,
      ),
    ).toBe('at $.1: expected 3 elements, found 2');
    expect(differ(t, [[true, 0], []], null)).toBeNull();
    expect(differ(t, [[true, 0], []], [[true, 0], null])).toBeNull();
  });

  it('stands in compact forms and in entries of dictionaries', () => {
    expect(differ(vec(I32), [5, 6, 1], { concat: [{ repeat: [null, 2] }, [1]] })).toBeNull();
    expect(differ(vec(I32), [5, 6], { cycle: [[null, 6], 2] })).toBe('at $: expected 4 elements, found 2');
    expect(differ(vec(I32), [5, 6, 7, 6], { cycle: [[null, 6], 2] })).toBeNull();
    expect(differ(vec(I32), [0, 1, 9], { concat: [{ range: [0, 2] }, [null]] })).toBeNull();
    expect(differ(dict(I32, I32), [[1, 5]], [[1, null]])).toBeNull();
    expect(differ(dict(I32, I32), [[2, 5]], [[1, null]])).toBe('at $.[0].0: expected 1, found 2');
  });
});

it('finds exactly the element that was changed', () => {
  const values = fc.array(fc.oneof(fc.double(), fc.constantFrom(Number.NaN, 0, -0, 1 / 0)), { minLength: 1 });
  const t = vec(F64);
  fc.assert(
    fc.property(values, fc.nat(), (xs, seed) => {
      const k = seed % xs.length;
      expect(differ(t, encodeJson(t, xs), encodeJson(t, xs))).toBeNull();
      const changed = xs.with(k, Object.is(xs[k], 0.5) ? 1.5 : 0.5);
      expect(differ(t, encodeJson(t, changed), encodeJson(t, xs))).toMatch(`at $.[${k}]: `);
    }),
    { numRuns: 200, seed: 11 },
  );
});
