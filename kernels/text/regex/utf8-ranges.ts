/**
 * Sets of characters as sequences of byte ranges: every way to spell one of them in UTF-8 is in one sequence, and nothing
 * else is. Halves of surrogate pairs have no spelling.
 *
 *     [U+0080, U+10FF]  =>  [C2-DF][80-BF], [E0][A0-BF][80-BF], [E1][80-83][80-BF]
 */

import type { CharSet, Range } from './syntax.ts';

/** The first character that takes one byte more. */
const STEPS = [0x80, 0x800, 0xd800, 0xe000, 0x10000, 0x110000];

/** The sequences of a set, in order. */
export function utf8Sequences(set: CharSet): readonly (readonly Range[])[] {
  return set.flatMap(({ low, high }) => {
    const pieces: (readonly Range[])[] = [];
    let from = low;
    for (const step of STEPS) {
      const to = Math.min(high, step - 1);
      if (from > to) continue;
      if (from < 0xd800 || from >= 0xe000) pieces.push(...sequences(encode(from), encode(to)));
      from = to + 1;
    }
    return pieces;
  });
}

/** The bytes of a character. */
function encode(c: number): readonly number[] {
  if (c < 0x80) return [c];
  const tail = (shift: number): number => 0x80 | ((c >> shift) & 0x3f);
  if (c < 0x800) return [0xc0 | (c >> 6), tail(0)];
  return c < 0x10000 ? [0xe0 | (c >> 12), tail(6), tail(0)] : [0xf0 | (c >> 18), tail(12), tail(6), tail(0)];
}

const LEAST = 0x80;
const MOST = 0xbf;

/** All spellings from one to another of the same length. */
function sequences(low: readonly number[], high: readonly number[]): readonly (readonly Range[])[] {
  const [a = 0, ...lows] = low;
  const [b = 0, ...highs] = high;
  if (lows.length === 0) return [[{ low: a, high: b }]];
  if (a === b) return sequences(lows, highs).map((rest) => [{ low: a, high: a }, ...rest]);
  const under = (first: number, last: number, rest: readonly (readonly Range[])[]): readonly (readonly Range[])[] =>
    first > last ? [] : rest.map((r) => [{ low: first, high: last }, ...r]);
  const [least, most] = [lows.map(() => LEAST), lows.map(() => MOST)];
  const [startsWhole, endsWhole] = [lows.every((x) => x === LEAST), highs.every((x) => x === MOST)];
  const whole = sequences(least, most);
  return [
    ...(startsWhole ? [] : under(a, a, sequences(lows, most))),
    ...under(startsWhole ? a : a + 1, endsWhole ? b : b - 1, whole),
    ...(endsWhole ? [] : under(b, b, sequences(least, highs))),
  ];
}
