/**
 * Merges outside loops: a builder is the value it would have now, and a few elements are merged into it on the host. What
 * is merged into may still be read elsewhere (the initial vector of a vecmerger is), so the columns are copied.
 */

import {
  type BuilderType,
  binScalar,
  type DictMergerType,
  type DictValue,
  fail,
  type GroupMergerType,
  InternalError,
  identityOf,
  type MergeOp,
  type ScalarKind,
  type ScalarValue,
  slotTable,
  type Type,
  type TypedArray,
  type Value,
  vec,
} from '../compiler/index.ts';
import type { Arena } from './arena.ts';
import { keyText } from './host-ops.ts';
import { Holds } from './inside.ts';
import {
  asBig,
  asDict,
  asVec,
  copyRows,
  fieldOf,
  leafKinds,
  readLeaf,
  rowOf,
  scalarsOf,
  valueOfScalars,
  writeLeaf,
} from './value.ts';

/** The value of a builder of type `ty` after merging `values`; `state` is its value before, null for a fresh one. */
export function mergeInto(ty: BuilderType, state: Value | null, values: readonly Value[], arena: Arena): Value {
  switch (ty.kind) {
    case 'merger':
      return folded(ty.elem, ty.op, state, values);
    case 'appender':
      return appended(ty.elem, state, values, arena);
    case 'vecmerger':
      return scattered(ty.elem, ty.op, state, values, arena);
    case 'dictmerger':
      return grouped(ty, state, values, arena);
    case 'groupmerger':
      return gathered(ty, state, values, arena);
    default:
      return ty satisfies never;
  }
}

function folded(elem: Type, op: MergeOp, state: Value | null, values: readonly Value[]): Value {
  const kinds = leafKinds(elem);
  let total = state === null ? kinds.map((kind) => identityOf(op, kind)) : scalarsOf(state);
  for (const v of values) total = combine(op, kinds, total, scalarsOf(v));
  let leaf = 0;
  return valueOfScalars(elem, () => total[leaf++] ?? 0);
}

function combine(
  op: MergeOp,
  kinds: readonly ScalarKind[],
  a: readonly ScalarValue[],
  b: readonly ScalarValue[],
): readonly ScalarValue[] {
  return kinds.map((kind, leaf) => binScalar(op, kind, a[leaf] ?? 0, b[leaf] ?? 0));
}

function appended(elem: Type, state: Value | null, values: readonly Value[], arena: Arena): Value {
  const before = state === null ? null : asVec(state);
  const first = before?.length ?? 0;
  const length = first + values.length;
  const holds = new Holds(arena.device);
  if (before !== null) holds.addInside(before);
  const rows = values.map((v) => holds.leaves(v));
  const cols = leafKinds(elem).map((kind, leaf) => {
    const column = arena.allocator.alloc(kind, length);
    const from = before?.cols[leaf];
    if (from !== undefined) copyRows(column, 0, from, first);
    for (const [k, scalars] of rows.entries()) writeLeaf(column, first + k, scalars[leaf] ?? 0);
    return column;
  });
  return { kind: 'vec', elem, length, cols, ...holds.of(elem) };
}

function scattered(elem: Type, op: MergeOp, state: Value | null, values: readonly Value[], arena: Arena): Value {
  if (state === null) throw new InternalError('runtime: a vecmerger without vector');
  const v = asVec(state);
  const kinds = leafKinds(elem);
  const cols = kinds.map((kind, leaf) => {
    const column = arena.allocator.alloc(kind, v.length);
    const from = v.cols[leaf];
    if (from !== undefined) copyRows(column, 0, from, v.length);
    return column;
  });
  for (const value of values) {
    const index = asBig(fieldOf(value, 0));
    if (index < 0n || index >= BigInt(v.length)) {
      fail('W6001', `vecmerger: index ${index} is outside a vector of length ${v.length}`);
    }
    const scalars = scalarsOf(fieldOf(value, 1));
    for (const [leaf, kind] of kinds.entries()) {
      const column = cols[leaf];
      if (column === undefined) continue;
      const old = readLeaf(kind, column, Number(index));
      writeLeaf(column, Number(index), binScalar(op, kind, old, scalars[leaf] ?? 0));
    }
  }
  return { kind: 'vec', elem, length: v.length, cols };
}

