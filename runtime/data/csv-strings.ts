/** The strings of a column from their bytes. */

import type { Column, Dictionary, TypedArray } from './column.ts';
import type { ColumnReader } from './csv-columns.ts';
import type { StringCodes } from './csv-engine.ts';

/** The column that was read; `notUtf8` is told of the first row whose text is not UTF-8, unless that is replaced. */
export async function finishColumn(
  column: ColumnReader,
  lossy: boolean,
  notUtf8: (row: number) => Promise<never>,
): Promise<Column> {
  if (lossy) return column.finish(lossyStrings);
  let invalid = -1;
  const made = await column.finish(async (codes) => {
    const decoded = await codes.strings();
    if ('strings' in decoded) return decoded.strings;
    invalid = decoded.invalid;
    return [];
  });
  if (invalid < 0) return made;
  const { data, validity } = made;
  let row = 0;
  while (row < data.length && !(data[row] === invalid && validity?.[row] !== 0)) row++;
  return notUtf8(row);
}

/**
 * The strings by code with U+FFFD in the place of what is not UTF-8. Different bytes may become one string then: `codes`
 * are made those of the different strings.
 */
async function lossyStrings(strings: StringCodes, codes: TypedArray): Promise<Dictionary> {
  const strict = await strings.strings();
  if ('strings' in strict) return strict.strings;
  const { arena, ends } = strings.bytes();
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
