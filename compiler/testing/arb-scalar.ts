/**
 * Random scalar expressions, type-directed: asked for a type, it makes code for that type from what is in scope.
 * Code that could raise an error is guarded (divisors are not zero, indices are checked, assertions hold), so that a
 * run differs from another only by a fault, unless `errors` asks for unguarded code.
 */

import { bool, i64, lit } from '../core/build.ts';
import type { Atom, BinOp, Lit, UnOp } from '../core/op.ts';
import type { ScalarValue } from '../core/scalar.ts';
import {
  BOOL,
  F64,
  I32,
  I64,
  isFloat,
  isHashable,
  isInt,
  isScalar,
  isSignedKind,
  type ScalarType,
  scalarBytes,
} from '../core/types.ts';
import { small } from './arb-data.ts';
import type { Gen } from './arb-gen.ts';
import { callPrim } from './arb-prims.ts';
import { inside, isLight, isVecVar, type Scope, scalarVar } from './arb-scope.ts';
import { SCALARS } from './arb-types.ts';

const INT_OPS: readonly [BinOp, ...BinOp[]] = ['+', '-', '*', 'min', 'max', '&', '|', '^', '/', '%'];
const FLOAT_OPS: readonly [BinOp, ...BinOp[]] = ['+', '-', '*', '/', 'min', 'max', '%'];
const BOOL_OPS: readonly [BinOp, ...BinOp[]] = ['&&', '||', '&', '|', '^'];
const COMPARE: readonly [BinOp, ...BinOp[]] = ['<', '==', '>', '<=', '>=', '!='];
const MATH: readonly [UnOp, ...UnOp[]] = [
  'exp',
  'expm1',
  'log',
  'log1p',
  'log2',
  'log10',
  'sin',
  'cos',
  'tan',
  'asin',
  'acos',
  'atan',
  'sinh',
  'cosh',
  'tanh',
  'erf',
  'erfc',
  'normcdf',
];
const ROUNDING = ['floor', 'ceil', 'round', 'trunc'] as const satisfies readonly UnOp[];
const F32_MAX = 3.4028234663852886e38;
const FLOAT_EXTREMES: readonly number[] = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  -0,
  1e30,
  0.1,
  F32_MAX,
  5e-324,
  2 ** -149,
  Number.MAX_VALUE,
  16777217,
];

export class ScalarGen {
  readonly #gen: Gen;
  constructor(gen: Gen) {
    this.#gen = gen;
  }

  /** Code for a scalar of type `ty`, at most `depth` operations deep. */
  expr(ty: ScalarType, scope: Scope, depth: number): Atom {
    const { b, tape, options, algebra } = this.#gen;
    if (depth <= 0 || tape.isEmpty) return this.leaf(ty, scope);
    const sub = (t: ScalarType): Atom => this.expr(t, scope, depth - 1);
    switch (tape.pick(options.rich ? 20 : 18)) {
      case 0:
      case 1:
        return this.leaf(ty, scope);
      case 2:
      case 3:
      case 4:
      case 5:
      case 6:
        return ty === BOOL ? this.#bool(scope, depth) : this.#arithmetic(ty, scope, depth);
      case 7:
      case 8:
        return ty === BOOL ? b.un('not', sub(BOOL)) : this.#unary(ty, scope, depth);
      case 9:
        return b.cast(ty, sub(tape.choose(SCALARS)));
      case 10:
        return b.select(sub(BOOL), sub(ty), sub(ty));
      case 11:
        return b.if(
          sub(BOOL),
          () => sub(ty),
          () => sub(ty),
        );
      case 12:
        return b.field(b.struct([sub(tape.choose(SCALARS)), sub(ty)]), 1);
      case 13:
        return this.#inner(ty, scope);
      case 14:
      case 15:
      case 16:
      case 17:
        return algebra.expr(ty, scope, depth);
      default:
        return this.#rich(ty, scope, depth);
    }
  }

  /** A variable of the type (or a field of one), or another converted, unless the tape asks for a literal. */
  leaf(ty: ScalarType, scope: Scope): Atom {
    const { b, tape, reach } = this.#gen;
    if (tape.rarely(7)) return this.literal(ty);
    const known = reach.direct(ty, scope);
    if (known !== null) return known.atom;
    const other = tape.pick(4) > 0 ? tape.recent(scope.vars.filter((v) => isScalar(v.ty))) : undefined;
    return other === undefined ? this.literal(ty) : b.cast(ty, other.atom);
  }

  literal(ty: ScalarType): Lit {
    const n = this.#gen.tape.pick(64);
    const extremes = ty === BOOL ? [] : isFloat(ty) ? FLOAT_EXTREMES : intExtremes(ty);
    const value: ScalarValue = extremes[n - 52] ?? small(ty.scalar, n);
    return lit(ty, value);
  }

