/**
 * Hits of left rows to pairs of rows: how many pairs each stretch of rows has, then all stretches write theirs. The rows of
 * one side that have no partner are pairs as well, of their row and -1.
 */

import type { TypedArray } from '../../compiler/index.ts';
import { bin, cast, cmp, type Get, KernelBuilder, lit, type SExpr } from '../../compiler/kernels.ts';
import { type Machine, type MachineBuffer, once } from '../machine.ts';
import { minus, num, plus, times } from '../terms.ts';
import type { Hits } from './hits.ts';
import type { Runs } from './runs.ts';

/** Rows of a stretch; fewer where a thread would have too little of them. */
const STRETCH = 1 << 12;
const STRETCHES_A_THREAD = 16;

/** Columns that pairs are written to. */
export interface Pairs {
  readonly lefts: TypedArray;
  readonly rights: TypedArray;
}

/** Pairs that are counted, and can be written. */
export interface Counted {
  readonly pairs: number;
  /** Writes them from place `from` on. */
  write(to: Pairs, from: number): Promise<void>;
}

interface Stretches {
  readonly rows: number;
  readonly length: number;
  readonly count: number;
}

function stretchesOf(m: Machine, rows: number): Stretches {
  const fair = Math.ceil(rows / (m.threads * STRETCHES_A_THREAD));
  const length = Math.max(1, Math.min(STRETCH, fair));
  return { rows, length, count: Math.ceil(rows / length) };
}

/**
 * The pairs of left rows with their right ones; `outer` also gives those that have none. `seen`, where there is one, gets
 * true for each hit that is there.
 */
export async function countPairs(
  m: Machine,
  { hits, runs }: Hits,
  outer: boolean,
  seen: TypedArray | null,
): Promise<Counted> {
  const s = stretchesOf(m, hits.length);
  const many = runs !== null;
  const bufs = [hits, ...(runs === null ? [] : [runs.lengths])];
  const counts = await run(m, s, (to) => ({
    kernel: countKernel(many, outer, seen !== null),
    bufs: [...bufs, to, ...(seen === null ? [] : [seen])],
  }));
  return {
    pairs: total(counts),
    write: (to, from) =>
      fill(m, s, counts, from, (starts) => ({
        kernel: fillKernel(many, outer),
        bufs: [...bufs, ...(runs === null ? [] : [runs.order]), starts, to.lefts, to.rights],
      })),
  };
}

/** The right rows that `seen` does not say true of, beside -1. */
export async function countUnseen(m: Machine, seen: TypedArray): Promise<Counted> {
  const s = stretchesOf(m, seen.length);
  const counts = await run(m, s, (to) => ({ kernel: countUnseenKernel(), bufs: [seen, to] }));
  return {
    pairs: total(counts),
    write: (to, from) =>
      fill(m, s, counts, from, (starts) => ({ kernel: fillUnseenKernel(), bufs: [seen, starts, to.lefts, to.rights] })),
  };
}

/** Says of each right row whether the run that it is in was seen. */
export async function seenRows(m: Machine, seen: TypedArray, { order, lengths }: Runs): Promise<TypedArray> {
  const rows = m.alloc.alloc('bool', order.length);
  new Uint8Array(rows.buffer, rows.byteOffset, rows.length).fill(0);
  const s = stretchesOf(m, order.length);
  const bufs = [seen, lengths, order, rows];
  await m.launch(spreadSeen(), { rows: s.rows, rowsPerPart: s.length, bufs });
  return rows;
}

interface Call {
  readonly kernel: ReturnType<KernelBuilder['finish']>;
  readonly bufs: readonly MachineBuffer[];
}

/** How many pairs each stretch has. */
async function run(m: Machine, s: Stretches, call: (counts: TypedArray) => Call): Promise<readonly number[]> {
  const counts = m.alloc.alloc('i64', s.count);
  const { kernel, bufs } = call(counts);
  await m.launch(kernel, { rows: s.count, rowsPerPart: 1, bufs, scalars: [s.rows, s.length] });
  return Array.from(counts, Number);
}

async function fill(
  m: Machine,
  s: Stretches,
  counts: readonly number[],
  from: number,
  call: (starts: TypedArray) => Call,
): Promise<void> {
  const starts = m.alloc.alloc('i32', s.count);
  let next = from;
  for (const [k, n] of counts.entries()) {
    starts[k] = next;
    next += n;
  }
  const { kernel, bufs } = call(starts);
  await m.launch(kernel, { rows: s.count, rowsPerPart: 1, bufs, scalars: [s.rows, s.length] });
}

const total = (counts: readonly number[]): number => counts.reduce((sum, n) => sum + n, 0);

// ---- kernels -----------------------------------------------------------------------------------------------------

const i64 = (n: bigint): SExpr => lit('i64', n);
const u32 = (n: number): SExpr => lit('u32', n);

