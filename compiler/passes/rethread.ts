/**
 * Rethreading: a loop body with other builders in it. The one place that knows how builders flow through a body.
 *
 * A body receives a builder (or a flat struct of builders) and hands it through merges, branches, inner loops, structs
 * and fields to its result. `rethread` copies that thread with each component dropped, retyped, or its merges
 * replaced; everything that is not on the thread stays as it is:
 *
 *     |b: {appender[f64],merger[f64,+]}, i, e| {merge(b.$0, e), merge(b.$1, e)}
 *       component 0 dropped   |b: merger[f64,+], i, e| merge(b, e)
 *
 * A struct of which one component is left becomes that component. The old block must not be used any more, since lets
 * off the thread keep their symbols.
 *
 * Preconditions: the program is linear (`core/linear.ts`), the struct is flat.
 */

import type { Atom, Block, Let, Op, Sym } from '../core/op.ts';
import { isSym } from '../core/op.ts';
import type { SymTab } from '../core/program.ts';
import { struct, type Type } from '../core/types.ts';
import { invariant } from '../diag/diagnostic.ts';
import { makeLet } from './rewrite.ts';

export interface Component {
  /** The type of the new component; null drops it with all its merges. */
  readonly ty: Type | null;
  /** Makes what stands for `merge(b, value)`: adds lets to `out`, gives the builder after them. */
  readonly merge: (b: Atom, value: Atom, out: Let[]) => Atom;
}

/** A component that keeps its type and its merges. */
export function keptComponent(ty: Type, syms: SymTab): Component {
  const merge = (builder: Atom, value: Atom, out: Let[]): Atom => {
    const l = makeLet({ kind: 'merge', builder, value }, syms, isSym(builder) ? builder : null, 'b');
    out.push(l);
    return l.sym;
  };
  return { ty, merge };
}

/** A component that is dropped. */
export const DROPPED: Component = { ty: null, merge: (b) => b };

/** The type of the new builder: of the only component left, or the struct of them; null when none is left. */
export function threadType(components: readonly Component[]): Type | null {
  const kept = components.flatMap((c) => (c.ty === null ? [] : [c.ty]));
  return kept.length <= 1 ? (kept[0] ?? null) : struct(kept);
}

/**
 * The body with its builder param replaced. `plain` says that the old param is a builder, not a struct of them (then
 * there is one component). At least one component must be left.
 */
export function rethread(body: Block, components: readonly Component[], plain: boolean, syms: SymTab): Block {
  const [param, ...rest] = body.params;
  const ty = threadType(components);
  invariant(param !== undefined && ty !== null, () => 'rethread keeps at least one component of a loop body');
  const thread = new Thread(components, syms);
  const whole: Shape = plain ? 0 : components.map((_, k) => k);
  const fresh = syms.fresh(ty, syms.hint(param), syms.origin(param));
  thread.bind(param, whole, fresh);
  const inner = thread.block({ params: [], lets: body.lets, result: body.result });
  return { params: [fresh, ...rest], lets: inner.lets, result: inner.result };
}

/** Which components a linear value carries: one, or a struct of shapes. */
type Shape = number | readonly Shape[];

class Thread {
  readonly #components: readonly Component[];
  readonly #syms: SymTab;
  /** Every symbol on the thread: its shape and what stands for it; null when nothing of it is left. */
  readonly #env = new Map<Sym, { readonly shape: Shape; readonly atom: Atom | null }>();

  constructor(components: readonly Component[], syms: SymTab) {
    this.#components = components;
    this.#syms = syms;
  }

  bind(s: Sym, shape: Shape, atom: Atom | null): void {
    this.#env.set(s, { shape, atom });
  }

  block(b: Block): Block {
    const out: Let[] = [];
    for (const l of b.lets) this.#let(l, out);
    return { params: b.params, lets: out, result: this.#atom(b.result) };
  }

  #atom(a: Atom): Atom {
    return isSym(a) ? (this.#env.get(a)?.atom ?? a) : a;
  }
  #on(a: Atom): { readonly shape: Shape; readonly atom: Atom | null } | undefined {
    return isSym(a) ? this.#env.get(a) : undefined;
  }

