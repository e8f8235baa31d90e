/**
 * The machine form of argtopk: few rows can be among the first, and those are sorted.
 *
 *     bound     a value of the first key that a sample says some more than k rows do not come behind
 *     filter    the rows that do not; without reading on where a whole block of rows comes behind
 *     sort      the rows that are left, by all keys
 *
 * Where many rows have the bound itself, those before it and those at it are kept apart: of the latter the other keys say
 * which ones are first, and without another key their order in the input. A sample that has misled costs a sort of all.
 */

import type { ScalarKind, TypedArray } from '../../compiler/index.ts';
import { any, bin, cast, cmp, type Get, KernelBuilder, lit, type SExpr, splat } from '../../compiler/kernels.ts';
import { isFew, MAP_ROWS, type Machine, type MachineForm, once } from '../machine.ts';
import { argsort, type Key, keysOf, rowsValue } from './argsort.ts';
import { gathered, sortRows } from './argsort-machine.ts';
import { argtopk, merged, sizeOf } from './argtopk.ts';
import { kept } from './kept.ts';
import { sampleOf } from './sample.ts';

/** Of so few rows all are sorted, and where more than this share of the rows is asked for. */
const FEW = 4096;
const SHARE = 1 / 4;
/** So many equal values in a sample are many rows. */
const HEAVY = 256;
/** Rows of a block, and the share of blocks that may have a row before the bound if they are to be looked at first. */
const BLOCK = 16;
const SPARSE = 1 / 8;

export const argtopkMachine: MachineForm = async (args, m) => {
  const [limit, ...rest] = args;
  const { keys, length } = keysOf(argsort.name, rest);
  if (isFew(m, length)) return argtopk.run(args, m.alloc);
  const k = sizeOf(limit, length);
  const rows = await candidates(m, keys, length, k);
  const order = await sortRows(m, rows === null ? keys : await keysAt(m, keys, rows), rows?.length ?? length);
  const first = Uint32Array.from({ length: k }, (_, place) => {
    const at = Number(order?.[place] ?? place);
    return rows === null ? at : Number(rows[at]);
  });
  return rowsValue(first, k, m.alloc);
};

/** Rows in input order that have the first `k` among them; null for all. */
async function candidates(m: Machine, keys: readonly Key[], length: number, k: number): Promise<TypedArray | null> {
  const [key, ...others] = keys;
  // Equal in all keys: the first of them are first.
  if (key === undefined)
    return rowsOf(
      m,
      Uint32Array.from({ length: k }, (_, row) => row),
    );
  if (length <= FEW || k > length * SHARE) return null;
  const bound = boundOf(key, k / length);
  if (bound === null) return null;
  if (!bound.isHeavy) {
    const before = await rowsWhere(m, key, 'before or at', bound, length);
    return before.length >= k && before.length <= 2 * SHARE * length ? before : null;
  }
  const at = await rowsWhere(m, key, 'at', bound, length);
  if (at.length === length) return candidates(m, others, length, k);
  const before = await rowsWhere(m, key, 'before', bound, length);
  const missing = k - before.length;
  if (missing > at.length) return null;
  if (missing <= 0) return inside(m, keys, before, k);
  const more = await inside(m, others, at, missing);
  return rowsOf(m, merged(Uint32Array.from(before, Number), Uint32Array.from(more, Number)));
}

function rowsOf(m: Machine, rows: Uint32Array): TypedArray {
  const column = m.alloc.alloc('u32', rows.length);
  for (const [k, row] of rows.entries()) column[k] = row;
  return column;
}

/** The candidates among some rows. */
async function inside(m: Machine, keys: readonly Key[], rows: TypedArray, k: number): Promise<TypedArray> {
  const found = await candidates(m, await keysAt(m, keys, rows), rows.length, k);
  return found === null ? rows : gathered(m, 'u32', rows, found);
}

const keysAt = (m: Machine, keys: readonly Key[], rows: TypedArray): Promise<readonly Key[]> =>
  Promise.all(keys.map(async (key) => ({ ...key, column: await gathered(m, key.kind, key.column, rows) })));

interface Bound {
  readonly value: number | bigint;
  readonly isHeavy: boolean;
  /** The share of the rows that do not come behind it, or less. */
  readonly share: number;
}

/** A value that a little more than this share of the rows does not come behind; null where that is NaN. */
function boundOf({ column, descending }: Key, share: number): Bound | null {
  const sample = sampleOf(column);
  const numbers = sample.subarray(0, sample.length - nanIn(sample));
  const expected = share * sample.length;
  // Four standard deviations above the expected place, and some where one is small.
  const place = Math.ceil(expected + 4 * Math.sqrt(expected) + 8);
  const value = numbers[descending ? numbers.length - 1 - place : place];
  if (value === undefined) return null;
  let equal = 0;
  for (const e of numbers) if (e === value) equal++;
  return { value, isHeavy: equal > HEAVY, share: (place + 1) / sample.length };
}
const nanIn = (sorted: TypedArray): number => {
  let n = 0;
  while (n < sorted.length && Number.isNaN(sorted[sorted.length - 1 - n])) n++;
  return n;
};

type Where = 'before' | 'at' | 'before or at';