  #arithmetic(ty: ScalarType, scope: Scope, depth: number): Atom {
    const { b, tape } = this.#gen;
    const a = this.expr(ty, scope, depth - 1);
    if (isFloat(ty) && tape.rarely(8)) {
      return b.bin(tape.choose(['pow', 'atan2']), a, this.expr(ty, scope, depth - 1));
    }
    const op = tape.choose(isInt(ty) ? INT_OPS : FLOAT_OPS);
    return b.bin(
      op,
      a,
      isInt(ty) && (op === '/' || op === '%') ? this.#divisor(ty, scope, depth) : this.expr(ty, scope, depth - 1),
    );
  }

  #divisor(ty: ScalarType, scope: Scope, depth: number): Atom {
    const { b, tape, options } = this.#gen;
    if (tape.pick(3) < 2) return lit(ty, tape.choose([1, 2, 3, 7, -1]));
    const d = this.expr(ty, scope, depth - 1);
    if (options.errors) return d;
    return b.select(b.bin('==', d, lit(ty, 0)), lit(ty, 1), d);
  }

  #unary(ty: ScalarType, scope: Scope, depth: number): Atom {
    const { b, tape } = this.#gen;
    if (!isFloat(ty) && tape.rarely(3)) return b.cast(ty, this.#unary(F64, scope, depth));
    const a = this.expr(ty, scope, depth - 1);
    if (!isFloat(ty) || tape.pick(4) === 0) return b.un('neg', a);
    return b.un(tape.choose(['sqrt', ...ROUNDING, ...MATH]), a);
  }

  #bool(scope: Scope, depth: number): Atom {
    const { b, tape } = this.#gen;
    if (tape.rarely(4)) {
      return b.bin(tape.choose(BOOL_OPS), this.expr(BOOL, scope, depth - 1), this.expr(BOOL, scope, depth - 1));
    }
    if (tape.rarely(6)) return this.#compareComposite(scope, depth);
    const ty = tape.choose(SCALARS);
    return b.bin(tape.choose(COMPARE), this.expr(ty, scope, depth - 1), this.expr(ty, scope, depth - 1));
  }

  /** A comparison of two structs or two vectors, or whether a dictionary has a key. */
  #compareComposite(scope: Scope, depth: number): Atom {
    const { b, tape, reach, types, values } = this.#gen;
    const exists = tape.pick(2) === 0 ? reach.keyExists(scope) : null;
    if (exists !== null) return exists;
    const comparable = scope.vars.filter(
      (v) => !isScalar(v.ty) && isHashable(v.ty) && types.allows(v.ty) && isLight(v, scope),
    );
    const one = tape.pick(2) === 0 ? tape.recent(comparable) : undefined;
    if (one !== undefined) {
      const other = tape.recent(scope.vars.filter((v) => v.ty === one.ty && isLight(v, scope))) ?? one;
      return b.bin(tape.choose(COMPARE), one.atom, tape.rarely(4) ? values.make(one.ty, scope, 1).atom : other.atom);
    }
    const pair = (): Atom => b.struct([this.expr(I32, scope, depth - 1), this.expr(F64, scope, depth - 1)]);
    return b.bin(tape.choose(COMPARE), pair(), pair());
  }

  /** What is found inside a vector or dictionary in scope, or a length. */
  #inner(ty: ScalarType, scope: Scope): Atom {
    const { b, tape, reach } = this.#gen;
    if (ty === I64 && tape.rarely(3)) {
      const of = tape.recent(scope.vars.filter(isVecVar));
      if (of !== undefined) return b.len(of.atom);
    }
    const found = reach.element(scope);
    return found === null ? this.leaf(ty, scope) : b.cast(ty, found.atom);
  }

  #rich(ty: ScalarType, scope: Scope, depth: number): Atom {
    const { b, tape, options, loops, values } = this.#gen;
    switch (tape.pick(6)) {
      case 0:
        return b.cast(ty, this.#holds(scope));
      case 1:
        return this.#counting(ty, scope, depth);
      case 2:
        return loops.reduction(ty, scope);
      case 3:
        return options.cudf ? b.cast(ty, callPrim(this.#gen, scope, depth)) : this.leaf(ty, scope);
      case 4:
        return values.roundTrip(ty, scope, depth).atom;
      default:
        return this.#inner(ty, scope);
    }
  }

  /** An assertion that holds, unless the program may fail. */
  #holds(scope: Scope): Atom {
    const { b, tape, options } = this.#gen;
    if (options.errors && tape.rarely(3)) return b.assert(this.expr(BOOL, scope, 2));
    const x = this.expr(I64, scope, 1);
    switch (tape.pick(4)) {
      case 0:
        return b.assert(b.bin('==', x, x));
      case 1:
        return b.assert(b.bin('<=', b.bin('min', x, i64(7)), i64(7)));
      case 2:
        return b.assert(bool(true));
      default:
        return b.assert(b.un('not', b.bin('<', b.bin('&', x, i64(15)), i64(0))));
    }
  }

  /** Rounds of `iterate` that count: up to some literal, or one round alone. */
  #counting(ty: ScalarType, scope: Scope, depth: number): Atom {
    const { b, tape } = this.#gen;
    if (tape.pick(2) === 0) {
      const [from, step] = [tape.pick(5) - 2, 1 + tape.pick(3)];
      const end = b.iterate(i64(from), (x) => {
        const next = b.bin('+', x, i64(step));
        return b.struct([next, b.bin('<', next, i64(from + tape.pick(8)))]);
      });
      return b.cast(ty, end);
    }
    const init = this.expr(ty, scope, depth - 1);
    return b.iterate(init, (x) => {
      const inner = inside(scope, [scalarVar(x, ty)], 1);
      return b.struct([this.expr(ty, inner, depth - 1), bool(false)]);
    });
  }
}

/** The smallest and largest value and their neighbours, also those of narrower types. */
function intExtremes(ty: ScalarType): readonly bigint[] {
  const bits = BigInt(8 * scalarBytes(ty.scalar));
  const signed = isSignedKind(ty.scalar);
  const [least, most] = signed ? [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n] : [0n, (1n << bits) - 1n];
  return [least, most, least + 1n, most - 1n, most / 2n, 1n << 31n, 255n, 128n, 65535n, 1n << 53n];
}
