/**
 * Typed JSON for interpreter values, as test cases and artifacts write data.
 *
 *   bool true/false; small integers and floats a number; i64 and u64 a number up to 2^53-1 in magnitude, else a
 *   decimal string; floats also "NaN", "Infinity", "-Infinity", "-0"; a struct the array of its fields; a vector an
 *   array; `vec[i8]` and `vec[u8]` also an ASCII string; a dictionary an array of [key, value] pairs in order.
 *
 * A vector at any depth may have a compact form: {"range": [a, b, step?]}, {"repeat": [v, n]}, {"cycle": [vec, n]},
 * {"affine": [n, m, c, q]} = (m*i + c) mod q, {"concat": [vec, ...]}. Encoding writes plain arrays. Bad input is
 * W8006 and names the place as a path, `$.0.[3]`: fields by number, elements in brackets.
 */

import { fail } from '../diag/diagnostic.ts';
import { dictOf } from './ibuilder.ts';
import { asDict, asScalar, asVec, fieldOf, type IValue, istruct } from './ivalue.ts';
import { normalise, type ScalarValue } from './scalar.ts';
import { isBigKind, isFloatKind, isNumeric, type ScalarKind, type Type, typeText } from './types.ts';

/** What `JSON.parse` gives. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** The value that `json` encodes in type `t`. W8006 when it does not. */
export function decodeJson(t: Type, json: Json, path = '$'): IValue {
  switch (t.kind) {
    case 'scalar':
      return decodeScalar(t.scalar, json, path);
    case 'struct': {
      const fields = arrayOf(json, t, path);
      if (fields.length !== t.fields.length) bad(t, `${t.fields.length} fields`, json, path);
      return istruct(t.fields.map((f, k) => decodeJson(f, fields[k] ?? null, `${path}.${k}`)));
    }
    case 'vec':
      return decodeVec(t.elem, t, json, path);
    case 'dict': {
      const pairs = arrayOf(json, t, path).map((pair, k) => {
        const at = `${path}.[${k}]`;
        const [key, value, ...more] = arrayOf(pair, t, at);
        if (key === undefined || value === undefined || more.length > 0) return bad(t, '[key, value]', pair, at);
        return [decodeJson(t.key, key, `${at}.0`), decodeJson(t.value, value, `${at}.1`)] as const;
      });
      const made = dictOf(t.key, pairs);
      if (made.entries.size !== pairs.length) bad(t, 'keys that differ', json, path);
      return made;
    }
    default:
      return fail('W8006', `${path}: a value of type ${typeText(t)} cannot be written as JSON`);
  }
}

/** The JSON of a value of type `t`; `decodeJson` gives the value back. */
export function encodeJson(t: Type, v: IValue): Json {
  switch (t.kind) {
    case 'scalar':
      return encodeScalar(t.scalar, v);
    case 'struct':
      return t.fields.map((f, k) => encodeJson(f, fieldOf(v, k)));
    case 'vec':
      return asVec(v).map((e) => encodeJson(t.elem, e));
    case 'dict':
      return [...asDict(v).entries.values()].map(([k, e]) => [encodeJson(t.key, k), encodeJson(t.value, e)]);
    default:
      return fail('W8006', `a value of type ${typeText(t)} cannot be written as JSON`);
  }
}

function encodeScalar(kind: ScalarKind, v: IValue): Json {
  const x = asScalar(v);
  if (typeof x === 'bigint') return BigInt(Number(x)) === x && Number.isSafeInteger(Number(x)) ? Number(x) : String(x);
  if (typeof x === 'number' && isFloatKind(kind) && !Number.isFinite(x)) return String(x);
  return Object.is(x, -0) ? '-0' : x;
}

function decodeScalar(kind: ScalarKind, json: Json, path: string): IValue {
  if (kind === 'bool') return typeof json === 'boolean' ? json : bad(kind, 'true or false', json, path);
  if (isFloatKind(kind)) return decodeFloat(kind, json, path);
  const exact =
    typeof json === 'number'
      ? Number.isSafeInteger(json)
      : typeof json === 'string' && isBigKind(kind) && /^-?\d{1,20}$/.test(json);
  if (!exact || (typeof json !== 'number' && typeof json !== 'string')) return bad(kind, 'an integer', json, path);
  return inRange(kind, BigInt(json)) ?? bad(kind, 'an integer in its range', json, path);
}

/** An integer as a value of a numeric kind, or null where it is out of range. */
function inRange(kind: ScalarKind, exact: bigint): ScalarValue | null {
  const v = normalise(kind, isFloatKind(kind) ? Number(exact) : exact);
  return isFloatKind(kind) || String(v) === String(exact) ? v : null;
}

const FLOAT_WORDS: ReadonlyMap<Json, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['-0', -0],
]);

function decodeFloat(kind: ScalarKind, json: Json, path: string): IValue {
  const word = FLOAT_WORDS.get(json);
  if (word !== undefined) return word;
  return typeof json === 'number'
    ? normalise(kind, json)
    : bad(kind, 'a number, "NaN", "Infinity", "-Infinity" or "-0"', json, path);
}

/** The most elements that a compact form may stand for, and how deep forms may stand in forms. */
const MOST_ELEMENTS = 2 ** 26;
const MOST_FORMS = 100;

