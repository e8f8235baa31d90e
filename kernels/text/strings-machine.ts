/**
 * What the machine forms of text kernels share: offsets that are checked by a kernel, stretches of rows, and a few ways to
 * write SIR over bytes.
 *
 * Registers of sixteen bytes are loaded where a row begins, be it empty, and wherever at least one of the bytes is a row's,
 * so up to 64 bytes behind the end of a buffer are read; what stands there decides nothing.
 */

import type { Value } from '../../compiler/index.ts';
import { bin, cast, cmp, type Get, KernelBuilder, type SExpr } from '../../compiler/kernels.ts';
import { MAP_ROWS, type Machine, once } from '../machine.ts';
import { num, plus } from '../terms.ts';
import { decreasing, offsetKind, type Strings, stringsOf } from './strings.ts';

/** Where row `r` starts. */
export const loadStart = (k: KernelBuilder, offsets: number, r: SExpr): Get => k.let(cast(k.load(offsets, r), 'i32'));

/** The column of two arguments, all checked. */
export async function machineStrings(
  name: string,
  offsets: Value | undefined,
  bytes: Value | undefined,
  m: Machine,
): Promise<Strings> {
  const strings = stringsOf(name, offsets, bytes);
  const { rows } = strings;
  const { failure } = await m.launch(rising(offsetKind(strings)), {
    rows,
    rowsPerPart: MAP_ROWS,
    bufs: [strings.offsets],
  });
  return failure === null ? strings : decreasing(name, strings, failure.row);
}

/** Stops at an offset that is below the one in front of it. */
const rising = once((kind: 'i32' | 'i64') => {
  const k = new KernelBuilder(`rising_${kind}`);
  const offsets = k.buf('offsets', kind, 'read');
  k.fail('AssertionError', cmp('>', k.load(offsets, k.index), k.load(offsets, plus(k.index, 1))));
  return k.finish();
});

/** Most rows of a stretch: with forty bytes a row it stays in the second cache. */
const STRETCH = 4096;

/** How rows are cut in stretches, each a row of a launch: enough of them for all threads. */
export function stretchesOf(rows: number, m: Machine): { readonly stretch: number; readonly stretches: number } {
  const stretch = Math.min(STRETCH, m.fewestRows);
  return { stretch, stretches: Math.ceil(rows / stretch) };
}

/** The first row of a stretch, and the end of it. */
export function stretchRows(k: KernelBuilder, stretch: SExpr, rows: SExpr): readonly [Get, Get] {
  const first = k.let(bin('*', k.index, stretch));
  return [first, k.let(bin('min', plus(first, stretch), rows))];
}

/**
 * Moves `row` on to the one that holds `place`, by doubling steps, then by halving them; all rows from `last` on begin
 * behind the place.
 */
export function toRowOf(k: KernelBuilder, offsets: number, o: { place: Get; row: Get; last: Get }): void {
  const { place, row, last } = o;
  const step = k.var(num(1));
  const isBefore = (by: SExpr): SExpr => {
    const start = loadStart(k, offsets, k.let(bin('min', plus(row, by), last)));
    return bin('&', cmp('<', plus(row, by), last), cmp('<=', start, place));
  };
  const on = k.var(isBefore(step));
  k.while(on, () => {
    k.set(row, plus(row, step));
    k.set(step, bin('+', step, step));
    k.set(on, isBefore(step));
  });
  k.while(cmp('>', step, num(0)), () => {
    k.if(isBefore(step), () => k.set(row, plus(row, step)));
    k.set(step, bin('>>', step, num(1)));
  });
}
