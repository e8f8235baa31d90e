/**
 * Cells of numbers. Integers of up to 19 digits are read sixteen at a time. A number with a point or an exponent of up to
 * 19 digits is read as a mantissa and a power of ten; where both are exact doubles one multiplication or division rounds
 * right (Clinger), else their product to 128 bits does (Eisel and Lemire), where it is not too close to call. Everything
 * else, the words for NaN and infinities too, is left to the definition.
 *
 * `strict` leaves numbers with leading zeros, which are no numbers where the type is a guess.
 */

import type { ScalarKind, TypedArray } from '../../compiler/index.ts';
import {
  bin,
  bitcast,
  cast,
  cmp,
  type Get,
  type Kernel,
  type KernelBuilder,
  lit,
  type SExpr,
  sel,
  un,
} from '../../compiler/kernels.ts';
import { once } from '../machine.ts';
import { both, either, num, u64 } from '../terms.ts';
import { type Cell, cellKernel, sixteen } from './cell-machine.ts';
import { digitsOf, firstDigits } from './digits-machine.ts';
import type { Room } from './room.ts';

const isByte = (byte: SExpr, text: string): SExpr => cmp('==', byte, lit('u8', text.charCodeAt(0)));
const flag = (cond: SExpr): SExpr => cast(cond, 'i32');

/** Moves over a sign; gives whether it is a minus. */
function sign(k: KernelBuilder, { text, start }: Cell): Get {
  const first = k.load(text, start);
  const isMinus = k.let(isByte(first, '-'));
  k.set(start, bin('+', start, flag(either(isMinus, isByte(first, '+')))));
  return isMinus;
}

/**
 * Cells of an integer kind. Scalars of the parser: strict, the largest magnitude of a number that is not negative, and of
 * one that is.
 */
export const integerCells = once(
  (kind: ScalarKind): Kernel =>
    cellKernel(`csv_cells_${kind}`, kind, (k) => {
      const strict = k.scalar('strict', 'i32');
      const [most, least] = [k.scalar('most', 'u64'), k.scalar('least', 'u64')];
      return (cell, { isFine, value }) => {
        const isMinus = sign(k, cell);
        const length = k.let(bin('-', cell.end, cell.start));
        const inFirst = k.let(bin('max', bin('min', length, num(16)), num(1)));
        const { digits, mask } = digitsOf(k, sixteen(k, cell.text, cell.start));
        const magnitude = k.var(firstDigits(k, digits, inFirst));
        const needed = k.let(bin('-', bin('<<', num(1), inFirst), num(1)));
        const isWritten = k.var(
          both(cmp('>', length, num(0)), cmp('<=', length, num(19)), cmp('==', bin('&', mask, needed), needed)),
        );
        k.if(both(isWritten, cmp('>', length, num(16))), () =>
          k.range(bin('+', cell.start, num(16)), cell.end, (at) => {
            const digit = k.let(bin('-', cast(k.load(cell.text, at), 'i32'), num(0x30)));
            k.set(isWritten, both(isWritten, cmp('>=', digit, num(0)), cmp('<=', digit, num(9))));
            k.set(magnitude, bin('+', bin('*', magnitude, u64(10)), cast(cast(digit, 'u32'), 'u64')));
          }),
        );
        const isPadded = both(isByte(k.load(cell.text, cell.start), '0'), cmp('>', length, num(1)));
        const isKept = un('not', both(isPadded, cmp('!=', strict, num(0))));
        k.set(isFine, both(isWritten, isKept, cmp('<=', magnitude, sel(isMinus, least, most))));
        k.set(value, cast(sel(isMinus, bin('-', u64(0), magnitude), magnitude), kind));
      };
    }),
);

