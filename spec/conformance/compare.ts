/**
 * Comparing what a run gave with what a case expects. The answer is the first difference with its path
 * (`$.0.[3]`: fields by number, elements in brackets), or null when there is none.
 *
 * Exactly means: the same value; +0 and -0 differ; every NaN is the same. A tolerance is for floats only. Dictionaries
 * are compared in iteration order.
 */

import { asDict, asScalar, asVec, fieldOf, type IValue, istruct } from '../../compiler/core/ivalue.ts';
import { encodeJson } from '../../compiler/core/json.ts';
import { isFloatKind, type ScalarKind, type ScalarValue, scalar, struct, type Type } from '../../compiler/index.ts';
import type { Tolerance } from './cases.ts';
import { short } from './fields.ts';
import type { Want } from './values.ts';

/** The first difference between a value of type `t` and what is wanted, as a sentence; null when there is none. */
export function difference(t: Type, found: IValue, want: Want, tolerance: Tolerance): string | null {
  const first = differ(t, found, want, tolerance);
  return first === null ? null : `at $${first.path}: ${first.what}`;
}

/** A value as JSON for messages, cut where it gets long. */
export const valueText = (t: Type, v: IValue): string => short(encodeJson(t, v));

interface Difference {
  /** From here down; the levels above prepend theirs. */
  readonly path: string;
  readonly what: string;
}

function differ(t: Type, found: IValue, want: Want, tolerance: Tolerance): Difference | null {
  if (want.want === 'any') return null;
  if (t.kind === 'scalar' && want.want === 'value') {
    return scalarDiffer(t.scalar, asScalar(found), asScalar(want.value), tolerance);
  }
  const { parts, typeOf } = partsOf(t, found);
  const wanted = want.want === 'parts' ? want.parts : partsOf(t, want.value).parts.map(exactly);
  if (parts.length !== wanted.length) {
    const what = t.kind === 'dict' ? 'entries' : 'elements';
    return { path: '', what: `expected ${wanted.length} ${what}, found ${parts.length}` };
  }
  for (const [k, part] of parts.entries()) {
    const inner = differ(typeOf(k), part, wanted[k] ?? { want: 'any' }, tolerance);
    if (inner !== null) return { path: `${t.kind === 'struct' ? `.${k}` : `.[${k}]`}${inner.path}`, what: inner.what };
  }
  return null;
}

const exactly = (value: IValue): Want => ({ want: 'value', value });

/** The fields, the elements, or the entries as structs of key and value; and the type of each. */
function partsOf(t: Type, v: IValue): { readonly parts: readonly IValue[]; readonly typeOf: (k: number) => Type } {
  switch (t.kind) {
    case 'struct':
      return { parts: t.fields.map((_, k) => fieldOf(v, k)), typeOf: (k) => t.fields[k] ?? t };
    case 'vec':
      return { parts: asVec(v), typeOf: () => t.elem };
    case 'dict': {
      const entry = struct([t.key, t.value]);
      return { parts: [...asDict(v).entries.values()].map(istruct), typeOf: () => entry };
    }
    default:
      throw new TypeError(`a ${t.kind} has no parts to compare`);
  }
}

function scalarDiffer(kind: ScalarKind, found: ScalarValue, want: ScalarValue, rule: Tolerance): Difference | null {
  // Object.is takes every NaN for the same and tells +0 from -0.
  if (Object.is(found, want)) return null;
  if (rule.within !== 'exact' && isFloatKind(kind) && Number.isFinite(want)) {
    const most = rule.within === 'abs' ? rule.of : rule.of * Math.abs(Number(want));
    if (Math.abs(Number(found) - Number(want)) <= most) return null;
  }
  const t = scalar(kind);
  const within = rule.within === 'exact' || !isFloatKind(kind) ? '' : ` within ${rule.within} ${rule.of}`;
  return { path: '', what: `expected ${valueText(t, want)}${within}, found ${valueText(t, found)}` };
}
