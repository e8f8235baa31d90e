import { describe, expect, test } from 'vitest';
import { compareValues, type FloatMatch } from '../core/compare.ts';
import { decodeJson, type Json } from '../core/json.ts';
import { dict, F32, F64, I32, I64, struct, type Type, vec } from '../core/types.ts';
import { fail } from '../diag/diagnostic.ts';
import { compareOutcomes, outcomeOf } from './differential.ts';

const diff = (t: Type, a: Json, b: Json, floats?: FloatMatch): string | null =>
  compareValues(t, decodeJson(t, a), decodeJson(t, b), floats);

describe('comparing values', () => {
  test('exact: every NaN is NaN, zeros differ, integers are never near', () => {
    expect(diff(F64, 'NaN', 'NaN')).toBeNull();
    expect(diff(F64, 0, '-0')).toBe('$: expected 0, found -0');
    expect(diff(F64, 0, '-0', { match: 'value' })).toBeNull();
    expect(diff(F64, 1, 1.0000000000000002)).not.toBeNull();
    expect(diff(I64, 1, 2, { match: 'abs', within: 5 })).toBe('$: expected 1, found 2');
  });

  test('tolerances', () => {
    const abs: FloatMatch = { match: 'abs', within: 0.25 };
    const rel: FloatMatch = { match: 'rel', within: 0.1 };
    expect(diff(F64, 1, 1.25, abs)).toBeNull();
    expect(diff(F64, 1, 1.26, abs)).not.toBeNull();
    expect(diff(F32, -100, -109, rel)).toBeNull();
    expect(diff(F64, -100, -111, rel)).not.toBeNull();
    expect(diff(F64, 0, '-0', rel)).toBeNull();
    for (const floats of [abs, rel]) {
      expect(diff(F64, 'Infinity', 'Infinity', floats)).toBeNull();
      expect(diff(F64, 'Infinity', 1e308, floats)).not.toBeNull();
      expect(diff(F64, 'NaN', 1, floats)).not.toBeNull();
      expect(diff(F64, 1, 'NaN', floats)).not.toBeNull();
    }
  });

  test('the place of the first difference', () => {
    const t = vec(struct([I32, vec(F64)]));
    expect(diff(t, [[1, [2, 3]]], [[1, [2, 4]]])).toBe('$.[0].1.[1]: expected 3, found 4');
    expect(diff(t, [[1, []]], [])).toBe('$: expected 1 elements, found 0');
    const d = dict(I32, I32);
    expect(
      diff(
        d,
        [
          [1, 2],
          [3, 4],
        ],
        [
          [3, 4],
          [1, 2],
        ],
      ),
    ).toBe('$.[0].0: expected 1, found 3');
    expect(diff(d, [[1, 2]], [[1, 3]])).toBe('$.[0].1: expected 2, found 3');
    expect(diff(d, [], [[1, 3]])).toBe('$: expected 0 entries, found 1');
  });

  test('outcomes: an error agrees with the same kind only', () => {
    const bounds = outcomeOf(() => fail('W6001', 'x'));
    expect(compareOutcomes(I32, bounds, { error: 'ArrayOutOfBounds' })).toBeNull();
    expect(compareOutcomes(I32, bounds, { error: 'KeyNotFoundError' })).toBe(
      'expected ArrayOutOfBounds, found KeyNotFoundError',
    );
    expect(compareOutcomes(I32, bounds, { value: 1 })).toBe('expected ArrayOutOfBounds, found a value');
    expect(compareOutcomes(I32, { value: 1 }, { value: 1 })).toBeNull();
    expect(() =>
      outcomeOf(() => {
        throw new RangeError('stack');
      }),
    ).toThrow(RangeError);
  });
});
