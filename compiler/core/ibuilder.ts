/**
 * The builders of the interpreter: the monoids of the law in their plainest form, one state each, merged into in
 * input order. A float merger folds from its initial value, so an empty sum is +0 and a sum of -0 alone is +0.
 */

import { fail } from '../diag/diagnostic.ts';
import {
  asBig,
  asDict,
  asVec,
  type DictKey,
  dictKey,
  fieldOf,
  type IBuilder,
  type IDict,
  type IValue,
  identityValue,
  istruct,
  merging,
} from './ivalue.ts';
import type { BuilderType, Type } from './types.ts';

/** Makes builders of a type; `arg` is the initial value or vector where the type has one, hints are not looked at. */
export function builderMaker(t: BuilderType): (arg: IValue | null) => IBuilder {
  switch (t.kind) {
    case 'appender':
      return () => appenderOver([]);
    case 'merger': {
      const combine = merging(t.op, t.elem);
      const identity = identityValue(t.op, t.elem);
      return (arg) => mergerOver(arg ?? identity, combine);
    }
    case 'vecmerger': {
      const combine = merging(t.op, t.elem);
      return (arg) => vecMergerOver([...asVec(arg ?? [])], combine);
    }
    case 'dictmerger': {
      const combine = merging(t.op, t.value);
      const keyOf = dictKey(t.key);
      return () => dictMergerOver(new Map(), keyOf, combine);
    }
    case 'groupmerger': {
      const keyOf = dictKey(t.key);
      return () => groupMergerOver(new Map(), keyOf);
    }
    default:
      return t satisfies never;
  }
}

/** A builder whose value so far is `held`; the builder of `value.ts` outside a program is that value. */
export function resumeBuilder(t: BuilderType, held: IValue): IBuilder {
  switch (t.kind) {
    case 'appender':
      return appenderOver([...asVec(held)]);
    case 'merger':
      return mergerOver(held, merging(t.op, t.elem));
    case 'vecmerger':
      return vecMergerOver([...asVec(held)], merging(t.op, t.elem));
    case 'dictmerger':
      return dictMergerOver(new Map(asDict(held).entries), dictKey(t.key), merging(t.op, t.value));
    case 'groupmerger': {
      const groups = [...asDict(held).entries].map(
        ([k, [key, values]]) => [k, [key, [...asVec(values)]]] as const satisfies [DictKey, [IValue, IValue[]]],
      );
      return groupMergerOver(new Map(groups), dictKey(t.key));
    }
    default:
      return t satisfies never;
  }
}

/** A dictionary of the given entries; a later value for a known key replaces the earlier one. */
export function dictOf(key: Type, pairs: readonly (readonly [IValue, IValue])[]): IDict {
  const keyOf = dictKey(key);
  return { kind: 'dict', entries: new Map(pairs.map((p) => [keyOf(p[0]), p])) };
}

/** A builder value, or a struct of them, that shares no state with `v`; other values come back as they are. */
export function cloneLinear(v: IValue): IValue {
  if (typeof v !== 'object' || !('kind' in v)) return v;
  if (v.kind === 'builder') return v.clone();
  return v.kind === 'struct' ? istruct(v.fields.map(cloneLinear)) : v;
}

type Combine = (a: IValue, b: IValue) => IValue;

function appenderOver(items: IValue[]): IBuilder {
  return {
    kind: 'builder',
    merge: (v) => {
      items.push(v);
      return true;
    },
    result: () => items,
    clone: () => appenderOver([...items]),
  };
}

function mergerOver(initial: IValue, combine: Combine): IBuilder {
  let value = initial;
  return {
    kind: 'builder',
    merge: (v) => {
      value = combine(value, v);
      return false;
    },
    result: () => value,
    clone: () => mergerOver(value, combine),
  };
}

function vecMergerOver(items: IValue[], combine: Combine): IBuilder {
  return {
    kind: 'builder',
    merge: (v) => {
      const index = asBig(fieldOf(v, 0));
      const old = items[indexIn(index, items.length, 'vecmerger')];
      if (old !== undefined) items[Number(index)] = combine(old, fieldOf(v, 1));
      return false;
    },
    result: () => items,
    clone: () => vecMergerOver([...items], combine),
  };
}

function dictMergerOver(
  entries: Map<DictKey, readonly [IValue, IValue]>,
  keyOf: (v: IValue) => DictKey,
  combine: Combine,
): IBuilder {
  return {
    kind: 'builder',
    merge: (v) => {
      const key = fieldOf(v, 0);
      const k = keyOf(key);
      const old = entries.get(k);
      entries.set(k, old === undefined ? [key, fieldOf(v, 1)] : [old[0], combine(old[1], fieldOf(v, 1))]);
      return old === undefined;
    },
    result: () => ({ kind: 'dict', entries }),
    clone: () => dictMergerOver(new Map(entries), keyOf, combine),
  };
}

/** The values of each key in input order. */
function groupMergerOver(groups: Map<DictKey, readonly [IValue, IValue[]]>, keyOf: (v: IValue) => DictKey): IBuilder {
  return {
    kind: 'builder',
    merge: (v) => {
      const key = fieldOf(v, 0);
      const k = keyOf(key);
      const known = groups.get(k);
      if (known === undefined) groups.set(k, [key, [fieldOf(v, 1)]]);
      else known[1].push(fieldOf(v, 1));
      return known === undefined;
    },
    result: () => ({ kind: 'dict', entries: groups }),
    clone: () => groupMergerOver(new Map([...groups].map(([k, [key, values]]) => [k, [key, [...values]]])), keyOf),
  };
}

/** `index` as a JavaScript index, or ArrayOutOfBounds. */
export function indexIn(index: bigint, length: number, who: string): number {
  const k = Number(index);
  if (k < 0 || k >= length)
    fail('W6001', `${who}: index ${index} is outside a vector of length ${length}`, {
      help: 'check the index against len first, or clamp it',
    });
  return k;
}
