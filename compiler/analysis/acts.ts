/**
 * Operations that act: `assert`, and externs that are not pure (`@(pure:false)cudf[..]`). They happen whenever the
 * block around them runs, needed or not. An extern that is not pure is, besides, called exactly as often and in the
 * order in which the program says.
 */

import type { Op } from '../core/op.ts';
import { blocksOf } from '../core/shape.ts';

/** True for `assert` and for externs that are not pure, in the operation itself or in its blocks. */
export const acts = (op: Op): boolean => actsItself(op) || blocksOf(op).some((b) => b.lets.some((l) => acts(l.op)));
const actsItself = (op: Op): boolean => op.kind === 'assert' || isImpure(op);

/** True when the operation calls an extern that is not pure. */
export const callsImpure = (op: Op): boolean =>
  isImpure(op) || blocksOf(op).some((b) => b.lets.some((l) => callsImpure(l.op)));
const isImpure = (op: Op): boolean => op.kind === 'cudf' && op.notes['pure'] === false;
