/**
 * The machine form of argtopk: few rows can be among the first, and those are sorted.
 *
 *     bound     a value of the first key that a sample says some more than k rows do not come behind
 *     filter    the rows that do not; a block of rows at a time, hardly any of which has one. A beginning of the column comes
 *               first, then a longer one: the k-th of the rows found so far is the bound for the others
 *     sort      the rows that are left, by all keys
 *
 * Behind the filter are some hundred rows, and a call may be the first for a while: these are looked at on the host, by
 * functions of the engine, where a few launches more and loops that have grown cold would take as long as the column.
 *
 * Where many rows have the bound itself, those before it and those at it are kept apart: of the latter the other keys say
 * which ones are first, and without another key their order in the input. A sample that has misled costs a sort of all.
 */

import type { ScalarKind, TypedArray } from '../../compiler/index.ts';
import { any, bin, cast, cmp, KernelBuilder, lit, type SExpr, splat } from '../../compiler/kernels.ts';
import { isFew, MAP_ROWS, type Machine, type MachineForm, once } from '../machine.ts';
import { num } from '../terms.ts';
import { type Key, keysOf, rowsValue } from './argsort.ts';
import { gathered, sortRows } from './argsort-machine.ts';
import { argtopk, cellsAt, merged, sizeOf, sortedAt } from './argtopk.ts';
import { kept, sideBySide } from './kept.ts';
import { zeros } from './radix.ts';
import { sampleOf } from './sample.ts';
import { sortCells } from './sort.ts';

/** Of so few rows all are sorted, and where more than this share of the rows is asked for. */
const FEW = 4096;
const SHARE = 1 / 4;
/** Values of a sample, where hardly any rows are asked for and where more are; the share of it that is to be equal if many
 *  rows are. */
const SMALL_SAMPLE = 1 << 10;
const SAMPLE = 1 << 13;
const HARDLY_ANY = 1 / 4096;
const HEAVY = 1 / 64;
/** Rows of a block, and the share of blocks that may have a row before the bound if they are to be looked at first. */
const BLOCK = 16;
const SPARSE = 1 / 8;
/** The share of the column that each beginning is, and the rows of a column that has such beginnings. */
const BEGINNINGS = [1 / 64, 1 / 8, 1];
const BEGUN_ROWS = 1 << 18;
/** Rows that are looked at on the host. */
const MOST_FOUND = 1 << 14;

export const argtopkMachine: MachineForm = async (args, m) => {
  const [limit, ...rest] = args;
  const { keys, length } = keysOf('argtopk', rest);
  if (isFew(m, length)) return argtopk.run(args, m.alloc);
  const k = sizeOf(limit, length);
  const rows = await candidates(m, keys, length, k);
  return rowsValue(await firstOf(m, keys, rows, length, k), k, m.alloc);
};

/** The first `k` of some rows in the order of the keys; null are all. */
async function firstOf(
  m: Machine,
  keys: readonly Key[],
  rows: TypedArray | null,
  length: number,
  k: number,
): Promise<Uint32Array> {
  if (rows !== null && rows.length <= FEW) return sortedAt(keys, Uint32Array.from(rows, Number)).subarray(0, k);
  const order = await sortRows(m, rows === null ? keys : await keysAt(m, keys, rows), rows?.length ?? length);
  return Uint32Array.from({ length: k }, (_, place) => {
    const at = Number(order?.[place] ?? place);
    return rows === null ? at : Number(rows[at]);
  });
}

const isFewOf = (k: number, length: number): boolean => length > FEW && k <= length * SHARE;

