/** A search by the table of a one-pass program (`one-pass.ts`), from one place after the other. */

import { bin, cast, cmp, type KernelBuilder, lit, type SExpr, sel } from '../../../compiler/kernels.ts';
import { minus, num, plus } from '../../terms.ts';
import type { PartOf } from '../spans-machine.ts';
import { BEGIN, END } from './one-pass.ts';

/** Looks at the table for each byte of a string: a search that takes more has come to few bytes from many places. */
const LOOKS = 16;

/**
 * Sets `from` and `to` to the group in the first match, `from` below 0 where there is none. Says whether it came to an
 * end: where places are many that nearly match, the time would grow with the square of the string.
 */
export function searchOnePass(
  k: KernelBuilder,
  table: { readonly bytes: number; readonly next: number; readonly ends: number },
  { start, end, from, to }: PartOf,
): SExpr {
  const [isFound, origin] = [k.var(lit('bool', false)), k.var(start)];
  const left = k.var(bin('*', plus(minus(end, start), 1), num(LOOKS)));
  const notes = (cell: SExpr, note: number): SExpr => cmp('!=', bin('&', cell, num(note)), num(0));
  const goesOn = (): SExpr =>
    bin('&', cmp('==', isFound, lit('bool', false)), bin('&', cmp('<=', origin, end), cmp('>', left, num(0))));
  k.set(from, num(-1));
  k.while(goesOn(), () => {
    const [state, at, runs] = [k.var(num(0)), k.var(origin), k.var(lit('bool', true))];
    const [begun, ended] = [k.var(num(-1)), k.var(num(-1))];
    k.while(runs, () => {
      const match = k.load(table.ends, state);
      k.if(cmp('!=', match, num(0)), () => {
        k.set(isFound, lit('bool', true));
        k.set(from, sel(notes(match, BEGIN), at, begun));
        k.set(to, sel(notes(match, END), at, ended));
      });
      const byte = cast(k.load(table.bytes, at), 'i32');
      const known = k.load(table.next, k.let(plus(bin('<<', state, num(8)), byte)));
      const cell = k.let(sel(cmp('<', at, end), known, num(-1)));
      k.set(runs, cmp('>=', cell, num(0)));
      k.if(runs, () => {
        k.set(begun, sel(notes(cell, BEGIN), at, begun));
        k.set(ended, sel(notes(cell, END), at, ended));
        k.set(state, bin('>>', cell, num(2)));
        k.set(at, plus(at, 1));
      });
    });
    k.set(left, minus(left, plus(minus(at, origin), 1)));
    k.set(origin, plus(origin, 1));
  });
  return bin('|', isFound, cmp('>', origin, end));
}
