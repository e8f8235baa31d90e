/**
 * Cells of timestamps and of bools. Dates, and dates with a clock and `Z` or nothing behind it, are read; clocks of other
 * zones are left to the definition.
 */

import {
  bin,
  cast,
  cmp,
  type Get,
  type Kernel,
  type KernelBuilder,
  lane,
  lanes,
  lit,
  type SExpr,
  sel,
  whole,
} from '../../compiler/kernels.ts';
import { once } from '../machine.ts';
import { digitsOf, twoDigits } from '../numbers/digits-machine.ts';
import { both, either, num, u64 } from '../terms.ts';
import { type Cell, cellKernel, firstBytes, sixteen, wordsOf } from './cell-machine.ts';

const DAY_MICROS = 86_400_000_000n;

/** Cells of bools: the words true and false in lower case, upper case or with a capital. */
export const boolCells = once(
  (): Kernel =>
    cellKernel('csv_cells_bool', 'bool', (k) => (cell, { isFine, value }) => {
      const length = k.let(bin('-', cell.end, cell.start));
      const [word] = wordsOf(k, firstBytes(sixteen(k, cell.text, cell.start), length));
      const isOne = (...texts: readonly string[]): SExpr =>
        either(...texts.map((t) => cmp('==', word, u64(packed(t)))));
      k.set(value, isOne('true', 'True', 'TRUE'));
      const isWord = either(value, isOne('false', 'False', 'FALSE'));
      k.set(isFine, both(cmp('<=', length, num(5)), isWord));
    }),
);

/** ASCII text of at most eight characters as a word, the first one the lowest byte. */
const packed = (text: string): bigint => [...text].reduceRight((w, c) => w * 256n + BigInt(c.charCodeAt(0)), 0n);

const isByte = (byte: SExpr, text: string): SExpr => cmp('==', byte, lit('u8', text.charCodeAt(0)));
const at = (...places: readonly number[]): SExpr =>
  lanes(Array.from({ length: 16 }, (_, l) => lit('u8', places[l] ?? 0xff)));
const bitsAt = (...places: readonly number[]): SExpr => num(places.reduce((bits, p) => bits | (1 << p), 0));

/** Cells of timestamps, as microseconds since 1970. */
export const timeCells = once(
  (): Kernel =>
    cellKernel('csv_cells_timestamp', 'i64', (k) => (cell, { isFine, value }) => {
      const { text, start, end } = cell;
      const length = k.let(bin('-', end, start));
      const byteAt = (n: number): Get => k.load(text, k.let(bin('+', start, num(n))));
      const { digits, mask } = digitsOf(k, sixteen(k, text, start));
      const areDigits = bitsAt(0, 1, 2, 3, 5, 6, 8, 9);
      const parts = k.let(twoDigits(whole('low', whole('swizzle', digits, at(0, 1, 2, 3, 5, 6, 8, 9)))));
      const year = k.let(bin('+', bin('*', lane(parts, 0), num(100)), lane(parts, 1)));
      const [month, day] = [k.let(lane(parts, 2)), k.let(lane(parts, 3))];
      const isDate = both(
        cmp('>=', length, num(10)),
        cmp('==', bin('&', mask, areDigits), areDigits),
        isByte(byteAt(4), '-'),
        isByte(byteAt(7), '-'),
        cmp('>=', month, num(1)),
        cmp('<=', month, num(12)),
        cmp('>=', day, num(1)),
        cmp('<=', day, daysInMonth(year, month)),
      );
      k.set(isFine, isDate);
      const micros = k.var(lit('i64', 0n));
      k.if(both(isFine, cmp('>', length, num(10))), () => readClock(k, cell, length, isFine, micros));
      const days = cast(daysFromCivil(k, year, month, day), 'i64');
      k.set(value, bin('+', bin('*', days, lit('i64', DAY_MICROS)), micros));
    }),
);

