/**
 * The surface tree: Weld text as written, with spans, before names and types mean anything. A run of lets is one node,
 * so that a long program is no deep tree.
 *
 * Types in the tree may hold `?` and `simd[..]`; names of aliases are resolved while reading. Words that are reserved
 * make a `form`; any other call is an `apply`, which may turn out to be a macro. Annotations stay where they mean
 * something: on forms, builders and externs.
 */

import type { Annotations, BinOp } from '../core/op.ts';
import type { ScalarKind, Type } from '../core/types.ts';
import type { Span } from '../diag/diagnostic.ts';
import type { FormWord } from './forms.ts';

/** A text: aliases (resolved while reading, so only the rest is kept), macros, and one expression. */
export interface ProgramTree {
  readonly macros: readonly MacroNode[];
  readonly body: Expr;
}
/** `macro name(a, b) = body;` */
export interface MacroNode {
  readonly name: string;
  readonly params: readonly string[];
  readonly body: Expr;
  /** Where the name stands. */
  readonly span: Span;
}
export interface LetNode {
  readonly name: string;
  /** `let name: T = ..`, null where none is written. */
  readonly ty: Type | null;
  /** Where the name stands. */
  readonly span: Span;
  readonly value: Expr;
}
export interface ParamNode {
  readonly name: string;
  readonly ty: Type | null;
  readonly span: Span;
}

export type Expr = { readonly span: Span } & (
  | { readonly k: 'lit'; readonly kind: ScalarKind; readonly value: number | bigint | boolean }
  /** A string literal after its escapes: ASCII, a `vec[i8]`. */
  | { readonly k: 'text'; readonly value: string }
  | { readonly k: 'name'; readonly name: string }
  | { readonly k: 'unary'; readonly op: '-' | '!'; readonly a: Expr }
  | { readonly k: 'binary'; readonly op: BinOp; readonly a: Expr; readonly b: Expr }
  /** A call of a reserved word: `len(v)`, `f64(x)`, `for(..)`; `ty` is the type in brackets of `deserialize[T]`. */
  | {
      readonly k: 'form';
      readonly word: FormWord;
      readonly ty: Type | null;
      readonly args: readonly Expr[];
      readonly notes: Annotations;
    }
  /** A call of anything else: a macro by its name, or a lambda. */
  | { readonly k: 'apply'; readonly f: Expr; readonly args: readonly Expr[] }
  | { readonly k: 'field'; readonly of: Expr; readonly index: number }
  | { readonly k: 'struct'; readonly items: readonly Expr[] }
  | { readonly k: 'vec'; readonly items: readonly Expr[] }
  | { readonly k: 'lets'; readonly lets: readonly LetNode[]; readonly body: Expr }
  | { readonly k: 'lambda'; readonly params: readonly ParamNode[]; readonly body: Expr }
  /** A builder type, with `?` where it says nothing (`appender` is `appender[?]`). */
  | { readonly k: 'builder'; readonly ty: Type; readonly arg: Expr | null; readonly notes: Annotations }
  | {
      readonly k: 'cudf';
      readonly name: string;
      readonly ty: Type;
      readonly args: readonly Expr[];
      readonly notes: Annotations;
    }
  | { readonly k: 'ascribe'; readonly e: Expr; readonly ty: Type }
);

export type ExprOf<K extends Expr['k']> = Extract<Expr, { readonly k: K }>;
