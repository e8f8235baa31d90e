/** That no macro is defined twice: not by the text, and not in place of one that the language has of its own. */

import { type Diagnostic, diagnostic } from '../diag/diagnostic.ts';
import type { MacroNode } from './ast.ts';
import { BUILTIN_MACROS } from './builtins.ts';

/** A diagnostic for each macro that has the name of a built-in or of a macro before it. */
export function redefinitions(macros: readonly MacroNode[]): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const known = new Set<string>();
  for (const { name, span } of macros) {
    const builtin = BUILTIN_MACROS.has(name);
    const message = builtin ? `${name} is a built-in macro` : `macro ${name} is defined twice`;
    const help = `take another name, such as ${name}_`;
    if (builtin || known.has(name)) found.push(diagnostic('W1006', message, { origin: { kind: 'text', span }, help }));
    known.add(name);
  }
  return found;
}
