/**
 * Columns as unsigned words whose order is that of the column, and back.
 *
 *     integers      signed ones with the sign bit flipped
 *     floats        by bits, of negative ones all flipped, else the sign; NaN are all ones, so the last
 *     descending    all bits flipped, but of NaN
 *
 * `ties` says what becomes of -0 and +0: for an order of rows they are equal; for sorted values -0 is below +0.
 */

import { type ScalarKind, scalarBytes } from '../../compiler/index.ts';
import {
  bin,
  bitcast,
  cast,
  cmp,
  type Get,
  KernelBuilder,
  type Lanes,
  lane,
  lit,
  type SExpr,
  sel,
  splat,
} from '../../compiler/kernels.ts';
import { once } from '../machine.ts';

/** What is sorted: words alone, whose values are asked for; row numbers with them, those of an order or in `first` the rows. */
export type Moved = 'values' | 'rows' | 'first';

/** The unsigned kinds that keys are sorted as. */
export type Word = 'u32' | 'u64';
export const WORD_BITS: Readonly<Record<Word, number>> = { u32: 32, u64: 64 };
export type Ties = 'rows' | 'values';

export const wordOf = (kind: ScalarKind): Word => (kind === 'i64' || kind === 'u64' || kind === 'f64' ? 'u64' : 'u32');

/** Words that a register holds, where elements are loaded as words. */
export const registerLanes = (kind: ScalarKind): 1 | 2 | 4 =>
  scalarBytes(kind) < 4 ? 1 : wordOf(kind) === 'u64' ? 2 : 4;

/** The lanes of a value, each as a scalar. */
export const lanesOf = (k: KernelBuilder, e: SExpr): readonly Get[] =>
  Array.from({ length: e.ty.lanes }, (_, l) => k.let(lane(e, l)));

/** The scalar argument `flip` of kernels: all ones for descending. */
export function flipOf(kind: ScalarKind, descending: boolean): number | bigint {
  if (wordOf(kind) === 'u64') return descending ? 2n ** 64n - 1n : 0n;
  return descending ? 2 ** 32 - 1 : 0;
}

/** A word as an argument of kernels. */
export const wordValue = (word: Word, value: bigint): number | bigint => (word === 'u64' ? value : Number(value));

const isSigned = (kind: ScalarKind): boolean => kind === 'i8' || kind === 'i16' || kind === 'i32' || kind === 'i64';
const isFloat = (kind: ScalarKind): boolean => kind === 'f32' || kind === 'f64';
const signBit = (word: Word, lanes: Lanes = 1): SExpr => lit(word, word === 'u64' ? 2n ** 63n : 2 ** 31, lanes);
/** All ones where the top bit is set, else 0. (Engines branch on a select of words.) */
export function ofTopBit(w: SExpr, word: Word): SExpr {
  const { lanes } = w.ty;
  return bin('-', lit(word, 0, lanes), bin('>>', w, lit(word, WORD_BITS[word] - 1, lanes)));
}
export const ones = (word: Word, lanes: Lanes = 1): SExpr =>
  lit(word, word === 'u64' ? 2n ** 64n - 1n : 2 ** 32 - 1, lanes);

/** The words of elements `e`, of any lanes. */
export function wordOfElement(k: KernelBuilder, kind: ScalarKind, ties: Ties, e: SExpr, flip: SExpr): SExpr {
  const word = wordOf(kind);
  const { lanes } = e.ty;
  const flips = splat(flip, lanes);
  if (!isFloat(kind)) {
    const bits = cast(e, word);
    return bin('^', isSigned(kind) ? bin('^', bits, signBit(word, lanes)) : bits, flips);
  }
  const zero = lit(kind, 0, lanes);
  const value = ties === 'rows' ? sel(cmp('==', e, zero), zero, e) : e;
  const bits = k.let(bitcast(value, word));
  const ordered = bin('^', bits, bin('|', ofTopBit(bits, word), signBit(word, lanes)));
  return sel(cmp('!=', e, e), ones(word, lanes), bin('^', ordered, flips));
}

/** The elements with the words `w`, of any lanes. */
export function elementOfWord(k: KernelBuilder, kind: ScalarKind, w: SExpr, flip: SExpr): SExpr {
  const word = wordOf(kind);
  const { lanes } = w.ty;
  const ordered = k.let(bin('^', w, splat(flip, lanes)));
  if (!isFloat(kind)) return cast(isSigned(kind) ? bin('^', ordered, signBit(word, lanes)) : ordered, kind);
  const isNegative = bin('^', ofTopBit(ordered, word), ones(word, lanes));
  const bits = bin('^', ordered, bin('|', isNegative, signBit(word, lanes)));
  return sel(cmp('==', w, ones(word, lanes)), lit(kind, Number.NaN, lanes), bitcast(bits, kind));
}

/** words[row] = the word of column[row]. Buffers: column, words; scalar: flip. */
export const toWords = once((kind: ScalarKind, ties: Ties) => {
  const k = new KernelBuilder(`words_of_${ties}_${kind}`);
  const [column, words] = [k.buf('column', kind, 'read'), k.buf('words', wordOf(kind), 'write')];
  const flip = k.scalar('flip', wordOf(kind));
  k.store(words, k.index, wordOfElement(k, kind, ties, k.load(column, k.index), flip));
  return k.finish();
});
