/**
 * Moving over JSON values, byte by byte and sixteen bytes at a time: strings, numbers, the three words, and nested values
 * with a stack of bits. The text ends with a line end, at which every value that has not ended is wrong.
 *
 * What is wrong makes `isFine` false; the place is then anywhere on the line.
 */

import {
  bin,
  cast,
  cmp,
  type Get,
  type KernelBuilder,
  lit,
  type SExpr,
  sel,
  un,
  whole,
} from '../../compiler/kernels.ts';
import { sixteen, wordsOf } from '../csv/cell-machine.ts';
import { digitsOf } from '../numbers/digits-machine.ts';
import { both, either, no, num, u64 } from '../terms.ts';

export const isByte = (byte: SExpr, text: string): SExpr => cmp('==', byte, lit('u8', text.charCodeAt(0)));

/** A place in a line, and whether the line is still as it should be. */
export interface Line {
  readonly k: KernelBuilder;
  readonly text: number;
  readonly at: Get;
  readonly isFine: Get;
}

export const byteAt = ({ k, text, at }: Line): Get => k.load(text, at);

/** Moves over a byte, which must be this one. */
export function take(line: Line, byte: string): void {
  const { k, at, isFine } = line;
  k.set(isFine, both(isFine, isByte(byteAt(line), byte)));
  k.set(at, bin('+', at, num(1)));
}

/** Moves over blanks; gives the byte behind them. */
export function skipBlanks(line: Line): Get {
  const { k, at } = line;
  const byte = k.var(byteAt(line));
  // Nothing below a space is allowed but blanks, so that a place without them takes one comparison.
  k.if(cmp('<=', byte, lit('u8', 0x20)), () => {
    k.while(either(isByte(byte, ' '), isByte(byte, '\t'), isByte(byte, '\r')), () => {
      k.set(at, bin('+', at, num(1)));
      k.set(byte, byteAt(line));
    });
  });
  return byte;
}

/** Moves over a string with its quotes. */
export function skipString(line: Line): void {
  const { k, text, at, isFine } = line;
  take(line, '"');
  const marks = k.var(num(0));
  const isInside = k.var(isFine);
  k.while(isInside, () => {
    const bytes = sixteen(k, text, at);
    const special = bin('|', cmp('==', bytes, lit('u8', 0x22, 16)), cmp('==', bytes, lit('u8', 0x5c, 16)));
    k.set(marks, whole('bits', bin('|', special, cmp('<', bytes, lit('u8', 0x20, 16)))));
    k.set(at, bin('+', at, sel(cmp('==', marks, num(0)), num(16), un('ctz', marks))));
    k.if(both(cmp('!=', marks, num(0)), isByte(byteAt(line), '\\')), () => {
      const length = escapeLength(line);
      k.set(isFine, both(isFine, cmp('>', length, num(0))));
      k.set(marks, num(0));
      k.set(at, bin('+', at, length));
    });
    k.set(isInside, both(isFine, cmp('==', marks, num(0))));
  });
  take(line, '"');
}

/** The bytes of the escape at the place, 0 for none that JSON has. */
function escapeLength({ k, text, at }: Line): Get {
  const byte = (n: number): Get => k.load(text, k.let(bin('+', at, num(n))));
  const letter = byte(1);
  const length = k.var(num(0));
  k.if(either(...[...'"\\/bfnrt'].map((c) => isByte(letter, c))), () => k.set(length, num(2)));
  k.if(isByte(letter, 'u'), () => {
    const isHex = [2, 3, 4, 5].map((n) => {
      const digit = byte(n);
      const fromA = bin('-', bin('|', digit, lit('u8', 0x20)), lit('u8', 0x61));
      return either(cmp('<=', bin('-', digit, lit('u8', 0x30)), lit('u8', 9)), cmp('<', fromA, lit('u8', 6)));
    });
    k.if(both(...isHex), () => k.set(length, num(6)));
  });
  return length;
}

/** Moves over a number, true, false or null, which begins with `first`; gives whether it is null. */
export function skipScalar(line: Line, first: Get): Get {
  const { k, at, isFine } = line;
  const isNull = k.var(no);
  k.if(
    either(isByte(first, '-'), cmp('<=', bin('-', first, lit('u8', 0x30)), lit('u8', 9))),
    () => skipNumber(line),
    () => {
      const [word] = wordsOf(k, sixteen(k, line.text, at));
      const begins = (t: string): SExpr =>
        cmp('==', bin('&', word, u64(2n ** BigInt(8 * t.length) - 1n)), u64(packed(t)));
      const isFalse = k.let(begins('false'));
      k.set(isNull, begins('null'));
      k.set(isFine, both(isFine, either(isNull, isFalse, begins('true'))));
      k.set(at, bin('+', at, sel(isFalse, num(5), num(4))));
    },
  );
  return isNull;
}

const packed = (text: string): bigint => [...text].reduceRight((w, c) => w * 256n + BigInt(c.charCodeAt(0)), 0n);

