/**
 * The machine form of kth, by samples: a sorted sample says between which two values the wanted one must lie with all but
 * certainty; one reading of the column counts what is below them and keeps what is between, a few in a hundred, of which
 * the same is asked again. When a sample has misled, or the bounds keep too much, the values are sorted.
 */

import type { ScalarKind, TypedArray } from '../../compiler/index.ts';
import { bin, cast, cmp, KernelBuilder } from '../../compiler/kernels.ts';
import { type Column, columnOf, vectorOf } from '../column.ts';
import { type Machine, type MachineForm, once } from '../machine.ts';
import { placesOf } from './kth.ts';
import { sortCells } from './sort.ts';
import { sorted } from './sort-machine.ts';

/** Up to so many values are sorted at once. */
const FEW = 4096;
const SAMPLE = 1 << 14;
/** Places of the sample to either side of the expected one: four standard deviations of the worst case, sqrt(SAMPLE) / 2. */
const MARGIN = 4 * Math.sqrt(SAMPLE) * 0.5;
const PARTS_A_THREAD = 4;

export const kthMachine: MachineForm = async ([ks, v], m) => {
  const column = columnOf(v);
  const values: (number | bigint)[] = [];
  for (const k of placesOf(columnOf(ks), column.length)) values.push(await select(m, column, k));
  return vectorOf(column.kind, values, m.alloc);
};

/** The value at place k of the sorted column. */
async function select(m: Machine, column: Column, k: number): Promise<number | bigint> {
  const { kind, length, cells } = column;
  if (length <= FEW || kind === 'bool') return inOrder(cells.slice(), k);
  const sample = sampleOf(cells);
  const expected = (k / length) * SAMPLE;
  const low = sample[Math.max(0, Math.floor(expected - MARGIN))] ?? 0;
  const high = sample[Math.min(SAMPLE - 1, Math.ceil(expected + MARGIN))] ?? 0;
  const bounded = !Number.isNaN(low) && !Number.isNaN(high);
  const kept = bounded ? await between(m, column, low, high) : null;
  if (kept === null || k < kept.below || k >= kept.below + kept.count) return whole(m, column, k);
  // Zeros of both signs are equal here and not in the order of values.
  if (low === high && Number(low) !== 0) return low;
  const inside: Column = { kind, length: kept.count, cells: kept.cells(m) };
  return kept.count > length / 2 ? whole(m, inside, k - kept.below) : select(m, inside, k - kept.below);
}

function inOrder(cells: TypedArray, k: number): number | bigint {
  sortCells(cells);
  return cells[k] ?? 0;
}
async function whole(m: Machine, { kind, cells }: Column, k: number): Promise<number | bigint> {
  return (await sorted(m, kind, cells, false))[k] ?? 0;
}

/** Values from all over the column, in order; places by a multiplicative sequence, lest a pattern in the rows be met. */
function sampleOf(cells: TypedArray): TypedArray {
  const sample = cells.slice(0, SAMPLE);
  for (let s = 0; s < SAMPLE; s++) {
    const place = Math.floor(((Math.imul(s + 1, 0x9e3779b1) >>> 0) / 2 ** 32) * cells.length);
    const cell = cells[place] ?? 0;
    if (sample instanceof BigInt64Array || sample instanceof BigUint64Array) sample[s] = BigInt(cell);
    else sample[s] = Number(cell);
  }
  sortCells(sample);
  return sample;
}

interface Kept {
  /** How many values are below the bounds. */
  readonly below: number;
  readonly count: number;
  /** The values between them, side by side. */
  cells(m: Machine): TypedArray;
}

async function between(m: Machine, column: Column, low: number | bigint, high: number | bigint): Promise<Kept> {
  const { kind, length, cells } = column;
  const parts = m.threads * PARTS_A_THREAD;
  const rowsPerPart = Math.max(Math.ceil(length / parts), Math.min(length, m.fewestRows));
  const kept = m.alloc.alloc(kind, length);
  const launch = { rows: length, rowsPerPart, bufs: [cells, kept], scalars: [low, high] };
  const report = await m.launch(keepBetween(kind), launch);
  const counts = Array.from({ length: report.parts }, (_, p) => report.count(p, 0));
  const below = counts.reduce((sum, _, p) => sum + Number(report.cell(p, 0)), 0);
  const count = counts.reduce((sum, n) => sum + n, 0);
  return {
    below,
    count,
    cells(machine) {
      const inside = machine.alloc.alloc(kind, count);
      let at = 0;
      for (const [p, n] of counts.entries()) {
        move(inside, at, kept.subarray(p * rowsPerPart, p * rowsPerPart + n));
        at += n;
      }
      return inside;
    },
  };
}

function move(to: TypedArray, at: number, from: TypedArray): void {
  const place = to.byteOffset + at * to.BYTES_PER_ELEMENT;
  new Uint8Array(to.buffer).set(new Uint8Array(from.buffer, from.byteOffset, from.byteLength), place);
}

/** Counts rows below `low` and keeps those from `low` to `high`. */
const keepBetween = once((kind: ScalarKind) => {
  const k = new KernelBuilder(`keep_between_${kind}`);
  const [column, kept] = [k.buf('column', kind, 'read'), k.buf('kept', kind, 'write')];
  const [low, high] = [k.scalar('low', kind), k.scalar('high', kind)];
  // As wide as the column, so that the lanes agree.
  const counter = kind === 'f64' || kind === 'i64' || kind === 'u64' ? 'i64' : 'i32';
  const below = k.reduction('below', counter, '+');
  const cursor = k.cursor();
  const e = k.load(column, k.index);
  k.accum(below, cast(cmp('<', e, low), counter));
  k.if(bin('&', cmp('>=', e, low), cmp('<=', e, high)), () => k.push(cursor, [[kept, e]]));
  return k.finish();
});
