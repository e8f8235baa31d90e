/**
 * Look through what is known: operations that only put together, take apart or choose among values at hand.
 *
 *     {a, b}.$0                                          ->  a
 *     {s.$0, s.$1}            (s has two fields)         ->  s       (builders: when nothing else reads the fields)
 *     if(true, {x}, {y})                                 ->  x
 *     if(c, a, b)             (nothing to compute)       ->  select(c, a, b)
 *     result(merge(merge(appender[i64], 1), 2))          ->  [1, 2]
 *     result(merger[i64,+](7))                           ->  7
 *     for([v], b0, |b,i,e| merge(b, e + i))              ->  merge(b0, v + 0)
 *     L = for(..); {result(L.$0), result(L.$1)}          ->  R = result(L); {R.$0, R.$1}
 *
 * Preconditions, each with a test in which it does not hold:
 * - a field of a struct of builders is only looked through when fields are all that is read of it, since making the
 *   struct consumes the builders;
 * - the fields that are put together again are all of their struct, in its order;
 * - of builders, nothing else reads these fields: they and their struct would both be used;
 * - a branch that becomes a `select` has nothing to compute, and gives no builder;
 * - the value of a builder is known when only merges into an appender, or nothing, came before, and is taken once: not
 *   in two branches, of which one would be left without a builder in between;
 * - a loop of one element walks nothing else;
 * - the results of a loop are gathered when `result` of its fields is all that is read of it.
 */

import { indexBlock } from '../analysis/uses.ts';
import { lit } from '../core/build.ts';
import type { Atom, Block, Let, Op, OpOf, Sym } from '../core/op.ts';
import { isLit, isSym } from '../core/op.ts';
import type { Program, SymTab } from '../core/program.ts';
import { identityOf } from '../core/scalar.ts';
import { isLinear, isScalar } from '../core/types.ts';
import { countUses, forEachLet, substitute } from '../core/walk.ts';
import { dropUnused } from './dce.ts';
import type { Pass, PassContext } from './pass.ts';
import { type Forward, makeLet, mapProgramBlocks, rewriteForward, type Verdict } from './rewrite.ts';

export const inline: Pass = {
  name: 'inline',
  doc: 'look through structs, constant branches, trivial builders and loops of one element',
  run(p, cx) {
    const gathered = mapProgramBlocks(p, (b) => gatherResults(b, p.syms, cx));
    const known = linearStructs(gathered);
    const seen = rewriteForward(gathered, {
      visit(op, sym, fw) {
        const found = RULES[op.kind]?.(op, fw, known);
        if (found === undefined || !(found.whole === true || cx.enabled(found.rule))) return undefined;
        cx.fired(found.rule);
        // What stands for a symbol is read where the symbol was.
        if ('atom' in found.verdict && isSym(found.verdict.atom) && !known.once.has(sym)) {
          known.once.delete(found.verdict.atom);
        }
        return found.verdict;
      },
    });
    if (seen === gathered) return gathered;
    // Consumers of structs of builders and of straight-line builders are gone now; the builders must not stay behind.
    // Without them more structs can be taken apart, and branches have less to compute.
    return inline.run(dropUnused(seen, cx), cx);
  },
};

interface Found {
  readonly rule: string;
  readonly verdict: Verdict;
  /** One of several steps that are made all or none: reading a builder through one field of a struct takes them all. */
  readonly whole?: boolean;
}
/** What there is to know of structs of builders before the walk. */
interface LinearStructs {
  /** Those that are only read by `field`. */
  readonly unpacked: ReadonlySet<Sym>;
  /** The symbols that are read once, as rewritten so far; only filled when there are structs of builders. */
  readonly once: Set<Sym>;
  /** Whether a symbol was read once before the walk. */
  readonly readOnce: ReadOnce;
}
type Rule = (op: Op, fw: Forward, known: LinearStructs) => Found | undefined;

