/**
 * dictmerger of many keys (radix partitioning): a table that is larger than the cache costs a miss or three for every
 * row, so rows are sorted out first, by the top bits of their hash.
 *
 *     scatter   the loop: each part writes its rows to blocks of their partitions (`SCATTER` in `sir/plan.ts`)
 *     merge     a partition, part after part, goes to a table of its own, which stays in the cache
 *     order     the entries of all partitions, part after part, are moved to the places of their first rows
 *     index     the keys are entered in a table of slots
 *
 * A key belongs to one partition and its rows stay in input order, so its values are folded in input order, as in a loop
 * of one part. Partitions are merged, and parts ordered, by as many threads as there are.
 *
 * Preconditions: a fresh builder, keys and values without vectors, one merge a row at most: the number of the row tells
 * which key came first.
 */

import { type DictMergerType, type ScalarKind, scalarBytes } from '../../core/types.ts';
import { bin, bitcast, cast, cmp, type Get, KernelBuilder, lit, sel } from '../../sir/build.ts';
import type { Kernel, SExpr } from '../../sir/kernel.ts';
import type { HostReg } from '../../sir/plan.ts';
import { SCATTER } from '../../sir/scatter.ts';
import { hashKey } from '../contents.ts';
import { combineCode, type LoopContext, leavesOf } from '../context.ts';
import { leafExprs } from '../leaves.ts';
import type { Sink } from '../sink.ts';
import { type DictTable, keyAndValue, mergeValues, upsert } from './dict-table.ts';
import { indexKernel, orderKernel } from './partitioned-order.ts';

const { partitions, blockRows } = SCATTER;
/** A block's number is the place of a row in it, shifted by this. */
const BLOCK_BITS = Math.log2(blockRows);

/** Bytes of a line of the cache. */
const LINE = 64;

const i32 = (n: number): SExpr => lit('i32', n);
const add = (a: SExpr, b: SExpr): SExpr => bin('+', a, b);

/** The sink of the loop that scatters. */
export function partitionedSink(
  ty: DictMergerType,
  idle: boolean,
  dst: HostReg,
  output: number,
  cx: LoopContext,
): Sink {
  const { kb } = cx;
  const kinds = [...leavesOf(ty.key, cx.origin), ...leavesOf(ty.value, cx.origin), 'i32' as const];
  const columns = kinds.map((kind, leaf) =>
    cx.buf(`row${output}_${leaf}`, kind, 'write', true, { bind: 'output', output, leaf }),
  );
  const places = cx.buf(`places${output}`, 'i32', 'readwrite', true, { bind: 'output', output, leaf: kinds.length });
  const kernels = {
    merge: mergeKernel(ty, idle, dst, 'u16', cx),
    mergeMany: mergeKernel(ty, idle, dst, 'i32', cx),
    order: orderKernel(ty, dst, cx),
    index: indexKernel(ty, dst, cx),
  };
  return {
    ty,
    outputs: [{ out: 'partitioned', dst, key: ty.key, value: ty.value, op: ty.op, init: null, kernels }],
    local: null,
    keepsMemory: false,
    merge(pair) {
      const [key, value] = keyAndValue(pair, cx);
      const keys = leafExprs(key, cx);
      const row = [...keys, ...leafExprs(value, cx), kb.index];
      const hash = bitcast(hashKey(cx, ty.key, keys), 'u32');
      const partition = kb.let(bitcast(bin('>>', hash, lit('u32', 32 - Math.log2(partitions))), 'i32'));
      const place = kb.load(places, partition);
      for (const [k, e] of row.entries()) {
        const column = columns[k];
        if (column !== undefined) kb.store(column, place, e);
      }
      const next = kb.var(add(place, i32(1)));
      kb.if(cmp('==', bin('&', next, i32(blockRows - 1)), i32(0)), () => {
        const free = kb.load(places, i32(SCATTER.free));
        kb.store(places, kb.let(add(bin('>>', place, i32(BLOCK_BITS)), i32(SCATTER.behind))), free);
        kb.store(places, i32(SCATTER.free), add(free, i32(1)));
        kb.set(next, bin('<<', free, i32(BLOCK_BITS)));
      });
      kb.store(places, partition, next);
    },
  };
}

