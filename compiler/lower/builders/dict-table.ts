/**
 * The dictionary in memory, and the two things code does with it: `upsert` and `probe`.
 *
 * Entries are columns (key leaves, then value leaves) in first-insertion order, with a count. A slot table of i32
 * finds them: entry number + 1, 0 = free. Hashed: a power of two of slots, linear probing. Dense: the key is the
 * slot, which needs keys in [0, slots), promised by `@(dense:true)` and checked. A table is in buffers of the kernel or
 * in memory that the loop body has made; `slotTable` in `core/slots.ts` makes the same on the host.
 */

import type { MergeOp, ScalarKind, Type } from '../../core/types.ts';
import { isBigKind } from '../../core/types.ts';
import { InternalError } from '../../diag/diagnostic.ts';
import { bin, bitcast, cast, cmp, type Get, type KernelBuilder, lit, un } from '../../sir/build.ts';
import type { SExpr } from '../../sir/kernel.ts';
import { hashKey, sameKey } from '../contents.ts';
import { type Code, type LoopContext, leavesOf, unsupported } from '../context.ts';
import { type DictVal, type KVal, valueOfLeaves } from '../values.ts';

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
  /** Makes room for one more entry with these keys and gives its number. */
  add(keys: readonly SExpr[]): SExpr;
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
  const insert = (slot: SExpr): void => {
    const entry = t.add(keys);
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
  readonly count: number;
  /** Entries that fit, i32. */
  readonly capacity: SExpr;
  readonly mask: SExpr;
}

/** A dictionary in buffers of the kernel: when it is full, the kernel stops and is run again with a larger one. */
export function tableIn(code: Code, p: TableParams, key: Type, dense: boolean): DictTable {
  const { kb } = code;
  const [zero, one] = [lit('i32', 0), lit('i32', 1)];
  return {
    key,
    dense,
    mask: p.mask,
    slot: (at) => kb.load(p.slots, at),
    setSlot: (at, v) => kb.store(p.slots, at, v),
    keyAt: (entry) => p.keys.map((buf) => kb.load(buf, entry)),
    add(keys) {
      const entry = kb.load(p.count, zero);
      kb.fail('TableFull', kb.let(cmp('>=', entry, p.capacity)));
      kb.store(p.count, zero, bin('+', entry, one));
      for (const [k, buf] of p.keys.entries()) storeLeaf(kb, buf, entry, keys[k]);
      return entry;
    },
  };
}

/** Merges values into an entry of these columns, leaf by leaf. */
export function mergeValues(
  kb: KernelBuilder,
  columns: readonly number[],
  op: MergeOp,
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
    known: (entry) => each((buf, v) => kb.store(buf, entry, bin(op, kb.load(buf, entry), v))),
  };
}

/** What a look-up reads of a finished dictionary. */
interface Finished {
  readonly dense: boolean;
  readonly mask: SExpr;
  slot(at: SExpr): SExpr;
  leafAt(leaf: number, entry: SExpr): SExpr;
}

function finished(d: DictVal, cx: LoopContext): Finished {
  const { kb } = cx;
  const kinds = [...leavesOf(d.ty.key, cx.origin), ...leavesOf(d.ty.value, cx.origin)];
  const kindOf = (leaf: number): ScalarKind => kinds[leaf] ?? unsupported('this dictionary', cx.origin);
  if (d.v === 'table') {
    return {
      dense: false,
      mask: d.mask,
      slot: (at) => kb.load(cx.memory('i32'), kb.let(bin('+', d.slots, at))),
      leafAt(leaf, entry) {
        const place = d.places[leaf] ?? unsupported('this dictionary', cx.origin);
        return kb.load(cx.memory(kindOf(leaf)), kb.let(bin('+', place, entry)));
      },
    };
  }
  const slots = cx.buf('dict_slots', 'i32', 'read', false, { bind: 'slots', dict: d.dict, dense: d.dense });
  return {
    dense: d.dense,
    mask: cx.scalar('dict_mask', 'i32', { bind: 'slotmask', dict: d.dict, dense: d.dense }),
    slot: (at) => kb.load(slots, at),
    leafAt: (leaf, entry) =>
      kb.load(cx.buf(`dict_${leaf}`, kindOf(leaf), 'read', false, { bind: 'entry', dict: d.dict, leaf }), entry),
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
  if (t.dense) {
    const { slot, outside } = denseSlot(kb, keys, t.mask);
    kb.if(un('not', outside), () => {
      const at = t.slot(slot);
      kb.set(found, cmp('!=', at, lit('i32', 0)));
      kb.set(entry, bin('max', bin('-', at, one), lit('i32', 0)));
    });
    return { found, entry, value };
  }
  const slot = kb.var(bin('&', hashKey(cx, d.ty.key, keys), t.mask));
  const open = kb.var(lit('bool', true));
  kb.while(open, () => {
    const at = t.slot(slot);
    kb.if(
      cmp('==', at, lit('i32', 0)),
      () => kb.set(open, lit('bool', false)),
      () => {
        const candidate = kb.let(bin('-', at, one));
        const there = Array.from({ length: width }, (_, leaf) => t.leafAt(leaf, candidate));
        kb.if(
          sameKey(cx, d.ty.key, there, keys),
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
  return { found, entry, value };
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
