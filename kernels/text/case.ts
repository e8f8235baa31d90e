/**
 * str_lower, str_upper, str_fold(offsets, bytes): strings with every character in another case (`cased.ts`). The other case
 * may have another number of bytes, so there are new offsets. Bytes that are no UTF-8 stay as they are.
 *
 *     str_upper([0, 5], "naïf")  =>  {[0, 5], "NAÏF"}
 *
 * str_length(offsets, bytes): how many characters each string has; bytes that are no UTF-8 are characters of their own.
 */

import { I32, type PrimSpec, vec } from '../../compiler/index.ts';
import { vector } from '../column.ts';
import { CASES, type Case, cased } from './cased.ts';
import { checkedStrings, startOf, typingOf } from './strings.ts';
import { charBytes } from './utf8.ts';
import { writtenPrim } from './written.ts';

export const caseName = (to: Case): string => `str_${to}`;

const ABOUT: Readonly<Record<Case, string>> = {
  lower: 'in lower case',
  upper: 'in upper case',
  fold: 'that are equal where only case differs',
};

export const cases: readonly PrimSpec[] = CASES.map((to) => {
  const name = caseName(to);
  const doc = `${name}(offsets: vec[i32] or vec[i64], bytes: vec[u8]): {offsets, bytes}, strings ${ABOUT[to]}`;
  return writtenPrim({ name, doc }, [], () => (text) => casedBytes(to, text));
});

const decoder = new TextDecoder();
const encoder = new TextEncoder();

function casedBytes(to: Case, text: Uint8Array): readonly number[] {
  const made: number[] = [];
  for (let at = 0; at < text.length; ) {
    const char = text.subarray(at, at + charBytes(text, at, text.length));
    const isNone = char.length === 1 && (char[0] ?? 0) >= 0x80;
    const code = isNone ? undefined : decoder.decode(char).codePointAt(0);
    made.push(...(code === undefined ? char : encoder.encode(String.fromCodePoint(cased(to, code)))));
    at += char.length;
  }
  return made;
}

export const lengths: PrimSpec = {
  name: 'str_length',
  doc: 'str_length(offsets: vec[i32] or vec[i64], bytes: vec[u8]): vec[i32], the characters of strings',
  pure: true,
  typing: typingOf('str_length', [], () => vec(I32)),
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
