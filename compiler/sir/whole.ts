/**
 * The operations on whole registers: their types, and what they mean lane by lane.
 */

import { type ScalarKind, scalarBytes } from '../core/types.ts';
import { InternalError } from '../diag/diagnostic.ts';
import { binary, convert, type Scalar, wrap } from './arith.ts';
import { INT_RANGE } from './int-range.ts';
import type { ValTy, WholeOp } from './kernel.ts';

/** The integer kind of twice the width, with the same sign. */
const DOUBLE: Readonly<Partial<Record<ScalarKind, ScalarKind>>> = {
  i8: 'i16',
  u8: 'u16',
  i16: 'i32',
  u16: 'u32',
  i32: 'i64',
  u32: 'u64',
};
/** The unsigned kind of half the width. */
const HALF: Readonly<Partial<Record<ScalarKind, ScalarKind>>> = { i16: 'u8', i32: 'u16' };

/** Does a value of this type fill a register with lanes of its own width? */
export const fillsRegister = ({ kind, lanes }: ValTy): boolean => kind !== 'bool' && lanes * scalarBytes(kind) === 16;

const isTy = (t: ValTy | undefined, kind: ScalarKind, lanes: number): boolean => t?.kind === kind && t.lanes === lanes;

/** The type of the result, or null when the operation does not take such operands. */
export function wholeType(op: WholeOp, args: readonly ValTy[]): ValTy | null {
  const [a, b] = args;
  if (a === undefined || args.length !== ARITY[op]) return null;
  switch (op) {
    case 'bits':
      return a.kind === 'bool' && a.lanes !== 1 ? { kind: 'i32', lanes: 1 } : null;
    case 'swizzle':
      return isTy(a, 'u8', 16) && isTy(b, 'u8', 16) ? a : null;
    case 'low':
    case 'high':
      return wider(a);
    case 'pairs':
      return a.lanes < 8 ? null : wider(a);
    case 'dot':
      return isTy(a, 'i16', 8) && isTy(b, 'i16', 8) ? { kind: 'i32', lanes: 4 } : null;
    case 'narrow': {
      const kind = HALF[a.kind];
      if (kind === undefined || !fillsRegister(a) || !isTy(b, a.kind, a.lanes)) return null;
      return { kind, lanes: a.kind === 'i16' ? 16 : 8 };
    }
    case 'zipLow':
    case 'zipHigh':
      return b !== undefined && fillsRegister(a) && isTy(b, a.kind, a.lanes) ? a : null;
    case 'words':
      return isTy(a, 'u8', 16) ? { kind: 'u64', lanes: 2 } : null;
    default:
      return op satisfies never;
  }
}
const ARITY: Readonly<Record<WholeOp, number>> = {
  bits: 1,
  swizzle: 2,
  low: 1,
  high: 1,
  pairs: 1,
  dot: 2,
  narrow: 2,
  words: 1,
  zipLow: 2,
  zipHigh: 2,
};

function wider(a: ValTy): ValTy | null {
  const kind = DOUBLE[a.kind];
  if (kind === undefined || !fillsRegister(a)) return null;
  return { kind, lanes: a.lanes === 16 ? 8 : a.lanes === 8 ? 4 : 2 };
}

/** The lanes of the result, from those of the operands; `kind` is that of the first, `ty` the type of the result. */
export function wholeLanes(
  op: WholeOp,
  kind: ScalarKind,
  ty: ValTy,
  args: readonly (readonly Scalar[])[],
): readonly Scalar[] {
  const [a = [], b = []] = args;
  const widened = (v: Scalar | undefined): Scalar => convert(kind, ty.kind, v ?? 0);
  switch (op) {
    case 'bits':
      return [a.reduce<number>((bits, on, lane) => (on === true ? bits | (1 << lane) : bits), 0)];
    case 'swizzle':
      return b.map((index) => a[Number(index)] ?? 0);
    case 'low':
      return a.slice(0, ty.lanes).map(widened);
    case 'high':
      return a.slice(ty.lanes).map(widened);
    case 'pairs':
      return evenLanes(a).map((v, l) => binary('+', ty.kind, widened(v), widened(a[2 * l + 1])));
    case 'dot': {
      const product = (l: number): bigint => BigInt(a[l] ?? 0) * BigInt(b[l] ?? 0);
      return evenLanes(a).map((_, l) => wrap(ty.kind, product(2 * l) + product(2 * l + 1)));
    }
    case 'narrow': {
      const [least, most] = INT_RANGE[ty.kind] ?? [0n, 0n];
      return [...a, ...b].map((v) => {
        if (typeof v !== 'number') throw new InternalError(`sir: narrow of ${kind}`);
        return Math.min(Math.max(v, Number(least)), Number(most));
      });
    }
    case 'zipLow':
    case 'zipHigh': {
      const half = a.length / 2;
      const from = op === 'zipLow' ? 0 : half;
      return a.slice(from, from + half).flatMap((v, l) => [v, b[from + l] ?? 0]);
    }
    case 'words':
      return [a.slice(0, 8), a.slice(8)].map((bytes) => bytes.reduceRight<bigint>((w, b) => w * 256n + BigInt(b), 0n));
    default:
      return op satisfies never;
  }
}
const evenLanes = (a: readonly Scalar[]): readonly Scalar[] => a.filter((_, l) => l % 2 === 0);
