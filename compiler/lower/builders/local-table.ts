/**
 * dictmerger and groupmerger local to one iteration: a hashed table in memory of the part, which is made larger before it
 * is full. Capacities are powers of two, with twice as many slots. Of an empty table nothing is made: its slots are at
 * place 0 of the memory, which is 0 and so free.
 *
 * A group is a vector in the entry of its key: its length, the places of its columns, and behind them its capacity, which
 * the finished dictionary does not show.
 */

import { type DictMergerType, dict, type GroupMergerType, I32, struct, type Type, vec } from '../../core/types.ts';
import { bin, cmp, type Get, lit } from '../../sir/build.ts';
import type { SExpr } from '../../sir/kernel.ts';
import { type LoopContext, leavesOf, unsupported } from '../context.ts';
import { leafExprs } from '../leaves.ts';
import { allocColumns, allocPlace, copyColumns, makeRoom, storeRow } from '../memory.ts';
import type { Sink } from '../sink.ts';
import type { KVal } from '../values.ts';
import { type DictTable, type EntryMerge, enter, keyAndValue, upsert } from './dict-table.ts';

/** Entries that a table has room for when it first needs any. */
const FIRST_ENTRIES = 8;

interface LocalTable {
  readonly count: Get;
  readonly capacity: Get;
  readonly mask: Get;
  readonly slots: Get;
  /** Of the key leaves, then of what an entry holds. */
  readonly places: readonly Get[];
  readonly vars: readonly Get[];
}

function openTable(entry: Type, cx: LoopContext): LocalTable {
  const { kb } = cx;
  const fresh = (): Get => kb.var(lit('i32', 0));
  const [count, capacity, mask, slots] = [fresh(), fresh(), fresh(), fresh()];
  const places = leavesOf(entry, cx.origin).map(fresh);
  return { count, capacity, mask, slots, places, vars: [count, capacity, mask, slots, ...places] };
}

/** The table as `upsert` sees it. `entry` is the type of a row: the key, then the rest. */
function tableOf(t: LocalTable, key: Type, cx: LoopContext): DictTable {
  const { kb } = cx;
  const kinds = leavesOf(key, cx.origin);
  const memory = cx.memory('i32');
  const keyPlaces = t.places.slice(0, kinds.length);
  return {
    key,
    dense: false,
    near: null,
    mask: t.mask,
    slot: (at) => kb.load(memory, kb.let(bin('+', t.slots, at))),
    setSlot: (at, v) => kb.store(memory, kb.let(bin('+', t.slots, at)), v),
    keyAt: (entry) =>
      kinds.map((kind, k) => kb.load(cx.memory(kind), kb.let(bin('+', keyPlaces[k] ?? lit('i32', 0), entry)))),
    add(keys) {
      const entry = kb.let(bin('+', t.count, lit('i32', 0)));
      storeRow(key, keyPlaces, entry, keys, cx);
      kb.set(t.count, bin('+', entry, lit('i32', 1)));
      return entry;
    },
  };
}

/** Makes room for one more entry: larger columns, and new slots for all entries. */
function makeEntryRoom(t: LocalTable, entry: Type, key: Type, cx: LoopContext): void {
  const { kb } = cx;
  const [zero, one] = [lit('i32', 0), lit('i32', 1)];
  kb.if(cmp('==', t.count, t.capacity), () => {
    const rows = kb.let(bin('max', bin('+', t.capacity, t.capacity), lit('i32', FIRST_ENTRIES)));
    const places = allocColumns(entry, rows, cx);
    copyColumns(entry, t.places, places, t.count, cx);
    for (const [k, place] of places.entries()) {
      const target = t.places[k];
      if (target !== undefined) kb.set(target, place);
    }
    kb.set(t.capacity, rows);
    const slots = kb.let(bin('+', rows, rows));
    kb.set(t.slots, allocPlace(4, slots, cx));
    kb.set(t.mask, bin('-', slots, one));
    const table = tableOf(t, key, cx);
    kb.range(zero, slots, (k) => table.setSlot(k, zero));
    kb.range(zero, t.count, (k) => enter(cx, table, table.keyAt(k), k));
  });
}

