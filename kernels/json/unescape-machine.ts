/** The escapes of JSON strings, byte by byte: what `unescape.ts` defines. */

import { bin, cast, cmp, type Get, type KernelBuilder, lit, type SExpr, sel } from '../../compiler/kernels.ts';
import { both, num } from '../terms.ts';

const BACKSLASH = 0x5c;
const REPLACEMENT = 0xfffd;

/** Gives the bytes of the string that text[start, end) writes, whose escapes are right, to `append`. */
export function jsonUnescape(
  k: KernelBuilder,
  { text, start, end }: { readonly text: number; readonly start: Get; readonly end: Get },
  append: (byte: SExpr) => void,
): void {
  const at = k.var(start);
  const byteAt = (n: number): Get => k.load(text, k.let(bin('+', at, num(n))));
  k.while(cmp('<', at, end), () => {
    const byte = k.load(text, at);
    k.if(
      cmp('!=', byte, lit('u8', BACKSLASH)),
      () => {
        append(byte);
        k.set(at, bin('+', at, num(1)));
      },
      () => {
        const letter = byteAt(1);
        k.if(
          cmp('!=', letter, lit('u8', 0x75)),
          () => {
            append(simple(letter));
            k.set(at, bin('+', at, num(2)));
          },
          () => {
            const code = k.var(unitAt(k, text, at, 2));
            k.set(at, bin('+', at, num(6)));
            k.if(isSurrogate(code), () => {
              const high = k.var(code);
              k.set(code, num(REPLACEMENT));
              const mayPair = both(cmp('<', high, num(0xdc00)), cmp('<=', bin('+', at, num(6)), end));
              const isEscape = both(cmp('==', byteAt(0), lit('u8', BACKSLASH)), cmp('==', byteAt(1), lit('u8', 0x75)));
              k.if(both(mayPair, isEscape), () => {
                const low = unitAt(k, text, at, 2);
                k.if(both(cmp('>=', low, num(0xdc00)), cmp('<', low, num(0xe000))), () => {
                  const pair = bin('+', bin('<<', bin('-', high, num(0xd800)), num(10)), bin('-', low, num(0xdc00)));
                  k.set(code, bin('+', pair, num(0x10000)));
                  k.set(at, bin('+', at, num(6)));
                });
              });
            });
            appendUtf8(k, code, append);
          },
        );
      },
    );
  });
}

const isSurrogate = (code: SExpr): SExpr => both(cmp('>=', code, num(0xd800)), cmp('<', code, num(0xe000)));

/** What a letter behind a backslash means. */
function simple(letter: Get): SExpr {
  const meanings = { b: 8, f: 12, n: 10, r: 13, t: 9 };
  return Object.entries(meanings).reduce<SExpr>(
    (otherwise, [c, byte]) => sel(cmp('==', letter, lit('u8', c.charCodeAt(0))), lit('u8', byte), otherwise),
    letter,
  );
}

/** The number that four hexadecimal digits write, `skip` bytes behind `at`. */
function unitAt(k: KernelBuilder, text: number, at: Get, skip: number): Get {
  const unit = k.var(num(0));
  for (let n = skip; n < skip + 4; n++) {
    const byte = cast(k.load(text, k.let(bin('+', at, num(n)))), 'i32');
    // Letters of either case come after 9: their low four bits count from 1.
    const digit = bin('+', bin('&', byte, num(15)), sel(cmp('>', byte, num(0x39)), num(9), num(0)));
    k.set(unit, bin('+', bin('<<', unit, num(4)), digit));
  }
  return unit;
}

function appendUtf8(k: KernelBuilder, code: Get, append: (byte: SExpr) => void): void {
  const more = (shift: number): SExpr => bin('|', num(0x80), bin('&', bin('>>', code, num(shift)), num(0x3f)));
  const first = (mark: number, shift: number): SExpr => bin('|', num(mark), bin('>>', code, num(shift)));
  const all =
    (...bytes: readonly SExpr[]) =>
    (): void => {
      for (const b of bytes) append(cast(b, 'u8'));
    };
  k.if(cmp('<', code, num(0x80)), all(code), () =>
    k.if(cmp('<', code, num(0x800)), all(first(0xc0, 6), more(0)), () =>
      k.if(
        cmp('<', code, num(0x10000)),
        all(first(0xe0, 12), more(6), more(0)),
        all(first(0xf0, 18), more(12), more(6), more(0)),
      ),
    ),
  );
}
