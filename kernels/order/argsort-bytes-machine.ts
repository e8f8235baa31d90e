/**
 * The machine form of argsort_bytes: all rows by their first eight bytes, then those that are still equal, and go on, by the
 * next eight, until none are left.
 *
 *     word     eight bytes, the first one topmost, zeros behind the end
 *     rest     how many bytes there were, up to 9 for more: that tells an end from a zero
 *     group    the first place of rows that are equal so far
 */

import { I64, type TypedArray } from '../../compiler/index.ts';
import { bin, cast, cmp, type Get, KernelBuilder, lit, type SExpr } from '../../compiler/kernels.ts';
import { MAP_ROWS, type Machine, type MachineForm, once } from '../machine.ts';
import { num } from '../terms.ts';
import { type Strings, stringsOf } from './argsort-bytes.ts';
import { gathered, numbers, sortRows } from './argsort-machine.ts';
import { kept } from './kept.ts';
import { zeros } from './radix.ts';

const BYTES = 8;

export const argsortBytesMachine: MachineForm = async ([desc, ...args], m) => {
  const strings = stringsOf(args);
  const { rows } = strings;
  const order = m.alloc.alloc('u32', rows);
  for (let row = 0; row < rows; row++) order[row] = row;
  let open: Open = { places: order.slice(), groups: zeros(m, rows) };
  for (let depth = 0; open.places.length > 1; depth += BYTES) {
    open = await sortOpen(m, strings, order, open, depth, desc === true);
  }
  return { kind: 'vec', elem: I64, length: rows, cols: [await numbers(m, order, rows)] };
};

/** Places of the order whose rows are not yet told apart, and the group of each. */
interface Open {
  readonly places: TypedArray;
  readonly groups: TypedArray;
}

/** Sorts the rows of groups by the bytes at `depth`; gives those that these do not tell apart. */
async function sortOpen(
  m: Machine,
  { offsets, bytes }: Strings,
  order: TypedArray,
  { places, groups }: Open,
  depth: number,
  descending: boolean,
): Promise<Open> {
  const { length } = places;
  const map = { rows: length, rowsPerPart: MAP_ROWS };
  const rows = await gathered(m, 'u32', order, places);
  const [words, rests] = [m.alloc.alloc('u64', length), m.alloc.alloc('u8', length)];
  await m.launch(wordsAt(), { ...map, bufs: [offsets.cells, bytes.cells, rows, words, rests], scalars: [depth] });
  const keys = [
    { kind: 'u32', column: groups, descending: false },
    { kind: 'u64', column: words, descending },
    { kind: 'u8', column: rests, descending },
  ] as const;
  const sorted = (await sortRows(m, keys, length)) ?? places;
  await m.launch(scatter(), { ...map, bufs: [sorted, rows, places, order] });

  const inOrder = {
    groups: await gathered(m, 'u32', groups, sorted),
    words: await gathered(m, 'u64', words, sorted),
    rests: await gathered(m, 'u8', rests, sorted),
  };
  const codes = m.alloc.alloc('u32', length);
  const report = await m.launch(findTies(), {
    ...map,
    bufs: [inOrder.groups, inOrder.words, inOrder.rests, codes],
    scalars: [length],
  });
  const ties = kept(codes, report);
  const next: Open = { places: m.alloc.alloc('u32', ties.length), groups: m.alloc.alloc('u32', ties.length) };
  let group = 0;
  for (let k = 0; k < ties.length; k++) {
    const code = Number(ties[k]);
    if (code % 2 === 0) group = k;
    next.places[k] = places[code >>> 1] ?? 0;
    next.groups[k] = group;
  }
  return next;
}

/** The word and the rest of each row, from byte `depth` on. */
const wordsAt = once(() => {
  const k = KernelBuilder.packed('words_of_bytes');
  const [offsets, bytes] = [k.buf('offsets', 'i64', 'read'), k.buf('bytes', 'u8', 'read')];
  const rows = k.buf('rows', 'u32', 'read');
  const [words, rests] = [k.buf('words', 'u64', 'write'), k.buf('rests', 'u8', 'write')];
  const depth = k.scalar('depth', 'i32');
  const row = k.let(cast(k.load(rows, k.index), 'i32'));
  const start = k.let(bin('+', cast(k.load(offsets, row), 'i32'), depth));
  const left = k.let(bin('-', cast(k.load(offsets, k.let(bin('+', row, num(1)))), 'i32'), start));
  const word = k.var(lit('u64', 0));
  const put = (at: Get, shift: SExpr): void =>
    k.set(word, bin('|', word, bin('<<', cast(k.load(bytes, at), 'u64'), shift)));
  k.if(
    cmp('>=', left, num(BYTES)),
    () => {
      for (let b = 0; b < BYTES; b++) put(k.let(bin('+', start, num(b))), lit('u64', 8 * (BYTES - 1 - b)));
    },
    () => {
      const shift = k.var(lit('u64', 8 * (BYTES - 1)));
      k.range(start, bin('+', start, left), (at) => {
        put(at, shift);
        k.set(shift, bin('-', shift, lit('u64', 8)));
      });
    },
  );
  k.store(words, k.index, word);
  k.store(rests, k.index, cast(bin('min', left, num(BYTES + 1)), 'u8'));
  return k.finish();
});

/** order[places[k]] = rows[sorted[k]]. */
const scatter = once(() => {
  const k = new KernelBuilder('put_rows_in_order');
  const [sorted, rows] = [k.buf('sorted', 'u32', 'read'), k.buf('rows', 'u32', 'read')];
  const [places, order] = [k.buf('places', 'u32', 'read'), k.buf('order', 'u32', 'write')];
  const row = k.load(rows, k.let(cast(k.load(sorted, k.index), 'i32')));
  k.store(order, k.let(cast(k.load(places, k.index), 'i32')), row);
  return k.finish();
});

/** Keeps rows that are like a neighbour and go on: twice their place, and 1 more where they are like the one before. */
const findTies = once(() => {
  const k = KernelBuilder.packed('find_ties');
  const keys = [k.buf('groups', 'u32', 'read'), k.buf('words', 'u64', 'read'), k.buf('rests', 'u8', 'read')];
  const ties = k.buf('ties', 'u32', 'write');
  const length = k.scalar('length', 'i32');
  const cursor = k.cursor();
  const own = keys.map((key) => k.load(key, k.index));
  const [, , rest] = own;
  const isLike = (at: SExpr, isThere: SExpr): Get => {
    const place = k.let(at);
    return k.let(
      keys.reduce<SExpr>(
        (like, key, n) => bin('&', like, cmp('==', k.load(key, place), own[n] ?? lit('u8', 0))),
        isThere,
      ),
    );
  };
  const before = isLike(bin('max', bin('-', k.index, num(1)), num(0)), cmp('>', k.index, num(0)));
  const last = bin('-', length, num(1));
  const after = isLike(bin('min', bin('+', k.index, num(1)), last), cmp('<', k.index, last));
  const goesOn = cmp('==', rest ?? lit('u8', 0), lit('u8', BYTES + 1));
  const code = cast(bin('+', bin('*', k.index, num(2)), cast(before, 'i32')), 'u32');
  k.if(bin('&', goesOn, bin('|', before, after)), () => k.push(cursor, [[ties, code]]));
  return k.finish();
});
