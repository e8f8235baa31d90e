/**
 * Days of the Gregorian calendar, also before there was one, as text, and the time of a day: `2001-01-17` and
 * `2001-01-17T15:35:00.125`. Years outside 0000-9999 have a sign and at least six digits. There are no leap seconds.
 */

/** 400 years, after which the calendar is the same again. */
const ERA = { years: 400, days: 146_097 } as const;
/** Milliseconds. */
const DAY = 86_400_000;
/** Microseconds. */
export const DAY_MICROS = 86_400_000_000n;

/** The days whose year has four digits and no sign. */
export const PLAIN_DAYS = { first: -719_528, last: 2_932_896 } as const;

const pad = (n: number, width: number): string => String(n).padStart(width, '0');

/** A day by its number since 1970-01-01. */
export function dateText(days: number): string {
  const era = Math.floor(days / ERA.days);
  const date = new Date((days - era * ERA.days) * DAY);
  const year = date.getUTCFullYear() + era * ERA.years;
  const isPlain = year >= 0 && year <= 9999;
  const yearText = isPlain ? pad(year, 4) : `${year < 0 ? '-' : '+'}${pad(Math.abs(year), 6)}`;
  return `${yearText}-${pad(date.getUTCMonth() + 1, 2)}-${pad(date.getUTCDate(), 2)}`;
}

/** Microseconds since 1970: with a fraction of three or six digits where it is not 0. */
export function timestampText(micros: bigint): string {
  const within = ((micros % DAY_MICROS) + DAY_MICROS) % DAY_MICROS;
  const fraction = Number(within % 1_000_000n);
  const behind = fraction === 0 ? '' : fraction % 1000 === 0 ? `.${pad(fraction / 1000, 3)}` : `.${pad(fraction, 6)}`;
  const clock = new Date(Number(within / 1000n)).toISOString().slice(11, 19);
  return `${dateText(Number((micros - within) / DAY_MICROS))}T${clock}${behind}`;
}
