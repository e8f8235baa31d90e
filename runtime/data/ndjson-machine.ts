/** Lines of NDJSON by kernels, which leave lines to the definition. */

import { type CsvKernels, type Keys, type Layout, type Machine, Room } from '../../kernels/index.ts';
import { fieldsOfRows, type LinesToLayout, putFields, upTo } from './ndjson-lines.ts';

/** Lines that the definition reads first, lest kernels know no keys. */
const FIRST = 64;
const BACKSLASH = 0x5c;

/** The keys in memory of kernels: their bytes, and where each one begins and ends. */
function keyBuffers(room: Room, keys: Keys): readonly [Uint8Array, Int32Array] {
  const encoded = keys.names.map((name) => new TextEncoder().encode(name));
  const bytes = room.u8(
    'keys',
    encoded.reduce((sum, key) => sum + key.length, 0),
  );
  const ends = room.i32('keyEnds', 2 * encoded.length);
  let at = 0;
  for (const [k, key] of encoded.entries()) {
    bytes.set(key, at);
    // Keys are compared as they are written: what has a backslash is not what it looks like, and has no length.
    ends.set([at, key.includes(BACKSLASH) ? at - 1 : at + key.length], 2 * k);
    at += key.length;
  }
  return [bytes, ends];
}

export function linesByKernels(m: Machine, kernels: CsvKernels): { readonly layout: LinesToLayout; dispose(): void } {
  const room = new Room(m.alloc);
  const layout: LinesToLayout = async (bytes, lines, keys) => {
    const { rows } = lines;
    const rowStarts = room.i32('starts', rows);
    const lineEnds = room.i32('lineEnds', rows);
    rowStarts.set(lines.starts.subarray(0, rows));
    lineEnds.set(lines.ends.subarray(0, rows));
    const begun = keys.names.length === 0 ? Math.min(FIRST, rows) : 0;
    const first = upTo(begun);
    const head = fieldsOfRows(bytes, lines, first, keys);
    if ('row' in head) return head;
    const known = keys.names.length;
    const fields = room.i32('fields', 2 * known * rows);
    const left: number[] = [];
    if (known === 0) for (let row = begun; row < rows; row++) left.push(row);
    else {
      const rest = rows - begun;
      const rowsPerPart = Math.max(64, Math.ceil(rest / (4 * m.threads)));
      const list = room.i32('left', rest);
      const report = await m.launch(kernels.objectFields(), {
        rows: rest,
        rowsPerPart,
        bufs: [
          bytes,
          rowStarts.subarray(begun),
          lineEnds.subarray(begun),
          ...keyBuffers(room, keys),
          fields.subarray(2 * known * begun),
          list,
        ],
        scalars: [known],
      });
      for (let part = 0; part < report.parts; part++) {
        const first = report.first(part, 0);
        for (let k = 0; k < report.count(part, 0); k++) left.push(begun + (list[first + k] ?? 0));
      }
    }
    const tail = fieldsOfRows(bytes, lines, left, keys);
    if ('row' in tail) return tail;
    const columns = keys.names.length;
    const ends = columns === known ? fields : widened(room, fields, rowStarts, known, columns);
    putFields(ends, columns, rowStarts, first, head);
    putFields(ends, columns, rowStarts, left, tail);
    return { columns: 2 * columns, rows, rowStarts, ends } satisfies Layout;
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
