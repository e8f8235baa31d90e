/**
 * Surface tree -> Core. Macros are expanded and types inferred before; here names are resolved and every operation is
 * made by the checked Builder, with the span it came from.
 *
 * Weld gives a loop over several iterators one element, a struct; Core has one parameter an iterator. `e.$k` becomes
 * that parameter, and `e` as a whole is put together where it is used. `a && b` and `a || b` become an `if` when
 * computing b takes operations, so that they short-circuit; with a plain operand they are the strict operator.
 *
 * Lambdas are inlined where they are called, with their arguments computed once, before. Simd is written for a machine
 * with one lane: `simd[T]` is `T`, `simditer(v)` walks all of v and `fringeiter(v)` nothing; machine code chooses its
 * lanes itself.
 */

import { Builder, lit } from '../core/build.ts';
import type { Atom, Sym } from '../core/op.ts';
import { isLit } from '../core/op.ts';
import type { Program } from '../core/program.ts';
import { hasSimd, I8, isBuilder, isFloatKind, isLinear, mapParts, type ScalarKind, type Type } from '../core/types.ts';
import { fail, InternalError, invariant, type Origin } from '../diag/diagnostic.ts';
import type { Expr, ExprOf, ParamNode } from './ast.ts';
import { elaborateForm } from './elaborate-forms.ts';
import { at, type Typed } from './infer/infer.ts';
import { Scope } from './scope.ts';

/** A lambda with the names that it sees. */
export interface Closure {
  readonly params: readonly ParamNode[];
  readonly body: Expr;
  readonly scope: Names;
}
/** What a name stands for: an atom, the elements of a zip, one an iterator, or a function. */
export type Binding = { readonly atom: Atom } | { readonly elems: readonly Sym[] } | { readonly closure: Closure };

/** The Core program of a tree, which must be a lambda. */
export function elaborate(tree: Expr, typed: Typed): Program {
  if (tree.k !== 'lambda') {
    return fail('W2005', 'a program is a lambda', {
      origin: at(tree.span),
      help: 'put its parameters in front: |x: vec[f64], n: i64| body, or || body',
    });
  }
  return new Elaborator(typed).program(tree);
}

/**
 * How deep branches and loop bodies may nest. Canonical text spends up to three levels of brackets and lets on each,
 * and has to be readable again within the limit of the grammar.
 */
export const BLOCK_LIMIT = 60;

/** How many values a program may have once its lambdas are inlined. */
const SIZE_LIMIT = 500_000;

/** Names in scope; a loop redirects the name of its builder, see `loopScope`. */
export class Names {
  readonly #scope: Scope<Binding>;
  readonly #outer: Names | null;
  readonly #from: Atom | null;
  readonly #to: Atom | null;

  constructor(outer: Names | null = null, from: Atom | null = null, to: Atom | null = null) {
    this.#scope = new Scope();
    this.#outer = outer;
    this.#from = from;
    this.#to = to;
  }
  bind(name: string, b: Binding): void {
    this.#scope.bind(name, b);
  }
  find(name: string): Binding | undefined {
    const here = this.#scope.find(name);
    if (here !== undefined) return here;
    const found = this.#outer?.find(name);
    if (found === undefined || !('atom' in found) || this.#to === null) return found;
    return found.atom === this.#from ? { atom: this.#to } : found;
  }
}

export class Elaborator {
  readonly b = new Builder();
  readonly #typed: Typed;
  #names = new Names();
  /** The structs of builders that were taken out of others, by symbol and field. */
  #inner = new Scope<Atom>();
  #blocks = 0;

  constructor(typed: Typed) {
    this.#typed = typed;
  }

  program(root: ExprOf<'lambda'>): Program {
    for (const p of root.params) {
      this.#names.bind(p.name, { atom: this.b.param(this.type(this.#typed.param(p)), p.name, at(p.span)) });
    }
    return this.b.finish(this.atom(root.body));
  }

