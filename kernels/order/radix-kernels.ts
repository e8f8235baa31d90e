/** The kernels of the radix sort: counting and dealing by the topmost digit, and what is done with the rows of each. */

import { type ScalarKind, scalarBytes } from '../../compiler/index.ts';
import {
  bin,
  cast,
  cmp,
  type Get,
  type Kernel,
  KernelBuilder,
  lane,
  lit,
  type SExpr,
  splat,
} from '../../compiler/kernels.ts';
import { once } from '../machine.ts';
import { num } from '../terms.ts';
import { elementOfWord, ofTopBit, type Ties, wordOf, wordOfElement } from './words.ts';

/** What is moved: words alone, whose values are asked for; row numbers with them, those of `order` or in `first` the rows. */
export type Moved = 'values' | 'rows' | 'first';

/** Elements of a row of the kernels that read the column: what is computed of them takes registers. */
export const BLOCK = 8;

/** Words that a register holds, where elements are loaded as words. */
const registerLanes = (kind: ScalarKind): 1 | 2 | 4 => (scalarBytes(kind) < 4 ? 1 : wordOf(kind) === 'u64' ? 2 : 4);

/** Reads a block of the column: words, as many as a register holds, from row `at` on. */
function overBlock(
  k: KernelBuilder,
  kind: ScalarKind,
  ties: Ties,
  column: number,
  each: (words: Get, at: Get) => void,
): void {
  const [length, flip] = [k.scalar('length', 'i32'), k.scalar('flip', wordOf(kind))];
  const step = (at: Get, lanes: 1 | 2 | 4): void =>
    each(k.let(wordOfElement(k, kind, ties, k.load(column, at, lanes), flip)), at);
  const lanes = registerLanes(kind);
  const first = k.let(bin('*', k.index, num(BLOCK)));
  k.if(
    cmp('<=', bin('+', first, num(BLOCK)), length),
    () => {
      for (let place = 0; place < BLOCK; place += lanes) step(k.let(bin('+', first, num(place))), lanes);
    },
    () => k.range(first, length, (row) => step(row, 1)),
  );
}

/** The same with the topmost digits of the words, each as a scalar. */
function overDigits(
  k: KernelBuilder,
  kind: ScalarKind,
  ties: Ties,
  column: number,
  each: (words: Get, digits: readonly Get[], at: Get) => void,
): void {
  const word = wordOf(kind);
  const fields = ['', 'top_'].map((name) => [k.scalar(`${name}shift`, word), k.scalar(`${name}mask`, word)] as const);
  overBlock(k, kind, ties, column, (words, at) => {
    const { lanes } = words.ty;
    const [own, top] = fields.map(([shift, mask]) =>
      bin('&', bin('>>', words, splat(shift, lanes)), splat(mask, lanes)),
    );
    const digits = k.let(own === undefined || top === undefined ? words : bin('|', own, top));
    each(
      words,
      lanesOf(k, digits).map((d) => k.let(cast(d, 'i32'))),
      at,
    );
  });
}

/** The lanes of a value, each as a scalar. */
const lanesOf = (k: KernelBuilder, e: SExpr): readonly Get[] =>
  Array.from({ length: e.ty.lanes }, (_, l) => k.let(lane(e, l)));

/** The count at a place, which is counted up. */
function increment(k: KernelBuilder, counts: number, at: Get): Get {
  const old = k.load(counts, at);
  k.store(counts, at, bin('+', old, lit('u32', 1)));
  return old;
}

/**
 * Finds out in which of the `compared` bits words are not like `like`, those with the top bit not like `like ^ turn`: a
 * number with the highest of them for its highest bit.
 */
