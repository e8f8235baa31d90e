/**
 * Cells of strings as codes in order of first appearance, on all threads.
 *
 *     find      a part looks its cells up among the strings known so far, and gives those that are not there numbers of
 *               its own, in a table of its own
 *     merge     one thread goes through the new strings of the parts, in order: they get the next codes
 *     settle    the numbers of a part become codes
 *
 * Parts come in the order of their rows, so the codes are the same for any number of parts. The strings lie end to end in
 * one arena (`strings.ts`).
 *
 * Cells with doubled quotes or an escape are told apart as they are written, and get their text when they are merged.
 */

import type { TypedArray } from '../../compiler/index.ts';
import {
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
  un,
  whole,
} from '../../compiler/kernels.ts';
import { jsonUnescape } from '../json/unescape-machine.ts';
import { type Machine, once } from '../machine.ts';
import { both, either, num, u64 } from '../terms.ts';
import { declareCells, findCell, firstBytes, isNullCell, sixteen } from './cell-machine.ts';
import type { Room } from './room.ts';
import { JSON_ESCAPES, type Layout, QUOTE } from './rows.ts';
import { firstWord, hashOf, isSame, type Known, lookUp, placeIn, type Text } from './string-lookup.ts';
import { bytesOf, type Strings } from './strings.ts';

/** What a part notes of a new string: where it is written, how long it is (-1 - length with quotes or escapes in it), hash. */
const NOTE = 3;
/** The length that says that a cell is null. */
const NULL = -(2 ** 31);
/** Slots that stay in the cache of a core. */
const CACHED_SLOTS = 1 << 14;
/** Rows that are looked up together. */
const BATCH = 64;
const BACKSLASH = 0x5c;

export interface StringCells {
  readonly text: TypedArray;
  readonly layout: Layout;
  readonly column: number;
  /** The texts that mean null, and their number. */
  readonly nulls: TypedArray;
  readonly nullCount: number;
  /** -1 for none. */
  readonly escape: number;
  readonly data: TypedArray;
  readonly validity: TypedArray;
}

/** Writes the codes of a column of a layout; gives how many cells are null. */
export async function readStrings(
  m: Machine,
  room: Room,
  strings: Strings,
  cells: StringCells,
  rowsPerPart = Math.max(1024, Math.ceil(cells.layout.rows / (2 * m.threads))),
): Promise<number> {
  const { text, layout, column, nulls, nullCount, data, validity } = cells;
  const { rows, rowStarts, ends, columns } = layout;
  const parts = Math.ceil(rows / rowsPerPart);
  const slots = 2 ** Math.ceil(Math.log2(2 * rowsPerPart));
  const own = room.made('own', 'i32', parts * slots, (whole) => bytesOf(whole).fill(0));
  const notes = room.i32('notes', parts * rowsPerPart * NOTE);
  const ownSlots = room.i32('ownSlots', parts * rowsPerPart);
  const counted = room.i32('counted', parts * 3);
  const batch = room.i32('batch', parts * BATCH * NOTE);
  const found = room.i32('found', parts * BATCH);
  const [arenaBefore, , tableBefore] = strings.buffers();
  await m.launch(find(), {
    rows: parts,
    rowsPerPart: 1,
    bufs: [
      text,
      rowStarts,
      ends,
      nulls,
      arenaBefore,
      tableBefore,
      own,
      notes,
      ownSlots,
      counted,
      batch,
      found,
      data,
      validity,
    ],
    scalars: [column, columns, nullCount, rows, rowsPerPart, slots, strings.size, cells.escape],
  });
  let [nullCells, added, bytes] = [0, 0, 0];
  for (let p = 0; p < parts; p++) {
    nullCells += counted[3 * p] ?? 0;
    added += counted[3 * p + 1] ?? 0;
    bytes += counted[3 * p + 2] ?? 0;
  }
  if (added === 0) return nullCells;

  strings.reserve(added, bytes);
  const state = room.i32('state', 2);
  state.set([strings.count, strings.used]);
  const codes = room.i32('codes', parts * rowsPerPart);
  const [arena, arenaEnds, table] = strings.buffers();
  await m.launch(merge(), {
    rows: 1,
    rowsPerPart: 1,
    bufs: [text, notes, counted, arena, table, arenaEnds, codes, state],
    scalars: [parts, rowsPerPart, strings.size, cells.escape],
  });
  [strings.count, strings.used] = [state[0] ?? 0, state[1] ?? 0];
  const settled = { copies: codes, length: rowsPerPart };
  await m.launch(settle(), { rows, rowsPerPart, bufs: [data, settled] });
  return nullCells;
}