function decodeVec(elem: Type, t: Type, json: Json, path: string, forms = 0): readonly IValue[] {
  if (forms > MOST_FORMS) bad(t, `at most ${MOST_FORMS} forms in one another`, '...', path);
  if (typeof json === 'string') return decodeText(t, json, path);
  if (isArray(json)) return json.map((e, k) => decodeJson(elem, e, `${path}.[${k}]`));
  if (json === null || typeof json !== 'object') return bad(t, 'an array or a compact form', json, path);
  const [entry, ...more] = Object.entries(json);
  if (entry === undefined || more.length > 0) return bad(t, 'one compact form', json, path);
  const [form, body] = entry;
  const args = arrayOf(body, t, `${path}.${form}`);
  switch (form) {
    case 'range': {
      const [from = 0, to = 0, step = 1] = numbers(elem, args, [2, 3], t, path);
      if (step === 0) bad(t, 'a step that is not 0', json, path);
      const [first, by] = [BigInt(from), BigInt(step)];
      // Rounded up: the last step may go past the end.
      const n = (BigInt(to) - first + by - (by > 0n ? 1n : -1n)) / by;
      return sequence(elem, counted(Number(n), t, json, path), (i) => first + by * i, t, path);
    }
    case 'affine': {
      const [n = 0, m = 0, c = 0, q = 1] = numbers(elem, args, [4], t, path);
      if (n < 0 || q < 1) bad(t, 'a count >= 0 and a modulus >= 1', json, path);
      const at = (i: bigint): bigint => (((BigInt(m) * i + BigInt(c)) % BigInt(q)) + BigInt(q)) % BigInt(q);
      return sequence(elem, counted(n, t, json, path), at, t, path);
    }
    case 'repeat': {
      const [value, n] = valueAndCount(args, t, path);
      return new Array<IValue>(counted(n, t, json, path)).fill(decodeJson(elem, value, `${path}.repeat`));
    }
    case 'cycle': {
      const [value, n] = valueAndCount(args, t, path);
      const once = decodeVec(elem, t, value, `${path}.cycle`, forms + 1);
      counted(n * Math.max(1, once.length), t, json, path);
      return Array.from({ length: n }, () => once).flat(1);
    }
    case 'concat':
      return args.flatMap((part, k) => decodeVec(elem, t, part, `${path}.concat.${k}`, forms + 1));
    default:
      return bad(t, 'range, repeat, affine, cycle or concat', json, path);
  }
}

function decodeText(t: Type, text: string, path: string): readonly IValue[] {
  const elem = t.kind === 'vec' && t.elem.kind === 'scalar' ? t.elem.scalar : null;
  if (elem !== 'i8' && elem !== 'u8') return bad(t, 'an array', text, path);
  return Array.from(text, (ch) => {
    const code = ch.codePointAt(0) ?? 0;
    return code < 128 ? code : bad(t, 'ASCII text', text, path);
  });
}

/** n elements that are integers by formula, in the element type. */
function sequence(elem: Type, n: number, at: (i: bigint) => bigint, t: Type, path: string): readonly IValue[] {
  const kind = elem.kind === 'scalar' ? elem.scalar : 'i64';
  return Array.from({ length: Math.max(0, n) }, (_, i) => {
    const exact = at(BigInt(i));
    return inRange(kind, exact) ?? bad(t, `elements in the range of ${kind}`, Number(exact), path);
  });
}

function counted(n: number, t: Type, json: Json, path: string): number {
  return n <= MOST_ELEMENTS ? n : bad(t, `at most ${MOST_ELEMENTS} elements`, json, path);
}

/** The arguments of a compact form that counts: integers, for a vector of numbers. */
function numbers(
  elem: Type,
  args: readonly Json[],
  counts: readonly number[],
  t: Type,
  path: string,
): readonly number[] {
  if (!isNumeric(elem)) bad(t, 'an array, as its elements are no numbers', args, path);
  if (!counts.includes(args.length)) bad(t, `${counts.join(' or ')} numbers`, args, path);
  return args.map((a) => (typeof a === 'number' && Number.isSafeInteger(a) ? a : bad(t, 'integers', a, path)));
}

function valueAndCount(args: readonly Json[], t: Type, path: string): [Json, number] {
  const [value, n, ...more] = args;
  if (value === undefined || typeof n !== 'number' || !Number.isInteger(n) || n < 0 || more.length > 0) {
    return bad(t, '[value, count]', args, path);
  }
  return [value, n];
}

const isArray = (json: Json): json is readonly Json[] => Array.isArray(json);

function arrayOf(json: Json, t: Type, path: string): readonly Json[] {
  return isArray(json) ? json : bad(t, 'an array', json, path);
}

function bad(t: Type | ScalarKind, want: string, found: Json, path: string): never {
  const text = JSON.stringify(found);
  const short = text.length > 40 ? `${text.slice(0, 37)}...` : text;
  const type = typeof t === 'string' ? t : typeText(t);
  return fail('W8006', `${path}: ${type} needs ${want}, found ${short}`, {
    help: type === 'i64' || type === 'u64' ? 'write integers beyond 2^53-1 as decimal strings' : null,
  });
}
