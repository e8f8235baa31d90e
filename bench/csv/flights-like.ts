/**
 * A CSV to read, the same for everybody: rows of a shop's orders, drawn with a seed.
 *
 *     id i64, counting   day date   at timestamp   city of 40   customer of a fifth of the rows   sku quoted, with commas
 *     in some   quantity i64   price with two places, sometimes missing   score of up to 17 digits   paid bool
 */

import { closeSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a row takes on average. */
const ROW_BYTES = 101;
export const CSV_NAMES = ['id', 'day', 'at', 'city', 'customer', 'sku', 'quantity', 'price', 'score', 'paid'] as const;

/** A file of about so many bytes in the temp folder, written unless it is there. */
export function csvFile(bytes: number, seed = 7): { readonly path: string; readonly rows: number; readonly bytes: number } {
  const rows = Math.round(bytes / ROW_BYTES);
  const path = join(tmpdir(), `weld-orders-${rows}-${seed}.csv`);
  const size = (): number | null => statSync(path, { throwIfNoEntry: false })?.size ?? null;
  const known = size();
  if (known !== null) return { path, rows, bytes: known };
  // Under another name until it is whole.
  const partial = `${path}.${process.pid}`;
  const file = openSync(partial, 'w');
  let lines = [CSV_NAMES.join(',')];
  const random = mulberry(seed);
  for (let row = 0; row < rows; row++) {
    lines.push(orderLine(row, rows, random));
    if (lines.length < 10_000 && row + 1 < rows) continue;
    writeSync(file, `${lines.join('\n')}\n`);
    lines = [];
  }
  closeSync(file);
  renameSync(partial, path);
  return { path, rows, bytes: size() ?? 0 };
}

const two = (n: number): string => String(n).padStart(2, '0');

function orderLine(row: number, rows: number, random: () => number): string {
  const below = (n: number): number => Math.floor(random() * n);
  const day = `20${two(10 + below(15))}-${two(1 + below(12))}-${two(1 + below(28))}`;
  const at = `${day}T${two(below(24))}:${two(below(60))}:${two(below(60))}`;
  const customer = `customer-${below(rows / 5).toString(36).padStart(5, '0')}`;
  const item = `item ${below(500)}`;
  const sku = below(4) === 0 ? `"${item}, ${below(2) === 0 ? 'large' : '""small""'}"` : item;
  const price = below(20) === 0 ? '' : (below(1_000_000) / 100).toFixed(2);
  const fields = [row, day, at, `City ${below(40)}`, customer, sku, below(1000), price, random(), below(2) === 0];
  return fields.join(',');
}

/** Numbers from 0 up to 1, the same for the same seed. */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