const RULES: Partial<Record<Op['kind'], Rule>> = {
  field(op, fw, { unpacked }) {
    if (op.kind !== 'field' || !isSym(op.of)) return undefined;
    const of = fw.def(op.of);
    const atom = of?.kind === 'struct' ? of.fields[op.index] : undefined;
    const linear = isLinear(fw.syms.type(op.of));
    if (atom === undefined || (linear && !unpacked.has(op.of))) return undefined;
    return { rule: 'field-of-struct', verdict: { atom }, whole: linear };
  },
  struct(op, fw, { once }) {
    if (op.kind !== 'struct') return undefined;
    const whole = structOfFields(op, fw, once);
    return whole === undefined ? undefined : { rule: 'struct-of-fields', verdict: { atom: whole } };
  },
  if(op, fw) {
    if (op.kind !== 'if') return undefined;
    if (isLit(op.cond)) {
      const side = op.cond.lit === true ? op.then : op.else;
      return { rule: 'if-constant', verdict: { lets: side.lets, atom: side.result } };
    }
    if (op.then.lets.length > 0 || op.else.lets.length > 0) return undefined;
    const [a, b] = [fw.find(op.then.result), fw.find(op.else.result)];
    // A builder that both sides leave alone is `fold`'s business: it knows whether the condition can fail.
    if (isLinear(fw.syms.typeOf(a))) return undefined;
    return { rule: 'if-to-select', verdict: { op: { kind: 'select', cond: op.cond, a, b } } };
  },
  result(op, fw, known) {
    return op.kind === 'result' ? straightResult(op, fw, known.readOnce) : undefined;
  },
  for(op, fw) {
    return op.kind === 'for' ? singleIteration(op, fw) : undefined;
  },
};

/** The struct that `op` takes apart and puts together again in the same order. */
function structOfFields(op: OpOf<'struct'>, fw: Forward, once: ReadonlySet<Sym>): Atom | undefined {
  const first = op.fields[0];
  const of = first === undefined ? undefined : fieldOf(first, fw)?.of;
  const ty = of === undefined ? undefined : fw.syms.typeOf(of);
  if (of === undefined || ty?.kind !== 'struct' || ty.fields.length !== op.fields.length) return undefined;
  // Fields of builders consume their struct: they must go when it is used whole.
  if (isLinear(ty) && !op.fields.every((f) => isSym(f) && once.has(f))) return undefined;
  const all = op.fields.every((f, k) => {
    const field = fieldOf(f, fw);
    return field?.of === of && field.index === k;
  });
  return all ? of : undefined;
}
function fieldOf(a: Atom, fw: Forward): OpOf<'field'> | undefined {
  const op = fw.def(a);
  return op?.kind === 'field' ? op : undefined;
}

/** The value of a builder that no loop and no branch has touched. */
function straightResult(op: OpOf<'result'>, fw: Forward, once: ReadOnce): Found | undefined {
  const merged: Atom[] = [];
  let b = op.builder;
  let made = fw.def(b);
  for (; made?.kind === 'merge'; made = fw.def(b)) {
    merged.push(made.value);
    b = made.builder;
  }
  if (made?.kind !== 'builder' || !once(op.builder)) return undefined;
  const { ty, arg } = made;
  if (ty.kind === 'appender') {
    const items = merged.reverse();
    return { rule: 'result-of-appends', verdict: { op: { kind: 'vec', elem: ty.elem, items } } };
  }
  if (merged.length > 0) return undefined;
  if (ty.kind === 'vecmerger' && arg !== null) return { rule: 'result-of-fresh', verdict: { atom: arg } };
  if (ty.kind !== 'merger') return undefined;
  if (arg !== null) return { rule: 'result-of-fresh', verdict: { atom: arg } };
  if (!isScalar(ty.elem)) return undefined;
  return { rule: 'result-of-fresh', verdict: { atom: lit(ty.elem, identityOf(ty.op, ty.elem.scalar)) } };
}

