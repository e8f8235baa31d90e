/**
 * Columns of random numbers by counting (`philox.ts`): what a row holds depends on the seed, the stream and the row, on
 * nothing else. Columns of one seed should be of different streams, or they are made of the same words.
 *
 *     random_uniform(7L, 0L, [0.0, 1.0], 3L)    three numbers in [0, 1)
 *     random_normal(7L, 1L, [0.0, 1.0], 3L)     mean 0, standard deviation 1
 *     random_integers(7L, 2L, 0L, 6L, 3L)       of 0 .. 5
 *     random_permutation(7L, 3L, 3L)            0, 1, 2 in some order
 *
 * A uniform number may be `high` where low + (high - low) u is rounded up to it. In a permutation rows with equal keys of
 * 64 bits stay in order: among ten million rows there are two of them once in 400,000 times.
 */

import {
  type Allocator,
  binScalar,
  fail,
  I64,
  type PrimSpec,
  plainMemory,
  type Type,
  type Value,
  type VecValue,
  vec,
} from '../../compiler/index.ts';
import { columnKind, columnOf, found, vector, vectorOf } from '../column.ts';
import { argsort } from '../order/argsort.ts';
import { type Draw, type Float, integerDraw, keyDraw, normalDraw, uniformDraw } from './draws.ts';
import { type Stream, streamOf } from './philox.ts';

/** A column that is asked for. */
export interface Asked {
  readonly stream: Stream;
  readonly rows: number;
}
/** One whose values lie by two numbers of its kind. */
export interface AskedFloats extends Asked {
  readonly kind: Float;
  /** low and high - low; or mean and standard deviation. */
  readonly start: number;
  readonly width: number;
}

export const randomUniform: PrimSpec = {
  name: 'random_uniform',
  doc: 'random_uniform(seed: i64, stream: i64, [low, high]: vec[T], n: i64): vec[T], numbers in [low, high), f32 or f64',
  pure: true,
  typing: (types) => floatTyping('random_uniform', types),
  run(args, alloc) {
    const { kind, start, width, ...asked } = uniformOf(args);
    return drawn(uniformDraw(kind, start, width), asked, alloc);
  },
};

/** The arguments of random_uniform. W8005, W8006 for bounds that are not two numbers in order. */
export function uniformOf([seed, stream, bounds, n]: readonly Value[]): AskedFloats {
  const { kind, first, second } = twoOf('random_uniform', bounds);
  if (!Number.isFinite(first) || !Number.isFinite(second) || first > second) {
    fail('W8006', `random_uniform: numbers from ${first} to ${second}`, {
      help: 'give finite bounds, the lower one first',
    });
  }
  const width = Number(binScalar('-', kind, second, first));
  return { ...asked('random_uniform', seed, stream, n), kind, start: first, width };
}

export const randomNormal: PrimSpec = {
  name: 'random_normal',
  doc: 'random_normal(seed: i64, stream: i64, [mean, sd]: vec[T], n: i64): vec[T], normal numbers, f32 or f64',
  pure: true,
  typing: (types) => floatTyping('random_normal', types),
  run(args, alloc) {
    const { kind, start, width, ...asked } = normalOf(args);
    return drawn(normalDraw(kind, start, width), asked, alloc);
  },
};

/** The arguments of random_normal. W8005, W8006 for what is no mean and standard deviation. */
export function normalOf([seed, stream, moments, n]: readonly Value[]): AskedFloats {
  const { kind, first, second } = twoOf('random_normal', moments);
  if (!(second >= 0)) {
    fail('W8006', `random_normal: a standard deviation of ${second}`, { help: 'it is at least 0' });
  }
  return { ...asked('random_normal', seed, stream, n), kind, start: first, width: second };
}

export const randomIntegers: PrimSpec = {
  name: 'random_integers',
  doc: 'random_integers(seed: i64, stream: i64, low: i64, high: i64, n: i64): vec[i64], integers in [low, high)',
  pure: true,
  typing: (types) => wholes('random_integers', types, 5) ?? vec(I64),
  run(args, alloc) {
    const { low, range, ...asked } = integersOf(args);
    return drawn(integerDraw(low, range), asked, alloc);
  },
};

