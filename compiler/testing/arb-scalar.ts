/**
 * Random scalar expressions, type-directed: asked for a type, it makes code for that type from what is in scope.
 * Code that could raise an error is guarded (divisors are not zero, indices are checked), so that a run differs from
 * another only by a fault, unless `errors` asks for unguarded code.
 */

import { type Builder, i64, lit } from '../core/build.ts';
import type { Atom, BinOp, UnOp } from '../core/op.ts';
import type { ScalarValue } from '../core/scalar.ts';
import {
  BOOL,
  type DictType,
  F32,
  F64,
  I8,
  I16,
  I32,
  I64,
  isFloat,
  isInt,
  isScalar,
  type ScalarType,
  type Type,
  typeText,
  U8,
  U16,
  U32,
  U64,
  type VecType,
} from '../core/types.ts';
import { InternalError } from '../diag/diagnostic.ts';
import { small } from './arb-data.ts';
import type { Tape } from './tape.ts';

/** What generated programs may contain. Every switch is for a user of the programs that cannot have all of it. */
export interface ProgramOptions {
  /** exp, log, sin, pow ...: results that differ between math libraries. Default true. */
  readonly math?: boolean;
  /** Float mergers over + and *: results that depend on the order of combination. Default true. */
  readonly floatSums?: boolean;
  /** Code that may raise run-time errors: unguarded divisors and indices, zips of different lengths. Default false. */
  readonly errors?: boolean;
  /** Calls of the primitives in `testPrims`. Default false. */
  readonly cudf?: boolean;
  /** Vectors of vectors, and vectors as keys. Default true. */
  readonly nestedVecs?: boolean;
  /** Parameters that are vectors have one of these lengths. */
  readonly lengths?: readonly [number, ...number[]];
}

/** A value in scope. Vectors of one `len` class have one length, which is at most `max`. */
export interface Var<T extends Type = Type> {
  readonly atom: Atom;
  readonly ty: T;
  readonly len: number;
  readonly max: number;
}
export type Scope = readonly Var[];
export const scalarVar = (atom: Atom, ty: Type): Var => ({ atom, ty, len: -1, max: 0 });

export const SCALARS: readonly [ScalarType, ...ScalarType[]] = [I64, F64, I32, BOOL, F32, U8, I8, U32, I16, U16, U64];
export const NUMBERS: readonly [ScalarType, ...ScalarType[]] = [I64, F64, I32, F32, U8, I8, U32, I16, U16, U64];

const INT_OPS: readonly [BinOp, ...BinOp[]] = ['+', '-', '*', 'min', 'max', '&', '|', '^', '/', '%'];
const FLOAT_OPS: readonly [BinOp, ...BinOp[]] = ['+', '-', '*', '/', 'min', 'max', '%'];
const BOOL_OPS: readonly [BinOp, ...BinOp[]] = ['&&', '||', '&', '|', '^'];
const COMPARE: readonly [BinOp, ...BinOp[]] = ['<', '==', '>', '<=', '>=', '!='];
const MATH: readonly [UnOp, ...UnOp[]] = [
  'exp',
  'log',
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
];

export class ScalarGen {
  readonly b: Builder;
  readonly tape: Tape;
  readonly options: Required<ProgramOptions>;
  constructor(b: Builder, tape: Tape, options: Required<ProgramOptions>) {
    this.b = b;
    this.tape = tape;
    this.options = options;
  }

  /** Code for a scalar of type `ty`, at most `depth` operations deep. */
  expr(ty: ScalarType, scope: Scope, depth: number): Atom {
    const { b, tape } = this;
    if (depth <= 0 || tape.isEmpty) return this.leaf(ty, scope);
    const sub = (t: ScalarType): Atom => this.expr(t, scope, depth - 1);
    switch (tape.pick(14)) {
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
      default:
        return this.#lookup(ty, scope, depth);
    }
  }

  /** A variable of the type (or a field of one), or another converted, unless the tape asks for a literal. */
  leaf(ty: ScalarType, scope: Scope): Atom {
    const { b, tape } = this;
    if (tape.rarely(7)) return this.literal(ty);
    const known = tape.recent(scope.filter((v) => v.ty === ty || fieldIndex(v.ty, ty) >= 0));
    if (known !== undefined) return known.ty === ty ? known.atom : b.field(known.atom, fieldIndex(known.ty, ty));
    const other = tape.pick(4) > 0 ? tape.recent(scope.filter((v) => isScalar(v.ty))) : undefined;
    return other === undefined ? this.literal(ty) : b.cast(ty, other.atom);
  }

  literal(ty: ScalarType): Atom {
    const n = this.tape.pick(64);
    const special: readonly (number | bigint)[] = isFloat(ty)
      ? [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 1e30, 0.1]
      : ty === BOOL
        ? []
        : [1n << 31n, (1n << 63n) - 1n, 1n << 63n, 255n, 128n, 65535n];
    const value: ScalarValue = special[n - 52] ?? small(ty.scalar, n);
    return lit(ty, value);
  }

