/**
 * str_lower(bytes), str_upper(bytes): the bytes with ASCII letters in the other case. All else stays, so offsets of strings
 * do too. Letters beyond ASCII are not mapped: their other case may have another number of bytes.
 *
 * str_length(offsets, bytes): how many characters each string has; bytes that are no UTF-8 are characters of their own.
 */

import { I32, type PrimSpec, U8, vec } from '../../compiler/index.ts';
import { found, vector } from '../column.ts';
import { checkedStrings, newBytes, patternOf, startOf, stringsTyping } from './strings.ts';
import { charBytes } from './utf8.ts';

export const CASES = ['lower', 'upper'] as const;
export type Case = (typeof CASES)[number];
export const caseName = (to: Case): string => `str_${to}`;

/** The first letter that is changed; the bit that makes it the other case is 32. */
export const FIRST_LETTER: Readonly<Record<Case, number>> = { lower: 65, upper: 97 };

export const cases: readonly PrimSpec[] = CASES.map((to) => ({
  name: caseName(to),
  doc: `${caseName(to)}(bytes: vec[u8]): vec[u8], with ASCII letters in ${to} case`,
  pure: true,
  typing([bytes, ...rest]) {
    if (bytes !== vec(U8)) return `${caseName(to)} takes bytes of strings, a vec[u8], found ${found(bytes)}`;
    return rest.length === 0 ? bytes : `${caseName(to)} takes one argument, found ${rest.length + 1}`;
  },
  run([bytes], alloc) {
    const from = patternOf(bytes);
    const first = FIRST_LETTER[to];
    const made = newBytes('u8', from.length, alloc);
    for (const [k, byte] of from.entries()) made[k] = byte >= first && byte < first + 26 ? byte ^ 32 : byte;
    return vector('u8', made);
  },
}));

export const lengths: PrimSpec = {
  name: 'str_length',
  doc: 'str_length(offsets: vec[i32] or vec[i64], bytes: vec[u8]): vec[i32], the characters of strings',
  pure: true,
  typing([offsets, bytes, ...rest]) {
    const wrong = stringsTyping(this.name, offsets, bytes);
    if (wrong !== null) return wrong;
    return rest.length === 0 ? vec(I32) : `str_length takes two arguments, found ${rest.length + 2}`;
  },
  run([offsets, bytes], alloc) {
    const strings = checkedStrings(this.name, offsets, bytes);
    const counts = alloc.alloc('i32', strings.rows);
    for (let r = 0; r < strings.rows; r++) {
      const end = startOf(strings, r + 1);
      let count = 0;
      for (let at = startOf(strings, r); at < end; count++) at += charBytes(strings.bytes, at, end);
      counts[r] = count;
    }
    return vector('i32', counts);
  },
};
