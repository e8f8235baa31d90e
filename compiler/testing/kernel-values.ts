/**
 * Operand values for kernel tests: the awkward values of every kind, fast-check arbitraries that favour them, arrays
 * of them, and equality where every NaN is the same.
 */

import fc from 'fast-check';
import type { ScalarKind } from '../core/types.ts';
import { isBigKind, scalarBytes } from '../core/types.ts';
import { INT_RANGE } from '../sir/int-range.ts';
import type { KernelArray, Scalar } from '../sir/interp.ts';
import { kernelArray } from '../sir/interp.ts';

const F64_EDGES: readonly number[] = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  1.5,
  2.5,
  -2.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.MIN_VALUE,
  -Number.MIN_VALUE,
  Number.MAX_VALUE,
  // Around the ends of the integer kinds, where casts saturate.
  ...[127, 128, 255, 256, 32767, 32768, 65535, 65536, 2147483647, 2147483648, 4294967295, 4294967296].flatMap((v) => [
    v,
    -v,
    v + 0.75,
    -v - 0.75,
  ]),
  2 ** 52 + 1,
  2 ** 53,
  2 ** 63,
  -(2 ** 63),
  2 ** 64,
  1e300,
];

/** The awkward values of a kind, in its JavaScript form. */
export function edgeValues(kind: ScalarKind): readonly Scalar[] {
  if (kind === 'bool') return [false, true];
  if (kind === 'f64') return F64_EDGES;
  if (kind === 'f32') return [...new Set(F64_EDGES.map(Math.fround)), 2 ** -149, -(2 ** -149)];
  const [low, high] = INT_RANGE[kind] ?? [0n, 0n];
  // 2^24 and 2^53 +- 1 and 2^40 + 2^16 + 1 test the rounding of conversions to floats.
  const wanted = [low, low + 1n, -1n, 0n, 1n, 2n, 3n, 7n, 100n, high / 2n, high - 1n, high];
  const rounding = [
    2n ** 24n + 1n,
    2n ** 53n + 1n,
    -(2n ** 53n) - 3n,
    2n ** 62n + 2n ** 38n + 1n,
    2n ** 63n + 2n ** 39n + 1n,
  ];
  const fitting = [...wanted, ...rounding].filter((v) => v >= low && v <= high);
  return [...new Set(fitting)].map((v) => (isBigKind(kind) ? v : Number(v)));
}

/** Values of a kind: half of them awkward. */
export function valueArb(kind: ScalarKind): fc.Arbitrary<Scalar> {
  const edges = fc.constantFrom(...edgeValues(kind));
  if (kind === 'bool') return edges;
  if (kind === 'f64') return fc.oneof(edges, fc.double());
  if (kind === 'f32') return fc.oneof(edges, fc.float());
  const [min, max] = INT_RANGE[kind] ?? [0n, 0n];
  const all = fc.bigInt({ min, max });
  return fc.oneof(edges, isBigKind(kind) ? all : all.map(Number));
}

/** An array of a kind that holds `values`. */
export function arrayOf(kind: ScalarKind, values: readonly Scalar[]): KernelArray {
  const out = kernelArray(kind, values.length);
  values.forEach((v, i) => {
    if (out instanceof BigInt64Array || out instanceof BigUint64Array) out[i] = BigInt(v);
    else out[i] = Number(v);
  });
  return out;
}

/** The values of an array in JavaScript form: bool bytes as booleans. */
export function valuesOf(kind: ScalarKind, array: KernelArray): readonly Scalar[] {
  return Array.from(array as ArrayLike<Scalar>, (v) => (kind === 'bool' ? v !== 0 : v));
}

/** The same value; the sign of zero counts, the bits of a NaN do not. */
export const sameValue = (a: Scalar | undefined, b: Scalar | undefined): boolean => Object.is(a, b);

/** Every pair of awkward values of a kind. */
export function edgePairs(kind: ScalarKind): readonly (readonly [Scalar, Scalar])[] {
  const edges = edgeValues(kind);
  return edges.flatMap((a) => edges.map((b) => [a, b] as const));
}

/** Lane counts that a kind may have, 1 first. */
export function laneCounts(...kinds: readonly ScalarKind[]): readonly (1 | 2 | 4)[] {
  return kinds.some((k) => scalarBytes(k) === 8) ? [1, 2] : [1, 2, 4];
}
