/**
 * Several patterns at once, given as a column of strings of their own.
 *
 *     str_contains_any(offsets, bytes, patterns...)   the patterns that each string holds: bit p % 64 of word p / 64, with
 *                                                     as many words a string as the patterns need
 *     str_find_any(offsets, bytes, patterns...)       the number of the pattern that is met first, -1 for none
 *
 *     str_contains_any([0, 5], "abcab", [0, 1, 3], "xab")  =>  [2]
 *     str_find_any([0, 5], "abcab", [0, 3, 5], "cabab")    =>  [1]
 *
 * The one that is met first ends first; of several that end at one place the one that is first in the list. The empty
 * pattern is met before anything else.
 */

import { fail, I32, type PrimSpec, U64, vec } from '../../compiler/index.ts';
import { vector } from '../column.ts';
import { isAt, isHeld } from './literal.ts';
import { checkedStrings, type Strings, stringAt, stringsTyping } from './strings.ts';

/** Most bytes of all patterns together: what is made of them has a row of 256 places a byte at most. */
const MOST_BYTES = 1 << 16;

const patternsTyping = (name: string): PrimSpec['typing'] => {
  const gives = vec(name === 'str_find_any' ? I32 : U64);
  return ([offsets, bytes, patternOffsets, patternBytes, ...rest]) => {
    const wrong = stringsTyping(name, offsets, bytes);
    if (wrong !== null) return wrong;
    if (stringsTyping(name, patternOffsets, patternBytes) !== null) {
      return `${name} needs its patterns as a column of strings, offsets and bytes, behind the strings`;
    }
    return rest.length === 0 ? gives : `${name} takes four arguments, found ${rest.length + 4}`;
  };
};

/** The patterns of a call. */
export function patternsOf(name: string, args: Parameters<PrimSpec['run']>[0]): readonly Uint8Array[] {
  const strings: Strings = checkedStrings(`${name}, patterns`, args[2], args[3]);
  const patterns = Array.from({ length: strings.rows }, (_, p) => stringAt(strings, p));
  const bytes = patterns.reduce((sum, p) => sum + p.length, 0);
  if (bytes > MOST_BYTES) fail('W5001', `${name}: patterns of ${bytes} bytes, the most is ${MOST_BYTES}`);
  return patterns;
}

/** Words of 64 patterns. */
export const wordsFor = (patterns: readonly Uint8Array[]): number => Math.ceil(patterns.length / 64);

export const containsAny: PrimSpec = {
  name: 'str_contains_any',
  doc: 'str_contains_any(offsets, bytes, pattern_offsets, pattern_bytes): vec[u64], the patterns that strings contain as bits',
  pure: true,
  typing: patternsTyping('str_contains_any'),

  run(args, alloc) {
    const strings = checkedStrings(this.name, args[0], args[1]);
    const patterns = patternsOf(this.name, args);
    const width = wordsFor(patterns);
    const words = alloc.alloc('u64', strings.rows * width);
    if (!(words instanceof BigUint64Array)) return vector('u64', words);
    words.fill(0n);
    for (let r = 0; r < strings.rows; r++) {
      const text = stringAt(strings, r);
      for (const [p, pattern] of patterns.entries()) {
        const at = r * width + (p >> 6);
        if (isHeld(text, pattern)) words[at] = (words[at] ?? 0n) | (1n << BigInt(p & 63));
      }
    }
    return vector('u64', words);
  },
};

export const findAny: PrimSpec = {
  name: 'str_find_any',
  doc: 'str_find_any(offsets, bytes, pattern_offsets, pattern_bytes): vec[i32], which pattern strings contain first, or -1',
  pure: true,
  typing: patternsTyping('str_find_any'),

  run(args, alloc) {
    const strings = checkedStrings(this.name, args[0], args[1]);
    const patterns = patternsOf(this.name, args);
    const numbers = alloc.alloc('i32', strings.rows);
    for (let r = 0; r < strings.rows; r++) numbers[r] = firstEnding(stringAt(strings, r), patterns);
    return vector('i32', numbers);
  },
};

function firstEnding(text: Uint8Array, patterns: readonly Uint8Array[]): number {
  for (let end = 0; end <= text.length; end++) {
    const p = patterns.findIndex((pattern) => end >= pattern.length && isAt(text, end - pattern.length, pattern));
    if (p >= 0) return p;
  }
  return -1;
}
