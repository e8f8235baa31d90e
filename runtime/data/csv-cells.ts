/**
 * The text of one CSV cell as a typed value, from bytes: what it looks like (for inference) and what it is worth.
 *
 * Numbers are read once, by `scanNumber`, into a decimal mantissa and exponent. Up to 15 digits and powers of ten up to
 * 22 both are exact doubles, so one multiplication or division rounds correctly (Clinger's fast path); anything longer
 * goes through JavaScript's own conversion. Spaces and tabs around a number, a bool or a timestamp do not count.
 */

import { scalarBytes } from '../../compiler/index.ts';
import type { DType, TypedArray } from './column.ts';
import type { ParsedTime } from './time.ts';
import { MICROS_PER_DAY, parseTimestampBytes } from './time.ts';

/** What cells look like, as bits, so that a column can gather the looks of all its cells. */
export const LOOKS = { int: 1, float: 2, bool: 4, time: 8, wide: 16, other: 32 } as const;

/** The type of a column whose cells have these looks: the narrowest that holds all of them without loss. */
export function inferredType(looks: number): DType {
  switch (looks) {
    case LOOKS.int:
      return 'i64';
    case LOOKS.bool:
      return 'bool';
    case LOOKS.time:
      return 'timestamp';
    case LOOKS.float:
    case LOOKS.float | LOOKS.int:
    case LOOKS.float | LOOKS.wide:
    case LOOKS.float | LOOKS.int | LOOKS.wide:
      return 'f64';
    default:
      // Nothing but nulls; or a mixture; or integers that no i64 holds and a double would round.
      return 'string';
  }
}

interface NumberScan {
  isInt: boolean;
  negative: boolean;
  /** Digits of the mantissa without leading zeros; beyond 15, `mantissa` is not exact. */
  digits: number;
  mantissa: number;
  exponent: number;
  /** Written as 007 is: an identifier more likely than a number. */
  leadingZero: boolean;
}

/** Room for what the parsers find in a cell, made once per column. */
export interface CellScratch {
  readonly scan: NumberScan;
  readonly time: ParsedTime;
}

export const cellScratch = (): CellScratch => ({
  scan: { isInt: true, negative: false, digits: 0, mantissa: 0, exponent: 0, leadingZero: false },
  time: { days: 0, micros: 0 },
});

/** Reads `[+-] digits [. digits] [e [+-] digits]` into `scan`; false when bytes[start, end) are anything else. */
function scanNumber(bytes: Uint8Array, start: number, end: number, scan: NumberScan): boolean {
  let at = start;
  scan.negative = bytes[at] === 0x2d;
  if (scan.negative || bytes[at] === 0x2b) at++;
  scan.isInt = true;
  scan.digits = 0;
  scan.mantissa = 0;
  scan.exponent = 0;
  scan.leadingZero = bytes[at] === 0x30 && isDigit(bytes[at + 1]) && at + 1 < end;
  let seen = 0;
  for (; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === 0x2e && scan.isInt) {
      scan.isInt = false;
      continue;
    }
    if (byte < 0x30 || byte > 0x39) break;
    seen++;
    if (scan.digits > 0 || byte !== 0x30) scan.digits++;
    if (scan.digits <= 15) scan.mantissa = scan.mantissa * 10 + (byte - 0x30);
    if (!scan.isInt) scan.exponent--;
  }
  if (seen === 0) return false;
  if (at === end) return true;
  if ((bytes[at] ?? 0) !== 0x65 && (bytes[at] ?? 0) !== 0x45) return false;
  scan.isInt = false;
  at++;
  const sign = bytes[at] === 0x2d ? -1 : 1;
  if (bytes[at] === 0x2d || bytes[at] === 0x2b) at++;
  if (at >= end) return false;
  let power = 0;
  for (; at < end; at++) {
    if (!isDigit(bytes[at])) return false;
    power = Math.min(power * 10 + (bytes[at] ?? 0) - 0x30, 100_000);
  }
  scan.exponent += sign * power;
  return true;
}

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39;

/** What the cell bytes[start, end) looks like: one of LOOKS. */
export function lookOf(bytes: Uint8Array, start: number, end: number, { scan, time }: CellScratch): number {
  const from = trimStart(bytes, start, end);
  const to = trimEnd(bytes, from, end);
  if (from === to) return LOOKS.other;
  const first = bytes[from] ?? 0;
  if (isDigit(first) || first === 0x2d || first === 0x2b || first === 0x2e) {
    if (scanNumber(bytes, from, to, scan)) {
      if (scan.leadingZero) return LOOKS.other;
      if (!scan.isInt) return LOOKS.float;
      const fits = scan.digits < 19 || (scan.digits === 19 && inRange(bigOf(bytes, from, to), rangeOf('i64')));
      return fits ? LOOKS.int : LOOKS.wide;
    }
    if (isDigit(first) && parseTimestampBytes(bytes, from, to, time)) return LOOKS.time;
  }
  // The longest word is -Infinity.
  if (to - from > 9) return LOOKS.other;
  const word = textOf(bytes, from, to);
  if (BOOLS.has(word)) return LOOKS.bool;
  return SPECIAL_FLOATS.has(word) ? LOOKS.float : LOOKS.other;
}

const BOOLS: ReadonlyMap<string, boolean> = new Map([
  ...['true', 'True', 'TRUE'].map((word) => [word, true] as const),
  ...['false', 'False', 'FALSE'].map((word) => [word, false] as const),
]);

