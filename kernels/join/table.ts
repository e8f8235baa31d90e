/** Where the rows of a key are found: by the key itself, or by its hash. */

import type { TypedArray } from '../../compiler/index.ts';
import { cast, type KernelBuilder, lit, type SExpr } from '../../compiler/kernels.ts';
import { minus } from '../terms.ts';
import type { WordSide } from './words.ts';

/**
 * What a table says of a row. A hit is a number from 1 on, and 0 for a key that is not there. A place is one less, and the
 * greatest number for none; so is a row, and -1 for none.
 */
export type Answer = 'hits' | 'places' | 'rows';
export const ANSWER_KIND = { hits: 'u32', places: 'u32', rows: 'i64' } as const;

/** The keys of a side. */
export interface Table {
  /** Is every key there only once? */
  readonly unique: boolean;
  /** What it says of each row of a side. */
  probe(side: WordSide, answer: Answer): Promise<TypedArray>;
  /** A number for the key of each of its own rows, the same where keys are. */
  places(): Promise<TypedArray>;
}

/** Stores a hit (u32) of a row as what is asked for. */
export function storeAnswer(k: KernelBuilder, to: number, row: SExpr, hit: SExpr, answer: Answer): void {
  const kind = ANSWER_KIND[answer];
  k.store(to, row, answer === 'hits' ? hit : minus(cast(hit, kind), lit(kind, 1)));
}

/** The sum of the first reduction of all parts. */
export function sumOf(report: { readonly parts: number; cell(part: number, red: number): unknown }): number {
  let sum = 0;
  for (let part = 0; part < report.parts; part++) sum += Number(report.cell(part, 0));
  return sum;
}

/** A column of zeros. */
export function zeros(column: TypedArray): TypedArray {
  new Uint8Array(column.buffer, column.byteOffset, column.byteLength).fill(0);
  return column;
}
