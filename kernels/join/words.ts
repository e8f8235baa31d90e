/**
 * A key column as words: unsigned numbers of 32 or 64 bits that are equal where the keys are equal.
 *
 * Columns of integers of these widths are such words as they are; others are brought to words in their order, in which NaN
 * is one word and so is zero.
 */

import type { ScalarKind, TypedArray } from '../../compiler/index.ts';
import { bin, bitcast, cast, KernelBuilder, lit, type SExpr } from '../../compiler/kernels.ts';
import { MAP_ROWS, type Machine, once } from '../machine.ts';
import { flipOf, toWords, type Word, wordOf } from '../order/words.ts';
import type { Side } from './keys.ts';

/** The kinds of columns that are words: signed ones are in order as numbers, and are words by their bits. */
export type WordKind = 'i32' | 'u32' | 'i64' | 'u64';
const WORD_KINDS: readonly WordKind[] = ['i32', 'u32', 'i64', 'u64'];

/** A column of words, and the rows of it that count. */
export interface WordSide extends Side {
  readonly kind: WordKind;
  readonly words: TypedArray;
}
export const wordFor = (kind: WordKind): Word => (kind === 'i32' || kind === 'u32' ? 'u32' : 'u64');

/** The words of a side for its cells of a kind. */
export async function wordColumn(
  m: Machine,
  kind: ScalarKind,
  cells: TypedArray,
): Promise<Pick<WordSide, 'kind' | 'words'>> {
  const own = WORD_KINDS.find((w) => w === kind);
  if (own !== undefined) return { kind: own, words: cells };
  const word = wordOf(kind);
  const rows = cells.length;
  const words = m.alloc.alloc(word, rows);
  const scalars = [flipOf(kind, false)];
  await m.launch(toWords(kind, 'rows'), { rows, rowsPerPart: MAP_ROWS, bufs: [cells, words], scalars });
  return { kind: word, words };
}

/** Where the words of a side lie that count. */
export interface Bounds {
  /** How many rows count. */
  readonly rows: number;
  /** The least word, by its bits. */
  readonly base: bigint;
  /** The greatest word is so far from it. */
  readonly range: bigint;
  /** How many bits a difference needs. */
  readonly bits: number;
}

export async function boundsOf(m: Machine, { kind, words, rows, valid }: WordSide): Promise<Bounds> {
  const report = await m.launch(leastAndGreatest(kind, valid !== null), {
    rows,
    rowsPerPart: MAP_ROWS,
    bufs: [words, ...(valid === null ? [] : [valid])],
  });
  let [least, greatest, count] = [2n ** 63n - 1n, -(2n ** 63n), 0];
  for (let part = 0; part < report.parts; part++) {
    const [low, high] = [BigInt(report.cell(part, 0)), BigInt(report.cell(part, 1))];
    if (low < least) least = low;
    if (high > greatest) greatest = high;
    count += Number(report.cell(part, 2));
  }
  if (count === 0) return { rows: 0, base: 0n, range: 0n, bits: 0 };
  const range = greatest - least;
  const base = BigInt.asUintN(kind === 'i32' || kind === 'u32' ? 32 : 64, kind === 'u64' ? least ^ SIGN : least);
  return { rows: count, base, range, bits: range === 0n ? 0 : range.toString(2).length };
}
const SIGN = -(2n ** 63n);

// ---- kernels -----------------------------------------------------------------------------------------------------

/** A number in the order of the words of a kind. */
function inOrder(kind: WordKind, w: SExpr): SExpr {
  return kind === 'u64' ? bitcast(bin('^', w, lit('u64', 2n ** 63n)), 'i64') : cast(w, 'i64');
}

/** The least and the greatest word, and how many rows count. */
const leastAndGreatest = once((kind: WordKind, masked: boolean) => {
  const k = new KernelBuilder(`bounds_${kind}${masked ? '_masked' : ''}`);
  const words = k.buf('words', kind, 'read');
  const valid = masked ? k.buf('valid', 'bool', 'read') : null;
  const least = k.reduction('least', 'i64', 'min');
  const greatest = k.reduction('greatest', 'i64', 'max');
  const count = k.reduction('rows', 'i64', '+');
  const number = k.let(inOrder(kind, k.load(words, k.index)));
  const counts = (): void => {
    k.accum(least, number);
    k.accum(greatest, number);
    k.accum(count, lit('i64', 1));
  };
  if (valid === null) counts();
  else k.if(k.load(valid, k.index), counts);
  return k.finish();
});
