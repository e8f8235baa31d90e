/**
 * Intervals of integers, and what the scalar operations make of them. A bool is 0 or 1. An interval holds every value
 * that the operation can give; where the exact result could leave the kind, it wraps, and all values are possible.
 *
 * An operation that always fails has no value, so any interval is right for it.
 */

import type { BinOp } from '../core/op.ts';
import { isFloatKind, type ScalarKind, scalarBytes } from '../core/types.ts';

export interface Interval {
  readonly lo: bigint;
  readonly hi: bigint;
}

export const interval = (lo: bigint, hi: bigint): Interval => ({ lo, hi });
export const BIT: Interval = interval(0n, 1n);

const kinds = new Map<ScalarKind, Interval>();
/** All values of a kind; null for floats. */
export function allOf(kind: ScalarKind): Interval | null {
  if (isFloatKind(kind)) return null;
  const known = kinds.get(kind);
  if (known !== undefined) return known;
  const made = kind === 'bool' ? BIT : ofBits(BigInt(8 * scalarBytes(kind)), kind.startsWith('i'));
  kinds.set(kind, made);
  return made;
}
const ofBits = (bits: bigint, signed: boolean): Interval =>
  signed ? interval(-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n) : interval(0n, (1n << bits) - 1n);

/** The least interval around two. */
export const join = (a: Interval, b: Interval): Interval => interval(least(a.lo, b.lo), most(a.hi, b.hi));
/** What two have in common; the first one when that is nothing. */
export function meet(a: Interval, b: Interval): Interval {
  const [lo, hi] = [most(a.lo, b.lo), least(a.hi, b.hi)];
  return lo <= hi ? interval(lo, hi) : a;
}
/** `a`, if the kind holds all of it; else all that the kind holds. */
export function within(a: Interval, kind: ScalarKind): Interval | null {
  const all = allOf(kind);
  return all !== null && a.lo >= all.lo && a.hi <= all.hi ? a : all;
}

/** `a op b` for two values of a kind that is no float. */
export function binInterval(op: BinOp, kind: ScalarKind, a: Interval, b: Interval): Interval | null {
  switch (op) {
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
    case '&&':
    case '||':
      return BIT;
    case '+':
      return within(interval(a.lo + b.lo, a.hi + b.hi), kind);
    case '-':
      return within(interval(a.lo - b.hi, a.hi - b.lo), kind);
    case '*':
      return within(around([a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi]), kind);
    case '/':
      return quotient(kind, a, b);
    case '%':
      return remainder(kind, a, b);
    case 'min':
      return interval(least(a.lo, b.lo), least(a.hi, b.hi));
    case 'max':
      return interval(most(a.lo, b.lo), most(a.hi, b.hi));
    case '&':
      return conjunction(kind, a, b);
    case '|':
      // No bit goes, and none comes above the highest.
      return a.lo < 0n || b.lo < 0n ? allOf(kind) : interval(most(a.lo, b.lo), ones(most(a.hi, b.hi)));
    case '^':
      return a.lo < 0n || b.lo < 0n ? allOf(kind) : interval(0n, ones(most(a.hi, b.hi)));
    case 'pow':
    case 'atan2':
      return null;
    default:
      return op satisfies never;
  }
}

/** `-a` of an integer. */
export const negInterval = (kind: ScalarKind, a: Interval): Interval | null => within(interval(-a.hi, -a.lo), kind);
/** `!a` of a bool. */
export const notInterval = (a: Interval): Interval => interval(1n - a.hi, 1n - a.lo);

/** A conversion between kinds that are no floats. */
export function castInterval(to: ScalarKind, a: Interval): Interval | null {
  if (to !== 'bool') return within(a, to);
  const zero = a.lo <= 0n && a.hi >= 0n;
  return interval(zero ? 0n : 1n, a.lo === 0n && a.hi === 0n ? 0n : 1n);
}

/** Truncated division is monotone in both operands as long as the divisor keeps its sign. Dividing by 0 has no value. */
function quotient(kind: ScalarKind, a: Interval, b: Interval): Interval | null {
  const ends = [b.lo, b.hi, ...(b.lo < 0n ? [least(b.hi, -1n)] : []), ...(b.hi > 0n ? [most(b.lo, 1n)] : [])];
  const corners = ends.filter((d) => d !== 0n).flatMap((d) => [a.lo / d, a.hi / d]);
  return corners.length === 0 ? allOf(kind) : within(around(corners), kind);
}

/** The remainder has the sign of the dividend, is no larger than it, and smaller than the divisor. */
function remainder(kind: ScalarKind, a: Interval, b: Interval): Interval | null {
  const largest = most(most(b.hi, -b.lo), most(-b.hi, b.lo)) - 1n;
  if (largest < 0n) return allOf(kind);
  return interval(a.lo < 0n ? most(a.lo, -largest) : 0n, a.hi > 0n ? least(a.hi, largest) : 0n);
}

/** Only bits that both have are left: with a side that is not negative, no more than that side. */
function conjunction(kind: ScalarKind, a: Interval, b: Interval): Interval | null {
  const tops = [a, b].filter((x) => x.lo >= 0n).map((x) => x.hi);
  const [first] = tops;
  return first === undefined ? allOf(kind) : interval(0n, tops.reduce(least, first));
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const most = (a: bigint, b: bigint): bigint => (a > b ? a : b);
function around(all: readonly bigint[]): Interval {
  const [first = 0n] = all;
  return interval(all.reduce(least, first), all.reduce(most, first));
}
/** The number with every bit set up to the highest of `n`. */
const ones = (n: bigint): bigint => (1n << BigInt(n.toString(2).length)) - 1n;
