/**
 * The machine form of str_contains: a search through the bytes of a stretch of rows, not row by row. 64 places at a time
 * are asked for two bytes of the pattern (`rare.ts`); where both are, the whole pattern is compared, and then the row is
 * found from the place: by doubling steps from the last row that was found, and halving them again. The search goes on
 * behind that row.
 *
 * A match that reaches over the end of its row is none; the next one may begin inside it.
 */

import {
  any,
  bin,
  cast,
  cmp,
  type Get,
  type Kernel,
  KernelBuilder,
  lit,
  type SExpr,
  splat,
  un,
  whole,
} from '../../compiler/kernels.ts';
import { vector } from '../column.ts';
import { type MachineForm, once } from '../machine.ts';
import { minus, plus } from '../terms.ts';
import { literalName } from './literal.ts';
import { type Comparison, isPatternAt, patternBuffer } from './pattern-machine.ts';
import { probeOf } from './rare.ts';
import { newBytes, offsetKind, patternOf } from './strings.ts';
import { loadStart, machineStrings, stretchesOf, stretchRows, toRowOf } from './strings-machine.ts';

/** Places of a step: four registers. */
const STEP = 64;

export const containsMachine: MachineForm = async ([offsets, bytes, given], m) => {
  const strings = await machineStrings(literalName('contains'), offsets, bytes, m);
  const pattern = patternOf(given);
  const flags = newBytes('bool', strings.rows, m.alloc).fill(pattern.length === 0 ? 1 : 0);
  if (pattern.length === 0) return vector('bool', flags);
  const { stretch, stretches } = stretchesOf(strings.rows, m);
  await m.launch(kernelOf(offsetKind(strings), pattern.length > 16), {
    rows: stretches,
    rowsPerPart: 1,
    bufs: [strings.offsets, strings.bytes, patternBuffer(pattern, m), flags],
    scalars: [strings.rows, stretch, ...searchScalars(pattern)],
  });
  return vector('bool', flags);
};

const kernelOf = once((kind: 'i32' | 'i64', long: boolean): Kernel => {
  const k = KernelBuilder.packed(`contains_${kind}${long ? '_long' : ''}`);
  const [offsets, bytes] = [k.buf('offsets', kind, 'read'), k.buf('bytes', 'u8', 'read')];
  const [pattern, flags] = [k.buf('pattern', 'u8', 'read'), k.buf('flags', 'bool', 'write')];
  const [rows, stretch] = [k.scalar('rows', 'i32'), k.scalar('stretch', 'i32')];
  const search = { offsets, bytes, pattern, long, ...searchParams(k) };
  const [first, last] = stretchRows(k, stretch, rows);
  searchRows(k, search, [first, last], (row) => k.store(flags, row, lit('bool', true)));
  return k.finish();
});

/** The values of the scalar parameters that `searchParams` declares. */
export function searchScalars(pattern: Uint8Array): readonly number[] {
  const { near, far } = probeOf(pattern);
  return [pattern.length, near, far];
}
export const searchParams = (k: KernelBuilder): Pick<Search, 'length' | 'near' | 'far'> => ({
  length: k.scalar('length', 'i32'),
  near: k.scalar('near', 'i32'),
  far: k.scalar('far', 'i32'),
});

/** Buffers and parameters of a search. */
export interface Search extends Comparison {
  readonly offsets: number;
  readonly near: Get;
  readonly far: Get;
}

/** Searches through the rows [first, last); `onRow` is put where a row that holds the pattern is known. */
export function searchRows(
  k: KernelBuilder,
  s: Search,
  [first, last]: readonly [Get, Get],
  onRow: (row: Get) => void,
): void {
  const { offsets, length } = s;
  /** Is a byte of the pattern where it would be, for sixteen places? */
  const isThere = (probe: Get): ((places: Get) => SExpr) => {
    const byte = k.let(splat(k.load(s.pattern, probe), 16));
    return (places) => cmp('==', k.load(s.bytes, k.let(plus(places, probe)), 16), byte);
  };
  const [isNear, isFar] = [isThere(s.near), isThere(s.far)];
  const isMatch = isPatternAt(k, s);
  /** The last place where the pattern may begin. */
  const end = k.let(minus(loadStart(k, offsets, last), length));
  const row = k.var(first);
  const at = k.var(loadStart(k, offsets, first));

  k.while(cmp('<=', at, end), () => {
    const masks = [0, 16, 32, 48].map((by): SExpr => {
      const places = k.let(plus(at, by));
      return k.let(bin('&', isNear(places), isFar(places)));
    });
    const next = k.var(plus(at, STEP));
    k.if(any(masks.reduce((a, b) => bin('|', a, b))), () => {
      const bits = k.var(
        masks
          .map((mask, n): SExpr => bin('<<', cast(whole('bits', mask), 'u64'), lit('u64', BigInt(16 * n))))
          .reduce((a, b) => bin('|', a, b)),
      );
      k.while(cmp('!=', bits, lit('u64', 0n)), () => {
        const place = k.let(plus(at, cast(un('ctz', bits), 'i32')));
        k.set(bits, bin('&', bits, bin('-', bits, lit('u64', 1n))));
        k.if(cmp('<=', place, end), () =>
          k.if(isMatch(place), () => {
            toRowOf(k, offsets, { place, row, last });
            const rowEnd = loadStart(k, offsets, plus(row, 1));
            k.if(cmp('<=', plus(place, length), rowEnd), () => {
              onRow(row);
              k.set(next, rowEnd);
              k.set(bits, lit('u64', 0n));
            });
          }),
        );
      });
    });
    k.set(at, next);
  });
}