/** The rows that come before the bound, or have it; in input order. */
async function rowsWhere(
  m: Machine,
  { kind, column, descending }: Key,
  where: Where,
  { value, share }: Bound,
  length: number,
): Promise<TypedArray> {
  const cells = column.subarray(0, length);
  const launch = { rowsPerPart: MAP_ROWS, scalars: [kind === 'bool' ? value === 1 : value] };
  if (where !== 'before or at' || share * BLOCK > SPARSE || lanesOf(kind) === null) {
    const rows = m.alloc.alloc('u32', length);
    const report = await m.launch(filter(kind, where, descending), { ...launch, rows: length, bufs: [cells, rows] });
    return kept(rows, MAP_ROWS, report);
  }
  const count = Math.ceil(length / BLOCK);
  const blocks = m.alloc.alloc('u32', count);
  const rowsPerPart = MAP_ROWS / BLOCK;
  const look = { rows: count, rowsPerPart, bufs: [cells, blocks], scalars: [...launch.scalars, length] };
  const found = kept(blocks, rowsPerPart, await m.launch(filterBlocks(kind, descending), look));
  const rows = m.alloc.alloc('u32', found.length * BLOCK);
  const read = { ...launch, rows: rows.length, bufs: [cells, found, rows], scalars: look.scalars };
  return kept(rows, MAP_ROWS, await m.launch(filterIn(kind, descending), read));
}

// ---- kernels -----------------------------------------------------------------------------------------------------

/** Is an element where it is asked for? Never NaN. */
function isWhere(e: SExpr, bound: SExpr, where: Where, descending: boolean): SExpr {
  if (where === 'at') return cmp('==', e, bound);
  if (where === 'before') return cmp(descending ? '>' : '<', e, bound);
  return cmp(descending ? '>=' : '<=', e, bound);
}

/** Keeps the rows of a column that are where it is asked for. */
const filter = once((kind: ScalarKind, where: Where, descending: boolean) => {
  const k = new KernelBuilder(`filter_${where.replaceAll(' ', '_')}_${directionOf(descending)}_${kind}`);
  const [column, rows] = [k.buf('column', kind, 'read'), k.buf('rows', 'u32', 'write')];
  const bound = k.scalar('bound', kind);
  const cursor = k.cursor();
  const e = k.load(column, k.index);
  k.if(isWhere(e, bound, where, descending), () => k.push(cursor, [[rows, cast(k.index, 'u32')]]));
  return k.finish();
});

/** Lanes of a register of a kind; null for kinds that fewer bytes of memory hold than registers. */
const lanesOf = (kind: ScalarKind): 2 | 4 | null => {
  if (kind === 'f64' || kind === 'i64' || kind === 'u64') return 2;
  return kind === 'f32' || kind === 'i32' || kind === 'u32' ? 4 : null;
};

/** Keeps the blocks of a column that have a row before the bound or at it. */
const filterBlocks = once((kind: ScalarKind, descending: boolean) => {
  const k = KernelBuilder.packed(`filter_blocks_${directionOf(descending)}_${kind}`);
  const [column, blocks] = [k.buf('column', kind, 'read'), k.buf('blocks', 'u32', 'write')];
  const [bound, length] = [k.scalar('bound', kind), k.scalar('length', 'i32')];
  const cursor = k.cursor();
  const lanes = lanesOf(kind) ?? 2;
  const bounds = k.let(splat(bound, lanes));
  // The last block is the last BLOCK rows: what it has of the one before, that one has, too.
  const first = k.let(bin('min', bin('*', k.index, num(BLOCK)), bin('-', length, num(BLOCK))));
  let found: SExpr | null = null;
  for (let at = 0; at < BLOCK; at += lanes) {
    const e = k.load(column, bin('+', first, num(at)), lanes);
    const mask = isWhere(e, bounds, 'before or at', descending);
    found = found === null ? mask : k.let(bin('|', found, mask));
  }
  k.if(any(found ?? lit('bool', false)), () => k.push(cursor, [[blocks, cast(k.index, 'u32')]]));
  return k.finish();
});

/** Keeps the rows of some blocks that are before the bound or at it. A row of the launch is a row of a block. */
const filterIn = once((kind: ScalarKind, descending: boolean) => {
  const k = new KernelBuilder(`filter_in_blocks_${directionOf(descending)}_${kind}`);
  const [column, blocks] = [k.buf('column', kind, 'read'), k.buf('blocks', 'u32', 'read')];
  const rows = k.buf('rows', 'u32', 'write');
  const [bound, length] = [k.scalar('bound', kind), k.scalar('length', 'i32')];
  const cursor = k.cursor();
  const block: Get = k.load(blocks, bin('>>', k.index, num(Math.log2(BLOCK))));
  const row = k.let(bin('+', bin('*', cast(block, 'i32'), num(BLOCK)), bin('&', k.index, num(BLOCK - 1))));
  const e = k.load(column, k.let(bin('min', row, bin('-', length, num(1)))));
  const isFound = bin('&', cmp('<', row, length), isWhere(e, bound, 'before or at', descending));
  k.if(isFound, () => k.push(cursor, [[rows, cast(row, 'u32')]]));
  return k.finish();
});

const num = (n: number): SExpr => lit('i32', n);
const directionOf = (descending: boolean): string => (descending ? 'down' : 'up');
