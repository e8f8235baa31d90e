/**
 * seg_scan_sum(starts, v), seg_scan_prod, seg_scan_min, seg_scan_max: what each prefix of a segment comes to; a segment
 * begins at each row whose start is true, and at the first one.
 *
 *     seg_scan_sum([false, false, true, false], [1, 2, 3, 4])  =>  [1, 3, 3, 7]
 *
 * Rows are taken in blocks as scans take them: elements are joined one after the other from the first one of the block, or
 * of the segment, on; what the segment comes to before the block is joined with that.
 */

import { BOOL, fail, type PrimSpec, type ScalarValue, vec } from '../../compiler/index.ts';
import { columnKind, columnOf, found, vectorOf } from '../column.ts';
import { BLOCK, joiner, type ScanName } from './scan.ts';

export const SEG_SCANS = {
  seg_scan_sum: 'scan_sum',
  seg_scan_prod: 'scan_prod',
  seg_scan_min: 'scan_min',
  seg_scan_max: 'scan_max',
} as const satisfies Readonly<Record<string, ScanName>>;
export type SegScanName = keyof typeof SEG_SCANS;
export const SEG_SCAN_NAMES: readonly SegScanName[] = ['seg_scan_sum', 'seg_scan_prod', 'seg_scan_min', 'seg_scan_max'];

/** The four primitives. */
export const segScans: readonly PrimSpec[] = SEG_SCAN_NAMES.map((name) => ({
  name,
  doc: `${name}(starts: vec[bool], v: vec[T]): vec[T], what each prefix of a segment comes to`,
  pure: true,

  typing([starts, v, ...rest]) {
    if (starts !== vec(BOOL)) return `${name} needs a vec[bool] first, where segments start, found ${found(starts)}`;
    const kind = columnKind(v);
    if (kind === null || kind === 'bool' || v?.kind !== 'vec') {
      return `${name} takes a vector of numbers, found ${found(v)}`;
    }
    return rest.length === 0 ? vec(v.elem) : `${name} takes two arguments, found ${rest.length + 2}`;
  },

  run(args, alloc) {
    const { starts, column } = segmentsOf(name, args);
    const { kind, cells, length } = column;
    const join = joiner(SEG_SCANS[name], kind);
    const out: (number | bigint)[] = [];
    let before: ScalarValue | null = null;
    for (let block = 0; block < length; block += BLOCK) {
      let own: ScalarValue | null = null;
      for (const [k, cell] of cells.subarray(block, block + BLOCK).entries()) {
        if (starts.cells[block + k] === 1) {
          before = null;
          own = null;
        }
        own = own === null ? cell : join(own, cell);
        const whole: ScalarValue = before === null ? own : join(before, own);
        out.push(typeof whole === 'boolean' ? Number(whole) : whole);
      }
      if (own !== null) before = before === null ? own : join(before, own);
    }
    return vectorOf(kind, out, alloc);
  },
}));

/** The arguments of a scan of segments, which have one length. */
export function segmentsOf(name: SegScanName, args: Parameters<PrimSpec['run']>[0]) {
  const [starts, column] = [columnOf(args[0]), columnOf(args[1])];
  if (starts.length !== column.length) {
    fail('W6003', `${name}: ${starts.length} starts for ${column.length} elements`);
  }
  return { starts, column };
}
