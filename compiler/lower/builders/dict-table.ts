/**
 * The dictionary in memory, and the two things code does with it: `upsert` and `probe`.
 *
 * Entries are columns (key leaves, then value leaves) in first-insertion order, with a count. A slot table of i32
 * finds them: entry number + 1, 0 = free. Hashed: a power of two of slots, linear probing. Dense: the key is the
 * slot, which needs keys in [0, slots), promised by `@(dense:true)` and checked. A table is in buffers of the kernel or
 * in memory that the loop body has made; `slotTable` in `core/slots.ts` makes the same on the host. Of a hashed table in
 * buffers, keys that lie near each other have places instead of slots (`near.ts`).
 */

import type { MergeOp, ScalarKind, Type } from '../../core/types.ts';
import { isBigKind } from '../../core/types.ts';
import { InternalError } from '../../diag/diagnostic.ts';
import { bin, bitcast, cast, cmp, type Get, type KernelBuilder, lit, un } from '../../sir/build.ts';
import type { SExpr } from '../../sir/kernel.ts';
import { hashKey, sameKey } from '../contents.ts';
import { type Code, type LoopContext, leavesOf, unsupported } from '../context.ts';
import { type DictVal, type KVal, valueOfLeaves } from '../values.ts';
import { isNearKey, lowKind, type Near, nearCode } from './near.ts';

/** A dictionary that a kernel fills, wherever it lies. */
export interface DictTable {
  readonly key: Type;
  readonly dense: boolean;
  /** Number of slots - 1, i32. */
  readonly mask: SExpr;
  slot(at: SExpr): SExpr;
  setSlot(at: SExpr, entryPlus1: SExpr): void;
  /** The key leaves of an entry. */
  keyAt(entry: SExpr): readonly SExpr[];
  /** Makes room for one more entry with these keys, found by a slot or a place, and gives its number. */
  add(keys: readonly SExpr[], by: 'slot' | 'place'): SExpr;
  /** The places of near keys. */
  readonly near: FilledNear | null;
}
export interface FilledNear extends Near {
  setPlace(code: SExpr, entryPlus1: SExpr): void;
}

/** What a merge does with the entry of its key. */
export interface EntryMerge {
  /** A new entry, whose value leaves are undefined. */
  fresh(entry: SExpr): void;
  /** An entry that was there. */
  known(entry: SExpr): void;
}

/** Finds the entry of a key, or makes it. */
export function upsert(code: Code, t: DictTable, keys: readonly SExpr[], merge: EntryMerge): void {
  const { kb } = code;
  const one = lit('i32', 1);
  const { near } = t;
  if (near !== null) {
    const { code: place, inside } = nearCode(kb, near, keys);
    kb.if(
      inside,
      () => {
        const found = near.place(place);
        const insert = (): void => {
          const entry = t.add(keys, 'place');
          near.setPlace(place, kb.let(bin('+', entry, one)));
          merge.fresh(entry);
        };
        kb.if(cmp('==', found, lit('i32', 0)), insert, () => merge.known(kb.let(bin('-', found, one))));
      },
      () => upsert(code, { ...t, near: null }, keys, merge),
    );
    return;
  }
  const insert = (slot: SExpr): void => {
    const entry = t.add(keys, 'slot');
    t.setSlot(slot, kb.let(bin('+', entry, one)));
    merge.fresh(entry);
  };
  const known = (found: SExpr): void => merge.known(kb.let(bin('-', found, one)));
  if (t.dense) {
    const { slot, outside } = denseSlot(kb, keys, t.mask);
    kb.fail('DenseRange', outside);
    const found = t.slot(slot);
    kb.if(
      cmp('==', found, lit('i32', 0)),
      () => insert(slot),
      () => known(found),
    );
    return;
  }
  const slot = kb.var(bin('&', hashKey(code, t.key, keys), t.mask));
  const open = kb.var(lit('bool', true));
  kb.while(open, () => {
    const found = t.slot(slot);
    kb.if(
      cmp('==', found, lit('i32', 0)),
      () => {
        insert(slot);
        kb.set(open, lit('bool', false));
      },
      () => {
        kb.if(
          sameKey(code, t.key, t.keyAt(kb.let(bin('-', found, one))), keys),
          () => {
            known(found);
            kb.set(open, lit('bool', false));
          },
          () => kb.set(slot, bin('&', bin('+', slot, one), t.mask)),
        );
      },
    );
  });
}

