/** Regular expressions as trees, and sets of characters. */

/** Code points from `low` to `high`. */
export interface Range {
  readonly low: number;
  readonly high: number;
}
/** Ascending, with gaps between them. */
export type CharSet = readonly Range[];

export type Assertion = 'start' | 'end' | 'lineStart' | 'lineEnd' | 'word' | 'notWord';

export type Regex =
  | { readonly kind: 'empty' }
  | { readonly kind: 'set'; readonly set: CharSet }
  | { readonly kind: 'assert'; readonly what: Assertion }
  | { readonly kind: 'seq'; readonly parts: readonly Regex[] }
  | { readonly kind: 'alt'; readonly parts: readonly Regex[] }
  /** `max` is null where there is no limit; a lazy one takes as few as it can. */
  | {
      readonly kind: 'repeat';
      readonly part: Regex;
      readonly min: number;
      readonly max: number | null;
      readonly lazy: boolean;
    }
  /** Group `index`, from 1 in the order of the opening brackets. */
  | { readonly kind: 'group'; readonly part: Regex; readonly index: number };

export const MAX_CODE_POINT = 0x10ffff;

/** Any ranges in the form of a set. */
export function charSet(ranges: readonly Range[]): CharSet {
  const sorted = [...ranges].sort((a, b) => a.low - b.low);
  const made: Range[] = [];
  for (const r of sorted) {
    const last = made.at(-1);
    if (last !== undefined && r.low <= last.high + 1) {
      made[made.length - 1] = { low: last.low, high: Math.max(last.high, r.high) };
    } else made.push(r);
  }
  return made;
}

/** All characters that a set does not have. */
export function complement(set: CharSet): CharSet {
  const made: Range[] = [];
  let from = 0;
  for (const { low, high } of set) {
    if (low > from) made.push({ low: from, high: low - 1 });
    from = high + 1;
  }
  if (from <= MAX_CODE_POINT) made.push({ low: from, high: MAX_CODE_POINT });
  return made;
}

const chars = (...pairs: readonly (readonly [string, string])[]): CharSet =>
  charSet(pairs.map(([a, b]) => ({ low: a.charCodeAt(0), high: b.charCodeAt(0) })));

export const DIGITS: CharSet = chars(['0', '9']);
export const WORDS: CharSet = chars(['0', '9'], ['A', 'Z'], ['_', '_'], ['a', 'z']);
export const SPACES: CharSet = chars(['\t', '\r'], [' ', ' ']);
export const NEWLINE: CharSet = chars(['\n', '\n']);
