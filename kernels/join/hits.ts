/** Left rows looked up in a table of the right ones, whatever keys these have. */

import type { TypedArray } from '../../compiler/index.ts';
import type { Machine } from '../machine.ts';
import type { WordPair } from './many-keys.ts';
import { type Runs, runsOf, toRuns } from './runs.ts';
import { denseTable, isDense } from './table-dense.ts';
import { hashTable } from './table-hash.ts';
import { type Bounds, boundsOf } from './words.ts';

/** What joins know of left rows: their hits, and what right rows these stand for. */
export interface Hits {
  readonly hits: TypedArray;
  /** Null where each hit is one row. */
  readonly runs: Runs | null;
}

/** Whether right rows are sorted by key, or only if they have to be. */
export type Sorted = 'always' | 'only where keys are there twice';

export async function hitsOf(m: Machine, words: WordPair, sorted: Sorted): Promise<Hits> {
  const bounds = await boundsOf(m, words.right);
  return isDense(bounds) ? denseHits(m, words, bounds, sorted) : hashHits(m, words, sorted);
}

async function denseHits(m: Machine, { left, right }: WordPair, bounds: Bounds, sorted: Sorted): Promise<Hits> {
  const table = await denseTable(m, right, bounds);
  const rows = table.unique && sorted !== 'always';
  const runs = rows ? null : await runsOf(m, await table.places(), table.hits, right.rows);
  return { hits: await table.probe(left, 'hits'), runs };
}

async function hashHits(m: Machine, { left, right }: WordPair, sorted: Sorted): Promise<Hits> {
  const table = await hashTable(m, right);
  const hits = await table.probe(left, 'hits');
  if (table.unique && sorted !== 'always') return { hits, runs: null };
  const begins = m.alloc.alloc('u32', right.rows);
  const runs = await runsOf(m, await table.places(), begins, right.rows);
  await toRuns(m, hits, begins);
  return { hits, runs };
}
