/**
 * Loads and stores of buffer elements.
 *
 * The address of element i is base + (i << k), in a 64-bit memory with i as a number without a sign; a constant added to the
 * row number goes into the instruction's offset. (Only to the row number: it is never negative, so the sum cannot wrap.
 * Packed kernels promise as much of any register that they add a constant to.) Wide accesses take just the bytes of their
 * lanes, in element alignment, and widen or narrow to 32-bit lanes by shuffles.
 */

import { scalarBytes } from '../../core/types.ts';
import { InternalError } from '../../diag/diagnostic.ts';
import type { SExpr, ValTy } from '../../sir/kernel.ts';
import type { Frame } from './frame.ts';
import { SCALAR_LOAD, SCALAR_STORE, sign, sizeShift } from './info.ts';
import { i32x4 } from './narrow.ts';
import { byteMask, packedCast } from './packed.ts';
import { scalarExpr } from './scalar.ts';
import type { Place, Ref } from './sink.ts';

/** Largest constant that is folded into an instruction. */
const MAX_OFFSET = 1 << 16;

/** The place of element `index` (a scalar i32) of buffer `buf`. */
export function elementPlace(f: Frame, buf: number, index: SExpr): Place {
  if (index.x === 'bin' && index.op === '+' && index.b.x === 'lit') {
    const row = index.a;
    const add = Number(index.b.value);
    const isPlace = row.x === 'get' && (row.reg === f.kernel.index || f.kernel.packed);
    if (isPlace && add >= 0 && add < MAX_OFFSET) {
      return placeAt(f, buf, scalarExpr(f, row), add);
    }
  }
  return placeAt(f, buf, scalarExpr(f, index), 0);
}

/** The place of element `index + add` of buffer `buf`. */
export function placeAt(f: Frame, buf: number, index: Ref, add: number): Place {
  const elem = f.kernel.bufs[buf]?.elem;
  if (elem === undefined) throw new InternalError(`wasm: kernel ${f.kernel.name} has no buffer ${buf}`);
  const shift = sizeShift(elem);
  return { ptr: f.element(f.state.base(buf), index, shift), offset: add << shift, align: scalarBytes(elem) };
}

/** Is there an instruction that loads an element to every lane? (Of integers the scalar is kept for counts of shifts.) */
export const hasLoadSplat = ({ kind, lanes }: ValTy): boolean =>
  (kind === 'f32' && lanes === 4) || (kind === 'f64' && lanes === 2);

export const loadSplat = (f: Frame, { kind }: ValTy, at: Place): Ref =>
  f.sink.load(kind === 'f32' ? 'v128.load32_splat' : 'v128.load64_splat', at);

/** Loads `ty.lanes` consecutive elements. */
export function loadValue(f: Frame, ty: ValTy, at: Place): Ref {
  if (ty.lanes === 1) return f.sink.load(SCALAR_LOAD[ty.kind], at);
  if (ty.lanes > 4) return loadRegister(f, ty, at);
  switch (ty.kind) {
    case 'bool':
      return loadMask(f, ty.lanes === 2 ? 2 : 4, at);
    case 'i8':
    case 'u8': {
      const s = sign(ty.kind);
      const bytes = f.sink.load(ty.lanes === 4 ? 'v128.load32_splat' : 'v128.load16_splat', at);
      return f.sink.unary(`i32x4.extend_low_i16x8_${s}`, f.sink.unary(`i16x8.extend_low_i8x16_${s}`, bytes));
    }
    case 'i16':
    case 'u16': {
      const s = sign(ty.kind);
      if (ty.lanes === 4) return f.sink.load(`v128.load16x4_${s}`, at);
      return f.sink.unary(`i32x4.extend_low_i16x8_${s}`, f.sink.load('v128.load32_splat', at));
    }
    case 'i32':
    case 'u32':
    case 'f32':
      return f.sink.load(ty.lanes === 4 ? 'v128.load' : 'v128.load64_zero', at);
    case 'i64':
    case 'u64':
    case 'f64':
      return f.sink.load('v128.load', at);
    default:
      return ty.kind satisfies never;
  }
}

/** Lanes of 8 or 16 bits in their own width. */
function loadRegister(f: Frame, ty: ValTy, at: Place): Ref {
  if (ty.kind !== 'bool') return f.sink.load('v128.load', at);
  if (ty.lanes === 16) return byteMask(f, f.sink.load('v128.load', at));
  throw new InternalError('wasm: a mask of eight bytes');
}

/** Bytes 0/1 spread over their lanes, then negated byte by byte: all zeros or all ones. */
function loadMask(f: Frame, lanes: 2 | 4, at: Place): Ref {
  const { sink } = f;
  const bytes = f.spill(sink.load(lanes === 4 ? 'v128.load32_splat' : 'v128.load16_splat', at), 'v128');
  const width = 16 / lanes;
  const spread = Array.from({ length: 16 }, (_, i) => Math.floor(i / width));
  return sink.unary('i8x16.neg', sink.shuffle(bytes(), bytes(), spread));
}

/** Stores `ty.lanes` consecutive elements. */
export function storeValue(f: Frame, ty: ValTy, at: Place, value: Ref): Ref {
  const { sink } = f;
  if (ty.lanes === 1) return sink.store(SCALAR_STORE[ty.kind], at, value);
  const bytes = scalarBytes(ty.kind);
  if (ty.lanes > 4) {
    if (bytes * ty.lanes !== 16) throw new InternalError('wasm: a mask of eight bytes');
    return sink.store('v128.store', at, ty.kind === 'bool' ? packedCast(f, 'i8x16', 'bool', 'u8', value) : value);
  }
  if (bytes === 8 || (bytes === 4 && ty.lanes === 4)) return sink.store('v128.store', at, value);
  if (bytes === 4) return sink.storeLane(64, at, value);
  const bits = bytes * ty.lanes * 8;
  if (bits !== 16 && bits !== 32 && bits !== 64) throw new InternalError(`wasm: a store of ${bits} bits`);
  if (ty.kind !== 'bool') return sink.storeLane(bits, at, packed(f, bytes, 4, value));
  const ones = sink.binary('v128.and', value, f.constant(i32x4(0x01010101)));
  return sink.storeLane(bits, at, packed(f, bytes, 16 / ty.lanes, ones));
}

/** The low `bytes` bytes of each lane of `width` bytes, side by side at the start of the register. */
function packed(f: Frame, bytes: number, width: number, value: Ref): Ref {
  const read = f.spill(value, 'v128');
  const pick = Array.from({ length: 16 }, (_, i) => (Math.floor(i / bytes) * width + (i % bytes)) % 16);
  return f.sink.shuffle(read(), read(), pick);
}
