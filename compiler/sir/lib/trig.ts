/**
 * sin, cos and tan for f64 and f32, in any number of lanes.
 *
 *     n = round(x * 2/pi)       by the 1.5 * 2^52 trick; n mod 4 is the quadrant
 *     y = x - n pi/2            pi/2 in four parts; n times each of the first three is exact
 *     sin y, cos y              odd and even minimax polynomials on |y| <= pi/4; both are computed, the quadrant selects
 *
 * x - n p1 is exact, and what the later subtractions lose is recovered: y comes with the digits that it has no room
 * for, which join the polynomials. This holds also next to a multiple of pi/2, where most digits cancel, as long as |n|
 * stays below the bound of the table: |x| <= 1.6e6 (f64), 6.4e3 (f32). Lanes beyond it are reduced one by one in f64 (`huge-angle.ts`), behind a test that costs nothing when no lane needs it.
 *
 * Where all lanes are in the first octant, as angles of small differences are, the reduction is left out: it would
 * change no bit. sin and cos of one argument share everything but the last selection, and tan is their quotient.
 * Polynomial coefficients: f64 as in fdlibm's k_sin.c and k_cos.c, f32 as in Cephes' sinf.c.
 */

import { InternalError } from '../../diag/diagnostic.ts';
import { any, bin, cast, cmp, sel } from '../build.ts';
import type { SExpr } from '../kernel.ts';
import { hugeAngle, type ReducedAngle } from './huge-angle.ts';
import {
  abs,
  add,
  addNum,
  and,
  cmpNum,
  div,
  type FloatKind,
  floatKind,
  formatOf,
  fromBits,
  type MathScope,
  mul,
  mulNum,
  num,
  poly,
  shl,
  sub,
  subNum,
  toBits,
  type Values,
  word,
} from './ops.ts';

interface Table {
  /** Largest |n|; a power of two. */
  readonly turns: number;
  /** pi/2 in parts; the first three have so few bits that a product with n is exact. */
  readonly parts: readonly [number, number, number, number];
  readonly sin: readonly number[];
  readonly cos: readonly number[];
}

const TABLES: Readonly<Record<FloatKind, Table>> = {
  f64: {
    turns: 2 ** 20,
    parts: [1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21, 8.4784276603689e-32],
    sin: [
      -0.16666666666666632, 0.00833333333332249, -0.0001984126982985795, 2.7557313707070068e-6, -2.5050760253406863e-8,
      1.58969099521155e-10,
    ],
    cos: [
      0.0416666666666666, -0.001388888888887411, 2.480158728947673e-5, -2.7557314351390663e-7, 2.087572321298175e-9,
      -1.1359647557788195e-11,
    ],
  },
  f32: {
    turns: 2 ** 12,
    parts: [1.5703125, 4.837512969970703e-4, 7.549533620476723e-8, 2.5633440682570896e-12],
    sin: [-1.6666654611e-1, 8.3321608736e-3, -1.9515295891e-4],
    cos: [4.166664568298827e-2, -1.388731625493765e-3, 2.443315711809948e-5],
  },
};

/** The largest |x| that is reduced in line. */
export const inlineBound = (kind: FloatKind): number => Math.floor((TABLES[kind].turns - 1) * (Math.PI / 2));

/** y + rest in [-pi/4, pi/4] and the quadrant (low bits of an integer) with x = y + rest + quadrant * pi/2. */
function reduced(s: MathScope, x: SExpr): ReducedAngle {
  const [p1, p2, p3, p4] = TABLES[floatKind(x)].parts;
  const { magic } = formatOf(x);
  const m = s.bind(addNum(mulNum(x, 2 / Math.PI), magic));
  const n = s.bind(subNum(m, magic));
  const a = s.bind(sub(x, mulNum(n, p1)));
  const w = s.bind(mulNum(n, p2));
  const b = s.bind(sub(a, w));
  const c = s.bind(sub(mulNum(n, p3), sub(sub(a, b), w)));
  const t = s.bind(sub(b, c));
  const d = s.bind(sub(mulNum(n, p4), sub(sub(b, t), c)));
  const y = s.bind(sub(t, d));
  return { y, rest: s.bind(sub(sub(t, y), d)), quadrant: s.bind(toBits(m)) };
}

