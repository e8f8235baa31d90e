/**
 * From the text of a literal to its value, or to the reason why it has none. A literal has no sign, and an integer must
 * fit its type without one: -128c is refused, `(-127c - 1c)` is how the smallest integer is written.
 */

import { isBigKind, isSignedKind, type ScalarKind, scalarBytes } from '../core/types.ts';

/** A number, or why it is refused and what to write instead. */
export type NumberLiteral =
  | { readonly ok: true; readonly kind: ScalarKind; readonly value: number | bigint }
  | { readonly ok: false; readonly message: string; readonly help: string };

const SUFFIXES: Readonly<Record<string, ScalarKind>> = {
  '': 'i32',
  c: 'i8',
  si: 'i16',
  l: 'i64',
  u8: 'u8',
  u16: 'u16',
  u32: 'u32',
  u64: 'u64',
};

const INTEGER = /^(0x[0-9a-fA-F]+?|0b[01]+|\d+)(u8|u16|u32|u64|si|[lLcC]|)$/;

/** A number without its suffix. */
export const digitsOf = (text: string): string => INTEGER.exec(text)?.[1] ?? text.replace(/[fF]$/, '');

/** The value of an integer token. A hexadecimal integer that ends in `c` is an i8, as in Weld. */
export function intLiteral(text: string): NumberLiteral {
  const [, digits = '', suffix = ''] = INTEGER.exec(text) ?? [];
  const kind = SUFFIXES[suffix.toLowerCase()] ?? 'i32';
  const big = BigInt(digits);
  const largest = (1n << BigInt(8 * scalarBytes(kind) - (isSignedKind(kind) ? 1 : 0))) - 1n;
  if (big <= largest) return { ok: true, kind, value: isBigKind(kind) ? big : Number(big) };
  return { ok: false, message: `${text} does not fit ${kind}`, help: rangeHelp(text, kind, big, largest) };
}

function rangeHelp(text: string, kind: ScalarKind, value: bigint, largest: bigint): string {
  if (/^0x.*c$/i.test(text)) return `a hexadecimal integer that ends in c is an i8, up to 0x7fc; ${text}L is an i64`;
  const suffix = INTEGER.exec(text)?.[2] ?? '';
  if (isSignedKind(kind) && value === largest + 1n) {
    return `a literal has no sign; the smallest ${kind} is written (-${largest}${suffix} - 1${suffix})`;
  }
  const wider = scalarBytes(kind) === 8 ? '' : '; a suffix makes it wider, such as L for i64';
  return `a literal of type ${kind} is at most ${largest}${wider}`;
}

/** The value of a float token: rounded once to the nearest value of its kind, which must be finite. */
export function floatLiteral(text: string): NumberLiteral {
  const kind = /[fF]$/.test(text) ? 'f32' : 'f64';
  const digits = kind === 'f32' ? text.slice(0, -1) : text;
  const value = kind === 'f32' ? nearestF32(digits) : Number(digits);
  if (Number.isFinite(value)) return { ok: true, kind, value };
  const infinity = kind === 'f32' ? '(1.0F/0.0F)' : '(1.0/0.0)';
  return { ok: false, message: `${text} is beyond the largest ${kind}`, help: `infinity is written ${infinity}` };
}

/**
 * The f32 nearest to a decimal. Rounding to f64 and then to f32 goes wrong only where the f64 lies exactly in the
 * middle between two f32: there the digits that the f64 lost decide.
 */
function nearestF32(digits: string): number {
  const double = Number(digits);
  const single = Math.fround(double);
  if (single === double || !Number.isFinite(double)) return single;
  const other = neighbourF32(single, double > single);
  if (!Number.isFinite(single) || !Number.isFinite(other) || double - single !== other - double) return single;
  const side = compareDecimal(digits, double);
  if (side === 0) return single;
  return side > 0 === other > single ? other : single;
}

/** The next f32 above or below a finite, non-negative one. */
function neighbourF32(x: number, up: boolean): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, x);
  view.setUint32(0, view.getUint32(0) + (up ? 1 : -1));
  return view.getFloat32(0);
}

/** The sign of `digits - x` for a decimal and a double, exactly. */
function compareDecimal(digits: string, x: number): number {
  const [, whole = '', part = '', exponent = '0'] = /^(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(digits) ?? [];
  const ten = Number(exponent) - part.length;
  let left = BigInt(whole + part);
  // x = mantissa * 2^two, by doubling until it is an integer.
  let [mantissa, two] = [x, 0];
  for (; !Number.isInteger(mantissa); two--) mantissa *= 2;
  let right = BigInt(mantissa);
  if (ten >= 0) left *= 10n ** BigInt(ten);
  else right *= 10n ** BigInt(-ten);
  left <<= BigInt(-two);
  return left > right ? 1 : left < right ? -1 : 0;
}

/** A string literal after its escapes, or the part of it that is wrong. */
export type TextLiteral =
  | { readonly ok: true; readonly value: string }
  | {
      readonly ok: false;
      readonly code: 'W1001' | 'W1003';
      readonly message: string;
      readonly help: string;
      /** Where the wrong part is in the token. */
      readonly at: number;
      readonly length: number;
    };

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  '"': '"',
  '0': '\0',
};

/** The value of a text token, quotes included: ASCII, with escapes; it may span lines. */
export function textLiteral(token: string): TextLiteral {
  let value = '';
  const inner = token.slice(1, -1);
  for (const m of inner.matchAll(/\\(x[0-9a-fA-F]{2}|[\s\S])|[^\\]+/g)) {
    const at = m.index + 1;
    const escaped = m[1];
    if (escaped === undefined) {
      const wrong = /[\u0080-\uffff]+/.exec(m[0]);
      if (wrong !== null) return notAscii(wrong[0], at + wrong.index);
      value += m[0];
      continue;
    }
    const code = escaped.length === 3 ? Number.parseInt(escaped.slice(1), 16) : null;
    const char = code === null ? ESCAPES[escaped] : String.fromCharCode(code);
    if (char === undefined) {
      const help = 'the escapes are \\n \\t \\r \\\\ \\" \\0 and \\x00 to \\x7f';
      return { ok: false, code: 'W1001', message: `${m[0]} is no escape`, help, at, length: m[0].length };
    }
    if (code !== null && code > 0x7f) return notAscii(m[0], at);
    value += char;
  }
  return { ok: true, value };
}

function notAscii(found: string, at: number): TextLiteral {
  return {
    ok: false,
    code: 'W1003',
    message: `a text is ASCII, found ${found.slice(0, 20)}`,
    help: 'other bytes are written as a vector: [195u8, 169u8]',
    at,
    length: found.length,
  };
}

/** Text as a literal, with escapes for what is not printable. */
export function quoted(text: string): string {
  const named: Readonly<Record<string, string>> = { '\n': 'n', '\t': 't', '\r': 'r', '\\': '\\', '"': '"', '\0': '0' };
  const escaped = text.replace(/[^ !#-[\]-~]/g, (c) => {
    const name = named[c];
    return name === undefined ? `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}` : `\\${name}`;
  });
  return `"${escaped}"`;
}