/** A loop over one-element vector literals: its body, once. The body is moved, so its symbols stay unique. */
function singleIteration(op: OpOf<'for'>, fw: Forward): Found | undefined {
  const elems: Atom[] = [];
  for (const it of op.iters) {
    const v = it.kind === 'scan' ? fw.def(it.vec) : undefined;
    const item = v?.kind === 'vec' && v.items.length === 1 ? v.items[0] : undefined;
    if (item === undefined) return undefined;
    elems.push(item);
  }
  const args: readonly Atom[] = [op.builder, lit('i64', 0), ...elems];
  const subst = new Map<Sym, Atom>();
  for (const [k, p] of op.body.params.entries()) {
    const a = args[k];
    if (a !== undefined) subst.set(p, a);
  }
  const { lets, result } = substitute(op.body, subst);
  return { rule: 'single-iteration', verdict: { lets, atom: result } };
}

/** True for a symbol that is read once when a pass starts. Counted when first asked for: few rules need it. */
export function readOnce(p: Program): ReadOnce {
  let uses: ReadonlyMap<Sym, number> | null = null;
  return (a) => {
    uses ??= countUses(p.body);
    return isSym(a) && uses.get(a) === 1;
  };
}
export type ReadOnce = (a: Atom) => boolean;

function linearStructs(p: Program): LinearStructs {
  const structs = new Set<Sym>();
  const fields = new Map<Sym, number>();
  forEachLet(p.body, ({ sym, op }) => {
    if (op.kind === 'struct' && isLinear(p.syms.type(sym))) structs.add(sym);
    if (op.kind === 'field' && isSym(op.of) && structs.has(op.of)) fields.set(op.of, (fields.get(op.of) ?? 0) + 1);
  });
  if (structs.size === 0) return { unpacked: structs, once: new Set(), readOnce: readOnce(p) };
  const uses = countUses(p.body);
  const unpacked = new Set([...structs].filter((s) => fields.get(s) === uses.get(s)));
  const once = new Set([...uses].filter(([, n]) => n === 1).map(([s]) => s));
  return { unpacked, once, readOnce: readOnce(p) };
}

/**
 * Brings the results of a loop over a struct of builders into the one form that analyses know: `R = result(L)` right
 * after the loop, values as fields of R. Done when all that is read of L is `result` of its fields, in this block.
 */
function gatherResults(b: Block, syms: SymTab, cx: PassContext): Block {
  const ix = indexBlock(b);
  const fieldOfLoop = new Map<Sym, { readonly loop: Sym; readonly index: number }>();
  const results = new Map<Sym, { readonly sym: Sym; readonly index: number }[]>();
  for (const { sym, op } of b.lets) {
    if (op.kind === 'field' && isSym(op.of) && b.lets[ix.at.get(op.of) ?? -1]?.op.kind === 'for') {
      fieldOfLoop.set(sym, { loop: op.of, index: op.index });
    } else if (op.kind === 'result' && isSym(op.builder)) {
      const field = fieldOfLoop.get(op.builder);
      if (field === undefined) continue;
      const known = results.get(field.loop) ?? [];
      known.push({ sym, index: field.index });
      results.set(field.loop, known);
    }
  }
  const replaced = new Map<Sym, readonly Let[]>();
  for (const [loop, reads] of results) {
    if (ix.uses.get(loop) !== reads.length) continue;
    const at = ix.at.get(loop);
    const made = at === undefined ? undefined : b.lets[at];
    if (made === undefined || !cx.enabled('gather-results')) continue;
    cx.fired('gather-results');
    const whole = makeLet({ kind: 'result', builder: loop }, syms, null, 'r');
    replaced.set(loop, [made, whole]);
    for (const r of reads) replaced.set(r.sym, [{ sym: r.sym, op: { kind: 'field', of: whole.sym, index: r.index } }]);
    for (const [field, f] of fieldOfLoop) if (f.loop === loop) replaced.set(field, []);
  }
  if (replaced.size === 0) return b;
  return { params: b.params, lets: b.lets.flatMap((l) => replaced.get(l.sym) ?? [l]), result: b.result };
}
