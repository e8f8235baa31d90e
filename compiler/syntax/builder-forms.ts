/** The written form of each builder type: `merger[T,op]` ... and what a wrong one should have been. */

import { appender, type BuilderType, dictmerger, type MergeOp, merger, type Type, vecmerger } from '../core/types.ts';

/** The words between the brackets of a builder type that are merge operators, not types. */
export const MERGE_OPS: ReadonlySet<string> = new Set(['+', '*', 'min', 'max']);
const isMergeOp = (word: string | undefined): word is MergeOp => word !== undefined && MERGE_OPS.has(word);

const FORMS: Readonly<Record<string, string>> = {
  appender: 'appender[T]',
  merger: 'merger[T,op] with op one of + * min max',
  vecmerger: 'vecmerger[T,op] with op one of + * min max',
  dictmerger: 'dictmerger[K,V,op] with op one of + * min max',
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
  if (head === 'appender' && plain && op === undefined) return { ty: appender(first), form: null };
  if (head === 'merger' && plain && isMergeOp(op)) return { ty: merger(first, op), form: null };
  if (head === 'vecmerger' && plain && isMergeOp(op)) return { ty: vecmerger(first, op), form: null };
  if (head === 'dictmerger' && second !== undefined && tooMany.length + otherOps.length === 0 && isMergeOp(op)) {
    return { ty: dictmerger(first, second, op), form: null };
  }
  return { ty: appender(first), form: FORMS[head] ?? 'appender[T]' };
}
