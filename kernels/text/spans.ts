/** Kernels that give a part of each string: the parts side by side as a column of strings, and which of them there are. */

import { type Allocator, BOOL, struct, type Type, U8, type Value, vec } from '../../compiler/index.ts';
import { vector } from '../column.ts';
import { newBytes, newOffsets, offsetKind, type Strings } from './strings.ts';

/** Offsets, bytes and flags: false where a string has no such part, which is then empty. */
export const partsType = (offsets: Type): Type => struct([offsets, vec(U8), vec(BOOL)]);

/** From a place up to, but not, another one; null for none. */
export type Span = readonly [from: number, to: number] | null;

/** The column of the parts that `spanOf` finds. */
export function partsOf(strings: Strings, spanOf: (row: number) => Span, alloc: Allocator): Value {
  const spans = Array.from({ length: strings.rows }, (_, r) => spanOf(r));
  const length = spans.reduce((sum, span) => sum + (span === null ? 0 : span[1] - span[0]), 0);
  const { put, offsets } = newOffsets(offsetKind(strings), strings.rows + 1, alloc);
  const [bytes, flags] = [newBytes('u8', length, alloc), newBytes('bool', strings.rows, alloc)];
  let at = 0;
  for (const [r, span] of spans.entries()) {
    put(r, at);
    flags[r] = span === null ? 0 : 1;
    if (span === null) continue;
    bytes.set(strings.bytes.subarray(...span), at);
    at += span[1] - span[0];
  }
  put(strings.rows, at);
  return partsValue(strings, offsets, bytes, flags);
}

export const partsValue = (s: Strings, offsets: Strings['offsets'], bytes: Uint8Array, flags: Uint8Array): Value => ({
  kind: 'struct',
  fields: [vector(offsetKind(s), offsets), vector('u8', bytes), vector('bool', flags)],
});
