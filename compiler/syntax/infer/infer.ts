/**
 * Type inference over the surface tree: every expression gets its type, with only the program's parameters annotated.
 *
 * One walk applies the typing rules (`core/rules.ts`) to types that may still be unknown; the unifier runs a rule
 * again when it has had to wait. There is no generalisation, no overloading and no defaulting: a let-bound lambda has
 * one type, and an expression whose type nothing determines is W2004. All mistakes are collected, not only the first.
 *
 * Functions are not values: a lambda is called, bound by a let, or given to `for`, `sort` and `iterate`.
 */

import {
  binRule,
  builderRule,
  expect,
  fieldRule,
  refuse,
  structRule,
  unRule,
  vecRule,
  wellFormed,
} from '../../core/rules.ts';
import { BOOL, hasUnknown, I8, isBuilder, scalar, type Type, typeText, vec } from '../../core/types.ts';
import { diagnostic, fail, type Origin, type Span, WeldError } from '../../diag/diagnostic.ts';
import { suggest } from '../../diag/suggest.ts';
import type { Expr, ExprOf, LetNode, ParamNode } from '../ast.ts';
import { BUILTIN_MACROS } from '../builtins.ts';
import { FORM_WORDS } from '../forms.ts';
import { Scope } from '../scope.ts';
import { inferForm } from './forms.ts';
import { Unifier } from './unify.ts';

/** The types of a tree. Simd stays as written; there are no unknowns. */
export interface Typed {
  readonly expr: (e: Expr) => Type;
  readonly param: (p: ParamNode) => Type;
  readonly letName: (l: LetNode) => Type;
}

/** A function that is called: the types of its parameters and of its value. */
export interface Fn {
  readonly params: readonly Type[];
  readonly result: Type;
}
type Binding = { readonly ty: Type } | { readonly fn: Fn };

/** Infers the types of a tree. Throws a WeldError with all diagnostics. */
export function inferTypes(e: Expr): Typed {
  const walk = new Inference();
  if (e.k === 'lambda') walk.lambda(e, []);
  else walk.type(e);
  return walk.finish();
}

/** How deep a tree may nest once macros are expanded. */
const MOST_DEPTH = 800;

export class Inference {
  readonly unifier = new Unifier();
  #scope = new Scope<Binding>();
  #depth = 0;
  readonly #exprs = new Map<Expr, Type>();
  readonly #params = new Map<ParamNode, Type>();
  readonly #lets = new Map<LetNode, Type>();

  /** The type of an expression that is a value. */
  type(e: Expr): Type {
    if (++this.#depth > MOST_DEPTH) {
      fail('W1004', `the expression nests more than ${MOST_DEPTH} deep once its macros are expanded`, {
        origin: at(e.span),
        help: 'name the inner parts with let',
      });
    }
    const ty = this.#type(e);
    this.#exprs.set(e, ty);
    this.#depth--;
    return ty;
  }
  /** The value of a rule at an expression. */
  rule(e: { readonly span: Span }, rule: (cx: Unifier) => Type): Type {
    return this.unifier.apply(at(e.span), () => rule(this.unifier));
  }
  /** A mistake that no typing rule finds. */
  mistake(make: () => never): Type {
    try {
      return make();
    } catch (e) {
      this.unifier.refuse(e);
      return this.unifier.fresh();
    }
  }

