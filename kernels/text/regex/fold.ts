/**
 * Characters that differ in case alone, for the flag i: those with one simple upper or lower form in common, by the Unicode
 * tables of the engine. Forms of several characters (ß and SS) do not count.
 */

import { type CharSet, charSet, type Range } from './syntax.ts';

/** The last character that has case in Unicode, and some room. */
const LAST_CASED = 0x1ffff;

/** Every character with the others of its kind, for those that have others. */
let others: ReadonlyMap<number, readonly number[]> | null = null;

/** A set with the other cases of its characters. */
export function foldCase(set: CharSet): CharSet {
  others ??= casesOf();
  const more: Range[] = [...set];
  for (const { low, high } of set) {
    for (let c = low; c <= Math.min(high, LAST_CASED); c++) {
      for (const other of others.get(c) ?? []) more.push({ low: other, high: other });
    }
  }
  return charSet(more);
}

function casesOf(): ReadonlyMap<number, readonly number[]> {
  const kinds = new Map<string, number[]>();
  for (let c = 0; c <= LAST_CASED; c++) {
    const char = String.fromCodePoint(c);
    const upper = single(char, char.toUpperCase());
    const kind = single(upper, upper.toLowerCase());
    if (kind === char && upper === char && char === single(char, char.toLowerCase())) continue;
    const known = kinds.get(kind) ?? [];
    known.push(c);
    kinds.set(kind, known);
  }
  const made = new Map<number, readonly number[]>();
  for (const [kind, known] of kinds) {
    const all = [...new Set([...known, kind.codePointAt(0) ?? 0])];
    if (all.length > 1) for (const c of all) made.set(c, all);
  }
  return made;
}

/** The mapped character, or the one itself where it maps to several. */
const single = (char: string, mapped: string): string => ([...mapped].length === 1 ? mapped : char);