/** Reads what is behind a date: `[T ]hh:mm[:ss[.fraction]][Z]`. */
function readClock(k: KernelBuilder, { text, start, end }: Cell, length: Get, isFine: Get, micros: Get): void {
  const byteAt = (n: number): Get => k.load(text, k.let(bin('+', start, num(n))));
  const { digits, mask } = digitsOf(k, sixteen(k, text, bin('+', start, num(11))));
  const parts = k.let(twoDigits(whole('low', whole('swizzle', digits, at(0, 1, 3, 4, 6, 7)))));
  const separator = byteAt(10);
  const hasSeconds = k.let(both(cmp('>=', length, num(19)), isByte(byteAt(16), ':')));
  const areDigits = k.let(sel(hasSeconds, bitsAt(0, 1, 3, 4, 6, 7), bitsAt(0, 1, 3, 4)));
  const seconds = k.let(sel(hasSeconds, lane(parts, 2), num(0)));
  k.set(
    isFine,
    both(
      cmp('>=', length, num(16)),
      either(isByte(separator, 'T'), isByte(separator, ' ')),
      cmp('==', bin('&', mask, areDigits), areDigits),
      isByte(byteAt(13), ':'),
      cmp('<=', lane(parts, 0), num(23)),
      cmp('<=', lane(parts, 1), num(59)),
      cmp('<=', seconds, num(59)),
    ),
  );
  const next = k.var(bin('+', start, sel(hasSeconds, num(19), num(16))));
  const fraction = k.var(num(0));
  k.if(both(isFine, hasSeconds, cmp('<', next, end), isByte(byteAt(19), '.')), () => {
    k.set(next, bin('+', next, num(1)));
    const first = k.var(next);
    const scale = k.var(num(100_000));
    const digit = k.var(num(0));
    const look = (): void =>
      k.set(digit, sel(cmp('<', next, end), bin('-', cast(k.load(text, next), 'i32'), num(0x30)), num(-1)));
    look();
    k.while(both(cmp('>=', digit, num(0)), cmp('<=', digit, num(9))), () => {
      k.set(fraction, bin('+', fraction, bin('*', digit, scale)));
      k.set(scale, bin('/', scale, num(10)));
      k.set(next, bin('+', next, num(1)));
      look();
    });
    const count = k.let(bin('-', next, first));
    k.set(isFine, both(cmp('>=', count, num(1)), cmp('<=', count, num(9))));
  });
  const isUtc = both(cmp('==', bin('+', next, num(1)), end), isByte(k.load(text, next), 'Z'));
  k.set(isFine, both(isFine, either(cmp('==', next, end), isUtc)));
  const minutes = bin('+', bin('*', lane(parts, 0), num(60)), lane(parts, 1));
  const clock = cast(bin('+', bin('*', minutes, num(60)), seconds), 'i64');
  k.set(micros, bin('+', bin('*', clock, lit('i64', 1_000_000n)), cast(fraction, 'i64')));
}

function daysInMonth(year: Get, month: Get): SExpr {
  const isLeap = both(
    cmp('==', bin('&', year, num(3)), num(0)),
    either(cmp('!=', bin('%', year, num(100)), num(0)), cmp('==', bin('%', year, num(400)), num(0))),
  );
  // 31 days in odd months up to July and in even ones from August on.
  const usual = bin('+', num(30), bin('&', bin('^', month, bin('>>', month, num(3))), num(1)));
  return sel(cmp('==', month, num(2)), bin('+', num(28), cast(isLeap, 'i32')), usual);
}

/** Days from 1970-01-01, for years 0 to 9999; years begin in March, so that the leap day is the last one. */
function daysFromCivil(k: KernelBuilder, year: Get, month: Get, day: Get): SExpr {
  const isEarly = cmp('<=', month, num(2));
  // 400 years more, lest a year be negative.
  const y = k.let(bin('+', year, sel(isEarly, num(399), num(400))));
  const m = bin('+', month, sel(isEarly, num(9), num(-3)));
  const dayOfYear = bin('/', bin('+', bin('*', m, num(153)), num(2)), num(5));
  const leaps = bin('+', bin('-', bin('>>', y, num(2)), bin('/', y, num(100))), bin('/', y, num(400)));
  const days = bin('+', bin('+', bin('*', y, num(365)), leaps), bin('+', dayOfYear, bin('-', day, num(1))));
  return bin('-', days, num(719_468 + 146_097));
}