/** Moves over a number. One of less than sixteen bytes without an exponent is found in the bits of its digits. */
function skipNumber(line: Line): void {
  const { k, text, at } = line;
  const byte = (n: SExpr): Get => k.load(text, k.let(bin('+', at, n)));
  const { mask } = digitsOf(k, sixteen(k, text, at));
  const sign = k.let(cast(isByte(byteAt(line), '-'), 'i32'));
  /** How many digits there are from place n on. */
  const digitsFrom = (n: SExpr): Get => k.let(un('ctz', k.let(bin('^', bin('>>', mask, n), num(-1)))));
  const before = digitsFrom(sign);
  const dot = k.let(bin('+', sign, before));
  const isPadded = both(isByte(byte(sign), '0'), cmp('>', before, num(1)));
  const hasDot = k.let(isByte(byte(dot), '.'));
  const behind = digitsFrom(k.let(bin('min', bin('+', dot, num(1)), num(16))));
  const length = k.let(sel(hasDot, bin('+', bin('+', dot, num(1)), behind), dot));
  const isLong = cmp('>', length, num(15));
  const isPower = isByte(bin('|', byte(length), lit('u8', 0x20)), 'e');
  const isNone = either(cmp('==', before, num(0)), both(hasDot, cmp('==', behind, num(0))));
  k.if(
    either(isPadded, isLong, isPower, isNone),
    () => skipAnyNumber(line),
    () => k.set(at, bin('+', at, length)),
  );
}

/** Moves over a number byte by byte. */
function skipAnyNumber(line: Line): void {
  const { k, at, isFine } = line;
  const isNext = (t: string): SExpr => isByte(byteAt(line), t);
  const skipIf = (cond: SExpr): void => k.set(at, bin('+', at, cast(cond, 'i32')));
  /** At least one digit. */
  const digits = (): void => {
    const from = k.var(at);
    const isDigit = (): SExpr => cmp('<=', bin('-', byteAt(line), lit('u8', 0x30)), lit('u8', 9));
    const more = k.var(isDigit());
    k.while(more, () => {
      k.set(at, bin('+', at, num(1)));
      k.set(more, isDigit());
    });
    k.set(isFine, both(isFine, cmp('>', at, from)));
  };
  skipIf(isNext('-'));
  const [from, isPadded] = [k.var(at), k.let(isNext('0'))];
  digits();
  k.set(isFine, both(isFine, either(un('not', isPadded), cmp('==', bin('-', at, from), num(1)))));
  k.if(isNext('.'), () => {
    k.set(at, bin('+', at, num(1)));
    digits();
  });
  k.if(either(isNext('e'), isNext('E')), () => {
    k.set(at, bin('+', at, num(1)));
    skipIf(either(isNext('+'), isNext('-')));
    digits();
  });
}

/** What may stand at a place of a nested value: a value, a key, or what comes behind a value. */
const [VALUE, KEY, BEHIND] = [num(0), num(1), num(2)];
/** Values in each other that are followed. */
const MOST_DEPTH = 64;

/** Moves over an object or a list, at whose bracket the place is. */
export function skipNested(line: Line): void {
  const { k, at, isFine } = line;
  const [depth, state] = [k.var(num(0)), k.var(VALUE)];
  /** A bit for each value that the place is in, set for an object; the innermost is the lowest. */
  const objects = k.var(u64(0));
  const isInObject = (): SExpr => cmp('!=', bin('&', objects, u64(1)), u64(0));
  const isOpen = k.var(isFine);
  const close = (): void => {
    k.set(at, bin('+', at, num(1)));
    k.set(depth, bin('-', depth, num(1)));
    k.set(objects, bin('>>', objects, u64(1)));
    k.set(state, BEHIND);
    k.set(isOpen, cmp('>', depth, num(0)));
  };
  const isClose = (byte: Get): SExpr => cmp('==', byte, sel(isInObject(), lit('u8', 0x7d), lit('u8', 0x5d)));
  const next = (): void => k.set(state, sel(isInObject(), KEY, VALUE));
  const open = (isObject: Get): void => {
    k.set(at, bin('+', at, num(1)));
    k.set(depth, bin('+', depth, num(1)));
    k.set(isFine, cmp('<=', depth, num(MOST_DEPTH)));
    k.set(objects, bin('|', bin('<<', objects, u64(1)), cast(cast(isObject, 'u32'), 'u64')));
    k.if(isClose(skipBlanks(line)), close, next);
  };
  k.while(both(isOpen, isFine), () => {
    const byte = skipBlanks(line);
    k.if(
      cmp('==', state, BEHIND),
      () =>
        k.if(
          isByte(byte, ','),
          () => {
            k.set(at, bin('+', at, num(1)));
            next();
          },
          () => {
            k.set(isFine, isClose(byte));
            close();
          },
        ),
      () =>
        k.if(
          isByte(byte, '"'),
          () => {
            skipString(line);
            k.if(
              cmp('==', state, KEY),
              () => {
                skipBlanks(line);
                take(line, ':');
                k.set(state, VALUE);
              },
              () => k.set(state, BEHIND),
            );
          },
          () => {
            const isObject = k.let(isByte(byte, '{'));
            k.set(isFine, cmp('==', state, VALUE));
            k.if(
              either(isObject, isByte(byte, '[')),
              () => k.if(isFine, () => open(isObject)),
              () => {
                skipScalar(line, byte);
                k.set(state, BEHIND);
              },
            );
          },
        ),
    );
  });
}
