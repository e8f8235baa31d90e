/**
 * Looking columns up by name, with the one error message for a name that is not there.
 */

import { didYouMean, fail } from '../../compiler/index.ts';

/** Positions of `wanted` in `names`, in the order asked for; all positions when `wanted` is undefined. W8003. */
export function selectColumns(
  names: readonly string[],
  wanted: readonly string[] | undefined,
  where: string,
): readonly number[] {
  if (wanted === undefined) return names.map((_, index) => index);
  if (!Array.isArray(wanted)) {
    fail('W8006', `${where}: the columns to read are a list of names`, { help: `columns: ['${String(wanted)}']` });
  }
  const seen = new Set<string>();
  return wanted.map((name) => {
    if (seen.has(name))
      fail('W8006', `${where}: column '${name}' is selected twice`, {
        help: 'name each column once',
      });
    seen.add(name);
    return columnIndex(names, name, where);
  });
}

/** Position of the column called `name`. W8003 when there is none. */
export function columnIndex(names: readonly string[], name: string, where: string): number {
  const index = names.indexOf(name);
  if (index < 0)
    fail('W8003', `${where}: there is no column '${name}'`, {
      help: didYouMean(name, names),
    });
  return index;
}
