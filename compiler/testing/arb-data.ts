/**
 * Argument values for generated programs: small numbers that collide and make keys and indices, extremes, and the
 * floats that break naive code (NaN, both zeros, infinities, subnormals, values that do not fit an f32).
 */

import { builderMaker, dictOf } from '../core/ibuilder.ts';
import { type IValue, istruct } from '../core/ivalue.ts';
import { mergedType } from '../core/rules.ts';
import { normalise, type ScalarValue } from '../core/scalar.ts';
import { isFloatKind, isSignedKind, type ScalarKind, scalarBytes, type Type, typeText } from '../core/types.ts';
import { InternalError } from '../diag/diagnostic.ts';
import { numbersFrom, type Tape } from './tape.ts';

/** Lengths around the borders of lanes, unrolled loops and small chunks. */
export const LENGTHS: readonly [number, ...number[]] = [3, 0, 1, 2, 4, 5, 7, 8, 9, 15, 16, 17, 20, 31, 33, 40];

const FLOATS: readonly number[] = [
  0,
  -0,
  1,
  -1.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  0.1,
  5e-324,
  1e300,
  -1e-300,
  3.4028234663852886e38,
  16777217,
  2 ** 53,
  -(2 ** 63),
];

type Style = 'small' | 'mixed' | 'same';
const STYLES: readonly [Style, ...Style[]] = ['small', 'mixed', 'same', 'mixed'];

/** A value of type `t`; a vector has length `length`, what is inside of others or merged into a builder is small. */
export function arbValue(t: Type, tape: Tape, length: number): IValue {
  const next = numbersFrom(tape.next());
  const style = tape.choose(STYLES);
  if (t.kind !== 'vec') return draw(t, style, next, Math.min(length, 3));
  if (style !== 'same') return Array.from({ length }, () => draw(t.elem, style, next, next() % 4));
  const value = draw(t.elem, 'mixed', next, 2);
  return new Array<IValue>(length).fill(value);
}

function draw(t: Type, style: Style, next: () => number, length: number): IValue {
  switch (t.kind) {
    case 'scalar':
      return style === 'small' ? small(t.scalar, next()) : mixed(t.scalar, next);
    case 'struct':
      return istruct(t.fields.map((f) => draw(f, style, next, length)));
    case 'vec':
      return Array.from({ length }, () => draw(t.elem, style, next, length));
    case 'dict': {
      const pair = (): readonly [IValue, IValue] => [
        draw(t.key, 'small', next, next() % 3),
        draw(t.value, style, next, next() % 4),
      ];
      return dictOf(t.key, Array.from({ length }, pair));
    }
    case 'appender':
    case 'merger':
    case 'dictmerger':
    case 'groupmerger': {
      const builder = builderMaker(t)(null);
      for (let k = 0; k < length; k++) builder.merge(draw(mergedType(t), style, next, next() % 3));
      return builder;
    }
    default:
      throw new InternalError(`no data for ${typeText(t)}`);
  }
}

/** -4 .. 7, or 0 .. 11 where there is no sign; floats in halves. */
export function small(kind: ScalarKind, n: number): ScalarValue {
  if (kind === 'bool') return n % 2 === 1;
  const v = (n % 12) - (isSignedKind(kind) || isFloatKind(kind) ? 4 : 0);
  return normalise(kind, isFloatKind(kind) ? v / 2 : v);
}

function mixed(kind: ScalarKind, next: () => number): ScalarValue {
  const n = next();
  if (kind === 'bool' || n % 3 === 0) return small(kind, next());
  if (isFloatKind(kind)) {
    const special = FLOATS[next() % FLOATS.length] ?? 0;
    return normalise(kind, n % 3 === 1 ? special : (next() / 2 ** 32 - 0.5) * 200);
  }
  const bits = BigInt(8 * scalarBytes(kind));
  // The smallest and largest values and their neighbours, or any bits.
  const value = n % 3 === 1 ? (1n << (bits - 1n)) + BigInt(next() % 5) - 2n : (BigInt(next()) << 32n) | BigInt(next());
  return normalise(kind, bits === 64n ? value : Number(BigInt.asIntN(32, value)));
}
