import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { didYouMean, editDistance, suggest } from './suggest.ts';

describe('suggest', () => {
  test('finds the slip of a finger', () => {
    const columns = ['date', 'delay', 'distance', 'origin', 'destination'];
    expect(suggest('dealy', columns)).toBe('delay');
    expect(suggest('Origin', columns)).toBe('origin');
    expect(suggest('distence', columns)).toBe('distance');
    expect(suggest('destinatoin', columns)).toBe('destination');
  });

  test('is silent when nothing is near, and never suggests the word itself', () => {
    expect(suggest('passengers', ['date', 'delay'])).toBeNull();
    expect(suggest('x', [])).toBeNull();
    expect(suggest('delay', ['delay'])).toBeNull();
    expect(suggest('', ['ab', 'a'])).toBeNull();
    expect(suggest('x', ['y'])).toBeNull();
  });

  test('the first of equals wins', () => {
    expect(suggest('col', ['cola', 'colb'])).toBe('cola');
    expect(suggest('col', ['colb', 'cola'])).toBe('colb');
  });

  test('help lines', () => {
    expect(didYouMean('dealy', ['delay'])).toBe("did you mean 'delay'?");
    expect(didYouMean('passengers', ['date', 'delay'])).toBe("there is 'date', 'delay'");
    expect(
      didYouMean(
        'q',
        Array.from({ length: 14 }, (_, i) => `column${i}`),
      ),
    ).toMatch(/ and 2 more$/);
    expect(didYouMean('q', [])).toBeNull();
  });
});

describe('editDistance', () => {
  test('known distances', () => {
    expect(editDistance('', '')).toBe(0);
    expect(editDistance('', 'abc')).toBe(3);
    expect(editDistance('kitten', 'sitting')).toBe(3);
    expect(editDistance('ab', 'ba')).toBe(1);
  });

  test('is symmetric, zero only for equals, bounded by the longer word, and 1 for one edit', () => {
    const word = fc.string({
      maxLength: 8,
      unit: fc.constantFrom('a', 'b', 'c'),
    });
    fc.assert(
      fc.property(word, word, fc.nat(7), (a, b, at) => {
        const d = editDistance(a, b);
        expect(d).toBe(editDistance(b, a));
        expect(d === 0).toBe(a === b);
        expect(d).toBeLessThanOrEqual(Math.max(a.length, b.length));
        expect(d).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
        const cut = Math.min(at, a.length);
        expect(editDistance(a, `${a.slice(0, cut)}z${a.slice(cut)}`)).toBe(1);
      }),
      { numRuns: 200, seed: 7 },
    );
  });
});
