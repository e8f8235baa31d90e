/**
 * What the kernels of typed cells share: a row of a launch is a cell of one column, found by the layout of the text.
 *
 * A cell is null (validity 0), or it has the value that the kernel computes, or the kernel leaves it: its row goes to a
 * list, and the definition says what it is worth. So kernels do what nearly all cells are, and nothing else.
 */

import type { ScalarKind } from '../../compiler/index.ts';
import {
  bin,
  cast,
  cmp,
  type Get,
  type Kernel,
  KernelBuilder,
  lit,
  type SExpr,
  sel,
  splat,
  un,
  whole,
} from '../../compiler/kernels.ts';
import { both, either, IOTA, num } from '../terms.ts';
import { QUOTE } from './rows.ts';

/** Most bytes of a text that means null, and what one takes in the buffer of them: its bytes, then how many. */
export const NULL_BYTES = 16;
export const NULL_STEP = 32;

/** A cell: bytes [start, end) of the text, without quotes around them. */
export interface Cell {
  readonly text: number;
  readonly start: Get;
  readonly end: Get;
  readonly isQuoted: Get;
}

/** Sixteen bytes from `at` on. */
export const sixteen = (k: KernelBuilder, text: number, at: SExpr): Get => k.load(text, k.let(at), 16);

/** The first `length` bytes of a register, and zeros. */
export const firstBytes = (register: SExpr, length: SExpr): SExpr =>
  sel(cmp('<', IOTA, splat(cast(bin('min', length, num(16)), 'u8'), 16)), register, lit('u8', 0, 16));

/** The register of bytes as two words. */
export const wordsOf = (k: KernelBuilder, register: SExpr): readonly [Get, Get] => {
  const words = k.let(whole('words', register));
  const word = (n: number): Get => k.let({ x: 'lane', a: words, lane: n, ty: { kind: 'u64', lanes: 1 } });
  return [word(0), word(1)];
};

/** What the cells of a column are found by: buffers text, row starts, ends, nulls; scalars column, columns, null_count. */
interface Cells {
  readonly text: number;
  readonly rowStarts: number;
  readonly ends: number;
  readonly nulls: number;
  readonly column: Get;
  readonly columns: Get;
  readonly nullCount: Get;
}

export function declareCells(k: KernelBuilder): Cells {
  const text = k.buf('text', 'u8', 'read');
  const [rowStarts, ends] = [k.buf('row_starts', 'i32', 'read'), k.buf('ends', 'i32', 'read')];
  const nulls = k.buf('nulls', 'u8', 'read');
  const [column, columns] = [k.scalar('column', 'i32'), k.scalar('columns', 'i32')];
  return { text, rowStarts, ends, nulls, column, columns, nullCount: k.scalar('null_count', 'i32') };
}

/** The cell of a row. */
export function findCell(k: KernelBuilder, { text, rowStarts, ends, column, columns }: Cells, row: Get): Cell {
  const place = k.let(bin('+', bin('*', row, columns), column));
  const start = k.var(k.load(rowStarts, row));
  k.if(cmp('>', column, num(0)), () => k.set(start, bin('+', k.load(ends, k.let(bin('-', place, num(1)))), num(1))));
  const end = k.var(k.load(ends, place));
  const isQuoted = k.let(both(cmp('>', end, start), cmp('==', k.load(text, start), lit('u8', QUOTE))));
  const one = k.let(cast(isQuoted, 'i32'));
  k.set(start, bin('+', start, one));
  k.set(end, bin('-', end, one));
  return { text, start, end, isQuoted };
}

/** Is the cell one of the texts that mean null, or empty? */
export function isNullCell(k: KernelBuilder, { nulls, nullCount }: Cells, { text, start, end, isQuoted }: Cell): Get {
  const length = k.let(bin('-', end, start));
  const isNull = k.var(both(cmp('==', length, num(0)), un('not', isQuoted)));
  k.if(both(cmp('>', nullCount, num(0)), un('not', isQuoted)), () => {
    const cell = k.let(firstBytes(sixteen(k, text, start), length));
    k.range(num(0), nullCount, (n) => {
      const at = k.let(bin('*', n, num(NULL_STEP)));
      const isLong = cmp('==', cast(k.load(nulls, k.let(bin('+', at, num(NULL_BYTES)))), 'i32'), length);
      const differ = cmp('!=', whole('bits', cmp('!=', cell, k.load(nulls, at, 16))), num(0));
      k.set(isNull, either(isNull, both(isLong, un('not', differ))));
    });
  });
  return isNull;
}

/** What a parser finds: is the cell one of its type, and its value. Both are registers that it sets. */
export interface Parsed {
  readonly isFine: Get;
  readonly value: Get;
}

/**
 * A kernel of the cells of a type other than string; `quoted` says whether quoted ones may be such. Buffers text, row starts, ends, nulls, then those of the parser, then
 * data, validity and left; a part's cursor 0 counts the rows that it left, reduction 0 the nulls. Scalars column, columns,
 * null_count, quoted, then those of the parser.
 */
export function cellKernel(
  name: string,
  kind: ScalarKind,
  parser: (k: KernelBuilder) => (cell: Cell, parsed: Parsed) => void,
): Kernel {
  const k = KernelBuilder.packed(name);
  const cells = declareCells(k);
  const cell = findCell(k, cells, k.index);
  const nullText = isNullCell(k, cells, cell);
  const isAllowed = k.let(either(un('not', cell.isQuoted), cmp('!=', k.scalar('quoted', 'i32'), num(0))));
  const parse = parser(k);
  const [data, validity] = [k.buf('data', kind, 'write'), k.buf('validity', 'u8', 'write')];
  const left = k.buf('left', 'i32', 'write');
  const nulls = k.reduction('nulls', 'i32', '+');
  const cursor = k.cursor();
  const isNull = k.let(either(nullText, both(isAllowed, cmp('==', cell.start, cell.end))));
  const isFine = k.var(lit('bool', false));
  const value = k.var(
    kind === 'i64' || kind === 'u64' ? lit(kind, 0n) : kind === 'bool' ? lit(kind, false) : lit(kind, 0),
  );
  k.if(
    isNull,
    () => {},
    () => {
      trim(k, cell);
      parse(cell, { isFine, value });
      k.set(isFine, both(isFine, isAllowed));
    },
  );
  k.store(data, k.index, sel(isFine, value, zeroOf(kind)));
  k.store(validity, k.index, cast(un('not', isNull), 'u8'));
  k.accum(nulls, cast(isNull, 'i32'));
  k.if(un('not', either(isFine, isNull)), () => k.push(cursor, [[left, k.index]]));
  return k.finish();
}

const zeroOf = (kind: ScalarKind): SExpr =>
  kind === 'i64' || kind === 'u64' ? lit(kind, 0n) : kind === 'bool' ? lit(kind, false) : lit(kind, 0);

/** Moves the ends of a cell over spaces and tabs. */
function trim(k: KernelBuilder, { text, start, end }: Cell): void {
  const isBlank = (byte: SExpr): SExpr => either(cmp('==', byte, lit('u8', 0x20)), cmp('==', byte, lit('u8', 0x09)));
  const first = k.var(k.load(text, start));
  k.while(both(cmp('<', start, end), isBlank(first)), () => {
    k.set(start, bin('+', start, num(1)));
    k.set(first, k.load(text, start));
  });
  const last = k.var(k.load(text, k.let(bin('-', end, num(1)))));
  k.while(both(cmp('<', start, end), isBlank(last)), () => {
    k.set(end, bin('-', end, num(1)));
    k.set(last, k.load(text, k.let(bin('-', end, num(1)))));
  });
}
