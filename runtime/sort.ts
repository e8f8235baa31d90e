/**
 * The sort step: runs of rows, merged in pairs by the comparator's kernel until one is left, and then the columns in that
 * order. Rows are sorted by number, so a comparison never moves more than four bytes.
 */

import { fail, invariant, type Sorting, type Value, type VecValue } from '../compiler/index.ts';
import { failAt } from './errors.ts';
import { bufferOf, type LaunchContext, MAX_ROWS, PART_ROWS, scalarOf } from './launch.ts';
import { column, type Loop, shared } from './outputs/output.ts';
import { asVec, leafKinds } from './value.ts';

/** The vector in the order of the comparator, stable. */
export async function sort(of: Value, by: Sorting, cx: LaunchContext): Promise<VecValue> {
  const v = asVec(of);
  if (v.length < 2) return v;
  if (v.length > MAX_ROWS) fail('W6009', `a sort of ${v.length} rows, the most is ${MAX_ROWS}`);
  let [from, to] = [await column(cx.arena, 'i32', v.length), await column(cx.arena, 'i32', v.length)];
  for (let row = 0; row < v.length; row++) from.view[row] = row;
  for (let width = 1; width < v.length; width *= 2) {
    await mergePairs(
      by,
      [from, to].map((c) => shared(c.mem)),
      width,
      v.length,
      cx,
    );
    [from, to] = [to, from];
  }
  const cols = [];
  for (const [leaf, kind] of leafKinds(v.elem).entries()) {
    const [source, made] = [v.cols[leaf], await column(cx.arena, kind, v.length)];
    invariant(source !== undefined, () => `sort: no column ${leaf}`);
    for (let row = 0; row < v.length; row++) made.view[row] = source[Number(from.view[row])] ?? 0;
    cols.push(made.view);
  }
  return { ...v, cols };
}

/** One run of the kernel: every row merges two runs of `width` rows. */
async function mergePairs(
  by: Sorting,
  orders: readonly ReturnType<typeof shared>[],
  width: number,
  length: number,
  cx: LaunchContext,
): Promise<void> {
  const { kernel } = by;
  const rows = Math.ceil(length / width / 2);
  const loop: Loop = {
    arena: cx.arena,
    program: cx.program,
    rows,
    rowsPerPart: PART_ROWS,
    parts: Math.ceil(rows / PART_ROWS),
  };
  const own = orders.length;
  const report = await cx.arena.device.launch({
    program: cx.program,
    kernel,
    rows,
    rowsPerPart: loop.rowsPerPart,
    buffers: [...orders, ...by.bufs.map((b, k) => bufferOf(b, kernel.bufs[own + k]?.elem ?? 'u8', [], loop, cx))],
    scalars: [width, length, ...by.scalars.map((s, k) => scalarOf(s, kernel.scalars[2 + k]?.kind ?? 'i32', [], cx))],
    threads: cx.threads,
  });
  if (report.failure !== null) failAt(report.failure.code, 'in the comparator', kernel.name, null, by.sites);
}
