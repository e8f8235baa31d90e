/**
 * The layout of a CSV text in whole registers, on all threads (the idea is that of simdjson and simdcsv).
 *
 *     count     a part counts its quotes, and the delimiters and line ends outside quotes for both cases: it begins
 *               outside quotes, or inside
 *     (host)    the parity of the quotes before a part says which case is true, the counts before it where it writes
 *     index     writes the ends of fields and the starts of rows
 *
 * What only the definition (`rows.ts`) can tell makes the index decline: a quote inside an unquoted field, text behind a closing
 * quote, CR without LF. So do lines that are no rows of as many fields as there should be, for which there is
 * `lines-machine.ts`.
 */

import { bin, cast, cmp, type Get, type Kernel, KernelBuilder, lit, type SExpr, un } from '../../compiler/kernels.ts';
import { type Machine, once } from '../machine.ts';
import { num } from '../terms.ts';
import { and, blockState, NONE, not, ONE, oddBytes, or, outsideOf, overBlocks, partOf } from './blocks-machine.ts';
import type { Room } from './room.ts';
import { CR, LF, QUOTE, type Scanned } from './rows.ts';

/** Bytes of a part: small enough that the second pass finds them in the cache. */
export const PART = 1 << 16;
/** What a part counts: quotes, then fields and rows when it begins outside quotes, and inside. */
const COUNTS = 5;
/** Where a part begins: inside quotes?, its first field, its first row. */
export const STARTS = 3;

/** Text that ends with a line end, with rows of so many fields; SLACK bytes behind it may be read. */
export interface TextStretch {
  readonly from: number;
  readonly to: number;
  readonly delimiter: number;
  readonly columns: number;
}

/** Counts fields and lines, and says where each part begins. */
export async function countSeparators(
  m: Machine,
  room: Room,
  text: Uint8Array,
  { from, to, delimiter }: TextStretch,
  part: number,
): Promise<{ readonly parts: number; readonly starts: Int32Array; readonly fields: number; readonly rows: number }> {
  const parts = Math.ceil((to - from) / part);
  const counts = room.i32('counts', parts * COUNTS);
  const scalars = [from, to, part, delimiter];
  await m.launch(countParts(), { rows: parts, rowsPerPart: 1, bufs: [text, counts], scalars });

  const starts = room.i32('starts', parts * STARTS);
  let [inside, fields, rows] = [0, 0, 0];
  for (let p = 0; p < parts; p++) {
    starts.set([inside, fields, rows], p * STARTS);
    const at = p * COUNTS;
    fields += counts[at + 1 + 2 * inside] ?? 0;
    rows += counts[at + 2 + 2 * inside] ?? 0;
    inside ^= (counts[at] ?? 0) & 1;
  }
  return { parts, starts, fields, rows };
}

/** The rows of a text. Null where the definition is to be asked. */
export async function indexRows(
  m: Machine,
  room: Room,
  text: Uint8Array,
  stretch: TextStretch,
  part = PART,
): Promise<Scanned | null> {
  const { from, to, delimiter, columns } = stretch;
  const { parts, starts, fields, rows } = await countSeparators(m, room, text, stretch, part);
  const ends = room.i32('ends', fields + 1);
  const rowStarts = room.i32('rowStarts', rows + 1);
  rowStarts[0] = from;
  const report = await m.launch(writeParts(), {
    rows: parts,
    rowsPerPart: 1,
    bufs: [text, starts, ends, rowStarts],
    scalars: [from, to, part, delimiter, columns],
  });
  for (let p = 0; p < report.parts; p++) if (report.cell(p, 0) !== 0) return null;
  return { layout: { columns, rows, rowStarts, ends }, next: rowStarts[rows] ?? from };
}

const count = (k: KernelBuilder, bits: SExpr): SExpr => cast(un('popcnt', k.let(bits)), 'i32');

