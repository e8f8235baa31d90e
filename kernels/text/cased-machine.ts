/** Characters in another case, in kernels (`cased.ts`). */

import { bin, cast, cmp, type Get, type KernelBuilder, lit, type SExpr, sel } from '../../compiler/kernels.ts';
import { num, plus } from '../terms.ts';
import { BEHIND_CASED, type Case } from './cased.ts';
import type { Put, Sink } from './written-machine.ts';

/** The first ASCII letter that is changed. */
export const firstLetterOf = (to: Case): number => (to === 'upper' ? 97 : 65);

/** ASCII letters from the first that is changed on in the other case; the bit that makes it is 32. */
export const swapLetters = (bytes: SExpr, firstLetter: number): SExpr => {
  const every = (byte: number): SExpr => lit('u8', byte, 16);
  const isLetter = cmp('<', bin('-', bytes, every(firstLetter)), every(26));
  return bin('^', bytes, sel(isLetter, every(32), every(0)));
};

/** The other case of the character at a place, if both have two bytes: Latin, Greek and Cyrillic letters do. */
export function pairAt(
  k: KernelBuilder,
  c: { readonly bytes: number; readonly table: number; readonly at: Get; readonly end: Get },
): { readonly isPair: SExpr; readonly code: Get } {
  const first = k.let(cast(k.load(c.bytes, c.at), 'i32'));
  const second = k.let(cast(k.load(c.bytes, k.let(plus(c.at, 1))), 'i32'));
  const both = bin('|', bin('<<', bin('&', first, num(0x1f)), num(6)), bin('&', second, num(0x3f)));
  const code = k.load(c.table, k.let(both));
  const between = (n: SExpr, low: number, high: number): SExpr =>
    bin('&', cmp('>=', n, num(low)), cmp('<=', n, num(high)));
  const spelled = bin('&', between(first, 0xc2, 0xdf), between(second, 0x80, 0xbf));
  const isInside = cmp('<', plus(c.at, 1), c.end);
  return { isPair: bin('&', bin('&', spelled, isInside), between(code, 0x80, 0x7ff)), code };
}

/** Writes a character of so many bytes. */
export function putChar(put: Put, code: Get, length: number): void {
  const first = [0, 0xc0, 0xe0, 0xf0][length - 1] ?? 0;
  put(num(0), cast(bin('|', num(first), bin('>>', code, num(6 * (length - 1)))), 'u8'));
  for (let by = 1; by < length; by++) {
    const six = bin('&', bin('>>', code, num(6 * (length - 1 - by))), num(0x3f));
    put(num(by), cast(bin('|', num(0x80), six), 'u8'));
  }
}

/** Adds the character at a place in another case. */
export function addCased(
  k: KernelBuilder,
  c: { readonly bytes: number; readonly table: number; readonly at: Get; readonly length: Get },
  sink: Pick<Sink, 'add'>,
): void {
  const byte = (by: number): Get => k.let(cast(k.load(c.bytes, by === 0 ? c.at : k.let(plus(c.at, by))), 'i32'));
  const code = k.var(byte(0));
  for (const [length, first] of [
    [2, 0x1f],
    [3, 0x0f],
    [4, 0x07],
  ] as const) {
    k.if(cmp('==', c.length, num(length)), () => {
      k.set(code, bin('&', code, num(first)));
      for (let by = 1; by < length; by++) k.set(code, bin('|', bin('<<', code, num(6)), bin('&', byte(by), num(0x3f))));
    });
  }
  // A byte of a character of its own may be none.
  const isByte = k.let(cmp('==', c.length, num(1)));
  const known = bin(
    '&',
    cmp('<', code, num(BEHIND_CASED)),
    bin('|', cmp('<', code, num(0x80)), cmp('==', isByte, lit('bool', false))),
  );
  k.if(known, () => k.set(code, k.load(c.table, code)));
  const lengths = [0x80, 0x800, 0x10000].map((limit): SExpr => cast(cmp('>=', code, num(limit)), 'i32'));
  const length = k.let(
    sel(
      isByte,
      num(1),
      lengths.reduce((a, b) => plus(a, b), num(1)),
    ),
  );
  sink.add(length, (put) => {
    for (const n of [1, 2, 3, 4]) k.if(cmp('==', length, num(n)), () => putChar(put, code, n));
  });
}
