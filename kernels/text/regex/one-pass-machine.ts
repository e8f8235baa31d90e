/** A search by the table of a one-pass program (`one-pass.ts`), from one place after the other. */

import { bin, cast, cmp, type Get, type KernelBuilder, type SExpr, sel } from '../../../compiler/kernels.ts';
import { both, either, minus, no, num, plus, times, yes } from '../../terms.ts';
import type { PartOf } from '../spans-machine.ts';
import { BEGIN, BORDER, END, MATCH, OF_MATCH, TO } from './one-pass.ts';

/** Looks at the table for each byte of a string: a search that takes more has come to few bytes from many places. */
const LOOKS = 16;

/**
 * Sets `from` and `to` to the group in the first match, `from` below 0 where there is none. Says whether it came to an
 * end: where places are many that nearly match, the time would grow with the square of the string.
 */
export function searchOnePass(
  k: KernelBuilder,
  { bytes, table }: { readonly bytes: number; readonly table: number },
  { start, end, from, to }: PartOf,
): SExpr {
  const [isFound, origin] = [k.var(no), k.var(start)];
  /** The byte before the origin, as a cell. */
  const before = k.var(num(BORDER));
  const left = k.var(times(plus(minus(end, start), 1), num(LOOKS)));
  const notes = (cell: SExpr, note: number): SExpr => cmp('!=', bin('&', cell, num(note)), num(0));
  const byteAt = (at: Get): SExpr => sel(cmp('<', at, end), cast(k.load(bytes, at), 'i32'), num(BORDER));
  const goesOn = (): SExpr => both(cmp('==', isFound, no), cmp('<=', origin, end), cmp('>', left, num(0)));
  k.set(from, num(-1));
  k.while(goesOn(), () => {
    const [row, at, runs] = [k.var(k.load(table, before)), k.var(origin), k.var(yes)];
    const [begun, ended] = [k.var(num(-1)), k.var(num(-1))];
    k.while(runs, () => {
      const cell = k.load(table, k.let(plus(row, byteAt(at))));
      k.if(notes(cell, MATCH), () => {
        k.set(isFound, yes);
        k.set(from, sel(notes(cell, BEGIN << OF_MATCH), at, begun));
        k.set(to, sel(notes(cell, END << OF_MATCH), at, ended));
      });
      k.set(row, bin('>>', cell, num(TO)));
      k.set(runs, cmp('!=', row, num(0)));
      k.if(runs, () => {
        k.set(begun, sel(notes(cell, BEGIN), at, begun));
        k.set(ended, sel(notes(cell, END), at, ended));
        k.set(at, plus(at, 1));
      });
    });
    k.set(left, minus(left, plus(minus(at, origin), 1)));
    k.set(before, byteAt(origin));
    k.set(origin, plus(origin, 1));
  });
  return either(isFound, cmp('>', origin, end));
}
