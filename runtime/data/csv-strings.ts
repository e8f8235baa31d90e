/** The strings of a column from their bytes. */

import type { Column, Dictionary, TypedArray } from './column.ts';
import type { ColumnReader } from './csv-columns.ts';
import type { StringCodes } from './csv-engine.ts';
import { decodeStrings } from './utf8-dictionary.ts';

type Bytes = ReturnType<StringCodes['bytes']>;

/** The column that was read; `notUtf8` is told of the first row whose text is not UTF-8, unless that is replaced. */
export async function finishColumn(
  column: ColumnReader,
  lossy: boolean,
  notUtf8: (row: number) => Promise<never>,
): Promise<Column> {
  if (lossy) return column.finish(lossyStrings);
  let invalid = -1;
  const made = column.finish(({ arena, ends }) => {
    const decoded = decodeStrings(arena, ends);
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
function lossyStrings({ arena, ends }: Bytes, codes: TypedArray): Dictionary {
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