  /** The type of Core for a type of the text. */
  type(t: Type): Type {
    if (t.kind === 'simd') return t.elem;
    return hasSimd(t) ? mapParts(t, (p) => this.type(p)) : t;
  }
  /** The type of an expression, in Core. */
  typeOf(e: Expr): Type {
    return this.type(this.#typed.expr(e));
  }

  /** The atom that an expression computes, with its operations added to the current block. */
  atom(e: Expr): Atom {
    return this.b.at(at(e.span), () => this.#atom(e));
  }

  /** The atom of a branch or loop body, which is a block of its own. */
  inner(place: Origin | null, f: () => Atom): Atom {
    if (this.#blocks >= BLOCK_LIMIT) {
      fail('W1004', `branches and loops nest more than ${BLOCK_LIMIT} deep`, {
        origin: place,
        help: 'select(..) chooses without nesting; a let takes an inner part out',
      });
    }
    const outer = this.#inner;
    this.#inner = new Scope(outer);
    this.#blocks++;
    const result = f();
    this.#blocks--;
    this.#inner = outer;
    return result;
  }

  #atom(e: Expr): Atom {
    switch (e.k) {
      case 'lit':
        return lit(e.kind, e.value);
      case 'text':
        return this.b.vec(
          I8,
          Array.from(e.value, (ch) => lit('i8', ch.charCodeAt(0))),
        );
      case 'name':
        return this.#name(e);
      case 'unary':
        return this.#unary(e);
      case 'binary':
        return this.#binary(e);
      case 'form':
        return elaborateForm(e, this);
      case 'apply':
        return this.#apply(e);
      case 'field':
        return this.#field(e);
      case 'struct':
        return this.b.struct(e.items.map((x) => this.atom(x)));
      case 'vec': {
        const items = e.items.map((x) => this.atom(x));
        const ty = this.typeOf(e);
        return this.b.vec(ty.kind === 'vec' ? ty.elem : ty, items);
      }
      case 'lets':
        return this.#lets(e, () => this.atom(e.body));
      case 'lambda':
        throw new InternalError('elaborate: a lambda as a value');
      case 'builder':
        return this.#builder(e);
      case 'cudf':
        return this.b.cudf(
          e.name,
          this.typeOf(e),
          e.args.map((x) => this.atom(x)),
          e.notes,
        );
      case 'ascribe':
        return this.atom(e.e);
      default:
        return e satisfies never;
    }
  }

  #lets<T>(e: ExprOf<'lets'>, body: () => T): T {
    const outer = this.#names;
    this.#names = new Names(outer);
    for (const l of e.lets) {
      const closure = this.closure(l.value);
      if (closure !== null) {
        this.#names.bind(l.name, { closure });
        // What is bound from here on must not be seen by the closure.
        this.#names = new Names(this.#names);
        continue;
      }
      const value = this.atom(l.value);
      this.#names.bind(l.name, { atom: value });
      if (!isLit(value)) this.b.syms.rename(value, l.name);
    }
    const result = body();
    this.#names = outer;
    return result;
  }

  #name(e: ExprOf<'name'>): Atom {
    const found = this.#names.find(e.name);
    if (found === undefined || 'closure' in found) throw new InternalError(`elaborate: ${e.name} is no value`);
    return 'atom' in found ? found.atom : this.b.struct(found.elems);
  }

