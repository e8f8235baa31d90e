/**
 * What WGSL and a portable WebGPU device offer, as pure data: the limits that shaders are written against, and how
 * every scalar kind is stored and computed on the device.
 *
 * The limits are the defaults of the WebGPU specification, so a module that keeps them runs on every adapter without
 * asking for more. f64 has no entry: `demote.ts` turns it into f32 or refuses the kernel before anything here is read.
 */

import type { ScalarKind } from '../../core/types.ts';
import { invariant } from '../../diag/diagnostic.ts';

/** The portable floor that generated modules stay within. */
export const LIMITS = {
  storageBuffers: 8,
  workgroupSize: 256,
  workgroupBytes: 16_384,
  workgroupsPerDispatch: 65_535,
  uniformBytes: 65_536,
} as const;

export const DEFAULT_WORKGROUP_SIZE = 64;

/** The kinds that exist on the device. */
export type DeviceKind = Exclude<ScalarKind, 'f64'>;
/** The WGSL types of values, of words in buffers and of parameters. */
export type WgslType = 'bool' | 'i32' | 'u32' | 'f32' | 'vec2<u32>';

/** `word`: one value a 32-bit word; `pair`: two words, low first; `half`, `byte`: two or four values a word. */
export type Packing = 'word' | 'pair' | 'half' | 'byte';

export interface KindInfo {
  /** The type a value is computed in. Narrow integers are kept wrapped to their width after every operation. */
  readonly type: WgslType;
  readonly packing: Packing;
  /** Bits of a narrow integer, which operations must wrap to; 0 where the type wraps by itself. */
  readonly narrow: 0 | 8 | 16;
  /** The type a scalar parameter has in the uniform block (bool is not allowed there). */
  readonly param: 'i32' | 'u32' | 'f32' | 'vec2<u32>';
}

export const KINDS: Readonly<Record<DeviceKind, KindInfo>> = {
  bool: { type: 'bool', packing: 'byte', narrow: 0, param: 'u32' },
  i8: { type: 'i32', packing: 'byte', narrow: 8, param: 'i32' },
  i16: { type: 'i32', packing: 'half', narrow: 16, param: 'i32' },
  i32: { type: 'i32', packing: 'word', narrow: 0, param: 'i32' },
  i64: { type: 'vec2<u32>', packing: 'pair', narrow: 0, param: 'vec2<u32>' },
  u8: { type: 'u32', packing: 'byte', narrow: 8, param: 'u32' },
  u16: { type: 'u32', packing: 'half', narrow: 16, param: 'u32' },
  u32: { type: 'u32', packing: 'word', narrow: 0, param: 'u32' },
  u64: { type: 'vec2<u32>', packing: 'pair', narrow: 0, param: 'vec2<u32>' },
  f32: { type: 'f32', packing: 'word', narrow: 0, param: 'f32' },
};

/** `kind` as a device kind; f64 must be gone by now. */
export function deviceKind(kind: ScalarKind): DeviceKind {
  invariant(kind !== 'f64', () => 'wgsl: an f64 value was left by demotion');
  return kind;
}

/** Bytes of a value in workgroup memory. */
export const typeBytes = (type: WgslType): 4 | 8 => (type === 'vec2<u32>' ? 8 : 4);

/** Elements that share one 32-bit word. */
export function perWord(packing: Packing): 1 | 2 | 4 {
  if (packing === 'byte') return 4;
  return packing === 'half' ? 2 : 1;
}

/** Why a kernel cannot run on the GPU. */
export type ReasonCode =
  /** An f64 value where the caller did not ask for f32, or the bits of one where they did. */
  | 'TYPE_F64'
  /** A 64-bit merge other than `+`: there is no 64-bit compare-and-exchange. */
  | 'OP_ATOMIC64'
  /** Open addressing: a probing loop over a table that the same loop fills. */
  | 'HASH_TABLE'
  /** A buffer that rows share, in a way that cannot be made atomic. */
  | 'RACE'
  /** More storage bindings than the device has, even with arenas. */
  | 'LIMIT_BINDINGS'
  /** More workgroup memory or parameters than the device has. */
  | 'LIMIT_MEMORY';

/** A refusal, with a sentence for explain. */
export interface Refusal {
  readonly ok: false;
  readonly reason: ReasonCode;
  readonly message: string;
}

export const refuse = (reason: ReasonCode, message: string): Refusal => ({ ok: false, reason, message });
