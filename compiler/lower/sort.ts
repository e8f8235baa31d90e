/**
 * sort: the comparator becomes part of a kernel that merges two sorted runs (see `Sorting` in `sir/plan.ts`), so it may
 * do whatever a loop body may. Doubling the runs from one row on is the definition of the order where a comparator is
 * no order (NaN compares equal to everything): the reference interpreter merges the same runs.
 *
 * Rows are numbers into the unsorted columns; the runtime moves the columns once, at the end.
 */

import type { OpOf } from '../core/op.ts';
import type { SymTab } from '../core/program.ts';
import { type Type, typeText } from '../core/types.ts';
import { InternalError, type Origin } from '../diag/diagnostic.ts';
import { bin, cmp, KernelBuilder, lit } from '../sir/build.ts';
import type { SExpr } from '../sir/kernel.ts';
import type { HostAtom, Sorting } from '../sir/plan.ts';
import { elementAt } from './access.ts';
import { lowerBlock } from './body.ts';
import { LoopContext, type LowerTarget } from './context.ts';
import type { HostScope } from './host.ts';
import type { FinishKernel } from './loop.ts';
import { scoped } from './memory.ts';
import { exprOf } from './values.ts';

export function lowerSort(
  op: OpOf<'sort'>,
  of: HostAtom,
  syms: SymTab,
  host: HostScope,
  target: LowerTarget,
  finish: FinishKernel,
  origin: Origin | null,
): Sorting {
  const kb = new KernelBuilder(host.kernelName(`sort${host.state.kernels.length}`));
  const cx = new LoopContext(kb, syms, host, target, origin);
  const [from, to] = [kb.buf('from', 'i32', 'read'), kb.buf('to', 'i32', 'write')];
  const [width, count, most] = [kb.scalar('width', 'i32'), kb.scalar('rows', 'i32'), kb.scalar('most', 'i32')];
  const elem = elemType(syms.typeOf(op.of));

  /** Does row `second` belong strictly before row `first`? */
  const before = (first: SExpr, second: SExpr): SExpr => {
    for (const [k, number] of [first, second].entries()) {
      const param = op.by.params[k];
      if (param === undefined) throw new InternalError('lower: a comparator takes two elements');
      cx.env.set(param, elementAt({ v: 'vec', vec: of, elem, view: null }, number, cx));
    }
    return cmp('>', exprOf(lowerBlock(op.by, cx)), lit('i32', 0));
  };
  scoped(() => {
    // Sums of two widths may pass 2^31, but only in row 0, where they are multiplied away.
    const low = kb.let(bin('*', kb.index, bin('+', width, width)));
    const rows: Rows = {
      read: (place) => kb.load(from, place),
      write: (place, number) => kb.store(to, place, number),
    };
    const start = kb.let(bin('*', kb.index, most));
    mergeRuns(kb, { low, start, width, rows: count, most }, rows, before);
  }, cx);

  const { kernel, note } = finish(kb.finish(), 'combine');
  const choice = `merge sort, rows by number${op.limit === null ? '' : ', of each run the first rows only'}; ${note}`;
  host.decide(kernel.name, choice, op.limit === null ? 'a comparator' : 'a comparator, and a limit');
  host.state.kernels.push(kernel);
  return { kernel, bufs: cx.bufs, scalars: cx.scalars, sites: cx.sites };
}

/** Two neighbouring runs of `width` rows, the first from `low` on; `rows` is the number of all. */
interface Runs {
  readonly low: SExpr;
  /** Where the merged run begins. */
  readonly start: SExpr;
  readonly width: SExpr;
  readonly rows: SExpr;
  /** How long a merged run is, but for the last, which may be shorter. */
  readonly most: SExpr;
}
/** Where row numbers are read from and written to. */
interface Rows {
  read(place: SExpr): SExpr;
  write(place: SExpr, number: SExpr): void;
}

/** Merges two runs; the second may be short or empty. */
export function mergeRuns(
  kb: KernelBuilder,
  { low, start, width, rows, most }: Runs,
  numbers: Rows,
  before: (first: SExpr, second: SExpr) => SExpr,
): void {
  const one = lit('i32', 1);
  const middle = kb.let(bin('+', low, bin('min', width, bin('-', rows, low))));
  const high = kb.let(bin('+', middle, bin('min', width, bin('-', rows, middle))));
  const end = kb.let(bin('+', start, bin('min', most, bin('-', high, low))));
  const [p, q, place] = [kb.var(low), kb.var(middle), kb.var(start)];
  kb.while(cmp('<', place, end), () => {
    const second = kb.var(cmp('>=', p, middle));
    kb.if(bin('&', cmp('<', p, middle), cmp('<', q, high)), () =>
      kb.set(second, before(numbers.read(p), numbers.read(q))),
    );
    kb.if(
      second,
      () => {
        numbers.write(place, numbers.read(q));
        kb.set(q, bin('+', q, one));
      },
      () => {
        numbers.write(place, numbers.read(p));
        kb.set(p, bin('+', p, one));
      },
    );
    kb.set(place, bin('+', place, one));
  });
}

function elemType(t: Type): Type {
  if (t.kind !== 'vec') throw new InternalError(`lower: a sort of ${typeText(t)}`);
  return t.elem;
}
