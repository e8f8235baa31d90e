/**
 * `weldc fmt --compact`: a text on one line, as it is written. Aliases are replaced by the types that they stand for;
 * macros are not expanded, and their definitions, as compact as the rest, come first. So a text without macros becomes
 * one expression, and any text becomes one that means the same.
 */

import { type MacroNode, type ProgramTree, printTree } from '../text.ts';

export function compactText({ macros, body }: ProgramTree): string {
  return [...macros.map(macroText), printTree(body)].join('');
}

/** `macro square(x)=(x*x);` */
export function macroText({ name, params, body }: MacroNode): string {
  return `macro ${name}(${params.join(',')})=${printTree(body)};`;
}