export const compare = once((kind: ScalarKind, ties: Ties): Kernel => {
  const word = wordOf(kind);
  const k = KernelBuilder.packed(`compare_${ties}_${kind}`);
  const column = k.buf('column', kind, 'read');
  const [like, turn, compared] = [k.scalar('like', word), k.scalar('turn', word), k.scalar('compared', word)];
  const differs = k.reduction('differs', word, 'max');
  // By registers, and for the rows that fill none.
  const [found, rest] = [k.var(lit(word, 0, registerLanes(kind))), k.var(lit(word, 0))];
  overBlock(k, kind, ties, column, (words) => {
    const { lanes } = words.ty;
    const turned = bin('&', ofTopBit(words, word), splat(turn, lanes));
    const difference = bin('^', bin('^', words, splat(like, lanes)), turned);
    const to = lanes === found.ty.lanes ? found : rest;
    k.set(to, bin('|', to, difference));
  });
  const all = lanesOf(k, found).reduce<SExpr>((a, b) => bin('|', a, b), rest);
  k.accum(differs, bin('&', all, compared));
  return k.finish();
});

/** Counts topmost digits. */
export const countTop = once((kind: ScalarKind, ties: Ties): Kernel => {
  const k = KernelBuilder.packed(`count_top_${ties}_${kind}`);
  const [column, counts] = [k.buf('column', kind, 'read'), k.buf('counts', 'u32', 'readwrite', true)];
  overDigits(k, kind, ties, column, (_words, digits) => {
    for (const digit of digits) increment(k, counts, digit);
  });
  return k.finish();
});

/** Moves words to the places of their topmost digit, and row numbers with them. */
export const deal = once((kind: ScalarKind, ties: Ties, moved: Moved): Kernel => {
  const k = KernelBuilder.packed(`deal_${moved}_${ties}_${kind}`);
  const [column, starts] = [k.buf('column', kind, 'read'), k.buf('starts', 'u32', 'readwrite', true)];
  const to = k.buf('words', wordOf(kind), 'write');
  const order = moved === 'rows' ? k.buf('order', 'u32', 'read') : null;
  const toOrder = moved === 'values' ? null : k.buf('to_order', 'u32', 'write');
  overDigits(k, kind, ties, column, (words, digits, at) => {
    const scalars = lanesOf(k, words);
    for (const [l, digit] of digits.entries()) {
      const place = k.let(cast(increment(k, starts, digit), 'i32'));
      k.store(to, place, scalars[l] ?? words);
      const row = l === 0 ? at : k.let(bin('+', at, num(l)));
      if (toOrder !== null) k.store(toOrder, place, order === null ? cast(row, 'u32') : k.load(order, row));
    }
  });
  return k.finish();
});

/** Rows in a buffer: words, and row numbers where they are moved. */
interface Rows {
  readonly words: number;
  readonly order: number | null;
}

/** Moves of words, to every word, after which neighbours are not what the sample said. */
const MOST_MOVES = 8;

/**
 * Sorts the rows of a topmost digit: by the other digits, each pass from one buffer to the other, then by all bits where
 * `isCut`; and writes values.
 */
