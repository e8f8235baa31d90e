/** From the text of a literal to its kind and value, or to the reason why it has none. */

import { isFloatKind, isSignedKind, type ScalarKind, scalarBytes } from '../core/types.ts';

export interface LiteralValue {
  readonly kind: ScalarKind;
  readonly value: number | bigint;
  /** Why the literal is refused, and what to write instead; null when it is right. */
  readonly problem: LiteralProblem | null;
}
export interface LiteralProblem {
  readonly message: string;
  readonly help: string;
  /** True for the magnitude of the smallest value of a signed kind: right behind a minus. */
  readonly rightNegated: boolean;
}

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

/** The text of an integer token, which has no sign. */
export function intLiteral(text: string): LiteralValue {
  const [, digits = '', suffix = ''] = /^(0x[0-9a-fA-F]+|0b[01]+|\d+)(.*)$/.exec(text) ?? [];
  const kind = SUFFIXES[suffix.toLowerCase()] ?? 'i32';
  const big = BigInt(digits);
  const limit = 1n << BigInt(8 * scalarBytes(kind) - (isSignedKind(kind) ? 1 : 0));
  const value = kind === 'i64' || kind === 'u64' ? big : Number(big);
  if (big < limit) return { kind, value, problem: null };
  const smallest = isSignedKind(kind) ? -limit : 0n;
  const wider = scalarBytes(kind) === 8 ? '' : '; a suffix makes it wider, such as L for i64';
  const problem: LiteralProblem = {
    message: `${text} does not fit ${kind}`,
    help: `${kind} holds ${smallest} to ${limit - 1n}${wider}`,
    rightNegated: isSignedKind(kind) && big === limit,
  };
  return { kind, value, problem };
}

/** The text of a float token: rounded once to the nearest value of its kind, which must be finite. */
export function floatLiteral(text: string): LiteralValue {
  const kind = /[fF]$/.test(text) ? 'f32' : 'f64';
  const parsed = Number(kind === 'f32' ? text.slice(0, -1) : text);
  const value = kind === 'f32' ? Math.fround(parsed) : parsed;
  if (Number.isFinite(value)) return { kind, value, problem: null };
  const infinity = kind === 'f32' ? '(1.0F/0.0F)' : '(1.0/0.0)';
  const problem: LiteralProblem = {
    message: `${text} is beyond the largest ${kind}`,
    help: `infinity is written ${infinity}`,
    rightNegated: false,
  };
  return { kind, value, problem };
}

/** The literal that `-value` is. */
export function negated(kind: ScalarKind, value: number | bigint): number | bigint {
  if (typeof value === 'bigint') return BigInt.asIntN(64, -value);
  // Integers have no negative zero.
  return isFloatKind(kind) ? -value : 0 - value;
}
