/**
 * Columns as unsigned words whose order is that of the column, and back.
 *
 *     integers      signed ones with the sign bit flipped
 *     floats        by bits, of negative ones all flipped, else the sign; NaN are all ones, so the last
 *     descending    all bits flipped, but of NaN
 *
 * `ties` says what becomes of -0 and +0: for an order of rows they are equal; for sorted values -0 is below +0.
 */

import type { ScalarKind } from '../../compiler/index.ts';
import { bin, bitcast, cast, cmp, KernelBuilder, lit, type SExpr, sel } from '../../compiler/kernels.ts';
import { once } from '../machine.ts';

/** The unsigned kinds that keys are sorted as. */
export type Word = 'u32' | 'u64';
export const WORD_BYTES: Readonly<Record<Word, number>> = { u32: 4, u64: 8 };

export const wordOf = (kind: ScalarKind): Word => (kind === 'i64' || kind === 'u64' || kind === 'f64' ? 'u64' : 'u32');

/** The scalar argument of the kernels here: all ones for descending. */
export function flipOf(kind: ScalarKind, descending: boolean): number | bigint {
  if (wordOf(kind) === 'u64') return descending ? 2n ** 64n - 1n : 0n;
  return descending ? 2 ** 32 - 1 : 0;
}

const isSigned = (kind: ScalarKind): boolean => kind === 'i8' || kind === 'i16' || kind === 'i32' || kind === 'i64';
const isFloat = (kind: ScalarKind): boolean => kind === 'f32' || kind === 'f64';
const signBit = (word: Word): SExpr => lit(word, word === 'u64' ? 2n ** 63n : 2 ** 31);
const ones = (word: Word): SExpr => lit(word, word === 'u64' ? 2n ** 64n - 1n : 2 ** 32 - 1);

/** words[row] = the word of column[row]. Buffers: column, words; scalar: flip. */
export const toWords = once((kind: ScalarKind, ties: 'rows' | 'values') => {
  const word = wordOf(kind);
  const k = new KernelBuilder(`words_of_${ties}_${kind}`);
  const [column, words] = [k.buf('column', kind, 'read'), k.buf('words', word, 'write')];
  const flip = k.scalar('flip', word);
  const e = k.load(column, k.index);
  if (isFloat(kind)) {
    const zero = lit(kind, 0);
    const value = ties === 'rows' ? sel(cmp('==', e, zero), zero, e) : e;
    const bits = k.let(bitcast(value, word));
    const ordered = bin('^', bits, sel(cmp('>=', bits, signBit(word)), ones(word), signBit(word)));
    k.store(words, k.index, sel(cmp('!=', e, e), ones(word), bin('^', ordered, flip)));
  } else {
    const bits = cast(e, word);
    k.store(words, k.index, bin('^', isSigned(kind) ? bin('^', bits, signBit(word)) : bits, flip));
  }
  return k.finish();
});

/** column[row] = the value with the word words[row]. Buffers: words, column; scalar: flip. */
export const fromWords = once((kind: ScalarKind) => {
  const word = wordOf(kind);
  const k = new KernelBuilder(`values_of_words_${kind}`);
  const [words, column] = [k.buf('words', word, 'read'), k.buf('column', kind, 'write')];
  const flip = k.scalar('flip', word);
  const w = k.load(words, k.index);
  const ordered = k.let(bin('^', w, flip));
  if (isFloat(kind)) {
    const bits = bin('^', ordered, sel(cmp('>=', ordered, signBit(word)), signBit(word), ones(word)));
    const nan = lit(kind, Number.NaN);
    k.store(column, k.index, sel(cmp('==', w, ones(word)), nan, bitcast(bits, kind)));
  } else {
    const bits = isSigned(kind) ? bin('^', ordered, signBit(word)) : ordered;
    k.store(column, k.index, cast(bits, kind));
  }
  return k.finish();
});
