/**
 * Decimal numbers in a text: [+-] digits [. digits] [e [+-] digits], as a mantissa of up to nineteen digits times a power
 * of ten. Up to sixteen bytes without an exponent are read as one register, others byte by byte.
 */

import { bin, cast, cmp, type Get, type KernelBuilder, lit, type SExpr, sel, un } from '../../compiler/kernels.ts';
import { both, either, minus, no, num, plus, times, u64, yes } from '../terms.ts';
import { digitsOf, firstDigits } from './digits-machine.ts';

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

/** Reads a number without its sign. */
export function readDecimal(k: KernelBuilder, written: Written): Decimal {
  const { text, start, end } = written;
  const length = k.let(minus(end, start));
  const { digits, mask } = digitsOf(k, k.load(text, start, 16));
  const before = k.let(un('ctz', bin('|', bin('^', mask, num(0xffff)), num(0x10000))));
  const isPadded = k.let(both(cmp('>', before, num(1)), isByte(k.load(text, start), '0')));
  const [isWritten, isOpen, isCut] = [k.var(no), k.var(no), k.var(no)];
  const [mantissa, exponent] = [k.var(u64(0)), k.var(num(0))];
  const inFirst = k.let(bin('max', bin('min', length, num(16)), num(1)));
  const all = k.let(minus(bin('<<', num(1), inFirst), 1));
  const hasDot = k.let(both(cmp('<', before, length), isByte(k.load(text, k.let(plus(start, before))), '.')));
  // Of what stands in a register all is digits, but for one dot.
  const dot = k.let(sel(hasDot, bin('<<', num(1), before), num(0)));
  const needed = k.let(bin('&', all, bin('^', dot, num(-1))));
  const isShort = both(cmp('<=', length, num(16)), cmp('>', minus(length, flag(hasDot)), num(0)));
  k.if(
    both(isShort, cmp('==', bin('&', mask, needed), needed)),
    () => {
      k.set(isWritten, yes);
      k.set(mantissa, firstDigits(k, digits, inFirst, sel(hasDot, before, num(-16))));
      k.set(exponent, sel(hasDot, minus(plus(before, 1), length), num(0)));
    },
    () => readLong(k, written, { isWritten, isOpen, isPadded, mantissa, exponent, isCut }),
  );
  return { isWritten, isOpen, isPadded, mantissa, exponent, isCut };
}

/** Byte by byte: more than sixteen bytes, an exponent, or no number. */
function readLong(k: KernelBuilder, { text, start, end }: Written, to: Decimal): void {
  const { isWritten, isOpen, mantissa, exponent, isCut } = to;
  const at = k.var(start);
  const byte = k.var(lit('u8', 0));
  const look = (): void => k.set(byte, sel(cmp('<', at, end), k.load(text, at), lit('u8', 0)));
  const next = (): void => {
    k.set(at, plus(at, 1));
    look();
  };
  const isDigit = (): SExpr => cmp('<=', bin('-', byte, lit('u8', 0x30)), lit('u8', 9));
  const [seen, dots] = [k.var(no), k.var(num(0))];
  look();
  k.while(either(isDigit(), both(isByte(byte, '.'), cmp('==', dots, num(0)))), () => {
    k.if(
      isByte(byte, '.'),
      () => k.set(dots, num(1)),
      () => {
        k.set(seen, yes);
        const digit = k.let(cast(bin('-', byte, lit('u8', 0x30)), 'u64'));
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
    next();
  });
  const isWhole = k.var(seen);
  k.set(isOpen, cmp('>=', minus(end, start), num(MOST_LENGTH)));
  k.if(both(isWhole, either(isByte(byte, 'e'), isByte(byte, 'E'))), () => {
    next();
    const isMinus = k.let(isByte(byte, '-'));
    k.if(either(isMinus, isByte(byte, '+')), next);
    k.set(isWhole, isDigit());
    const power = k.var(num(0));
    k.while(isDigit(), () => {
      const digit = cast(bin('-', byte, lit('u8', 0x30)), 'i32');
      k.set(power, bin('min', plus(times(power, num(10)), digit), num(MOST_LENGTH)));
      next();
    });
    k.set(isOpen, either(isOpen, cmp('==', power, num(MOST_LENGTH))));
    k.set(exponent, plus(exponent, sel(isMinus, un('neg', power), power)));
  });
  k.set(isWritten, both(isWhole, cmp('==', at, end), cmp('==', isOpen, no)));
}
