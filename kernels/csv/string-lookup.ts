/** What the kernels of strings share: hashes, comparisons, and looks into the table of known strings. */

import { bin, cast, cmp, type Get, type KernelBuilder, lit, type SExpr, whole } from '../../compiler/kernels.ts';
import { both, num, u64 } from '../terms.ts';
import { firstBytes, sixteen, wordsOf } from './cell-machine.ts';

/** A string in a buffer of bytes. */
export interface Text {
  readonly buf: number;
  readonly start: Get;
  readonly length: Get;
}

/** The hash of a string: its bytes sixteen at a time, each time multiplied and folded. */
export function hashOf(k: KernelBuilder, { buf, start, length }: Text): Get {
  const hash = k.var(bin('*', cast(length, 'u64'), u64(0x9e37_79b9_7f4a_7c15n)));
  const done = k.var(num(0));
  k.while(cmp('<', done, length), () => {
    const [a, b] = wordsOf(k, firstBytes(sixteen(k, buf, bin('+', start, done)), bin('-', length, done)));
    const fold = (): SExpr => bin('^', hash, bin('>>', hash, u64(32)));
    k.set(hash, bin('*', bin('^', hash, a), u64(0xff51_afd7_ed55_8ccdn)));
    k.set(hash, bin('*', bin('^', fold(), b), u64(0xc4ce_b9fe_1a85_ec53n)));
    k.set(hash, fold());
    k.set(done, bin('+', done, num(16)));
  });
  return k.let(cast(cast(bin('^', hash, bin('>>', hash, u64(29))), 'u32'), 'i32'));
}

/** Are two strings of one length the same? */
export function isSame(k: KernelBuilder, a: Text, b: Omit<Text, 'length'>): Get {
  const same = k.var(lit('bool', true));
  const done = k.var(num(0));
  k.while(both(same, cmp('<', done, a.length)), () => {
    const [x, y] = [sixteen(k, a.buf, bin('+', a.start, done)), sixteen(k, b.buf, bin('+', b.start, done))];
    const left = bin('min', bin('-', a.length, done), num(16));
    const ofText = bin('-', bin('<<', num(1), left), num(1));
    k.set(same, cmp('==', bin('&', whole('bits', cmp('!=', x, y)), ofText), num(0)));
    k.set(done, bin('+', done, num(16)));
  });
  return same;
}

/** The known strings, to kernels. */
export interface Known {
  readonly arena: number;
  readonly slots: number;
}

/** The place of the first word of a slot: hash and code. The second has start and length. */
export const firstWord = (k: KernelBuilder, slot: Get): Get => k.let(bin('*', slot, num(2)));

/** Where the string of a slot lies in the arena. */
export function placeIn(k: KernelBuilder, known: Known, slot: Get): { start: Get; length: Get } {
  const word = k.load(known.slots, k.let(bin('+', bin('*', slot, num(2)), num(1))));
  const half = (x: SExpr): Get => k.let(cast(cast(x, 'u32'), 'i32'));
  return { start: half(bin('>>', word, u64(32))), length: half(word) };
}

/** Looks a string up: its code, or -1; then `slot` is the free one where the look ended. */
export function lookUp(k: KernelBuilder, known: Known, size: Get, text: Text, hash: Get): { code: Get; slot: Get } {
  const mask = k.let(bin('-', size, num(1)));
  const slot = k.var(bin('&', hash, mask));
  const code = k.var(num(-1));
  const word = k.var(k.load(known.slots, firstWord(k, slot)));
  k.while(both(cmp('<', code, num(0)), cmp('!=', word, u64(0))), () => {
    k.if(cmp('==', cast(cast(bin('>>', word, u64(32)), 'u32'), 'i32'), hash), () => {
      const { start, length } = placeIn(k, known, slot);
      k.if(cmp('==', length, text.length), () => {
        k.if(isSame(k, text, { buf: known.arena, start }), () =>
          k.set(code, bin('-', cast(cast(word, 'u32'), 'i32'), num(1))),
        );
      });
    });
    k.if(cmp('<', code, num(0)), () => {
      k.set(slot, bin('&', bin('+', slot, num(1)), mask));
      k.set(word, k.load(known.slots, firstWord(k, slot)));
    });
  });
  return { code, slot };
}
