/**
 * From the tables of partitions to one dictionary.
 *
 * The entries that a partition made in a part are neighbours, and so are, in the finished dictionary, those that all
 * partitions made in that part: `before` of it are entries of earlier parts. Inside a part the number of the first row
 * decides. A bit for each row that made an entry, and for each word of bits the number of entries before it, tell every
 * entry its place without a comparison.
 */

import type { DictMergerType } from '../../core/types.ts';
import { bin, bitcast, cmp, KernelBuilder, lit } from '../../sir/build.ts';
import type { Kernel, SExpr } from '../../sir/kernel.ts';
import type { HostReg } from '../../sir/plan.ts';
import { SCATTER } from '../../sir/scatter.ts';
import { combineCode, type LoopContext, leavesOf } from '../context.ts';
import { enter } from './dict-table.ts';

const { partitions, partRows, bitWords } = SCATTER;

const i32 = (n: number): SExpr => lit('i32', n);
const u32 = (n: number): SExpr => lit('u32', n);
const add = (a: SExpr, b: SExpr): SExpr => bin('+', a, b);

export function orderKernel(ty: DictMergerType, dst: HostReg, cx: LoopContext): Kernel {
  const kb = new KernelBuilder(cx.host.kernelName(`order_dict${dst}`));
  const kinds = [...leavesOf(ty.key, cx.origin), ...leavesOf(ty.value, cx.origin)];
  const entries = kinds.map((kind, k) => kb.buf(`entry_${k}`, kind, 'read'));
  const firstRows = kb.buf('first_row', 'i32', 'read');
  const countsAfter = kb.buf('counts_after', 'i32', 'read');
  const before = kb.buf('before', 'i32', 'read');
  const bits = kb.buf('bits', 'u32', 'readwrite', true);
  const ranks = kb.buf('ranks', 'i32', 'readwrite', true);
  const ordered = kinds.map((kind, k) => kb.buf(`ordered_${k}`, kind, 'write'));
  const capacity = kb.scalar('capacity', 'i32');

  const part = kb.index;
  const row0 = kb.let(bin('*', part, i32(partRows)));
  /** The entries that the part made, as places of the columns of all, with the word and the bit of their first rows. */
  const eachEntry = (body: (at: SExpr, word: SExpr, bit: SExpr) => void): void =>
    kb.range(i32(0), i32(partitions), (partition) => {
      const column = kb.let(add(bin('*', part, i32(partitions)), partition));
      const begin = kb.var(i32(0));
      kb.if(cmp('>', part, i32(0)), () =>
        kb.set(begin, kb.load(countsAfter, kb.let(bin('-', column, i32(partitions))))),
      );
      const end = kb.load(countsAfter, column);
      const entry0 = kb.let(bin('*', partition, capacity));
      kb.range(add(entry0, begin), add(entry0, end), (at) => {
        const row = kb.let(bitcast(bin('-', kb.load(firstRows, at), row0), 'u32'));
        const word = kb.let(bitcast(bin('>>', row, u32(5)), 'i32'));
        body(at, word, kb.let(bin('<<', u32(1), bin('&', row, u32(31)))));
      });
    });

  kb.range(i32(0), i32(bitWords), (word) => kb.store(bits, word, u32(0)));
  eachEntry((_, word, bit) => kb.store(bits, word, bin('|', kb.load(bits, word), bit)));
  const rank = kb.var(kb.load(before, part));
  kb.range(i32(0), i32(bitWords), (word) => {
    kb.store(ranks, word, rank);
    kb.set(rank, add(rank, ones(kb, kb.load(bits, word))));
  });
  eachEntry((at, word, bit) => {
    const smaller = bin('&', kb.load(bits, word), bin('-', bit, u32(1)));
    const place = kb.let(add(kb.load(ranks, word), ones(kb, smaller)));
    for (const [k, buf] of entries.entries()) {
      const column = ordered[k];
      if (column !== undefined) kb.store(column, place, kb.load(buf, at));
    }
  });
  return kb.finish();
}

/** How many bits of a u32 are set, as i32: sums of pairs, of fours, of eights, and the four bytes by a product. */
function ones(kb: KernelBuilder, e: SExpr): SExpr {
  const shifted = (x: SExpr, by: number): SExpr => bin('>>', x, u32(by));
  const x = kb.let(e);
  const pairs = kb.let(bin('-', x, bin('&', shifted(x, 1), u32(0x55555555))));
  const fours = kb.let(bin('+', bin('&', pairs, u32(0x33333333)), bin('&', shifted(pairs, 2), u32(0x33333333))));
  const eights = bin('&', bin('+', fours, shifted(fours, 4)), u32(0x0f0f0f0f));
  return kb.let(bitcast(shifted(bin('*', eights, u32(0x01010101)), 24), 'i32'));
}

export function indexKernel(ty: DictMergerType, dst: HostReg, cx: LoopContext): Kernel {
  const kb = new KernelBuilder(cx.host.kernelName(`index_dict${dst}`));
  const keys = leavesOf(ty.key, cx.origin).map((kind, k) => kb.buf(`key_${k}`, kind, 'read'));
  const slots = kb.buf('slots', 'i32', 'readwrite');
  const table = {
    key: ty.key,
    mask: kb.scalar('mask', 'i32'),
    slot: (at: SExpr) => kb.load(slots, at),
    setSlot: (at: SExpr, v: SExpr) => kb.store(slots, at, v),
  };
  const key = keys.map((buf) => kb.load(buf, kb.index));
  enter(combineCode(kb), table, key, kb.index);
  return kb.finish();
}