const SPECIAL_FLOATS: ReadonlyMap<string, number> = new Map([
  ...['NaN', 'nan'].map((word) => [word, Number.NaN] as const),
  ...['inf', 'Infinity', '+inf', '+Infinity'].map((word) => [word, Number.POSITIVE_INFINITY] as const),
  ...['-inf', '-Infinity'].map((word) => [word, Number.NEGATIVE_INFINITY] as const),
]);

/** Writes the value of a cell into a row; false when the cell is no value of the type. */
export type CellWriter = (bytes: Uint8Array, start: number, end: number, row: number) => boolean;

/** The writer of cells of a type other than string into `data`. */
export function cellWriter(dtype: Exclude<DType, 'string'>, data: TypedArray): CellWriter {
  const write = untrimmedWriter(dtype, data, cellScratch());
  return (bytes, start, end, row) => {
    const from = trimStart(bytes, start, end);
    return write(bytes, from, trimEnd(bytes, from, end), row);
  };
}

function untrimmedWriter(dtype: Exclude<DType, 'string'>, data: TypedArray, scratch: CellScratch): CellWriter {
  const { scan, time } = scratch;
  switch (dtype) {
    case 'bool':
      return (bytes, start, end, row) => {
        const value = end - start > 5 ? undefined : BOOLS.get(textOf(bytes, start, end));
        if (value !== undefined) data[row] = value ? 1 : 0;
        return value !== undefined;
      };
    case 'timestamp': {
      const words = pairsOf(data);
      return (bytes, start, end, row) => {
        if (!parseTimestampBytes(bytes, start, end, time)) return false;
        writeInt64(words, row, time.days, MICROS_PER_DAY, time.micros);
        return true;
      };
    }
    case 'f32':
    case 'f64':
      return (bytes, start, end, row) => {
        const value = floatOf(bytes, start, end, scan);
        if (value !== null) data[row] = value;
        return value !== null;
      };
    default:
      return integerWriter(dtype, data, scan);
  }
}

function integerWriter(dtype: IntegerType, data: TypedArray, scan: NumberScan): CellWriter {
  const big = data instanceof BigInt64Array || data instanceof BigUint64Array ? data : null;
  const words = big === null ? null : pairsOf(data);
  const range = rangeOf(dtype);
  // Rounded for 64-bit types, but what is compared with them has at most 15 digits.
  const [low, high] = [Number(range[0]), Number(range[1])];
  return (bytes, start, end, row) => {
    if (!scanNumber(bytes, start, end, scan) || !scan.isInt) return false;
    if (scan.digits > 15) {
      // No 64-bit integer has more than 20.
      if (big === null || scan.digits > 20) return false;
      const value = bigOf(bytes, start, end);
      if (!inRange(value, range)) return false;
      big[row] = value;
      return true;
    }
    const value = scan.negative ? -scan.mantissa : scan.mantissa;
    if (value < low || value > high) return false;
    if (words === null) data[row] = value;
    else writeInt64(words, row, 0, 0, value);
    return true;
  };
}

export type IntegerType = 'i8' | 'i16' | 'i32' | 'i64' | 'u8' | 'u16' | 'u32' | 'u64';

/** The smallest and largest value of an integer type. */
export function rangeOf(dtype: IntegerType): readonly [bigint, bigint] {
  const bits = BigInt(scalarBytes(dtype) * 8);
  return dtype[0] === 'u' ? [0n, 2n ** bits - 1n] : [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n];
}

const inRange = (value: bigint, [low, high]: readonly [bigint, bigint]): boolean => value >= low && value <= high;

function floatOf(bytes: Uint8Array, start: number, end: number, scan: NumberScan): number | null {
  if (!scanNumber(bytes, start, end, scan)) return SPECIAL_FLOATS.get(textOf(bytes, start, end)) ?? null;
  const { digits, exponent, mantissa } = scan;
  if (digits > 15 || exponent > 22 || exponent < -22) return Number(textOf(bytes, start, end));
  const magnitude = exponent < 0 ? mantissa / 10 ** -exponent : mantissa * 10 ** exponent;
  return scan.negative ? -magnitude : magnitude;
}

/** Writes `days * scale + rest` as an i64 in two words, by way of BigInt only when a double would round it. */
function writeInt64(words: Int32Array, row: number, days: number, scale: number, rest: number): void {
  const value = days * scale + rest;
  if (Number.isSafeInteger(value)) {
    words[row * 2] = value | 0;
    words[row * 2 + 1] = Math.floor(value / 2 ** 32);
    return;
  }
  const exact = BigInt(days) * BigInt(scale) + BigInt(rest);
  words[row * 2] = Number(BigInt.asIntN(32, exact));
  words[row * 2 + 1] = Number(exact >> 32n);
}

const pairsOf = (data: TypedArray): Int32Array => new Int32Array(data.buffer, data.byteOffset, data.length * 2);

const bigOf = (bytes: Uint8Array, start: number, end: number): bigint => BigInt(textOf(bytes, start, end));

/** ASCII bytes as a string. */
function textOf(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i] ?? 0);
  return text;
}

const isBlank = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x09;

function trimStart(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && isBlank(bytes[at])) at++;
  return at;
}

function trimEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = end;
  while (at > start && isBlank(bytes[at - 1])) at--;
  return at;
}
