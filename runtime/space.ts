/**
 * How many elements the iterators of a loop have, after all checks of their bounds (W6002). They are made before the
 * loop begins, so kernels compute addresses without asking.
 */

import { fail, type HostAtom, type SpaceIter, type Value } from '../compiler/index.ts';
import { asBig, asVec } from './value.ts';

interface Bounds {
  readonly start: bigint;
  readonly end: bigint;
  readonly stride: bigint;
}

/** The number of elements of an iterator. */
export function iterLength(it: SpaceIter, value: (a: HostAtom) => Value): number {
  if (it.of === 'vec') return asVec(value(it.vec)).length;
  const big = (a: HostAtom): bigint => asBig(value(a));
  const bounds: Bounds = { start: big(it.start), end: big(it.end), stride: big(it.stride) };
  switch (it.of) {
    case 'range':
      return Number(countOf('rangeiter', bounds));
    case 'iter':
      return iterCount(bounds, asVec(value(it.vec)).length);
    case 'nd':
      return ndCount(bounds, asVec(value(it.vec)).length, bigsOf(value(it.shape)), bigsOf(value(it.steps)));
    default:
      return it satisfies never;
  }
}

function countOf(who: string, { start, end, stride }: Bounds): bigint {
  if (stride < 1n) bad(who, `the stride ${stride} is below 1`);
  if (start > end) bad(who, `the start ${start} is above the end ${end}`);
  if ((end - start) % stride !== 0n) bad(who, `the stride ${stride} does not divide ${end} - ${start}`);
  return (end - start) / stride;
}

function iterCount(bounds: Bounds, length: number): number {
  const count = countOf('iter', bounds);
  if (bounds.start < 0n) bad('iter', `the start ${bounds.start} is below 0`);
  if (bounds.end > BigInt(length)) bad('iter', `the end ${bounds.end} is above the length ${length} of the vector`);
  return Number(count);
}

/** The shape must have as many elements as the bounds, and every offset must be inside the vector. */
function ndCount(bounds: Bounds, length: number, shape: readonly bigint[], steps: readonly bigint[]): number {
  const count = countOf('nditer', bounds);
  if (shape.length !== steps.length) bad('nditer', `a shape of ${shape.length} dimensions has ${steps.length} steps`);
  const negative = shape.find((d) => d < 0n);
  if (negative !== undefined) bad('nditer', `the dimension ${negative} is below 0`);
  if (!hasSize(shape, count)) bad('nditer', `the shape has not the ${count} elements that its bounds have`);
  if (count === 0n) return 0;
  let [low, high] = [bounds.start, bounds.start];
  for (const [k, d] of shape.entries()) {
    const way = (d - 1n) * (steps[k] ?? 0n);
    if (way < 0n) low += way;
    else high += way;
  }
  if (low < 0n) bad('nditer', `the offset ${low} is below 0`);
  if (high >= BigInt(length)) bad('nditer', `the offset ${high} is outside a vector of length ${length}`);
  return Number(count);
}

/** Is the product of a shape `count`? The product itself may be astronomical. */
function hasSize(shape: readonly bigint[], count: bigint): boolean {
  if (shape.includes(0n)) return count === 0n;
  let size = 1n;
  for (const d of shape) {
    size *= d;
    if (size > count) return false;
  }
  return size === count;
}

function bigsOf(v: Value): readonly bigint[] {
  const { cols, length } = asVec(v);
  return Array.from({ length }, (_, k) => BigInt(cols[0]?.[k] ?? 0));
}

function bad(who: string, what: string): never {
  return fail('W6002', `${who}: ${what}`);
}
