/**
 * Typed values of the case format: `{"type": "vec[i32]", "value": {"range": [0, 9]}}`, and the values that a case
 * expects, where a `null` at any depth says that anything may stand there.
 *
 * The encoding itself is the compiler's (`core/json.ts`): types in source syntax, compact forms for vectors.
 */

import { asVec, type IValue } from '../../compiler/core/ivalue.ts';
import { decodeJson, type Json } from '../../compiler/core/json.ts';
import { type Type, typeText, vec, WeldError } from '../../compiler/index.ts';
import { parseType } from '../../compiler/text.ts';
import { CaseError, inside, isObject, listAt, mustBe, objectAt, type Place, textAt } from './fields.ts';

export interface TypedValue {
  readonly type: Type;
  readonly value: IValue;
}

/** What a value must be: one value, anything, or one of these for each field, element, or key and value of an entry. */
export type Want =
  | { readonly want: 'value'; readonly value: IValue }
  | { readonly want: 'any' }
  | { readonly want: 'parts'; readonly parts: readonly Want[] };

/** The type that stands at a place. */
export function typeAt(json: Json | undefined, at: Place): Type {
  const text = textAt(json, at);
  return orCaseError(at, () => parseType(text));
}

/** `{"type", "value"}`. */
export function typedValueAt(json: Json, at: Place): TypedValue {
  const o = objectAt(json, at, ['type', 'value']);
  const type = typeAt(o['type'], inside(at, 'type'));
  const place = inside(at, 'value');
  return { type, value: orCaseError(place, () => decodeJson(type, o['value'] ?? null)) };
}

/** A value of type `t` in which `null` means that nothing is specified. */
export function wantAt(t: Type, json: Json, at: Place): Want {
  if (json === null) return { want: 'any' };
  if (!hasNull(json)) return { want: 'value', value: orCaseError(at, () => decodeJson(t, json)) };
  switch (t.kind) {
    case 'struct': {
      const fields = listAt(json, at);
      if (fields.length !== t.fields.length) mustBe(at, `${t.fields.length} fields for ${typeText(t)}`, json);
      return partsOf(t.fields.map((f, k) => wantAt(f, fields[k] ?? null, inside(at, k))));
    }
    case 'vec':
      return partsOf(wantElements(t.elem, json, at));
    case 'dict': {
      const entries = listAt(json, at).map((entry, k): Want => {
        const place = inside(at, k);
        const pair = listAt(entry, place);
        if (pair.length !== 2) mustBe(place, 'a pair [key, value]', entry);
        return partsOf([
          wantAt(t.key, pair[0] ?? null, inside(place, 0)),
          wantAt(t.value, pair[1] ?? null, inside(place, 1)),
        ]);
      });
      return partsOf(entries);
    }
    default:
      return mustBe(at, `a value of type ${typeText(t)}`, json);
  }
}

const partsOf = (parts: readonly Want[]): Want => ({ want: 'parts', parts });

function hasNull(json: Json): boolean {
  if (json === null) return true;
  return typeof json === 'object' && Object.values(json).some(hasNull);
}

/** The elements of a vector with a `null` somewhere in it: an array, or a compact form that repeats or joins. */
function wantElements(elem: Type, json: Json, at: Place): readonly Want[] {
  if (!isObject(json)) return listAt(json, at).map((e, k) => wantAt(elem, e, inside(at, k)));
  const [entry, ...more] = Object.entries(json);
  if (entry === undefined || more.length > 0) return mustBe(at, 'one compact form', json);
  const [form, body] = entry;
  const place = inside(at, form);
  if (form === 'concat') {
    return listAt(body, place).flatMap((part, k) => wantVector(elem, part, inside(place, k)));
  }
  if (form !== 'repeat' && form !== 'cycle') {
    return mustBe(at, 'an array, or repeat, cycle or concat, where a null stands in it', json);
  }
  const [what, n, ...rest] = listAt(body, place);
  if (what === undefined || typeof n !== 'number' || !Number.isSafeInteger(n) || n < 0 || rest.length > 0) {
    return mustBe(place, '[value, count]', body);
  }
  const once = form === 'repeat' ? [wantAt(elem, what, place)] : wantVector(elem, what, place);
  return Array.from({ length: n }, () => once).flat(1);
}

/** The elements of a part of a compact form. */
function wantVector(elem: Type, json: Json, at: Place): readonly Want[] {
  if (json === null) return mustBe(at, 'a vector, as its length must be known', json);
  if (hasNull(json)) return wantElements(elem, json, at);
  const values = orCaseError(at, () => asVec(decodeJson(vec(elem), json)));
  return values.map((value) => ({ want: 'value', value }));
}

/** Runs `read`; what the compiler refuses is a mistake of the case file. */
function orCaseError<R>(at: Place, read: () => R): R {
  try {
    return read();
  } catch (e) {
    if (!(e instanceof WeldError)) throw e;
    throw new CaseError(`${at.of}: field "${at.path}": ${e.diagnostics[0]?.message ?? e.message}`);
  }
}