/** Has a string a quote or an escape in it? */
function hasSpecial(k: KernelBuilder, { buf, start, length }: Text, escapeByte: Get): Get {
  const special = k.var(lit('bool', false));
  const done = k.var(num(0));
  const mark = sel(cmp('==', escapeByte, num(JSON_ESCAPES)), num(BACKSLASH), bin('max', escapeByte, num(QUOTE)));
  const other = k.let(splat(cast(mark, 'u8'), 16));
  k.while(cmp('<', done, length), () => {
    const bytes = k.let(firstBytes(sixteen(k, buf, bin('+', start, done)), bin('-', length, done)));
    const marks = bin('|', cmp('==', bytes, lit('u8', QUOTE, 16)), cmp('==', bytes, other));
    k.set(special, either(special, cmp('!=', whole('bits', marks), num(0))));
    k.set(done, bin('+', done, num(16)));
  });
  return special;
}

/** A part a row. Counts of a part: nulls, new strings, their bytes. */
const find = once((): Kernel => {
  const k = KernelBuilder.packed('csv_find_strings');
  const cells = declareCells(k);
  const known: Known = {
    arena: k.buf('arena', 'u8', 'read'),
    slots: k.buf('slots', 'u64', 'read'),
  };
  const own = k.buf('own', 'i32', 'readwrite');
  const notes = k.buf('notes', 'i32', 'readwrite');
  const ownSlots = k.buf('own_slots', 'i32', 'readwrite');
  const counted = k.buf('counted', 'i32', 'write');
  const [batch, found] = [k.buf('batch', 'i32', 'readwrite'), k.buf('found', 'i32', 'readwrite')];
  const [data, validity] = [k.buf('data', 'i32', 'write'), k.buf('validity', 'u8', 'write')];
  const [rows, perPart] = [k.scalar('rows', 'i32'), k.scalar('rows_per_part', 'i32')];
  const [slots, size] = [k.scalar('own_size', 'i32'), k.scalar('size', 'i32')];
  const escapeByte = k.scalar('escape', 'i32');
  const firstRow = k.let(bin('*', k.index, perPart));
  const lastRow = k.let(bin('min', bin('+', firstRow, perPart), rows));
  const firstSlot = k.let(bin('*', k.index, slots));
  const [nulls, added, bytes] = [k.var(num(0)), k.var(num(0)), k.var(num(0))];
  const noteAt = (entry: SExpr, n: number): Get =>
    k.let(bin('+', bin('*', bin('+', firstRow, entry), num(NOTE)), num(n)));

  /** The code of a string among the new ones of the part: -1 - entry. */
  const ownCode = (text: Text, noted: Get, hash: Get): SExpr => {
    const slot = k.var(bin('&', hash, bin('-', slots, num(1))));
    const entry = k.var(k.load(own, k.let(bin('+', firstSlot, slot))));
    const isFound = k.var(lit('bool', false));
    k.while(both(un('not', isFound), cmp('!=', entry, num(0))), () => {
      const e = k.let(bin('-', entry, num(1)));
      const sameHash = cmp('==', k.load(notes, noteAt(e, 2)), hash);
      k.if(both(sameHash, cmp('==', k.load(notes, noteAt(e, 1)), noted)), () =>
        k.set(isFound, isSame(k, text, { buf: text.buf, start: k.load(notes, noteAt(e, 0)) })),
      );
      k.if(un('not', isFound), () => {
        k.set(slot, bin('&', bin('+', slot, num(1)), bin('-', slots, num(1))));
        k.set(entry, k.load(own, k.let(bin('+', firstSlot, slot))));
      });
    });
    k.if(un('not', isFound), () => {
      const place = k.let(bin('+', firstSlot, slot));
      k.store(ownSlots, k.let(bin('+', firstRow, added)), place);
      for (const [n, value] of [text.start, noted, hash].entries()) k.store(notes, noteAt(added, n), value);
      k.set(added, bin('+', added, num(1)));
      k.set(bytes, bin('+', bytes, text.length));
      k.set(entry, added);
      k.store(own, place, entry);
    });
    return un('neg', entry);
  };
  const placeInBatch = (n: SExpr): Get => k.let(bin('+', bin('*', k.index, num(BATCH)), n));
  const batchAt = (n: SExpr, what: number): Get => k.let(bin('+', bin('*', placeInBatch(n), num(NOTE)), num(what)));
  const row = k.var(firstRow);
  const touched = k.var(num(0));
  k.while(cmp('<', row, lastRow), () => {
    const inBatch = k.let(bin('min', bin('-', lastRow, row), num(BATCH)));
    k.range(num(0), inBatch, (n) => {
      const at = k.let(bin('+', row, n));
      const cell = findCell(k, cells, at);
      const isNull = isNullCell(k, cells, cell);
      k.store(validity, at, cast(un('not', isNull), 'u8'));
      k.set(nulls, bin('+', nulls, cast(isNull, 'i32')));
      const length = k.let(bin('-', cell.end, cell.start));
      const text: Text = { buf: cell.text, start: cell.start, length };
      const special = k.var(lit('bool', false));
      k.if(cell.isQuoted, () => k.set(special, hasSpecial(k, text, escapeByte)));
      const noted = sel(isNull, num(NULL), sel(special, bin('-', num(-1), length), length));
      for (const [what, value] of [cell.start, noted, hashOf(k, text)].entries())
        k.store(batch, batchAt(n, what), value);
    });
    // Of a table larger than the cache, what the look-ups of a batch will read comes side by side instead of one after the
    // other.
    k.if(cmp('>', size, num(CACHED_SLOTS)), () => {
      k.range(num(0), inBatch, (n) => {
        const hash = k.load(batch, batchAt(n, 2));
        const slot = k.let(bin('&', hash, bin('-', size, num(1))));
        // Of a string with another hash no more is read.
        const word = k.load(known.slots, firstWord(k, slot));
        const isLikely = cmp('==', cast(cast(bin('>>', word, u64(32)), 'u32'), 'i32'), hash);
        k.store(found, placeInBatch(n), sel(isLikely, placeIn(k, known, slot).start, num(0)));
      });
      k.range(num(0), inBatch, (n) => {
        const byte = k.load(known.arena, k.load(found, placeInBatch(n)));
        k.set(touched, bin('+', touched, cast(byte, 'i32')));
      });
    });
    k.range(num(0), inBatch, (n) => {
      const [start, noted, hash] = [0, 1, 2].map((what) => k.load(batch, batchAt(n, what)));
      if (start === undefined || noted === undefined || hash === undefined) return;
      const code = k.var(num(0));
      k.if(cmp('!=', noted, num(NULL)), () => {
        const isSpecial = k.let(cmp('<', noted, num(0)));
        const length = k.let(sel(isSpecial, bin('-', num(-1), noted), noted));
        const text: Text = { buf: cells.text, start, length };
        k.set(code, num(-1));
        k.if(un('not', isSpecial), () => k.set(code, lookUp(k, known, size, text, hash).code));
        k.if(cmp('<', code, num(0)), () => k.set(code, ownCode(text, noted, hash)));
      });
      k.store(data, k.let(bin('+', row, n)), code);
    });
    k.set(row, bin('+', row, inBatch));
  });
  // Lest nobody look at what was touched.
  k.store(found, k.let(bin('*', k.index, num(BATCH))), touched);
  // The next launch finds its table empty.
  k.range(num(0), added, (e) => k.store(own, k.load(ownSlots, k.let(bin('+', firstRow, e))), num(0)));
  for (const [n, value] of [nulls, added, bytes].entries()) {
    k.store(counted, k.let(bin('+', bin('*', k.index, num(3)), num(n))), value);
  }
  return k.finish();
});

