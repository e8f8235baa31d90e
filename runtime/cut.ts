/**
 * How the rows of a launch are cut: in parts, each with a partial state, by the number of rows and the size of a state
 * alone, never by threads. Parts run in rounds where outputs take what those of a round left: how many that are is a matter
 * of memory and threads, and no result depends on it.
 */

import { cost, type Launch } from '../compiler/index.ts';
import type { DeviceInfo } from './device.ts';
import type { OutputSize } from './outputs/output.ts';

const {
  ENOUGH_PARTS,
  MAX_NESTED_PARTS,
  MAX_STATE_BYTES,
  NESTED_PART_ROWS,
  PART_ROWS,
  PARTITIONED_PART_ROWS,
  ROUND_BYTES,
  ROWS_AN_ENTRY,
  STATE_BYTES_A_ROW,
  TABLES_A_ROUND,
} = cost;

/** Kernels count rows in i32, and a part may end one unit behind the last row. */
export const MAX_ROWS = 2 ** 31 - 1 - PART_ROWS;

/**
 * Rows of a part of a loop with inner loops that only stores what each row makes, so that no result shows where parts
 * end: a few thousand rows can be work for several threads.
 */
export function rowsPerNestedPart(rows: number): number {
  const units = Math.ceil(rows / MAX_NESTED_PARTS / NESTED_PART_ROWS);
  return Math.min(PART_ROWS, Math.max(1, units) * NESTED_PART_ROWS);
}

/**
 * Rows of a part for a loop of `rows` rows whose parts have `stateBytes` of state, with `entries` in tables: rows enough to
 * be worth filling and combining the state, and parts so few that the states of all fit in memory.
 */
export function rowsPerPart(rows: number, stateBytes: number, entries = 0): number {
  const most = Math.max(1, Math.floor(MAX_STATE_BYTES / Math.max(stateBytes, 1)));
  // Each part makes all of its entries, and each is combined; but a few parts there should be, for threads.
  const making = Math.min(ROWS_AN_ENTRY * entries, rows / ENOUGH_PARTS);
  const least = Math.max(rows / most, stateBytes / STATE_BYTES_A_ROW, making);
  return Math.max(1, Math.ceil(least / PART_ROWS)) * PART_ROWS;
}

/** The rows of a part, the parts, and the parts of a round. */
export interface Cut {
  readonly rowsPerPart: number;
  readonly parts: number;
  readonly roundParts: number;
}

export function cutOf(
  l: Launch,
  rows: number,
  sizes: readonly OutputSize[],
  threads: number,
  { limitBytes, usedBytes }: DeviceInfo,
): Cut {
  const perPart = l.outputs.some((o) => o.out === 'partitioned')
    ? PARTITIONED_PART_ROWS
    : l.nested === true
      ? rowsPerNestedPart(rows)
      : rowsPerPart(
          rows,
          stateBytes(sizes),
          sizes.reduce((sum, s) => sum + (s.entries ?? 0), 0),
        );
  const parts = Math.ceil(rows / perPart);
  const roundBytes = sizes.reduce((sum, s) => sum + (s.roundBytes ?? 0), 0);
  if (roundBytes === 0) return { rowsPerPart: perPart, parts, roundParts: parts };
  const tableBytes = sizes.reduce((sum, s) => sum + (s.tableBytes ?? 0), 0);
  const ofThread = Math.max(roundBytes, Math.min(ROUND_BYTES, tableBytes / TABLES_A_ROUND));
  const room = Math.min(threads * ofThread, (limitBytes - usedBytes) / 4);
  const fit = Math.max(1, Math.floor(room / roundBytes));
  // As many for each thread, if there are as many.
  return { rowsPerPart: perPart, parts, roundParts: Math.min(parts, fit < threads ? fit : fit - (fit % threads)) };
}

/** Bytes of state of one part. */
export const stateBytes = (sizes: readonly OutputSize[]): number => sizes.reduce((sum, s) => sum + s.bytes, 0);
