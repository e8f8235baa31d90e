/**
 * Sums that only count. Core counts in i64, which would halve the lanes of a loop over smaller columns:
 *
 *     if e > 5 { n += 1L }        n += 1 in 4 lanes of i32 where e > 5, and these to the i64 cell at the end of the call
 *
 * A row adds at most as much as there are lanes, and a call has less than 2^31 rows: no lane overflows.
 */

import { cast, lit, sel } from '../build.ts';
import type { Kernel, Reg, SExpr, Stmt } from '../kernel.ts';
import { blocksOf, countReads, mapBlocks, readsAny, varsOf, walkStmts } from '../shape.ts';

/** Most that a row may add, up or down. */
const MOST_STEPS = 4;

/** The body with what a row counts by where it is counted: in Core it has a name. */
export function inlineSteps(body: readonly Stmt[]): readonly Stmt[] {
  const vars = varsOf(body);
  const steps = new Map<Reg, SExpr>();
  walkStmts(body, (s) => {
    if (s.s === 'let' && stepOf(s.e) !== null && !readsAny(s.e, vars)) steps.set(s.reg, s.e);
  });
  const reads = countReads(body);
  const inlined = (s: Stmt): Stmt => {
    const step = s.s === 'accum' && s.value.x === 'get' && reads.get(s.value.reg) === 1 ? steps.get(s.value.reg) : null;
    return s.s === 'accum' && step != null ? { ...s, value: step } : mapBlocks(s, (b) => b.map(inlined));
  };
  return steps.size === 0 ? body : body.map(inlined);
}

/** The reductions of a body that count, outside of its loops. */
export function countsOf(kernel: Kernel, body: readonly Stmt[]): ReadonlySet<number> {
  const steps = new Map<number, number>();
  const visit = (stmts: readonly Stmt[], looped: boolean): void => {
    for (const s of stmts) {
      if (s.s === 'accum') {
        const counts = isSum(kernel, s.red) && s.value.ty.lanes === 1 && !looped && stepOf(s.value) !== null;
        steps.set(s.red, (steps.get(s.red) ?? 0) + (counts ? 1 : MOST_STEPS + 1));
      }
      for (const b of blocksOf(s)) visit(b, looped || s.s === 'while');
    }
  };
  visit(body, false);
  return new Set([...steps].filter(([, most]) => most <= MOST_STEPS).map(([red]) => red));
}

const isSum = ({ reductions }: Kernel, red: number): boolean =>
  reductions[red]?.op === '+' && reductions[red]?.kind === 'i64';

/** An i64 that is -1, 0 or 1 as an i32, or null for another. */
export function stepOf(e: SExpr): SExpr | null {
  if (e.ty.kind !== 'i64') return null;
  switch (e.x) {
    case 'lit':
      return e.value === 1n || e.value === 0n || e.value === -1n ? lit('i32', Number(e.value)) : null;
    case 'cast':
      return e.a.ty.kind === 'bool' ? cast(e.a, 'i32') : null;
    case 'select': {
      const [a, b] = [stepOf(e.a), stepOf(e.b)];
      return a === null || b === null ? null : sel(e.c, a, b);
    }
    default:
      return null;
  }
}
