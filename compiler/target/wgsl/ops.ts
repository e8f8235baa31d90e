/**
 * How every SIR operation is written in WGSL, kind by kind: an operator, a built-in or a helper of `polyfill.ts`.
 *
 * Two traps of WGSL are handled here for good. Precedence: `&`, `<<` and comparisons do not mix without parentheses,
 * so an operand that is an operator expression always gets them. Constants: an expression of literals alone is
 * evaluated by the shader compiler and rejected when it overflows, divides by zero or is NaN, so one literal of it
 * goes through an `opaque_*` helper, whose calls are never constant.
 */

import type { ScalarKind } from '../../core/types.ts';
import type { SBin, SCmp, SUn } from '../../sir/kernel.ts';
import { type DeviceKind, deviceKind, KINDS, type WgslType } from './info.ts';
import { isPolyfill, type Polyfilled } from './polyfill.ts';

/** An expression as text. `open`: needs parentheses as an operand. `constant`: WGSL evaluates it at creation. */
export interface Text {
  readonly code: string;
  readonly open: boolean;
  readonly constant: boolean;
}

export const plain = (code: string): Text => ({ code, open: false, constant: false });
const closed = (t: Text): string => (t.open ? `(${t.code})` : t.code);

/** A literal. Values that WGSL's literals cannot spell (NaN, infinities, subnormals, -0) are made from their bits. */
export function literal(kind: DeviceKind, value: number | bigint | boolean, helpers: Polyfilled): Text {
  const constant = (code: string): Text => ({ code, open: false, constant: true });
  if (typeof value === 'boolean') return constant(String(value));
  switch (KINDS[kind].type) {
    case 'vec2<u32>': {
      const bits = BigInt.asUintN(64, BigInt(value));
      return constant(`vec2<u32>(${bits & 0xffffffffn}u, ${bits >> 32n}u)`);
    }
    case 'u32':
      return constant(`${value}u`);
    case 'i32':
      return constant(Number(value) === -2147483648 ? 'i32(-2147483648)' : `${value}i`);
    default:
      return floatLiteral(Math.fround(Number(value)), helpers);
  }
}

function floatLiteral(value: number, helpers: Polyfilled): Text {
  const smallestNormal = 2 ** -126;
  const spelled = Number.isFinite(value) && !Object.is(value, -0) && (value === 0 || Math.abs(value) >= smallestNormal);
  if (!spelled) {
    const bits = new Uint32Array(new Float32Array([value]).buffer)[0] ?? 0;
    return plain(`${helpers.use('f32_bits')}(0x${bits.toString(16).padStart(8, '0')}u)`);
  }
  // The shortest decimal of the f64 rounds to the same f32, because the f64 is exactly that f32.
  const digits = String(value);
  return { code: `${/[.e]/.test(digits) ? digits : `${digits}.0`}f`, open: false, constant: true };
}

function opaque(type: WgslType, t: Text, helpers: Polyfilled): Text {
  return type === 'vec2<u32>' ? t : plain(`${helpers.use(`opaque_${type}`)}(${t.code})`);
}

/** Stops the compiler from evaluating an operation whose operands are all constant. */
function runtime(type: WgslType, operands: readonly Text[], helpers: Polyfilled): readonly Text[] {
  const [first, ...rest] = operands;
  if (first === undefined || !operands.every((t) => t.constant)) return operands;
  return [opaque(type, first, helpers), ...rest];
}

function call(fn: string, args: readonly Text[], helpers: Polyfilled): Text {
  if (isPolyfill(fn)) helpers.use(fn);
  return plain(`${fn}(${args.map((a) => a.code).join(', ')})`);
}

/** Wraps a narrow integer that an operation may have taken out of its range. */
function wrap(kind: DeviceKind, t: Text): Text {
  const { narrow } = KINDS[kind];
  return narrow === 0 ? t : plain(`extractBits(${t.code}, 0u, ${narrow}u)`);
}

const HELPER_64: Readonly<Partial<Record<SBin, string>>> = { '+': 'add64', '-': 'sub64', '*': 'mul64', '<<': 'shl64' };
const BY_SIGN_64: Readonly<Partial<Record<SBin, string>>> = {
  '/': 'div',
  '%': 'rem',
  min: 'min',
  max: 'max',
  pmin: 'min',
  pmax: 'max',
  '>>': 'shr',
};
const HELPER_F32: Readonly<Partial<Record<SBin, string>>> = {
  '%': 'rem_f32',
  min: 'min_f32',
  max: 'max_f32',
  pmin: 'pmin_f32',
  pmax: 'pmax_f32',
  pow: 'pow_f32',
  atan2: 'atan2_f32',
};
const BUILT_IN: Readonly<Partial<Record<SBin, string>>> = { min: 'min', max: 'max', pmin: 'min', pmax: 'max' };

/** The function that `op` on `kind` is a call of, or null for an operator. */
function binFunction(op: SBin, kind: DeviceKind): string | null {
  switch (KINDS[kind].type) {
    case 'vec2<u32>': {
      const signed = BY_SIGN_64[op];
      return signed === undefined ? (HELPER_64[op] ?? null) : `${signed}_${kind}`;
    }
    case 'f32':
      return HELPER_F32[op] ?? null;
    default:
      return BUILT_IN[op] ?? null;
  }
}

