/**
 * The second step of the radix sort: each bucket is sorted while it is in the cache, and written where it belongs.
 *
 *     gather    the blocks of the bucket side by side, in memory that all buckets of a part use
 *     digits    the bits from the highest one in which words of the bucket differ, as many as tell nearly all of them apart
 *     passes    by these digits, the lowest first, from one side of the memory to the other
 *     insert    neighbours that agree in all of them are put in order; where that is much work, passes by all bits
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
  un,
} from '../../compiler/kernels.ts';
import { once } from '../machine.ts';
import { minus, num, plus, times } from '../terms.ts';
import { BLOCK } from './deal.ts';
import { elementOfWord, lanesOf, type Moved, ones, WORD_BITS, type Word, wordOf } from './words.ts';

/** Bits of a digit, at most. */
export const DIGIT_BITS = 10;
/** Where the counts of the second digit of a reading are. */
const SECOND = 1 << DIGIT_BITS;
/** Rows to a step of a loop. */
const UNROLLED = 4;
/** Registers of words that are compared with those before them at once. */
const CHECKED = 2;
/** Bits that are looked at beyond those that tell as many words apart as there are. */
const MORE_BITS = 5;
/** Up to so many words are only inserted. */
const FEW = 16;
/** Moves of words, to every word, after which neighbours are not put in order any more. */
const MOST_MOVES = 8;

/** What a bucket is in while it is sorted: words, and row numbers where they are moved. */
interface Rows {
  readonly words: number;
  /** Words of a register. */
  readonly lanes: 2 | 4;
  readonly order: number | null;
}

/**
 * A row of the kernel is a bucket. Buffers: the store, as `deal` has left it; where buckets begin in the column that is made;
 * two sides of `most` words for each part, and counts of digits; the column.
 */
export const finish = once((kind: ScalarKind, moved: Moved): Kernel => {
  const word = wordOf(kind);
  const k = KernelBuilder.packed(`finish_${moved}_${kind}`);
  const isRows = moved !== 'values';
  const lanes = word === 'u64' ? 2 : 4;
  const [next, full, behind] = [
    k.buf('next', 'u32', 'read'),
    k.buf('full', 'u32', 'read'),
    k.buf('behind', 'u32', 'read'),
  ];
  const store: Rows = {
    words: k.buf('store', word, 'read'),
    lanes,
    order: isRows ? k.buf('store_order', 'u32', 'read') : null,
  };
  const bounds = k.buf('bounds', 'u32', 'read');
  const rows: Rows = {
    words: k.buf('words', word, 'readwrite', true),
    lanes,
    order: isRows ? k.buf('order', 'u32', 'readwrite', true) : null,
  };
  const counts = k.buf('counts', 'u32', 'readwrite', true);
  const to = k.buf('to', isRows ? 'u32' : kind, 'write');
  const [parts, buckets, blocks] = [k.scalar('parts', 'i32'), k.scalar('buckets', 'i32'), k.scalar('blocks', 'i32')];
  const most = k.scalar('most', 'i32');
  const flip = isRows ? null : k.scalar('flip', word);

  const start = k.let(cast(k.load(bounds, k.index), 'i32'));
  const length = k.let(minus(cast(k.load(bounds, k.let(plus(k.index, num(1)))), 'i32'), start));
  k.if(cmp('>', length, num(0)), () => {
    const differing = gather(k, { next, full, behind, parts, buckets, blocks }, store, rows, word);
    const varying = k.let(minus(num(WORD_BITS[word]), cast(un('clz', differing), 'i32')));
    const telling = k.let(plus(minus(num(32), un('clz', length)), num(MORE_BITS)));
    const few = sel(cmp('<=', length, num(FEW)), num(0), telling);
    const bucket: Bucket = { from: k.var(num(0)), length, most, bits: k.var(bin('min', few, varying)), varying };
    const write = (at: SExpr, lanes: 1 | 2 | 4): void => {
      const place = plus(bucket.from, at);
      const value =
        flip === null
          ? k.load(rows.order ?? 0, place, lanes)
          : elementOfWord(k, kind, k.load(rows.words, place, lanes), flip);
      k.store(to, plus(start, at), value);
    };
    const isOpen = k.var(lit('bool', true));
    k.while(isOpen, () => {
      sortByDigits(k, rows, counts, bucket);
      k.set(isOpen, insertAndWrite(k, rows, bucket, write));
      k.set(bucket.bits, varying);
    });
  });
  return k.finish();
});

interface Chains {
  readonly next: number;
  readonly full: number;
  readonly behind: number;
  readonly parts: Get;
  readonly buckets: Get;
  readonly blocks: Get;
}

