/** What is wrong with a CSV, in words. Lines are counted when there is something to say of one. */

import { fail } from '../../compiler/index.ts';
import type { RowFault } from '../../kernels/index.ts';
import type { BadCell } from './csv-columns.ts';
import type { ByteSource } from './source.ts';

const LF = 0x0a;
const CR = 0x0d;
const STEP = 1 << 20;

/** The line, counted from 1, that a byte of a source is on; LF, CRLF and CR each end one. */
export async function lineOf(source: ByteSource, offset: number): Promise<number> {
  let line = 1;
  let before = 0;
  for (let start = 0; start < offset; start += STEP) {
    const bytes = await source.read(start, Math.min(offset, start + STEP));
    for (const byte of bytes) {
      if (byte === CR || (byte === LF && before !== CR)) line++;
      before = byte;
    }
  }
  return line;
}

/** What is known of a row: how many there are before the piece of text that it is in, and how columns are called. */
export interface RowsBefore {
  readonly before: number;
  readonly names: readonly string[];
}

/** W8002 for a fault at byte `offset`; null for `known` in the first row, which says how columns are called. */
export async function failAtRow(
  source: ByteSource,
  fault: RowFault,
  offset: number,
  known: RowsBefore | null,
): Promise<never> {
  const line = `line ${await lineOf(source, offset)}`;
  const row = known === null ? line : `row ${known.before + fault.row + 1} (${line})`;
  const nameOf = (column: number): string => {
    const name = known?.names[column];
    return name === undefined ? `column ${column + 1}` : `column '${name}'`;
  };
  const where = `${source.name}, ${row}${'column' in fault ? `, ${nameOf(fault.column)}` : ''}`;
  switch (fault.fault) {
    case 'open':
      return fail('W8002', `${where}: a quoted field begins here and never ends`, {
        help: 'close it with a quote; a quote inside it is written twice',
      });
    case 'behind': {
      const [next = 0] = await source.read(offset, offset + 1);
      const found = JSON.stringify(String.fromCharCode(next));
      return fail('W8002', `${where}: found ${found} behind a closing quote, expected the field to end`, {
        help: 'a quote inside a quoted field is written twice',
      });
    }
    case 'ragged': {
      const { found, columns } = fault;
      const fields = `${found} field${found === 1 ? '' : 's'}`;
      const rest = found > columns ? `no column for field ${columns + 1}` : `no field for ${nameOf(found)}`;
      return fail('W8002', `${where}: found ${fields}, expected ${columns} as in the first row: there is ${rest}`, {
        help:
          found > columns ? 'quote a field that contains the delimiter' : 'write an empty field for a missing value',
        notes: [
          found > columns
            ? "`ragged: 'truncate'` drops the fields beyond, 'skip' such rows"
            : "`ragged: 'null'` gives missing fields null, 'skip' drops such rows",
        ],
      });
    }
    default:
      return fault satisfies never;
  }
}

/** W8002 for a cell of a row, counted from 0, whose first byte is at `offset`. */
export async function failAtCell(
  source: ByteSource,
  { row, cell }: BadCell,
  offset: number,
  column: string,
  dtype: string,
): Promise<never> {
  const line = await lineOf(source, offset);
  const text = new TextDecoder().decode(cell.bytes.slice(cell.start, cell.end));
  const found = JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}...` : text);
  const where = `${source.name}, row ${row + 1} (line ${line}), column '${column}'`;
  return fail('W8002', `${where}: found ${found}, expected ${dtype}`, {
    help: `ask for another type, as in \`dtypes: { ${JSON.stringify(column)}: 'string' }\`, or list the text in \`nullValues\``,
  });
}

/** W8002 for text at byte `offset` that is not UTF-8. */
export async function failAtText(source: ByteSource, what: string, offset: number): Promise<never> {
  const line = await lineOf(source, offset);
  return fail('W8002', `${source.name}, line ${line}: ${what} is not UTF-8 text`, {
    help: "save the file as UTF-8, or ask for `encoding: 'utf8-lossy'`",
  });
}
