/**
 * Merges outside loops: a builder is the value it would have now, and a few elements are merged into it on the host. What
 * is merged into may still be read elsewhere (the initial vector of a vecmerger is), so the columns are copied.
 */

import {
  type BuilderType,
  binScalar,
  type DictValue,
  fail,
  InternalError,
  identityOf,
  type MergeOp,
  type ScalarKind,
  type ScalarValue,
  slotTable,
  type Type,
  typeText,
  type Value,
} from '../compiler/index.ts';
import type { Arena } from './arena.ts';
import { keyText } from './host-ops.ts';
import {
  asBig,
  asDict,
  asVec,
  copyRows,
  fieldOf,
  leafKinds,
  readLeaf,
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
      return grouped(ty.key, ty.value, ty.op, state, values, arena);
    case 'groupmerger':
      throw new InternalError(`runtime: a plan with ${typeText(ty)}`);
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
  const rows = values.map(scalarsOf);
  const cols = leafKinds(elem).map((kind, leaf) => {
    const column = arena.allocator.alloc(kind, length);
    const from = before?.cols[leaf];
    if (from !== undefined) copyRows(column, 0, from, first);
    for (const [k, scalars] of rows.entries()) writeLeaf(column, first + k, scalars[leaf] ?? 0);
    return column;
  });
  return { kind: 'vec', elem, length, cols };
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

function grouped(
  key: Type,
  value: Type,
  op: MergeOp,
  state: Value | null,
  values: readonly Value[],
  arena: Arena,
): DictValue {
  const before = state === null ? null : asDict(state);
  const [keyKinds, valueKinds] = [leafKinds(key), leafKinds(value)];
  const kinds = [...keyKinds, ...valueKinds];
  const width = keyKinds.length;
  const entries = new Map<string, readonly ScalarValue[]>();
  for (let row = 0; row < (before?.count ?? 0); row++) {
    const scalars = kinds.map((kind, leaf) => readLeaf(kind, before?.entries[leaf] ?? EMPTY, row));
    entries.set(keyText(scalars.slice(0, width)), scalars);
  }
  for (const pair of values) {
    const [k, v] = [scalarsOf(fieldOf(pair, 0)), scalarsOf(fieldOf(pair, 1))];
    const old = entries.get(keyText(k));
    entries.set(
      keyText(k),
      old === undefined ? [...k, ...v] : [...old.slice(0, width), ...combine(op, valueKinds, old.slice(width), v)],
    );
  }
  const rows = [...entries.values()];
  const cols = kinds.map((kind, leaf) => {
    const column = arena.allocator.alloc(kind, rows.length);
    for (const [row, scalars] of rows.entries()) writeLeaf(column, row, scalars[leaf] ?? 0);
    return column;
  });
  const slots = slotTable(keyKinds, cols.slice(0, width), rows.length, arena.allocator);
  return { kind: 'dict', key, value, count: rows.length, entries: cols, slots, dense: false };
}
const EMPTY = new Uint8Array(0);
