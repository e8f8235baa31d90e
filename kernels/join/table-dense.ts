/**
 * A table with a place for every key between the least and the greatest: hits are rows plus one. All threads write the
 * rows of their keys at once. Where a place then has another row than its own, the key is there twice, and what it has is
 * chance: `firstRows` or the runs of `runs.ts` come in its place.
 */

import type { TypedArray } from '../../compiler/index.ts';
import { bin, cast, cmp, KernelBuilder, lit, type SExpr, sel } from '../../compiler/kernels.ts';
import { MAP_ROWS, type Machine, once } from '../machine.ts';
import { minus, num, plus } from '../terms.ts';
import { ANSWER_KIND, type Answer, storeAnswer, sumOf, type Table, zeros } from './table.ts';
import { type Bounds, type WordKind, type WordSide, wordFor } from './words.ts';

/** Places a row that such a table may have: a hash table of words of 64 bits has as many bytes with 8. */
const PLACES_A_ROW = 8n;
/** So many may be empty in any case. */
const FEW = 1n << 14n;

export const isDense = (b: Bounds): boolean =>
  b.range < 2n ** 30n && (b.range < FEW || b.range < PLACES_A_ROW * BigInt(b.rows));

export interface DenseTable extends Table {
  /** Hits by place. */
  readonly hits: TypedArray;
  /** Gives every key that is there twice its first row. */
  firstRows(): Promise<void>;
}

export async function denseTable(m: Machine, right: WordSide, { base, range }: Bounds): Promise<DenseTable> {
  const { kind, rows, words, valid } = right;
  const hits = zeros(m.alloc.alloc('u32', Number(range) + 1));
  const masked = valid !== null;
  const bufs = [words, ...(valid === null ? [] : [valid])];
  const all = { rows, rowsPerPart: MAP_ROWS, scalars: [base] };
  await m.launch(setHits(kind, masked), { ...all, bufs: [...bufs, hits] });
  const others = sumOf(await m.launch(countOthers(kind, masked), { ...all, bufs: [...bufs, hits] }));
  return {
    unique: others === 0,
    hits,
    async places() {
      const places = m.alloc.alloc('u32', rows);
      await m.launch(placesOf(kind, masked), { ...all, bufs: [...bufs, places] });
      return places;
    },
    async firstRows() {
      const launch = { rows: 1, rowsPerPart: 1, bufs: [...bufs, hits], scalars: [base, rows] };
      await m.launch(setFirstHits(kind, masked), launch);
    },
    async probe(side, answer) {
      const to = m.alloc.alloc(ANSWER_KIND[answer], side.rows);
      await m.launch(probeHits(side.kind, side.valid !== null, answer), {
        rows: side.rows,
        rowsPerPart: MAP_ROWS,
        bufs: [side.words, ...(side.valid === null ? [] : [side.valid]), hits, to],
        scalars: [base, range],
      });
      return to;
    },
  };
}

// ---- kernels -----------------------------------------------------------------------------------------------------

/** Buffers and the scalar that all kernels here begin with, and the place of a row's key. */
function rowsOf(k: KernelBuilder, kind: WordKind, masked: boolean) {
  const word = wordFor(kind);
  const words = k.buf('words', word, 'read');
  const valid = masked ? k.buf('valid', 'bool', 'read') : null;
  const base = k.scalar('base', word);
  return {
    word,
    far: (row: SExpr) => k.let(minus(k.load(words, row), base)),
    /** Runs `body` if the row counts. */
    ifValid: (row: SExpr, body: () => void): void => {
      if (valid === null) body();
      else k.if(k.load(valid, row), body);
    },
    valid: (row: SExpr): SExpr | null => (valid === null ? null : k.load(valid, row)),
  };
}
const hitOf = (row: SExpr): SExpr => plus(cast(row, 'u32'), lit('u32', 1));
const nameOf = (what: string, kind: WordKind, masked: boolean): string => `${what}_${kind}${masked ? '_masked' : ''}`;

const setHits = once((kind: WordKind, masked: boolean) => {
  const k = KernelBuilder.packed(nameOf('set_hits', kind, masked));
  const { far, ifValid } = rowsOf(k, kind, masked);
  const hits = k.buf('hits', 'u32', 'write');
  ifValid(k.index, () => k.store(hits, k.let(cast(far(k.index), 'i32')), hitOf(k.index)));
  return k.finish();
});

const countOthers = once((kind: WordKind, masked: boolean) => {
  const k = KernelBuilder.packed(nameOf('count_others', kind, masked));
  const { far, ifValid } = rowsOf(k, kind, masked);
  const hits = k.buf('hits', 'u32', 'read');
  const others = k.reduction('others', 'i64', '+');
  ifValid(k.index, () => {
    const hit = k.load(hits, k.let(cast(far(k.index), 'i32')));
    k.accum(others, cast(cmp('!=', hit, hitOf(k.index)), 'i64'));
  });
  return k.finish();
});

/** From the last row to the first, which therefore stays. */
const setFirstHits = once((kind: WordKind, masked: boolean) => {
  const k = KernelBuilder.packed(nameOf('set_first_hits', kind, masked));
  const { far, ifValid } = rowsOf(k, kind, masked);
  const hits = k.buf('hits', 'u32', 'write');
  const row = k.var(k.scalar('rows', 'i32'));
  k.while(cmp('>', row, num(0)), () => {
    k.set(row, minus(row, num(1)));
    ifValid(row, () => k.store(hits, k.let(cast(far(row), 'i32')), hitOf(row)));
  });
  return k.finish();
});

const placesOf = once((kind: WordKind, masked: boolean) => {
  const k = KernelBuilder.packed(nameOf('places', kind, masked));
  const { far, valid } = rowsOf(k, kind, masked);
  const places = k.buf('places', 'u32', 'write');
  const place = cast(far(k.index), 'u32');
  const counts = valid(k.index);
  k.store(places, k.index, counts === null ? place : sel(counts, place, lit('u32', 2 ** 32 - 1)));
  return k.finish();
});

const probeHits = once((kind: WordKind, masked: boolean, answer: Answer) => {
  const k = KernelBuilder.packed(`${nameOf('probe_dense', kind, masked)}_${answer}`);
  const { far, word, valid } = rowsOf(k, kind, masked);
  const [hits, to] = [k.buf('hits', 'u32', 'read'), k.buf('to', ANSWER_KIND[answer], 'write')];
  const range = k.scalar('range', word);
  const place = far(k.index);
  const counts = valid(k.index);
  const inside = cmp('<=', place, range);
  const found = k.let(counts === null ? inside : bin('&', inside, counts));
  // A row without a place looks at the first one, so that no branch is in the way of the loads.
  const hit = k.load(hits, k.let(sel(found, cast(place, 'i32'), num(0))));
  storeAnswer(k, to, k.index, k.let(sel(found, hit, lit('u32', 0))), answer);
  return k.finish();
});
