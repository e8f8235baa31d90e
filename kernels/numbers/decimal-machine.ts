/**
 * Decimal numbers in a text: [+-] digits [. digits] [e [+-] digits], as a mantissa of up to nineteen digits times a power
 * of ten. Up to sixteen bytes without an exponent are read as one register, longer mantissas as two, and those with more
 * digits byte by byte.
 */

import { bin, cast, cmp, type Get, type KernelBuilder, lit, type SExpr, sel, un } from '../../compiler/kernels.ts';
import { both, either, minus, no, num, plus, times, u64, yes } from '../terms.ts';
import { type Digits, digitsOf, firstDigits } from './digits-machine.ts';

/** The bytes [start, end) of a text. `start` is a variable. */
export interface Written {
  readonly text: number;
  readonly start: Get;
  readonly end: Get;
}

/** What is read: (mantissa, or where it is cut something between it and the next one) times ten to the exponent. */
export interface Decimal {
  /** Is it a number, and nothing else? */
  readonly isWritten: Get;
  /** Is it too long, or its exponent too large, to say so? */
  readonly isOpen: Get;
  /** Does it begin with a zero and another digit? */
  readonly isPadded: Get;
  readonly mantissa: Get;
  readonly exponent: Get;
  /** Are there digits other than 0 behind the nineteenth? */
  readonly isCut: Get;
}

/** Numbers of so many bytes, or with such an exponent, are left open: sums of both would not fit. */
const MOST_LENGTH = 1_000_000;

export const isByte = (byte: SExpr, text: string): SExpr => cmp('==', byte, lit('u8', text.charCodeAt(0)));
const flag = (cond: SExpr): SExpr => cast(cond, 'i32');

/** Moves over a sign; gives whether it is a minus. */
export function takeSign(k: KernelBuilder, { text, start, end }: Written): Get {
  const first = k.load(text, start);
  const isThere = cmp('<', start, end);
  const isMinus = k.let(both(isByte(first, '-'), isThere));
  k.set(start, plus(start, flag(either(isMinus, both(isByte(first, '+'), isThere)))));
  return isMinus;
}

/** Reads a number without its sign. `exact` is the buffer of `EXACT_POWERS`. */
export function readDecimal(k: KernelBuilder, written: Written, exact: number): Decimal {
  const { text, start, end } = written;
  const [isWritten, isOpen, isCut] = [k.var(no), k.var(no), k.var(no)];
  const [mantissa, exponent] = [k.var(u64(0)), k.var(num(0))];
  const length = k.let(minus(end, start));
  const head = digitsOf(k, k.load(text, start, 16));
  const before = k.let(un('ctz', bin('^', head.mask, num(-1))));
  const isPadded = k.let(both(cmp('>', before, num(1)), isByte(k.load(text, start), '0')));
  const dot = k.let(dotAt(k, written, before));
  // Of what stands in a register all is digits, but for one dot.
  const needed = k.let(bin('&', ones(bin('max', bin('min', length, num(16)), num(0))), bin('^', bit(dot), num(-1))));
  const isShort = both(cmp('<=', length, num(16)), cmp('!=', needed, num(0)));
  k.if(
    both(isShort, cmp('==', bin('&', head.mask, needed), needed)),
    () => {
      k.set(isWritten, yes);
      k.set(mantissa, firstDigits(k, head.digits, length, dot));
      k.set(exponent, behind(dot, length));
    },
    () => {
      const to = { isWritten, isOpen, isPadded, mantissa, exponent, isCut };
      const at = k.var(start);
      readMantissa(k, written, { head, exact, at }, to);
      readExponent(k, written, at, to);
    },
  );
  return { isWritten, isOpen, isPadded, mantissa, exponent, isCut };
}

/** No dot, as a place in front of all. */
const NONE = -16;
/** The place of the dot at `place`, from the start on; NONE where there is another byte, or none. */
const dotAt = (k: KernelBuilder, { text, start, end }: Written, place: Get): SExpr => {
  const at = k.let(plus(start, place));
  return sel(both(cmp('<', at, end), isByte(k.load(text, at), '.')), place, num(NONE));
};
const bit = (place: Get): SExpr => sel(cmp('<', place, num(0)), num(0), bin('<<', num(1), place));
const ones = (count: SExpr): SExpr => minus(bin('<<', num(1), count), 1);
/** The power of ten that `length` bytes with a dot at a place stand for. */
const behind = (dot: Get, length: SExpr): SExpr => sel(cmp('<', dot, num(0)), num(0), minus(plus(dot, 1), length));

