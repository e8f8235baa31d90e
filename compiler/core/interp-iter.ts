/**
 * What a loop of the interpreter walks: an iterator, opened on the values of its atoms, knows how many elements it has
 * and gives the k-th. Nothing is allocated for the elements, so a range of 2^62 costs what its first element costs.
 *
 * Bounds are checked when the loop opens, before its first iteration, and a refusal (W6002) says which rule is broken.
 * All bounds are bigints until they are known to be inside a vector; from then on a number is exact.
 */

import { fail } from '../diag/diagnostic.ts';
import type { IValue, IVec } from './ivalue.ts';

/** An iterator of a running loop. */
export interface Opened {
  readonly length: bigint;
  readonly at: (k: number) => IValue;
}

export interface Bounds {
  readonly start: bigint;
  readonly end: bigint;
  readonly stride: bigint;
}

export const openScan = (v: IVec): Opened => ({ length: BigInt(v.length), at: (k) => v[k] ?? 0 });

/** `rangeiter(start,end,stride)`: the values start, start + stride, ... below end. */
export function openRange(bounds: Bounds): Opened {
  const { start, stride } = bounds;
  return { length: countOf('rangeiter', bounds), at: (k) => start + BigInt(k) * stride };
}

/** `iter(v,start,end,stride)`: the elements at start, start + stride, ... below end, all of them inside v. */
export function openIter(v: IVec, bounds: Bounds): Opened {
  const { start, end } = bounds;
  const length = countOf('iter', bounds);
  if (start < 0n) bad('iter', `the start ${start} is below 0`);
  if (end > BigInt(v.length)) bad('iter', `the end ${end} is above the length ${v.length} of the vector`);
  const [from, step] = [Number(start), Number(bounds.stride)];
  return { length, at: (k) => v[from + k * step] ?? 0 };
}

/**
 * `nditer(v,start,end,stride,shape,steps)`: the elements at start + sum(index * step) for every index into `shape`,
 * the last dimension fastest. The bounds only say how many elements there are, and must agree with the shape.
 */
export function openNd(v: IVec, bounds: Bounds, shape: readonly bigint[], steps: readonly bigint[]): Opened {
  const length = countOf('nditer', bounds);
  if (shape.length !== steps.length) {
    bad('nditer', `a shape of ${shape.length} dimensions has ${steps.length} steps`);
  }
  const negative = shape.find((d) => d < 0n);
  if (negative !== undefined) bad('nditer', `the dimension ${negative} is below 0`);
  const { start, end, stride } = bounds;
  if (sizeOf(shape, length) !== length) {
    const found = `(${end} - ${start}) / ${stride} = ${length}`;
    bad('nditer', `the shape [${shown(shape)}] has not ${found} elements`);
  }
  if (length === 0n) return { length, at: () => 0 };
  // The extreme offsets: every step goes its whole way up, or down.
  let [low, high] = [start, start];
  for (const [k, d] of shape.entries()) {
    const way = (d - 1n) * (steps[k] ?? 0n);
    if (way < 0n) low += way;
    else high += way;
  }
  if (low < 0n) bad('nditer', `the offset ${low} is below 0`);
  if (high >= BigInt(v.length)) bad('nditer', `the offset ${high} is outside a vector of length ${v.length}`);
  const dims = shape.map((d, k) => ({ size: Number(d), step: Number(steps[k] ?? 0n) })).reverse();
  const first = Number(start);
  return {
    length,
    at: (k) => {
      let [rest, offset] = [k, first];
      for (const { size, step } of dims) {
        offset += (rest % size) * step;
        rest = Math.floor(rest / size);
      }
      return v[offset] ?? 0;
    },
  };
}

/** The product of a shape, or anything above `most` when it is above: the product itself may be astronomical. */
function sizeOf(shape: readonly bigint[], most: bigint): bigint {
  if (shape.includes(0n)) return 0n;
  let size = 1n;
  for (const d of shape) {
    size *= d;
    if (size > most) return size;
  }
  return size;
}
function shown(shape: readonly bigint[]): string {
  return shape.length > 8 ? `${shape.slice(0, 8).join(',')},...` : shape.join(',');
}

/** How many iterations there are between bounds. */
function countOf(who: string, { start, end, stride }: Bounds): bigint {
  if (stride < 1n) bad(who, `the stride ${stride} is below 1`);
  if (start > end) bad(who, `the start ${start} is above the end ${end}`);
  if ((end - start) % stride !== 0n) bad(who, `the stride ${stride} does not divide ${end} - ${start}`);
  return (end - start) / stride;
}

function bad(who: string, what: string): never {
  return fail('W6002', `${who}: ${what}`);
}

/** The common number of iterations, or MismatchedZipSize. */
export function commonLength(iters: readonly Opened[]): number {
  const [first] = iters;
  const n = first?.length ?? 0n;
  if (iters.some((it) => it.length !== n)) {
    fail('W6003', `zip: iterators of lengths ${iters.map((it) => it.length).join(' and ')}`, {
      help: 'slice them to one length first',
    });
  }
  return Number(n);
}
