/**
 * Seeded arguments for an artifact: the same on every machine. Floats are uniform in [0, 1), whole numbers in 0 to 99,
 * so that they can be keys, and indices from a hundred rows on; all vectors have the same length.
 */

import {
  isBigKind,
  isFloatKind,
  leaves,
  refersToMemory,
  type ScalarKind,
  type Type,
  typeText,
} from '../../core/types.ts';
import type { Allocator, TypedArray, Value } from '../../core/value.ts';
import { fail } from '../../diag/diagnostic.ts';

/** Values of these types with vectors of `n` elements. W8006 for a type that has none of its own. */
export function seededArguments(types: readonly Type[], n: number, seed: number, memory: Allocator): readonly Value[] {
  const next = generator(seed);
  return types.map((t) => madeUp(t, n, next, memory));
}

function madeUp(t: Type, n: number, next: () => number, memory: Allocator): Value {
  if (t.kind === 'scalar') return scalarOf(t.scalar, next());
  if (t.kind === 'struct') return { kind: 'struct', fields: t.fields.map((f) => madeUp(f, n, next, memory)) };
  const kinds = t.kind === 'vec' && !refersToMemory(t.elem) ? leaves(t.elem) : null;
  if (t.kind !== 'vec' || kinds === null) {
    return fail('W8006', `there is no made-up data for a parameter of type ${typeText(t)}`, {
      help: 'give the arguments: --args JSON',
    });
  }
  const cols = kinds.map((kind) => fill(memory.alloc(kind, n), kind, next));
  return { kind: 'vec', elem: t.elem, length: n, cols };
}

function fill(column: TypedArray, kind: ScalarKind, next: () => number): TypedArray {
  if (column instanceof BigInt64Array || column instanceof BigUint64Array) {
    for (let i = 0; i < column.length; i++) column[i] = BigInt(Math.floor(next() * RANGE));
  } else {
    for (let i = 0; i < column.length; i++) column[i] = Number(scalarOf(kind, next()));
  }
  return column;
}

const RANGE = 100;
function scalarOf(kind: ScalarKind, unit: number): number | bigint | boolean {
  if (kind === 'bool') return unit < 0.5;
  if (kind === 'f32') return Math.fround(unit);
  if (isFloatKind(kind)) return unit;
  const whole = Math.floor(unit * RANGE);
  return isBigKind(kind) ? BigInt(whole) : whole;
}

/** Weyl's sequence through a mixer of bits, in steps of 2^-32. */
function generator(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let z = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return ((z ^ (z >>> 15)) >>> 0) / 4294967296;
  };
}