/** Enters an entry in the slots, whose key is in none of them. */
export function enter(
  code: Code,
  t: Pick<DictTable, 'key' | 'mask' | 'slot' | 'setSlot'>,
  keys: readonly SExpr[],
  entry: SExpr,
): void {
  const { kb } = code;
  const one = lit('i32', 1);
  const slot = kb.var(bin('&', hashKey(code, t.key, keys), t.mask));
  const isTaken = (): SExpr => cmp('!=', t.slot(slot), lit('i32', 0));
  const taken = kb.var(isTaken());
  kb.while(taken, () => {
    kb.set(slot, bin('&', bin('+', slot, one), t.mask));
    kb.set(taken, isTaken());
  });
  t.setSlot(slot, kb.let(bin('+', entry, one)));
}

/** The two sides of what is merged. */
export function keyAndValue(pair: KVal, cx: LoopContext): readonly [key: KVal, value: KVal] {
  const [key, value] = pair.v === 'struct' ? pair.fields : [];
  return key === undefined || value === undefined ? unsupported('this merge', cx.origin) : [key, value];
}

/** The parameters of a kernel for a dictionary that it fills: of a part, or the final one. */
export interface TableParams {
  readonly keys: readonly number[];
  readonly values: readonly number[];
  readonly slots: number;
  readonly counts: number;
  /** Entries that fit, i32. */
  readonly capacity: SExpr;
  readonly mask: SExpr;
  readonly near: NearParams | null;
}
export interface NearParams {
  readonly places: number;
  /** Entries that the slots have room for, i32. */
  readonly hashed: SExpr;
  readonly lows: readonly SExpr[];
  readonly spans: readonly SExpr[];
}

/** A dictionary in buffers of the kernel: when it is full, the kernel stops and is run again with a larger one. */
export function tableIn(code: Code, p: TableParams, key: Type, dense: boolean): DictTable {
  const { kb } = code;
  const { near } = p;
  /** Counts one more in a cell, unless there are `most`; gives how many there were. */
  const next = (cell: number, most: SExpr): SExpr => {
    const at = lit('i32', cell);
    const count = kb.load(p.counts, at);
    kb.fail('TableFull', kb.let(cmp('>=', count, most)));
    kb.store(p.counts, at, bin('+', count, lit('i32', 1)));
    return count;
  };
  return {
    key,
    dense,
    mask: p.mask,
    slot: (at) => kb.load(p.slots, at),
    setSlot: (at, v) => kb.store(p.slots, at, v),
    keyAt: (entry) => p.keys.map((buf) => kb.load(buf, entry)),
    near:
      near === null
        ? null
        : {
            lows: near.lows,
            spans: near.spans,
            place: (code) => kb.load(near.places, code),
            setPlace: (code, v) => kb.store(near.places, code, v),
          },
    add(keys, by) {
      if (near !== null && by === 'slot') next(1, near.hashed);
      const entry = next(0, p.capacity);
      for (const [k, buf] of p.keys.entries()) storeLeaf(kb, buf, entry, keys[k]);
      return entry;
    },
  };
}

/** Merges values into an entry of these columns, leaf by leaf; `idle` ones, which nobody reads, once a key. */
export function mergeValues(
  kb: KernelBuilder,
  columns: readonly number[],
  { op, idle }: { readonly op: MergeOp; readonly idle: boolean },
  values: readonly SExpr[],
): EntryMerge {
  const each = (f: (buf: number, v: SExpr) => void): void => {
    for (const [k, buf] of columns.entries()) {
      const v = values[k];
      if (v !== undefined) f(buf, v);
    }
  };
  return {
    fresh: (entry) => each((buf, v) => kb.store(buf, entry, v)),
    known(entry) {
      if (!idle) each((buf, v) => kb.store(buf, entry, bin(op, kb.load(buf, entry), v)));
    },
  };
}

/** What a look-up reads of a finished dictionary. */
interface Finished {
  readonly dense: boolean;
  readonly mask: SExpr;
  slot(at: SExpr): SExpr;
  readonly near: Near | null;
  leafAt(leaf: number, entry: SExpr): SExpr;
}

function finished(d: DictVal, cx: LoopContext): Finished {
  const { kb } = cx;
  const kinds = [...leavesOf(d.ty.key, cx.origin), ...leavesOf(d.ty.value, cx.origin)];
  const kindOf = (leaf: number): ScalarKind => kinds[leaf] ?? unsupported('this dictionary', cx.origin);
  if (d.v === 'table') {
    return {
      dense: false,
      near: null,
      mask: d.mask,
      slot: (at) => kb.load(cx.memory('i32'), kb.let(bin('+', d.slots, at))),
      leafAt(leaf, entry) {
        const place = d.places[leaf] ?? unsupported('this dictionary', cx.origin);
        return kb.load(cx.memory(kindOf(leaf)), kb.let(bin('+', place, entry)));
      },
    };
  }
  const { dict, dense } = d;
  const hasNear = !dense && cx.host.state.nearKeys && isNearKey(d.ty.key);
  const form = dense ? 'dense' : hasNear ? 'near' : 'hashed';
  const slots = cx.buf('dict_slots', 'i32', 'read', false, { bind: 'slots', dict, form });
  return {
    dense,
    near: hasNear ? finishedNear(d, cx) : null,
    mask: cx.scalar('dict_mask', 'i32', { bind: 'slotmask', dict, form }),
    slot: (at) => kb.load(slots, at),
    leafAt: (leaf, entry) =>
      kb.load(cx.buf(`dict_${leaf}`, kindOf(leaf), 'read', false, { bind: 'entry', dict: d.dict, leaf }), entry),
  };
}

