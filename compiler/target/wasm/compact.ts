/**
 * Pushes under a mask, without a branch: the lanes that are on move to the front of the register, the whole register
 * is stored at the cursor, and the cursor moves by the number of lanes that are on.
 *
 *     push { out <- x } where m     =>     b = bitmask(m);  out[cursor ..] = swizzle(x, table[b]);  cursor += popcount(b)
 *
 * What is stored behind the cursor stays inside the places of the part and is overwritten or never read: a cursor has at
 * most the rows before this iteration behind it, and the iteration has as many rows as the register has lanes.
 *
 * The table is a constant of the module, in the low bytes of the memory: by the bits of a mask of four lanes of 32 bits,
 * then of two lanes of 64. A 32-bit kind in a loop of two lanes is the low half of a register of four.
 */

import { invariant } from '../../diag/diagnostic.ts';
import { type Kernel, LOW_BYTES, type SExpr, type Stmt } from '../../sir/kernel.ts';
import { walkStmts } from '../../sir/shape.ts';
import type { Frame } from './frame.ts';
import { isHalf } from './info.ts';
import { placeAt, storeValue } from './memory.ts';
import type { Data, Ref } from './sink.ts';
import { wideExpr } from './wide.ts';

const REGISTER = 16;
/** Address 0 stays free. */
const ADDRESS = 64;
const TABLES = [...frontBytes(4), ...frontBytes(2)];
/** Where the lines for two lanes of 64 bits begin. */
const TWO_LANES = 16 * REGISTER;
invariant(ADDRESS + TABLES.length <= LOW_BYTES, () => 'wasm: the constants of modules need more low bytes');

/** What modules with pushes under a mask, or picks, write to the memory. */
export const COMPACTION_TABLE: Data = { address: ADDRESS, bytes: Uint8Array.from(TABLES) };

/** Does a kernel read the table? */
export function compacts(kernel: Kernel): boolean {
  let found = false;
  walkStmts(kernel.wide?.body ?? [], (s) => {
    if (s.s === 'pick' || (s.s === 'push' && s.mask !== null)) found = true;
  });
  return found;
}

/** For each mask of `lanes` lanes the bytes of its lanes that are on; then any. */
function frontBytes(lanes: 2 | 4): readonly number[] {
  const size = REGISTER / lanes;
  const lines = Array.from({ length: 1 << lanes }, (_, bits) => {
    const on = Array.from({ length: REGISTER }, (_b, k) => k).filter((k) => (bits >> Math.floor(k / size)) & 1);
    return [...on, ...new Array<number>(REGISTER - on.length).fill(0)];
  });
  return lines.flat();
}

/** Emits a push under a mask. */
export function emitCompaction(
  f: Frame,
  s: Extract<Stmt, { readonly s: 'push' }>,
  mask: NonNullable<typeof s.mask>,
): void {
  const bits = bitsOf(f, mask);
  for (const { buf, value } of s.stores) {
    f.emit(storeValue(f, value.ty, placeAt(f, buf, f.state.cursor(s.cursor), 0), toFront(f, value, bits)));
  }
  f.state.moveCursor(s.cursor, f.sink.unary('i32.popcnt', bits()));
}

/** Emits a pick: the same with the list of the row phase, whose length is `f.picks.count`. */
export function emitPick(f: Frame, { rows, mask }: Extract<Stmt, { readonly s: 'pick' }>): void {
  const { sink } = f;
  invariant(f.picks !== null, () => `wasm: kernel ${f.kernel.name} picks rows for nothing`);
  const { list, count } = f.picks;
  const read = (): Ref => sink.getLocal(count, 'i32');
  const bits = bitsOf(f, mask);
  f.emit(storeValue(f, rows.ty, placeAt(f, list, read(), 0), toFront(f, rows, bits)));
  f.emit(sink.setLocal(count, sink.binary('i32.add', read(), sink.unary('i32.popcnt', bits()))));
}

function bitsOf(f: Frame, mask: SExpr): () => Ref {
  const shape = mask.ty.lanes === 4 ? 'i32x4' : 'i64x2';
  return f.spill(f.sink.unary(`${shape}.bitmask`, wideExpr(f, mask)), 'i32');
}

/** The register with the lanes that are on in front. */
function toFront(f: Frame, value: SExpr, bits: () => Ref): Ref {
  const { sink } = f;
  const table = value.ty.lanes === 4 || isHalf(value.ty) ? 0 : TWO_LANES;
  const ptr = sink.binary('i32.shl', bits(), sink.i32(Math.log2(REGISTER)));
  const line = sink.load('v128.load', { ptr: f.pointer(ptr), offset: ADDRESS + table, align: 8 });
  return sink.binary('i8x16.swizzle', wideExpr(f, value), line);
}
