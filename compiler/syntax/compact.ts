/**
 * The surface tree on one line without spaces, as text that reads back as the same tree: what `weldc fmt --compact`
 * prints.
 *
 *     let p = 9-4; p.$0 + f(p)    ->    (let p=((9-4));(p.$0+(f)(p)))
 *
 * Every operator has its parentheses, so precedence does not show. Ascriptions are left out, as is the `iter` of a
 * whole vector and a `zip` of one. Types stand at the parameters of the outermost lambda; `printTyped`, which asks a
 * `Typer`, writes them at every name, but for one whose field is taken.
 *
 * What goes on to the left (`a+b+c`, `f(x)(y).$0`) and lets in a row are walked in loops: they may be long.
 */

import { type Annotations, isCalled, NO_NOTES } from '../core/op.ts';
import { printLit } from '../core/print.ts';
import { scalar, type Type, typeText, unknown } from '../core/types.ts';
import type { Expr, ExprOf, LetNode, ParamNode } from './ast.ts';
import { isCast, isMath } from './forms.ts';
import { quoted } from './literals.ts';

/** The types that inference found. */
export interface Typer {
  /** Of a name; also of a builder, an extern and a `deserialize`, whose written types may have holes. */
  name(e: Expr): Type;
  param(p: ParamNode): Type;
  letName(l: LetNode): Type;
}

/** A tree on one line: without types, with those that are written (`?` where none is), or with those of a typer. */
export function printTree(e: Expr, types: Typer | 'written' | null = null): string {
  const printer = new Printer(types);
  printer.root(e);
  return printer.text();
}

type Binary = ExprOf<'binary'>;
type Left = Binary | ExprOf<'apply'> | ExprOf<'field'>;
const isLeft = (e: Expr): e is Left => e.k === 'binary' || e.k === 'apply' || e.k === 'field';
const leftOf = (e: Left): Expr => (e.k === 'binary' ? e.a : e.k === 'apply' ? e.f : e.of);

class Printer {
  readonly #out: string[] = [];
  readonly #types: Typer | 'written' | null;
  constructor(types: Typer | 'written' | null) {
    this.#types = types;
  }
  text(): string {
    return this.#out.join('');
  }

  root(e: Expr): void {
    if (e.k === 'lambda') this.#lambda(e, true);
    else this.#print(e);
  }