/** A dictionary on its way: the leaves of its entries by the text of their keys. */
type Entries = Map<string, { readonly key: readonly ScalarValue[]; readonly value: readonly ScalarValue[] }>;

function grouped(
  { key, value, op }: DictMergerType,
  state: Value | null,
  values: readonly Value[],
  arena: Arena,
): DictValue {
  const holds = new Holds(arena.device);
  const kinds = leafKinds(value);
  const entries: Entries = new Map();
  for (const [k, v] of pairsOf(state)) entries.set(keyText(k), { key: holds.leaves(k), value: scalarsOf(v) });
  for (const pair of values) {
    const [k, v] = [fieldOf(pair, 0), scalarsOf(fieldOf(pair, 1))];
    const old = entries.get(keyText(k));
    entries.set(
      keyText(k),
      old === undefined
        ? { key: holds.leaves(k), value: v }
        : { key: old.key, value: combine(op, kinds, old.value, v) },
    );
  }
  return dictionaryOf(key, value, entries, holds, arena);
}

/** The values of each key: a vector that is made anew where it grows. */
function gathered(
  { key, value }: GroupMergerType,
  state: Value | null,
  values: readonly Value[],
  arena: Arena,
): DictValue {
  const holds = new Holds(arena.device);
  const entries: Entries = new Map();
  const olds = new Map<string, Value>();
  for (const [k, v] of pairsOf(state)) {
    entries.set(keyText(k), { key: holds.leaves(k), value: holds.leaves(v) });
    olds.set(keyText(k), v);
  }
  const added = new Map<string, { readonly key: Value; readonly values: Value[] }>();
  for (const pair of values) {
    const k = fieldOf(pair, 0);
    const group = added.get(keyText(k)) ?? { key: k, values: [] };
    group.values.push(fieldOf(pair, 1));
    added.set(keyText(k), group);
  }
  for (const [text, group] of added) {
    const made = appended(value, olds.get(text) ?? null, group.values, arena);
    entries.set(text, { key: entries.get(text)?.key ?? holds.leaves(group.key), value: holds.leaves(made) });
  }
  return dictionaryOf(key, vec(value), entries, holds, arena);
}

/** The entries of a dictionary as values. */
function pairsOf(state: Value | null): readonly (readonly [Value, Value])[] {
  if (state === null) return [];
  const d = asDict(state);
  const width = leafKinds(d.key).length;
  const [keys, values] = [d.entries.slice(0, width), d.entries.slice(width)];
  const inside = d.inside ?? null;
  return Array.from({ length: d.count }, (_, row) => [
    rowOf(d.key, keys, row, inside),
    rowOf(d.value, values, row, inside),
  ]);
}

function dictionaryOf(key: Type, value: Type, entries: Entries, holds: Holds, arena: Arena): DictValue {
  const [keyKinds, valueKinds] = [leafKinds(key), leafKinds(value)];
  const rows = [...entries.values()];
  const column = (kind: ScalarKind, leafOf: (row: (typeof rows)[number]) => ScalarValue | undefined): TypedArray => {
    const made = arena.allocator.alloc(kind, rows.length);
    for (const [k, row] of rows.entries()) writeLeaf(made, k, leafOf(row) ?? 0);
    return made;
  };
  const keys = keyKinds.map((kind, leaf) => column(kind, (row) => row.key[leaf]));
  const cols = [...keys, ...valueKinds.map((kind, leaf) => column(kind, (row) => row.value[leaf]))];
  const inside = holds.of(key, value);
  const slots = slotTable(key, keys, rows.length, arena.allocator, inside.inside ?? null);
  return { kind: 'dict', key, value, count: rows.length, entries: cols, slots, dense: false, ...inside };
}
