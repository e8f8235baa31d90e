/** The kernels of a table by hash; `table-hash.ts` tells what they are for. */

import { bin, cast, cmp, type Get, KernelBuilder, lit, type SExpr } from '../../compiler/kernels.ts';
import { once } from '../machine.ts';
import type { Word } from '../order/words.ts';
import { minus, num, plus, times } from '../terms.ts';
import { ANSWER_KIND, type Answer, storeAnswer } from './table.ts';

/** 2^64 over the golden ratio. */
const MULTIPLIER = 0x9e3779b97f4a7c15n;

const u64 = (n: bigint): SExpr => lit('u64', n);

/** The hash: the first bits say which partition, those from bit 32 on which slot of its region. */
function hashOf(k: KernelBuilder, w: SExpr): Get {
  const x = k.let(cast(w, 'u64'));
  return k.let(times(bin('^', x, bin('>>', x, u64(32n))), u64(MULTIPLIER)));
}
const partitionOf = (k: KernelBuilder, w: SExpr, shift: SExpr): Get =>
  k.let(cast(bin('>>', bin('>>', hashOf(k, w), u64(1n)), shift), 'i32'));
const slotOf = (k: KernelBuilder, w: SExpr): Get => k.let(cast(bin('>>', hashOf(k, w), u64(32n)), 'i32'));

const suffix = (masked: boolean): string => (masked ? '_masked' : '');

/** Words, and which of them count. */
function rowsOf(k: KernelBuilder, word: Word, masked: boolean) {
  const words = k.buf('words', word, 'read');
  const valid = masked ? k.buf('valid', 'bool', 'read') : null;
  return {
    word: (row: SExpr): Get => k.load(words, row),
    valid: (row: SExpr): SExpr | null => (valid === null ? null : k.load(valid, row)),
  };
}

/** Counts the rows of each partition. */
export const count = once((word: Word, masked: boolean) => {
  const k = KernelBuilder.packed(`count_partitions_${word}${suffix(masked)}`);
  const rows = rowsOf(k, word, masked);
  const counts = k.buf('counts', 'u32', 'readwrite', true);
  const shift = k.scalar('shift', 'u64');
  const add = (): void => void increment(k, counts, partitionOf(k, rows.word(k.index), shift));
  const valid = rows.valid(k.index);
  if (valid === null) add();
  else k.if(valid, add);
  return k.finish();
});

function increment(k: KernelBuilder, counts: number, at: Get): Get {
  const old = k.load(counts, at);
  k.store(counts, at, plus(old, lit('u32', 1)));
  return old;
}

/** Moves words, and with them rows plus one, to the places of their partition. */
export const scatter = once((word: Word, masked: boolean, what: 'rows' | 'words') => {
  const k = KernelBuilder.packed(`scatter_${what}_by_hash_${word}${suffix(masked)}`);
  const rows = rowsOf(k, word, masked);
  const starts = k.buf('starts', 'u32', 'readwrite', true);
  const toWords = k.buf('to_words', word, 'write');
  const toRows = what === 'rows' ? k.buf('to_rows', 'u32', 'write') : null;
  const shift = k.scalar('shift', 'u64');
  const move = (): void => {
    const w = rows.word(k.index);
    const place = k.let(cast(increment(k, starts, partitionOf(k, w, shift)), 'i32'));
    k.store(toWords, place, w);
    if (toRows !== null) k.store(toRows, place, plus(cast(k.index, 'u32'), lit('u32', 1)));
  };
  const valid = rows.valid(k.index);
  if (valid === null) move();
  else k.if(valid, move);
  return k.finish();
});

/** The first slot of a partition, and the mask of places in its region. */
function regionOf(k: KernelBuilder, regions: number, partition: SExpr) {
  const first = k.let(cast(k.load(regions, partition), 'i32'));
  const end = k.let(cast(k.load(regions, k.let(plus(partition, num(1)))), 'i32'));
  return { first, end, mask: k.let(minus(minus(end, first), num(1))) };
}