/** Puts the blocks of the bucket side by side; gives the bits in which words differ. */
function gather(k: KernelBuilder, c: Chains, from: Rows, to: Rows, word: Word): SExpr {
  const { lanes } = from;
  // By registers, and for the words that fill none.
  const [some, every] = [k.var(lit(word, 0, lanes)), k.var(ones(word, lanes))];
  const [someRest, everyRest] = [k.var(lit(word, 0)), k.var(ones(word))];
  const end = k.var(num(0));
  const move = (place: SExpr, at: SExpr, n: 1 | 2 | 4): void => {
    const w = k.load(from.words, place, n);
    k.store(to.words, at, w);
    const [or, and] = n === 1 ? [someRest, everyRest] : [some, every];
    k.set(or, bin('|', or, w));
    k.set(and, bin('&', and, w));
  };
  const moveOrder = (place: SExpr, at: SExpr, n: 1 | 4): void => {
    if (from.order !== null && to.order !== null) k.store(to.order, at, k.load(from.order, place, n));
  };
  k.range(num(0), c.parts, (part) => {
    const slot = k.let(plus(times(part, c.buckets), k.index));
    const block = k.var(plus(times(part, c.blocks), k.index));
    k.range(num(0), cast(k.load(c.full, slot), 'i32'), () => {
      const first = k.let(times(block, num(BLOCK)));
      const at = k.var(num(0));
      k.while(cmp('<', at, num(BLOCK)), () => {
        const [source, sink] = [k.let(plus(first, at)), k.let(plus(end, at))];
        for (let n = 0; n < 16; n += lanes) move(plus(source, num(n)), plus(sink, num(n)), lanes);
        for (let n = 0; n < 16; n += 4) moveOrder(plus(source, num(n)), plus(sink, num(n)), 4);
        k.set(at, plus(at, num(16)));
      });
      k.set(end, plus(end, num(BLOCK)));
      k.set(block, cast(k.load(c.behind, block), 'i32'));
    });
    k.range(times(block, num(BLOCK)), cast(k.load(c.next, slot), 'i32'), (place) => {
      move(place, end, 1);
      moveOrder(place, end, 1);
      k.set(end, plus(end, num(1)));
    });
  });
  const or = lanesOf(k, some).reduce<SExpr>((a, b) => bin('|', a, b), someRest);
  const and = lanesOf(k, every).reduce<SExpr>((a, b) => bin('&', a, b), everyRest);
  return k.let(bin('^', or, and));
}

interface Bucket {
  /** Where its words begin, which passes change; the other side is `most` places from there. */
  readonly from: Get;
  readonly length: Get;
  readonly most: Get;
  /** How many of the bits that vary are looked at. */
  readonly bits: Get;
  readonly varying: Get;
}

/** Sorts by the highest bits, two digits to a reading that counts them. */
function sortByDigits(k: KernelBuilder, rows: Rows, counts: number, b: Bucket): void {
  const passes = k.let(bin('/', plus(b.bits, num(DIGIT_BITS - 1)), num(DIGIT_BITS)));
  const some = k.let(bin('max', passes, num(1)));
  const width = k.let(bin('/', plus(b.bits, minus(some, num(1))), some));
  const low = k.let(bin('max', num(0), minus(b.varying, times(passes, width))));
  const size = k.let(bin('<<', num(1), width));
  const mask = k.let(minus(size, num(1)));
  const shift = k.var(low);
  const left = k.var(passes);
  const digitOf = (w: Get, of: Get): Get => k.let(bin('&', cast(bin('>>', w, cast(of, w.ty.kind)), 'i32'), mask));
  const pass = (of: Get, first: number): void => {
    const to = k.let(minus(b.most, b.from));
    startsOfCounts(k, counts, first, size, to);
    overRows(k, b, (row) => {
      const w = k.load(rows.words, row);
      const place = k.let(cast(increment(k, counts, plus(digitOf(w, of), num(first))), 'i32'));
      k.store(rows.words, place, w);
      if (rows.order !== null) k.store(rows.order, place, k.load(rows.order, row));
    });
    k.set(b.from, to);
  };
  k.while(cmp('>', left, num(0)), () => {
    const second = k.let(plus(shift, width));
    const at = k.var(num(0));
    k.while(cmp('<', at, size), () => {
      k.store(counts, at, lit('u32', 0, 4));
      k.store(counts, plus(at, num(SECOND)), lit('u32', 0, 4));
      k.set(at, plus(at, num(4)));
    });
    k.if(
      cmp('==', left, num(1)),
      () => {
        overRows(k, b, (row) => void increment(k, counts, digitOf(k.load(rows.words, row), shift)));
        pass(shift, 0);
      },
      () => {
        overRows(k, b, (row) => {
          const w = k.load(rows.words, row);
          increment(k, counts, digitOf(w, shift));
          increment(k, counts, plus(digitOf(w, second), num(SECOND)));
        });
        pass(shift, 0);
        pass(second, SECOND);
      },
    );
    k.set(shift, plus(second, width));
    k.set(left, minus(left, num(2)));
  });
}