  #let(l: Let, out: Let[]): void {
    const { op } = l;
    switch (op.kind) {
      case 'merge': {
        const b = this.#on(op.builder);
        if (b === undefined) break;
        const component = typeof b.shape === 'number' ? this.#components[b.shape] : undefined;
        invariant(component !== undefined, () => 'merge takes one builder');
        const atom = b.atom === null ? null : component.merge(b.atom, op.value, out);
        this.bind(l.sym, b.shape, atom);
        return;
      }
      case 'field': {
        const of = this.#on(op.of);
        if (of === undefined) break;
        this.#field(l.sym, of, op.index, out);
        return;
      }
      case 'struct': {
        if (!op.fields.some((f) => this.#on(f) !== undefined)) break;
        this.#struct(l.sym, op.fields, out);
        return;
      }
      case 'for': {
        const b = this.#on(op.builder);
        if (b === undefined) break;
        this.#loop(l.sym, op, b, out);
        return;
      }
      case 'if':
        this.#branch(l, op, out);
        return;
      default:
    }
    out.push(l);
  }

  #field(sym: Sym, of: { shape: Shape; atom: Atom | null }, index: number, out: Let[]): void {
    invariant(typeof of.shape !== 'number', () => 'a field is taken of a struct of builders');
    const kids = of.shape.filter((k) => this.#isLeft(k));
    const kid = of.shape[index];
    invariant(kid !== undefined, () => 'the struct of builders has that field');
    if (of.atom === null || !this.#isLeft(kid)) this.bind(sym, kid, null);
    else if (kids.length === 1) this.bind(sym, kid, of.atom);
    else this.bind(sym, kid, this.#emit({ kind: 'field', of: of.atom, index: kids.indexOf(kid) }, sym, out));
  }

  #struct(sym: Sym, fields: readonly Atom[], out: Let[]): void {
    const kids = fields.map((f) => this.#on(f));
    const shape = kids.map((k) => k?.shape ?? []);
    const left = kids.flatMap((k) => (k === undefined || k.atom === null ? [] : [k.atom]));
    const [only] = left;
    const several = left.length > 1;
    this.bind(sym, shape, several ? this.#emit({ kind: 'struct', fields: left }, sym, out) : (only ?? null));
  }

  #loop(
    sym: Sym,
    op: Extract<Op, { kind: 'for' }>,
    b: { readonly shape: Shape; readonly atom: Atom | null },
    out: Let[],
  ): void {
    if (b.atom === null) {
      this.bind(sym, b.shape, null);
      return;
    }
    const [param, ...rest] = op.body.params;
    invariant(param !== undefined, () => 'a loop body has a builder');
    const fresh = this.#syms.fresh(this.#syms.typeOf(b.atom), this.#syms.hint(param), this.#syms.origin(param));
    this.bind(param, b.shape, fresh);
    const inner = this.block({ params: [], lets: op.body.lets, result: op.body.result });
    const body = { params: [fresh, ...rest], lets: inner.lets, result: inner.result };
    this.bind(sym, b.shape, this.#emit({ ...op, builder: b.atom, body }, sym, out));
  }

  #branch(l: Let, op: Extract<Op, { kind: 'if' }>, out: Let[]): void {
    const then = this.block(op.then);
    const otherwise = this.block(op.else);
    const carried = this.#on(op.then.result) ?? this.#on(op.else.result);
    if (carried === undefined) {
      // A branch over other values: nothing inside was on the thread.
      out.push(l);
      return;
    }
    if (carried.atom === null) this.bind(l.sym, carried.shape, null);
    else this.bind(l.sym, carried.shape, this.#emit({ ...op, then, else: otherwise }, l.sym, out));
  }

  #isLeft(shape: Shape): boolean {
    return typeof shape === 'number' ? this.#components[shape]?.ty != null : shape.some((k: Shape) => this.#isLeft(k));
  }
  #emit(op: Op, like: Sym, out: Let[]): Atom {
    const l = makeLet(op, this.#syms, like);
    out.push(l);
    return l.sym;
  }
}
