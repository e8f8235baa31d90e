/**
 * The kernels that read CSV, as an engine. Text, layouts and what is in between lie in buffers that are used again for
 * every piece of the text.
 */

import type { TypedArray } from '../../compiler/index.ts';
import {
  type CsvKernels,
  LF,
  loadCsvKernels,
  type Machine,
  type MachineReport,
  Room,
  type Scanned,
  scanRows,
} from '../../kernels/index.ts';
import { type IntegerType, rangeOf } from './csv-cells.ts';
import type { CsvEngine, TypedCells } from './csv-engine.ts';
import type { CsvSettings } from './csv-options.ts';
import { Utf8Dictionary } from './utf8-dictionary.ts';

/** Texts that mean null are compared as one register. */
const NULL_BYTES = 16;
/** Can kernels do what the settings ask for? */
export const isForKernels = ({ nulls }: CsvSettings): boolean => nulls.every((text) => text.length <= NULL_BYTES);

export async function kernelEngine(machine: Machine, settings: CsvSettings): Promise<CsvEngine> {
  const kernels = await loadCsvKernels();
  const room = new Room(machine.alloc);
  const { dialect, nulls } = settings;
  const { delimiter, escapeByte, comment } = dialect;
  /** May there be lines that are no rows, or ragged rows? There are where some were before. */
  let hasOddLines = comment !== null;
  const nullTexts = nullBuffer(room, nulls, kernels);
  /** A layout that the definition made, in memory of kernels. */
  const uploaded = ({ layout, next }: Scanned): Scanned => {
    const { rows, columns } = layout;
    const rowStarts = room.i32('rowStarts', rows + 1);
    const ends = room.i32('ends', rows * columns + 1);
    rowStarts.set(layout.rowStarts.subarray(0, rows));
    ends.set(layout.ends.subarray(0, rows * columns));
    return { layout: { rows, columns, rowStarts, ends }, next };
  };
  return {
    buffer: (which, bytes) => room.u8(which, bytes),
    rows: async (bytes, stretch) => {
      const { from, to, last, columns } = stretch;
      if (escapeByte === null && stretch.most === undefined && columns > 0) {
        const end = last ? closed(bytes, from, to) : bytes.lastIndexOf(LF, to - 1) + 1;
        if (end <= from && !last)
          return { layout: { rows: 0, columns, rowStarts: NOTHING, ends: NOTHING }, next: from };
        const text = { from, to: end, delimiter, columns };
        let found = end <= from || hasOddLines ? null : await kernels.indexRows(machine, room, bytes, text);
        if (end > from && found === null) {
          found = await kernels.indexLines(machine, room, bytes, text, dialect);
          hasOddLines ||= found !== null;
        }
        if (found !== null && (!last || found.next === end)) return found;
      }
      const scanned = scanRows(bytes, dialect, stretch);
      return 'fault' in scanned ? scanned : uploaded(scanned);
    },
    cells: (cells) => readCells(machine, room, kernels, cells, nullTexts, nulls.length),
    dictionary: () => {
      const strings = new kernels.Strings(machine.alloc);
      const bytes = () => ({ arena: strings.arena, ends: strings.ends.subarray(1) });
      return {
        read: ({ bytes, ...cells }) =>
          kernels.readStrings(machine, room, strings, {
            ...cells,
            text: bytes,
            nulls: nullTexts,
            nullCount: nulls.length,
            escape: dialect.escapeByte ?? -1,
          }),
        strings: async () => {
          const invalid = await kernels.firstInvalid(machine, strings);
          if (invalid >= 0) return { invalid };
          const { arena, ends } = bytes();
          return { strings: new Utf8Dictionary(arena, ends) };
        },
        bytes,
        dispose: () => strings.dispose(),
      };
    },
    dispose: () => room.dispose(),
  };
}

const NOTHING = new Int32Array(0);

/** Where the text ends when it ends with a line end, which is put there if there is none. */
export function closed(bytes: Uint8Array, from: number, to: number): number {
  if (to === from || bytes[to - 1] === LF) return to;
  bytes[to] = LF;
  return to + 1;
}

function nullBuffer(room: Room, nulls: readonly Uint8Array[], { NULL_STEP }: CsvKernels): TypedArray {
  const buffer = room.u8('nulls', Math.max(1, nulls.length) * NULL_STEP).fill(0);
  for (const [n, text] of nulls.entries()) {
    buffer.set(text, n * NULL_STEP);
    buffer[n * NULL_STEP + NULL_BYTES] = text.length;
  }
  return buffer;
}

async function readCells(
  m: Machine,
  room: Room,
  kernels: CsvKernels,
  { dtype, strict, quoted, bytes, layout, column, data, validity }: TypedCells,
  nulls: TypedArray,
  nullCount: number,
): Promise<{ readonly nulls: number; readonly left: readonly number[] }> {
  const { rows, columns, rowStarts, ends } = layout;
  const left = room.i32('left', rows);
  const rowsPerPart = Math.max(256, Math.ceil(rows / (4 * m.threads)));
  const before = [bytes, rowStarts, ends, nulls];
  const after = [data, validity, left];
  const scalars = [column, columns, nullCount, quoted ? 1 : 0];
  const flag = strict ? 1 : 0;
  const launch = (): Promise<MachineReport> => {
    switch (dtype) {
      case 'bool':
        return m.launch(kernels.boolCells(), { rows, rowsPerPart, bufs: [...before, ...after], scalars });
      case 'timestamp':
        return m.launch(kernels.timeCells(), { rows, rowsPerPart, bufs: [...before, ...after], scalars });
      case 'f32':
      case 'f64': {
        const bufs = [...before, ...kernels.powersOf(room), ...after];
        return m.launch(kernels.floatCells(dtype), { rows, rowsPerPart, bufs, scalars: [...scalars, flag] });
      }
      default: {
        const [least, most] = rangeOf(dtype satisfies IntegerType);
        const bufs = [...before, ...after];
        return m.launch(kernels.integerCells(dtype), {
          rows,
          rowsPerPart,
          bufs,
          scalars: [...scalars, flag, most, -least],
        });
      }
    }
  };
  const report = await launch();
  let nullCells = 0;
  const rowsLeft: number[] = [];
  for (let part = 0; part < report.parts; part++) {
    nullCells += Number(report.cell(part, 0));
    const first = report.first(part, 0);
    for (let k = 0; k < report.count(part, 0); k++) rowsLeft.push(left[first + k] ?? 0);
  }
  return { nulls: nullCells, left: rowsLeft };
}
