/** The written form of each builder type: `merger[T,op]` ... and what a wrong one should have been. */

import {
  appender,
  type BuilderType,
  dictmerger,
  groupmerger,
  type MergeOp,
  merger,
  type Type,
  typeText,
  vecmerger,
} from '../core/types.ts';

/** The words between the brackets of a builder type that are merge operators, not types. */
const MERGE_OPS: ReadonlySet<string> = new Set(['+', '*', 'min', 'max']);
const isMergeOp = (word: string | undefined): word is MergeOp => word !== undefined && MERGE_OPS.has(word);

const FORMS: Readonly<Record<string, string>> = {
  appender: 'appender[T]',
  merger: 'merger[T,op] with op one of + * min max',
  vecmerger: 'vecmerger[T,op] with op one of + * min max',
  dictmerger: 'dictmerger[K,V,op] with op one of + * min max',
  groupmerger: 'groupmerger[K,V]',
};

/** The builder type of a head word, its types and its operators; `form` says how it is written when these do not fit. */
export function builderForm(
  head: string,
  [first, ...more]: readonly [Type, ...Type[]],
  ops: readonly string[],
): { readonly ty: BuilderType; readonly form: string | null } {
  const [second, ...tooMany] = more;
  const [op, ...otherOps] = ops;
  const plain = second === undefined && otherOps.length === 0;
  const keyed = second !== undefined && tooMany.length + otherOps.length === 0;
  if (head === 'appender' && plain && op === undefined) return { ty: appender(first), form: null };
  if (head === 'merger' && plain && isMergeOp(op)) return { ty: merger(first, op), form: null };
  if (head === 'vecmerger' && plain && isMergeOp(op)) return { ty: vecmerger(first, op), form: null };
  if (head === 'dictmerger' && keyed && isMergeOp(op)) return { ty: dictmerger(first, second, op), form: null };
  if (head === 'groupmerger' && keyed && op === undefined) return { ty: groupmerger(first, second), form: null };
  return { ty: appender(first), form: FORMS[head] ?? 'appender[T]' };
}

/** Why a builder does not take that many arguments, or null when it does. */
export function builderArity(ty: BuilderType, found: number): { message: string; help: string | null } | null {
  const name = typeText(ty);
  if (found > 1) return { message: `${name} takes at most one argument, found ${found}`, help: null };
  if (ty.kind === 'vecmerger' && found === 0) {
    return { message: `${name} needs an initial vector`, help: `write ${name}(v)` };
  }
  return ty.kind === 'groupmerger' && found > 0 ? { message: `${name} takes no argument`, help: null } : null;
}
