/**
 * Sizes of a program that tests and reports ask for: how many lets, how many loops.
 */

import type { Block } from '../core/op.ts';
import type { Program } from '../core/program.ts';
import { forEachLet } from '../core/walk.ts';

/** All lets of a block, inner blocks included. */
export function blockSize(b: Block): number {
  let n = 0;
  forEachLet(b, () => n++);
  return n;
}

/** All `for` operations of a program, at every depth. */
export function countLoops(p: Program): number {
  let n = 0;
  forEachLet(p.body, (l) => {
    if (l.op.kind === 'for') n++;
  });
  return n;
}
