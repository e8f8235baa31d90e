/**
 * The fields of lines of NDJSON, a line a row of a launch. Keys are looked for in the order in which they came in the first
 * lines, so that nearly every look finds its key at once.
 *
 * A line with a nested value, a key that is not known or that has escapes, or a mistake, is left: the definition
 * (`objects.ts`) reads it.
 */

import {
  bin,
  cast,
  cmp,
  type Get,
  type Kernel,
  KernelBuilder,
  lit,
  type SExpr,
  sel,
  un,
  whole,
} from '../../compiler/kernels.ts';
import { firstBytes, sixteen, wordsOf } from '../csv/cell-machine.ts';
import { isSame } from '../csv/string-lookup.ts';
import { once } from '../machine.ts';
import { both, either, num, u64 } from '../terms.ts';

const isByte = (byte: SExpr, text: string): SExpr => cmp('==', byte, lit('u8', text.charCodeAt(0)));
const YES = lit('bool', true);
const NO = lit('bool', false);

/** A place in a line, and whether it is still as it should be. */
interface Line {
  readonly k: KernelBuilder;
  readonly text: number;
  readonly at: Get;
  readonly end: Get;
  readonly isFine: Get;
}

/**
 * Buffers: text, line starts, line ends, the bytes of the keys, where each one begins and ends, fields, lines left. Scalar:
 * how many keys there are. A line has two fields a key, so that every value begins behind a field.
 */
export const objectFields = once((): Kernel => {
  const k = KernelBuilder.packed('json_fields');
  const text = k.buf('text', 'u8', 'read');
  const [starts, lineEnds] = [k.buf('starts', 'i32', 'read'), k.buf('line_ends', 'i32', 'read')];
  const [keys, keyEnds] = [k.buf('keys', 'u8', 'read'), k.buf('key_ends', 'i32', 'read')];
  const [fields, left] = [k.buf('fields', 'i32', 'write'), k.buf('left', 'i32', 'write')];
  const keyCount = k.scalar('keys', 'i32');
  const cursor = k.cursor();
  const start = k.load(starts, k.index);
  const first = k.let(bin('*', k.index, bin('*', keyCount, num(2))));
  const put = (key: SExpr, from: SExpr, to: SExpr): void => {
    const place = k.let(bin('+', first, bin('*', key, num(2))));
    k.store(fields, place, bin('-', from, num(1)));
    k.store(fields, k.let(bin('+', place, num(1))), to);
  };
  k.range(num(0), keyCount, (key) => put(key, start, start));
  const line: Line = { k, text, at: k.var(start), end: k.load(lineEnds, k.index), isFine: k.var(YES) };
  const { at, end, isFine } = line;
  const key = k.var(num(0));

  take(line, '{');
  skipBlanks(line);
  const isOpen = k.var(both(isFine, un('not', isByte(byteAt(line), '}'))));
  k.while(both(isOpen, isFine), () => {
    const from = k.var(at);
    string(line);
    k.if(isFine, () => findKey(k, { text, from, to: at, keys, keyEnds, keyCount }, key, isFine));
    skipBlanks(line);
    take(line, ':');
    skipBlanks(line);
    k.if(isFine, () => {
      k.set(from, at);
      const isNull = value(line);
      k.if(isFine, () => put(key, from, sel(isNull, from, at)));
      k.set(key, bin('+', key, num(1)));
    });
    skipBlanks(line);
    k.set(isOpen, isByte(byteAt(line), ','));
    k.if(isOpen, () => {
      k.set(at, bin('+', at, num(1)));
      skipBlanks(line);
    });
  });
  take(line, '}');
  skipBlanks(line);
  k.if(un('not', both(isFine, cmp('==', at, end))), () => k.push(cursor, [[left, k.index]]));
  return k.finish();
});

/** The byte at the place, 0 behind the line. */
function byteAt({ k, text, at, end }: Line): Get {
  return k.let(sel(cmp('<', at, end), k.load(text, at), lit('u8', 0)));
}
function take(line: Line, byte: string): void {
  const { k, at, isFine } = line;
  k.set(isFine, both(isFine, isByte(byteAt(line), byte)));
  k.set(at, bin('+', at, num(1)));
}
function skipBlanks(line: Line): void {
  const { k, at } = line;
  const byte = k.var(byteAt(line));
  k.while(either(isByte(byte, ' '), isByte(byte, '\t'), isByte(byte, '\r')), () => {
    k.set(at, bin('+', at, num(1)));
    k.set(byte, byteAt(line));
  });
}

