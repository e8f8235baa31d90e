/** Kernels that give a new string for each row: the strings side by side as a column, {offsets, bytes}. */

import { type Allocator, fail, type PrimSpec, struct, type Type, U8, type Value, vec } from '../../compiler/index.ts';
import { vector } from '../column.ts';
import {
  checkedStrings,
  MOST_BYTES,
  newBytes,
  newOffsets,
  offsetKind,
  type Param,
  type Strings,
  stringAt,
  typingOf,
} from './strings.ts';

/** Offsets and bytes. */
export const stringsType = (offsets: Type): Type => struct([offsets, vec(U8)]);

/** A primitive of strings and of `params`, which gives a string for each. */
export function writtenPrim(
  p: Pick<PrimSpec, 'name' | 'doc'>,
  params: readonly Param[],
  textOf: (args: readonly Value[]) => (text: Uint8Array) => ArrayLike<number>,
): PrimSpec {
  return {
    ...p,
    pure: true,
    typing: typingOf(p.name, params, stringsType),
    run([offsets, bytes, ...rest], alloc) {
      const strings = checkedStrings(p.name, offsets, bytes);
      const of = textOf(rest);
      const { rows } = strings;
      const column = { rows, kind: offsetKind(strings), textOf: (row: number) => of(stringAt(strings, row)) };
      return writtenStrings(p.name, column, alloc);
    },
  };
}

/** The column of the strings that `textOf` gives for each row. */
export function writtenStrings(
  name: string,
  o: { readonly rows: number; readonly kind: 'i32' | 'i64'; readonly textOf: (row: number) => ArrayLike<number> },
  alloc: Allocator,
): Value {
  const texts = Array.from({ length: o.rows }, (_, r) => o.textOf(r));
  const length = texts.reduce((sum, text) => sum + text.length, 0);
  fitting(name, length);
  const { put, offsets } = newOffsets(o.kind, o.rows + 1, alloc);
  const bytes = newBytes('u8', length, alloc);
  let at = 0;
  for (const [r, text] of texts.entries()) {
    put(r, at);
    bytes.set(text, at);
    at += text.length;
  }
  put(o.rows, at);
  return writtenValue(o.kind, offsets, bytes);
}

/** Refuses more bytes than a column has. */
export function fitting(name: string, bytes: number): void {
  if (bytes > MOST_BYTES) fail('W6009', `${name}: the result has ${bytes} bytes, the most is ${MOST_BYTES}`);
}

export const writtenValue = (kind: 'i32' | 'i64', offsets: Strings['offsets'], bytes: Uint8Array): Value => ({
  kind: 'struct',
  fields: [vector(kind, offsets), vector('u8', bytes)],
});
