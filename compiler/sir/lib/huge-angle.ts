/**
 * The reduction of large angles: x - n pi/2 and n mod 4 for one f64 of any size from 1 on (Payne and Hanek, 1983).
 *
 *     x = m 2^e                 m an integer of 53 bits
 *     W                         192 bits of 2/pi, from the first on that is no multiple of 4 times m 2^e
 *     m W mod 2^192             the quadrant in the top two bits, below them the fraction of a quarter turn
 *
 * The product is exact but for the last 64 bits, which are left out; next to a multiple of pi/2, where most digits
 * cancel (at most 62 of them for an f64), still more than a significand of right ones is left.
 *
 * Scalar code, in integers: lanes that need it are rare and take it one by one.
 */

import { bin, bitcast, cast, cmp, lit, sel, un } from '../build.ts';
import type { SExpr } from '../kernel.ts';
import { abs, add, and, type MathScope, mul, mulNum, or, shl, shr, sub, toBits, upper } from './ops.ts';

/** 64 zero bits, then the bits of 2/pi behind the point. */
const TWO_OVER_PI: readonly bigint[] = [
  0n,
  0xa2f9836e4e441529n,
  0xfc2757d1f534ddc0n,
  0xdb6295993c439041n,
  0xfe5163abdebbc561n,
  0xb7246e3a424dd2e0n,
  0x06492eea09d1921cn,
  0xfe1deb1cb129a73en,
  0xe88235f52ebb4484n,
  0xe99c7026b45f7e41n,
  0x3991d639835339f4n,
  0x9c845f8bbdf9283bn,
  0x1ff897ffde05980fn,
  0xef2f118b5a0a6d1fn,
  0x6d367ecf27cb09b7n,
  0x4f463f669e5fea2dn,
  0x7527bac7ebe5f17bn,
  0x3d0739f78a5292ean,
  0x6bfb5fb11f8d5d08n,
  0x56033046fc7b6babn,
];
/** The exponent field of 2^10: the window of an angle with exponent field e starts at bit e - FIRST. */
const FIRST = 1013;
/** pi/2 as f64 and what is left; the f64 also as an upper and a lower half. */
const HALF_PI = {
  hi: 1.5707963267948966,
  lo: 6.123233995736766e-17,
  upper: 1.5707963109016418,
  lower: 1.5893254712295857e-8,
};
const LOW = 0xffff_ffffn;

const u64 = (v: bigint): SExpr => lit('u64', v);
const low = (a: SExpr): SExpr => and(a, u64(LOW));

/** An angle less a multiple of pi/2: a number, the digits that it has no room for, and which multiple. */
export interface ReducedAngle {
  readonly y: SExpr;
  readonly rest: SExpr;
  readonly quadrant: SExpr;
}

/** The upper half of the product of two 64-bit integers. */
function mulHigh(s: MathScope, a: SExpr, b: SExpr): SExpr {
  const [ah, al] = [s.bind(shr(a, 32)), s.bind(low(a))];
  const [bh, bl] = [s.bind(shr(b, 32)), s.bind(low(b))];
  const mid = s.bind(add(mul(ah, bl), shr(mul(al, bl), 32)));
  return add(add(mul(ah, bh), shr(mid, 32)), shr(add(mul(al, bh), low(mid)), 32));
}

/** The word `at` + k of the table, for k from 0 to 3. */
function words(s: MathScope, at: SExpr): readonly SExpr[] {
  const last = TWO_OVER_PI.length - 4;
  const known = TWO_OVER_PI.slice(0, last + 1).map((_, i) => s.bind(cmp('==', at, u64(BigInt(i)))));
  return [0, 1, 2, 3].map((k) =>
    s.bind(
      known
        .slice(0, -1)
        .reduceRight<SExpr>(
          (rest, c, i) => s.bind(sel(c, u64(TWO_OVER_PI[i + k] ?? 0n), rest)),
          u64(TWO_OVER_PI[last + k] ?? 0n),
        ),
    ),
  );
}

/** y + rest in [-pi/4, pi/4] and the quadrant (in the low bits) of a scalar f64; NaN for infinities. */
export function hugeAngle(s: MathScope, x: SExpr): ReducedAngle {
  const bits = s.bind(toBits(abs(x)));
  const place = s.bind(sub(shr(bits, 52), u64(BigInt(FIRST))));
  const m = s.bind(or(and(bits, u64((1n << 52n) - 1n)), u64(1n << 52n)));
  const shift = s.bind(and(place, u64(63n)));
  const opposite = s.bind(sub(u64(63n), shift));
  const w = words(s, s.bind(shr(place, 6)));
  const [w0, w1, w2] = [0, 1, 2].map((k) => {
    const [here, next] = [w[k] ?? u64(0n), w[k + 1] ?? u64(0n)];
    // Two shifts, because a shift by 64 would be one by 0.
    return s.bind(or(bin('<<', here, shift), bin('>>', shr(next, 1), opposite)));
  });
  const [top, mid, last] = [w0 ?? u64(0n), w1 ?? u64(0n), w2 ?? u64(0n)];
  const carried = s.bind(mulHigh(s, last, m));
  const p1 = s.bind(add(mul(mid, m), carried));
  const carry = sel(cmp('<', p1, carried), u64(1n), u64(0n));
  const p0 = s.bind(add(add(mul(top, m), mulHigh(s, mid, m)), carry));

  // The quadrant to nearest; the rest as a signed fraction of it, in 128 bits.
  const quadrant = s.bind(shr(add(p0, u64(1n << 61n)), 62));
  const f0 = s.bind(or(shl(p0, 2), shr(p1, 62)));
  const f1 = shl(p1, 2);
  const below = s.bind(cmp('>=', f0, u64(1n << 63n)));
  const flip = s.bind(sel(below, u64((1n << 64n) - 1n), u64(0n)));
  const g0 = s.bind(bin('^', f0, flip));
  const g1 = bin('^', f1, flip);
  const a = s.bind(cast(g0, 'f64'));
  const missing = cast(bitcast(sub(g0, cast(a, 'u64')), 'i64'), 'f64');
  const b = s.bind(add(missing, mulNum(cast(g1, 'f64'), 2 ** -64)));
  // (a + b) pi/2 2^-64, the main product without loss.
  const aHi = s.bind(upper(a));
  const main = s.bind(mulNum(a, HALF_PI.hi));
  const aLo = s.bind(sub(a, aHi));
  const lost = add(
    add(sub(mulNum(aHi, HALF_PI.upper), main), add(mulNum(aHi, HALF_PI.lower), mulNum(aLo, HALF_PI.upper))),
    mulNum(aLo, HALF_PI.lower),
  );
  const small = s.bind(add(lost, add(mulNum(a, HALF_PI.lo), mulNum(b, HALF_PI.hi))));
  const sum = s.bind(add(main, small));
  const negative = s.bind(cmp('!=', below, cmp('<', x, lit('f64', 0))));
  const scaled = (v: SExpr): SExpr => s.bind(mulNum(sel(negative, un('neg', v), v), 2 ** -64));
  const finite = cmp('<', abs(x), lit('f64', Number.POSITIVE_INFINITY));
  return {
    y: s.bind(sel(finite, scaled(sum), lit('f64', Number.NaN))),
    rest: scaled(sub(small, sub(sum, main))),
    quadrant: s.bind(sel(cmp('<', x, lit('f64', 0)), sub(u64(0n), quadrant), quadrant)),
  };
}
