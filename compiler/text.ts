/**
 * The second door of the compiler: text. Importing this loads the parser (chevrotain), so whoever does not need text
 * does not import it.
 */

import { checkLinear } from './core/linear.ts';
import type { Program } from './core/program.ts';
import type { Type } from './core/types.ts';
import type { Diagnostic } from './diag/diagnostic.ts';
import { WeldError } from './diag/diagnostic.ts';
import { elaborate } from './syntax/elaborate.ts';
import { parse, parseType as parseTypeTree } from './syntax/parse.ts';

export { printProgram, programKey } from './core/print.ts';
export { renderDiagnostic, renderError } from './diag/render.ts';

/** The program that a text means. Throws a WeldError with all diagnostics: syntax, types, linearity. */
export function parseProgram(text: string): Program {
  const { tree, diagnostics } = parse(text);
  if (tree === null) throw errorOf(diagnostics);
  const program = elaborate(tree);
  const linear = checkLinear(program);
  if (linear.length > 0) throw errorOf(linear);
  return program;
}

/** A type in Weld syntax. Throws a WeldError for anything else. */
export function parseType(text: string): Type {
  const { tree, diagnostics } = parseTypeTree(text);
  if (tree === null) throw errorOf(diagnostics);
  return tree;
}

function errorOf(diagnostics: readonly Diagnostic[]): Error {
  const [first, ...rest] = diagnostics;
  return first === undefined ? new Error('no diagnostic') : new WeldError([first, ...rest]);
}
