/**
 * What a reduction of a group becomes when the group is not kept: the values that one element adds to the partial results,
 * and the result with the start of the merger in it.
 */

import type { PartialResult, Reduction } from '../analysis/groups.ts';
import { i64, lit } from '../core/build.ts';
import type { Atom, Let, Op, Sym } from '../core/op.ts';
import type { SymTab } from '../core/program.ts';
import { partialIdentity } from '../core/scalar.ts';
import { isFloatKind, leaves, type MergeOp, type Type } from '../core/types.ts';
import { inlineBlock } from '../core/walk.ts';
import { invariant } from '../diag/diagnostic.ts';
import { type Component, rethread } from './rethread.ts';
import { makeLet } from './rewrite.ts';

/** What an element adds to the mergers of a reduction: the body, with values in the place of the builders. */
export function contributionOf(r: Reduction, syms: SymTab): (key: Atom, elem: Atom, out: Let[]) => readonly Atom[] {
  const components = r.partials.map((p): Component => ({ ty: p.ty, merge: (_b, value) => value }));
  const body = rethread(r.loop.op.body, components, r.loop.gather === null, syms);
  return (key, elem, out) => {
    const nothing = r.partials.map((p) => identity(p.op, p.ty, syms, out));
    const start = nothing.length === 1 ? nothing[0] : emitStruct(nothing, syms, out);
    invariant(start !== undefined, () => 'a reduction has a merger');
    const keys = new Map([...r.keys].map((s): [Sym, Atom] => [s, key]));
    const { lets, result } = inlineBlock(body, [start, i64(0), elem], syms, keys);
    out.push(...lets);
    if (nothing.length === 1) return [result];
    return nothing.map((_, index) => {
      const field = makeLet({ kind: 'field', of: result, index }, syms, null, 'f');
      out.push(field);
      return field.sym;
    });
  };
}

/** The value that changes no other under `op`. */
function identity(op: MergeOp, ty: Type, syms: SymTab, out: Let[]): Atom {
  if (ty.kind === 'scalar') return lit(ty, partialIdentity(op, ty.scalar));
  invariant(ty.kind === 'struct', () => 'a merger holds scalars and structs');
  return emitStruct(
    ty.fields.map((f) => identity(op, f, syms, out)),
    syms,
    out,
  );
}

function emitStruct(fields: readonly Atom[], syms: SymTab, out: Let[]): Atom {
  const l = makeLet({ kind: 'struct', fields }, syms, null, 's');
  out.push(l);
  return l.sym;
}

/** A folded value with the start of the merger in it. */
export function started(p: PartialResult, value: Atom, syms: SymTab, out: Let[]): Atom {
  const emit = (op: Op): Sym => {
    const l = makeLet(op, syms);
    out.push(l);
    return l.sym;
  };
  const add = (ty: Type, start: Atom | null, v: Atom): Atom => {
    if (ty.kind === 'scalar') {
      const zero = p.op === '+' && isFloatKind(ty.scalar) ? lit(ty, 0) : null;
      const a = start ?? zero;
      return a === null ? v : emit({ kind: 'bin', op: p.op, a, b: v });
    }
    invariant(ty.kind === 'struct', () => 'a merger holds scalars and structs');
    const fieldOf = (of: Atom, index: number): Atom => emit({ kind: 'field', of, index });
    const fields = ty.fields.map((f, k) => add(f, start === null ? null : fieldOf(start, k), fieldOf(v, k)));
    return emit({ kind: 'struct', fields });
  };
  const rounds = p.op === '+' && (leaves(p.ty)?.some(isFloatKind) ?? true);
  return p.init === null && !rounds ? value : add(p.ty, p.init, value);
}
