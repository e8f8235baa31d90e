/**
 * The WASM writer over binaryen, and the only door to that library, which is loaded on first use because it is large.
 *
 * No optimiser runs: the machine-code compiler of the engine does what it would do, and the generator emits trees.
 * Three cheap passes tidy locals (they gain up to a fifth on engines that allocate registers by local).
 */

import type binaryen from 'binaryen';
import { InternalError } from '../../diag/diagnostic.ts';
import type { Func, LoadOp, Local, MaddOp, Place, Ref, Shape, StoreOp, UnaryOp, WasmSink, WasmTy } from './sink.ts';
import {
  FLOAT_BINARY,
  FLOATX_BINARY,
  I8X16_BINARY,
  I16X8_BINARY,
  I32X4_BINARY,
  I64X2_BINARY,
  INT_BINARY,
  VEC_BINARY,
} from './sink.ts';

type Binaryen = typeof binaryen;
type Module = InstanceType<Binaryen['Module']>;
type Unary = (a: number) => number;
type Binary = (a: number, b: number) => number;
type Load = (offset: number, align: number, ptr: number) => number;
type Store = (offset: number, align: number, ptr: number, value: number) => number;

const CLEAN_UP = ['simplify-locals', 'coalesce-locals', 'vacuum'];
/** For modules with very long functions: coalescing takes minutes from 8192 locals on, and nesting thousands of locals
 *  into one expression overflows the stack of whoever walks it. */
const CLEAN_UP_LONG = ['simplify-locals-nonesting', 'reorder-locals', 'vacuum'];
const LONG_LOCALS = 2000;

/** The bytes of the module that `write` emits, after the cheap passes. */
export async function buildModule(write: (sink: WasmSink) => void): Promise<Uint8Array> {
  const { default: b } = await import('binaryen');
  const m = new b.Module();
  try {
    m.setFeatures(features(b));
    write(sinkOver(b, m));
    const locals = (k: number): number => b.getFunctionInfo(m.getFunctionByIndex(k)).vars.length;
    const isLong = Array.from({ length: m.getNumFunctions() }, (_, k) => locals(k)).some((n) => n >= LONG_LOCALS);
    m.runPasses(isLong ? CLEAN_UP_LONG : CLEAN_UP);
    return m.emitBinary();
  } finally {
    m.dispose();
  }
}

/** Reads a module back, whoever wrote it: is it valid, and what is its text? */
export async function inspectModule(bytes: Uint8Array): Promise<{ readonly valid: boolean; readonly text: string }> {
  const { default: b } = await import('binaryen');
  const m = b.readBinary(bytes);
  try {
    m.setFeatures(features(b));
    return { valid: m.validate() === 1, text: m.emitText() };
  } finally {
    m.dispose();
  }
}

/** The most that binaryen's optimiser does for speed. It keeps the bits of every result: floats are not reordered. */
const OPTIMIZE_LEVEL = 4;

/** A module after binaryen's optimiser: for code that is built once and run often, as it takes a while. */
export async function optimizeModule(bytes: Uint8Array): Promise<Uint8Array> {
  const { default: b } = await import('binaryen');
  const m = b.readBinary(bytes);
  try {
    m.setFeatures(features(b));
    // Settings of the whole library, which nobody else uses.
    b.setOptimizeLevel(OPTIMIZE_LEVEL);
    b.setShrinkLevel(0);
    m.optimize();
    return m.emitBinary();
  } finally {
    m.dispose();
  }
}

const features = ({ Features: f }: Binaryen): number =>
  f.Atomics |
  f.Memory64 |
  f.SIMD128 |
  f.RelaxedSIMD |
  f.BulkMemory |
  f.NontrappingFPToInt |
  f.SignExt |
  f.MutableGlobals;

