/**
 * Values to strings, {vec[i32], vec[u8]}:
 *
 *     str_format_i64(v: vec[i64])          decimal digits
 *     str_format_f64(v: vec[f64])          the shortest digits that are read as the same number, as JavaScript writes them
 *     str_format_date(v: vec[i32])         days since 1970-01-01 as YYYY-MM-DD
 *     str_format_timestamp(v: vec[i64])    microseconds since 1970 as YYYY-MM-DDThh:mm:ss[.fraction]
 */

import { I32, type PrimSpec, scalar, vec } from '../../compiler/index.ts';
import { columnOf, mistyped } from '../column.ts';
import { dateText, timestampText } from './calendar.ts';
import { stringsType, writtenStrings } from './written.ts';

export const FORMATTED = ['i64', 'f64', 'date', 'timestamp'] as const;
export type Formatted = (typeof FORMATTED)[number];

export const formatName = (of: Formatted): string => `str_format_${of}`;
const KINDS = { i64: 'i64', f64: 'f64', date: 'i32', timestamp: 'i64' } as const;

const encoder = new TextEncoder();

export const formatters: readonly PrimSpec[] = FORMATTED.map((of) => {
  const name = formatName(of);
  const type = vec(scalar(KINDS[of]));
  return {
    name,
    doc: `${name}(values: vec[${KINDS[of]}]): {vec[i32], vec[u8]}, values as strings`,
    pure: true,
    typing: (types) => mistyped(name, types, [type]) ?? stringsType(vec(I32)),
    run([values], alloc) {
      const { cells, length } = columnOf(values);
      const textOf = (row: number): Uint8Array => encoder.encode(textIn(of, cells[row] ?? 0));
      return writtenStrings(name, { rows: length, kind: 'i32', textOf }, alloc);
    },
  };
});

function textIn(of: Formatted, value: number | bigint): string {
  switch (of) {
    case 'i64':
    case 'f64':
      return String(value);
    case 'date':
      return dateText(Number(value));
    case 'timestamp':
      return timestampText(BigInt(value));
    default:
      return of satisfies never;
  }
}
