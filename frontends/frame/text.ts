/**
 * `col('name').str`: functions of strings, with the names that strings have in JavaScript where Polars and pandas differ.
 * Each runs once for each distinct string (`core/text.ts`).
 */

import type { DType } from '../../runtime/index.ts';
import type { TextArg, TextMethod } from '../core/text.ts';
import type { Expr } from './expr.ts';
import type { ExprNode } from './expr-node.ts';

export class Text {
  readonly #node: ExprNode;
  readonly #make: (node: ExprNode) => Expr;
  constructor(node: ExprNode, make: (node: ExprNode) => Expr) {
    this.#node = node;
    this.#make = make;
  }
  /** True where the string holds a text, or a regular expression is found in it. */
  contains(pattern: string | RegExp): Expr {
    return this.#call('contains', pattern);
  }
  startsWith(prefix: string): Expr {
    return this.#call('startsWith', prefix);
  }
  endsWith(suffix: string): Expr {
    return this.#call('endsWith', suffix);
  }
  /** How many code points the string has, as i32. */
  length(): Expr {
    return this.#call('length');
  }
  lower(): Expr {
    return this.#call('lower');
  }
  upper(): Expr {
    return this.#call('upper');
  }
  /** Without white space at both ends. */
  trim(): Expr {
    return this.#call('trim');
  }
  trimStart(): Expr {
    return this.#call('trimStart');
  }
  trimEnd(): Expr {
    return this.#call('trimEnd');
  }
  /** The code points from `start` up to, but not, `end`; places below 0 count from the end. */
  slice(start: number, end?: number): Expr {
    return this.#call('slice', start, end ?? null);
  }
  /** The first match replaced; for a regular expression `$1` in `by` is its first group. */
  replace(pattern: string | RegExp, by: string): Expr {
    return this.#call('replace', pattern, by);
  }
  replaceAll(pattern: string | RegExp, by: string): Expr {
    return this.#call('replaceAll', pattern, by);
  }
  /** A group of the first match, null where there is none; group 0 is the whole match. */
  extract(pattern: RegExp, group = 1): Expr {
    return this.#call('extract', pattern, group);
  }
  /** The field at `place` of those between separators, null where there are fewer; places below 0 count from the end. */
  split(separator: string | RegExp, place: number): Expr {
    return this.#call('split', separator, place);
  }
  /** A number, bool or ISO timestamp as CSV files have it; null for what is none. */
  parse(to: Exclude<DType, 'string'>): Expr {
    return this.#call('parse', to);
  }
  #call(method: TextMethod, ...args: readonly TextArg[]): Expr {
    return this.#make({ kind: 'text', call: { method, args }, a: this.#node });
  }
}