/** A table that is filled with different keys. */
export function tableBuilder(key: Type, value: Type, cx: LoopContext) {
  const entry = struct([key, value]);
  const t = openTable(entry, cx);
  const places = t.places.slice(leavesOf(key, cx.origin).length);
  return {
    /** Adds an entry; `twice` is code for a key that is there already. */
    insert(keys: readonly SExpr[], values: readonly SExpr[], twice: () => void): void {
      makeEntryRoom(t, entry, key, cx);
      upsert(cx, tableOf(t, key, cx), keys, {
        fresh: (at) => storeRow(value, places, at, values, cx),
        known: twice,
      });
    },
    result: (): KVal => tableValue(t, t.places, key, value),
  };
}

function tableValue(t: LocalTable, places: readonly Get[], key: Type, value: Type): KVal {
  const { count, slots, mask } = t;
  return { v: 'table', ty: dict(key, value), count, places, slots, mask };
}

/** The sink of a table: every merge makes room, finds the entry of its key, and does what `mergeOf` says with the rest. */
function tableSink(
  ty: DictMergerType | GroupMergerType,
  t: LocalTable,
  entry: Type,
  mergeOf: (values: readonly SExpr[]) => EntryMerge,
  result: () => KVal,
  cx: LoopContext,
): Sink {
  return {
    ty,
    outputs: [],
    keepsMemory: true,
    merge(pair) {
      const [key, value] = keyAndValue(pair, cx);
      const [keys, values] = [leafExprs(key, cx), leafExprs(value, cx)];
      makeEntryRoom(t, entry, ty.key, cx);
      upsert(cx, tableOf(t, ty.key, cx), keys, mergeOf(values));
    },
    local: { vars: t.vars, result },
  };
}

export function localDictmerger(ty: DictMergerType, cx: LoopContext): Sink {
  const { kb } = cx;
  const { key, value, op } = ty;
  const entry = struct([key, value]);
  const t = openTable(entry, cx);
  const width = leavesOf(key, cx.origin).length;
  const kinds = leavesOf(value, cx.origin);
  const valuePlaces = t.places.slice(width);
  const mergeOf = (values: readonly SExpr[]): EntryMerge => ({
    fresh: (at) => storeRow(value, valuePlaces, at, values, cx),
    known(at) {
      for (const [k, kind] of kinds.entries()) {
        const [place, v] = [valuePlaces[k], values[k]];
        if (place === undefined || v === undefined) continue;
        const [memory, where] = [cx.memory(kind), kb.let(bin('+', place, at))];
        kb.store(memory, where, bin(op, kb.load(memory, where), v));
      }
    },
  });
  return tableSink(ty, t, entry, mergeOf, (): KVal => tableValue(t, t.places, key, value), cx);
}

export function localGroupmerger(ty: GroupMergerType, cx: LoopContext): Sink {
  const { kb } = cx;
  const { key, value } = ty;
  const entry = struct([key, vec(value), I32]);
  const t = openTable(entry, cx);
  const width = leavesOf(key, cx.origin).length;
  const [lengths, ...rest] = t.places.slice(width);
  const [capacities, ...columns] = rest.reverse();
  const places = columns.reverse();
  if (lengths === undefined || capacities === undefined) return unsupported('this groupmerger', cx.origin);
  const memory = cx.memory('i32');
  const add = (at: SExpr, row: readonly SExpr[]): void => {
    const cell = (place: SExpr): SExpr => kb.let(bin('+', place, at));
    const length = kb.var(kb.load(memory, cell(lengths)));
    const capacity = kb.var(kb.load(memory, cell(capacities)));
    const own = places.map((p) => kb.var(kb.load(memory, cell(p))));
    const next = kb.let(bin('+', length, lit('i32', 1)));
    kb.if(cmp('>', next, capacity), () => {
      makeRoom(value, { length, capacity, places: own }, next, cx);
      kb.store(memory, cell(capacities), capacity);
      for (const [k, p] of places.entries()) kb.store(memory, cell(p), own[k] ?? lit('i32', 0));
    });
    storeRow(value, own, length, row, cx);
    kb.store(memory, cell(lengths), next);
  };
  const mergeOf = (row: readonly SExpr[]): EntryMerge => ({
    fresh(at) {
      const zeros = [lengths, ...places, capacities];
      for (const place of zeros) kb.store(memory, kb.let(bin('+', place, at)), lit('i32', 0));
      add(at, row);
    },
    known: (at) => add(at, row),
  });
  const result = (): KVal => tableValue(t, t.places.slice(0, -1), key, vec(value));
  return tableSink(ty, t, entry, mergeOf, result, cx);
}