/** Cells of f64 or f32. Buffers of the parser: `powersOf` twice, exact and wide; scalar strict. */
export const floatCells = once(
  (kind: 'f32' | 'f64'): Kernel =>
    cellKernel(`csv_cells_${kind}`, kind, (k) => {
      const [exact, wide] = [k.buf('exact', 'f64', 'read'), k.buf('wide', 'u64', 'read')];
      const strict = k.scalar('strict', 'i32');
      return (cell, { isFine, value }) => {
        const isMinus = sign(k, cell);
        const number = readDecimal(k, cell);
        const isKept = un('not', both(number.isPadded, cmp('!=', strict, num(0))));
        const magnitude = k.var(lit('f64', 0));
        const isRead = k.var(number.isWritten);
        k.if(isRead, () => rounded(k, number, exact, wide, magnitude, isRead));
        k.set(isFine, both(isRead, isKept));
        k.set(value, cast(sel(isMinus, un('neg', magnitude), magnitude), kind));
      };
    }),
);

/** A decimal number: mantissa times ten to the exponent. */
interface Decimal {
  readonly isWritten: Get;
  /** Does it begin with a zero and another digit? */
  readonly isPadded: Get;
  readonly mantissa: Get;
  readonly exponent: Get;
}

function readDecimal(k: KernelBuilder, cell: Cell): Decimal {
  const { text, start, end } = cell;
  const length = k.let(bin('-', end, start));
  const { digits, mask } = digitsOf(k, sixteen(k, text, start));
  const before = k.let(un('ctz', bin('|', bin('^', mask, num(0xffff)), num(0x10000))));
  const isPadded = k.let(both(cmp('>', before, num(1)), isByte(k.load(text, start), '0')));
  const isWritten = k.var(lit('bool', false));
  const [mantissa, exponent] = [k.var(u64(0)), k.var(num(0))];
  const inFirst = k.let(bin('max', bin('min', length, num(16)), num(1)));
  const all = k.let(bin('-', bin('<<', num(1), inFirst), num(1)));
  const hasDot = k.let(both(cmp('<', before, length), isByte(k.load(text, k.let(bin('+', start, before))), '.')));
  // Of what stands in a register all is digits, but for one dot.
  const dot = k.let(sel(hasDot, bin('<<', num(1), before), num(0)));
  const needed = k.let(bin('&', all, bin('^', dot, num(-1))));
  const isShort = both(cmp('<=', length, num(16)), cmp('>', bin('-', length, flag(hasDot)), num(0)));
  k.if(
    both(isShort, cmp('==', bin('&', mask, needed), needed)),
    () => {
      k.set(isWritten, lit('bool', true));
      k.set(mantissa, firstDigits(k, digits, inFirst, sel(hasDot, before, num(-16))));
      k.set(exponent, sel(hasDot, bin('-', bin('+', before, num(1)), length), num(0)));
    },
    () => readLongDecimal(k, cell, { isWritten, isPadded, mantissa, exponent }),
  );
  return { isWritten, isPadded, mantissa, exponent };
}

