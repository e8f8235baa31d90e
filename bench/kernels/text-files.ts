/** What the workloads that read a file of text share: making its bytes, and columns as numbers to compare. */

import type { DataColumn } from '../../runtime/index.ts';
import type { Leaf } from '../workloads/near.ts';

/** The bytes of a file of lines. */
export function linesFile(header: string, rows: number, line: (row: number) => string): Uint8Array {
  const pieces: Uint8Array[] = [];
  let lines = header;
  for (let row = 0; row < rows; row++) {
    lines += line(row);
    if (lines.length < 1 << 20 && row + 1 < rows) continue;
    pieces.push(new TextEncoder().encode(lines));
    lines = '';
  }
  pieces.push(new TextEncoder().encode(lines));
  const bytes = new Uint8Array(pieces.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

export const two = (n: number): string => String(n).padStart(2, '0');

/** A column as numbers, NaN for null; of strings the number of each in order of first appearance, and their lengths. */
export function leavesOfColumn({ data, length, validity, dictionary }: DataColumn): readonly Leaf[] {
  if (dictionary !== null) {
    return [data, Int32Array.from({ length }, (_, row) => dictionary.at(Number(data[row]))?.length ?? 0)];
  }
  if (validity === null) return [data];
  return [Float64Array.from({ length }, (_, row) => (validity[row] === 0 ? Number.NaN : Number(data[row])))];
}

/** Strings as numbers in order of first appearance. */
export class Codes {
  readonly codes: Int32Array;
  readonly lengths: Int32Array;
  readonly #known = new Map<string, number>();

  constructor(rows: number) {
    this.codes = new Int32Array(rows);
    this.lengths = new Int32Array(rows);
  }

  add(row: number, text: string): void {
    let code = this.#known.get(text);
    if (code === undefined) {
      code = this.#known.size;
      this.#known.set(text, code);
    }
    this.codes[row] = code;
    this.lengths[row] = text.length;
  }
}
