/**
 * Strings to values, beside flags that are false (and values that are 0) where a string is none, blanks included:
 *
 *     str_parse_i64(o, b)    [+-] digits, in the range of i64
 *     str_parse_f64(o, b)    [+-] digits [. digits] [e [+-] digits], inf, Infinity or nan, NaN; the nearest f64
 *     str_parse_date(o, b)   YYYY-MM-DD of the Gregorian calendar, as days since 1970-01-01 in i32
 *     str_parse_timestamp(o, b)   a date, and then [T or a blank] hh:mm[:ss[.fraction]][Z, ±hh, ±hhmm or ±hh:mm], as
 *                                 microseconds since 1970 in i64; UTC without a zone; a fraction has up to nine digits,
 *                                 those behind the sixth are dropped
 */

import { BOOL, type PrimSpec, scalar, struct, vec } from '../../compiler/index.ts';
import { vector } from '../column.ts';
import { DAY_MICROS } from './calendar.ts';
import { checkedStrings, newBytes, stringAt, typingOf } from './strings.ts';

export const PARSED = ['i64', 'f64', 'date', 'timestamp'] as const;
export type Parsed = (typeof PARSED)[number];

export const parseName = (to: Parsed): string => `str_parse_${to}`;
const KINDS = { i64: 'i64', f64: 'f64', date: 'i32', timestamp: 'i64' } as const;
export const parsedKind = (to: Parsed): 'i64' | 'f64' | 'i32' => KINDS[to];

export const parsers: readonly PrimSpec[] = PARSED.map((to) => {
  const name = parseName(to);
  const kind = parsedKind(to);
  return {
    name,
    doc: `${name}(offsets: vec[i32] or vec[i64], bytes: vec[u8]): {vec[${kind}], vec[bool]}, strings as values`,
    pure: true,
    typing: typingOf(name, [], () => struct([vec(scalar(kind)), vec(BOOL)])),
    run([offsets, bytes], alloc) {
      const strings = checkedStrings(name, offsets, bytes);
      const values = alloc.alloc(kind, strings.rows);
      const flags = newBytes('bool', strings.rows, alloc);
      for (let r = 0; r < strings.rows; r++) {
        const value = parse(to, stringAt(strings, r));
        flags[r] = value === null ? 0 : 1;
        if (values instanceof BigInt64Array) values[r] = BigInt(value ?? 0);
        else values[r] = Number(value ?? 0);
      }
      return { kind: 'struct', fields: [vector(kind, values), vector('bool', flags)] };
    },
  };
});

/** The value of a string, or null. */
export function parse(to: Parsed, bytes: Uint8Array): number | bigint | null {
  // Bytes beyond ASCII become letters, which no value has.
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  switch (to) {
    case 'i64': {
      if (!/^[+-]?\d+$/.test(text)) return null;
      const value = BigInt(text.replace('+', ''));
      return BigInt.asIntN(64, value) === value ? value : null;
    }
    case 'f64': {
      const word = /^([+-]?)(inf|Infinity)$/.exec(text);
      if (word !== null) return word[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
      if (text === 'nan' || text === 'NaN') return Number.NaN;
      return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : null;
    }
    case 'date':
      return dayOf(text);
    case 'timestamp':
      return microsOf(text);
    default:
      return to satisfies never;
  }
}

/** The number of a day since 1970, or null. */
function dayOf(text: string): number | null {
  const [, year = 0, month = 0, day = 0] = (/^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? []).map(Number);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const isRight = day > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isRight ? date.getTime() / 86_400_000 : null;
}

const CLOCK = /^[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:Z|([+-])(\d\d)(?::?(\d\d))?)?$/;

/** Microseconds since 1970, or null. */
function microsOf(text: string): bigint | null {
  const [day, clock] = [dayOf(text.slice(0, 10)), text.slice(10)];
  if (day === null) return null;
  if (clock === '') return BigInt(day) * DAY_MICROS;
  const found = CLOCK.exec(clock);
  if (found === null) return null;
  const [, hours = 0, minutes = 0, seconds = 0, , , zoneHours = 0, zoneMinutes = 0] = found.map((part) =>
    Number(part ?? 0),
  );
  if (Math.max(hours, zoneHours) > 23 || Math.max(minutes, seconds, zoneMinutes) > 59) return null;
  const offset = (found[5] === '-' ? -1 : 1) * (zoneHours * 60 + zoneMinutes);
  const fraction = (found[4] ?? '').slice(0, 6).padEnd(6, '0');
  return (
    BigInt(day) * DAY_MICROS + BigInt((hours * 60 + minutes - offset) * 60 + seconds) * 1_000_000n + BigInt(fraction)
  );
}