/** Looks for a word; gives the place of its slot in the table and the hit there, 0 for the free slot in which the search ends. */
function find(k: KernelBuilder, table: number, word: Word, region: ReturnType<typeof regionOf>, w: Get) {
  const slot = k.var(bin('&', slotOf(k, w), region.mask));
  const placeOf = (): SExpr => bin('<<', plus(region.first, slot), num(1));
  const place = k.var(placeOf());
  const hit = k.var(k.load(table, k.let(plus(place, num(1)))));
  const other = k.var(k.load(table, place));
  k.while(bin('&', cmp('!=', hit, lit(word, 0)), cmp('!=', other, w)), () => {
    k.set(slot, bin('&', plus(slot, num(1)), region.mask));
    k.set(place, placeOf());
    k.set(hit, k.load(table, k.let(plus(place, num(1)))));
    k.set(other, k.load(table, place));
  });
  return { place, hit };
}

/** Fills the region of a partition with its keys; counts the rows whose key is there already. */
export const build = once((word: Word) => {
  const k = KernelBuilder.packed(`build_table_${word}`);
  const [bounds, words, rows] = [
    k.buf('bounds', 'u32', 'read'),
    k.buf('words', word, 'read'),
    k.buf('rows', 'u32', 'read'),
  ];
  const [regions, table] = [k.buf('regions', 'u32', 'read'), k.buf('table', word, 'readwrite')];
  const twice = k.reduction('twice', 'i64', '+');
  const region = regionOf(k, regions, k.index);
  k.range(bin('<<', region.first, num(1)), bin('<<', region.end, num(1)), (at) => k.store(table, at, lit(word, 0)));
  const from = cast(k.load(bounds, k.index), 'i32');
  const to = cast(k.load(bounds, k.let(plus(k.index, num(1)))), 'i32');
  k.range(from, to, (row) => {
    const w = k.load(words, row);
    const { place, hit } = find(k, table, word, region, w);
    k.if(
      cmp('==', hit, lit(word, 0)),
      () => {
        k.store(table, place, w);
        k.store(table, k.let(plus(place, num(1))), cast(k.load(rows, row), word));
      },
      () => k.accum(twice, lit('i64', 1)),
    );
  });
  return k.finish();
});

/** Where a probe leaves its hits: in place of the words, or as an answer in another column. */
export type Where = 'in_place' | Answer;

/** Looks up a stretch of the words of a partition. */
export const probe = once((word: Word, where: Where, masked: boolean) => {
  const k = KernelBuilder.packed(`probe_${where}_${word}${suffix(masked)}`);
  const pieces = k.buf('pieces', 'u32', 'read');
  const [regions, table] = [k.buf('regions', 'u32', 'read'), k.buf('table', word, 'read')];
  const words = k.buf('words', word, where === 'in_place' ? 'readwrite' : 'read');
  const valid = masked ? k.buf('valid', 'bool', 'read') : null;
  const to = where === 'in_place' ? null : k.buf('to', ANSWER_KIND[where], 'write');
  const piece = (field: number): Get =>
    k.let(cast(k.load(pieces, k.let(plus(times(k.index, num(3)), num(field)))), 'i32'));
  const region = regionOf(k, regions, piece(0));
  k.range(piece(1), piece(2), (row) => {
    const look = (): Get => find(k, table, word, region, k.load(words, row)).hit;
    if (to === null || where === 'in_place') {
      k.store(words, row, look());
      return;
    }
    const hit = k.var(lit('u32', 0));
    const set = (): void => k.set(hit, cast(look(), 'u32'));
    if (valid === null) set();
    else k.if(k.load(valid, row), set);
    storeAnswer(k, to, row, hit, where);
  });
  return k.finish();
});

/** Gives each row the next hit of its partition. */
export const giveBack = once((word: Word, masked: boolean, answer: Answer) => {
  const k = KernelBuilder.packed(`give_back_${answer}_${word}${suffix(masked)}`);
  const rows = rowsOf(k, word, masked);
  const starts = k.buf('starts', 'u32', 'readwrite', true);
  const hits = k.buf('hits', word, 'read');
  const to = k.buf('to', ANSWER_KIND[answer], 'write');
  const shift = k.scalar('shift', 'u64');
  const place = increment(k, starts, partitionOf(k, rows.word(k.index), shift));
  const found = cast(k.load(hits, k.let(cast(place, 'i32'))), 'u32');
  const valid = rows.valid(k.index);
  const hit = valid === null ? found : k.let(select(valid, found));
  storeAnswer(k, to, k.index, hit, answer);
  return k.finish();
});
const select = (valid: SExpr, hit: SExpr): SExpr => times(hit, cast(valid, 'u32'));
