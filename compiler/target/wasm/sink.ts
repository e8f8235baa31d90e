/**
 * What the code generator needs of a WASM writer: expressions, a few structured statements, functions and bytes.
 *
 * Instructions are named as in the WASM text format (`f64x2.add`), so the generator reads like the code it makes and
 * a name that the writer lacks does not compile. A `Ref` stands for a tree that is not yet placed; it may be used
 * exactly once (read a local again, or spill to one, to use a value twice). Refs and locals are branded, because the
 * library behind this interface uses plain numbers for both and would take one for the other.
 */

/** An expression or statement tree, to be placed exactly once. */
export type Ref = number & { readonly __ref: never };
/** A parameter or local of the current function. */
export type Local = number & { readonly __local: never };
export type WasmTy = 'i32' | 'i64' | 'f32' | 'f64' | 'v128';
/** Lane shapes that values are computed in. */
export type Shape = 'i8x16' | 'i16x8' | 'i32x4' | 'i64x2' | 'f32x4' | 'f64x2';

// The instruction names, by namespace. Types and the writer's tables are both derived from these lists.

const ORDER = ['lt', 'le', 'gt', 'ge'] as const;
const INT_ORDER = ['lt_s', 'lt_u', 'le_s', 'le_u', 'gt_s', 'gt_u', 'ge_s', 'ge_u'] as const;
export const INT_BINARY = [
  ...(['add', 'sub', 'mul', 'div_s', 'div_u', 'rem_s', 'rem_u', 'and', 'or', 'xor', 'shl', 'shr_s', 'shr_u'] as const),
  ...(['eq', 'ne'] as const),
  ...INT_ORDER,
] as const;
export const FLOAT_BINARY = ['add', 'sub', 'mul', 'div', 'min', 'max', 'eq', 'ne', ...ORDER] as const;
export const VEC_BINARY = ['and', 'or', 'xor', 'andnot'] as const;
export const I8X16_BINARY = [
  ...(['add', 'sub', 'min_s', 'min_u', 'max_s', 'max_u', 'shl', 'shr_s', 'shr_u', 'eq', 'ne'] as const),
  ...INT_ORDER,
  ...(['swizzle', 'narrow_i16x8_u'] as const),
] as const;
export const I16X8_BINARY = [
  ...(['add', 'sub', 'mul', 'min_s', 'min_u', 'max_s', 'max_u', 'shl', 'shr_s', 'shr_u', 'eq', 'ne'] as const),
  ...INT_ORDER,
  ...(['narrow_i32x4_u'] as const),
] as const;
export const I32X4_BINARY = [
  ...(['add', 'sub', 'mul', 'min_s', 'min_u', 'max_s', 'max_u', 'shl', 'shr_s', 'shr_u', 'eq', 'ne'] as const),
  ...INT_ORDER,
  ...(['dot_i16x8_s'] as const),
] as const;
export const I64X2_BINARY = [
  ...(['add', 'sub', 'mul', 'shl', 'shr_s', 'shr_u', 'eq', 'ne', 'lt_s', 'le_s', 'gt_s', 'ge_s'] as const),
] as const;
export const FLOATX_BINARY = [...FLOAT_BINARY, 'pmin', 'pmax'] as const;

type Of<T extends readonly string[]> = T[number];
export type BinaryOp =
  | `${'i32' | 'i64'}.${Of<typeof INT_BINARY>}`
  | `${'f32' | 'f64'}.${Of<typeof FLOAT_BINARY>}`
  | `v128.${Of<typeof VEC_BINARY>}`
  | `i8x16.${Of<typeof I8X16_BINARY>}`
  | `i16x8.${Of<typeof I16X8_BINARY>}`
  | `i32x4.${Of<typeof I32X4_BINARY>}`
  | `i64x2.${Of<typeof I64X2_BINARY>}`
  | `${'f32x4' | 'f64x2'}.${Of<typeof FLOATX_BINARY>}`;

type FloatUnary = 'neg' | 'abs' | 'floor' | 'ceil' | 'trunc' | 'nearest' | 'sqrt';
export type UnaryOp =
  | 'i32.eqz'
  | `${'i32' | 'i64'}.${'clz' | 'ctz' | 'popcnt'}`
  | 'i32.extend8_s'
  | 'i32.extend16_s'
  | 'i32.wrap_i64'
  | `i64.extend_i32_${'s' | 'u'}`
  | `${'f32' | 'f64' | 'f32x4' | 'f64x2'}.${FloatUnary}`
  | 'f32.demote_f64'
  | 'f64.promote_f32'
  | `${'f32' | 'f64'}.convert_${'i32' | 'i64'}_${'s' | 'u'}`
  | `${'i32' | 'i64'}.trunc_sat_${'f32' | 'f64'}_${'s' | 'u'}`
  | 'i32.reinterpret_f32'
  | 'f32.reinterpret_i32'
  | 'i64.reinterpret_f64'
  | 'f64.reinterpret_i64'
  | 'v128.not'
  | 'v128.any_true'
  | `${Exclude<Shape, 'f32x4' | 'f64x2'>}.${'bitmask' | 'neg'}`
  | `${Shape}.splat`
  | `i16x8.extend_${'low' | 'high'}_i8x16_${'s' | 'u'}`
  | `i32x4.extend_${'low' | 'high'}_i16x8_${'s' | 'u'}`
  | `i64x2.extend_${'low' | 'high'}_i32x4_${'s' | 'u'}`
  | `i16x8.extadd_pairwise_i8x16_${'s' | 'u'}`
  | `i32x4.extadd_pairwise_i16x8_${'s' | 'u'}`
  | `i32x4.trunc_sat_f32x4_${'s' | 'u'}`
  | `i32x4.trunc_sat_f64x2_${'s' | 'u'}_zero`
  | `f32x4.convert_i32x4_${'s' | 'u'}`
  | 'f32x4.demote_f64x2_zero'
  | `f64x2.convert_low_i32x4_${'s' | 'u'}`
  | 'f64x2.promote_low_f32x4';

