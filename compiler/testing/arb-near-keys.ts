/**
 * Random programs around one dictionary of integer keys, or structs of them, most of which lie near each other, with more
 * keys than the first table has room for: so the runtime looks at them and gives them places (`lower/builders/near.ts`).
 * Keys come in their order, down, or in none; some lie far away, at the ends of their kind as well; and the bounds may
 * overflow it. Rows pass a filter or all do; a second loop may go on with the dictionary; keys that are there, beside and
 * far are looked up.
 */

import fc from 'fast-check';
import { FIRST_ENTRIES } from '../analysis/cost.ts';
import type { IValue } from '../core/ivalue.ts';
import { isBigKind, type ScalarKind } from '../core/types.ts';
import { INT_RANGE } from '../sir/int-range.ts';

/** A program in Weld text and its arguments. */
export interface NearKeysCase {
  readonly text: string;
  readonly args: readonly IValue[];
}

/** One leaf of the key: `low + step * n`, wrapped around in its kind, for n below `span`. */
interface Leaf {
  readonly kind: ScalarKind;
  readonly low: bigint;
  readonly step: bigint;
  readonly span: number;
}
type Order = 'up' | 'down' | 'none';

/** More keys than the first table has room for. */
const MANY = 2 * FIRST_ENTRIES;
/** Rows with more than a first table of keys, also where some do not pass the filter. */
const LOOKED_AT = 1.5 * FIRST_ENTRIES;

/** Every so many rows, from some row on, there is a key far away. */
interface Far {
  readonly every: number;
  readonly from: number;
}
const NO_FAR: Far = { every: 1, from: Number.POSITIVE_INFINITY };
const FAR: Far = { every: 9, from: 0 };

export function arbNearKeys(): fc.Arbitrary<NearKeysCase> {
  const shape = fc.record({
    leaves: arbKey(),
    rows: fc.oneof(
      { weight: 1, arbitrary: fc.constantFrom(0, 1) },
      { weight: 12, arbitrary: fc.integer({ min: MANY, max: 3 * MANY }) },
    ),
    order: fc.constantFrom<Order>('up', 'down', 'none'),
    far: fc.constantFrom(NO_FAR, NO_FAR, ...[2, 7, 1000].map((every) => ({ every, from: LOOKED_AT })), FAR),
    filter: fc.boolean(),
    goesOn: fc.boolean(),
    op: fc.constantFrom('+', 'min', 'max'),
  });
  return shape.map(({ leaves, rows, order, far, filter, goesOn, op }) => {
    const columns = keysOf(leaves, order, rows, far, 0);
    const more = keysOf(leaves, 'none', Math.min(rows, MANY), FAR, MANY / 2);
    const asked = keysOf(leaves, 'none', Math.min(rows, 200), FAR, MANY - 100);
    return { text: textOf(leaves, filter, goesOn, op), args: [...columns, ...more, ...asked] };
  });
}

/** Up to three leaves, of which one has MANY values. */
function arbKey(): fc.Arbitrary<readonly Leaf[]> {
  const leaf = (kinds: readonly ScalarKind[], count: number): fc.Arbitrary<Leaf> =>
    fc.constantFrom(...kinds).chain((kind) =>
      fc.record({
        kind: fc.constant(kind),
        low: fc.constantFrom(...lowsOf(kind, count)),
        step: fc.constantFrom(1n, 1n, 1n, 1n, 3n, 3n, -2n, -2n, 1_000_003n),
        span: fc.constant(count),
      }),
    );
  const wide = leaf(['i64', 'i64', 'i32', 'u32', 'u64', 'i16', 'u16'], MANY);
  const narrow = leaf(['i8', 'u8', 'bool', 'i32', 'i64'], 2);
  return fc.oneof(
    { weight: 3, arbitrary: fc.tuple(wide) },
    fc.tuple(wide, narrow),
    fc.tuple(narrow, wide),
    fc.tuple(narrow, wide, narrow),
  );
}

/** Where keys begin: around 0, at both ends of the kind, so that bounds overflow, and at the end of exact numbers. */
function lowsOf(kind: ScalarKind, span: number): readonly bigint[] {
  if (kind === 'bool') return [0n];
  const [low, high] = INT_RANGE[kind] ?? [0n, 0n];
  const wanted = [
    0n,
    -7n,
    BigInt(-span),
    low,
    low + 5n,
    high - BigInt(span),
    high - 5n,
    2n ** 52n - 100n,
    -(2n ** 33n),
  ];
  return wanted.filter((v) => v >= low && v <= high);
}

function keysOf(leaves: readonly Leaf[], order: Order, rows: number, far: Far, from: number): readonly IValue[] {
  return leaves.map((leaf, k) => {
    const [low, high] = INT_RANGE[leaf.kind] ?? [0n, 1n];
    const ends = [low, high, (low + high) / 3n];
    return Array.from({ length: rows }, (_, i) => {
      if (i >= far.from && i % far.every === 0) return asKind(leaf.kind, ends[(i + k) % ends.length] ?? low);
      const n = leaf.span > 2 ? (from + placeOf(order, i, rows, leaf.span)) % (leaf.span + from) : (i >> k) & 1;
      return asKind(leaf.kind, leaf.low + leaf.step * BigInt(n));
    });
  });
}

function placeOf(order: Order, i: number, rows: number, span: number): number {
  if (order === 'none') return (i * 7919) % span;
  const n = Math.floor((i * span) / rows);
  return order === 'up' ? n : span - 1 - n;
}

function asKind(kind: ScalarKind, v: bigint): bigint | number | boolean {
  if (kind === 'bool') return (v & 1n) === 1n;
  const [low, high] = INT_RANGE[kind] ?? [0n, 0n];
  const size = high - low + 1n;
  const wrapped = ((((v - low) % size) + size) % size) + low;
  return isBigKind(kind) ? wrapped : Number(wrapped);
}

function textOf(leaves: readonly Leaf[], filter: boolean, goesOn: boolean, op: string): string {
  const kinds = leaves.map((l) => l.kind);
  const key = kinds.length === 1 ? kinds.join() : `{${kinds.join(',')}}`;
  const rows = (name: string): string => {
    const columns = kinds.map((_, k) => `${name}${k}`).join(', ');
    return kinds.length === 1 ? columns : `zip(${columns})`;
  };
  const params = ['x', 'm', 'q'].flatMap((name) => kinds.map((kind, k) => `${name}${k}: vec[${kind}]`));
  const merge = 'merge(b, {e, {1L, i}})';
  const body = filter ? `if(i % 5L != 2L, ${merge}, b)` : merge;
  const first = `for(${rows('x')}, dictmerger[${key},{i64,i64},${op}], |b, i, e| ${body})`;
  const all = goesOn ? `for(${rows('m')}, ${first}, |b, i, e| ${merge})` : first;
  return `|${params.join(', ')}|
    let d = result(${all});
    {tovec(d), map(${rows('q')}, |k| keyexists(d, k)), map(${rows('q')}, |k| optlookup(d, k).$1.$1)}`;
}
