/**
 * str_contains, str_starts, str_ends, str_equals(offsets, bytes, pattern): which strings of a column hold a pattern, begin
 * or end with it, or are it, byte for byte. Every string contains, starts and ends with the empty pattern.
 *
 *     str_contains([0, 3, 5], "abcbd", "bc")  =>  [true, false]
 *
 * A match lies in one string. Bytes that are no UTF-8 are compared as any others; in text that is UTF-8 a pattern that is
 * matches whole characters.
 */

import { BOOL, type PrimSpec, vec } from '../../compiler/index.ts';
import { found, vector } from '../column.ts';
import { checkedStrings, isPatternType, patternOf, stringAt, stringsTyping } from './strings.ts';

export const LITERAL_TESTS = ['contains', 'starts', 'ends', 'equals'] as const;
export type LiteralTest = (typeof LITERAL_TESTS)[number];

const ABOUT: Readonly<Record<LiteralTest, string>> = {
  contains: 'contain a pattern',
  starts: 'start with a pattern',
  ends: 'end with a pattern',
  equals: 'are a pattern',
};

/** The name of the primitive of a test. */
export const literalName = (test: LiteralTest): string => `str_${test}`;

export const literals: readonly PrimSpec[] = LITERAL_TESTS.map((test): PrimSpec => {
  const name = literalName(test);
  return {
    name,
    doc: `${name}(offsets: vec[i32] or vec[i64], bytes: vec[u8], pattern: vec[u8]): vec[bool], which strings ${ABOUT[test]}`,
    pure: true,

    typing([offsets, bytes, pattern, ...rest]) {
      const wrong = stringsTyping(name, offsets, bytes);
      if (wrong !== null) return wrong;
      if (!isPatternType(pattern))
        return `${name} needs a pattern of bytes, a vec[u8] or vec[i8], found ${found(pattern)}`;
      return rest.length === 0 ? vec(BOOL) : `${name} takes three arguments, found ${rest.length + 3}`;
    },

    run([offsets, bytes, given], alloc) {
      const strings = checkedStrings(name, offsets, bytes);
      const pattern = patternOf(given);
      const flags = alloc.alloc('bool', strings.rows);
      for (let r = 0; r < strings.rows; r++) flags[r] = holds(test, stringAt(strings, r), pattern) ? 1 : 0;
      return vector('bool', flags);
    },
  };
});

function holds(test: LiteralTest, text: Uint8Array, pattern: Uint8Array): boolean {
  const last = text.length - pattern.length;
  switch (test) {
    case 'contains':
      return isHeld(text, pattern);
    case 'starts':
      return last >= 0 && isAt(text, 0, pattern);
    case 'ends':
      return last >= 0 && isAt(text, last, pattern);
    case 'equals':
      return last === 0 && isAt(text, 0, pattern);
    default:
      return test satisfies never;
  }
}
/** Is the pattern somewhere in a text? */
export function isHeld(text: Uint8Array, pattern: Uint8Array): boolean {
  for (let at = 0; at + pattern.length <= text.length; at++) if (isAt(text, at, pattern)) return true;
  return false;
}
/** Is the pattern at a place of a text that has as many bytes from there? */
export const isAt = (text: Uint8Array, at: number, pattern: Uint8Array): boolean =>
  pattern.every((byte, k) => text[at + k] === byte);
