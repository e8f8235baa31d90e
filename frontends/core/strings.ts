/**
 * Strings in expressions: codes of one dictionary are compared with codes of another by translating codes, never by
 * touching text in a loop.
 *
 * Dictionaries are host data, so a translation is a table made at call time. What depends on the data enters the
 * program as a parameter (a scalar for a literal, a vector for a column), never as text: the same pipeline over other
 * data is the same program.
 */

import { BOOL, I32, I64, plainMemory, type ScalarType, type TypedArray } from '../../compiler/index.ts';
import type { Dictionary } from '../../runtime/index.ts';
import type { Cell } from './cell.ts';
import * as cell from './cell.ts';
import { sourceNode } from './node.ts';
import type { Operand } from './operand.ts';
import { originOf, type Site } from './trail.ts';

/** The code that no string has. */
export const NO_CODE = -1;

/**
 * A cell that reads `table[code]`. The code beside a missing value is 0, so the table has an entry 0 even where there are
 * no strings at all.
 */
export function lookup(code: Cell, ty: ScalarType, table: TypedArray, site: Site): Cell {
  const data = table.length > 0 ? table : plainMemory.alloc(ty.scalar, 1);
  const source = sourceNode(data.length, [{ ty, data }], originOf(site));
  return cell.at({ node: source, index: 0 }, ty, cell.cast(I64, code));
}

/** `lookup` in a table of i32. */
export const throughTable = (code: Cell, table: Int32Array, site: Site): Cell => lookup(code, I32, table, site);

/** True where the code's string is one of `texts`: reads a table, however many there are. */
export function isOneOf(o: Operand, texts: ReadonlySet<string>, site: Site): Cell {
  const flags = Uint8Array.from(o.dictionary ?? [], (text) => (texts.has(text) ? 1 : 0));
  return lookup(o.value, BOOL, flags, site);
}

/** Codes of `o` in `dictionary`, NO_CODE for strings that it lacks. */
export function codesIn(o: Operand, dictionary: Dictionary, site: Site): Cell {
  if (o.dictionary === dictionary) return o.value;
  const own = o.dictionary ?? [];
  // Without strings every value is missing: 0 is a code that every table has.
  if (own.length === 0) return cell.zero(I32);
  if (o.value.kind === 'lit') return cell.given(I32, codeOf(own.at(Number(o.value.lit.lit)) ?? '', dictionary));
  const codes = new Map<string, number>();
  for (let code = 0; code < dictionary.length; code++) codes.set(dictionary.at(code) ?? '', code);
  return throughTable(
    o.value,
    Int32Array.from(own, (text) => codes.get(text) ?? NO_CODE),
    site,
  );
}

function codeOf(text: string, dictionary: Dictionary): number {
  for (let code = 0; code < dictionary.length; code++) if (dictionary.at(code) === text) return code;
  return NO_CODE;
}

/** Operands over one dictionary: the first one's, and behind it the strings that only the others have. */
export function unifyStrings(all: readonly Operand[], site: Site): readonly Operand[] {
  const texts = new Set<string>();
  for (const o of all) for (const text of o.dictionary ?? []) texts.add(text);
  const first = all[0]?.dictionary ?? [];
  const dictionary = texts.size === first.length ? first : [...texts];
  // The first dictionary is a prefix of the union, so its codes stand.
  return all.map((o) => ({ ...o, dictionary, value: o.dictionary === first ? o.value : codesIn(o, dictionary, site) }));
}

/** The rank of each code's string in code unit order, so that comparing ranks compares strings. */
export function stringRanks(dictionary: Dictionary): Int32Array {
  const texts = [...dictionary];
  const order = texts.map((_, code) => code);
  const text = (code: number): string => texts[code] ?? '';
  order.sort((a, b) => (text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0));
  const ranks = new Int32Array(texts.length);
  for (const [rank, code] of order.entries()) ranks[code] = rank;
  return ranks;
}