/** Of three operands: `a * b + c`, or `c - a * b`, rounded once or twice as the engine likes. */
export type MaddOp = `${'f32x4' | 'f64x2'}.relaxed_${'madd' | 'nmadd'}`;

export type LoadOp =
  | `${WasmTy}.load`
  | `i32.load${'8' | '16'}_${'s' | 'u'}`
  | `v128.load${'16' | '32' | '64'}_splat`
  | 'v128.load64_zero'
  | `v128.load16x4_${'s' | 'u'}`;
export type StoreOp = `${WasmTy}.store` | 'i32.store8' | 'i32.store16';

/** A place in memory: the address is `ptr`, an i32 or in a 64-bit memory an i64, plus the constant `offset`; `align` is in bytes, a mere hint. */
export interface Place {
  readonly ptr: Ref;
  readonly offset: number;
  readonly align: 1 | 2 | 4 | 8;
}

/** The memory that a module imports. */
export interface MemoryImport {
  readonly module: string;
  readonly name: string;
  /** Are addresses 64 bits wide? */
  readonly memory64: boolean;
  /** The most that the memory may grow to, in pages of 64 KiB. */
  readonly maximumPages: number;
  /** What every instance of the module writes to it. */
  readonly data: readonly Data[];
}

/** Bytes at a fixed address. */
export interface Data {
  readonly address: number;
  readonly bytes: Uint8Array;
}

export interface Func {
  readonly name: string;
  readonly params: readonly WasmTy[];
  readonly result: WasmTy;
  /** Types of the locals after the parameters. */
  readonly locals: readonly WasmTy[];
  readonly body: readonly Ref[];
}

/** Takes in one module. Its makers give the bytes: `encode/encode.ts` and `sink-binaryen.ts`. */
export interface WasmSink {
  i32(value: number): Ref;
  i64(value: bigint): Ref;
  f32(value: number): Ref;
  f64(value: number): Ref;
  /** A vector constant of 16 bytes. */
  v128(bytes: Uint8Array): Ref;

  unary(op: UnaryOp, a: Ref): Ref;
  /** `a op b`; for vector shifts `b` is the i32 count. */
  binary(op: BinaryOp, a: Ref, b: Ref): Ref;
  madd(op: MaddOp, a: Ref, b: Ref, c: Ref): Ref;
  /** `cond ? a : b`; evaluates a, b, then cond. */
  select(cond: Ref, a: Ref, b: Ref): Ref;
  /** The bits of `a` where `mask` is set, else those of `b`. */
  bitselect(a: Ref, b: Ref, mask: Ref): Ref;
  /** Bytes of the 32 bytes `a, b` by the 16 indices. */
  shuffle(a: Ref, b: Ref, bytes: readonly number[]): Ref;
  /** Of lanes of 8 and 16 bits the value without a sign. */
  extractLane(shape: Shape, a: Ref, lane: number): Ref;
  replaceLane(shape: Shape, a: Ref, lane: number, value: Ref): Ref;
  call(name: string, args: readonly Ref[], result: WasmTy): Ref;

  getLocal(local: Local, ty: WasmTy): Ref;
  setLocal(local: Local, value: Ref): Ref;
  load(op: LoadOp, at: Place): Ref;
  store(op: StoreOp, at: Place, value: Ref): Ref;
  /** Stores lane 0 of that many bits. */
  storeLane(bits: 16 | 32 | 64, at: Place, value: Ref): Ref;

  /** Statements in order; `br` to a block's label leaves it. */
  block(label: string, body: readonly Ref[]): Ref;
  /** `br` to a loop's label starts it again; otherwise it ends after one round. */
  loop(label: string, body: readonly Ref[]): Ref;
  br(label: string, cond: Ref | null): Ref;
  if(cond: Ref, then: readonly Ref[], otherwise: readonly Ref[]): Ref;
  ret(value: Ref): Ref;

  importMemory(memory: MemoryImport): void;
  /** Declares a function import; `call` reaches it as `name`. */
  importFunction(module: string, name: string, params: readonly WasmTy[], result: WasmTy): void;
  /** Adds a function and exports it under its name. */
  addFunction(f: Func): void;
}
