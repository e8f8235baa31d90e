/**
 * Surface tree -> Core: names are resolved, types follow bottom-up, and every operation is made by the checked Builder
 * with the span it came from, so that a refusal of a typing rule points at the text.
 *
 * Weld gives a loop over several iterators one element, a struct; Core has one parameter an iterator. `e.$k` becomes
 * that parameter, and `e` as a whole is put together where it is used. `a && b` and `a || b` become an `if` when
 * computing b takes operations, so that they short-circuit; with a plain operand they are the strict operator.
 */

import { Builder, lit, range, scan } from '../core/build.ts';
import type { Annotations, Atom, Iter, Sym } from '../core/op.ts';
import { isLit, NO_NOTES } from '../core/op.ts';
import type { Program } from '../core/program.ts';
import { I64, isFloatKind, isVecType, type ScalarKind, type Type, typeText } from '../core/types.ts';
import { iterElem } from '../core/typing.ts';
import { fail, type Span } from '../diag/diagnostic.ts';
import { suggest } from '../diag/suggest.ts';
import type { Expr, ExprOf, ParamNode } from './ast.ts';
import { elaborateCall } from './calls.ts';
import { negated } from './literals.ts';

/** What a name stands for: an atom, or the elements of a zip, one an iterator. */
type Binding = { readonly atom: Atom } | { readonly elems: readonly Sym[] };

/** The Core program of a surface tree, whose root must be a lambda with typed parameters. */
export function elaborate(tree: Expr): Program {
  const e = new Elaborator();
  if (tree.k !== 'lambda') {
    return fail('W2005', 'a program is a lambda: |x: vec[f64], n: i64| body', { origin: at(tree.span) });
  }
  return e.program(tree);
}

const at = (span: Span) => ({ kind: 'text', span }) as const;

/**
 * How deep branches and loop bodies may nest. Canonical text spends up to three levels of brackets and lets on each,
 * and has to be readable again within the limit of the grammar.
 */
export const BLOCK_LIMIT = 60;

export class Elaborator {
  readonly b = new Builder();
  #scope = new Map<string, Binding>();
  #blocks = 0;

  program(root: ExprOf<'lambda'>): Program {
    for (const p of root.params) {
      if (p.ty === null) {
        fail('W2004', `parameter ${p.name} has no type`, { origin: at(p.span), help: `write ${p.name}: vec[f64]` });
      }
      this.#scope.set(p.name, { atom: this.b.param(p.ty, p.name, at(p.span)) });
    }
    return this.b.finish(this.atom(root.body));
  }

  /** The atom that an expression computes, with its operations added to the current block. */
  atom(e: Expr): Atom {
    return this.b.at(at(e.span), () => this.#atom(e));
  }

  /** The atom of a branch or loop body, which is a block of its own. */
  inner(e: Expr): Atom {
    if (this.#blocks >= BLOCK_LIMIT) {
      fail('W1004', `branches and loops nest more than ${BLOCK_LIMIT} deep`, {
        origin: at(e.span),
        help: 'select(..) chooses without nesting; a let takes an inner part out',
      });
    }
    this.#blocks++;
    const result = this.atom(e);
    this.#blocks--;
    return result;
  }

  #atom(e: Expr): Atom {
    switch (e.k) {
      case 'lit':
        return this.#literal(e, false);
      case 'name':
        return this.#name(e);
      case 'unary':
        return this.#unary(e);
      case 'binary':
        return this.#binary(e);
      case 'call':
        return e.name === 'for' ? this.#loop(e, NO_NOTES) : elaborateCall(e, this);
      case 'field':
        return this.#field(e);
      case 'struct':
        return this.b.struct(e.items.map((x) => this.atom(x)));
      case 'vec':
        return this.#vec(e, null);
      case 'lets':
        return this.#lets(e);
      case 'lambda':
        return fail('W2005', 'a lambda stands only as the program or as the body of a loop', { origin: at(e.span) });
      case 'builder':
        return this.#builder(e, NO_NOTES);
      case 'cudf':
        return this.b.cudf(
          e.name,
          e.ty,
          e.args.map((x) => this.atom(x)),
        );
      case 'ascribe':
        return this.#ascribe(e);
      case 'noted':
        return this.#noted(e);
      default:
        return e satisfies never;
    }
  }