  #arithmetic(ty: ScalarType, scope: Scope, depth: number): Atom {
    const { b, tape, options } = this;
    const a = this.expr(ty, scope, depth - 1);
    if (isFloat(ty) && options.math && tape.rarely(8)) return b.bin('pow', a, this.expr(ty, scope, depth - 1));
    const op = tape.choose(isInt(ty) ? INT_OPS : FLOAT_OPS);
    return b.bin(
      op,
      a,
      isInt(ty) && (op === '/' || op === '%') ? this.#divisor(ty, scope, depth) : this.expr(ty, scope, depth - 1),
    );
  }

  #divisor(ty: ScalarType, scope: Scope, depth: number): Atom {
    const { b, tape, options } = this;
    if (tape.pick(3) < 2) return lit(ty, tape.choose([1, 2, 3, 7, -1]));
    const d = this.expr(ty, scope, depth - 1);
    if (options.errors) return d;
    return b.select(b.bin('==', d, lit(ty, 0)), lit(ty, 1), d);
  }

  #unary(ty: ScalarType, scope: Scope, depth: number): Atom {
    const { b, tape, options } = this;
    const a = this.expr(ty, scope, depth - 1);
    if (!isFloat(ty) || tape.pick(4) === 0) return b.un('neg', a);
    return b.un(options.math ? tape.choose(['sqrt', ...MATH]) : 'sqrt', a);
  }

  #bool(scope: Scope, depth: number): Atom {
    const { b, tape } = this;
    if (tape.rarely(4)) {
      return b.bin(tape.choose(BOOL_OPS), this.expr(BOOL, scope, depth - 1), this.expr(BOOL, scope, depth - 1));
    }
    const composite = tape.rarely(6) ? this.#compareComposite(scope, depth) : null;
    if (composite !== null) return composite;
    const ty = tape.choose(SCALARS);
    return b.bin(tape.choose(COMPARE), this.expr(ty, scope, depth - 1), this.expr(ty, scope, depth - 1));
  }

  /** A comparison of two structs or two vectors, or whether a dictionary has a key. */
  #compareComposite(scope: Scope, depth: number): Atom | null {
    const { b, tape } = this;
    const dict = tape.recent(scope.filter(isDictVar));
    if (dict !== undefined && tape.pick(2) === 0)
      return b.keyexists(dict.atom, this.value(dict.ty.key, scope, depth - 1));
    const vec = this.options.nestedVecs ? tape.recent(scope.filter(isFlatVecVar)) : undefined;
    if (vec !== undefined && tape.pick(2) === 0) {
      const other = tape.recent(scope.filter((v) => v.ty === vec.ty)) ?? vec;
      return b.bin(tape.choose(COMPARE), vec.atom, other.atom);
    }
    const pair = (): Atom => b.struct([this.expr(I32, scope, depth - 1), this.expr(F64, scope, depth - 1)]);
    return b.bin(tape.choose(COMPARE), pair(), pair());
  }

  /** `lookup` in a vector or dictionary in scope, guarded; a length; or a leaf when there is nothing to look into. */
  #lookup(ty: ScalarType, scope: Scope, depth: number): Atom {
    const { b, tape } = this;
    const dict = tape.recent(scope.filter(isDictVar));
    const of = dict !== undefined && tape.pick(2) === 0 ? dict : tape.recent(scope.filter(isVecVar));
    if (of === undefined) return this.leaf(ty, scope);
    if (of.ty.kind === 'vec' && ty === I64 && tape.rarely(3)) return b.len(of.atom);
    const elem = of.ty.kind === 'dict' ? of.ty.value : of.ty.elem;
    if (!isScalar(elem)) return this.leaf(ty, scope);
    const index = this.value(of.ty.kind === 'dict' ? of.ty.key : I64, scope, depth - 1);
    const found = (): Atom => b.lookup(of.atom, index);
    if (this.options.errors && tape.rarely(4)) return b.cast(ty, found());
    const safe = of.ty.kind === 'dict' ? b.keyexists(of.atom, index) : this.inBounds(index, of.atom);
    return b.cast(
      ty,
      b.if(safe, found, () => this.literal(elem)),
    );
  }

  /** `0 <= index && index < len(vec)` */
  inBounds(index: Atom, vec: Atom): Atom {
    const { b } = this;
    return b.bin('&&', b.bin('>=', index, i64(0)), b.bin('<', index, b.len(vec)));
  }

  /** Code for a value of any type without builders. */
  value(t: Type, scope: Scope, depth: number): Atom {
    const { b, tape } = this;
    if (isScalar(t)) return this.expr(t, scope, depth);
    const known = tape.recent(scope.filter((v) => v.ty === t));
    if (known !== undefined && !tape.rarely(3)) return known.atom;
    if (t.kind === 'struct') return b.struct(t.fields.map((f) => this.value(f, scope, depth)));
    if (t.kind === 'vec')
      return b.vec(
        t.elem,
        Array.from({ length: tape.pick(3) }, () => this.value(t.elem, scope, 0)),
      );
    throw new InternalError(`the generator makes no ${typeText(t)} out of nothing`);
  }
}

/** The first field of `t` that has the type, or -1. */
const fieldIndex = (t: Type, field: ScalarType): number => (t.kind === 'struct' ? t.fields.indexOf(field) : -1);
const isDictVar = (v: Var): v is Var<DictType> => v.ty.kind === 'dict';
export const isVecVar = (v: Var): v is Var<VecType> => v.ty.kind === 'vec';
const isFlatVecVar = (v: Var): v is Var<VecType> => v.ty.kind === 'vec' && isScalar(v.ty.elem);