export const finish = once((kind: ScalarKind, moved: Moved, passes: number, isCut: boolean): Kernel => {
  const word = wordOf(kind);
  const k = KernelBuilder.packed(`finish_${moved}_${passes}${isCut ? '_cut' : ''}_${kind}`);
  const bounds = k.buf('bounds', 'u32', 'read');
  const counts = passes > 0 ? k.buf('counts', 'u32', 'readwrite', true) : 0;
  const sides = passes > 0 ? ['a', 'b'] : ['a'];
  const words = sides.map((side) => k.buf(`words_${side}`, word, 'readwrite'));
  const values = moved === 'values' ? k.buf('values', kind, 'write') : null;
  const orders = moved === 'values' ? [] : sides.map((side) => k.buf(`order_${side}`, 'u32', 'readwrite'));
  const flip = values === null ? null : k.scalar('flip', word);
  const digits = passes > 0 ? { mask: k.scalar('mask', 'i32'), size: k.scalar('size', 'i32') } : null;
  const shifts = Array.from({ length: passes }, (_, pass) => k.scalar(`shift${pass}`, word));
  const side = (n: number): Rows => ({ words: words[n % 2] ?? 0, order: orders[n % 2] ?? null });

  const start = k.let(cast(k.load(bounds, k.index), 'i32'));
  const end = k.let(cast(k.load(bounds, k.let(bin('+', k.index, num(1)))), 'i32'));
  k.if(cmp('<', start, end), () => {
    if (digits !== null) {
      const { mask, size } = digits;
      /** Where the count of the digit of a word is. */
      const countOf = (w: SExpr, pass: number): Get => {
        const digit = bin('&', cast(bin('>>', w, shifts[pass] ?? lit(word, 0)), 'i32'), mask);
        return k.let(pass === 0 ? digit : bin('+', digit, bin('*', size, num(pass))));
      };
      const total = k.let(bin('*', size, num(passes)));
      const at = k.var(num(0));
      k.while(cmp('<', at, total), () => {
        k.store(counts, at, lit('u32', 0, 4));
        k.set(at, bin('+', at, num(4)));
      });
      k.range(start, end, (row) => {
        const w = k.load(side(0).words, row);
        for (let pass = 0; pass < passes; pass++) increment(k, counts, countOf(w, pass));
      });
      for (let pass = 0; pass < passes; pass++) {
        startsOfCounts(k, counts, k.let(bin('*', size, num(pass))), size, start);
      }
      for (let pass = 0; pass < passes; pass++) {
        const [from, to] = [side(pass), side(pass + 1)];
        k.range(start, end, (row) => {
          const w = k.load(from.words, row);
          const place = k.let(cast(increment(k, counts, countOf(w, pass)), 'i32'));
          k.store(to.words, place, w);
          if (from.order !== null && to.order !== null) k.store(to.order, place, k.load(from.order, row));
        });
      }
    }
    const last = side(passes);
    if (isCut) insert(k, last, start, end);
    if (values !== null && flip !== null) writeValues(k, kind, last.words, values, flip, start, end);
  });
  return k.finish();
});

/** Counts become where their digits begin, from `start` on. */
function startsOfCounts(k: KernelBuilder, counts: number, first: Get, size: Get, start: Get): void {
  const next = k.var(cast(start, 'u32'));
  k.range(first, bin('+', first, size), (at) => {
    const count = k.load(counts, at);
    k.store(counts, at, next);
    k.set(next, bin('+', next, count));
  });
}

/** Moves each row in front of those before it that have greater words; stops where that is too much work. */
function insert(k: KernelBuilder, { words, order }: Rows, start: Get, end: Get): void {
  const before = k.var(k.load(words, start));
  const work = k.var(num(0));
  const most = k.let(bin('+', bin('*', bin('-', end, start), num(MOST_MOVES)), num(MOST_MOVES)));
  k.range(bin('+', start, num(1)), end, (row) => {
    const w = k.load(words, row);
    k.if(
      cmp('<', w, before),
      () => {
        const rowNumber = order === null ? null : k.load(order, row);
        const [at, greater] = [k.var(row), k.var(before)];
        const isGreater = k.var(lit('bool', true));
        k.while(isGreater, () => {
          const down = k.let(bin('-', at, num(1)));
          k.store(words, at, greater);
          if (order !== null) k.store(order, at, k.load(order, down));
          k.set(at, down);
          k.set(isGreater, lit('bool', false));
          k.if(cmp('>', down, start), () => {
            k.set(greater, k.load(words, k.let(bin('-', down, num(1)))));
            k.set(isGreater, cmp('>', greater, w));
          });
        });
        k.store(words, at, w);
        if (order !== null && rowNumber !== null) k.store(order, at, rowNumber);
        k.set(work, bin('+', work, bin('-', row, at)));
        k.fail('TableFull', cmp('>', work, most));
      },
      () => k.set(before, w),
    );
  });
}

/** The values of words, a register at a time. */
function writeValues(
  k: KernelBuilder,
  kind: ScalarKind,
  words: number,
  values: number,
  flip: Get,
  start: Get,
  end: Get,
): void {
  const lanes = wordOf(kind) === 'u64' ? 2 : 4;
  const at = k.var(start);
  const step = (count: 1 | 2 | 4): void => {
    k.store(values, at, elementOfWord(k, kind, k.load(words, at, count), flip));
    k.set(at, bin('+', at, num(count)));
  };
  const last = k.let(bin('-', end, num(lanes)));
  k.while(cmp('<=', at, last), () => step(lanes));
  k.while(cmp('<', at, end), () => step(1));
}