function sinkOver(b: Binaryen, m: Module): WasmSink {
  const ref = (n: number): Ref => n as Ref;
  const unaries = unaryTable(m);
  const binaries = binaryTable(m);
  const madd = maddMaker(b, m);
  const loads = loadTable(m);
  const stores = storeTable(m);
  const types = { i32: b.i32, i64: b.i64, f32: b.f32, f64: b.f64, v128: b.v128 } satisfies Record<WasmTy, number>;
  const { i8x16, i16x8, i32x4, i64x2, f32x4, f64x2 } = m;
  const shapes = { i8x16, i16x8, i32x4, i64x2, f32x4, f64x2 } satisfies Record<Shape, unknown>;
  const extract = {
    i8x16: i8x16.extract_lane_u,
    i16x8: i16x8.extract_lane_u,
    i32x4: i32x4.extract_lane,
    i64x2: i64x2.extract_lane,
    f32x4: f32x4.extract_lane,
    f64x2: f64x2.extract_lane,
  } satisfies Record<Shape, unknown>;
  const tuple = (tys: readonly WasmTy[]): number => b.createType(tys.map((t) => types[t]));
  // A block with one statement is that statement; binaryen would keep the block.
  const sequence = (body: readonly Ref[]): number => {
    const [first] = body;
    return body.length === 1 && first !== undefined ? first : m.block(null, body);
  };
  return {
    i32: (v) => ref(m.i32.const(v | 0)),
    i64: (v) => ref(m.i64.const(BigInt.asIntN(64, v))),
    f32: (v) => ref(m.f32.const(v)),
    f64: (v) => ref(m.f64.const(v)),
    v128: (bytes) => ref(m.v128.const(bytes)),

    unary: (op, a) => ref(unaries[op](a)),
    binary(op, x, y) {
      const make = binaries.get(op);
      if (make === undefined) throw new InternalError(`wasm: no instruction ${op}`);
      return ref(make(x, y));
    },
    madd: (op, x, y, z) => ref(madd(op, x, y, z)),
    select: (cond, x, y) => ref(m.select(cond, x, y)),
    bitselect: (x, y, mask) => ref(m.v128.bitselect(x, y, mask)),
    shuffle: (x, y, bytes) => ref(m.i8x16.shuffle(x, y, [...bytes])),
    extractLane: (shape, a, lane) => ref(extract[shape](a, lane)),
    replaceLane: (shape, a, lane, v) => ref(shapes[shape].replace_lane(a, lane, v)),
    call: (name, args, result) => ref(m.call(name, args, types[result])),

    getLocal: (local: Local, ty) => ref(m.local.get(local, types[ty])),
    setLocal: (local: Local, v) => ref(m.local.set(local, v)),
    load: (op, at) => ref(loads[op](at.offset, at.align, at.ptr)),
    store: (op, at, v) => ref(stores[op](at.offset, at.align, at.ptr, v)),
    storeLane(bits, at: Place, v) {
      const make = bits === 16 ? m.v128.store16_lane : bits === 32 ? m.v128.store32_lane : m.v128.store64_lane;
      return ref(make(at.offset, at.align, 0, at.ptr, v));
    },

    block: (label, body) => ref(m.block(label, body)),
    loop: (label, body) => ref(m.loop(label, sequence(body))),
    br: (label, cond) => ref(cond === null ? m.br(label) : m.br_if(label, cond)),
    if: (cond, yes, no) => ref(no.length === 0 ? m.if(cond, sequence(yes)) : m.if(cond, sequence(yes), sequence(no))),
    ret: (v) => ref(m.return(v)),

    importMemory({ module, name, memory64, maximumPages, data }) {
      const at = (address: number): number => (memory64 ? m.i64.const(BigInt(address)) : m.i32.const(address));
      const segments = data.map(({ address, bytes }) => ({ offset: at(address), data: bytes }));
      m.setMemory(1, maximumPages, null, segments, true, memory64);
      m.addMemoryImport('0', module, name, true);
    },
    importFunction: (module, name, params, result) =>
      m.addFunctionImport(name, module, name, tuple(params), types[result]),
    addFunction(f: Func) {
      const locals = f.locals.map((t) => types[t]);
      m.addFunction(f.name, tuple(f.params), types[f.result], locals, m.block(null, f.body));
      m.addFunctionExport(f.name, f.name);
    },
  };
}

/** Relaxed instructions are not in binaryen's namespaces, but its C interface makes them. */
function maddMaker(b: Binaryen, m: Module): (op: MaddOp, x: number, y: number, z: number) => number {
  const make: unknown = Reflect.get(b, '_BinaryenSIMDTernary');
  const ops: Readonly<Record<MaddOp, number>> = {
    'f32x4.relaxed_madd': b.RelaxedMaddVecF32x4,
    'f32x4.relaxed_nmadd': b.RelaxedNmaddVecF32x4,
    'f64x2.relaxed_madd': b.RelaxedMaddVecF64x2,
    'f64x2.relaxed_nmadd': b.RelaxedNmaddVecF64x2,
  };
  return (op, x, y, z) => {
    if (typeof make !== 'function') throw new InternalError(`wasm: no instruction ${op}`);
    return Number(make(m.ptr, ops[op], x, y, z));
  };
}

/** Pairs the WASM names of a namespace's instructions with their makers. */
function named<N extends string>(
  space: string,
  makers: Readonly<Record<NoInfer<N>, Binary>>,
  names: readonly N[],
): readonly (readonly [string, Binary])[] {
  return names.map((name) => [`${space}.${name}`, makers[name]] as const);
}

