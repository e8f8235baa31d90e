import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffRows, lineDiff } from './diff.ts';

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

describe('diffRows', () => {
  it('puts lines that went beside lines that came', () => {
    expect(diffRows('a\nb\nc\nd', 'a\nx\nd\ne')).toEqual([
      { kind: 'same', line: 'a' },
      { kind: 'changed', before: 'b', after: 'x' },
      { kind: 'changed', before: 'c', after: null },
      { kind: 'same', line: 'd' },
      { kind: 'changed', before: null, after: 'e' },
    ]);
    expect(diffRows('a\n', 'a\n')).toEqual([{ kind: 'same', line: 'a' }]);
  });

  it('has all lines of both texts, also where they are too long to compare', () => {
    const lines = (n: number, stem: string): string =>
      Array.from({ length: n }, (_, k) => (k % 7 === 0 ? `${k}` : `${stem}${k}`)).join('\n');
    for (const n of [1, 40, 2500]) {
      const [a, b] = [lines(n, 'a'), lines(n + 3, 'b')];
      const rows = diffRows(a, b);
      const side = (of: 'before' | 'after'): string =>
        rows.flatMap((r) => (r.kind === 'same' ? r.line : (r[of] ?? []))).join('\n');
      expect(side('before')).toBe(a);
      expect(side('after')).toBe(b);
    }
  });
});

/** The length of the longest common subsequence, by trying everything. */
function common(a: readonly string[], b: readonly string[]): number {
  const [x, ...as] = a;
  if (x === undefined) return 0;
  const at = b.indexOf(x);
  return Math.max(common(as, b), at === -1 ? 0 : 1 + common(as, b.slice(at + 1)));
}