/** Moves over a string with its quotes. */
function string(line: Line): void {
  const { k, text, at, end, isFine } = line;
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
    k.set(isInside, both(isFine, cmp('==', marks, num(0)), cmp('<', at, end)));
  });
  take(line, '"');
}

/** The bytes of the escape at the place, 0 for none that JSON has. */
function escapeLength({ k, text, at, end }: Line): Get {
  const byte = (n: number): Get => k.load(text, k.let(bin('+', at, num(n))));
  const letter = byte(1);
  const length = k.var(num(0));
  const isSimple = either(...[...'"\\/bfnrt'].map((c) => isByte(letter, c)));
  k.if(both(isSimple, cmp('<', bin('+', at, num(1)), end)), () => k.set(length, num(2)));
  k.if(both(isByte(letter, 'u'), cmp('<=', bin('+', at, num(6)), end)), () => {
    const isHex = [2, 3, 4, 5].map((n) => {
      const digit = byte(n);
      const fromA = bin('-', bin('|', digit, lit('u8', 0x20)), lit('u8', 0x61));
      return either(cmp('<=', bin('-', digit, lit('u8', 0x30)), lit('u8', 9)), cmp('<', fromA, lit('u8', 6)));
    });
    k.if(both(...isHex), () => k.set(length, num(6)));
  });
  return length;
}

/** Sets `key` to the column of the string with quotes in text[from, to): the one that is expected, or another. */
function findKey(
  k: KernelBuilder,
  of: { text: number; from: Get; to: Get; keys: number; keyEnds: number; keyCount: Get },
  key: Get,
  isFine: Get,
): void {
  const start = k.let(bin('+', of.from, num(1)));
  const name = { buf: of.text, start, length: k.let(bin('-', bin('-', of.to, start), num(1))) };
  const [tries, isFound] = [k.var(num(0)), k.var(NO)];
  k.while(both(un('not', isFound), cmp('<', tries, of.keyCount)), () => {
    k.set(key, sel(cmp('<', key, of.keyCount), key, num(0)));
    const place = k.let(bin('*', key, num(2)));
    const begin = k.load(of.keyEnds, place);
    const length = bin('-', k.load(of.keyEnds, k.let(bin('+', place, num(1)))), begin);
    k.if(cmp('==', length, name.length), () => k.set(isFound, isSame(k, name, { buf: of.keys, start: begin })));
    k.if(un('not', isFound), () => {
      k.set(key, bin('+', key, num(1)));
      k.set(tries, bin('+', tries, num(1)));
    });
  });
  k.set(isFine, isFound);
}

/** Moves over a value; gives whether it is null. */
function value(line: Line): Get {
  const { k, at, isFine } = line;
  const isNull = k.var(NO);
  const first = byteAt(line);
  k.if(
    isByte(first, '"'),
    () => string(line),
    () =>
      k.if(
        either(isByte(first, '-'), cmp('<=', bin('-', first, lit('u8', 0x30)), lit('u8', 9))),
        () => number(line),
        () => {
          const [word] = wordsOf(k, firstBytes(sixteen(k, line.text, at), bin('-', line.end, at)));
          const begins = (t: string): SExpr =>
            cmp('==', bin('&', word, u64(2n ** BigInt(8 * t.length) - 1n)), u64(packed(t)));
          const isFalse = k.let(begins('false'));
          k.set(isNull, begins('null'));
          k.set(isFine, both(isFine, either(isNull, isFalse, begins('true'))));
          k.set(at, bin('+', at, sel(isFalse, num(5), num(4))));
        },
      ),
  );
  return isNull;
}

const packed = (text: string): bigint => [...text].reduceRight((w, c) => w * 256n + BigInt(c.charCodeAt(0)), 0n);

/** Moves over a number. */
function number(line: Line): void {
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