  /** Where anything may stand: in lists, behind a let. `ty` is a type that the text gives to it from outside. */
  #print(e: Expr, ty: Type | null = null): void {
    const chain: Left[] = [];
    let first = e;
    for (; isLeft(first); first = leftOf(first)) {
      this.#out.push(this.#opening(first));
      chain.push(first);
    }
    const nearest = chain.at(-1);
    if (nearest?.k === 'field') this.#base(nearest, first);
    else if (nearest?.k === 'binary' && !isCalled(nearest.op)) this.#operand(first);
    else this.#leaf(first, chain.length === 0 ? ty : null);
    for (const node of chain.reverse()) this.#closing(node);
  }
  #opening(e: Left): string {
    switch (e.k) {
      case 'binary':
        return isCalled(e.op) ? `${e.op}(` : '(';
      case 'apply':
        return '(';
      case 'field':
        return '';
      default:
        return e satisfies never;
    }
  }
  #closing(e: Left): void {
    switch (e.k) {
      case 'binary':
        this.#out.push(isCalled(e.op) ? ',' : e.op);
        if (isCalled(e.op)) this.#print(e.b);
        else this.#operand(e.b);
        this.#out.push(')');
        return;
      case 'apply':
        this.#out.push(')');
        this.#list('(', e.args, ')');
        return;
      case 'field':
        this.#out.push(`.$${e.index}`);
        return;
      default:
        e satisfies never;
    }
  }
  /** What a field is taken of: a name stands there without its type. */
  #base(e: ExprOf<'field'>, base: Expr): void {
    const bare = bareName(base);
    if (bare !== null) this.#out.push(bare.name);
    else if (base.k === 'ascribe') this.#base(e, base.e);
    else this.#operand(base);
  }
  /** Where a lambda needs parentheses. */
  #operand(e: Expr): void {
    const inner = plain(e);
    if (inner.k === 'lambda') this.#within('(', e, ')');
    else this.#print(e);
  }
  /** What a prefix binds to: a leaf, and what goes on to the right of one is none. */
  #leafOperand(e: Expr): void {
    const inner = plain(e);
    if (inner.k === 'lambda' || inner.k === 'apply' || inner.k === 'field') this.#within('(', e, ')');
    else this.#print(e);
  }
  #within(before: string, e: Expr, after: string): void {
    this.#out.push(before);
    this.#print(e);
    this.#out.push(after);
  }
  #list(before: string, items: readonly Expr[], after: string): void {
    this.#out.push(before);
    for (const [k, e] of items.entries()) {
      if (k > 0) this.#out.push(',');
      this.#print(e);
    }
    this.#out.push(after);
  }

  #leaf(e: Expr, ty: Type | null): void {
    switch (e.k) {
      case 'lit':
        this.#out.push(printLit({ lit: e.value, ty: scalar(e.kind) }));
        return;
      case 'text':
        this.#out.push(quoted(e.value));
        return;
      case 'name':
        this.#out.push(
          e.name,
          this.#typeMark(ty ?? HOLE, (t) => t.name(e)),
        );
        return;
      case 'unary':
        this.#out.push(`(${e.op}`);
        this.#leafOperand(e.a);
        this.#out.push(')');
        return;
      case 'form':
        this.#form(e);
        return;
      case 'struct':
        this.#list('{', e.items, '}');
        return;
      case 'vec':
        this.#list('[', e.items, ']');
        return;
      case 'lets':
        this.#lets(e);
        return;
      case 'lambda':
        this.#lambda(e, false);
        return;
      case 'builder':
        this.#out.push(notesText(e.notes), typeText(this.#whole(e, e.ty)));
        if (e.arg !== null) this.#within('(', e.arg, ')');
        return;
      case 'cudf':
        this.#out.push(`${notesText(e.notes)}cudf[${e.name},${typeText(this.#whole(e, e.ty))}]`);
        this.#list('(', e.args, ')');
        return;
      case 'ascribe':
        this.#print(e.e, ty ?? e.ty);
        return;
      case 'binary':
      case 'apply':
      case 'field':
        this.#print(e);
        return;
      default:
        e satisfies never;
    }
  }

  #lets(e: ExprOf<'lets'>): void {
    let depth = 0;
    let rest: Expr = e;
    for (; rest.k === 'lets'; rest = rest.body) {
      for (const l of rest.lets) {
        this.#out.push(
          `(let ${l.name}`,
          this.#typeMark(l.ty ?? HOLE, (t) => t.letName(l)),
          '=(',
        );
        this.#print(l.value, l.ty);
        this.#out.push(');');
        depth++;
      }
    }
    this.#print(rest);
    this.#out.push(')'.repeat(depth));
  }

  #lambda(e: ExprOf<'lambda'>, outermost: boolean): void {
    const params = e.params.map((p) => {
      const typed = outermost && this.#types === null;
      return p.name + (typed ? `:${typeText(p.ty ?? HOLE)}` : this.#typeMark(p.ty ?? HOLE, (t) => t.param(p)));
    });
    this.#out.push(`|${params.join(',')}|`);
    this.#operand(e.body);
  }

  #form(e: ExprOf<'form'>): void {
    const [first, ...others] = e.args;
    if (isMath(e.word) || isCast(e.word)) {
      this.#out.push(`(${notesText(e.notes)}${e.word}`);
      this.#list('(', e.args, '))');
      return;
    }
    this.#out.push(notesText(e.notes), e.word);
    if (e.word === 'deserialize') this.#out.push(`[${typeText(this.#whole(e, e.ty ?? HOLE))}]`);
    if (e.word === 'for' && first !== undefined) {
      this.#out.push('(');
      this.#iterator(first);
      this.#list(',', others, ')');
    } else if (e.word === 'zip') {
      this.#out.push('(');
      for (const [k, it] of e.args.entries()) {
        if (k > 0) this.#out.push(',');
        this.#iterator(it);
      }
      this.#out.push(')');
    } else this.#list('(', e.args, ')');
  }
  /** What a loop walks: `iter(v)` is `v`, and so is a zip of it alone. */
  #iterator(e: Expr): void {
    let it = e;
    for (let only = onlyIter(it); only !== null; only = onlyIter(it)) it = only;
    this.#print(it);
  }

  #typeMark(written: Type, inferred: (t: Typer) => Type): string {
    if (this.#types === null) return '';
    return `:${typeText(this.#types === 'written' ? written : inferred(this.#types))}`;
  }
  /** The type of an expression that writes it, without its holes where they are known. */
  #whole(e: Expr, written: Type): Type {
    return this.#types === null || this.#types === 'written' ? written : this.#types.name(e);
  }
}

const HOLE: Type = unknown(0);

/** The expression without its ascriptions, which are not printed. */
function plain(e: Expr): Expr {
  let inner = e;
  while (inner.k === 'ascribe') inner = inner.e;
  return inner;
}
function bareName(e: Expr): ExprOf<'name'> | null {
  const inner = plain(e);
  return inner.k === 'name' ? inner : null;
}
function onlyIter(e: Expr): Expr | null {
  const [first, ...others] = e.k === 'form' && (e.word === 'iter' || e.word === 'zip') ? e.args : [];
  return first !== undefined && others.length === 0 ? first : null;
}

function notesText(notes: Annotations): string {
  const keys = notes === NO_NOTES ? [] : Object.keys(notes);
  return keys.length === 0 ? '' : `@(${keys.map((k) => `${k}:${noteText(notes[k] ?? '')}`).join(',')})`;
}
function noteText(v: string | number | boolean): string {
  const word = typeof v === 'string' && /^[A-Za-z_$][\w$]*$/.test(v) && v !== 'true' && v !== 'false';
  return typeof v === 'string' && !word ? quoted(v) : String(v);
}
