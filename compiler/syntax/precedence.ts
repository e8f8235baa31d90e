/**
 * From a flat list of operands and operators to a tree, by precedence (an operator-precedence parser with a stack, so
 * that a sum of ten thousand terms costs no recursion).
 *
 * Loosest to tightest: `||`, `&&`, `|`, `^`, `&`, `== !=`, `< <= > >=`, `+ -`, `* / %`. All associate to the left; the
 * two levels of comparisons do not associate: `a < b < c` compares a bool with c, which nobody means.
 */

import type { BinOp } from '../core/op.ts';
import { type Diagnostic, diagnostic, InternalError, type Span } from '../diag/diagnostic.ts';
import type { Expr } from './ast.ts';

/** An operator with the operand on its right. */
export interface Operation {
  readonly op: BinOp;
  readonly span: Span;
  readonly e: Expr;
}

const LEVELS: readonly (readonly BinOp[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<', '<=', '>', '>='],
  ['+', '-'],
  ['*', '/', '%'],
];
const OPERATORS = LEVELS.flat();
const levels = new Map(LEVELS.flatMap((ops, level) => ops.map((op) => [op, level] as const)));
const levelOf = (op: BinOp): number => levels.get(op) ?? 0;
const COMPARISON_LEVELS: ReadonlySet<number> = new Set([5, 6]);

/** The operator that is written so. */
export function operatorOf(text: string): BinOp {
  const op = OPERATORS.find((o) => o === text);
  if (op === undefined) throw new InternalError(`precedence: ${text} is no operator`);
  return op;
}

/** How many operators are around the operand behind `text`; `pending` are those that still miss their right side. */
export function operatorsAround(text: string, pending: BinOp[]): number {
  const op = operatorOf(text);
  for (let top = pending.at(-1); top !== undefined && levelOf(top) >= levelOf(op); top = pending.at(-1)) pending.pop();
  return pending.push(op);
}

/** The tree of `first op e op e ...`; comparisons that chain are added to `found`. */
export function foldOperators(first: Expr, rest: readonly Operation[], found: Diagnostic[]): Expr {
  const operands: Expr[] = [first];
  const waiting: Operation[] = [];
  const reduce = (): void => {
    const [op, b, a] = [waiting.pop(), operands.pop(), operands.pop()];
    if (op === undefined || a === undefined || b === undefined)
      throw new InternalError('precedence: nothing to reduce');
    operands.push({ k: 'binary', op: op.op, a, b, span: { start: a.span.start, end: b.span.end } });
  };
  for (const next of rest) {
    for (let top = waiting.at(-1); top !== undefined && level(top) >= level(next); top = waiting.at(-1)) {
      if (level(top) === level(next) && COMPARISON_LEVELS.has(level(next))) found.push(chained(top, next));
      reduce();
    }
    waiting.push(next);
    operands.push(next.e);
  }
  while (waiting.length > 0) reduce();
  const [tree] = operands;
  if (tree === undefined) throw new InternalError('precedence: no operand');
  return tree;
}

const level = (o: Operation): number => levelOf(o.op);

function chained(before: Operation, next: Operation): Diagnostic {
  return diagnostic('W1002', `comparisons do not chain: found ${next.op} after ${before.op}`, {
    origin: { kind: 'text', span: next.span },
    help: 'compare twice and join with &&, or put one comparison in parentheses',
  });
}