  #lets(e: ExprOf<'lets'>): Atom {
    const outer = this.#scope;
    // One copy of the scope for the whole run: a name is not visible in its own value.
    this.#scope = new Map(outer);
    for (const l of e.lets) {
      const value = this.atom(l.value);
      this.#scope.set(l.name, { atom: value });
      if (!isLit(value)) this.b.syms.rename(value, l.name);
    }
    const result = this.atom(e.body);
    this.#scope = outer;
    return result;
  }

  #name(e: ExprOf<'name'>): Atom {
    const found = this.#scope.get(e.name);
    if (found === undefined) return this.unknown(e.name, e.span, [...this.#scope.keys()]);
    return 'atom' in found ? found.atom : this.b.struct(found.elems);
  }
  /** Fails with the nearest known name. */
  unknown(name: string, span: Span, known: readonly string[]): never {
    const near = suggest(name, known);
    return fail('W2003', `unknown name ${name}`, {
      origin: at(span),
      help: near === null ? null : `did you mean ${near}?`,
    });
  }

  #field(e: ExprOf<'field'>): Atom {
    const chain: ExprOf<'field'>[] = [];
    let inner = e;
    for (; inner.of.k === 'field'; inner = inner.of) chain.push(inner);
    let value = this.b.at(at(inner.span), () => this.#firstField(inner));
    for (const node of chain.reverse()) {
      const of = value;
      value = this.b.at(at(node.span), () => this.b.field(of, node.index));
    }
    return value;
  }
  #firstField(e: ExprOf<'field'>): Atom {
    const zipped = e.of.k === 'name' ? this.#scope.get(e.of.name) : undefined;
    if (zipped === undefined || !('elems' in zipped)) return this.b.field(this.atom(e.of), e.index);
    const count = zipped.elems.length;
    return zipped.elems[e.index] ?? fail('W2002', `.$${e.index} of a zip of ${count}`, { origin: at(e.span) });
  }

  #vec(e: ExprOf<'vec'>, elem: Type | null): Atom {
    const items = e.items.map((x) => this.atom(x));
    const first = items[0];
    const ty = elem ?? (first === undefined ? null : this.b.typeOf(first));
    if (ty === null) {
      fail('W2004', 'the element type of [] is not known', { origin: at(e.span), help: 'write ([]: vec[f64])' });
    }
    return this.b.vec(ty, items);
  }

  #ascribe(e: ExprOf<'ascribe'>): Atom {
    const empty = e.e.k === 'vec' && e.e.items.length === 0 && isVecType(e.ty);
    const value = empty && e.e.k === 'vec' && isVecType(e.ty) ? this.#vec(e.e, e.ty.elem) : this.atom(e.e);
    const found = this.b.typeOf(value);
    if (found !== e.ty) {
      fail('W2001', `the expression has type ${typeText(found)}, not ${typeText(e.ty)}`, { origin: at(e.span) });
    }
    return value;
  }

  #literal(e: ExprOf<'lit'>, negate: boolean): Atom {
    const { kind, value, problem } = e;
    if (problem !== null && !(negate && problem.rightNegated)) {
      return fail('W1003', problem.message, { origin: at(e.span), help: problem.help });
    }
    return lit(kind, negate && typeof value !== 'boolean' ? negated(kind, value) : value);
  }

  #unary(e: ExprOf<'unary'>): Atom {
    if (e.op === '!') return this.b.un('not', this.atom(e.a));
    // Minus before a literal is part of the literal; `-(7: i32)` is the operation.
    if (e.a.k === 'lit' && e.a.kind !== 'bool') return this.#literal(e.a, true);
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
    const right = this.b.block([], () => this.inner(e.b));
    if (right.lets.length === 0) return this.b.bin(e.op, a, right.result);
    const known = this.b.block([], () => lit('bool', e.op === '||'));
    const [then, otherwise] = e.op === '&&' ? [right, known] : [known, right];
    return this.b.emit({ kind: 'if', cond: a, then, else: otherwise });
  }

  #builder(e: ExprOf<'builder'>, notes: Annotations): Atom {
    return this.b.builder(e.ty, e.arg === null ? null : this.atom(e.arg), notes);
  }

  #noted(e: ExprOf<'noted'>): Atom {
    if (e.e.k === 'builder') return this.#builder(e.e, e.notes);
    // An annotation on anything but a loop or a builder changes nothing.
    return e.e.k === 'call' && e.e.name === 'for' ? this.#loop(e.e, e.notes) : this.atom(e.e);
  }

  #loop(e: ExprOf<'call'>, notes: Annotations): Atom {
    const [data, builder, body] = e.args;
    if (data === undefined || builder === undefined || body === undefined || e.args.length !== 3) {
      return fail('W2005', `for takes data, a builder and a lambda, found ${e.args.length} arguments`, {
        origin: at(e.span),
      });
    }
    if (body.k !== 'lambda' || body.params.length !== 3) {
      return fail('W2005', 'the body of for is a lambda |builder, index, element|', { origin: at(body.span) });
    }
    const iters = this.#iters(data);
    const into = this.atom(builder);
    const params = body.params as readonly [ParamNode, ParamNode, ParamNode];
    return this.b.loop(
      iters,
      into,
      (b, i, ...elems) => {
        const outer = this.#scope;
        this.#scope = new Map(outer);
        this.#bindParam(params[0], { atom: b }, this.b.typeOf(b));
        this.#bindParam(params[1], { atom: i }, I64);
        const [only] = elems;
        const single = elems.length === 1 && only !== undefined;
        this.#bindParam(params[2], single ? { atom: only } : { elems }, single ? this.b.typeOf(only) : null);
        const result = this.inner(body.body);
        this.#scope = outer;
        return result;
      },
      notes,
    );
  }

  #bindParam(p: ParamNode, binding: Binding, ty: Type | null): void {
    if (p.ty !== null && ty !== null && p.ty !== ty) {
      fail('W2001', `parameter ${p.name} has type ${typeText(ty)}, not ${typeText(p.ty)}`, { origin: at(p.span) });
    }
    this.#scope.set(p.name, binding);
    if ('atom' in binding && !isLit(binding.atom)) this.b.syms.rename(binding.atom, p.name);
    else if ('elems' in binding) for (const s of binding.elems) this.b.syms.rename(s, p.name);
  }

  #iters(data: Expr): readonly Iter[] {
    if (data.k === 'call' && data.name === 'zip') return data.args.flatMap((x) => this.#iters(x));
    if (data.k === 'call' && data.name === 'rangeiter') {
      const [start, end, stride] = data.args.map((x) => this.atom(x));
      if (start === undefined || end === undefined || stride === undefined || data.args.length !== 3) {
        return fail('W2005', `rangeiter takes start, end and stride, found ${data.args.length} arguments`, {
          origin: at(data.span),
        });
      }
      return [this.#checked(range(start, end, stride), data.span)];
    }
    return [this.#checked(scan(this.atom(data)), data.span)];
  }
  #checked(it: Iter, span: Span): Iter {
    iterElem(it, this.b.syms, at(span));
    return it;
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
