import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineDiff } from './diff.ts';

describe('lineDiff', () => {
  it('shows what went and what came', () => {
    expect(lineDiff('a\nb\nc\n', 'a\nb\nc\n')).toEqual([]);
    expect(lineDiff('a\nb\nc\n', 'a\nx\nc\nd\n')).toEqual(['- b', '+ x', '+ d']);
    expect(lineDiff('a\na\nb', 'a\nb')).toEqual(['- a']);
    expect(lineDiff('x', 'y')).toEqual(['- x', '+ y']);
  });

  it('is the shortest, and makes one text of the other', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(text, text, (a, b) => {
        const diff = lineDiff(a.join('\n'), b.join('\n'));
        const gone = diff.filter((l) => l.startsWith('- ')).map((l) => l.slice(2));
        const came = diff.filter((l) => l.startsWith('+ ')).map((l) => l.slice(2));
        expect(gone.length + came.length).toBe(a.length + b.length - 2 * common(a, b));
        expect([...b, ...gone].sort()).toEqual([...a, ...came].sort());
      }),
      { numRuns: 200, seed: 11 },
    );
  });
});

/** The length of the longest common subsequence, by trying everything. */
function common(a: readonly string[], b: readonly string[]): number {
  const [x, ...as] = a;
  if (x === undefined) return 0;
  const at = b.indexOf(x);
  return Math.max(common(as, b), at === -1 ? 0 : 1 + common(as, b.slice(at + 1)));
}