/** Byte by byte: more than sixteen bytes, or an exponent. Digits beyond the nineteenth are too many, unless they are zeros. */
function readLongDecimal(k: KernelBuilder, { text, start, end }: Cell, to: Decimal): void {
  const { isWritten, mantissa, exponent } = to;
  const at = k.var(start);
  const byte = k.var(lit('u8', 0));
  const next = (): void => k.set(byte, sel(cmp('<', at, end), k.load(text, at), lit('u8', 0)));
  const isDigit = (): SExpr => cmp('<=', bin('-', byte, lit('u8', 0x30)), lit('u8', 9));
  const [seen, dots, tooMany] = [k.var(num(0)), k.var(num(0)), k.var(num(0))];
  next();
  k.while(either(isDigit(), both(isByte(byte, '.'), cmp('==', dots, num(0)))), () => {
    k.if(
      isByte(byte, '.'),
      () => k.set(dots, num(1)),
      () => {
        k.set(seen, num(1));
        const digit = k.let(cast(bin('-', byte, lit('u8', 0x30)), 'u64'));
        k.if(
          // Nineteen digits fit.
          cmp('<', mantissa, u64(10n ** 18n)),
          () => {
            k.set(mantissa, bin('+', bin('*', mantissa, u64(10)), digit));
            k.set(exponent, bin('-', exponent, dots));
          },
          () => {
            k.set(tooMany, either(tooMany, flag(cmp('!=', digit, u64(0)))));
            k.set(exponent, bin('+', exponent, bin('-', num(1), dots)));
          },
        );
      },
    );
    k.set(at, bin('+', at, num(1)));
    next();
  });
  const isWhole = k.var(both(cmp('!=', seen, num(0)), cmp('==', tooMany, num(0))));
  k.if(both(isWhole, either(isByte(byte, 'e'), isByte(byte, 'E'))), () => {
    k.set(at, bin('+', at, num(1)));
    next();
    const isMinus = k.let(isByte(byte, '-'));
    k.if(either(isMinus, isByte(byte, '+')), () => {
      k.set(at, bin('+', at, num(1)));
      next();
    });
    k.set(isWhole, isDigit());
    const power = k.var(num(0));
    k.while(isDigit(), () => {
      const digit = cast(bin('-', byte, lit('u8', 0x30)), 'i32');
      k.set(power, bin('min', bin('+', bin('*', power, num(10)), digit), num(100_000)));
      k.set(at, bin('+', at, num(1)));
      next();
    });
    k.set(exponent, bin('+', exponent, sel(isMinus, un('neg', power), power)));
  });
  k.set(isWritten, both(isWhole, cmp('==', at, end)));
}

/** Powers of ten that are exact doubles. */
const EXACT = 22;
/** Powers of ten whose products with a mantissa of 64 bits are finite and not zero. */
const [LEAST, MOST] = [-342, 308];

/** Sets `to` to the double nearest to a decimal number, or `isRead` to false where that is too close to call. */
function rounded(k: KernelBuilder, n: Decimal, exact: number, wide: number, to: Get, isRead: Get): void {
  const size = k.let(bin('max', n.exponent, un('neg', n.exponent)));
  const isExact = both(cmp('<=', n.mantissa, u64(2n ** 53n)), cmp('<=', size, num(EXACT)));
  k.if(
    isExact,
    () => {
      const power = k.load(exact, size);
      const m = k.let(cast(cast(n.mantissa, 'i64'), 'f64'));
      k.if(
        cmp('<', n.exponent, num(0)),
        () => k.set(to, bin('/', m, power)),
        () => k.set(to, bin('*', m, power)),
      );
    },
    () => {
      const isZero = cmp('==', n.mantissa, u64(0));
      const inRange = both(cmp('>=', n.exponent, num(LEAST)), cmp('<=', n.exponent, num(MOST)));
      k.set(isRead, either(isZero, inRange));
      k.if(both(inRange, un('not', isZero)), () => byProduct(k, n, wide, to, isRead));
    },
  );
}

