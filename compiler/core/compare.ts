/**
 * Comparing two values of one type.
 *
 * Integers, bools, lengths and the order of dictionaries are always exact; an unfinished builder is the value that it
 * would give. Floats are exact (NaN equals NaN, -0 differs from +0) or within a tolerance, absolute or relative, that
 * the caller can justify; NaN and infinities are never near anything else. A difference is text that names the first
 * place where the values part.
 */

import { asBuilder, asDict, asScalar, asVec, fieldOf, type IValue } from './ivalue.ts';
import { resultRule } from './rules.ts';
import { F32, isBuilder, isFloat, type Type } from './types.ts';

/** How far two floats may be apart. */
export type FloatMatch =
  | { readonly match: 'exact' }
  /** The same number, where -0 and +0 are one. */
  | { readonly match: 'value' }
  | { readonly match: 'abs'; readonly within: number }
  | { readonly match: 'rel'; readonly within: number }
  /** Apart by no more than this part of the larger one or of 1, by the type: where sums are added in another order. */
  | { readonly match: 'near'; readonly f64: number; readonly f32: number };

export const EXACT: FloatMatch = { match: 'exact' };

/** Where two values of type `t` differ, or null when they are equal. */
export function compareValues(
  t: Type,
  want: IValue,
  got: IValue,
  floats: FloatMatch = EXACT,
  path = '$',
): string | null {
  switch (t.kind) {
    case 'scalar': {
      const [w, g] = [asScalar(want), asScalar(got)];
      const same = isFloat(t) ? near(Number(w), Number(g), floats, t === F32) : w === g;
      return same ? null : differs(path, text(w), text(g));
    }
    case 'struct':
      return firstOf(t.fields.length, (k) => {
        const f = t.fields[k];
        return f === undefined ? null : compareValues(f, fieldOf(want, k), fieldOf(got, k), floats, `${path}.${k}`);
      });
    case 'vec': {
      const [w, g] = [asVec(want), asVec(got)];
      if (w.length !== g.length) return differs(path, `${w.length} elements`, `${g.length}`);
      return firstOf(w.length, (k) => compareValues(t.elem, w[k] ?? 0, g[k] ?? 0, floats, `${path}.[${k}]`));
    }
    case 'dict': {
      const [w, g] = [[...asDict(want).entries.values()], [...asDict(got).entries.values()]];
      if (w.length !== g.length) return differs(path, `${w.length} entries`, `${g.length}`);
      return firstOf(w.length, (k) => {
        const [a, b] = [w[k], g[k]];
        if (a === undefined || b === undefined) return null;
        const at = `${path}.[${k}]`;
        return (
          compareValues(t.key, a[0], b[0], floats, `${at}.0`) ?? compareValues(t.value, a[1], b[1], floats, `${at}.1`)
        );
      });
    }
    default: {
      const [ty, w] = finished(t, want);
      return compareValues(ty, w, finished(t, got)[1], floats, path);
    }
  }
}

/** A builder as the value that it would give now, and the type of that; of a value the value. */
export function finished(t: Type, v: IValue): readonly [Type, IValue] {
  return isBuilder(t) ? [resultOf(t), asBuilder(v).clone().result()] : [t, v];
}

/** What `result` gives, for types that are known. */
const resultOf = (t: Type): Type =>
  resultRule({ origin: null, peek: (x) => x, known: (x) => x, same: (a, b) => a === b }, t);

function near(want: number, got: number, floats: FloatMatch, single: boolean): boolean {
  if (Object.is(want, got)) return true;
  switch (floats.match) {
    case 'exact':
      return false;
    case 'value':
      return want === got;
    case 'abs':
      return want === got || Math.abs(want - got) <= floats.within;
    case 'rel':
      // An infinite expectation would allow everything: infinities only equal themselves.
      return want === got || (Number.isFinite(want) && Math.abs(want - got) <= floats.within * Math.abs(want));
    case 'near': {
      const scale = Math.max(1, Math.abs(want), Math.abs(got));
      return (
        want === got || (Number.isFinite(scale) && Math.abs(want - got) <= (single ? floats.f32 : floats.f64) * scale)
      );
    }
    default:
      return floats satisfies never;
  }
}

function firstOf(n: number, at: (k: number) => string | null): string | null {
  for (let k = 0; k < n; k++) {
    const found = at(k);
    if (found !== null) return found;
  }
  return null;
}

const text = (v: number | bigint | boolean): string => (Object.is(v, -0) ? '-0' : String(v));
const differs = (path: string, want: string, got: string): string => `${path}: expected ${want}, found ${got}`;
