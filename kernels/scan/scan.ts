/**
 * scan_sum(v), scan_prod(v), scan_min(v), scan_max(v): what each prefix of a vector comes to.
 *
 *     scan_sum([1, 2, 3])  =>  [1, 3, 6]
 *
 * Rows are taken in blocks of BLOCK. In a block the elements are joined one after the other, from the first on; what the
 * blocks before come to, joined likewise, is joined with that: `before op (e0 op e1 op ..)`. For integers, which wrap, and
 * for minimum and maximum that is the plain prefix; a sum or product of floats has its roundings where this says.
 */

import { binScalar, type PrimSpec, type ScalarKind, type ScalarValue, vec } from '../../compiler/index.ts';
import { columnKind, columnOf, found, vectorOf } from '../column.ts';

/** Rows of a block: the cost of joining what is before is spread over them, and a block is worth a thread's while. */
export const BLOCK = 4096;

export const SCANS = { scan_sum: '+', scan_prod: '*', scan_min: 'min', scan_max: 'max' } as const;
export type ScanName = keyof typeof SCANS;
export const SCAN_NAMES: readonly ScanName[] = ['scan_sum', 'scan_prod', 'scan_min', 'scan_max'];

/** The four primitives. */
export const scans: readonly PrimSpec[] = SCAN_NAMES.map((name) => ({
  name,
  doc: `${name}(v: vec[T]): vec[T], what each prefix comes to by ${SCANS[name]}`,
  pure: true,

  typing([v, ...rest]) {
    const kind = columnKind(v);
    if (kind === null || kind === 'bool' || v?.kind !== 'vec')
      return `${name} takes a vector of numbers, found ${found(v)}`;
    return rest.length === 0 ? vec(v.elem) : `${name} takes one argument, found ${rest.length + 1}`;
  },

  run([v], alloc) {
    const { kind, cells, length } = columnOf(v);
    const join = joiner(name, kind);
    const out: (number | bigint)[] = [];
    let before: ScalarValue | null = null;
    for (let start = 0; start < length; start += BLOCK) {
      let own: ScalarValue | null = null;
      for (const cell of cells.subarray(start, start + BLOCK)) {
        own = own === null ? cell : join(own, cell);
        out.push(numberOf(before === null ? own : join(before, own)));
      }
      if (own !== null) before = before === null ? own : join(before, own);
    }
    return vectorOf(kind, out, alloc);
  },
}));

/** The operation of a scan on two values of a kind. */
export function joiner(name: ScanName, kind: ScalarKind): (a: ScalarValue, b: ScalarValue) => ScalarValue {
  return (a, b) => binScalar(SCANS[name], kind, a, b);
}
const numberOf = (v: ScalarValue): number | bigint => (typeof v === 'boolean' ? Number(v) : v);