/** All parts, one after the other. State: how many strings there are, and how many bytes. */
const merge = once((): Kernel => {
  const k = KernelBuilder.packed('csv_merge_strings');
  const text = k.buf('text', 'u8', 'read');
  const [notes, counted] = [k.buf('notes', 'i32', 'read'), k.buf('counted', 'i32', 'read')];
  const known: Known = {
    arena: k.buf('arena', 'u8', 'readwrite'),
    slots: k.buf('slots', 'u64', 'readwrite'),
  };
  const ends = k.buf('arena_ends', 'i32', 'write');
  const [codes, state] = [k.buf('codes', 'i32', 'write'), k.buf('state', 'i32', 'readwrite')];
  const [parts, perPart] = [k.scalar('parts', 'i32'), k.scalar('rows_per_part', 'i32')];
  const [size, escapeByte] = [k.scalar('size', 'i32'), k.scalar('escape', 'i32')];
  const [count, used] = [k.var(k.load(state, num(0))), k.var(k.load(state, num(1)))];
  k.range(num(0), parts, (part) => {
    const added = k.load(counted, k.let(bin('+', bin('*', part, num(3)), num(1))));
    k.range(num(0), added, (e) => {
      const entry = k.let(bin('+', bin('*', part, perPart), e));
      const note = (n: number): Get => k.load(notes, k.let(bin('+', bin('*', entry, num(NOTE)), num(n))));
      const [start, noted] = [note(0), note(1)];
      const hash = k.var(note(2));
      const length = k.var(noted);
      k.if(
        cmp('>=', noted, num(0)),
        () => {
          const done = k.var(num(0));
          k.while(cmp('<', done, length), () => {
            k.store(known.arena, k.let(bin('+', used, done)), sixteen(k, text, bin('+', start, done)));
            k.set(done, bin('+', done, num(16)));
          });
        },
        () => {
          k.set(length, num(0));
          const content = { text, start, end: k.let(bin('+', start, bin('-', num(-1), noted))) };
          const append = (byte: SExpr): void => {
            k.store(known.arena, k.let(bin('+', used, length)), byte);
            k.set(length, bin('+', length, num(1)));
          };
          k.if(
            cmp('==', escapeByte, num(JSON_ESCAPES)),
            () => jsonUnescape(k, content, append),
            () => unquote(k, content, escapeByte, append),
          );
          k.set(hash, hashOf(k, { buf: known.arena, start: used, length }));
        },
      );
      const { code, slot } = lookUp(k, known, size, { buf: known.arena, start: used, length }, hash);
      k.if(cmp('<', code, num(0)), () => {
        k.set(code, count);
        k.set(count, bin('+', count, num(1)));
        k.set(used, bin('+', used, length));
        k.store(ends, count, used);
        const word = (x: SExpr): SExpr => cast(cast(x, 'u32'), 'u64');
        const first = firstWord(k, slot);
        k.store(known.slots, first, bin('|', bin('<<', word(hash), u64(32)), word(count)));
        const start = bin('-', used, length);
        k.store(known.slots, k.let(bin('+', first, num(1))), bin('|', bin('<<', word(start), u64(32)), word(length)));
      });
      k.store(codes, entry, code);
    });
  });
  k.store(state, num(0), count);
  k.store(state, num(1), used);
  return k.finish();
});

