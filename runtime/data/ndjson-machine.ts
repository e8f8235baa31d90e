/** Lines of NDJSON by kernels, which leave lines to the definition. */

import { type CsvKernels, LF, type Machine, Room } from '../../kernels/index.ts';
import { closed } from './csv-machine.ts';
import { fieldsOfRows, type LinesToLayout, linesByDefinition, linesOf, putFields } from './ndjson-lines.ts';

/** Lines that the definition reads first, lest kernels know no keys. */
const FIRST = 64;
/** What a key may not have in it, if it is looked for as it is written. */
const ESCAPED = /["\\\p{Cc}]/u;

export function linesByKernels(m: Machine, kernels: CsvKernels): { readonly layout: LinesToLayout; dispose(): void } {
  const room = new Room(m.alloc);
  const encoder = new TextEncoder();
  const asWritten = (name: string): Uint8Array | null => (ESCAPED.test(name) ? null : encoder.encode(name));
  const layout: LinesToLayout = async (bytes, stretch, keys) => {
    const { from, to, last, most } = stretch;
    const end = last ? closed(bytes, from, to) : bytes.lastIndexOf(LF, to - 1) + 1;
    // No line, or lines of which nobody reads the cells by kernels.
    if (end <= from || most !== undefined) return linesByDefinition(bytes, stretch, keys);
    if (keys.names.length === 0) {
      const { starts } = linesOf(bytes, { ...stretch, most: FIRST });
      const read = fieldsOfRows(bytes, starts, starts.keys(), to, keys);
      if ('row' in read) return read;
    }
    const known = keys.names.length;
    const written = keys.names.map(asWritten);
    const { layout, left } = await kernels.readLines(m, room, bytes, { from, to: end, keys: written });
    const { rows, rowStarts } = layout;
    const read = fieldsOfRows(bytes, rowStarts, left, to, keys);
    if ('row' in read) return read;
    const columns = keys.names.length;
    const ends = columns === known ? layout.ends : widened(room, layout.ends, rowStarts, known, columns);
    putFields(ends, columns, rowStarts, left, read);
    return { layout: { columns: 2 * columns, rows, rowStarts, ends }, next: Math.min(end, to) };
  };
  return { layout, dispose: () => room.dispose() };
}

/** A layout with more keys, which no row has yet. */
function widened(room: Room, fields: Int32Array, starts: Int32Array, known: number, columns: number): Int32Array {
  const wide = room.i32('wide', 2 * columns * starts.length);
  for (const [row, start] of starts.entries()) {
    const first = row * 2 * columns;
    wide.set(fields.subarray(row * 2 * known, (row + 1) * 2 * known), first);
    for (let c = known; c < columns; c++) {
      wide[first + 2 * c] = start - 1;
      wide[first + 2 * c + 1] = start;
    }
  }
  return wide;
}
