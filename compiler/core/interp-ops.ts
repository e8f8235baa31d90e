/**
 * What the operations of the interpreter on vectors and dictionaries do, as functions of values: look-ups, slices and
 * the sort. They know nothing of slots or limits.
 */

import { fail, InternalError } from '../diag/diagnostic.ts';
import { indexIn } from './ibuilder.ts';
import {
  asBig,
  asDict,
  asScalar,
  asVec,
  dictKey,
  type IDict,
  type IValue,
  type IVec,
  istruct,
  zeroValue,
} from './ivalue.ts';
import { type Type, typeText } from './types.ts';

/** `lookup` in a vector or a dictionary of type `t`. */
export function lookupIn(t: Type): (of: IValue, index: IValue) => IValue {
  if (t.kind === 'vec') {
    return (of, index) => {
      const v = asVec(of);
      return v[indexIn(asBig(index), v.length, 'lookup')] ?? 0;
    };
  }
  const keyOf = dictKey(dictType(t).key);
  return (of, key) => {
    const k = keyOf(key);
    const entry = asDict(of).entries.get(k);
    if (entry === undefined) {
      return fail('W6004', `lookup: the key ${shown(String(k))} is not in the dictionary`, {
        help: 'ask keyexists first',
      });
    }
    return entry[1];
  };
}
const shown = (key: string): string => (key.length > 60 ? `${key.slice(0, 57)}...` : key);

/** `optlookup` in a dictionary of type `t`. The value of a miss, which the language leaves open, is zero here. */
export function optLookup(t: Type): (of: IDict, key: IValue) => IValue {
  const { key, value } = dictType(t);
  const [keyOf, miss] = [dictKey(key), istruct([false, zeroValue(value)])];
  return (of, k) => {
    const entry = of.entries.get(keyOf(k));
    return entry === undefined ? miss : istruct([true, entry[1]]);
  };
}

function dictType(t: Type): Extract<Type, { kind: 'dict' }> {
  if (t.kind !== 'dict') throw new InternalError(`interpreter: a look-up in ${typeText(t)}`);
  return t;
}

export function slice(v: IVec, start: bigint, size: bigint): IVec {
  const from = Number(start);
  if (from < 0 || from > v.length) fail('W6001', `slice: start ${start} is outside a vector of length ${v.length}`);
  return v.slice(from, from + Math.max(0, Number(size)));
}

/**
 * The elements in order, those that are equal as they stood: a merge sort from short runs to long ones. `above(a, b)`
 * says that a, which stands before b, belongs behind it. If it contradicts itself the result is some permutation, the
 * same on every engine.
 */
export function sorted(v: IVec, above: (a: IValue, b: IValue) => boolean): IVec {
  let [from, to] = [[...v], [...v]];
  for (let width = 1; width < v.length; width *= 2) {
    for (let low = 0; low < v.length; low += 2 * width) mergeRuns(from, to, low, width, above);
    [from, to] = [to, from];
  }
  return from;
}

/** Merges the runs of `width` elements at `low` and behind it. */
function mergeRuns(
  from: readonly IValue[],
  to: IValue[],
  low: number,
  width: number,
  above: (a: IValue, b: IValue) => boolean,
): void {
  const mid = Math.min(low + width, from.length);
  const high = Math.min(low + 2 * width, from.length);
  let [i, j] = [low, mid];
  for (let k = low; k < high; k++) {
    const [a, b] = [i < mid ? from[i] : undefined, j < high ? from[j] : undefined];
    const second = a === undefined || (b !== undefined && above(a, b));
    to[k] = (second ? b : a) ?? 0;
    if (second) j++;
    else i++;
  }
}

/** A `vec[u8]` as bytes. */
export const bytesOf = (v: IVec): Uint8Array => Uint8Array.from(v, (x) => Number(asScalar(x)));
