/**
 * The lines of NDJSON and their fields, on all threads. JSON has no line ends in strings, so every one ends a line.
 *
 *     count     a part counts the lines that begin behind its line ends and are not blank
 *     (host)    the counts before a part say which row its first line is
 *     fields    a part reads its lines one after the other, also where they go on behind the part
 *
 * Lines that are left (`objects-machine.ts`) are listed by row; the definition reads them.
 */

import { bin, cast, cmp, type Get, type Kernel, KernelBuilder, lit, un, whole } from '../../compiler/kernels.ts';
import { sixteen } from '../csv/cell-machine.ts';
import type { Room } from '../csv/room.ts';
import { type Layout, LF } from '../csv/rows.ts';
import { type Machine, once } from '../machine.ts';
import { both, num, yes } from '../terms.ts';
import { readFields, skipLine } from './objects-machine.ts';
import { isByte, type Line, skipBlanks } from './values-machine.ts';

/** Bytes of a part: small enough that the second pass finds them in the cache. */
const PART = 1 << 16;

/** Lines by kernels, and the rows of those that were left, in order. */
export interface ReadLines {
  readonly layout: Layout;
  readonly left: readonly number[];
}

/**
 * The fields of the lines in text[from, to), which ends with a line end; there are 64 bytes behind it. The layout has two
 * fields a key, of which the second is the value and the first whatever stands before it; keys are given as UTF-8, those
 * that have to be written with escapes as null.
 */
export async function readLines(
  m: Machine,
  room: Room,
  text: Uint8Array,
  { from, to, keys }: { readonly from: number; readonly to: number; readonly keys: readonly (Uint8Array | null)[] },
  part = PART,
): Promise<ReadLines> {
  const parts = Math.ceil((to - from) / part);
  const each = { rows: parts, rowsPerPart: 1 };
  const counts = room.i32('counts', parts);
  const scalars = [from, to, part];
  await m.launch(countLines(), { ...each, bufs: [text, counts], scalars });

  const starts = room.i32('lineStarts', parts);
  let rows = 0;
  for (let p = 0; p < parts; p++) {
    starts[p] = rows;
    rows += counts[p] ?? 0;
  }
  const columns = 2 * keys.length;
  const rowStarts = room.i32('rowStarts', rows);
  const ends = room.i32('fields', columns * rows);
  const list = room.i32('left', rows);
  await m.launch(lineFields(), {
    ...each,
    bufs: [text, starts, ...keyBuffers(room, keys), rowStarts, ends, list, counts],
    scalars: [...scalars, keys.length],
  });
  const left: number[] = [];
  for (let p = 0; p < parts; p++) {
    const first = starts[p] ?? 0;
    for (let n = 0; n < (counts[p] ?? 0); n++) left.push(list[first + n] ?? 0);
  }
  return { layout: { columns, rows, rowStarts, ends }, left };
}

/** The keys with quotes around them, and where each one begins and ends; one that is null has no bytes. */
function keyBuffers(room: Room, keys: readonly (Uint8Array | null)[]): readonly [Uint8Array, Int32Array] {
  const quoted = keys.map((key) => (key === null ? [] : [QUOTE, ...key, QUOTE]));
  const ends = room.i32('keyEnds', Math.max(2, 2 * keys.length)).fill(0);
  let at = 0;
  for (const [k, key] of quoted.entries()) {
    ends.set([at, at + key.length], 2 * k);
    at += key.length;
  }
  const bytes = room.u8('keys', at);
  bytes.set(quoted.flat());
  return [bytes, ends];
}
const QUOTE = 0x22;

/** The part that is the row of a launch. */
function partOf(k: KernelBuilder): { readonly from: Get; readonly to: Get; readonly start: Get; readonly end: Get } {
  const [from, to, length] = [k.scalar('from', 'i32'), k.scalar('to', 'i32'), k.scalar('part', 'i32')];
  const start = k.let(bin('+', from, bin('*', k.index, length)));
  return { from, to, start, end: k.let(bin('min', bin('+', start, length), to)) };
}