/** The arguments of random_integers. W8006 for a range without integers. */
export function integersOf([seed, stream, low, high, n]: readonly Value[]): Asked & { low: bigint; range: bigint } {
  const [from, to] = [whole(low), whole(high)];
  if (from >= to) {
    fail('W8006', `random_integers: integers from ${from} up to ${to}, without it`, {
      help: 'the first bound is below the second',
    });
  }
  return { ...asked('random_integers', seed, stream, n), low: from, range: to - from };
}

export const randomPermutation: PrimSpec = {
  name: 'random_permutation',
  doc: 'random_permutation(seed: i64, stream: i64, n: i64): vec[i64], the numbers below n in random order',
  pure: true,
  typing: (types) => wholes('random_permutation', types, 3) ?? vec(I64),
  run: (args, alloc) => argsort.run(byKeys(drawn(keyDraw, permutationOf(args), plainMemory)), alloc),
};
export const permutationOf = ([seed, stream, n]: readonly Value[]): Asked =>
  asked('random_permutation', seed, stream, n);
/** The arguments of argsort, by these keys upwards. */
export const byKeys = (keys: Value): readonly Value[] => [vectorOf('bool', [0], plainMemory), keys];

// ---- arguments ---------------------------------------------------------------------------------------------------

function floatTyping(name: string, [seed, stream, two, n, ...rest]: readonly (Type | undefined)[]): Type | string {
  const kind = columnKind(two);
  if ((kind !== 'f32' && kind !== 'f64') || two === undefined) {
    return `${name} draws numbers of f32 or f64, and takes two in a vector third, found ${found(two)}`;
  }
  if (rest.length > 0) return `${name} takes 4 arguments, found ${rest.length + 4}`;
  return wholes(name, [seed, stream, n], 3) ?? two;
}
/** What is wrong with arguments that should be i64, so many of them, or null. */
function wholes(name: string, types: readonly (Type | undefined)[], count: number): string | null {
  const other = Array.from({ length: count }, (_, k) => types[k]).findIndex((t) => t !== I64);
  if (other >= 0) return `${name} takes whole numbers as i64, found ${found(types[other])}`;
  return types.length === count ? null : `${name} takes ${count} arguments, found ${types.length}`;
}

function twoOf(name: string, two: Value | undefined): { kind: Float; first: number; second: number } {
  const { kind, cells, length } = columnOf(two);
  if (length !== 2) fail('W8005', `${name}: ${length} numbers in the third argument, expected two`);
  return { kind: kind === 'f32' ? 'f32' : 'f64', first: Number(cells[0]), second: Number(cells[1]) };
}

/** Most rows of a column: kernels count in i32. */
const MOST = 2n ** 31n - 1n;

function asked(name: string, seed: Value | undefined, stream: Value | undefined, n: Value | undefined): Asked {
  const rows = whole(n);
  if (rows < 0n || rows > MOST) fail('W8006', `${name}: ${rows} rows`, { help: `ask for 0 to ${MOST}` });
  return { stream: streamOf(whole(seed), whole(stream)), rows: Number(rows) };
}
const whole = (v: Value | undefined): bigint => (typeof v === 'bigint' ? v : 0n);

// ---- columns -----------------------------------------------------------------------------------------------------

/** The rows of a draw, as it is defined. */
export function drawn(draw: Draw, { stream, rows }: Asked, alloc: Allocator): VecValue {
  const cells = alloc.alloc(draw.kind, rows);
  fillRows(draw, stream, 0, cells);
  return vector(draw.kind, cells);
}
/** Fills rows from block `block` on, as they are defined. */
export function fillRows(draw: Draw, stream: Stream, block: number, cells: VecValue['cols'][number]): void {
  for (let at = 0, next = block; at < cells.length; next++) {
    for (const value of draw.of(stream, next)) {
      if (at === cells.length) break;
      if (cells instanceof BigInt64Array || cells instanceof BigUint64Array) cells[at++] = BigInt(value);
      else cells[at++] = Number(value);
    }
  }
}
