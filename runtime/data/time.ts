/**
 * ISO 8601 timestamps to and from microseconds since 1970-01-01T00:00Z, proleptic Gregorian, no leap seconds.
 *
 * Accepted: `YYYY-MM-DD`, then optionally `T` or one space and `hh:mm[:ss[.fraction]]`, then optionally `Z` or an
 * offset `±hh:mm`, `±hhmm` or `±hh`. Without an offset the text is taken as UTC, since our timestamps carry no zone.
 * A fraction may have one to nine digits; digits after the sixth are dropped. Years are 0000 to 9999.
 *
 * The parser works on bytes, because the CSV reader calls it on each field of a file before any string exists, and
 * answers in two doubles (days, microseconds of the day): one double cannot hold microseconds beyond the year 2255.
 */

const DAY = 86_400_000_000;
const DAY_BIG = 86_400_000_000n;

/** A parsed timestamp: whole days since 1970-01-01 and microseconds in that day (an offset may leave [0, 1 day)). */
export interface ParsedTime {
  days: number;
  micros: number;
}

/** Parses bytes[start, end) into `out`; false when they are not a timestamp in one of the accepted forms. */
export function parseTimestampBytes(bytes: Uint8Array, start: number, end: number, out: ParsedTime): boolean {
  const length = end - start;
  if (length < 10 || length > 35) return false;
  if (bytes[start + 4] !== 0x2d || bytes[start + 7] !== 0x2d) return false;
  const year = digits(bytes, start, 4);
  const month = digits(bytes, start + 5, 2);
  const day = digits(bytes, start + 8, 2);
  if (year < 0 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return false;
  out.days = daysFromCivil(year, month, day);
  out.micros = 0;
  return length === 10 || parseClock(bytes, start + 10, end, out);
}

/** The part after the date: separator, clock, offset. */
function parseClock(bytes: Uint8Array, start: number, end: number, out: ParsedTime): boolean {
  const separator = bytes[start];
  if (separator !== 0x54 && separator !== 0x20) return false;
  if (start + 6 > end || bytes[start + 3] !== 0x3a) return false;
  const hour = digits(bytes, start + 1, 2);
  const minute = digits(bytes, start + 4, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return false;
  let at = start + 6;
  let second = 0;
  let fraction = 0;
  if (at < end && bytes[at] === 0x3a) {
    if (at + 3 > end) return false;
    second = digits(bytes, at + 1, 2);
    if (second < 0 || second > 59) return false;
    at += 3;
    if (at < end && bytes[at] === 0x2e) {
      let scale = 100_000;
      const first = ++at;
      for (; at < end; at++) {
        const digit = (bytes[at] ?? 0) - 0x30;
        if (digit < 0 || digit > 9) break;
        fraction += digit * Math.floor(scale);
        scale /= 10;
      }
      if (at === first || at - first > 9) return false;
    }
  }
  const offset = at === end ? 0 : parseOffset(bytes, at, end);
  if (Number.isNaN(offset)) return false;
  out.micros = ((hour * 60 + minute - offset) * 60 + second) * 1_000_000 + fraction;
  return true;
}

/** Minutes east of UTC of `Z`, `±hh`, `±hhmm` or `±hh:mm`; NaN for anything else. */
function parseOffset(bytes: Uint8Array, start: number, end: number): number {
  const sign = bytes[start];
  if (sign === 0x5a) return end === start + 1 ? 0 : Number.NaN;
  if (sign !== 0x2b && sign !== 0x2d) return Number.NaN;
  const length = end - start;
  const colon = length === 6 && bytes[start + 3] === 0x3a;
  if (length !== 3 && length !== 5 && !colon) return Number.NaN;
  const hours = digits(bytes, start + 1, 2);
  const minutes = length === 3 ? 0 : digits(bytes, start + (colon ? 4 : 3), 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return Number.NaN;
  return (sign === 0x2d ? -1 : 1) * (hours * 60 + minutes);
}

/** The number that `count` digits write, -1 when one of them is no digit. */
function digits(bytes: Uint8Array, start: number, count: number): number {
  let value = 0;
  for (let i = start; i < start + count; i++) {
    const digit = (bytes[i] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/**
 * ISO text of microseconds since 1970: `2001-01-17T15:35:00`, with `.mmm` or `.uuuuuu` only when not zero. Years
 * outside 0000-9999 are written with a sign and six digits, as JavaScript does. `date` leaves the clock out.
 */
export function formatTimestamp(micros: bigint, style: 'datetime' | 'date' = 'datetime'): string {
  // Floor division: -1 is the last microsecond of 1969.
  let days = micros / DAY_BIG;
  let rest = micros % DAY_BIG;
  if (rest < 0n) {
    days -= 1n;
    rest += DAY_BIG;
  }
  const { year, month, day } = civilFromDays(Number(days));
  const date = `${yearText(year)}-${pad(month, 2)}-${pad(day, 2)}`;
  if (style === 'date') return date;
  const within = Number(rest);
  const seconds = Math.floor(within / 1_000_000);
  const fraction = within - seconds * 1_000_000;
  const hour = Math.floor(seconds / 3600);
  const clock = `${pad(hour, 2)}:${pad(Math.floor(seconds / 60) % 60, 2)}:${pad(seconds % 60, 2)}`;
  if (fraction === 0) return `${date}T${clock}`;
  return `${date}T${clock}.${fraction % 1000 === 0 ? pad(fraction / 1000, 3) : pad(fraction, 6)}`;
}

/** True when a timestamp is a midnight, so that its date says it all. */
export const isMidnight = (micros: bigint): boolean => micros % DAY_BIG === 0n;

/** Microseconds in a day. */
export const MICROS_PER_DAY = DAY;

const pad = (n: number, width: number): string => String(n).padStart(width, '0');

function yearText(year: number): string {
  if (year >= 0 && year <= 9999) return pad(year, 4);
  return `${year < 0 ? '-' : '+'}${pad(Math.abs(year), 6)}`;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/**
 * Days from 1970-01-01 to a civil date. Counting years from March makes the leap day the last day of the year, so
 * that the day of the year is a linear function of the month; 400 years are always 146097 days.
 */
function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** The inverse of `daysFromCivil`. */
function civilFromDays(days: number): {
  year: number;
  month: number;
  day: number;
} {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1;
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}