const countParts = once((): Kernel => {
  const k = KernelBuilder.packed('csv_count');
  const [text, counts] = [k.buf('text', 'u8', 'read'), k.buf('counts', 'i32', 'write')];
  const totals = Array.from({ length: COUNTS }, () => k.var(num(0)));
  overBlocks(k, text, partOf(k), k.var(NONE), (m) => {
    const separators = k.let(or(m.delimiters, m.lineEnds));
    const outside = k.let(not(m.inside));
    const counted = [
      m.quotes,
      and(separators, outside),
      and(m.lineEnds, outside),
      and(separators, m.inside),
      and(m.lineEnds, m.inside),
    ];
    for (const [n, total] of totals.entries()) k.set(total, bin('+', total, count(k, counted[n] ?? NONE)));
  });
  const first = k.let(bin('*', k.index, num(COUNTS)));
  for (const [n, total] of totals.entries()) k.store(counts, k.let(bin('+', first, num(n))), total);
  return k.finish();
});

const writeParts = once((): Kernel => {
  const k = KernelBuilder.packed('csv_index');
  const [text, starts] = [k.buf('text', 'u8', 'read'), k.buf('starts', 'i32', 'read')];
  const [ends, rowStarts] = [k.buf('ends', 'i32', 'write'), k.buf('row_starts', 'i32', 'write')];
  const part = partOf(k);
  const columns = k.scalar('columns', 'i32');
  const odd = k.reduction('odd', 'i32', 'max');
  const first = k.let(bin('*', k.index, num(STARTS)));
  const begin = (n: number): Get => k.load(starts, k.let(bin('+', first, num(n))));
  const flag = (cond: SExpr): SExpr => cast(cast(cond, 'u32'), 'u64');
  const inside = k.var(bin('-', NONE, cast(cast(begin(0), 'u32'), 'u64')));
  const [field, row] = [k.var(begin(1)), k.var(begin(2))];

  const state = blockState(k);
  k.if(cmp('>', k.index, num(0)), () => {
    const byte = k.load(text, k.let(bin('-', part.start, num(1))));
    const is = (b: SExpr): SExpr => and(flag(cmp('==', byte, b)), not(inside));
    k.set(state.closedAt, is(lit('u8', QUOTE)));
    k.set(state.returnedAt, is(lit('u8', CR)));
    k.set(state.mayOpenAt, or(state.closedAt, is(lit('u8', LF)), is(part.delimiter)));
  });
  const strange = k.var(NONE);

  overBlocks(k, text, part, inside, (m, at) => {
    const masks = outsideOf(k, m);
    const { lines, separators } = masks;
    const odds = oddBytes(k, m, masks, state);
    k.set(strange, or(strange, odds.strange));

    const firstField = k.var(field);
    const left = k.var(separators);
    k.while(cmp('!=', left, NONE), () => {
      k.store(ends, field, bin('+', at, cast(un('ctz', left), 'i32')));
      k.set(field, bin('+', field, num(1)));
      k.set(left, bin('&', left, bin('-', left, ONE)));
    });
    k.set(left, lines);
    k.while(cmp('!=', left, NONE), () => {
      const bit = k.let(bin('&', left, bin('-', NONE, left)));
      const place = k.let(bin('+', firstField, count(k, and(separators, bin('-', bit, ONE)))));
      const end = k.let(bin('+', at, cast(un('ctz', left), 'i32')));
      k.if(cmp('!=', and(bit, odds.afterReturn), NONE), () => k.store(ends, place, bin('-', end, num(1))));
      k.set(row, bin('+', row, num(1)));
      k.store(rowStarts, row, bin('+', end, num(1)));
      // With the fields of all rows before it, a row has as many as it should.
      k.set(strange, or(strange, flag(cmp('!=', bin('+', place, num(1)), bin('*', row, columns)))));
      k.set(left, bin('^', left, bit));
    });
  });
  k.accum(odd, cast(cmp('!=', strange, NONE), 'i32'));
  return k.finish();
});
