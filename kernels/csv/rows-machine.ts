/**
 * The layout of a CSV text in whole registers, on all threads (the idea is that of simdjson and simdcsv).
 *
 *     count     a part counts its quotes, and the delimiters and line ends outside quotes for both cases: it begins
 *               outside quotes, or inside
 *     (host)    the parity of the quotes before a part says which case is true, the counts before it where it writes
 *     index     writes the ends of fields and the starts of rows
 *
 * 64 bytes are a mask of their quotes; the bits of its prefix sums modulo two say which bytes are inside quotes. What only
 * the definition (`rows.ts`) can tell makes the index decline: a quote inside an unquoted field, text behind a closing
 * quote, CR without LF, rows that have not as many fields as they should.
 */

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
import { type Machine, once } from '../machine.ts';
import { num } from '../terms.ts';
import type { Room } from './room.ts';
import { CR, LF, QUOTE, type Scanned } from './rows.ts';

/** Bytes of a part: small enough that the second pass finds them in the cache. */
export const PART = 1 << 16;
const BLOCK = 64;
/** Bytes behind the text that may be read. */
export const SLACK = 64;
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

const ONE = lit('u64', 1n);
const ALL = lit('u64', 2n ** 64n - 1n);
const NONE = lit('u64', 0n);
const shl = (a: SExpr, n: number): SExpr => bin('<<', a, lit('u64', BigInt(n)));
const or = (...all: readonly SExpr[]): SExpr => all.reduce((a, b) => bin('|', a, b));
const and = (...all: readonly SExpr[]): SExpr => all.reduce((a, b) => bin('&', a, b));
const not = (a: SExpr): SExpr => bin('^', a, ALL);
const count = (k: KernelBuilder, bits: SExpr): SExpr => cast(un('popcnt', k.let(bits)), 'i32');

/** The masks of a block: a bit a byte, the first one the lowest. */
interface Masks {
  readonly quotes: Get;
  readonly delimiters: Get;
  readonly lineEnds: Get;
  readonly returns: Get;
  /** Bytes from an opening quote on up to its closing one. */
  readonly inside: Get;
  /** Bytes of the text. */
  readonly valid: Get;
}

/** The masks of the bytes from `at` on, when `carry` (all ones or none) says whether they begin inside quotes. */
function masksOf(k: KernelBuilder, text: number, at: Get, to: Get, delimiter: Get, carry: SExpr): Masks {
  const registers = [0, 16, 32, 48].map((n) => k.load(text, n === 0 ? at : k.let(bin('+', at, num(n))), 16));
  const left = k.let(bin('-', to, at));
  const isWhole = cmp('>=', left, num(BLOCK));
  const some = bin('-', bin('<<', ONE, cast(bin('&', left, num(BLOCK - 1)), 'u64')), ONE);
  const valid = k.let(sel(isWhole, ALL, some));
  const masks = (byte: SExpr): Get => {
    const [a, b, c, d] = registers.map((r) => cast(cast(whole('bits', cmp('==', r, byte)), 'u32'), 'u64'));
    const bits = [a, b, c, d].map((x, n) => (n === 0 ? (x ?? NONE) : shl(x ?? NONE, 16 * n)));
    return k.let(bin('&', or(...bits), valid));
  };
  const quotes = masks(lit('u8', QUOTE, 16));
  const inside = k.var(quotes);
  for (const n of [1, 2, 4, 8, 16, 32]) k.set(inside, bin('^', inside, shl(inside, n)));
  k.set(inside, bin('^', inside, carry));
  return {
    quotes,
    delimiters: masks(delimiter),
    lineEnds: masks(lit('u8', LF, 16)),
    returns: masks(lit('u8', CR, 16)),
    inside,
    valid,
  };
}

/** The part that is the row of a launch; its scalars are those of both kernels. */
interface Part {
  readonly start: Get;
  readonly end: Get;
  readonly delimiter: Get;
}

export function partOf(k: KernelBuilder): Part {
  const [from, to, length] = [k.scalar('from', 'i32'), k.scalar('to', 'i32'), k.scalar('part', 'i32')];
  const delimiter = k.scalar('delimiter', 'u8');
  const start = k.let(bin('+', from, bin('*', k.index, length)));
  return { start, end: k.let(bin('min', bin('+', start, length), to)), delimiter };
}

/** Runs `body` for the blocks of a part; `inside` says whether they begin inside quotes. */
export function overBlocks(
  k: KernelBuilder,
  text: number,
  part: Part,
  inside: Get,
  body: (m: Masks, at: Get) => void,
): void {
  const delimiter = k.let(splat(part.delimiter, 16));
  const at = k.var(part.start);
  k.while(cmp('<', at, part.end), () => {
    const m = masksOf(k, text, at, part.end, delimiter, inside);
    // All ones where the last byte is inside quotes.
    k.set(inside, cast(bin('>>', cast(m.inside, 'i64'), lit('i64', 63n)), 'u64'));
    body(m, at);
    k.set(at, bin('+', at, num(BLOCK)));
  });
}

/** What the byte before a block is when it is outside quotes, as bit 0. */
interface BlockState {
  readonly mayOpenAt: Get;
  readonly closedAt: Get;
  readonly returnedAt: Get;
}

/** Before the text, or a line, a field begins. */
export const blockState = (k: KernelBuilder): BlockState => ({
  mayOpenAt: k.var(ONE),
  closedAt: k.var(NONE),
  returnedAt: k.var(NONE),
});

/** The masks of a block outside quotes. */
export interface OutsideMasks {
  readonly lines: Get;
  readonly separators: Get;
  readonly returns: Get;
  readonly opens: Get;
  readonly closes: Get;
}
export function blockMasks(k: KernelBuilder, m: Masks): OutsideMasks {
  const outside = k.let(not(m.inside));
  const lines = k.let(and(m.lineEnds, outside));
  return {
    lines,
    separators: k.let(or(lines, and(m.delimiters, outside))),
    returns: k.let(and(m.returns, outside)),
    opens: k.let(and(m.quotes, m.inside)),
    closes: k.let(and(m.quotes, outside)),
  };
}

/** The bytes of a block that only the definition can tell; the state is that of the next block then. */
export function strangeBytes(k: KernelBuilder, m: Masks, masks: OutsideMasks, state: BlockState): SExpr {
  const { lines, separators, returns, opens, closes } = masks;
  /** The bytes behind those of `bits`; the last one's is remembered for the next block. */
  const behind = (bits: SExpr, carry: Get): Get => {
    const shifted = k.let(or(shl(bits, 1), carry));
    k.set(carry, bin('>>', bits, lit('u64', 63n)));
    return shifted;
  };
  const opensLate = and(opens, not(behind(or(separators, closes), state.mayOpenAt)));
  const goesOn = and(behind(closes, state.closedAt), not(or(separators, returns, opens)), m.valid);
  const noLineEnd = and(behind(returns, state.returnedAt), not(lines), m.valid);
  return or(opensLate, goesOn, noLineEnd);
}

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
    const masks = blockMasks(k, m);
    const { lines, separators } = masks;
    const returned = k.var(state.returnedAt);
    k.set(strange, or(strange, strangeBytes(k, m, masks, state)));
    const afterReturn = k.let(or(shl(masks.returns, 1), returned));

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
      k.if(cmp('!=', and(bit, afterReturn), NONE), () => k.store(ends, place, bin('-', end, num(1))));
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
