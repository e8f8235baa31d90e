/**
 * str_concat(offsets, bytes, more_offsets, more_bytes): each string of a column with that of another one behind it.
 *
 *     str_concat([0, 1, 3], "abc", [0, 2, 2], "de")  =>  {[0, 3, 5], "adebc"}
 *
 * The offsets are of the kind of the first ones.
 */

import { fail, type PrimSpec } from '../../compiler/index.ts';
import { checkedStrings, offsetKind, type Strings, stringAt, stringsTyping } from './strings.ts';
import { stringsType, writtenStrings } from './written.ts';

const name = 'str_concat';

export const concat: PrimSpec = {
  name,
  doc: 'str_concat(offsets, bytes, more_offsets, more_bytes): {offsets, bytes}, strings of two columns put together',
  pure: true,
  typing([offsets, bytes, moreOffsets, moreBytes, ...rest]) {
    const wrong = stringsTyping(name, offsets, bytes) ?? stringsTyping(name, moreOffsets, moreBytes);
    if (wrong !== null || offsets === undefined) return wrong ?? '';
    return rest.length === 0 ? stringsType(offsets) : `${name} takes 4 arguments, found ${rest.length + 4}`;
  },
  run([offsets, bytes, moreOffsets, moreBytes], alloc) {
    const [a, b] = [checkedStrings(name, offsets, bytes), checkedStrings(name, moreOffsets, moreBytes)];
    const textOf = (row: number): readonly number[] => [...stringAt(a, row), ...stringAt(b, row)];
    return writtenStrings(name, { rows: sameRows(a, b), kind: offsetKind(a), textOf }, alloc);
  },
};

/** How many rows both columns have. W8005 where they have not as many. */
export function sameRows(a: Strings, b: Strings): number {
  return a.rows === b.rows ? a.rows : fail('W8005', `${name}: one column has ${a.rows} strings, the other ${b.rows}`);
}