/** Up to 31 bytes as two registers, where a word holds all of their digits; else byte by byte. Moves `at` behind them. */
function readMantissa(
  k: KernelBuilder,
  written: Written,
  { head, exact, at }: { readonly head: Digits; readonly exact: number; readonly at: Get },
  to: Decimal,
): void {
  const { text, start, end } = written;
  const tail = digitsOf(k, k.load(text, k.let(plus(start, 16)), 16));
  const mask = k.let(bin('|', head.mask, bin('<<', tail.mask, num(16))));
  const dot = k.let(dotAt(k, written, k.let(bin('min', un('ctz', bin('^', mask, num(-1))), num(31)))));
  const run = un('ctz', bin('^', bin('|', mask, bit(dot)), num(-1)));
  const length = k.let(bin('min', run, minus(end, start)));
  const inHead = k.let(bin('max', bin('min', length, num(16)), num(1)));
  const upper = firstDigits(k, head.digits, inHead, sel(cmp('<', dot, num(16)), dot, num(NONE)));
  const inTail = k.let(bin('max', minus(length, 16), num(0)));
  const dotInTail = k.let(bin('max', minus(dot, 16), num(NONE)));
  const power = k.load(exact, k.let(minus(inTail, flag(cmp('>=', dotInTail, num(0))))));
  const fits = cmp('<', times(cast(cast(upper, 'i64'), 'f64'), power), lit('f64', 1e19));
  const isAny = cmp('>', minus(length, flag(cmp('>=', dot, num(0)))), num(0));
  k.if(
    both(isAny, cmp('<', length, num(32)), fits),
    () => {
      k.set(to.mantissa, upper);
      k.if(cmp('>', inTail, num(0)), () => {
        const lower = firstDigits(k, tail.digits, inTail, dotInTail);
        k.set(to.mantissa, bin('+', times(upper, cast(cast(power, 'i64'), 'u64')), lower));
      });
      k.set(to.exponent, behind(dot, length));
      k.set(to.isWritten, yes);
      k.set(at, plus(start, length));
    },
    () => readBytes(k, written, at, to),
  );
}

const ZERO = lit('u8', 0x30);
const isDigit = (byte: SExpr): SExpr => cmp('<=', bin('-', byte, ZERO), lit('u8', 9));
/** The byte at a place, or 0 behind the end. */
const byteAt = (k: KernelBuilder, { text, end }: Written, at: Get): SExpr =>
  sel(cmp('<', at, end), k.load(text, at), lit('u8', 0));

/** Digits and a dot, one after the other. */
function readBytes(k: KernelBuilder, written: Written, at: Get, to: Decimal): void {
  const { isWritten, isCut, mantissa, exponent } = to;
  const dots = k.var(num(0));
  const byte = k.var(byteAt(k, written, at));
  k.while(either(isDigit(byte), both(isByte(byte, '.'), cmp('==', dots, num(0)))), () => {
    k.if(
      isByte(byte, '.'),
      () => k.set(dots, num(1)),
      () => {
        k.set(isWritten, yes);
        const digit = k.let(cast(bin('-', byte, ZERO), 'u64'));
        k.if(
          // Nineteen digits fit.
          cmp('<', mantissa, u64(10n ** 18n)),
          () => {
            k.set(mantissa, bin('+', times(mantissa, u64(10)), digit));
            k.set(exponent, minus(exponent, dots));
          },
          () => {
            k.set(isCut, either(isCut, cmp('!=', digit, u64(0))));
            k.set(exponent, plus(exponent, minus(num(1), dots)));
          },
        );
      },
    );
    k.set(at, plus(at, 1));
    k.set(byte, byteAt(k, written, at));
  });
}

/** What stands behind a mantissa: nothing, or an exponent. */
function readExponent(k: KernelBuilder, written: Written, at: Get, to: Decimal): void {
  const { isWritten, isOpen, exponent } = to;
  const { start, end } = written;
  const byte = k.var(byteAt(k, written, at));
  const next = (): void => {
    k.set(at, plus(at, 1));
    k.set(byte, byteAt(k, written, at));
  };
  k.set(isOpen, cmp('>=', minus(end, start), num(MOST_LENGTH)));
  k.if(both(isWritten, either(isByte(byte, 'e'), isByte(byte, 'E'))), () => {
    next();
    const isMinus = k.let(isByte(byte, '-'));
    k.if(either(isMinus, isByte(byte, '+')), next);
    k.set(isWritten, isDigit(byte));
    const power = k.var(num(0));
    k.while(isDigit(byte), () => {
      const digit = cast(bin('-', byte, ZERO), 'i32');
      k.set(power, bin('min', plus(times(power, num(10)), digit), num(MOST_LENGTH)));
      next();
    });
    k.set(isOpen, either(isOpen, cmp('==', power, num(MOST_LENGTH))));
    k.set(exponent, plus(exponent, sel(isMinus, un('neg', power), power)));
  });
  k.set(isWritten, both(isWritten, cmp('==', at, end), cmp('==', isOpen, no)));
}
