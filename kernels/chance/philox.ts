/**
 * Philox4x32-10: random words by counting. A block of four words is a function of a counter of 128 bits and a key of 64
 * (Salmon, Moraes, Dror, Shaw: Parallel Random Numbers: As Easy as 1, 2, 3; SC 2011). Any block can be had without those
 * before it, so what a row gets does not depend on threads, parts or machines.
 *
 *     key       the seed
 *     counter   the number of the block, the number of the attempt where some are rejected, the stream (two words)
 */

import { bin, cast, type Get, type KernelBuilder, lit, type SExpr } from '../../compiler/kernels.ts';

const MULTIPLIERS = [0xd2511f53, 0xcd9e8d57] as const;
/** What is added to the key after each round. */
const WEYL = [0x9e3779b9, 0xbb67ae85] as const;
const ROUNDS = 10;

/** Four words of 32 bits, unsigned. */
export type Words = readonly [number, number, number, number];

/** The block of a counter and a key. */
export function philox(counter: Words, key: readonly [number, number]): Words {
  let [a, b, c, d] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < ROUNDS; round++) {
    const [p, q] = [BigInt(a) * BigInt(MULTIPLIERS[0]), BigInt(c) * BigInt(MULTIPLIERS[1])];
    [a, b, c, d] = [(high(q) ^ b ^ k0) >>> 0, low(q), (high(p) ^ d ^ k1) >>> 0, low(p)];
    [k0, k1] = [(k0 + WEYL[0]) >>> 0, (k1 + WEYL[1]) >>> 0];
  }
  return [a, b, c, d];
}
const low = (product: bigint): number => Number(BigInt.asUintN(32, product));
const high = (product: bigint): number => Number(product >> 32n);

/** A seed and a stream of it, as words. */
export interface Stream {
  readonly key: readonly [number, number];
  readonly stream: readonly [number, number];
}
export const streamOf = (seed: bigint, stream: bigint): Stream => ({ key: halves(seed), stream: halves(stream) });
const halves = (word: bigint): readonly [number, number] => [
  Number(BigInt.asUintN(32, word)),
  Number(BigInt.asUintN(32, word >> 32n)),
];

/** Block `block` of a stream. */
export const blockOf = ({ key, stream }: Stream, block: number, attempt = 0): Words =>
  philox([block, attempt, ...stream], key);

/** The scalar parameters of a kernel that draws, in the order of `seedScalars`. */
export interface Seeded {
  /** Of each round. */
  readonly keys: readonly (readonly [Get, Get])[];
  readonly stream: readonly [Get, Get];
}
export function seeded(k: KernelBuilder): Seeded {
  const pair = (name: string): readonly [Get, Get] => [k.scalar(`${name}_0`, 'u32'), k.scalar(`${name}_1`, 'u32')];
  return { stream: pair('stream'), keys: Array.from({ length: ROUNDS }, (_, round) => pair(`key${round}`)) };
}
export const seedScalars = ({ key, stream }: Stream): readonly number[] => [
  ...stream,
  ...Array.from({ length: ROUNDS }, (_, round) =>
    key.map((k, at) => (k + Math.imul(round, WEYL[at] ?? 0)) >>> 0),
  ).flat(),
];

/** The block of number `block` (u32), in registers. */
export function philoxWords(k: KernelBuilder, { keys, stream }: Seeded, block: SExpr, attempt: SExpr): readonly Get[] {
  let [a, b, c, d]: readonly Get[] = [k.let(block), k.let(attempt), ...stream];
  const product = (word: SExpr, by: number): Get => k.let(bin('*', cast(word, 'u64'), lit('u64', BigInt(by))));
  const upper = (p: Get): SExpr => cast(bin('>>', p, lit('u64', 32n)), 'u32');
  for (const [k0, k1] of keys) {
    if (a === undefined || b === undefined || c === undefined || d === undefined) return [];
    const [p, q] = [product(a, MULTIPLIERS[0]), product(c, MULTIPLIERS[1])];
    const next = [
      bin('^', bin('^', upper(q), b), k0),
      cast(q, 'u32'),
      bin('^', bin('^', upper(p), d), k1),
      cast(p, 'u32'),
    ];
    [a, b, c, d] = next.map((e) => k.let(e));
  }
  return [a, b, c, d].filter((w) => w !== undefined);
}