function binaryTable(m: Module): ReadonlyMap<string, Binary> {
  return new Map<string, Binary>([
    ...named('i32', m.i32, INT_BINARY),
    ...named('i64', m.i64, INT_BINARY),
    ...named('f32', m.f32, FLOAT_BINARY),
    ...named('f64', m.f64, FLOAT_BINARY),
    ...named('v128', m.v128, VEC_BINARY),
    ...named('i8x16', m.i8x16, I8X16_BINARY),
    ...named('i16x8', m.i16x8, I16X8_BINARY),
    ...named('i32x4', m.i32x4, I32X4_BINARY),
    ...named('i64x2', m.i64x2, I64X2_BINARY),
    ...named('f32x4', m.f32x4, FLOATX_BINARY),
    ...named('f64x2', m.f64x2, FLOATX_BINARY),
  ]);
}

/** Unary makers by WASM name; binaryen's own names for conversions differ. */
function unaryTable(m: Module): Readonly<Record<UnaryOp, Unary>> {
  return {
    'i32.eqz': m.i32.eqz,
    'i32.clz': m.i32.clz,
    'i32.ctz': m.i32.ctz,
    'i32.popcnt': m.i32.popcnt,
    'i64.clz': m.i64.clz,
    'i64.ctz': m.i64.ctz,
    'i64.popcnt': m.i64.popcnt,
    'i32.extend8_s': m.i32.extend8_s,
    'i32.extend16_s': m.i32.extend16_s,
    'i32.wrap_i64': m.i32.wrap,
    'i64.extend_i32_s': m.i64.extend_s,
    'i64.extend_i32_u': m.i64.extend_u,
    'f32.neg': m.f32.neg,
    'f32.abs': m.f32.abs,
    'f32.floor': m.f32.floor,
    'f32.ceil': m.f32.ceil,
    'f32.trunc': m.f32.trunc,
    'f32.nearest': m.f32.nearest,
    'f32.sqrt': m.f32.sqrt,
    'f64.neg': m.f64.neg,
    'f64.abs': m.f64.abs,
    'f64.floor': m.f64.floor,
    'f64.ceil': m.f64.ceil,
    'f64.trunc': m.f64.trunc,
    'f64.nearest': m.f64.nearest,
    'f64.sqrt': m.f64.sqrt,
    'f32x4.neg': m.f32x4.neg,
    'f32x4.abs': m.f32x4.abs,
    'f32x4.floor': m.f32x4.floor,
    'f32x4.ceil': m.f32x4.ceil,
    'f32x4.trunc': m.f32x4.trunc,
    'f32x4.nearest': m.f32x4.nearest,
    'f32x4.sqrt': m.f32x4.sqrt,
    'f64x2.neg': m.f64x2.neg,
    'f64x2.abs': m.f64x2.abs,
    'f64x2.floor': m.f64x2.floor,
    'f64x2.ceil': m.f64x2.ceil,
    'f64x2.trunc': m.f64x2.trunc,
    'f64x2.nearest': m.f64x2.nearest,
    'f64x2.sqrt': m.f64x2.sqrt,
    'f32.demote_f64': m.f32.demote,
    'f64.promote_f32': m.f64.promote,
    'f32.convert_i32_s': m.f32.convert_s.i32,
    'f32.convert_i32_u': m.f32.convert_u.i32,
    'f32.convert_i64_s': m.f32.convert_s.i64,
    'f32.convert_i64_u': m.f32.convert_u.i64,
    'f64.convert_i32_s': m.f64.convert_s.i32,
    'f64.convert_i32_u': m.f64.convert_u.i32,
    'f64.convert_i64_s': m.f64.convert_s.i64,
    'f64.convert_i64_u': m.f64.convert_u.i64,
    'i32.trunc_sat_f32_s': m.i32.trunc_s_sat.f32,
    'i32.trunc_sat_f32_u': m.i32.trunc_u_sat.f32,
    'i32.trunc_sat_f64_s': m.i32.trunc_s_sat.f64,
    'i32.trunc_sat_f64_u': m.i32.trunc_u_sat.f64,
    'i64.trunc_sat_f32_s': m.i64.trunc_s_sat.f32,
    'i64.trunc_sat_f32_u': m.i64.trunc_u_sat.f32,
    'i64.trunc_sat_f64_s': m.i64.trunc_s_sat.f64,
    'i64.trunc_sat_f64_u': m.i64.trunc_u_sat.f64,
    'i32.reinterpret_f32': m.i32.reinterpret,
    'f32.reinterpret_i32': m.f32.reinterpret,
    'i64.reinterpret_f64': m.i64.reinterpret,
    'f64.reinterpret_i64': m.f64.reinterpret,
    'v128.not': m.v128.not,
    'v128.any_true': m.v128.any_true,
    'i8x16.bitmask': m.i8x16.bitmask,
    'i16x8.bitmask': m.i16x8.bitmask,
    'i32x4.bitmask': m.i32x4.bitmask,
    'i64x2.bitmask': m.i64x2.bitmask,
    'i8x16.splat': m.i8x16.splat,
    'i16x8.splat': m.i16x8.splat,
    'i32x4.splat': m.i32x4.splat,
    'i64x2.splat': m.i64x2.splat,
    'f32x4.splat': m.f32x4.splat,
    'f64x2.splat': m.f64x2.splat,
    'i8x16.neg': m.i8x16.neg,
    'i16x8.neg': m.i16x8.neg,
    'i32x4.neg': m.i32x4.neg,
    'i64x2.neg': m.i64x2.neg,
    'i16x8.extadd_pairwise_i8x16_s': m.i16x8.extadd_pairwise_i8x16_s,
    'i16x8.extadd_pairwise_i8x16_u': m.i16x8.extadd_pairwise_i8x16_u,
    'i32x4.extadd_pairwise_i16x8_s': m.i32x4.extadd_pairwise_i16x8_s,
    'i32x4.extadd_pairwise_i16x8_u': m.i32x4.extadd_pairwise_i16x8_u,
    'i16x8.extend_high_i8x16_s': m.i16x8.extend_high_i8x16_s,
    'i16x8.extend_high_i8x16_u': m.i16x8.extend_high_i8x16_u,
    'i32x4.extend_high_i16x8_s': m.i32x4.extend_high_i16x8_s,
    'i32x4.extend_high_i16x8_u': m.i32x4.extend_high_i16x8_u,
    'i64x2.extend_high_i32x4_s': m.i64x2.extend_high_i32x4_s,
    'i64x2.extend_high_i32x4_u': m.i64x2.extend_high_i32x4_u,
    'i16x8.extend_low_i8x16_s': m.i16x8.extend_low_i8x16_s,
    'i16x8.extend_low_i8x16_u': m.i16x8.extend_low_i8x16_u,
    'i32x4.extend_low_i16x8_s': m.i32x4.extend_low_i16x8_s,
    'i32x4.extend_low_i16x8_u': m.i32x4.extend_low_i16x8_u,
    'i64x2.extend_low_i32x4_s': m.i64x2.extend_low_i32x4_s,
    'i64x2.extend_low_i32x4_u': m.i64x2.extend_low_i32x4_u,
    'i32x4.trunc_sat_f32x4_s': m.i32x4.trunc_sat_f32x4_s,
    'i32x4.trunc_sat_f32x4_u': m.i32x4.trunc_sat_f32x4_u,
    'i32x4.trunc_sat_f64x2_s_zero': m.i32x4.trunc_sat_f64x2_s_zero,
    'i32x4.trunc_sat_f64x2_u_zero': m.i32x4.trunc_sat_f64x2_u_zero,
    'f32x4.convert_i32x4_s': m.f32x4.convert_i32x4_s,
    'f32x4.convert_i32x4_u': m.f32x4.convert_i32x4_u,
    'f32x4.demote_f64x2_zero': m.f32x4.demote_f64x2_zero,
    'f64x2.convert_low_i32x4_s': m.f64x2.convert_low_i32x4_s,
    'f64x2.convert_low_i32x4_u': m.f64x2.convert_low_i32x4_u,
    'f64x2.promote_low_f32x4': m.f64x2.promote_low_f32x4,
  };
}

function loadTable(m: Module): Readonly<Record<LoadOp, Load>> {
  return {
    'i32.load': m.i32.load,
    'i32.load8_s': m.i32.load8_s,
    'i32.load8_u': m.i32.load8_u,
    'i32.load16_s': m.i32.load16_s,
    'i32.load16_u': m.i32.load16_u,
    'i64.load': m.i64.load,
    'f32.load': m.f32.load,
    'f64.load': m.f64.load,
    'v128.load': m.v128.load,
    'v128.load16_splat': m.v128.load16_splat,
    'v128.load32_splat': m.v128.load32_splat,
    'v128.load64_splat': m.v128.load64_splat,
    'v128.load64_zero': m.v128.load64_zero,
    'v128.load16x4_s': m.v128.load16x4_s,
    'v128.load16x4_u': m.v128.load16x4_u,
  };
}

function storeTable(m: Module): Readonly<Record<StoreOp, Store>> {
  return {
    'i32.store': m.i32.store,
    'i32.store8': m.i32.store8,
    'i32.store16': m.i32.store16,
    'i64.store': m.i64.store,
    'f32.store': m.f32.store,
    'f64.store': m.f64.store,
    'v128.store': m.v128.store,
  };
}