function finishedNear({ dict, ty }: Extract<DictVal, { readonly v: 'dict' }>, cx: LoopContext): Near {
  const places = cx.buf('dict_places', 'i32', 'read', false, { bind: 'places', dict });
  const kinds = leavesOf(ty.key, cx.origin);
  return {
    lows: kinds.map((kind, leaf) => cx.scalar('dict_low', lowKind(kind), { bind: 'low', dict, leaf })),
    spans: kinds.map((_, leaf) => cx.scalar('dict_span', 'i32', { bind: 'span', dict, leaf })),
    place: (code) => cx.kb.load(places, code),
  };
}

/** What a look-up gives: whether the key is there, its entry (0 if not), and the value there. */
export interface Probed {
  readonly found: Get;
  readonly entry: Get;
  value(): KVal;
}

/** Looks `keys` up in a finished dictionary. */
export function probe(d: DictVal, keys: readonly SExpr[], cx: LoopContext): Probed {
  const { kb } = cx;
  if (cx.guard !== null) return unsupported('a dictionary lookup in a predicated branch', cx.origin);
  const width = leavesOf(d.ty.key, cx.origin).length;
  const t = finished(d, cx);
  const found = kb.var(lit('bool', false));
  const entry = kb.var(lit('i32', 0));
  const one = lit('i32', 1);
  const value = (): KVal => {
    let leaf = width;
    // The entries of a table without any may lie nowhere: what is found of a miss is not looked at.
    return valueOfLeaves(d.ty.value, () => t.leafAt(leaf++, entry));
  };
  const direct = (at: SExpr): void => {
    kb.set(found, cmp('!=', at, lit('i32', 0)));
    kb.set(entry, bin('max', bin('-', at, one), lit('i32', 0)));
  };
  if (t.dense) {
    const { slot, outside } = denseSlot(kb, keys, t.mask);
    kb.if(un('not', outside), () => direct(t.slot(slot)));
    return { found, entry, value };
  }
  const { near } = t;
  if (near === null) search(d.ty.key, t, keys, found, entry, cx);
  else {
    const { code, inside } = nearCode(kb, near, keys);
    const bySlots = (): void => search(d.ty.key, t, keys, found, entry, cx);
    kb.if(inside, () => direct(near.place(code)), bySlots);
  }
  return { found, entry, value };
}

/** Looks `keys` up in the slots of a hashed table; sets `found` and `entry` where they are there. */
function search(key: Type, t: Finished, keys: readonly SExpr[], found: Get, entry: Get, cx: LoopContext): void {
  const { kb } = cx;
  const one = lit('i32', 1);
  const slot = kb.var(bin('&', hashKey(cx, key, keys), t.mask));
  const open = kb.var(lit('bool', true));
  kb.while(open, () => {
    const at = t.slot(slot);
    kb.if(
      cmp('==', at, lit('i32', 0)),
      () => kb.set(open, lit('bool', false)),
      () => {
        const candidate = kb.let(bin('-', at, one));
        const there = keys.map((_, leaf) => t.leafAt(leaf, candidate));
        kb.if(
          sameKey(cx, key, there, keys),
          () => {
            kb.set(found, lit('bool', true));
            kb.set(entry, candidate);
            kb.set(open, lit('bool', false));
          },
          () => kb.set(slot, bin('&', bin('+', slot, one), t.mask)),
        );
      },
    );
  });
}

/** The slot of a dense integer key, and whether it has none: as an unsigned number the key is above the mask. */
export function denseSlot(kb: KernelBuilder, keys: readonly SExpr[], mask: SExpr): { slot: SExpr; outside: SExpr } {
  const [key] = keys;
  if (key === undefined) throw new InternalError('lower: a dense dictionary without key');
  const slot = kb.let(cast(key, 'i32'));
  const outside = isBigKind(key.ty.kind)
    ? cmp('>', bitcast(key, 'u64'), cast(bitcast(mask, 'u32'), 'u64'))
    : cmp('>', bitcast(slot, 'u32'), bitcast(mask, 'u32'));
  return { slot, outside: kb.let(outside) };
}

function storeLeaf(kb: KernelBuilder, buf: number, at: SExpr, e: SExpr | undefined): void {
  if (e !== undefined) kb.store(buf, at, e);
}
