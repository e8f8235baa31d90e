/**
 * The dictionary in memory, and the two things code does with it: `upsert` and `probe`.
 *
 * Entries are columns (key leaves, then value leaves) in first-insertion order, with a count. A slot table of i32
 * finds them: entry number + 1, 0 = free. Hashed: a power of two of slots, linear probing. Dense: the key is the
 * slot, which needs keys in [0, slots), promised by `@(dense:true)` and checked.
 *
 * Keys are equal when they are the same value: any NaN equals any NaN, whatever its bits (a machine makes several), and
 * -0 differs from +0. `slotTable` in `core/convert.ts` makes the same table on the host.
 */

import type { MergeOp, ScalarKind } from '../../core/types.ts';
import { isBigKind, isFloatKind, scalarBytes } from '../../core/types.ts';
import { InternalError } from '../../diag/diagnostic.ts';
import { bin, bitcast, cast, cmp, type Get, type KernelBuilder, lit, sel, un } from '../../sir/build.ts';
import type { SExpr } from '../../sir/kernel.ts';
import { type LoopContext, leavesOf, unsupported } from '../context.ts';
import type { KVal } from '../values.ts';

/** The parameters through which a kernel reaches a dictionary that it fills. */
export interface DictTable {
  readonly keys: readonly number[];
  readonly values: readonly number[];
  readonly slots: number;
  readonly count: number;
  /** Entries that fit, i32. */
  readonly capacity: SExpr;
  /** Number of slots - 1, i32. */
  readonly mask: SExpr;
  readonly dense: boolean;
  readonly op: MergeOp;
}

/** Merges `values` into the entry of `keys`, which is made if it is new. */
export function upsert(kb: KernelBuilder, t: DictTable, keys: readonly SExpr[], values: readonly SExpr[]): void {
  const one = lit('i32', 1);
  const insert = (slot: SExpr): void => {
    const entry = kb.load(t.count, lit('i32', 0));
    kb.fail('TableFull', kb.let(cmp('>=', entry, t.capacity)));
    const next = kb.let(bin('+', entry, one));
    kb.store(t.count, lit('i32', 0), next);
    kb.store(t.slots, slot, next);
    for (const [k, buf] of t.keys.entries()) storeLeaf(kb, buf, entry, keys[k]);
    for (const [k, buf] of t.values.entries()) storeLeaf(kb, buf, entry, values[k]);
  };
  const merge = (found: SExpr): void => {
    const entry = kb.let(bin('-', found, one));
    for (const [k, buf] of t.values.entries()) {
      const v = values[k];
      if (v !== undefined) kb.store(buf, entry, bin(t.op, kb.load(buf, entry), v));
    }
  };
  if (t.dense) {
    const { slot, outside } = denseSlot(kb, keys, t.mask);
    kb.fail('DenseRange', outside);
    const found = kb.load(t.slots, slot);
    kb.if(
      cmp('==', found, lit('i32', 0)),
      () => insert(slot),
      () => merge(found),
    );
    return;
  }
  const slot = kb.var(bin('&', hash(kb, keys), t.mask));
  const open = kb.var(lit('bool', true));
  kb.while(open, () => {
    const found = kb.load(t.slots, slot);
    kb.if(
      cmp('==', found, lit('i32', 0)),
      () => {
        insert(slot);
        kb.set(open, lit('bool', false));
      },
      () => {
        kb.if(
          sameKey(kb, t.keys, kb.let(bin('-', found, one)), keys),
          () => {
            merge(found);
            kb.set(open, lit('bool', false));
          },
          () => kb.set(slot, bin('&', bin('+', slot, one), t.mask)),
        );
      },
    );
  });
}