/** Rows in input order that have the first `k` among them; null for all. */
async function candidates(m: Machine, keys: readonly Key[], length: number, k: number): Promise<TypedArray | null> {
  const [key, ...others] = keys;
  // Equal in all keys: the first of them are first.
  if (key === undefined)
    return rowsOf(
      m,
      Uint32Array.from({ length: k }, (_, row) => row),
    );
  if (!isFewOf(k, length)) return null;
  const bound = boundOf(key, k / length);
  if (bound === null) return null;
  if (!bound.isHeavy) {
    const before = await rowsUpTo(m, key, bound, length, k);
    if (before.length < k || before.length > 2 * SHARE * length) return null;
    return inside(m, keys, before, k);
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
  column.set(rows as never);
  return column;
}

/** The candidates among some rows. */
async function inside(m: Machine, keys: readonly Key[], rows: TypedArray, k: number): Promise<TypedArray> {
  if (!isFewOf(k, rows.length)) return rows;
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
  const sample = sampleOf(column, share < HARDLY_ANY ? SMALL_SAMPLE : SAMPLE);
  const nan = sample.findIndex((e: number | bigint) => Number.isNaN(e));
  const numbers = nan < 0 ? sample : sample.subarray(0, nan);
  const expected = share * sample.length;
  // Four standard deviations above the expected place, and some where one is small: too few rows once in a million times.
  const place = Math.ceil(expected + 4 * Math.sqrt(expected) + 4);
  const value = numbers[descending ? numbers.length - 1 - place : place];
  if (value === undefined) return null;
  let equal = 0;
  for (const e of numbers) if (e === value) equal++;
  return { value, isHeavy: equal > HEAVY * sample.length, share: (place + 1) / sample.length };
}

/** The rows that do not come behind the bound; of a long column not those behind `k` others that have been found. */
async function rowsUpTo(m: Machine, key: Key, bound: Bound, length: number, k: number): Promise<TypedArray> {
  const { column, descending } = key;
  if (length < BEGUN_ROWS || k > FEW) return rowsWhere(m, key, 'before or at', bound, length);
  let rows: Uint32Array = new Uint32Array(0);
  let [value, from] = [bound.value, 0];
  const isBehind = (cell: number | bigint): boolean => (descending ? cell < value : cell > value);
  for (const share of BEGINNINGS) {
    const to = Math.ceil(share * length);
    rows = joined(rows, await rowsWhere(m, key, 'before or at', { ...bound, value }, to, from));
    from = to;
    if (rows.length > MOST_FOUND) continue;
    const cells = cellsAt(column, rows);
    sortCells(cells);
    value = cells[descending ? cells.length - k : k - 1] ?? value;
    rows = rows.filter((row) => !isBehind(column[row] ?? 0));
  }
  return rowsOf(m, rows);
}

function joined(a: Uint32Array, b: TypedArray): Uint32Array {
  const both = new Uint32Array(a.length + b.length);
  both.set(a);
  both.set(b as never, a.length);
  return both;
}

type Where = 'before' | 'at' | 'before or at';

/** The rows of `from` up to `to` that come before the bound, or have it; in input order. */
async function rowsWhere(
  m: Machine,
  { kind, column, descending }: Key,
  where: Where,
  { value, share }: Bound,
  to: number,
  from = 0,
): Promise<TypedArray> {
  const cells = column.subarray(from, to);
  const { length } = cells;
  const rows = m.alloc.alloc('u32', Math.ceil(length / MAP_ROWS) * MAP_ROWS);
  const bound = kind === 'bool' ? value === 1 : value;
  if (where !== 'before or at' || share * BLOCK > SPARSE || lanesOf(kind) === null) {
    const launch = { rows: length, rowsPerPart: MAP_ROWS, bufs: [cells, rows], scalars: [bound, from] };
    return kept(rows, await m.launch(filter(kind, where, descending), launch));
  }
  const counts = zeros(m, rows.length / MAP_ROWS);
  await m.launch(filterBlocks(kind, descending), {
    rows: Math.ceil(length / BLOCK),
    rowsPerPart: MAP_ROWS / BLOCK,
    bufs: [cells, { copies: rows, length: MAP_ROWS }, { copies: counts, length: 1 }],
    scalars: [bound, from, length],
  });
  const runs = Array.from(counts, Number).map((count, part) => ({ first: part * MAP_ROWS, count }));
  return sideBySide(rows, runs);
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
  const [bound, from] = [k.scalar('bound', kind), k.scalar('from', 'i32')];
  const cursor = k.cursor();
  const e = k.load(column, k.index);
  k.if(isWhere(e, bound, where, descending), () => k.push(cursor, [[rows, cast(bin('+', k.index, from), 'u32')]]));
  return k.finish();
});

/** Lanes of a register of a kind; null for kinds that fewer bytes of memory hold than registers. */
const lanesOf = (kind: ScalarKind): 2 | 4 | null => {
  if (kind === 'f64' || kind === 'i64' || kind === 'u64') return 2;
  return kind === 'f32' || kind === 'i32' || kind === 'u32' ? 4 : null;
};

/**
 * Keeps the rows of a column that are before the bound or at it; a block of rows at a time, in hardly any of which there is
 * one. How many a part has kept is `counts[0]`.
 */
const filterBlocks = once((kind: ScalarKind, descending: boolean) => {
  const k = KernelBuilder.packed(`filter_blocks_${directionOf(descending)}_${kind}`);
  const column = k.buf('column', kind, 'read');
  const [rows, counts] = [k.buf('rows', 'u32', 'write', true), k.buf('counts', 'u32', 'readwrite', true)];
  const [bound, from, length] = [k.scalar('bound', kind), k.scalar('from', 'i32'), k.scalar('length', 'i32')];
  const first = k.let(bin('*', k.index, num(BLOCK)));
  const end = k.let(bin('min', bin('+', first, num(BLOCK)), length));
  const keepRows = (): void => {
    const count = k.var(k.load(counts, num(0)));
    k.range(first, end, (row) => {
      k.store(rows, k.let(cast(count, 'i32')), cast(bin('+', row, from), 'u32'));
      const isFound = isWhere(k.load(column, row), bound, 'before or at', descending);
      k.set(count, bin('+', count, cast(isFound, 'u32')));
    });
    k.store(counts, num(0), count);
  };
  const lanes = lanesOf(kind) ?? 2;
  k.if(
    cmp('==', bin('-', end, first), num(BLOCK)),
    () => {
      const bounds = k.let(splat(bound, lanes));
      let found: SExpr = lit('bool', false, lanes);
      for (let at = 0; at < BLOCK; at += lanes) {
        const e = k.load(column, bin('+', first, num(at)), lanes);
        found = k.let(bin('|', found, isWhere(e, bounds, 'before or at', descending)));
      }
      k.if(any(found), keepRows);
    },
    keepRows,
  );
  return k.finish();
});

const directionOf = (descending: boolean): string => (descending ? 'down' : 'up');