/** Runs `body` for the rows of the stretch that the kernel's row is. */
function stretch(k: KernelBuilder, body: (row: Get) => void): void {
  const [rows, length] = [k.scalar('rows', 'i32'), k.scalar('length', 'i32')];
  const from = k.let(times(k.index, length));
  k.range(from, plus(from, bin('min', length, minus(rows, from))), body);
}
const before = (hit: SExpr): SExpr => minus(cast(hit, 'i32'), num(1));

const countKernel = once((many: boolean, outer: boolean, marks: boolean) => {
  const name = `count_pairs${many ? '_of_runs' : ''}${outer ? '_outer' : ''}${marks ? '_seen' : ''}`;
  const k = KernelBuilder.packed(name);
  const hits = k.buf('hits', 'u32', 'read');
  const lengths = many ? k.buf('lengths', 'u32', 'read') : null;
  const counts = k.buf('counts', 'i64', 'write');
  const seen = marks ? k.buf('seen', 'bool', 'write') : null;
  const sum = k.var(i64(0n));
  stretch(k, (row) => {
    const hit = k.load(hits, row);
    const found = cmp('!=', hit, u32(0));
    if (lengths === null && seen === null) {
      k.set(sum, plus(sum, outer ? i64(1n) : cast(found, 'i64')));
      return;
    }
    const add = (n: SExpr): void => k.set(sum, plus(sum, n));
    const present = (): void => {
      const at = k.let(before(hit));
      if (seen !== null) k.store(seen, at, lit('bool', true));
      add(lengths === null ? i64(1n) : cast(k.load(lengths, at), 'i64'));
    };
    k.if(found, present, outer ? () => add(i64(1n)) : null);
  });
  k.store(counts, k.index, sum);
  return k.finish();
});

/** Writes pairs one after the other, from where a stretch begins. */
function writer(k: KernelBuilder) {
  const starts = k.buf('starts', 'i32', 'read');
  const [lefts, rights] = [k.buf('lefts', 'i64', 'write'), k.buf('rights', 'i64', 'write')];
  const next = k.var(k.load(starts, k.index));
  return (left: SExpr, right: SExpr): void => {
    k.store(lefts, next, left);
    k.store(rights, next, right);
    k.set(next, plus(next, num(1)));
  };
}

const fillKernel = once((many: boolean, outer: boolean) => {
  const k = KernelBuilder.packed(`fill_pairs${many ? '_of_runs' : ''}${outer ? '_outer' : ''}`);
  const hits = k.buf('hits', 'u32', 'read');
  const lengths = many ? k.buf('lengths', 'u32', 'read') : null;
  const order = many ? k.buf('order', 'u32', 'read') : null;
  const write = writer(k);
  stretch(k, (row) => {
    const left = k.let(cast(row, 'i64'));
    const hit = k.load(hits, row);
    if (lengths === null || order === null) {
      const pair = (): void => write(left, minus(cast(hit, 'i64'), i64(1n)));
      // Of a row without partner the hit is 0, so what is written beside it is -1.
      if (outer) pair();
      else k.if(cmp('!=', hit, u32(0)), pair);
      return;
    }
    const pairs = (): void => {
      const at = k.let(before(hit));
      k.range(at, plus(at, cast(k.load(lengths, at), 'i32')), (place) => {
        write(left, cast(k.load(order, place), 'i64'));
      });
    };
    k.if(cmp('!=', hit, u32(0)), pairs, outer ? () => write(left, i64(-1n)) : null);
  });
  return k.finish();
});

const countUnseenKernel = once(() => {
  const k = KernelBuilder.packed('count_unseen');
  const [seen, counts] = [k.buf('seen', 'bool', 'read'), k.buf('counts', 'i64', 'write')];
  const sum = k.var(i64(0n));
  stretch(k, (row) => k.set(sum, plus(sum, minus(i64(1n), cast(k.load(seen, row), 'i64')))));
  k.store(counts, k.index, sum);
  return k.finish();
});

const fillUnseenKernel = once(() => {
  const k = KernelBuilder.packed('fill_unseen');
  const seen = k.buf('seen', 'bool', 'read');
  const write = writer(k);
  stretch(k, (row) => k.if(cmp('==', k.load(seen, row), lit('bool', false)), () => write(i64(-1n), cast(row, 'i64'))));
  return k.finish();
});

/** The rows of the run that begins here. */
const spreadSeen = once(() => {
  const k = KernelBuilder.packed('spread_seen');
  const [seen, lengths] = [k.buf('seen', 'bool', 'read'), k.buf('lengths', 'u32', 'read')];
  const [order, rows] = [k.buf('order', 'u32', 'read'), k.buf('rows', 'bool', 'write')];
  k.if(k.load(seen, k.index), () => {
    k.range(k.index, plus(k.index, cast(k.load(lengths, k.index), 'i32')), (place) => {
      k.store(rows, k.let(cast(k.load(order, place), 'i32')), lit('bool', true));
    });
  });
  return k.finish();
});
