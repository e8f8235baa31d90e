/** The machine forms of str_format_i64, str_format_date and str_format_timestamp. */

import { bin, cast, cmp, type Get, type KernelBuilder, lit, type SExpr, sel, un } from '../../compiler/kernels.ts';
import { columnOf } from '../column.ts';
import type { MachineForm } from '../machine.ts';
import { minus, num, plus, u64 } from '../terms.ts';
import { DAY_MICROS, PLAIN_DAYS } from './calendar.ts';
import { type Formatted, formatName } from './format.ts';
import { machineWritten, type Put, type Sink, writing } from './written-machine.ts';

type Whole = Exclude<Formatted, 'f64'>;

export const formatMachine =
  (of: Whole): MachineForm =>
  async ([values], m) => {
    const { cells, length } = columnOf(values);
    return machineWritten(formatName(of), { writing: texts, of: [of], rows: length, kind: 'i32', bufs: [cells] }, m);
  };

const texts = writing('format', (of: Whole) => (k) => {
  const values = k.buf('values', of === 'date' ? 'i32' : 'i64', 'read');
  const add = { i64: addNumber, date: addDate, timestamp: addTimestamp }[of];
  return (row, sink) => add(k, k.load(values, row), sink);
});

const over = (a: SExpr, n: number): SExpr => bin('/', a, num(n));
const byte = (char: string): SExpr => lit('u8', char.charCodeAt(0));

function addNumber(k: KernelBuilder, value: Get, sink: Sink): void {
  const isMinus = k.let(cmp('<', value, lit('i64', 0n)));
  const size = k.let(cast(sel(isMinus, un('neg', value), value), 'u64'));
  const [digits, power] = [k.var(num(1)), k.var(u64(10n))];
  // 10^19 is the last power below 2^64, and above all sizes.
  k.while(cmp('>=', size, power), () => {
    k.set(power, bin('*', power, u64(10n)));
    k.set(digits, plus(digits, 1));
  });
  const signed = k.let(cast(isMinus, 'i32'));
  sink.add(plus(digits, signed), (put) => {
    k.if(isMinus, () => put(num(0), byte('-')));
    const [at, left] = [k.var(minus(plus(digits, signed), 1)), k.var(size)];
    k.while(cmp('>=', at, signed), () => {
      const tenth = k.let(bin('/', left, u64(10n)));
      put(at, cast(bin('+', cast(bin('-', left, bin('*', tenth, u64(10n))), 'i32'), num(48)), 'u8'));
      k.set(left, tenth);
      k.set(at, minus(at, 1));
    });
  });
}

/** Writes the last `width` digits of a number. */
function putDigits(put: Put, at: number, width: number, n: SExpr): void {
  for (let d = 0; d < width; d++) {
    const digit = bin('%', over(n, 10 ** (width - 1 - d)), num(10));
    put(num(at + d), cast(plus(digit, 48), 'u8'));
  }
}

/** A day by its number as year, month and day, in years that begin in March: their last day is the leap day. */
function civil(k: KernelBuilder, days: Get): Readonly<Record<'year' | 'month' | 'day', Get>> {
  // Exact as a float: whatever is no multiple of 146,097 is far from one.
  const shifted = k.let(bin('+', cast(days, 'f64'), lit('f64', 719_468)));
  const era = k.let(un('floor', bin('/', shifted, lit('f64', 146_097))));
  const dayOfEra = k.let(cast(bin('-', shifted, bin('*', era, lit('f64', 146_097))), 'i32'));
  const leaps = minus(minus(over(dayOfEra, 36_524), over(dayOfEra, 1460)), over(dayOfEra, 146_096));
  const yearOfEra = k.let(over(plus(dayOfEra, leaps), 365));
  const daysBefore = plus(minus(over(yearOfEra, 4), over(yearOfEra, 100)), bin('*', num(365), yearOfEra));
  const dayOfYear = k.let(minus(dayOfEra, daysBefore));
  const fromMarch = k.let(over(plus(bin('*', num(5), dayOfYear), 2), 153));
  const day = k.let(plus(minus(dayOfYear, over(plus(bin('*', num(153), fromMarch), 2), 5)), 1));
  const month = k.let(sel(cmp('<', fromMarch, num(10)), plus(fromMarch, 3), minus(fromMarch, 9)));
  const march = plus(bin('*', cast(era, 'i32'), num(400)), yearOfEra);
  return { year: k.let(plus(march, cast(cmp('<=', month, num(2)), 'i32'))), month, day };
}

function addDate(k: KernelBuilder, days: Get, sink: Sink): void {
  const isPlain = bin('&', cmp('>=', days, num(PLAIN_DAYS.first)), cmp('<=', days, num(PLAIN_DAYS.last)));
  const addMonth = (month: Get, day: Get, at: number, put: Put): void => {
    for (const [n, part] of [month, day].entries()) {
      put(num(at + 3 * n), byte('-'));
      putDigits(put, at + 3 * n + 1, 2, part);
    }
  };
  k.if(
    isPlain,
    () =>
      sink.add(num(10), (put) => {
        const { year, month, day } = civil(k, days);
        putDigits(put, 0, 4, year);
        addMonth(month, day, 4, put);
      }),
    () => {
      const { year, month, day } = civil(k, days);
      const size = k.let(sel(cmp('<', year, num(0)), minus(num(0), year), year));
      const add = (digits: number): void =>
        sink.add(num(1 + digits + 6), (put) => {
          put(num(0), sel(cmp('<', year, num(0)), byte('-'), byte('+')));
          putDigits(put, 1, digits, size);
          addMonth(month, day, 1 + digits, put);
        });
      k.if(
        cmp('<', size, num(1_000_000)),
        () => add(6),
        () => add(7),
      );
    },
  );
}

function addTimestamp(k: KernelBuilder, micros: Get, sink: Sink): void {
  const i64 = (n: bigint): SExpr => lit('i64', n);
  const whole = k.let(bin('/', micros, i64(DAY_MICROS)));
  const left = k.let(bin('-', micros, bin('*', whole, i64(DAY_MICROS))));
  const isBefore = k.let(cmp('<', left, i64(0n)));
  const within = k.let(sel(isBefore, bin('+', left, i64(DAY_MICROS)), left));
  addDate(k, k.let(minus(cast(whole, 'i32'), cast(isBefore, 'i32'))), sink);
  const seconds = k.let(cast(bin('/', within, i64(1_000_000n)), 'i32'));
  const fraction = k.let(cast(bin('-', within, bin('*', cast(seconds, 'i64'), i64(1_000_000n))), 'i32'));
  sink.add(num(9), (put) => {
    for (const [n, part] of [
      over(seconds, 3600),
      bin('%', over(seconds, 60), num(60)),
      bin('%', seconds, num(60)),
    ].entries()) {
      put(num(3 * n), byte(n === 0 ? 'T' : ':'));
      putDigits(put, 3 * n + 1, 2, part);
    }
  });
  const addFraction = (digits: number, value: SExpr): void =>
    sink.add(num(1 + digits), (put) => {
      put(num(0), byte('.'));
      putDigits(put, 1, digits, value);
    });
  k.if(cmp('!=', fraction, num(0)), () =>
    k.if(
      cmp('==', bin('%', fraction, num(1000)), num(0)),
      () => addFraction(3, over(fraction, 1000)),
      () => addFraction(6, fraction),
    ),
  );
}