/** The method of Eisel and Lemire ("Number parsing at a gigabyte per second", section 5). */
function byProduct(k: KernelBuilder, n: Decimal, wide: number, to: Get, isRead: Get): void {
  const zeros = k.let(un('clz', n.mantissa));
  const m = k.let(bin('<<', n.mantissa, zeros));
  const entry = k.let(bin('*', bin('-', n.exponent, num(LEAST)), num(2)));
  const [high, low] = product(k, m, k.load(wide, entry));
  k.if(cmp('==', bin('&', high, u64(0x1ff)), u64(0x1ff)), () => {
    const [second] = product(k, m, k.load(wide, k.let(bin('+', entry, num(1)))));
    k.set(low, bin('+', low, second));
    k.set(high, bin('+', high, cast(cast(cmp('<', low, second), 'u32'), 'u64')));
  });
  const upper = k.let(bin('>>', high, u64(63)));
  const shift = k.let(bin('+', upper, u64(64 - 52 - 3)));
  const mantissa = k.var(bin('>>', high, shift));
  // floor(log2(10^exponent)) + 63, with log2(10) as a fraction of 2^16.
  const log = bin('+', bin('>>', bin('*', n.exponent, num(152_170 + 65_536)), num(16)), num(63));
  const power = k.var(bin('+', bin('-', bin('+', log, cast(upper, 'i32')), cast(zeros, 'i32')), num(1023)));
  const isClose = both(cmp('<=', low, u64(1)), cmp('>=', n.exponent, num(-4)), cmp('<=', n.exponent, num(23)));
  const isHalf = both(cmp('==', bin('&', mantissa, u64(3)), u64(1)), cmp('==', bin('<<', mantissa, shift), high));
  k.if(both(isClose, isHalf), () => k.set(mantissa, bin('-', mantissa, u64(1))));
  k.set(mantissa, bin('>>', bin('+', mantissa, bin('&', mantissa, u64(1))), u64(1)));
  k.if(cmp('>=', mantissa, u64(2n ** 53n)), () => {
    k.set(mantissa, u64(2n ** 52n));
    k.set(power, bin('+', power, num(1)));
  });
  const isUnsure = both(
    cmp('==', low, u64(2n ** 64n - 1n)),
    either(cmp('<', n.exponent, num(-27)), cmp('>', n.exponent, num(55))),
  );
  k.set(isRead, both(un('not', isUnsure), cmp('>', power, num(0)), cmp('<', power, num(0x7ff))));
  const bits = bin('|', bin('&', mantissa, u64(2n ** 52n - 1n)), bin('<<', cast(power, 'u64'), u64(52)));
  k.set(to, bitcast(bits, 'f64'));
}

/** The product of two words as two, both registers that may be set. */
function product(k: KernelBuilder, a: Get, b: Get): readonly [high: Get, low: Get] {
  const half = (x: SExpr): readonly [Get, Get] => [k.let(bin('>>', x, u64(32))), k.let(bin('&', x, u64(0xffff_ffff)))];
  const [a1, a0] = half(a);
  const [b1, b0] = half(b);
  const [, p0] = [null, k.let(bin('*', a0, b0))];
  const p1 = k.let(bin('+', bin('*', a1, b0), bin('>>', p0, u64(32))));
  const p2 = k.let(bin('+', bin('*', a0, b1), bin('&', p1, u64(0xffff_ffff))));
  const high = bin('+', bin('*', a1, b1), bin('+', bin('>>', p1, u64(32)), bin('>>', p2, u64(32))));
  return [k.var(high), k.var(bin('|', bin('<<', p2, u64(32)), bin('&', p0, u64(0xffff_ffff))))];
}

/** The buffers that `floatCells` takes: ten to the 0 to 22, and the first 128 bits of ten to the -342 to 308. */
export function powersOf(room: Room): readonly [TypedArray, TypedArray] {
  return [
    room.made('exact', 'f64', EXACT + 1, (exact) => {
      for (let e = 0; e <= EXACT; e++) exact[e] = 10 ** e;
    }),
    room.made('wide', 'u64', 2 * (MOST - LEAST + 1), (wide) => {
      for (let e = LEAST; e <= MOST; e++) {
        const bits = first128(e);
        wide[2 * (e - LEAST)] = bits >> 64n;
        wide[2 * (e - LEAST) + 1] = BigInt.asUintN(64, bits);
      }
    }),
  ];
}
/** The first 128 bits of five to the e, rounded down; of its inverse rounded up. */
function first128(e: number): bigint {
  const power = 5n ** BigInt(Math.abs(e));
  const bits = BigInt(power.toString(2).length);
  if (e >= 0) return bits > 128n ? power >> (bits - 128n) : power << (128n - bits);
  if (e >= -27) return 2n ** (bits + 127n) / power + 1n;
  const inverse = 2n ** (2n * bits + 128n) / power + 1n;
  return inverse >> (BigInt(inverse.toString(2).length) - 128n);
}