const countLines = once((): Kernel => {
  const k = KernelBuilder.packed('json_count');
  const [text, counts] = [k.buf('text', 'u8', 'read'), k.buf('counts', 'i32', 'write')];
  const part = partOf(k);
  const count = k.var(num(0));
  const [lineAt, isFine] = [k.var(part.from), k.var(yes)];
  const line: Line = { k, text, at: lineAt, isFine };
  /** Counts the line at the place, if there is one. */
  const look = (): void => {
    k.if(cmp('<', lineAt, part.to), () => {
      const isBlank = k.let(isByte(skipBlanks(line), '\n'));
      k.set(count, bin('+', count, cast(un('not', isBlank), 'i32')));
    });
  };
  k.if(cmp('==', k.index, num(0)), look);
  const at = k.var(part.start);
  k.while(cmp('<', at, part.end), () => {
    const left = k.let(bin('min', bin('-', part.end, at), num(16)));
    const ofPart = bin('-', bin('<<', num(1), left), num(1));
    const lineEnds = k.var(bin('&', whole('bits', cmp('==', sixteen(k, text, at), lit('u8', LF, 16))), ofPart));
    k.while(cmp('!=', lineEnds, num(0)), () => {
      k.set(lineAt, bin('+', at, bin('+', un('ctz', lineEnds), num(1))));
      look();
      k.set(lineEnds, bin('&', lineEnds, bin('-', lineEnds, num(1))));
    });
    k.set(at, bin('+', at, num(16)));
  });
  k.store(counts, k.index, count);
  return k.finish();
});

/** Writes the rows of the lines that are left where the rows of the part begin, and how many they are. */
const lineFields = once((): Kernel => {
  const k = KernelBuilder.packed('json_fields');
  const [text, starts] = [k.buf('text', 'u8', 'read'), k.buf('starts', 'i32', 'read')];
  const [keyBytes, keyEnds] = [k.buf('keys', 'u8', 'read'), k.buf('key_ends', 'i32', 'read')];
  const [rowStarts, fields] = [k.buf('row_starts', 'i32', 'write'), k.buf('fields', 'i32', 'write')];
  const [left, counts] = [k.buf('left', 'i32', 'write'), k.buf('counts', 'i32', 'readwrite')];
  const part = partOf(k);
  const keys = { bytes: keyBytes, ends: keyEnds, count: k.scalar('keys', 'i32') };
  const firstRow = k.load(starts, k.index);
  const rowsEnd = k.let(bin('+', firstRow, k.load(counts, k.index)));
  const [row, lefts] = [k.var(firstRow), k.var(num(0))];
  const at = k.var(part.start);
  // With lines that begin here there is a line end here, but in the first part.
  k.if(both(cmp('>', k.index, num(0)), cmp('<', row, rowsEnd)), () => skipLine(k, text, at));
  k.while(cmp('<', row, rowsEnd), () => {
    const start = k.var(at);
    const isFine = k.var(yes);
    const line: Line = { k, text, at, isFine };
    const isBlank = k.let(isByte(skipBlanks(line), '\n'));
    k.if(
      isBlank,
      () => k.set(at, bin('+', at, num(1))),
      () => {
        k.store(rowStarts, row, start);
        const first = k.let(bin('*', row, bin('*', keys.count, num(2))));
        const put = (key: Get, from: Get, to: Get): void => {
          const place = k.let(bin('+', first, bin('*', key, num(2))));
          k.store(fields, place, bin('-', from, num(1)));
          k.store(fields, k.let(bin('+', place, num(1))), to);
        };
        k.range(num(0), keys.count, (key) => put(key, start, start));
        readFields(line, keys, put);
        k.if(un('not', isFine), () => {
          k.store(left, k.let(bin('+', firstRow, lefts)), row);
          k.set(lefts, bin('+', lefts, num(1)));
          k.set(at, start);
          skipLine(k, text, at);
        });
        k.set(row, bin('+', row, num(1)));
      },
    );
  });
  k.store(counts, k.index, lefts);
  return k.finish();
});
