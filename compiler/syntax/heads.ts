/**
 * What stands in front of an expression, wrapped around it: lets, parameters of lambdas, prefix operators. The grammar
 * reads them as flat lists, because a rule that calls itself for each would nest as deep as they are many.
 */

import type { Span } from '../diag/diagnostic.ts';
import type { Expr, LetNode, ParamNode } from './ast.ts';

/** A let or the parameters of a lambda, with the place where it begins. */
export type Head = { readonly start: Span } & ({ readonly let: LetNode } | { readonly params: readonly ParamNode[] });

/** The expression behind its heads; lets in a row are one node. */
export function headed(heads: readonly Head[], inner: Expr): Expr {
  let body = inner;
  let lets: LetNode[] = [];
  for (const [k, head] of [...heads].reverse().entries()) {
    const before = heads[heads.length - 2 - k];
    const span = join(head.start, body.span);
    if ('params' in head) {
      body = { k: 'lambda', params: head.params, body, span };
      continue;
    }
    lets.push(head.let);
    if (before !== undefined && 'let' in before) continue;
    body = { k: 'lets', lets: lets.reverse(), body, span };
    lets = [];
  }
  return body;
}

/** `-` or `!`. */
export interface Prefix {
  readonly op: '-' | '!';
  readonly span: Span;
}

/** The leaf with its prefixes, the last of them innermost. */
export function prefixed(prefixes: readonly Prefix[], leaf: Expr): Expr {
  let e = leaf;
  for (const { op, span } of [...prefixes].reverse()) e = { k: 'unary', op, a: e, span: join(span, e.span) };
  return e;
}

const join = (a: Span, b: Span): Span => ({ start: a.start, end: b.end });
