/** Which strings are UTF-8, one a row of a launch: sixteen bytes of ASCII at a time, other characters one by one. */

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
import { type Machine, once } from '../machine.ts';
import { both, either, num } from '../terms.ts';
import { sixteen } from './cell-machine.ts';
import type { Strings } from './strings.ts';

/** Strings of a part. */
const STRINGS = 1 << 14;

/** The code of the first string that is not UTF-8, or -1. */
export async function firstInvalid(m: Machine, strings: Strings): Promise<number> {
  const [arena, ends] = strings.buffers();
  const { parts, cell } = await m.launch(check(), { rows: strings.count, rowsPerPart: STRINGS, bufs: [arena, ends] });
  for (let part = 0; part < parts; part++) if (Number(cell(part, 0)) !== NONE) return Number(cell(part, 0));
  return -1;
}

const NONE = 2 ** 31 - 1;

/** The first row of a part that is not UTF-8. */
const check = once((): Kernel => {
  const k = KernelBuilder.packed('utf8_check');
  const [arena, ends] = [k.buf('arena', 'u8', 'read'), k.buf('arena_ends', 'i32', 'read')];
  const first = k.reduction('first', 'i32', 'min');
  const at = k.var(k.load(ends, k.index));
  const end = k.load(ends, k.let(bin('+', k.index, num(1))));
  const isFine = k.var(lit('bool', true));
  k.while(both(isFine, cmp('<', at, end)), () => {
    const others = k.let(whole('bits', cmp('>=', sixteen(k, arena, at), lit('u8', 0x80, 16))));
    // Where all are ASCII there is nothing to look at; behind the end there may be anything.
    k.set(at, bin('+', at, sel(cmp('==', others, num(0)), num(16), un('ctz', others))));
    k.if(both(cmp('!=', others, num(0)), cmp('<', at, end)), () => {
      const length = characterLength(k, arena, at);
      k.set(at, bin('+', at, length));
      k.set(isFine, both(cmp('>', length, num(0)), cmp('<=', at, end)));
    });
  });
  k.accum(first, sel(isFine, num(NONE), k.index));
  return k.finish();
});

/** How many bytes the character at a place has that is not ASCII (RFC 3629); 0 for none. */
function characterLength(k: KernelBuilder, text: number, at: Get): Get {
  const [lead, second, third, fourth] = [0, 1, 2, 3].map((n) =>
    cast(k.load(text, k.let(bin('+', at, num(n)))), 'i32'),
  ) as [SExpr, SExpr, SExpr, SExpr];
  const is = (byte: SExpr, low: number, high: number): SExpr =>
    both(cmp('>=', byte, num(low)), cmp('<=', byte, num(high)));
  const goesOn = (byte: SExpr): SExpr => is(byte, 0x80, 0xbf);
  const lengthIf = (fine: SExpr, length: number): SExpr => sel(fine, num(length), num(0));
  // No character in more bytes than it needs, no half of a pair of surrogates, none above U+10FFFF.
  const three = either(
    both(is(lead, 0xe1, 0xef), un('not', is(lead, 0xed, 0xed)), goesOn(second)),
    both(is(lead, 0xe0, 0xe0), is(second, 0xa0, 0xbf)),
    both(is(lead, 0xed, 0xed), is(second, 0x80, 0x9f)),
  );
  const four = either(
    both(is(lead, 0xf1, 0xf3), goesOn(second)),
    both(is(lead, 0xf0, 0xf0), is(second, 0x90, 0xbf)),
    both(is(lead, 0xf4, 0xf4), is(second, 0x80, 0x8f)),
  );
  const length = k.var(lengthIf(both(is(lead, 0xc2, 0xdf), goesOn(second)), 2));
  k.if(cmp('>=', lead, num(0xe0)), () => k.set(length, lengthIf(both(three, goesOn(third)), 3)));
  k.if(cmp('>=', lead, num(0xf0)), () => k.set(length, lengthIf(both(four, goesOn(third), goesOn(fourth)), 4)));
  return length;
}
