/**
 * dictmerger: every part fills a table of its own (`dict-table.ts`); the plan merges the tables entry by entry in
 * part order, which keeps first-insertion order whatever thread ran what.
 *
 * With `@(dense:true)` and an argument n the keys are promised to be integers in [0, n) (dictionary codes), and the
 * slot is the key. For the GPU a dense table drops the entry list: values are indexed by key and a column of the
 * smallest row number restores the order of first insertion afterwards.
 *
 * Law: init = empty table (or the dictionary before the loop), merge = upsert, combine = upsert of the entries, result = the entries.
 */

import type { Annotations } from '../../core/op.ts';
import { type DictMergerType, isInt, refersToMemory } from '../../core/types.ts';
import { bin, KernelBuilder } from '../../sir/build.ts';
import type { Kernel } from '../../sir/kernel.ts';
import type { HostAtom, HostReg } from '../../sir/plan.ts';
import { combineCode, type LoopContext, leavesOf } from '../context.ts';
import { leafExprs } from '../leaves.ts';
import type { Sink } from '../sink.ts';
import type { KVal } from '../values.ts';
import { denseSlot, keyAndValue, mergeValues, type TableParams, tableIn, upsert } from './dict-table.ts';
import { isNearKey, lowKind } from './near.ts';

/** True when the notes promise a small integer key range and the builder's argument gives its size. */
export function isDense(ty: DictMergerType, arg: HostAtom | null, notes: Annotations): boolean {
  return notes['dense'] === true && arg !== null && isInt(ty.key);
}

/** What is known of a dictmerger beside its type. */
export interface DictFacts {
  readonly init: HostAtom | null;
  readonly size: HostAtom | null;
  readonly dense: boolean;
  /** May its rows be partitioned? */
  readonly partition: boolean;
  /** Does nobody read its values (`analysis/idle-values.ts`)? */
  readonly idle: boolean;
}

export function dictmergerSink(
  ty: DictMergerType,
  { init, size, dense, partition, idle }: DictFacts,
  dst: HostReg,
  output: number,
  cx: LoopContext,
): Sink {
  const near = !dense && cx.host.state.nearKeys && isNearKey(ty.key);
  const combine = combineKernel(ty, { dense, near, idle }, dst, cx);
  const { key, value, op } = ty;
  const out = { out: 'dict', dst, key, value, op, dense, near, partition, size, init, combine } as const;
  const sink = { ty, outputs: [out], local: null, keepsMemory: refersToMemory(ty.key) };
  if (cx.target === 'wgsl' && dense) return { ...sink, merge: denseMerge(ty, output, cx) };
  const params = declare(ty, near, output, cx);
  const table = tableIn(cx, params, ty.key, dense);
  return {
    ...sink,
    merge(pair) {
      const [key, value] = keyAndValue(pair, cx);
      if (dense) cx.sites.push({ code: 'DenseRange', origin: cx.origin });
      const merge = mergeValues(cx.kb, params.values, { op: ty.op, idle }, leafExprs(value, cx));
      upsert(cx, table, leafExprs(key, cx), {
        ...merge,
        fresh(entry) {
          if (refersToMemory(ty.key)) cx.keepRow();
          merge.fresh(entry);
        },
      });
    },
  };
}

function declare(ty: DictMergerType, near: boolean, output: number, cx: LoopContext): TableParams {
  const keys = leavesOf(ty.key, cx.origin);
  const values = leavesOf(ty.value, cx.origin);
  const column = (name: string, kind: (typeof keys)[number], leaf: number): number =>
    cx.buf(`${name}${output}_${leaf}`, kind, 'readwrite', true, { bind: 'output', output, leaf });
  const n = keys.length + values.length;
  return {
    keys: keys.map((kind, k) => column('key', kind, k)),
    values: values.map((kind, k) => column('value', kind, keys.length + k)),
    slots: column('slots', 'i32', n),
    counts: column('counts', 'i32', n + 1),
    capacity: cx.scalar(`capacity${output}`, 'i32', { bind: 'capacity', output }),
    mask: cx.scalar(`mask${output}`, 'i32', { bind: 'outmask', output }),
    near: near
      ? {
          places: column('places', 'i32', n + 2),
          hashed: cx.scalar(`hashed${output}`, 'i32', { bind: 'outhashed', output }),
          lows: keys.map((kind, leaf) =>
            cx.scalar(`low${output}_${leaf}`, lowKind(kind), { bind: 'outlow', output, leaf }),
          ),
          spans: keys.map((_, leaf) => cx.scalar(`span${output}_${leaf}`, 'i32', { bind: 'outspan', output, leaf })),
        }
      : null,
  };
}

/** GPU form: value tables by key, plus the smallest row of each key. */
function denseMerge(ty: DictMergerType, output: number, cx: LoopContext): (pair: KVal) => void {
  const { kb } = cx;
  const values = leavesOf(ty.value, cx.origin);
  const leafBuf = (kind: (typeof values)[number], leaf: number): number =>
    cx.buf(`table${output}_${leaf}`, kind, 'readwrite', true, { bind: 'output', output, leaf });
  const tables = values.map(leafBuf);
  const first = leafBuf('i32', values.length);
  const mask = cx.scalar(`mask${output}`, 'i32', { bind: 'outmask', output });
  return (pair) => {
    const [key, value] = keyAndValue(pair, cx);
    const { slot, outside } = denseSlot(kb, leafExprs(key, cx), mask);
    kb.fail('DenseRange', outside);
    for (const [k, e] of leafExprs(value, cx).entries()) {
      const table = tables[k];
      if (table !== undefined) kb.store(table, slot, bin(ty.op, kb.load(table, slot), e));
    }
    kb.store(first, slot, bin('min', kb.load(first, slot), kb.index));
  };
}

/** Rows [0, count of a part): upserts the part's entries into the final dictionary. */
function combineKernel(
  ty: DictMergerType,
  { dense, near, idle }: { readonly dense: boolean; readonly near: boolean; readonly idle: boolean },
  dst: HostReg,
  cx: LoopContext,
): Kernel {
  const kb = new KernelBuilder(cx.host.kernelName(`combine_dict${dst}`));
  const keys = leavesOf(ty.key, cx.origin);
  const values = leavesOf(ty.value, cx.origin);
  const kinds = [...keys, ...values];
  const part = kinds.map((kind, k) => kb.buf(`part_${k}`, kind, 'read'));
  const final = kinds.map((kind, k) => kb.buf(`entry_${k}`, kind, 'readwrite'));
  const params: TableParams = {
    keys: final.slice(0, keys.length),
    values: final.slice(keys.length),
    slots: kb.buf('slots', 'i32', 'readwrite'),
    counts: kb.buf('counts', 'i32', 'readwrite'),
    capacity: kb.scalar('capacity', 'i32'),
    mask: kb.scalar('mask', 'i32'),
    near: near
      ? {
          places: kb.buf('places', 'i32', 'readwrite'),
          hashed: kb.scalar('hashed', 'i32'),
          lows: keys.map((kind, leaf) => kb.scalar(`low_${leaf}`, lowKind(kind))),
          spans: keys.map((_, leaf) => kb.scalar(`span_${leaf}`, 'i32')),
        }
      : null,
  };
  const code = combineCode(kb);
  const row = part.map((buf) => kb.load(buf, kb.index));
  const merge = mergeValues(kb, params.values, { op: ty.op, idle }, row.slice(keys.length));
  upsert(code, tableIn(code, params, ty.key, dense), row.slice(0, keys.length), merge);
  return kb.finish();
}
