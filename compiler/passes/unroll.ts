/**
 * Loops of a few rounds known beforehand become straight code.
 *
 *     for([p, q], b, |b,i,e| merge(b, e + i))                ->  b1 = merge(b, p + 0L); merge(b1, q + 1L)
 *     for(rangeiter(0L,6L,3L), b, |b,i,e| merge(b, e))       ->  b1 = merge(b, 0L); merge(b1, 3L)
 *     result(merge(merge(merger[f64,+], p), q))              ->  0.0 + p + q
 *
 * The last is what a reduction of a few values is afterwards; the operations and their order are those of the merger.
 * An appender becomes a vector literal by `inline`.
 */

import { MAX_UNROLLED_LETS, MAX_UNROLLED_ROUNDS } from '../analysis/cost.ts';
import { blockSize } from '../analysis/size.ts';
import { lit } from '../core/build.ts';
import type { Atom, Iter, Let, Op, OpOf } from '../core/op.ts';
import { isLit } from '../core/op.ts';
import type { SymTab } from '../core/program.ts';
import { isFloatKind, type MergeOp, type Type } from '../core/types.ts';
import { inlineBlock } from '../core/walk.ts';
import { invariant } from '../diag/diagnostic.ts';
import { dropUnused } from './dce.ts';
import { type ReadOnce, readOnce } from './inline.ts';
import { profit, sound } from './need.ts';
import type { Asking, Pass } from './pass.ts';
import { type Forward, makeLet, rewriteForward, type Verdict } from './rewrite.ts';

const NEEDS = [
  sound('good-ranges', 'a range between literals is a good one: otherwise the loop is an error'),
  sound('equal-rounds', 'the iterators agree in their number of rounds: otherwise the loop is an error'),
  profit('few-rounds', 'there are no more than MAX_UNROLLED_ROUNDS rounds'),
  profit('small-copies', 'the copies of the body have no more than MAX_UNROLLED_LETS lets'),
];
type Context = Asking<typeof NEEDS>;

export const unroll: Pass = {
  name: 'unroll',
  doc: 'write out loops of a few known rounds',
  needs: NEEDS,
  run(p, cx) {
    const once = readOnce(p);
    const seen = rewriteForward(p, {
      visit(op, _sym, fw) {
        const rule = op.kind === 'for' ? 'few-rounds' : 'result-of-merges';
        const made =
          op.kind === 'for' ? writtenOut(op, fw, cx) : op.kind === 'result' ? folded(op, fw, once) : undefined;
        if (made === undefined || !cx.enabled(rule)) return undefined;
        cx.fired(rule);
        return made;
      },
    });
    if (seen === p) return p;
    // The builders of folded merges must not stay behind. What has become small enough without them is unrolled, too.
    return unroll.run(dropUnused(seen, cx), cx);
  },
};

function writtenOut(op: OpOf<'for'>, fw: Forward, cx: Context): Verdict | undefined {
  const walks = op.iters.map((it) => knownWalk(it, fw, cx));
  const [first] = walks;
  if (first === undefined || first === null || walks.includes(null)) return undefined;
  const { rounds } = first;
  if (
    !cx.holds(
      'equal-rounds',
      walks.every((w) => w?.rounds === rounds),
    )
  )
    return undefined;
  if (!cx.holds('few-rounds', rounds <= MAX_UNROLLED_ROUNDS)) return undefined;
  if (!cx.holds('small-copies', rounds * blockSize(op.body) <= MAX_UNROLLED_LETS)) return undefined;
  const lets: Let[] = [];
  let b: Atom = op.builder;
  for (let k = 0; k < rounds; k++) {
    const args = [b, lit('i64', k), ...walks.map((w) => w?.at(k) ?? lit('i64', 0))];
    const round = inlineBlock(op.body, args, fw.syms);
    lets.push(...round.lets);
    b = round.result;
  }
  return { lets, atom: b };
}

/** A walk whose elements are known. */
interface KnownWalk {
  readonly rounds: number;
  readonly at: (round: number) => Atom | undefined;
}

/** The walk of an iterator over a vector literal or a range between literals. */
function knownWalk(it: Iter, fw: Forward, cx: Context): KnownWalk | null {
  if (it.kind === 'scan') {
    const v = fw.def(it.vec);
    return v?.kind === 'vec' ? { rounds: v.items.length, at: (k) => v.items[k] } : null;
  }
  if (it.kind !== 'range') return null;
  const [start, end, stride] = [it.start, it.end, it.stride].map((a) => (isLit(a) ? BigInt(a.lit) : null));
  if (start == null || end == null || stride == null) return null;
  if (!cx.holds('good-ranges', stride >= 1n && start <= end && (end - start) % stride === 0n)) return null;
  return { rounds: Number((end - start) / stride), at: (k) => lit('i64', start + BigInt(k) * stride) };
}

/** The value of a merger that straight code has merged into. */
function folded(op: OpOf<'result'>, fw: Forward, once: ReadOnce): Verdict | undefined {
  const values: Atom[] = [];
  let made = fw.def(op.builder);
  for (; made?.kind === 'merge'; made = fw.def(made.builder)) values.push(made.value);
  if (made?.kind !== 'builder' || made.ty.kind !== 'merger' || values.length === 0 || !once(op.builder))
    return undefined;
  const { elem, op: word } = made.ty;
  const lets: Let[] = [];
  let value = made.arg ?? started(word, elem, values.pop(), fw.syms, lets);
  for (const v of values.reverse()) value = fold(word, elem, value, v, fw.syms, lets);
  return { lets, atom: value };
}

/** The first value, merged into what a merger starts with: only a float sum shows it, by the sign of a zero. */
function started(op: MergeOp, ty: Type, v: Atom | undefined, syms: SymTab, out: Let[]): Atom {
  invariant(v !== undefined, () => 'there is a first value');
  if (ty.kind === 'scalar') {
    return op === '+' && isFloatKind(ty.scalar) ? emit({ kind: 'bin', op, a: lit(ty, 0), b: v }, syms, out) : v;
  }
  return fieldwise(ty, (f, k) => started(op, f, fieldOf(v, k, syms, out), syms, out), syms, out);
}

function fold(op: MergeOp, ty: Type, a: Atom, b: Atom, syms: SymTab, out: Let[]): Atom {
  if (ty.kind === 'scalar') return emit({ kind: 'bin', op, a, b }, syms, out);
  return fieldwise(ty, (f, k) => fold(op, f, fieldOf(a, k, syms, out), fieldOf(b, k, syms, out), syms, out), syms, out);
}

function fieldwise(ty: Type, f: (field: Type, k: number) => Atom, syms: SymTab, out: Let[]): Atom {
  invariant(ty.kind === 'struct', () => 'a merger holds scalars and structs');
  return emit({ kind: 'struct', fields: ty.fields.map(f) }, syms, out);
}
const fieldOf = (of: Atom, index: number, syms: SymTab, out: Let[]): Atom =>
  emit({ kind: 'field', of, index }, syms, out);

function emit(op: Op, syms: SymTab, out: Let[]): Atom {
  const l = makeLet(op, syms);
  out.push(l);
  return l.sym;
}
