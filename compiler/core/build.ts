/**
 * The checked Builder: the only constructor of Core operations. Every operation is typed at birth (`typing.ts`), so
 * an ill-typed program cannot be made, and shapes stay uniform.
 *
 *     const b = new Builder();
 *     const x = b.param(vec(F64), 'x');
 *     const sum = b.loop([scan(x)], b.builder(merger(F64, '+')), (acc, _i, e) => b.merge(acc, b.bin('*', e, e)));
 *     const program = b.finish(b.result(sum));
 *
 * Lambdas receive atoms of their own block; using an atom outside the block that binds it is caught by `verify.ts`.
 */

import type { Origin } from '../diag/diagnostic.ts';
import { fail, invariant } from '../diag/diagnostic.ts';
import type { Annotations, Atom, BinOp, Block, Iter, Let, Lit, Op, Sym, UnOp } from './op.ts';
import { NO_NOTES } from './op.ts';
import { type Program, SymTab } from './program.ts';
import { normalise } from './scalar.ts';
import { BOOL, type BuilderType, F64, I32, I64, type ScalarKind, type ScalarType, scalar, type Type } from './types.ts';
import { iterElem, sortElem, typeOfOp } from './typing.ts';

/** A literal, brought into its type's range and JavaScript encoding. */
export function lit(ty: ScalarType | ScalarKind, value: number | bigint | boolean): Lit {
  const t = typeof ty === 'string' ? scalar(ty) : ty;
  return { lit: normalise(t.scalar, value), ty: t };
}
export const bool = (v: boolean): Lit => lit(BOOL, v);
export const i32 = (v: number): Lit => lit(I32, v);
export const i64 = (v: number | bigint): Lit => lit(I64, v);
export const f64 = (v: number): Lit => lit(F64, v);

/** Iterate over all elements of a vector. */
export const scan = (vec: Atom): Iter => ({ kind: 'scan', vec });
/** Iterate over the elements at start, start+stride, ... below end. */
export const iter = (vec: Atom, start: Atom, end: Atom, stride: Atom): Iter => ({
  kind: 'iter',
  vec,
  start,
  end,
  stride,
});
/** Iterate over the i64 values start, start+stride, ... below end. */
export const range = (start: Atom, end: Atom, stride: Atom): Iter => ({ kind: 'range', start, end, stride });

export class Builder {
  readonly syms: SymTab;
  readonly #params: Sym[] = [];
  #lets: Let[] = [];
  #origin: Origin | null = null;

  /** Starts a program; with `syms` it continues a table (for passes that make code in an existing program). */
  constructor(syms: SymTab = new SymTab()) {
    this.syms = syms;
  }

