/**
 * Natural logarithm for f64 and f32, in any number of lanes, without branches.
 *
 *     x = 2^k m      m in [sqrt(1/2), sqrt(2)): an offset added to the bits makes the exponent step at sqrt(1/2)
 *     log m          f = m - 1, s = f / (2 + f): log(1 + f) = 2 atanh(s), an odd series in s whose tail is a
 *                    minimax polynomial R in s^2 (coefficients as in fdlibm's e_log.c)
 *     log x          k ln2_hi + (f - (f^2/2 - s (f^2/2 + R) - k ln2_lo)), ln 2 in two parts: k * hi is exact
 *
 * Denormals are scaled up first. k becomes a float by putting it in the significand of 2^52 (f32: 2^23), because
 * WASM has no conversion from 64-bit lanes.
 */

import { bin, cmp, sel } from '../build.ts';
import type { SExpr } from '../kernel.ts';
import {
  add,
  addNum,
  and,
  cmpNum,
  div,
  type FloatKind,
  floatKind,
  formatOf,
  fromBits,
  horner,
  type MathScope,
  mul,
  mulNum,
  num,
  shr,
  sub,
  subNum,
  toBits,
  word,
} from './ops.ts';

interface Table {
  readonly ln2Hi: number;
  readonly ln2Lo: number;
  /** Bits of sqrt(1/2), and of 1. */
  readonly rootHalf: bigint;
  readonly one: bigint;
  /** Denormals times 2^up are normal. */
  readonly up: number;
  /** R(z) = z (p0 + p1 z + ...), z = s^2. */
  readonly p: readonly number[];
}

const TABLES: Readonly<Record<FloatKind, Table>> = {
  f64: {
    ln2Hi: 0.6931471803691238,
    ln2Lo: 1.9082149292705877e-10,
    rootHalf: 0x3fe6a09e00000000n,
    one: 0x3ff0000000000000n,
    up: 54,
    p: [
      0.6666666666666735, 0.3999999999940942, 0.2857142874366239, 0.22222198432149784, 0.1818357216161805,
      0.15313837699209373, 0.14798198605116586,
    ],
  },
  f32: {
    ln2Hi: 6.9313812256e-1,
    ln2Lo: 9.0580006145e-6,
    rootHalf: 0x3f3504f3n,
    one: 0x3f800000n,
    up: 25,
    p: [0.66666662693, 0.40000972152, 0.28498786688, 0.24279078841],
  },
};

/** log x, at most 1 ulp off; -infinity at zeros, NaN below zero. */
export function log(s: MathScope, x: SExpr): SExpr {
  const t = TABLES[floatKind(x)];
  const { bias, mantissa, minNormal } = formatOf(x);
  const small = s.bind(cmpNum('<', x, minNormal));
  const bits = toBits(sel(small, mulNum(x, 2 ** t.up), x));
  const moved = s.bind(add(bits, word(x, t.one - t.rootHalf)));

  // The exponent k: its biased form in the low bits of 2^mantissa, minus what is too much.
  const unit = 2 ** mantissa;
  const unitBits = BigInt(bias + mantissa) << BigInt(mantissa);
  const biased = fromBits(bin('|', shr(moved, mantissa), word(x, unitBits)));
  const excess = unit + bias;
  const k = s.bind(sub(biased, sel(small, num(x, excess + t.up), num(x, excess))));

  const fraction = and(moved, word(x, (1n << BigInt(mantissa)) - 1n));
  const f = s.bind(subNum(fromBits(add(fraction, word(x, t.rootHalf))), 1));
  const q = s.bind(div(f, addNum(f, 2)));
  const z = s.bind(mul(q, q));
  const z2 = s.bind(mul(z, z));
  const odd = mul(
    z,
    horner(
      z2,
      t.p.filter((_, i) => i % 2 === 0),
    ),
  );
  const even = mul(
    z2,
    horner(
      z2,
      t.p.filter((_, i) => i % 2 === 1),
    ),
  );
  const half = s.bind(mul(mulNum(f, 0.5), f));
  const tail = sub(add(mul(q, add(half, add(even, odd))), mulNum(k, t.ln2Lo)), half);
  const main = add(add(tail, f), mulNum(k, t.ln2Hi));

  // What is left: +infinity and NaN are their own logarithm, zeros give -infinity, negative numbers NaN.
  const positive = s.bind(cmpNum('>', x, 0));
  const regular = and(positive, cmp('<', x, num(x, Number.POSITIVE_INFINITY)));
  const pole = sel(cmpNum('==', x, 0), num(x, Number.NEGATIVE_INFINITY), num(x, Number.NaN));
  return sel(regular, main, sel(positive, x, pole));
}
