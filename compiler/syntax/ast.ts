/**
 * The surface tree: Weld text as written, with spans, before names and types mean anything. A run of lets is one node,
 * so that a long program is no deep tree.
 */

import type { Annotations, BinOp } from '../core/op.ts';
import type { BuilderType, ScalarKind, Type } from '../core/types.ts';
import type { Span } from '../diag/diagnostic.ts';
import type { LiteralProblem } from './literals.ts';

export interface LetNode {
  readonly name: string;
  readonly span: Span;
  readonly value: Expr;
}
export interface ParamNode {
  readonly name: string;
  readonly ty: Type | null;
  readonly span: Span;
}

export type Expr = {
  readonly span: Span;
} /** `problem`: why the elaborator refuses it, unless a minus in front makes it right. */ & (
  | {
      readonly k: 'lit';
      readonly kind: ScalarKind;
      readonly value: number | bigint | boolean;
      readonly problem: LiteralProblem | null;
    }
  | { readonly k: 'name'; readonly name: string }
  | { readonly k: 'unary'; readonly op: '-' | '!'; readonly a: Expr }
  | { readonly k: 'binary'; readonly op: BinOp; readonly a: Expr; readonly b: Expr }
  | { readonly k: 'call'; readonly name: string; readonly args: readonly Expr[] }
  | { readonly k: 'field'; readonly of: Expr; readonly index: number }
  | { readonly k: 'struct'; readonly items: readonly Expr[] }
  | { readonly k: 'vec'; readonly items: readonly Expr[] }
  | { readonly k: 'lets'; readonly lets: readonly LetNode[]; readonly body: Expr }
  | { readonly k: 'lambda'; readonly params: readonly ParamNode[]; readonly body: Expr }
  | { readonly k: 'builder'; readonly ty: BuilderType; readonly arg: Expr | null }
  | { readonly k: 'cudf'; readonly name: string; readonly ty: Type; readonly args: readonly Expr[] }
  | { readonly k: 'ascribe'; readonly e: Expr; readonly ty: Type }
  | { readonly k: 'noted'; readonly notes: Annotations; readonly e: Expr }
);

export type ExprOf<K extends Expr['k']> = Extract<Expr, { readonly k: K }>;
