/** Characters in kernels (`utf8.ts`). */

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
import { minus, num, plus } from '../terms.ts';

/** How many bytes the character at `at` has. */
export function charBytes(k: KernelBuilder, bytes: number, at: Get, end: Get): Get {
  const byte = (by: number): Get => k.let(cast(k.load(bytes, by === 0 ? at : k.let(plus(at, by))), 'i32'));
  const between = (b: SExpr, least: SExpr, most: SExpr): SExpr => bin('&', cmp('>=', b, least), cmp('<=', b, most));
  const first = byte(0);
  const length = k.var(num(1));
  k.if(bin('&', cmp('>=', first, num(0xc2)), cmp('<=', first, num(0xf4))), () => {
    const wanted = k.let(sel(cmp('<', first, num(0xe0)), num(2), sel(cmp('<', first, num(0xf0)), num(3), num(4))));
    k.if(cmp('<=', plus(at, wanted), end), () => {
      const is = (b: number): SExpr => cmp('==', first, num(b));
      const least = sel(is(0xe0), num(0xa0), sel(is(0xf0), num(0x90), num(0x80)));
      const most = sel(is(0xed), num(0x9f), sel(is(0xf4), num(0x8f), num(0xbf)));
      const isRight = k.var(between(byte(1), least, most));
      for (const by of [2, 3]) {
        k.if(cmp('>', wanted, num(by)), () =>
          k.set(isRight, bin('&', isRight, between(byte(by), num(0x80), num(0xbf)))),
        );
      }
      k.if(isRight, () => k.set(length, wanted));
    });
  });
  return length;
}

/** Which of the sixteen bytes from `at` on are beyond ASCII, as bits. */
const highBytes = (k: KernelBuilder, bytes: number, at: Get): Get =>
  k.let(whole('bits', cmp('>=', k.load(bytes, at, 16), lit('u8', 0x80, 16))));
const inFront = (high: Get): SExpr => un('ctz', bin('|', high, num(1 << 16)));

/** How many bytes from `at` on are ASCII, sixteen at most. */
export const asciiBytes = (k: KernelBuilder, bytes: number, at: Get): SExpr => inFront(highBytes(k, bytes, at));

/** Moves `at` over at most `left` characters up to `end`, up to sixteen of ASCII at a time; `left` counts down. */
export function skipChars(k: KernelBuilder, bytes: number, p: { at: Get; left: Get; end: Get }): void {
  const { at, left, end } = p;
  k.while(bin('&', cmp('>', left, num(0)), cmp('<', at, end)), () => {
    const high = highBytes(k, bytes, at);
    k.if(
      cmp('==', bin('&', high, num(1)), num(0)),
      () => {
        const step = k.let(bin('min', inFront(high), bin('min', left, minus(end, at))));
        k.set(at, plus(at, step));
        k.set(left, minus(left, step));
      },
      () => {
        k.set(at, plus(at, charBytes(k, bytes, at, end)));
        k.set(left, minus(left, 1));
      },
    );
  });
}
