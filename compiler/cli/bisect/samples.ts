/**
 * Arguments that are made up, for programs that are bisected without any. They are the same every time, and plain on
 * purpose: all vectors are equally long, integers are small, so that they may be positions and keys, and floats are
 * multiples of a quarter, so that their sums do not depend on the order.
 */

import { dictOf } from '../../core/ibuilder.ts';
import { type IValue, istruct } from '../../core/ivalue.ts';
import { type Program, paramTypes } from '../../core/program.ts';
import { normalise } from '../../core/scalar.ts';
import { isFloatKind, type Type } from '../../core/types.ts';

/** Lengths of the vectors, a set of arguments each. Long enough for wide code and its rest; and none, one, a few. */
const LENGTHS = [37, 5, 1, 0, 200] as const;
/** Inside other values vectors are shorter, and of different lengths. */
const INNER_LENGTHS = 4;
/** Integers are below this, where vectors are shorter below their length. */
const MOST = 8;

export function sampleArguments(p: Program): readonly (readonly IValue[])[] {
  return LENGTHS.map((length, k) => {
    const next = generator(k + 1);
    return paramTypes(p).map((t) => sample(t, length, Math.max(1, Math.min(length, MOST)), next));
  });
}

/** Whole numbers from 0 to below `n`. */
type Next = (n: number) => number;

function generator(seed: number): Next {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % n;
  };
}

function sample(t: Type, length: number, most: number, next: Next): IValue {
  const inner = (part: Type): IValue => sample(part, next(INNER_LENGTHS), most, next);
  switch (t.kind) {
    case 'scalar':
      if (isFloatKind(t.scalar)) return normalise(t.scalar, (next(8 * MOST) - 2 * MOST) / 4);
      return t.scalar === 'bool' ? next(2) === 1 : normalise(t.scalar, next(most));
    case 'struct':
      return istruct(t.fields.map((f) => sample(f, length, most, next)));
    case 'vec':
      return Array.from({ length }, () => inner(t.elem));
    case 'dict':
      return dictOf(
        t.key,
        Array.from({ length: most }, () => [inner(t.key), inner(t.value)] as const),
      );
    default:
      // `runnable` has refused builders.
      return 0;
  }
}
