/**
 * Extern functions from WebAssembly: an export of a module that works on the session's own memory.
 *
 *     const session = await init();
 *     const { instance } = await WebAssembly.instantiate(bytes, { env: { memory: session.heap.memory } });
 *     session.register(wasmExtern(session.heap, 'norm', [vec(F64)], F64, instance.exports.norm, { pure: true }));
 *
 * The calling convention: a scalar is itself (bool as 0/1, i64 and u64 as bigint), a vector of scalars the address of
 * its first element and its length, both i32. A function that gives a vector of scalars gets, last, the address where
 * to write as many elements as its first vector has. Vectors that it takes must not be written.
 *
 * The memory is shared, so the module declares it `(memory 16 65536 shared)`. In a session of more than 4 GiB addresses are
 * i64, and the module declares `(memory i64 16 262144 shared)`.
 */

import {
  type ExternFunction,
  extern,
  fail,
  isScalar,
  normalise,
  type PrimSpec,
  type ScalarKind,
  type Type,
  type TypedArray,
  typeText,
} from '../compiler/index.ts';
import type { Heap } from './cpu/heap.ts';

/** Declares an export of a WebAssembly module that imports `heap.memory`. W8006 for types that have no convention. */
export function wasmExtern(
  heap: Heap,
  name: string,
  params: readonly Type[],
  result: Type,
  fn: unknown,
  options: { readonly pure: boolean; readonly doc?: string },
): PrimSpec {
  if (typeof fn !== 'function') {
    fail('W8006', `the extern ${name} is no function`, { help: 'give an export of the instance: instance.exports.f' });
  }
  for (const t of params) checkType(name, t);
  const given = kindOf(name, result);
  const first = params.findIndex((t) => t.kind === 'vec');
  if (result.kind === 'vec' && first < 0) {
    fail('W8006', `the extern ${name} gives a vector and takes none, so its length is not known`);
  }
  const run: ExternFunction = (...args) => {
    const copies: number[] = [];
    try {
      const word = (address: number): number | bigint => (heap.memory64 ? BigInt(address) : address);
      const words = args.flatMap((a) => (isArray(a) ? [word(addressOf(heap, a, copies)), a.length] : [a]));
      if (result.kind !== 'vec') return normalise(given, Reflect.apply(fn, undefined, words));
      const like = args[first];
      const out = heap.alloc(given, isArray(like) ? like.length : 0);
      Reflect.apply(fn, undefined, [...words, word(out.byteOffset)]);
      return out;
    } finally {
      for (const block of copies) heap.release(block);
    }
  };
  return extern(name, params, result, run, options);
}

function checkType(name: string, t: Type): void {
  kindOf(name, t);
}
/** The kind of a scalar, or of the elements of a vector of them. */
function kindOf(name: string, t: Type): ScalarKind {
  const elem = t.kind === 'vec' ? t.elem : t;
  if (isScalar(elem)) return elem.scalar;
  return fail('W8006', `the extern ${name} takes and gives scalars and vectors of scalars, found ${typeText(t)}`);
}

const isArray = (v: unknown): v is TypedArray => ArrayBuffer.isView(v) && !(v instanceof DataView);

/** The address of an array in the heap; one from elsewhere is copied into a block, which is noted in `copies`. */
function addressOf(heap: Heap, a: TypedArray, copies: number[]): number {
  const known = heap.address(a);
  if (known !== null) return known;
  const block = heap.reserve(a.byteLength);
  copies.push(block);
  new Uint8Array(heap.buffer, block, a.byteLength).set(new Uint8Array(a.buffer, a.byteOffset, a.byteLength));
  return block;
}
