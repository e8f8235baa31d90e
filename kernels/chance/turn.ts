/**
 * cos and sin of turns: of 2 pi t for t in [0, 1). The nearest quarter is taken off exactly, and what is left, at most an
 * eighth of a turn, goes through the polynomials of the maths library. That is less than half the work of a sine of any
 * angle, which first has to find out how many turns it holds.
 *
 *     n = round(4 t), f = t - n/4, y = 2 pi f;  cos y and sin y, exchanged and negated by the quarter
 */

import { bin, bitcast, cmp, type Get, type KernelBuilder, lit, type SExpr, sel } from '../../compiler/kernels.ts';
import type { Float } from './draws.ts';

interface Table {
  /** Adding it rounds a small number to a whole one, to even, which then stands in the low bits. */
  readonly magic: number;
  readonly sin: readonly number[];
  readonly cos: readonly number[];
}
/** f64: the polynomials of fdlibm; f32: of Cephes. */
const TABLES: Readonly<Record<Float, Table>> = {
  f64: {
    magic: 1.5 * 2 ** 52,
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
    magic: 1.5 * 2 ** 23,
    sin: [-1.6666654611e-1, 8.3321608736e-3, -1.9515295891e-4],
    cos: [4.166664568298827e-2, -1.388731625493765e-3, 2.443315711809948e-5],
  },
};

/** cos and sin of a turn, in numbers of a kind. */
export function turn(kind: Float, t: number): readonly [cos: number, sin: number] {
  const r = kind === 'f32' ? Math.fround : (x: number): number => x;
  const table = TABLES[kind];
  const n = r(r(4 * t + table.magic) - table.magic);
  const y = r(r(2 * Math.PI) * r(t - r(n * 0.25)));
  const z = r(y * y);
  const poly = (c: readonly number[]): number => c.reduceRight((sum, x) => r(r(sum * z) + r(x)));
  const sine = r(y + r(r(y * z) * poly(table.sin)));
  const cosine = r(1 - r(r(z * 0.5) - r(r(z * z) * poly(table.cos))));
  const [c, s] = n % 2 === 0 ? [cosine, sine] : [sine, cosine];
  return [n === 1 || n === 2 ? -c : c, n === 2 || n === 3 ? -s : s];
}

/** The same in lanes. */
export function turnLanes(k: KernelBuilder, t: SExpr): readonly [cos: Get, sin: Get] {
  const { lanes } = t.ty;
  const kind: Float = t.ty.kind === 'f32' ? 'f32' : 'f64';
  const [bits, top] = kind === 'f64' ? (['u64', 62n] as const) : (['u32', 30n] as const);
  const number = (x: number): SExpr => lit(kind, kind === 'f32' ? Math.fround(x) : x, lanes);
  const word = (x: bigint): SExpr => lit(bits, x, lanes);
  const table = TABLES[kind];
  const m = k.let(bin('+', bin('*', number(4), t), number(table.magic)));
  const f = bin('-', t, bin('*', bin('-', m, number(table.magic)), number(0.25)));
  const y = k.let(bin('*', number(2 * Math.PI), f));
  const z = k.let(bin('*', y, y));
  const poly = (c: readonly number[]): SExpr =>
    c.slice(0, -1).reduceRight((sum, x) => bin('+', bin('*', sum, z), number(x)), number(c.at(-1) ?? 0));
  const sine = k.let(bin('+', y, bin('*', bin('*', y, z), poly(table.sin))));
  const quartic = bin('*', bin('*', z, z), poly(table.cos));
  const cosine = k.let(bin('-', number(1), bin('-', bin('*', z, number(0.5)), quartic)));
  const quarter = k.let(bitcast(m, bits));
  const odd = k.let(cmp('!=', bin('&', quarter, word(1n)), word(0n)));
  /** Negated where the second bit of a number of quarters is on. */
  const signed = (e: SExpr, quarters: SExpr): SExpr => {
    const sign = bin('<<', bin('&', quarters, word(2n)), lit(bits, top, lanes));
    return bitcast(bin('^', bitcast(e, bits), sign), kind);
  };
  const c = k.let(signed(sel(odd, sine, cosine), bin('+', quarter, word(1n))));
  return [c, k.let(signed(sel(odd, cosine, sine), quarter))];
}