/** The bytes of a quoted text: of doubled quotes the second, and what is behind an escape. */
function unquote(
  k: KernelBuilder,
  { text, start, end }: { readonly text: number; readonly start: Get; readonly end: Get },
  escapeByte: Get,
  each: (byte: Get) => void,
): void {
  const at = k.var(start);
  k.while(cmp('<', at, end), () => {
    const byte = k.load(text, at);
    const isMark = either(cmp('==', byte, lit('u8', QUOTE)), cmp('==', cast(byte, 'i32'), escapeByte));
    k.if(both(isMark, cmp('<', bin('+', at, num(1)), end)), () => k.set(at, bin('+', at, num(1))));
    each(k.load(text, at));
    k.set(at, bin('+', at, num(1)));
  });
}

/** data[row] = the code of a number of its part, which are below zero. */
const settle = once((): Kernel => {
  const k = new KernelBuilder('csv_settle_strings');
  const [data, codes] = [k.buf('data', 'i32', 'readwrite'), k.buf('codes', 'i32', 'read', true)];
  const code = k.load(data, k.index);
  const entry = k.let(bin('max', bin('-', num(-1), code), num(0)));
  k.store(data, k.index, sel(cmp('<', code, num(0)), k.load(codes, entry), code));
  return k.finish();
});
