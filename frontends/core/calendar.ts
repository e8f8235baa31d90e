/**
 * Calendar parts of timestamps (i64 microseconds since 1970-01-01T00:00Z, UTC), all i32.
 *
 * One i64 division splits a timestamp into days and the microseconds of the day, floored so that times before 1970 work;
 * the rest is i32 and f64 arithmetic, which vectorises (microseconds of a day are exact in f64). Dates are proleptic
 * Gregorian: counting years from March puts the leap day at the end, and 400 years are always 146097 days.
 */

import { F64, I32, I64 } from '../../compiler/index.ts';
import type { Cell } from './cell.ts';
import * as cell from './cell.ts';
import { type Operand, operand } from './operand.ts';
import { mismatch, type Where } from './ops.ts';

export type CalendarPart = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'weekday';

const DAY = 86_400_000_000n;
/** Days from the civil calendar's March 1st of year 0 to 1970-01-01. */
const EPOCH = 719_468;
/** 400-year cycles added so that days are positive for every i64 of microseconds. */
const CYCLES = 800;
const CYCLE_DAYS = 146_097;

/** One more than the greatest value of a part that cannot be negative. */
const BOUND: Readonly<Record<CalendarPart, number | null>> = {
  year: null,
  month: 13,
  day: 32,
  hour: 24,
  minute: 60,
  second: 60,
  weekday: 8,
};

const int = (n: number): Cell => cell.lit(I32, n);
const add = (a: Cell, b: Cell | number): Cell => cell.bin('+', a, typeof b === 'number' ? int(b) : b);
const sub = (a: Cell, b: Cell | number): Cell => cell.bin('-', a, typeof b === 'number' ? int(b) : b);
const mul = (a: Cell, n: number): Cell => cell.bin('*', a, int(n));
const div = (a: Cell, n: number): Cell => cell.bin('/', a, int(n));
const mod = (a: Cell, n: number): Cell => cell.bin('%', a, int(n));

/**
 * A part of a timestamp: `hour` 0-23, `minute` and `second` 0-59, `weekday` Monday = 1 to Sunday = 7 (ISO, as in
 * Polars), `month` and `day` from 1.
 */
export function calendarPart(part: CalendarPart, a: Operand, where: Where): Operand {
  if (a.dtype !== 'timestamp') mismatch(where, `dt.${part} needs a timestamp`, [a], `cast('timestamp') first`);
  const { days, rest } = split(a.value);
  return { ...operand('i32', partOf(part, days, rest), a.valid), bound: BOUND[part] };
}

/** Whole days (i32) and the microseconds of the day (f64), floored. */
function split(micros: Cell): { days: Cell; rest: Cell } {
  const day = cell.lit(I64, DAY);
  const quotient = cell.bin('/', micros, day);
  const rest = cell.bin('-', micros, cell.bin('*', quotient, day));
  const before = cell.bin('<', rest, cell.lit(I64, 0n));
  const days = cell.cast(I32, quotient);
  return {
    days: cell.select(before, sub(days, 1), days),
    rest: cell.cast(F64, cell.select(before, cell.bin('+', rest, day), rest)),
  };
}

function partOf(part: CalendarPart, days: Cell, rest: Cell): Cell {
  const clock = (microsPerUnit: number): Cell => cell.cast(I32, cell.bin('/', rest, cell.lit(F64, microsPerUnit)));
  switch (part) {
    case 'hour':
      return clock(3_600_000_000);
    case 'minute':
      return mod(clock(60_000_000), 60);
    case 'second':
      return mod(clock(1_000_000), 60);
    case 'weekday': {
      // 1970-01-01 was a Thursday: three days after a Monday.
      const after = mod(add(days, 3), 7);
      return add(cell.select(cell.bin('<', after, int(0)), add(after, 7), after), 1);
    }
    case 'year':
    case 'month':
    case 'day':
      return civil(part, days);
    default:
      return part satisfies never;
  }
}

function civil(part: 'year' | 'month' | 'day', days: Cell): Cell {
  const z = add(days, EPOCH + CYCLES * CYCLE_DAYS);
  const cycle = div(z, CYCLE_DAYS);
  const dayOfCycle = sub(z, mul(cycle, CYCLE_DAYS));
  const leaps = sub(add(sub(dayOfCycle, div(dayOfCycle, 1460)), div(dayOfCycle, 36_524)), div(dayOfCycle, 146_096));
  const yearOfCycle = div(leaps, 365);
  const before = sub(add(mul(yearOfCycle, 365), div(yearOfCycle, 4)), div(yearOfCycle, 100));
  const dayOfYear = sub(dayOfCycle, before);
  const fromMarch = div(add(mul(dayOfYear, 5), 2), 153);
  if (part === 'day') return add(sub(dayOfYear, div(add(mul(fromMarch, 153), 2), 5)), 1);
  const wraps = cell.bin('>=', fromMarch, int(10));
  if (part === 'month') return cell.select(wraps, sub(fromMarch, 9), add(fromMarch, 3));
  const year = add(yearOfCycle, mul(sub(cycle, CYCLES), 400));
  return cell.select(wraps, add(year, 1), year);
}
