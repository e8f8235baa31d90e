/** Columns of strings for tests of text kernels: random ones, and those that kernels get wrong. */

import fc from 'fast-check';
import { I32, I64, plainMemory, type Type, U8, type Value, type VecValue, vec } from '../../compiler/index.ts';
import { vectorOf } from '../column.ts';

/** A column of strings as two arguments, and their types. */
export interface StringArgs {
  readonly args: readonly [VecValue, VecValue];
  readonly types: readonly [Type, Type];
}

const encoder = new TextEncoder();
/** The bytes of a text: of a string its UTF-8. */
export const utf8 = (text: string | readonly number[]): readonly number[] =>
  typeof text === 'string' ? [...encoder.encode(text)] : text;

export const bytesValue = (text: string | readonly number[]): VecValue => vectorOf('u8', utf8(text), plainMemory);

/** The column of texts, behind `before` bytes and in front of `after` that are no row's. */
export function stringColumn(
  texts: readonly (string | readonly number[])[],
  o: { readonly kind?: 'i32' | 'i64'; readonly before?: readonly number[]; readonly after?: readonly number[] } = {},
): StringArgs {
  const { kind = 'i32', before = [], after = [] } = o;
  const rows = texts.map(utf8);
  const offsets = [before.length];
  for (const row of rows) offsets.push((offsets.at(-1) ?? 0) + row.length);
  const bytes = [...before, ...rows.flat(), ...after];
  return {
    args: [vectorOf(kind, offsets, plainMemory), vectorOf('u8', bytes, plainMemory)],
    types: [vec(kind === 'i32' ? I32 : I64), vec(U8)],
  };
}

/** The strings of a value of offsets, bytes and flags; null for none. */
export function textsOf(parts: Value): readonly (string | null)[] {
  if (typeof parts !== 'object' || parts.kind !== 'struct') throw new Error('no struct');
  const [offsets = [], bytes = [], flags = []] = parts.fields.map((f) =>
    typeof f === 'object' && f.kind === 'vec' ? [...(f.cols[0] ?? [])].map(Number) : [],
  );
  const decoder = new TextDecoder();
  return flags.map((flag, r) =>
    flag === 0 ? null : decoder.decode(Uint8Array.from(bytes.slice(offsets[r], offsets[r + 1]))),
  );
}

/** Pieces of texts: letters that make many near matches, characters of each length, and bytes that are no UTF-8: half a
 *  surrogate pair, a character that breaks off, one that is too long, continuations alone. */
export const PIECES = ['a', 'b', 'ab', 'ba', 'aab', ' ', '\n', 'Z', '0', '-', 'é', 'ß', '€', '😀', 'İ'].map(utf8);
export const BROKEN = [
  [0xed, 0xa0, 0x80],
  [0xe2, 0x82],
  [0xc0, 0x80],
  [0x80],
  [0xff],
  [0xf4, 0x90, 0x80, 0x80],
  [0xf0, 0x9f],
];

/** Bytes of a text. */
export const textArb = (most = 30): fc.Arbitrary<readonly number[]> =>
  fc.oneof(
    fc.array(fc.constantFrom(...PIECES.slice(0, 5)), { maxLength: most }).map((p) => p.flat()),
    fc.array(fc.constantFrom(...PIECES, ...BROKEN), { maxLength: most }).map((p) => p.flat()),
    fc.array(fc.nat(255), { maxLength: 4 }),
    fc.constant([]),
  );

/** Rows: none, some, many short ones, and long ones among empty ones. */
export const textsArb: fc.Arbitrary<readonly (readonly number[])[]> = fc.oneof(
  fc.array(textArb(), { maxLength: 5 }),
  fc.array(textArb(6), { minLength: 60, maxLength: 120 }),
  fc.array(fc.oneof(textArb(120), fc.constant([])), { minLength: 20, maxLength: 40 }),
);

/** A column with bytes around it, of offsets of either kind. */
export const stringsArb: fc.Arbitrary<StringArgs> = fc
  .tuple(textsArb, fc.constantFrom('i32' as const, 'i64' as const), textArb(2), textArb(2))
  .map(([texts, kind, before, after]) => stringColumn(texts, { kind, before, after }));

/** The bytes of the strings of a value of offsets and bytes. */
export function writtenTexts(strings: Value): readonly (readonly number[])[] {
  if (typeof strings !== 'object' || strings.kind !== 'struct') throw new Error('no struct');
  const [offsets = [], bytes = []] = strings.fields.map((f) =>
    typeof f === 'object' && f.kind === 'vec' ? [...(f.cols[0] ?? [])].map(Number) : [],
  );
  return offsets.slice(1).map((end, r) => bytes.slice(offsets[r], end));
}
