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
 * The elements in order, those that are equal as they stood, up to `limit` of them: a merge sort from short runs to long
 * ones. `above(a, b)` says that a, which stands before b, belongs behind it. If it contradicts itself the result is some
 * permutation, the same on every engine. What stands behind the limit in a run is behind it in every later one, so a
 * run is cut there.
 */
export function sorted(v: IVec, above: (a: IValue, b: IValue) => boolean, limit: bigint | null): IVec {
  const most = limit === null ? v.length : Math.max(0, Math.min(Number(limit), v.length));
  let runs: IVec[] = most === 0 ? [] : v.map((x) => [x]);
  while (runs.length > 1) {
    const merged: IVec[] = [];
    for (let r = 0; r < runs.length; r += 2) merged.push(mergeRuns(runs[r] ?? [], runs[r + 1] ?? [], most, above));
    runs = merged;
  }
  return runs[0] ?? [];
}

/** Two runs as one, up to its element `most`; the second run's element comes first only where it belongs there. */
function mergeRuns(first: IVec, second: IVec, most: number, above: (a: IValue, b: IValue) => boolean): IVec {
  const length = Math.min(most, first.length + second.length);
  const to: IValue[] = [];
  let [i, j] = [0, 0];
  while (to.length < length) {
    const [a, b] = [first[i], second[j]];
    const takeSecond = a === undefined || (b !== undefined && above(a, b));
    to.push((takeSecond ? b : a) ?? 0);
    if (takeSecond) j++;
    else i++;
  }
  return to;
}

/** A `vec[u8]` as bytes. */
export const bytesOf = (v: IVec): Uint8Array => Uint8Array.from(v, (x) => Number(asScalar(x)));
