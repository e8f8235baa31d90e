/**
 * Random arrays by NumPy's `default_rng`: `defaultRng(7).normal(0, 1, 1000)`.
 *
 * Each call of a generator draws from a stream of its own (Philox4x32-10, by the seed, the number of the call and the row),
 * so an array depends on the seed and on how many calls came before: not on threads, nor on what is computed, when and how
 * often. The numbers are not those of NumPy.
 */

import { F32, F64, I64, type ScalarType } from '../../compiler/index.ts';
import type { Session } from '../../runtime/index.ts';
import type { Cell } from '../core/cell.ts';
import * as cell from '../core/cell.ts';
import { single } from '../core/column.ts';
import { gatherColumns } from '../core/gather.ts';
import { columnFrom, NDArray, whereOf } from '../core/ndarray.ts';
import type { FieldRef, PrimArg } from '../core/node.ts';
import { operand } from '../core/operand.ts';
import type { Where } from '../core/ops.ts';
import { checkOptions } from '../core/options.ts';
import * as prim from '../core/prim.ts';
import { lengthOf } from '../core/reduce-columns.ts';
import { refuse, type Site } from '../core/trail.ts';
import { describe } from '../core/values.ts';
import { type Vector, wholeOf } from './call.ts';

export interface FloatOptions {
  /** Default f64. */
  readonly dtype?: 'f32' | 'f64';
}

/** A generator of random arrays from a seed, an integer of 64 bits. `session` is the one that evaluates them. */
export function defaultRng(seed: number | bigint, options: { readonly session?: Session } = {}): RandomGenerator {
  const site: Site = { call: 'array.defaultRng', trail: [`defaultRng(${String(seed)})`] };
  checkOptions(options, ['session'], site);
  return new RandomGenerator(integerOf('a seed', seed, site), options.session ?? null);
}

/** Made by `defaultRng`. Sizes are whole numbers from 0 on (W8006). */
export class RandomGenerator {
  readonly #seed: bigint;
  readonly #session: Session | null;
  #calls = 0n;
  constructor(seed: bigint, session: Session | null) {
    this.#seed = seed;
    this.#session = session;
  }

  /** Numbers in [0, 1). */
  random(size: number, options: FloatOptions = {}): NDArray {
    return this.#floats('random_uniform', [0, 1], size, options, this.#where('random', [size]));
  }
  /** Numbers in [low, high), both finite; `high` itself where a number is rounded up to it. */
  uniform(low: number, high: number, size: number, options: FloatOptions = {}): NDArray {
    const where = this.#where('uniform', [low, high, size]);
    if (!Number.isFinite(low) || !Number.isFinite(high) || low > high) {
      refuse(where, 'W8006', `bounds are two finite numbers in order, found ${describe(low)} and ${describe(high)}`);
    }
    return this.#floats('random_uniform', [low, high], size, options, where);
  }
  /** Normal numbers of a mean and a standard deviation. */
  normal(mean: number, sd: number, size: number, options: FloatOptions = {}): NDArray {
    const where = this.#where('normal', [mean, sd, size]);
    if (typeof mean !== 'number' || typeof sd !== 'number' || !(sd >= 0)) {
      const found = `${describe(mean)} and ${describe(sd)}`;
      refuse(where, 'W8006', `a mean and a standard deviation, which is at least 0, are needed, found ${found}`);
    }
    return this.#floats('random_normal', [mean, sd], size, options, where);
  }
  /** Normal numbers of mean 0 and standard deviation 1. */
  standardNormal(size: number, options: FloatOptions = {}): NDArray {
    return this.#floats('random_normal', [0, 1], size, options, this.#where('standardNormal', [size]));
  }
  /** Integers in [low, high), i64, all equally likely. */
  integers(low: number | bigint, high: number | bigint, size: number): NDArray {
    const where = this.#where('integers', [low, high, size]);
    const [from, to] = [integerOf('a bound', low, where), integerOf('a bound', high, where)];
    if (from >= to) refuse(where, 'W8006', `there is no integer from ${from} up to ${to}, without it`);
    const bounds = [prim.scalar(cell.given(I64, from)), prim.scalar(cell.given(I64, to))];
    return this.#column('random_integers', [...bounds, sized(size, where)], I64, size, where);
  }
  /** The numbers below n in random order, i64; or the elements of an array. */
  permutation(x: number | Vector): NDArray {
    const where = this.#where('permutation', [typeof x === 'number' ? x : 'array']);
    if (typeof x === 'number') return this.#column('random_permutation', [sized(x, where)], I64, x, where);
    const column = columnFrom(x, where);
    const rows = this.#draw('random_permutation', [prim.scalar(lengthOf(column.space, where))], I64, where);
    const space = { length: column.space.length, anchor: rows };
    return new NDArray(single(gatherColumns([column], cell.input(rows, I64), space, where)), where.trail);
  }

  #floats(name: string, two: readonly [number, number], size: number, options: FloatOptions, where: Where): NDArray {
    checkOptions(options, ['dtype'], where);
    const { dtype = 'f64' } = options;
    if (dtype !== 'f32' && dtype !== 'f64') refuse(where, 'W8006', `a dtype is f32 or f64, found ${describe(dtype)}`);
    const ty = dtype === 'f32' ? F32 : F64;
    const given = (x: number): Cell => cell.given(ty, dtype === 'f32' ? Math.fround(x) : x);
    return this.#column(name, [prim.list(ty, two.map(given)), sized(size, where)], ty, size, where);
  }
  #column(name: string, args: readonly PrimArg[], ty: ScalarType, length: number, where: Where): NDArray {
    const ref = this.#draw(name, args, ty, where);
    const value = cell.input(ref, ty);
    const space = { length, anchor: ref };
    return new NDArray(
      { ...operand(ty.scalar, value, null), value, valid: null, space, session: this.#session },
      where.trail,
    );
  }
  /** A call of a primitive on the next stream. */
  #draw(name: string, args: readonly PrimArg[], ty: ScalarType, where: Where): FieldRef {
    const stream = [this.#seed, this.#calls++].map((n) => prim.scalar(cell.given(I64, n)));
    return prim.call(name, [...stream, ...args], ty, where);
  }
  #where(name: string, args: readonly (number | bigint | string)[]): Where {
    return whereOf(name, [`defaultRng(${this.#seed})`], [], args.join(', '));
  }
}

const sized = (size: number, where: Where): PrimArg =>
  prim.scalar(cell.given(I64, BigInt(wholeOf('a size', size, 0, where))));

function integerOf(what: string, n: unknown, site: Site): bigint {
  if (typeof n === 'number' && Number.isSafeInteger(n)) return BigInt(n);
  if (typeof n === 'bigint' && BigInt.asIntN(64, n) === n) return n;
  return refuse(site, 'W8006', `${what} is an integer of 64 bits, found ${describe(n)}`);
}
