/**
 * The machine form of kth, by samples: a sorted sample says between which two values the wanted one must lie with all but
 * certainty; one reading of the column counts what is below them and keeps what is between, a few in a hundred, of which
 * the same is asked again. When a sample has misled, or the bounds keep too much, the values are sorted.
 */

import type { ScalarKind, TypedArray } from '../../compiler/index.ts';
import { bin, cast, cmp, KernelBuilder } from '../../compiler/kernels.ts';
import { type Column, columnOf, vectorOf } from '../column.ts';
import { type Machine, type MachineForm, once } from '../machine.ts';
import { keptRuns, sideBySide } from './kept.ts';
import { placesOf } from './kth.ts';
import { sortedValues } from './radix.ts';
import { sampleOf } from './sample.ts';
import { sortCells } from './sort.ts';

/** Up to so many values are sorted at once. */
const FEW = 4096;
/** Values of a sample. */
const SAMPLE = 1 << 14;
/** Standard deviations of a place of the sample, which are at most half the root of its size. */
const DEVIATIONS = 4;
const PARTS_A_THREAD = 4;

export const kthMachine: MachineForm = async ([ks, v], m) => {
  const column = columnOf(v);
  const values: (number | bigint)[] = [];
  for (const k of placesOf(columnOf(ks), column.length)) values.push(await select(m, column, k));
  return vectorOf(column.kind, values, m.alloc);
};

/** The value at place k of the sorted column. */
async function select(m: Machine, column: Column, k: number): Promise<number | bigint> {
  const [value] = await selectRun(m, column, k, 1);
  return value ?? 0;
}

/** The values at `count` places of the sorted column from k on, which are few. */
export async function selectRun(
  m: Machine,
  column: Column,
  k: number,
  count: number,
): Promise<readonly (number | bigint)[]> {
  const { kind, length, cells } = column;
  const runOf = (sorted: TypedArray): readonly (number | bigint)[] => [...sorted.subarray(k, k + count)];
  const whole = async (): Promise<readonly (number | bigint)[]> =>
    runOf(await sortedValues(m, { kind, column: cells, descending: false }, 'values'));
  if (length <= FEW || kind === 'bool') {
    const sorted = cells.slice();
    sortCells(sorted);
    return runOf(sorted);
  }
  const sample = sampleOf(cells, SAMPLE);
  const expected = (k / length) * sample.length;
  const margin = DEVIATIONS * Math.sqrt(sample.length) * 0.5;
  const low = sample[Math.max(0, Math.floor(expected - margin))] ?? 0;
  const high = sample[Math.min(sample.length - 1, Math.ceil(expected + margin))] ?? 0;
  const bounded = !Number.isNaN(low) && !Number.isNaN(high);
  const found = bounded ? await between(m, column, low, high) : null;
  if (found === null || k < found.below || k + count > found.below + found.count) return whole();
  // Zeros of both signs are equal here and not in the order of values.
  if (low === high && Number(low) !== 0) return Array.from({ length: count }, () => low);
  if (found.count > length / 2) return whole();
  return selectRun(m, { kind, length: found.count, cells: found.cells() }, k - found.below, count);
}

interface Kept {
  /** How many values are below the bounds. */
  readonly below: number;
  readonly count: number;
  /** The values between them, side by side. */
  cells(): TypedArray;
}

async function between(m: Machine, column: Column, low: number | bigint, high: number | bigint): Promise<Kept> {
  const { kind, length, cells } = column;
  const parts = m.threads * PARTS_A_THREAD;
  const rowsPerPart = Math.max(Math.ceil(length / parts), Math.min(length, m.fewestRows));
  const values = m.alloc.alloc(kind, length);
  const launch = { rows: length, rowsPerPart, bufs: [cells, values], scalars: [low, high] };
  const report = await m.launch(keepBetween(kind), launch);
  let below = 0;
  for (let part = 0; part < report.parts; part++) below += Number(report.cell(part, 0));
  const runs = keptRuns(report);
  const count = runs.reduce((sum, run) => sum + run.count, 0);
  return { below, count, cells: () => sideBySide(values, runs) };
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
