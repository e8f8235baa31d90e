/**
 * The sort step: runs of rows, merged in pairs by the comparator's kernel until one is left, and then the columns in that
 * order. Rows are sorted by number, so a comparison never moves more than four bytes.
 *
 * Of a sort with a limit k the runs are cut at k rows as they are merged: what is behind the first k of a run is behind
 * them in every later one. So n rows take about n log k comparisons, and only k rows are moved.
 */

import { cost, fail, invariant, type ScalarKind, type Sorting, type Value, type VecValue } from '../compiler/index.ts';
import { bufferOf, scalarOf } from './bindings.ts';
import { MAX_ROWS } from './cut.ts';
import type { BufferArg } from './device.ts';
import { failAt } from './errors.ts';
import type { LaunchContext } from './launch.ts';
import { column, type Loop, shared } from './outputs/output.ts';
import { makesVectors, Regions } from './regions.ts';
import { asVec, leafKinds } from './value.ts';

/** The vector in the order of the comparator, stable; up to `limit` elements of it. */
export async function sort(of: Value, by: Sorting, limit: bigint | null, cx: LaunchContext): Promise<VecValue> {
  const v = asVec(of);
  const most = limit === null ? v.length : Math.max(0, Math.min(Number(limit), v.length));
  if (v.length < 2 && most === v.length) return v;
  if (v.length > MAX_ROWS) fail('W6009', `a sort of ${v.length} rows, the most is ${MAX_ROWS}`);
  let [from, to] = [await column(cx.arena, 'i32', v.length), await column(cx.arena, 'i32', v.length)];
  for (let row = 0; row < v.length; row++) from.view[row] = row;
  const regions = makesVectors(by.bufs) ? new Regions(cx.arena) : null;
  for (let runs: Runs = { width: 1, rows: v.length }; runs.rows > runs.width && most > 0; [from, to] = [to, from]) {
    runs = await mergePairs(by, [shared(from.mem), shared(to.mem)], runs, most, regions, cx);
  }
  const cols = [];
  for (const [leaf, kind] of leafKinds(v.elem).entries()) {
    const [source, made] = [v.cols[leaf], await column(cx.arena, kind, most)];
    invariant(source !== undefined, () => `sort: no column ${leaf}`);
    for (let row = 0; row < most; row++) made.view[row] = source[Number(from.view[row])] ?? 0;
    cols.push(made.view);
  }
  return { ...v, length: most, cols };
}

/** Runs of `width` rows one behind the other; the last may be shorter. */
interface Runs {
  readonly width: number;
  readonly rows: number;
}

/** One run of the kernel: every row merges two runs, and gives back what the comparator made. Gives the runs that are
 *  there now. */
async function mergePairs(
  by: Sorting,
  orders: readonly BufferArg[],
  { width, rows }: Runs,
  most: number,
  regions: Regions | null,
  cx: LaunchContext,
): Promise<Runs> {
  const { kernel } = by;
  const pairs = Math.ceil(rows / width / 2);
  const merged = Math.min(2 * width, most);
  const { PART_ROWS } = cost;
  const parts = Math.ceil(pairs / PART_ROWS);
  const [own, sizes] = [orders.length, [width, rows, merged]];
  const kindOf = (k: number): ScalarKind => kernel.scalars[sizes.length + k]?.kind ?? 'i32';
  for (;;) {
    const region = regions === null ? null : await regions.open(pairs, PART_ROWS, parts);
    const { arena, program, signal, threads, lane } = cx;
    const cut = { rows: pairs, rowsPerPart: PART_ROWS, parts, roundParts: parts };
    const loop: Loop = { arena, program, signal, threads, lane, ...cut, region };
    const report = await cx.arena.device.launch({
      program: cx.program,
      kernel,
      rows: pairs,
      rowsPerPart: loop.rowsPerPart,
      buffers: [...orders, ...by.bufs.map((b, k) => bufferOf(b, kernel.bufs[own + k]?.elem ?? 'u8', [], loop, cx))],
      scalars: [...sizes, ...by.scalars.map((s, k) => scalarOf(s, kindOf(k), [], cx))],
      threads: cx.threads,
      signal,
      lane: cx.lane,
    });
    if (report.failure === null) break;
    if (report.failure.code !== 'RegionFull') {
      failAt(report.failure.code, 'in the comparator', kernel.name, null, by.sites);
    }
    await regions?.grow();
  }
  const before = pairs - 1;
  return { width: merged, rows: before * merged + Math.min(merged, rows - before * 2 * width) };
}