/** Some rows to a step of a loop: what counts them is a third of the work of one. */
function overRows(
  k: KernelBuilder,
  { from, length }: Pick<Bucket, 'from' | 'length'>,
  step: (row: SExpr) => void,
): void {
  const row = k.var(from);
  const end = k.let(plus(from, length));
  const last = k.let(minus(end, num(UNROLLED)));
  k.while(cmp('<=', row, last), () => {
    for (let n = 0; n < UNROLLED; n++) step(plus(row, num(n)));
    k.set(row, plus(row, num(UNROLLED)));
  });
  k.while(cmp('<', row, end), () => {
    step(row);
    k.set(row, plus(row, num(1)));
  });
}

/** The count at a place, which is counted up. */
function increment(k: KernelBuilder, counts: number, at: SExpr): Get {
  const old = k.load(counts, at);
  k.store(counts, at, plus(old, lit('u32', 1)));
  return old;
}

/** Counts become where their digits begin, from `start` on. */
function startsOfCounts(k: KernelBuilder, counts: number, first: number, size: Get, start: Get): void {
  const next = k.var(cast(start, 'u32'));
  k.range(num(0), size, (at) => {
    const count = k.load(counts, plus(at, num(first)));
    k.store(counts, plus(at, num(first)), next);
    k.set(next, plus(next, count));
  });
}

/**
 * Moves each row in front of those before it that have greater words, and writes it; a register at a time, in most of which
 * nothing is to be moved. True where it gave up, after too many moves.
 */
function insertAndWrite(k: KernelBuilder, rows: Rows, b: Bucket, write: (at: SExpr, lanes: 1 | 2 | 4) => void): Get {
  const { from, length, most } = b;
  const left = k.var(plus(times(length, num(MOST_MOVES)), num(FEW * FEW)));
  write(num(0), 1);
  const at = k.var(num(1));
  const step = (registers: number, lanes: 1 | 2 | 4): void => {
    const before = k.let(minus(plus(from, at), num(1)));
    const words = (row: number): Get => k.load(rows.words, plus(before, num(row)), lanes);
    const places = Array.from({ length: registers }, (_, r) => r * lanes);
    const isGreater = places.map((n): SExpr => cmp('>', words(n), words(n + 1)));
    k.if(
      any(isGreater.reduce((a, b) => bin('|', a, b))),
      () => {
        const lowest = k.var(most);
        for (let n = 1; n <= registers * lanes; n++) {
          const row = k.let(plus(before, num(n)));
          const moved = insert(k, rows, row, from);
          k.set(left, minus(left, minus(row, moved)));
          k.set(lowest, bin('min', lowest, minus(moved, from)));
        }
        k.range(lowest, plus(at, num(registers * lanes)), (place) => write(place, 1));
        k.if(cmp('<', left, num(0)), () => k.set(at, length));
      },
      () => {
        for (const n of places) write(n === 0 ? at : plus(at, num(n)), lanes);
      },
    );
    k.set(at, plus(at, num(registers * lanes)));
  };
  const last = k.let(minus(length, num(CHECKED * rows.lanes)));
  k.while(cmp('<=', at, last), () => step(CHECKED, rows.lanes));
  k.while(cmp('<', at, length), () => step(1, 1));
  return k.let(cmp('<', left, num(0)));
}

/** Moves a row in front of those from `start` on that have greater words; gives where it is then. */
function insert(k: KernelBuilder, { words, order }: Rows, row: Get, start: Get): Get {
  const w = k.load(words, row);
  const rowNumber = order === null ? null : k.load(order, row);
  const at = k.var(row);
  const isGreater = k.var(lit('bool', true));
  k.while(isGreater, () => {
    k.set(isGreater, lit('bool', false));
    k.if(cmp('>', at, start), () => {
      const down = k.let(minus(at, num(1)));
      const other = k.load(words, down);
      k.if(cmp('>', other, w), () => {
        k.store(words, at, other);
        if (order !== null) k.store(order, at, k.load(order, down));
        k.set(at, down);
        k.set(isGreater, lit('bool', true));
      });
    });
  });
  k.store(words, at, w);
  if (order !== null && rowNumber !== null) k.store(order, at, rowNumber);
  return at;
}
