/**
 * Parts of strings, as columns of strings beside flags: {offsets, bytes, vec[bool]}.
 *
 *     str_trim(o, b)                without ASCII white space (\t \n \v \f \r and blanks) at both ends
 *     str_slice(o, b, from, to)     the characters from number `from` up to, but not, `to`
 *     str_field(o, b, sep, place)   the field at a place of those between separators; none where there are fewer
 *
 * Characters are code points; bytes that are no UTF-8 are characters of one byte each.
 */

import { fail, type PrimSpec, type Value } from '../../compiler/index.ts';
import { isAt } from './literal.ts';
import { partsOf, partsType, type Span } from './spans.ts';
import {
  bytesParam,
  checkedStrings,
  countParam,
  type Param,
  patternOf,
  type Strings,
  startOf,
  stringAt,
  typingOf,
} from './strings.ts';
import { skipChars } from './utf8.ts';

/** A primitive of strings and of `params`, which gives parts. */
export function partPrim(
  p: Pick<PrimSpec, 'name' | 'doc'>,
  params: readonly Param[],
  spanOf: (s: Strings, args: readonly Value[]) => (row: number) => Span,
): PrimSpec {
  return {
    ...p,
    pure: true,
    typing: typingOf(p.name, params, partsType),
    run([offsets, bytes, ...more], alloc) {
      const strings = checkedStrings(p.name, offsets, bytes);
      return partsOf(strings, spanOf(strings, more), alloc);
    },
  };
}

/** Is this byte ASCII white space? */
const isSpace = (byte: number | undefined): boolean => byte === 32 || (byte !== undefined && byte >= 9 && byte <= 13);

export const trim: PrimSpec = partPrim(
  {
    name: 'str_trim',
    doc: 'str_trim(offsets, bytes): {offsets, bytes, vec[bool]}, strings without white space around',
  },
  [],
  (strings) => (row) => {
    let [from, to] = [startOf(strings, row), startOf(strings, row + 1)];
    while (from < to && isSpace(strings.bytes[from])) from++;
    while (to > from && isSpace(strings.bytes[to - 1])) to--;
    return [from, to];
  },
);

export const slice: PrimSpec = partPrim(
  {
    name: 'str_slice',
    doc: 'str_slice(offsets, bytes, from: i64, to: i64): {offsets, bytes, vec[bool]}, characters by number',
  },
  [countParam('the number of the first character'), countParam('the number of the character behind the last one')],
  (strings, args) => {
    const [first, last] = args.map((n) => charNumber(slice.name, n));
    return (row) => {
      const end = startOf(strings, row + 1);
      const from = skipChars(strings.bytes, startOf(strings, row), end, first ?? 0);
      return [from, skipChars(strings.bytes, from, end, Math.max(0, (last ?? 0) - (first ?? 0)))];
    };
  },
);

/** The number of a character or a field, at most so many as there may be. */
export function charNumber(name: string, n: Value): number {
  const number = Number(n);
  if (!(number >= 0)) fail('W8005', `${name}: ${number} is no number of a character or a field, they begin with 0`);
  return Math.min(number, 2 ** 31 - 1);
}

export const field: PrimSpec = partPrim(
  {
    name: 'str_field',
    doc: 'str_field(offsets, bytes, separator: vec[u8], place: i64): {offsets, bytes, vec[bool]}, fields by place',
  },
  [bytesParam('a separator'), countParam('the place of a field')],
  (strings, [given, place = 0]) => {
    const separator = separatorOf(given);
    const wanted = charNumber(field.name, place);
    return (row) => {
      const text = stringAt(strings, row);
      let [from, left] = [0, wanted];
      for (let at = 0; at + separator.length <= text.length; ) {
        if (!isAt(text, at, separator)) {
          at++;
          continue;
        }
        if (left === 0) return [startOf(strings, row) + from, startOf(strings, row) + at];
        left--;
        at += separator.length;
        from = at;
      }
      return left === 0 ? [startOf(strings, row) + from, startOf(strings, row + 1)] : null;
    };
  },
);

/** The separator of fields, which is not empty. */
export function separatorOf(v: Value | undefined): Uint8Array {
  const separator = patternOf(v);
  return separator.length > 0 ? separator : fail('W8005', `${field.name}: the separator is empty`);
}
