/**
 * Patterns made of literals, computed: conditions, and what the right side of a rule makes of the constants that the
 * left side found. `scalar.ts` says what operations mean; `power2` looks at the bits.
 */

import { binScalar, castScalar, type ScalarValue, unScalar } from '../../core/scalar.ts';
import type { ScalarKind } from '../../core/types.ts';
import { InternalError } from '../../diag/diagnostic.ts';
import { type Kinds, numberIn, type Pattern, type Sort, sortOf } from './pattern.ts';

/** The kind of a sort under a choice of kinds. Precondition: the sort is that of a scalar. */
export function kindOf(sort: Sort, kinds: Kinds): ScalarKind {
  const kind = sort === 'bool' ? 'bool' : sort === 'any' ? undefined : kinds[sort];
  if (kind === undefined) throw new InternalError(`the kind of ${sort} is not known`);
  return kind;
}

/** The value of a pattern of literals. Precondition: `isConstant(p)`, and every constant has a value. */
export function evaluate(p: Pattern, kinds: Kinds, consts: ReadonlyMap<string, ScalarValue>): ScalarValue {
  const value = (q: Pattern): ScalarValue => evaluate(q, kinds, consts);
  const kind = (q: Pattern): ScalarKind => kindOf(sortOf(q), kinds);
  switch (p.p) {
    case 'const': {
      const v = consts.get(p.name);
      if (v === undefined) throw new InternalError(`the constant ${p.name} has no value`);
      return v;
    }
    case 'num':
      return numberIn(kind(p), p.value);
    case 'bool':
      return p.value;
    case 'bin':
      return binScalar(p.op, kind(p.a), value(p.a), value(p.b));
    case 'un':
      return unScalar(p.op, kind(p.a), value(p.a));
    case 'cast':
      return castScalar(kind(p.a), kind(p), value(p.a));
    case 'select':
      return value(value(p.cond) === true ? p.a : p.b);
    case 'power2':
      return isPowerOfTwo(kind(p.a), Number(value(p.a)));
    case 'var':
      throw new InternalError(`the operand ${p.name} has no value before the program runs`);
    default:
      return p satisfies never;
  }
}

/**
 * True when the mantissa is zero and the exponent is that of a normal number whose inverse is one, too. Subnormal
 * inverses would be exact as well, but a device may flush a subnormal constant to zero.
 */
function isPowerOfTwo(kind: ScalarKind, v: number): boolean {
  const view = new DataView(new ArrayBuffer(8));
  if (kind === 'f32') {
    view.setFloat32(0, v);
    const bits = view.getUint32(0);
    const exponent = (bits >>> 23) & 0xff;
    return (bits & 0x7fffff) === 0 && exponent >= 1 && exponent <= 253;
  }
  view.setFloat64(0, v);
  const bits = view.getBigUint64(0);
  const exponent = (bits >> 52n) & 0x7ffn;
  return (bits & 0xfffffffffffffn) === 0n && exponent >= 1n && exponent <= 2045n;
}
