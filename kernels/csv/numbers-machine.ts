/**
 * Cells of numbers. Integers of up to 19 digits are read sixteen at a time; numbers with a point or an exponent as those of
 * other texts (`numbers/`). Everything else, the words for NaN and infinities too, is left to the definition.
 *
 * `strict` leaves numbers with leading zeros, which are no numbers where the type is a guess.
 */

import type { ScalarKind, TypedArray } from '../../compiler/index.ts';
import { bin, cast, cmp, type Kernel, sel, un } from '../../compiler/kernels.ts';
import { once } from '../machine.ts';
import { isByte, readDecimal, takeSign } from '../numbers/decimal-machine.ts';
import { nearestDouble } from '../numbers/nearest-machine.ts';
import { EXACT_POWERS, WIDE_POWERS } from '../numbers/powers.ts';
import { readWhole } from '../numbers/whole-machine.ts';
import { both, minus, num, u64 } from '../terms.ts';
import { cellKernel } from './cell-machine.ts';
import type { Room } from './room.ts';

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
        const isMinus = takeSign(k, cell);
        const { isWritten, magnitude } = readWhole(k, cell);
        const isPadded = both(
          isByte(k.load(cell.text, cell.start), '0'),
          cmp('>', minus(cell.end, cell.start), num(1)),
        );
        const isKept = un('not', both(isPadded, cmp('!=', strict, num(0))));
        k.set(isFine, both(isWritten, isKept, cmp('<=', magnitude, sel(isMinus, least, most))));
        k.set(value, cast(sel(isMinus, bin('-', u64(0), magnitude), magnitude), kind));
      };
    }),
);

/** Cells of f64 or f32. Buffers of the parser: the powers of ten, exact and wide; scalar strict. */
export const floatCells = once(
  (kind: 'f32' | 'f64'): Kernel =>
    cellKernel(`csv_cells_${kind}`, kind, (k) => {
      const powers = { exact: k.buf('exact', 'f64', 'read'), wide: k.buf('wide', 'u64', 'read') };
      const strict = k.scalar('strict', 'i32');
      return (cell, { isFine, value }) => {
        const isMinus = takeSign(k, cell);
        const number = readDecimal(k, cell, powers.exact);
        const isKept = un('not', both(number.isPadded, cmp('!=', strict, num(0))));
        k.if(both(number.isWritten, isKept), () => {
          const nearest = nearestDouble(k, number, powers);
          k.set(isFine, nearest.isKnown);
          k.set(value, cast(sel(isMinus, un('neg', nearest.value), nearest.value), kind));
        });
      };
    }),
);

/** The buffers that `floatCells` takes. */
export function powersOf(room: Room): readonly [TypedArray, TypedArray] {
  return [
    room.made('exact', 'f64', EXACT_POWERS.length, (exact) => {
      for (const [e, power] of EXACT_POWERS.entries()) exact[e] = power;
    }),
    room.made('wide', 'u64', WIDE_POWERS.length, (wide) => {
      for (const [k, word] of WIDE_POWERS.entries()) wide[k] = word;
    }),
  ];
}