/** Looks `keys` up in a finished dictionary: whether it is there, its entry (0 if not), and the entry columns. */
export function probe(
  d: Extract<KVal, { v: 'dict' }>,
  keys: readonly SExpr[],
  cx: LoopContext,
): { found: Get; entry: Get; bufs: (leaf: number) => number } {
  const { kb } = cx;
  if (cx.guard !== null) return unsupported('a dictionary lookup in a predicated branch', cx.origin);
  const kinds = [...leavesOf(d.ty.key, cx.origin), ...leavesOf(d.ty.value, cx.origin)];
  const bufs = (leaf: number): number => {
    const kind = kinds[leaf];
    if (kind === undefined) return unsupported('this dictionary', cx.origin);
    return cx.buf(`dict_${leaf}`, kind, 'read', false, { bind: 'entry', dict: d.dict, leaf });
  };
  const slots = cx.buf('dict_slots', 'i32', 'read', false, { bind: 'slots', dict: d.dict, dense: d.dense });
  const mask = cx.scalar('dict_mask', 'i32', { bind: 'slotmask', dict: d.dict, dense: d.dense });
  const found = kb.var(lit('bool', false));
  const entry = kb.var(lit('i32', 0));
  const one = lit('i32', 1);
  if (d.dense) {
    const { slot, outside } = denseSlot(kb, keys, mask);
    kb.if(un('not', outside), () => {
      const at = kb.load(slots, slot);
      kb.set(found, cmp('!=', at, lit('i32', 0)));
      kb.set(entry, bin('max', bin('-', at, one), lit('i32', 0)));
    });
    return { found, entry, bufs };
  }
  const slot = kb.var(bin('&', hash(kb, keys), mask));
  const open = kb.var(lit('bool', true));
  kb.while(open, () => {
    const at = kb.load(slots, slot);
    kb.if(
      cmp('==', at, lit('i32', 0)),
      () => kb.set(open, lit('bool', false)),
      () => {
        const candidate = kb.let(bin('-', at, one));
        kb.if(
          sameKey(
            kb,
            keys.map((_, leaf) => bufs(leaf)),
            candidate,
            keys,
          ),
          () => {
            kb.set(found, lit('bool', true));
            kb.set(entry, candidate);
            kb.set(open, lit('bool', false));
          },
          () => kb.set(slot, bin('&', bin('+', slot, one), mask)),
        );
      },
    );
  });
  return { found, entry, bufs };
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

function sameKey(kb: KernelBuilder, bufs: readonly number[], entry: SExpr, keys: readonly SExpr[]): SExpr {
  let same: SExpr = lit('bool', true);
  for (const [k, key] of keys.entries()) {
    const buf = bufs[k];
    if (buf === undefined) continue;
    const eq = cmp('==', keyBits(kb.load(buf, entry)), keyBits(key));
    same = k === 0 ? eq : bin('&', same, eq);
  }
  return kb.let(same);
}

/** A float by its bits, all NaNs by those of one; anything else as it is. */
function keyBits(e: SExpr): SExpr {
  if (!isFloatKind(e.ty.kind)) return e;
  const nan = e.ty.kind === 'f64' ? lit('i64', 0x7ff8000000000000n) : lit('i32', 0x7fc00000);
  return sel(cmp('==', e, e), bitcast(e, nan.ty.kind), nan);
}

/** A multiplicative hash of all key leaves, i32: each leaf is folded in and the high bits mixed down. */
function hash(kb: KernelBuilder, keys: readonly SExpr[]): SExpr {
  const fold = (h: SExpr): SExpr => bin('^', h, bin('>>', h, lit('u64', 32)));
  let h: SExpr = lit('u64', 0n);
  for (const key of keys) h = kb.let(bin('*', bin('^', fold(h), wordOf(key)), lit('u64', 0x9e3779b97f4a7c15n)));
  return cast(fold(h), 'i32');
}

/** The bits of a key leaf as u64. */
function wordOf(e: SExpr): SExpr {
  const bits = keyBits(e);
  const kind: ScalarKind = bits.ty.kind;
  if (kind === 'bool') return sel(bits, lit('u64', 1), lit('u64', 0));
  return scalarBytes(kind) === 8 ? bitcast(bits, 'u64') : cast(bits, 'u64');
}
