/**
 * The first step of the radix sort: the words of a column go to their buckets, in one reading.
 *
 * How many there will be is not known: every bucket is a chain of blocks, which are taken from one store as they are needed.
 * Each part has a store of its own, so the parts of a bucket behind one another are its words in the order of the column.
 */

import type { ScalarKind } from '../../compiler/index.ts';
import {
  any,
  bin,
  cast,
  cmp,
  type Get,
  type Kernel,
  KernelBuilder,
  lit,
  type SExpr,
  sel,
  splat,
} from '../../compiler/kernels.ts';
import { once } from '../machine.ts';
import { num, plus } from '../terms.ts';
import { lanesOf, type Moved, registerLanes, type Ties, wordOf, wordOfElement } from './words.ts';

/** Elements of a row of the kernel: what is computed of them takes registers. */
export const ROW = 8;
/** Words of a block. */
const BLOCK_BITS = 9;
export const BLOCK = 1 << BLOCK_BITS;

/**
 * Buffers: the column, the buckets of cells (`buckets.ts`); of each part where the next word of a bucket goes, how many blocks
 * of it are full, and which block is the next to take; the block behind each block, the words, and with row numbers these.
 */
export const deal = once((kind: ScalarKind, ties: Ties, moved: Moved): Kernel => {
  const word = wordOf(kind);
  const k = KernelBuilder.packed(`deal_${moved}_${ties}_${kind}`);
  const [column, ofCell] = [k.buf('column', kind, 'read'), k.buf('of_cell', 'u16', 'read')];
  const [next, full] = [k.buf('next', 'u32', 'readwrite', true), k.buf('full', 'u32', 'readwrite', true)];
  const fresh = k.buf('fresh', 'u32', 'readwrite', true);
  const [behind, to] = [k.buf('behind', 'u32', 'write'), k.buf('words', word, 'write')];
  const order = moved === 'rows' ? k.buf('order', 'u32', 'read') : null;
  const toOrder = moved === 'values' ? null : k.buf('to_order', 'u32', 'write');
  const [length, flip] = [k.scalar('length', 'i32'), k.scalar('flip', word)];
  const [low, shift, bits] = [k.scalar('low', word), k.scalar('shift', word), k.scalar('bits', word)];
  const lastBucket = k.scalar('last_bucket', 'i32');

  const put = (w: Get, bucket: Get, row: SExpr): void => {
    const place = k.let(cast(k.load(next, bucket), 'i32'));
    k.store(to, place, w);
    if (toOrder !== null) k.store(toOrder, place, order === null ? cast(row, 'u32') : k.load(order, row));
    const following = k.var(plus(place, num(1)));
    k.if(cmp('==', bin('&', following, num(BLOCK - 1)), num(0)), () => {
      const block = k.load(fresh, num(0));
      k.store(behind, k.let(bin('>>', place, num(BLOCK_BITS))), block);
      k.store(fresh, num(0), plus(block, lit('u32', 1)));
      k.store(full, bucket, plus(k.load(full, bucket), lit('u32', 1)));
      k.set(following, bin('<<', cast(block, 'i32'), num(BLOCK_BITS)));
    });
    k.store(next, bucket, cast(following, 'u32'));
  };
  /** The bucket of a word of some cell. */
  const bucketIn = (cell: SExpr): Get => k.let(cast(k.load(ofCell, k.let(cast(cell, 'i32'))), 'i32'));
  const putAnywhere = (w: Get, cell: Get, row: SExpr): void => {
    const bucket = k.var(sel(cmp('<', w, low), num(0), lastBucket));
    k.if(cmp('==', bin('>>', cell, bits), lit(word, 0)), () => k.set(bucket, bucketIn(cell)));
    put(w, bucket, row);
  };
  const wordsAt = (row: SExpr, lanes: 1 | 2 | 4): { readonly words: Get; readonly cells: Get } => {
    const words = k.let(wordOfElement(k, kind, ties, k.load(column, row, lanes), flip));
    return { words, cells: k.let(bin('>>', bin('-', words, splat(low, lanes)), splat(shift, lanes))) };
  };

  const lanes = registerLanes(kind);
  const first = k.let(bin('*', k.index, num(ROW)));
  k.if(
    cmp('<=', plus(first, num(ROW)), length),
    () => {
      const all = Array.from({ length: ROW / lanes }, (_, r) => wordsAt(plus(first, num(r * lanes)), lanes));
      const each = (step: (w: Get, cell: Get, row: SExpr) => void): void => {
        for (const [r, { words, cells }] of all.entries()) {
          const cell = lanesOf(k, cells);
          for (const [l, w] of lanesOf(k, words).entries()) step(w, cell[l] ?? w, plus(first, num(r * lanes + l)));
        }
      };
      const some = k.let(all.map(({ cells }): SExpr => cells).reduce((a, b) => bin('|', a, b)));
      const isOutside = cmp('!=', bin('>>', some, splat(bits, lanes)), lit(word, 0, lanes));
      k.if(
        any(isOutside),
        () => each(putAnywhere),
        () => each((w, cell, row) => put(w, bucketIn(cell), row)),
      );
    },
    () =>
      k.range(first, length, (row) => {
        const { words, cells } = wordsAt(row, 1);
        putAnywhere(words, cells, row);
      }),
  );
  return k.finish();
});