  #type(e: Expr): Type {
    switch (e.k) {
      case 'lit':
        return scalar(e.kind);
      case 'text':
        return vec(I8);
      case 'name':
        return this.#name(e);
      case 'unary': {
        const a = this.type(e.a);
        return this.rule(e, (cx) => unRule(cx, e.op === '-' ? 'neg' : 'not', a));
      }
      case 'binary':
        return this.#binary(e);
      case 'form':
        return inferForm(e, this);
      case 'apply':
        return this.#apply(e);
      case 'field':
        return this.#field(e);
      case 'struct': {
        const fields = e.items.map((x) => this.type(x));
        return this.rule(e, (cx) => structRule(cx, fields));
      }
      case 'vec': {
        const items = e.items.map((x) => this.type(x));
        const elem = items[0] ?? this.unifier.fresh();
        return this.rule(e, (cx) => vecRule(cx, elem, items));
      }
      case 'lets':
        return this.#lets_(e, () => this.type(e.body));
      case 'lambda':
        return this.mistake(() =>
          fail('W2005', 'a lambda is no value', {
            origin: at(e.span),
            help: 'call it, bind it with let f = (|x| ..), or give it to for, sort, iterate or a macro',
          }),
        );
      case 'builder': {
        const arg = e.arg === null ? null : this.type(e.arg);
        const ty = this.unifier.written(e.ty);
        return isBuilder(ty) ? this.rule(e, (cx) => builderRule(cx, ty, arg)) : ty;
      }
      case 'cudf':
        for (const x of e.args) this.type(x);
        return this.written(e, e.ty);
      case 'ascribe': {
        const ty = this.written(e, e.ty);
        const found = this.type(e.e);
        return this.rule(e, (cx) => {
          expect(cx, found, ty, 'the expression');
          return ty;
        });
      }
      default:
        return e satisfies never;
    }
  }

  /** A written type, which must be one that can be. */
  written(where: { readonly span: Span }, ty: Type): Type {
    const made = this.unifier.written(ty);
    return this.rule(where, (cx) => wellFormed(cx, made));
  }

  #name(e: ExprOf<'name'>): Type {
    const found = this.#scope.find(e.name);
    if (found === undefined) return this.mistake(() => this.#unknown(e));
    if ('ty' in found) return found.ty;
    return this.mistake(() => fail('W2005', `${e.name} is a function: call it`, { origin: at(e.span) }));
  }
  #unknown(e: ExprOf<'name'>): never {
    if (BUILTIN_MACROS.has(e.name)) {
      fail('W2003', `${e.name} is a macro, and no value`, { origin: at(e.span), help: `call it: ${e.name}(..)` });
    }
    const near = suggest(e.name, this.#scope.names());
    const help = near === null ? null : `did you mean ${near}?`;
    return fail('W2003', `unknown name ${e.name}`, { origin: at(e.span), help });
  }

  /** The left operands of a long sum are a chain, not nesting: they are walked, not recursed into. */
  #binary(e: ExprOf<'binary'>): Type {
    const chain: ExprOf<'binary'>[] = [];
    let first: Expr = e;
    for (; first.k === 'binary'; first = first.a) chain.push(first);
    let left = this.type(first);
    for (const node of chain.reverse()) {
      const [a, b] = [left, this.type(node.b)];
      left = this.rule(node, (cx) => binRule(cx, node.op, a, b));
      this.#exprs.set(node, left);
    }
    return left;
  }

  #field(e: ExprOf<'field'>): Type {
    const chain: ExprOf<'field'>[] = [];
    let first: Expr = e;
    for (; first.k === 'field'; first = first.of) chain.push(first);
    let of = this.type(first);
    for (const node of chain.reverse()) {
      const whole = of;
      of = this.rule(node, (cx) => fieldRule(cx, whole, node.index));
      this.#exprs.set(node, of);
    }
    return of;
  }

  #lets_<T>(e: ExprOf<'lets'>, body: () => T): T {
    const outer = this.#scope;
    this.#scope = new Scope(outer);
    for (const l of e.lets) {
      // One scope for the whole run would make a name visible in its own value, so it is bound after.
      const fn = this.fn(l.value);
      if (fn !== null) {
        this.#scope.bind(l.name, { fn });
        continue;
      }
      const found = this.type(l.value);
      const ty = l.ty === null ? found : this.#ascribed(l, l.ty, found);
      this.#lets.set(l, ty);
      this.#scope.bind(l.name, { ty });
    }
    const result = body();
    this.#scope = outer;
    return result;
  }
  #ascribed(l: LetNode, written: Type, found: Type): Type {
    const ty = this.written(l, written);
    return this.rule(l, (cx) => {
      expect(cx, found, ty, `the value of ${l.name}`);
      return ty;
    });
  }

  /** The function that an expression is, or null for a value. `args` are the types it is called with, if known. */
  fn(e: Expr, args: readonly Type[] = []): Fn | null {
    switch (e.k) {
      case 'lambda':
        return this.lambda(e, args);
      case 'name': {
        const found = this.#scope.find(e.name);
        return found !== undefined && 'fn' in found ? found.fn : null;
      }
      case 'lets':
        return endsInFunction(e.body, (name) => this.#isFunction(name))
          ? this.#lets_(e, () => this.fn(e.body, args))
          : null;
      default:
        return null;
    }
  }
  #isFunction(name: string): boolean {
    const found = this.#scope.find(name);
    return found !== undefined && 'fn' in found;
  }

  /** The function that a lambda is; where the arguments' types are known they are the parameters'. */
  lambda(e: ExprOf<'lambda'>, args: readonly Type[]): Fn {
    const outer = this.#scope;
    this.#scope = new Scope(outer);
    const seen = new Set<string>();
    const params = e.params.map((p, k) => {
      if (seen.has(p.name)) {
        this.mistake(() => fail('W1006', `parameter ${p.name} is defined twice`, { origin: at(p.span) }));
      }
      seen.add(p.name);
      const ty = p.ty === null ? (args[k] ?? this.unifier.fresh()) : this.written(p, p.ty);
      this.#params.set(p, ty);
      this.#scope.bind(p.name, { ty });
      return ty;
    });
    const result = this.type(e.body);
    this.#scope = outer;
    this.#exprs.set(e, result);
    return { params, result };
  }

  #apply(e: ExprOf<'apply'>): Type {
    // Not to be a function is the first mistake, before any in the arguments.
    if (!endsInFunction(e.f, (name) => this.#isFunction(name))) return this.mistake(() => this.#notCalled(e));
    const args = e.args.map((x) => this.type(x));
    const fn = this.fn(e.f, args);
    if (fn === null) return this.mistake(() => this.#notCalled(e));
    return this.called(e, fn, args, 'the function');
  }
  /** The value of a function for arguments of these types. */
  called(e: Expr, fn: Fn, args: readonly Type[], who: string): Type {
    return this.rule(e, (cx) => {
      if (fn.params.length !== args.length) {
        refuse(cx, 'W2005', `${who} takes ${fn.params.length} arguments, found ${args.length}`);
      }
      for (const [k, a] of args.entries()) expect(cx, a, fn.params[k] ?? a, `argument ${k + 1} of ${who}`);
      return fn.result;
    });
  }
  #notCalled(e: ExprOf<'apply'>): never {
    if (e.f.k === 'name' && this.#scope.find(e.f.name) === undefined) {
      const near = suggest(e.f.name, [...this.#scope.names(), ...BUILTIN_MACROS.keys(), ...FORM_WORDS]);
      const help = near === null ? null : `did you mean ${near}?`;
      fail('W2003', `unknown name ${e.f.name}`, { origin: at(e.f.span), help });
    }
    const help = e.f.k === 'unary' ? `${e.f.op} binds to the name: write ${e.f.op}(f(x))` : null;
    return fail('W2005', 'only a lambda or a macro can be called', { origin: at(e.f.span), help });
  }

  /** The types found. Throws a WeldError with all diagnostics. */
  finish(): Typed {
    const { unifier } = this;
    if (unifier.found.length === 0) this.#checkAllKnown();
    const [first, ...rest] = unifier.found;
    if (first !== undefined) throw new WeldError([first, ...rest]);
    const known = (t: Type | undefined): Type => unifier.whole(t ?? BOOL);
    return {
      expr: (e) => known(this.#exprs.get(e)),
      param: (p) => known(this.#params.get(p)),
      letName: (l) => known(this.#lets.get(l)),
    };
  }
  #checkAllKnown(): void {
    const { unifier } = this;
    const help = 'annotate a parameter, |x: i32|, or the expression, (e: vec[i32])';
    const found = (ty: Type): string => (ty.kind === 'unknown' ? '' : `, only that it is ${typeText(ty)}`);
    for (const [p, t] of this.#params) {
      const ty = unifier.whole(t);
      if (hasUnknown(ty)) this.#notKnown(`the type of parameter ${p.name} is not known${found(ty)}`, at(p.span), help);
    }
    for (const [e, t] of this.#exprs) {
      if (unifier.found.length > 0) return;
      const ty = unifier.whole(t);
      if (hasUnknown(ty)) this.#notKnown(`the type of the expression is not known${found(ty)}`, at(e.span), help);
    }
    const [first] = unifier.stuck();
    if (first !== undefined && unifier.found.length === 0) this.#notKnown('a type here is not known', first, help);
  }
  #notKnown(message: string, origin: Origin, help: string): void {
    this.unifier.found.push(diagnostic('W2004', message, { origin, help }));
  }
}

/** True for an expression that is a function: a lambda, or the name of one, behind any lets. */
function endsInFunction(e: Expr, isFunction: (name: string) => boolean): boolean {
  let at = e;
  while (at.k === 'lets') at = at.body;
  return at.k === 'lambda' || (at.k === 'name' && isFunction(at.name));
}

export const at = (span: Span): Origin => ({ kind: 'text', span });
