/**
 * What is made of the words of a block, each in plain TypeScript: a draw gives a block's values, the same number for every
 * block, so value `row` of a column is known without those before it.
 *
 *     uniform    u of 53 bits from two words (f64), of 24 from one (f32), in [0, 1): low + (high - low) u
 *     normal     two words or pairs of words give a radius and an angle, and these two values (Box, Muller 1958)
 *     integers   word * range / 2^32, or with 64 bits where the range is larger; words in the part of the last, uneven
 *                cut are drawn again with the next attempt (Lemire 2019), so no integer is more likely than another
 *     keys       64 bits, by which rows are sorted for a permutation
 */

import { binScalar, unScalar } from '../../compiler/index.ts';
import { blockOf, type Stream, type Words } from './philox.ts';
import { turn } from './turn.ts';

export type Float = 'f32' | 'f64';

export interface Draw {
  readonly kind: Float | 'i64' | 'u64';
  readonly perBlock: number;
  /** The values of a block. */
  of(stream: Stream, block: number): readonly (number | bigint)[];
}

/** Values a block: f64 take two words each. */
export const perBlock = (kind: Float): number => (kind === 'f64' ? 2 : 4);

/** A number in [0, 1) of 53 bits. */
const unit = (w0: number, w1: number): number => ((w0 >>> 5) * 2 ** 26 + (w1 >>> 6)) * 2 ** -53;
const unit32 = (w: number): number => (w >>> 8) * 2 ** -24;

export function uniformDraw(kind: Float, low: number, width: number): Draw {
  const units = ([a, b, c, d]: Words): readonly number[] =>
    kind === 'f64' ? [unit(a, b), unit(c, d)] : [a, b, c, d].map(unit32);
  const place = placed(kind, low, width);
  return { kind, perBlock: perBlock(kind), of: (stream, block) => units(blockOf(stream, block)).map(place) };
}

export function normalDraw(kind: Float, mean: number, sd: number): Draw {
  const place = placed(kind, mean, sd);
  return {
    kind,
    perBlock: perBlock(kind),
    of(stream, block) {
      const [a, b, c, d] = blockOf(stream, block);
      const pairs =
        kind === 'f64'
          ? [[unit(a, b) + 2 ** -53, unit(c, d)] as const]
          : [[radius32(a), unit32(b)] as const, [radius32(c), unit32(d)] as const];
      return pairs.flatMap(([u, turn]) => boxMuller(kind, u, turn)).map(place);
    },
  };
}
/** In (0, 1]: the middle of the numbers that round to a word, so that small ones reach far out. */
const radius32 = (w: number): number => Math.fround(Math.fround(Math.fround(w) * 2 ** -32) + 2 ** -33);

/** Two independent normal numbers of a number in (0, 1] and a turn in [0, 1). */
function boxMuller(kind: Float, u: number, t: number): readonly number[] {
  const by = (a: number, b: number): number => Number(binScalar('*', kind, a, b));
  const radius = Number(unScalar('sqrt', kind, by(-2, Number(unScalar('log', kind, u)))));
  return turn(kind, t).map((x) => by(radius, x));
}

/** start + width x, rounded in the kind. */
function placed(kind: Float, start: number, width: number): (x: number) => number {
  return (x) => Number(binScalar('+', kind, start, binScalar('*', kind, width, x)));
}

/** The words that are no uneven rest of a range of integers. */
export interface Cut {
  readonly wide: boolean;
  readonly range: bigint;
  /** The low half of word * range is at least this, or the word is drawn again. */
  readonly least: bigint;
}
export function cutOf(range: bigint): Cut {
  const wide = range > 2n ** 32n;
  return { wide, range, least: ((wide ? 2n ** 64n : 2n ** 32n) - range) % range };
}

export function integerDraw(low: bigint, range: bigint): Draw {
  const { wide, least } = cutOf(range);
  const bits = wide ? 64 : 32;
  const draw = (stream: Stream, block: number, at: number): bigint => {
    for (let attempt = 0; ; attempt++) {
      const product = wordAt(blockOf(stream, block, attempt), at, wide) * range;
      if (BigInt.asUintN(bits, product) >= least) return BigInt.asIntN(64, low + (product >> BigInt(bits)));
    }
  };
  const count = wide ? 2 : 4;
  return {
    kind: 'i64',
    perBlock: count,
    of: (stream, block) => Array.from({ length: count }, (_, at) => draw(stream, block, at)),
  };
}
/** Word `at` of a block: of 32 bits, or of 64, low half first. */
function wordAt(words: Words, at: number, wide: boolean): bigint {
  const word = (k: number): bigint => BigInt(words[k] ?? 0);
  return wide ? word(2 * at) | (word(2 * at + 1) << 32n) : word(at);
}

export const keyDraw: Draw = {
  kind: 'u64',
  perBlock: 2,
  of: (stream, block) => {
    const words = blockOf(stream, block);
    return [wordAt(words, 0, true), wordAt(words, 1, true)];
  },
};
