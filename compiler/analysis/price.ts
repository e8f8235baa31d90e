/**
 * A rough price of evaluating an operation once, in units of one addition. Used to decide whether to compute a value
 * again or to keep it in memory, and whether to branch around it; only the order of magnitude matters.
 */

import type { BinOp, Block, Op, UnOp } from '../core/op.ts';
import type { SymTab } from '../core/program.ts';
import { DIVISION, HASHING, INNER_LOOP, RANDOM_ACCESS, TRANSCENDENTAL } from './cost.ts';

const CHEAP_UN: ReadonlySet<UnOp> = new Set<UnOp>(['neg', 'not', 'floor', 'ceil', 'round', 'trunc']);

/** An operation on two scalars. */
export function binCost(op: BinOp): number {
  if (op === 'pow' || op === 'atan2') return TRANSCENDENTAL;
  return op === '/' || op === '%' ? DIVISION : 1;
}
/** An operation on one scalar. */
export function unCost(op: UnOp): number {
  if (CHEAP_UN.has(op)) return 1;
  return op === 'sqrt' ? DIVISION : TRANSCENDENTAL;
}

export function opCost(op: Op, syms: SymTab): number {
  switch (op.kind) {
    case 'bin':
      // Comparing vectors walks them.
      return syms.typeOf(op.a).kind === 'vec' ? HASHING : binCost(op.op);
    case 'un':
      return unCost(op.op);
    case 'cast':
    case 'select':
      return 1;
    case 'if':
      return 1 + Math.max(blockCost(op.then, syms), blockCost(op.else, syms));
    case 'struct':
    case 'field':
    case 'len':
    case 'slice':
    case 'result':
      return 0;
    case 'vec':
      return HASHING;
    case 'lookup':
      return syms.typeOf(op.of).kind === 'dict' ? HASHING : RANDOM_ACCESS;
    case 'optlookup':
    case 'keyexists':
      return HASHING;
    case 'assert':
      return 1;
    case 'builder':
    case 'tovec':
    case 'sort':
    case 'iterate':
    case 'serialize':
    case 'deserialize':
    case 'cudf':
      return INNER_LOOP;
    case 'merge': {
      const ty = syms.typeOf(op.builder);
      return ty.kind === 'dictmerger' || ty.kind === 'groupmerger'
        ? HASHING
        : ty.kind === 'vecmerger'
          ? RANDOM_ACCESS
          : 1;
    }
    case 'for':
      return INNER_LOOP + blockCost(op.body, syms);
    default:
      return op satisfies never;
  }
}

export function blockCost(b: Block, syms: SymTab): number {
  let sum = 0;
  for (const l of b.lets) sum += opCost(l.op, syms);
  return sum;
}