  /** A program parameter. */
  param(ty: Type, hint = 'x', origin: Origin | null = null): Sym {
    const s = this.syms.fresh(ty, hint, origin);
    this.#params.push(s);
    return s;
  }
  /** Runs `f` with `origin` given to every let it makes. */
  at<T>(origin: Origin | null, f: () => T): T {
    const before = this.#origin;
    this.#origin = origin ?? before;
    try {
      return f();
    } finally {
      this.#origin = before;
    }
  }
  /** Types `op` and binds it to a new symbol in the current block. */
  emit(op: Op, hint = 't'): Sym {
    const ty = typeOfOp(op, this.syms, this.#origin);
    const sym = this.syms.fresh(ty, hint, this.#origin);
    this.#lets.push({ sym, op });
    return sym;
  }
  typeOf(a: Atom): Type {
    return this.syms.typeOf(a);
  }

  bin(op: BinOp, a: Atom, b: Atom): Sym {
    return this.emit({ kind: 'bin', op, a, b });
  }
  un(op: UnOp, a: Atom): Sym {
    return this.emit({ kind: 'un', op, a });
  }
  /** Converts a scalar; the atom itself when it has the type already. */
  cast(to: ScalarType, a: Atom): Atom {
    return this.typeOf(a) === to ? a : this.emit({ kind: 'cast', to, a });
  }
  select(cond: Atom, a: Atom, b: Atom): Sym {
    return this.emit({ kind: 'select', cond, a, b });
  }
  if(cond: Atom, then: () => Atom, otherwise: () => Atom): Sym {
    return this.emit({ kind: 'if', cond, then: this.block([], then), else: this.block([], otherwise) });
  }
  struct(fields: readonly Atom[]): Sym {
    return this.emit({ kind: 'struct', fields: [...fields] }, 's');
  }
  field(of: Atom, index: number): Sym {
    return this.emit({ kind: 'field', of, index }, 'f');
  }
  vec(elem: Type, items: readonly Atom[]): Sym {
    return this.emit({ kind: 'vec', elem, items: [...items] }, 'v');
  }
  len(of: Atom): Sym {
    return this.emit({ kind: 'len', of }, 'n');
  }
  lookup(of: Atom, index: Atom): Sym {
    return this.emit({ kind: 'lookup', of, index });
  }
  optlookup(of: Atom, key: Atom): Sym {
    return this.emit({ kind: 'optlookup', of, key });
  }
  keyexists(of: Atom, key: Atom): Sym {
    return this.emit({ kind: 'keyexists', of, key });
  }
  slice(of: Atom, start: Atom, size: Atom): Sym {
    return this.emit({ kind: 'slice', of, start, size }, 'v');
  }
  tovec(of: Atom): Sym {
    return this.emit({ kind: 'tovec', of }, 'v');
  }
  builder(ty: BuilderType, arg: Atom | null = null, notes: Annotations = NO_NOTES): Sym {
    return this.emit({ kind: 'builder', ty, arg, notes }, 'b');
  }
  merge(builder: Atom, value: Atom): Sym {
    return this.emit({ kind: 'merge', builder, value }, 'b');
  }
  result(builder: Atom): Sym {
    return this.emit({ kind: 'result', builder }, 'r');
  }
  cudf(name: string, ty: Type, args: readonly Atom[], notes: Annotations = NO_NOTES): Sym {
    return this.emit({ kind: 'cudf', name, ty, args: [...args], notes });
  }
  /** `sort(of, |a, b| by(a, b), limit)`, with a comparator that gives i32; the whole order without a limit. */
  sort(of: Atom, by: (a: Sym, b: Sym) => Atom, limit: Atom | null = null): Sym {
    const elem = sortElem(of, this.syms, this.#origin);
    const a = this.syms.fresh(elem, 'a', this.#origin);
    const b = this.syms.fresh(elem, 'b', this.#origin);
    return this.emit({ kind: 'sort', of, by: this.block([a, b], () => by(a, b)), limit }, 'v');
  }
  /** `iterate(init, |x| body(x))`, with a body that gives `{next, bool}`. */
  iterate(init: Atom, body: (x: Sym) => Atom): Sym {
    const x = this.syms.fresh(this.typeOf(init), 'x', this.#origin);
    return this.emit({ kind: 'iterate', init, body: this.block([x], () => body(x)) });
  }
  assert(cond: Atom): Sym {
    return this.emit({ kind: 'assert', cond });
  }
  serialize(of: Atom): Sym {
    return this.emit({ kind: 'serialize', of }, 'bytes');
  }
  deserialize(ty: Type, of: Atom): Sym {
    return this.emit({ kind: 'deserialize', ty, of });
  }
  /** `for(iters, builder, |b, i, e...|)`: `body` gets the builder, the i64 iteration number and one atom an iterator. */
  loop(
    iters: readonly Iter[],
    builder: Atom,
    body: (b: Sym, i: Sym, ...elems: Sym[]) => Atom,
    notes: Annotations = NO_NOTES,
  ): Sym {
    const params = [
      this.syms.fresh(this.typeOf(builder), 'b', this.#origin),
      this.syms.fresh(I64, 'i', this.#origin),
      ...iters.map((it) => this.syms.fresh(iterElem(it, this.syms, this.#origin), 'e', this.#origin)),
    ];
    const [b, i, ...elems] = params;
    invariant(b !== undefined && i !== undefined, () => 'a loop body has a builder and an index');
    const block = this.block(params, () => body(b, i, ...elems));
    return this.emit({ kind: 'for', iters: [...iters], builder, body: block, notes }, 'b');
  }

  /** A nested block whose lets are those that `f` makes. */
  block(params: readonly Sym[], f: () => Atom): Block {
    const outer = this.#lets;
    this.#lets = [];
    try {
      const result = f();
      return { params, lets: this.#lets, result };
    } finally {
      this.#lets = outer;
    }
  }
  /** Adds ready lets to the current block (from `inlineBlock`, which renames). */
  splice(lets: readonly Let[]): void {
    for (const l of lets) this.#lets.push(l);
  }
  /** The program made so far, with `result` as its value. */
  finish(result: Atom): Program {
    if (this.#params.length > 4096)
      fail('W2005', `a program takes at most 4096 parameters, found ${this.#params.length}`);
    return { syms: this.syms, body: { params: [...this.#params], lets: this.#lets, result } };
  }
}
