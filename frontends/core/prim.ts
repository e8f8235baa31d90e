/**
 * Calls of primitives (`kernels/README.md`) as lazy nodes. What is given to them and what comes out are columns like any
 * other, so the loops before and after a call are fused with everything around them.
 *
 * What a call returns is said here, as the typing rules of primitives are out of sight; the program is checked by them.
 */

import { BOOL, type ScalarType } from '../../compiler/index.ts';
import * as cell from './cell.ts';
import type { FieldRef, PrimArg } from './node.ts';
import { primNode } from './node.ts';
import { originOf, type Site } from './trail.ts';

export const column = (ref: FieldRef): PrimArg => ({ kind: 'column', ref });
export const scalar = (value: cell.Cell): PrimArg => ({ kind: 'scalar', value });
export const list = (elem: ScalarType, items: readonly cell.Cell[]): PrimArg => ({ kind: 'list', elem, items });
export const flag = (value: boolean): PrimArg => scalar(value ? cell.TRUE : cell.FALSE);
export const flags = (values: readonly boolean[]): PrimArg =>
  list(
    BOOL,
    values.map((v) => (v ? cell.TRUE : cell.FALSE)),
  );

/** The only output of a call. */
export const call = (name: string, args: readonly PrimArg[], out: ScalarType, site: Site): FieldRef => ({
  node: primNode({ kind: 'prim', name, args, outs: [out], origin: originOf(site) }),
  index: 0,
});

/** Both outputs of a call that returns two columns. */
export function callForTwo(
  name: string,
  args: readonly PrimArg[],
  outs: readonly [ScalarType, ScalarType],
  site: Site,
): readonly [FieldRef, FieldRef] {
  const node = primNode({ kind: 'prim', name, args, outs, origin: originOf(site) });
  return [
    { node, index: 0 },
    { node, index: 1 },
  ];
}
