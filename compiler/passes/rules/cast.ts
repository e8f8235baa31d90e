/**
 * Conversions. A kind holds another one when every value of that has a place in it: i32 in i64 and f64, not in f32. A
 * value that went through a kind which holds it has not changed; a narrow integer reads the low bits alone.
 *
 * Not here, because wrong: `f32(f64(x))` for an i64 rounds twice, `i8(f64(x))` for an i32 saturates where `i8(x)` wraps.
 */

import { isFloatKind, isIntKind, isSignedKind, type ScalarKind, scalarBytes } from '../../core/types.ts';
import { rulesOver } from './notation.ts';
import { type Kinds, over, type Rule, SCALARS } from './pattern.ts';

/** How many bits an integer may have to be exact in a float. */
const MANTISSA: Partial<Record<ScalarKind, number>> = { f32: 24, f64: 53 };
const bits = (k: ScalarKind): number => (k === 'bool' ? 1 : 8 * scalarBytes(k));

/** Every value of `part` is a value of `whole`. */
export function holds(whole: ScalarKind, part: ScalarKind): boolean {
  if (whole === part || part === 'bool') return true;
  if (whole === 'bool') return false;
  if (isFloatKind(part)) return part === 'f32' && whole === 'f64';
  const mantissa = MANTISSA[whole];
  if (mantissa !== undefined) return bits(part) - (isSignedKind(part) ? 1 : 0) <= mantissa;
  if (isSignedKind(part) && !isSignedKind(whole)) return false;
  return bits(whole) > bits(part) || (bits(whole) === bits(part) && isSignedKind(whole) === isSignedKind(part));
}

const pairs = (ok: (T: ScalarKind, U: ScalarKind) => boolean): readonly Kinds[] =>
  SCALARS.flatMap((T) => SCALARS.filter((U) => U !== T && ok(T, U)).map((U) => ({ T, U })));
const wide = (T: ScalarKind, U: ScalarKind): boolean => isIntKind(T) && isIntKind(U) && bits(U) >= bits(T);

/** There and back: through a kind that holds the value, or through integers that keep its bits. */
const backAgain = pairs((T, U) => holds(U, T) || wide(T, U));
/** Comparing the same values elsewhere. */
const held = pairs((T, U) => holds(U, T));
/** Wide arithmetic of which only the low bits are read. */
const lowBits = pairs(wide);

/** From T by way of U to V: U holds the value, or V reads bits that U keeps. */
const chains: readonly Kinds[] = SCALARS.flatMap((T) =>
  SCALARS.flatMap((U) =>
    SCALARS.filter((V) => T !== U && U !== V && V !== T && passesThrough(T, U, V)).map((V) => ({ T, U, V })),
  ),
);
function passesThrough(T: ScalarKind, U: ScalarKind, V: ScalarKind): boolean {
  // A float saturates where an integer wraps.
  if (holds(U, T)) return !(isFloatKind(U) && isIntKind(T) && isIntKind(V)) || holds(V, T);
  return isIntKind(T) && isIntKind(U) && isIntKind(V) && bits(V) <= bits(U);
}

export const castRules: readonly Rule[] = [
  ...rulesOver('all', over(SCALARS))('cast-same', 'T(x) -> x'),
  ...rulesOver('all', backAgain)('cast-back', 'T(U(x)) -> x'),
  ...rulesOver('all', chains)('cast-through', 'V(U(x)) -> V(x)'),
  ...rulesOver('all', held)(
    'cast-compare',
    'U(x) == U(y) -> x == y',
    'U(x) != U(y) -> x != y',
    'U(x) < U(y) -> x < y',
    'U(x) <= U(y) -> x <= y',
    'U(x) > U(y) -> x > y',
    'U(x) >= U(y) -> x >= y',
  ),
  ...rulesOver('int', lowBits)(
    'cast-narrow',
    'T(U(x) + U(y)) -> x + y',
    'T(U(x) - U(y)) -> x - y',
    'T(U(x) * U(y)) -> x * y',
  ),
];