const tooLarge = (x: SExpr): SExpr => cmpNum('>', abs(x), inlineBound(floatKind(x)));

/** Below pi/4, so that n is 0: there the reduction changes nothing and is left out. */
const FIRST_OCTANT = 0.785;

/** sin and cos of y + rest for |y| <= pi/4; the rest is at most half an ulp of y. */
function polynomials(s: MathScope, y: SExpr, rest: SExpr | null): readonly [sine: SExpr, cosine: SExpr] {
  const t = TABLES[floatKind(y)];
  const z = s.bind(mul(y, y));
  const half = s.bind(mulNum(z, 0.5));
  const cubic = mul(mul(y, z), poly(s, z, t.sin));
  const quartic = mul(mul(z, z), poly(s, z, t.cos));
  if (rest === null) {
    return [s.bind(add(y, cubic)), s.bind(sub(num(y, 1), sub(half, quartic)))];
  }
  const sine = add(y, add(cubic, sub(rest, mul(half, rest))));
  return [s.bind(sine), s.bind(sub(num(y, 1), sub(half, sub(quartic, mul(y, rest)))))];
}

/** sin x and cos x, both by what they share; what nobody reads is dropped afterwards. */
function both(s: MathScope, x: SExpr): readonly [sine: SExpr, cosine: SExpr] {
  const [sine, cosine] = s.branch('sincos', x, any(cmpNum('>', abs(x), FIRST_OCTANT)), reducedBoth(x), (inner) =>
    polynomials(inner, x, null),
  );
  if (sine === undefined || cosine === undefined) throw new InternalError('sir: sincos without values');
  return [sine, cosine];
}

/** sin x and cos x through the reduction, for any x. */
function reducedBoth(x: SExpr): Values {
  return (s) => {
    return s.rarely(x, tooLarge(x), rotated(s, reduced(s, x)), hugeBoth);
  };
}

/** The same for one large x, in f64. */
function hugeBoth(s: MathScope, x: SExpr): readonly SExpr[] {
  const angle = hugeAngle(s, s.bind(cast(x, 'f64')));
  return rotated(s, angle).map((v) => cast(v, floatKind(x)));
}

/** sin and cos of y + rest + quadrant * pi/2. */
function rotated(s: MathScope, { y, rest, quadrant }: ReducedAngle): readonly SExpr[] {
  const [sine, cosine] = polynomials(s, y, rest);
  return [0, 1].map((turns) => {
    const q = turns === 0 ? quadrant : s.bind(add(quadrant, word(y, 1)));
    const odd = cmp('!=', and(q, word(y, 1)), word(y, 0));
    const shift = formatOf(y).signBit === 1n << 63n ? 62 : 30;
    const sign = shl(and(q, word(y, 2)), shift);
    return fromBits(bin('^', toBits(sel(odd, cosine, sine)), sign));
  });
}

/** `value`, but x where x is a zero: its sign would be lost on the way. */
const oddAtZero = (x: SExpr, value: SExpr): SExpr => sel(cmpNum('==', x, 0), x, value);

/** sin x, at most 2 ulp off; sin(-0) is -0, infinities give NaN. */
export const sin = (s: MathScope, x: SExpr): SExpr => oddAtZero(x, both(s, x)[0]);

/** cos x, at most 2 ulp off; infinities give NaN. */
export const cos = (s: MathScope, x: SExpr): SExpr => both(s, x)[1];

/** tan x, at most 4 ulp off; tan(-0) is -0, infinities give NaN. */
export function tan(s: MathScope, x: SExpr): SExpr {
  const [sine, cosine] = both(s, x);
  return oddAtZero(x, div(sine, cosine));
}
