/**
 * The second door of the compiler: text. Importing this loads the parser (chevrotain), so whoever does not need text
 * does not import it.
 *
 * A text becomes a surface tree (aliases resolved), the macros in it are expanded, its types inferred, and the tree is
 * elaborated to Core. Every step throws a WeldError with all its diagnostics; `parseProgram` takes them all.
 */

import { checkLinear } from './core/linear.ts';
import type { Program } from './core/program.ts';
import { type Type, typeText } from './core/types.ts';
import type { Diagnostic } from './diag/diagnostic.ts';
import { InternalError, WeldError } from './diag/diagnostic.ts';
import type { Expr, MacroNode, ProgramTree } from './syntax/ast.ts';
import { printTree as printCompact, type Typer } from './syntax/compact.ts';
import { elaborate } from './syntax/elaborate.ts';
import { inferTypes, type Typed } from './syntax/infer/infer.ts';
import { expandMacros as expand } from './syntax/macros.ts';
import * as reader from './syntax/parse.ts';

export { printProgram, programKey } from './core/print.ts';
export { renderDiagnostic, renderError } from './diag/render.ts';
export type { Expr, MacroNode, ProgramTree } from './syntax/ast.ts';
export type { Typed } from './syntax/infer/infer.ts';

/** The program that a text means. Throws a WeldError with all diagnostics: syntax, macros, types, linearity. */
export function parseProgram(text: string): Program {
  const { macros, body } = readProgram(text);
  return elaborateTree(expandMacros(macros, body));
}

/** The program that a tree without macro calls means; the tree must be a lambda. */
export function elaborateTree(tree: Expr): Program {
  const program = elaborate(tree, inferTypes(tree));
  const linear = checkLinear(program);
  if (linear.length > 0) throw errorOf(linear);
  return program;
}

/** A type in Weld syntax; it may hold `?` and `simd[..]`. */
export const parseType = (text: string): Type => treeOf(reader.parseType(text));

/** The surface tree of a whole text: macros and body, aliases resolved. */
export const readProgram = (text: string): ProgramTree => treeOf(reader.parseProgram(text));
/** The surface tree of one expression. */
export const readExpression = (text: string): Expr => treeOf(reader.parseExpression(text));
/** The surface tree of one expression in which the names of a text of alias definitions stand. */
export const readAliased = (aliases: string, text: string): Expr => treeOf(reader.parseAliased(aliases, text));
/** The macros of a text that defines nothing else. */
export const readMacros = (text: string): readonly MacroNode[] => treeOf(reader.parseMacros(text));

/** A tree without macro calls. */
export const expandMacros = (macros: readonly MacroNode[], e: Expr): Expr => treeOf(expand(macros, e));

/** The types of a tree without macro calls. */
export const inferTree = (e: Expr): Typed => inferTypes(e);

/** A tree on one line: without types, with those that are written, or with those that were inferred. */
export function printTree(e: Expr, types: Typed | 'written' | null = null): string {
  if (types === null || types === 'written') return printCompact(e, types);
  const typer: Typer = { name: types.expr, param: types.param, letName: types.letName };
  return printCompact(e, typer);
}

/** The type of the function that a tree is: `|T1,T2|(R)`. */
export function functionText(e: Expr): string {
  const typed = inferTypes(e);
  if (e.k !== 'lambda') return typeText(typed.expr(e));
  return `|${e.params.map((p) => typeText(typed.param(p))).join(',')}|(${typeText(typed.expr(e.body))})`;
}

function treeOf<T>(read: { readonly tree: T | null; readonly diagnostics: readonly Diagnostic[] }): T {
  if (read.tree === null || read.diagnostics.length > 0) throw errorOf(read.diagnostics);
  return read.tree;
}

function errorOf(diagnostics: readonly Diagnostic[]): Error {
  const [first, ...rest] = diagnostics;
  return first === undefined ? new InternalError('a refusal without diagnostic') : new WeldError([first, ...rest]);
}