/** Merges partitions into tables with slots of a kind: half as wide, they are half of the memory. */
function mergeKernel(
  ty: DictMergerType,
  idle: boolean,
  dst: HostReg,
  slotKind: 'u16' | 'i32',
  cx: LoopContext,
): Kernel {
  const kb = new KernelBuilder(cx.host.kernelName(`merge_${slotKind === 'u16' ? '' : 'many_'}dict${dst}`));
  const code = combineCode(kb);
  const keys = leavesOf(ty.key, cx.origin);
  const kinds = [...keys, ...leavesOf(ty.value, cx.origin)];
  const rows = kinds.map((kind, k) => kb.buf(`row_${k}`, kind, 'read'));
  const rowNumbers = kb.buf('row_number', 'i32', 'read');
  const places = kb.buf('places', 'i32', 'read');
  const entries = kinds.map((kind, k) => kb.buf(`entry_${k}`, kind, 'readwrite', true));
  const firstRows = kb.buf('first_row', 'i32', 'write', true);
  const slots = kb.buf('slots', slotKind, 'readwrite', true);
  const counts = kb.buf('counts', 'i32', 'readwrite');
  const countsAfter = kb.buf('counts_after', 'i32', 'write');
  const [first, parts] = [kb.scalar('first', 'i32'), kb.scalar('parts', 'i32')];
  const [capacity, mask] = [kb.scalar('capacity', 'i32'), kb.scalar('mask', 'i32')];

  const partition = kb.index;
  kb.if(cmp('==', first, i32(0)), () => {
    kb.range(i32(0), add(mask, i32(1)), (k) => kb.store(slots, k, lit(slotKind, 0)));
    kb.store(counts, partition, i32(0));
  });
  const count = kb.var(kb.load(counts, partition));
  const placeAfter = (part: SExpr): Get => kb.let(add(bin('*', part, i32(partitions)), partition));
  kb.if(cmp('>', first, i32(0)), () => {
    // In a later round the table is fetched again: line after line, which is much quicker than in the order of keys. What
    // was read is stored, so that reading is no idle work, where a count comes later.
    const read = kb.var(i32(0));
    const fetch = (buf: number, kind: ScalarKind, length: SExpr): void => {
      const shift = i32(Math.log2(LINE / scalarBytes(kind)));
      kb.range(i32(0), bin('>>', length, shift), (line) => {
        const v = kb.load(buf, kb.let(bin('<<', line, shift)));
        kb.set(read, add(read, kind === 'bool' ? sel(v, i32(1), i32(0)) : cast(v, 'i32')));
      });
    };
    fetch(slots, slotKind, add(mask, i32(1)));
    for (const [k, kind] of kinds.entries()) fetch(entries[k] ?? slots, kind, count);
    kb.store(countsAfter, placeAfter(first), read);
  });
  /** Merges the row at a place of the columns. */
  const mergeRow = (at: SExpr): void => {
    const row = rows.map((buf) => kb.load(buf, at));
    const key = row.slice(0, keys.length);
    const table: DictTable = {
      key: ty.key,
      dense: false,
      near: null,
      mask,
      slot: (slot) => kb.let(cast(kb.load(slots, slot), 'i32')),
      setSlot: (slot, v) => kb.store(slots, slot, cast(v, slotKind)),
      keyAt: (entry) => entries.slice(0, keys.length).map((buf) => kb.load(buf, entry)),
      add() {
        const entry = kb.let(add(count, i32(0)));
        kb.fail('TableFull', kb.let(cmp('>=', entry, capacity)));
        for (const [k, e] of key.entries()) {
          const buf = entries[k];
          if (buf !== undefined) kb.store(buf, entry, e);
        }
        kb.store(firstRows, entry, kb.load(rowNumbers, at));
        kb.set(count, add(entry, i32(1)));
        return entry;
      },
    };
    upsert(code, table, key, mergeValues(kb, entries.slice(keys.length), { op: ty.op, idle }, row.slice(keys.length)));
  };
  kb.range(i32(0), parts, (part) => {
    const [row0, places0] = [kb.let(bin('*', part, i32(SCATTER.capacity))), kb.let(bin('*', part, i32(SCATTER.words)))];
    const placeOf = (word: SExpr): Get => kb.load(places, kb.let(add(places0, word)));
    const end = placeOf(partition);
    const lastBlock = kb.let(bin('>>', end, i32(BLOCK_BITS)));
    const block = kb.var(partition);
    const open = kb.var(lit('bool', true));
    kb.while(open, () => {
      const begin = kb.let(bin('<<', block, i32(BLOCK_BITS)));
      kb.set(open, cmp('!=', block, lastBlock));
      const stop = kb.var(end);
      kb.if(open, () => {
        kb.set(stop, add(begin, i32(blockRows)));
        kb.set(block, placeOf(add(block, i32(SCATTER.behind))));
      });
      kb.range(add(row0, begin), add(row0, stop), mergeRow);
    });
    kb.store(countsAfter, placeAfter(kb.let(add(first, part))), count);
  });
  kb.store(counts, partition, count);
  return kb.finish();
}
