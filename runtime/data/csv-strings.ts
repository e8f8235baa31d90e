/** The strings of a column from their bytes. */

import type { TypedArray } from './column.ts';
import type { Dictionary } from './csv-engine.ts';
import { decodeStrings } from './string-pool.ts';

type Bytes = ReturnType<Dictionary['bytes']>;

/** The strings by code, or the code of the first that is not UTF-8. */
export function strictStrings({ arena, ends }: Bytes): ReturnType<typeof decodeStrings> {
  return decodeStrings(arena, ends);
}

/**
 * The strings by code with U+FFFD in the place of what is not UTF-8. Different bytes may become one string then: `codes`
 * are made those of the different strings.
 */
export function lossyStrings({ arena, ends }: Bytes, codes: TypedArray): readonly string[] {
  const strict = decodeStrings(arena, ends);
  if ('strings' in strict) return strict.strings;
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const known = new Map<string, number>();
  const newCodes = new Int32Array(ends.length);
  for (let code = 0, from = 0; code < ends.length; code++) {
    const end = ends[code] ?? from;
    const text = decoder.decode(arena.slice(from, end));
    const other = known.get(text) ?? known.size;
    known.set(text, other);
    newCodes[code] = other;
    from = end;
  }
  for (let row = 0; row < codes.length; row++) codes[row] = newCodes[Number(codes[row])] ?? 0;
  return [...known.keys()];
}