  #field(e: ExprOf<'field'>): Atom {
    const chain: ExprOf<'field'>[] = [];
    let inner = e;
    for (; inner.of.k === 'field'; inner = inner.of) chain.push(inner);
    let value = this.b.at(at(inner.span), () => this.#firstField(inner));
    for (const node of chain.reverse()) {
      const of = value;
      value = this.b.at(at(node.span), () => this.#fieldOf(of, node.index));
    }
    return value;
  }
  #firstField(e: ExprOf<'field'>): Atom {
    const zipped = e.of.k === 'name' ? this.#names.find(e.of.name) : undefined;
    const elem = zipped !== undefined && 'elems' in zipped ? zipped.elems[e.index] : undefined;
    return elem ?? this.#fieldOf(this.atom(e.of), e.index);
  }
  /**
   * A field. Taking a struct of builders out of another uses it up, and `b.$1.$0` and `b.$1.$1` both go through
   * `b.$1`: so it is taken once, and found again in the block that took it and in those inside.
   */
  #fieldOf(of: Atom, index: number): Atom {
    const key = isLit(of) ? null : `${of}.${index}`;
    const known = key === null ? undefined : this.#inner.find(key);
    if (known !== undefined) return known;
    const made = this.b.field(of, index);
    const ty = this.b.typeOf(made);
    if (key !== null && ty.kind === 'struct' && isLinear(ty)) this.#inner.bind(key, made);
    return made;
  }

  #unary(e: ExprOf<'unary'>): Atom {
    if (e.op === '!') return this.b.un('not', this.atom(e.a));
    // Minus before a literal is part of the literal; `-(7: i32)` is the operation.
    if (e.a.k === 'lit' && typeof e.a.value !== 'boolean') return lit(e.a.kind, negated(e.a.kind, e.a.value));
    return this.b.un('neg', this.atom(e.a));
  }

  /** The left operands of a long sum are a chain, not nesting: they are walked, not recursed into. */
  #binary(e: ExprOf<'binary'>): Atom {
    const chain: ExprOf<'binary'>[] = [];
    let first: Expr = e;
    let literal = literalForm(e);
    while (literal === null && first.k === 'binary') {
      chain.push(first);
      first = first.a;
      literal = first.k === 'binary' ? literalForm(first) : null;
    }
    let value = literal ?? this.atom(first);
    for (const node of chain.reverse()) {
      const left = value;
      value = this.b.at(at(node.span), () => this.#operate(node, left));
    }
    return value;
  }
  #operate(e: ExprOf<'binary'>, a: Atom): Atom {
    if (e.op !== '&&' && e.op !== '||') return this.b.bin(e.op, a, this.atom(e.b));
    const right = this.b.block([], () => this.inner(at(e.b.span), () => this.atom(e.b)));
    if (right.lets.length === 0) return this.b.bin(e.op, a, right.result);
    const known = this.b.block([], () => lit('bool', e.op === '||'));
    const [then, otherwise] = e.op === '&&' ? [right, known] : [known, right];
    return this.b.emit({ kind: 'if', cond: a, then, else: otherwise });
  }

  #builder(e: ExprOf<'builder'>): Atom {
    const ty = this.typeOf(e);
    invariant(isBuilder(ty), () => 'elaborate: a builder of another type');
    return this.b.builder(ty, e.arg === null ? null : this.atom(e.arg), e.notes);
  }

  /** The function that an expression is; null for a value. */
  closure(e: Expr): Closure | null {
    if (e.k === 'lambda') return { params: e.params, body: e.body, scope: this.#names };
    if (e.k === 'name') {
      const found = this.#names.find(e.name);
      return found !== undefined && 'closure' in found ? found.closure : null;
    }
    return e.k === 'lets' ? this.#letsClosure(e) : null;
  }
  /** The function behind lets, which are computed here. */
  #letsClosure(e: ExprOf<'lets'>): Closure | null {
    let last: Expr = e.body;
    while (last.k === 'lets') last = last.body;
    const named = last.k === 'name' ? this.#names.find(last.name) : undefined;
    if (last.k !== 'lambda' && !(named !== undefined && 'closure' in named)) return null;
    return this.#lets(e, () => this.closure(e.body));
  }

  #apply(e: ExprOf<'apply'>): Atom {
    const closure = this.closure(e.f);
    if (closure === null) throw new InternalError('elaborate: a call of no function');
    return this.enter(
      closure,
      e.args.map((x) => ({ atom: this.atom(x) })),
    );
  }

  /** The body of a function, inlined in the current block. */
  enter(closure: Closure, args: readonly Binding[], redirect: { from: Atom; to: Atom } | null = null): Atom {
    if (this.b.syms.size > SIZE_LIMIT) {
      fail('W1007', `the program has more than ${SIZE_LIMIT} values once its lambdas are inlined`, {
        origin: at(closure.body.span),
        help: 'a lambda is copied wherever it is called: call it fewer times',
      });
    }
    const outer = this.#names;
    const names = new Names(closure.scope, redirect?.from, redirect?.to);
    for (const [k, p] of closure.params.entries()) {
      const arg = args[k];
      if (arg !== undefined) names.bind(p.name, arg);
    }
    this.#names = names;
    const result = this.atom(closure.body);
    this.#names = outer;
    return result;
  }
}

/** Infinities, NaN and the smallest integers, which have no literal of their own (see `core/print.ts`). */
function literalForm(e: ExprOf<'binary'>): Atom | null {
  const a = signedLit(e.a);
  const b = e.b.k === 'lit' ? e.b : null;
  if (a === null || b === null || a.kind !== b.kind || typeof a.value === 'boolean') return null;
  const zero = Object.is(b.value, 0);
  if (e.op === '/' && isFloatKind(a.kind) && zero && [0, 1, -1].includes(Number(a.value)) && !Object.is(a.value, -0)) {
    return lit(a.kind, Number(a.value) / 0);
  }
  const smallest = SMALLEST[a.kind];
  if (e.op !== '-' || smallest === undefined || BigInt(b.value) !== 1n || BigInt(a.value) !== smallest + 1n)
    return null;
  return lit(a.kind, smallest);
}

const SMALLEST: Readonly<Partial<Record<ScalarKind, bigint>>> = {
  i8: -(1n << 7n),
  i16: -(1n << 15n),
  i32: -(1n << 31n),
  i64: -(1n << 63n),
};

function signedLit(e: Expr): { kind: ScalarKind; value: number | bigint | boolean } | null {
  if (e.k === 'lit') return e;
  if (e.k !== 'unary' || e.op !== '-' || e.a.k !== 'lit' || typeof e.a.value === 'boolean') return null;
  return { kind: e.a.kind, value: negated(e.a.kind, e.a.value) };
}

/** The literal that `-value` is. */
function negated(kind: ScalarKind, value: number | bigint): number | bigint {
  if (typeof value === 'bigint') return BigInt.asIntN(64, -value);
  // Integers have no negative zero.
  return isFloatKind(kind) ? -value : 0 - value;
}