/** `a op b` for operands of `kind`. */
export function binText(op: SBin, kind: DeviceKind, a: Text, b: Text, helpers: Polyfilled): Text {
  const { type } = KINDS[kind];
  const fn = binFunction(op, kind);
  if (fn !== null) return call(fn, isPolyfill(fn) ? [a, b] : runtime(type, [a, b], helpers), helpers);
  if (type === 'bool') {
    const spelled = op === '^' ? '!=' : op;
    return { code: `${closed(a)} ${spelled} ${closed(b)}`, open: true, constant: false };
  }
  const [x, y] = runtime(type, [a, b], helpers);
  const left = x ?? a;
  let right = y ?? b;
  if ((op === '/' || op === '%') && /^0[iu]$/.test(right.code)) right = opaque(type, right, helpers);
  if ((op === '<<' || op === '>>') && type === 'i32') right = plain(`u32(${right.code})`);
  const value: Text = { code: `${closed(left)} ${op} ${closed(right)}`, open: true, constant: false };
  return op === '+' || op === '-' || op === '*' || op === '/' || op === '<<' ? wrap(kind, value) : value;
}

/** `a op b` as a bool, for operands of `kind`. */
export function cmpText(op: SCmp, kind: DeviceKind, a: Text, b: Text, helpers: Polyfilled): Text {
  const { type } = KINDS[kind];
  const not = (t: Text): Text => plain(`!${t.open ? `(${t.code})` : t.code}`);
  if (type === 'vec2<u32>') {
    if (op === '==' || op === '!=') {
      const same = call('eq64', [a, b], helpers);
      return op === '==' ? same : not(same);
    }
    // Only `<` exists: a > b is b < a, and the others are negations of these.
    const swap = op === '>' || op === '<=';
    const below = call(`lt_${kind}`, swap ? [b, a] : [a, b], helpers);
    return op === '<' || op === '>' ? below : not(below);
  }
  if (type === 'bool' && op !== '==' && op !== '!=') {
    const swap = op === '>' || op === '>=';
    const name = op === '<' || op === '>' ? 'lt_bool' : 'le_bool';
    return call(name, swap ? [b, a] : [a, b], helpers);
  }
  const [x, y] = runtime(type, [a, b], helpers);
  const left = closed(x ?? a);
  const right = closed(y ?? b);
  // `!=` in WGSL may be the ordered comparison, which is false for NaN.
  if (type === 'f32' && op === '!=') return plain(`!(${left} == ${right})`);
  return { code: `${left} ${op} ${right}`, open: true, constant: false };
}

/** Operations on one f32 that are built-ins; the functions from `exp` on are helpers called `exp_f32` and so on. */
const UN_BUILT_IN: Readonly<Partial<Record<SUn, string>>> = {
  abs: 'abs',
  floor: 'floor',
  ceil: 'ceil',
  trunc: 'trunc',
  nearest: 'round',
  sqrt: 'sqrt',
};

/** `op a`. Negation of integers has become a subtraction in `rewrite.ts`. */
export function unText(op: SUn, kind: DeviceKind, a: Text, helpers: Polyfilled): Text {
  const [x] = runtime(KINDS[kind].type, [a], helpers);
  const operand = x ?? a;
  if (op === 'not') return plain(`!${closed(operand)}`);
  if (op === 'neg') return { code: `-${closed(operand)}`, open: true, constant: false };
  return call(UN_BUILT_IN[op] ?? `${op}_f32`, [operand], helpers);
}

/** The value conversion from one kind to another. */
export function castText(from: ScalarKind, to: ScalarKind, a: Text, helpers: Polyfilled): Text {
  const source = deviceKind(from);
  const target = deviceKind(to);
  if (source === target) return a;
  const type = KINDS[source].type;
  const x = runtime(type, [a], helpers)[0] ?? a;
  if (target === 'bool') return cmpText('!=', source, x, literal(source, 0, helpers), helpers);
  if (type === 'f32') return fromFloat(target, x, helpers);
  // Narrow integers and bool are exact; wider ones must round as the CPU does.
  if (target === 'f32') return call(isWide(source) ? `f32_of_${source}` : 'f32', [x], helpers);
  if (KINDS[target].type === 'vec2<u32>') {
    if (type === 'vec2<u32>') return x;
    return type === 'i32' ? call('i64_of_i32', [x], helpers) : plain(`vec2<u32>(${word(type, x)}, 0u)`);
  }
  // Between words: reinterpret, then cut to the width where the target may not hold the source.
  const low = type === 'vec2<u32>' ? plain(`${closed(x)}.x`) : x;
  const lowType = type === 'vec2<u32>' ? 'u32' : type;
  const same = lowType === KINDS[target].type;
  return wrap(target, same ? low : plain(`${KINDS[target].type}(${low.code})`));
}

const isWide = (kind: DeviceKind): boolean => kind === 'i32' || kind === 'u32' || kind === 'i64' || kind === 'u64';
const word = (type: WgslType, x: Text): string => (type === 'u32' ? x.code : `u32(${x.code})`);

/** Inclusive ends of the narrow kinds, as literals. */
const NARROW_RANGE: Readonly<Partial<Record<DeviceKind, readonly [string, string]>>> = {
  i8: ['-128i', '127i'],
  i16: ['-32768i', '32767i'],
  u8: ['0u', '255u'],
  u16: ['0u', '65535u'],
};

function fromFloat(target: DeviceKind, x: Text, helpers: Polyfilled): Text {
  const type = KINDS[target].type;
  const value = call(type === 'vec2<u32>' ? `${target}_of_f32` : `${type}_of_f32`, [x], helpers);
  const range = NARROW_RANGE[target];
  return range === undefined ? value : plain(`clamp(${value.code}, ${range[0]}, ${range[1]})`);
}

/** The same bits as another kind of the same width. */
export function bitcastText(from: ScalarKind, to: ScalarKind, a: Text, helpers: Polyfilled): Text {
  const source = KINDS[deviceKind(from)].type;
  const target = KINDS[deviceKind(to)].type;
  if (source === target) return a;
  const x = runtime(source, [a], helpers)[0] ?? a;
  return plain(`bitcast<${target}>(${x.code})`);
}
