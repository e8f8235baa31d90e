/**
 * What an operation may do besides giving its value: fail.
 *
 * Failures: an index or key that is not there, integer division by zero, zips of different lengths, bad ranges, bytes
 * that are no value, externs. What cannot fail may be evaluated earlier or more often; and a value that nobody needs
 * need not be computed, even if computing it would fail. Running out of memory is not counted: it has no place in the
 * order of evaluation.
 *
 * What acts is in `acts.ts`.
 */

import type { Atom, Block, Iter, Op, Sym } from '../core/op.ts';
import { isLit, isSym } from '../core/op.ts';
import type { SymTab } from '../core/program.ts';
import { isInt } from '../core/types.ts';
import { iterKey } from './uses.ts';

/** True when evaluating `op` (with its blocks) may end the program with an error. Never wrong when false. */
export function canFail(op: Op, syms: SymTab, def: (s: Sym) => Op | undefined = () => undefined): boolean {
  switch (op.kind) {
    case 'bin':
      return (op.op === '/' || op.op === '%') && isInt(syms.typeOf(op.a)) && !isNonZero(op.b);
    case 'lookup':
    case 'slice':
    case 'cudf':
    case 'assert':
    case 'deserialize':
      return true;
    case 'merge':
      return syms.typeOf(op.builder).kind === 'vecmerger';
    case 'for':
      return (
        new Set(op.iters.map(iterKey)).size > 1 ||
        op.iters.some((it) => rangeCanFail(it, def)) ||
        blockCanFail(op.body, syms, def)
      );
    case 'if':
      return blockCanFail(op.then, syms, def) || blockCanFail(op.else, syms, def);
    case 'sort':
      return blockCanFail(op.by, syms, def);
    case 'iterate':
      // It may fail to end.
      return true;
    case 'un':
    case 'cast':
    case 'select':
    case 'struct':
    case 'field':
    case 'vec':
    case 'len':
    case 'optlookup':
    case 'serialize':
    case 'keyexists':
    case 'tovec':
    case 'builder':
    case 'result':
      return false;
    default:
      return op satisfies never;
  }
}

export function blockCanFail(b: Block, syms: SymTab, def?: (s: Sym) => Op | undefined): boolean {
  return b.lets.some((l) => canFail(l.op, syms, def));
}

const isNonZero = (a: Atom): boolean => isLit(a) && a.lit !== 0 && a.lit !== 0n;

/** A range is right for sure when it is `0 .. len(v)` by 1, or constant and good. */
function rangeCanFail(it: Iter, def: (s: Sym) => Op | undefined): boolean {
  if (it.kind === 'scan') return false;
  if (it.kind !== 'range') return true;
  const stride = bigOf(it.stride);
  const start = bigOf(it.start);
  if (stride === null || stride < 1n || start === null) return true;
  const end = bigOf(it.end);
  if (end !== null) return end < start || (end - start) % stride !== 0n;
  return !(stride === 1n && start === 0n && isSym(it.end) && def(it.end)?.kind === 'len');
}

const bigOf = (a: Atom): bigint | null => (isLit(a) && typeof a.lit === 'bigint' ? a.lit : null);
