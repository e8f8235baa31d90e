/**
 * Characters in another case, one by one: where JavaScript's mapping of a character alone is one character, that one; all
 * else is as it is (ß has no upper case of one character, and a Σ at the end of a word is no other one). `fold` is lower
 * case after upper case, so that characters are the same that the flag i of regular expressions takes for the same.
 */

export const CASES = ['lower', 'upper', 'fold'] as const;
export type Case = (typeof CASES)[number];

/** The first character behind all that have case in Unicode. */
export const BEHIND_CASED = 0x1f000;

const tables = new Map<Case, Int32Array>();

/** The other case of each character below `BEHIND_CASED`. */
export function casedTable(to: Case): Int32Array {
  const table = tables.get(to) ?? Int32Array.from({ length: BEHIND_CASED }, (_, char) => cased(to, char));
  tables.set(to, table);
  return table;
}

/** A character in another case. */
export function cased(to: Case, char: number): number {
  const text = String.fromCodePoint(char);
  switch (to) {
    case 'lower':
      return single(char, text.toLowerCase());
    case 'upper':
      return single(char, text.toUpperCase());
    case 'fold':
      return cased('lower', cased('upper', char));
    default:
      return to satisfies never;
  }
}

/** The one character of a text, or `char` where there are several. */
function single(char: number, text: string): number {
  const first = text.codePointAt(0) ?? char;
  return text.length === String.fromCodePoint(first).length ? first : char;
}
