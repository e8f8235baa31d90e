/**
 * WGSL helpers for f32 and narrow values: the meanings of SIR that WGSL leaves open.
 *
 * A shader compiler may assume that no NaN, infinity or signed zero occurs, so everything that depends on them looks
 * at the bits. Constant expressions may not overflow or be NaN in WGSL; a call of one of our functions is never
 * constant, which is what `opaque_*` and `f32_bits` are for. All of it is data for `polyfill.ts`.
 */

import type { Polyfills } from './polyfill.ts';

export const F32_POLYFILLS: Polyfills = {
  opaque_i32: { needs: [], code: 'fn opaque_i32(x: i32) -> i32 { return x; }' },
  opaque_u32: { needs: [], code: 'fn opaque_u32(x: u32) -> u32 { return x; }' },
  opaque_f32: { needs: [], code: 'fn opaque_f32(x: f32) -> f32 { return x; }' },
  opaque_bool: { needs: [], code: 'fn opaque_bool(x: bool) -> bool { return x; }' },
  inside: {
    needs: [],
    code: `
// An index within [0, length).
fn inside(k: u32, length: u32) -> u32 { return min(k, max(length, 1u) - 1u); }`,
  },
  f32_bits: { needs: [], code: 'fn f32_bits(bits: u32) -> f32 { return bitcast<f32>(bits); }' },
  lt_bool: { needs: [], code: 'fn lt_bool(a: bool, b: bool) -> bool { return !a & b; }' },
  le_bool: { needs: [], code: 'fn le_bool(a: bool, b: bool) -> bool { return !a | b; }' },
  is_nan: {
    needs: [],
    code: 'fn is_nan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }',
  },
  order_f32: {
    needs: [],
    code: `
// An integer that orders like x, with -0 below +0.
fn order_f32(x: f32) -> i32 {
  let bits = bitcast<i32>(x);
  return bits ^ ((bits >> 31u) & 0x7fffffff);
}`,
  },
  min_f32: { needs: ['is_nan', 'order_f32', 'f32_bits'], code: extremum('min', '<') },
  max_f32: { needs: ['is_nan', 'order_f32', 'f32_bits'], code: extremum('max', '>') },
  pmin_f32: { needs: [], code: 'fn pmin_f32(a: f32, b: f32) -> f32 { return select(a, b, b < a); }' },
  pmax_f32: { needs: [], code: 'fn pmax_f32(a: f32, b: f32) -> f32 { return select(a, b, a < b); }' },
  i32_of_f32: {
    needs: ['is_nan'],
    code: `
// Truncates and saturates; NaN gives 0.
fn i32_of_f32(x: f32) -> i32 {
  if (is_nan(x)) { return 0i; }
  if (x >= 2147483648.0f) { return 2147483647i; }
  if (x <= -2147483648.0f) { return i32(-2147483648); }
  return i32(x);
}`,
  },
  u32_of_f32: {
    needs: ['is_nan'],
    code: `
// Truncates and saturates; NaN gives 0.
fn u32_of_f32(x: f32) -> u32 {
  if (is_nan(x) || x <= 0.0f) { return 0u; }
  if (x >= 4294967296.0f) { return 4294967295u; }
  return u32(x);
}`,
  },
  round_f32: {
    needs: [],
    code: `
// 2^exponent * digits / 2^31, where the top bit of digits is set: to nearest, ties to even.
fn round_f32(digits: u32, exponent: u32) -> f32 {
  let kept = digits >> 8u;
  let rest = digits & 0xffu;
  let up = select(0u, 1u, rest > 0x80u || (rest == 0x80u && (kept & 1u) == 1u));
  return bitcast<f32>(((exponent + 126u) << 23u) + kept + up);
}`,
  },
  f32_of_u32: {
    needs: ['round_f32'],
    code: `
// Rounds to nearest, which the conversion of WGSL does not promise.
fn f32_of_u32(a: u32) -> f32 {
  if (a == 0u) { return 0.0f; }
  let up = countLeadingZeros(a);
  return round_f32(a << up, 31u - up);
}`,
  },
  f32_of_i32: {
    needs: ['f32_of_u32'],
    code: `
fn f32_of_i32(a: i32) -> f32 {
  let size = f32_of_u32(bitcast<u32>(abs(a)));
  return select(size, -size, a < 0);
}`,
  },
  rem_f32: {
    needs: ['f32_bits'],
    code: `
// The exact remainder with the sign of a: a long division of the significands, 8 bits a step.
fn rem_f32(a: f32, b: f32) -> f32 {
  let sign = bitcast<u32>(a) & 0x80000000u;
  let x = bitcast<u32>(a) & 0x7fffffffu;
  let y = bitcast<u32>(b) & 0x7fffffffu;
  if (x >= 0x7f800000u || y > 0x7f800000u || y == 0u) { return f32_bits(0x7fc00000u); }
  if (x < y) { return a; }
  let by = (y & 0x7fffffu) | select(0u, 0x800000u, y >= 0x800000u);
  var rest = (x & 0x7fffffu) | select(0u, 0x800000u, x >= 0x800000u);
  let scale = max(y >> 23u, 1u);
  var left = max(x >> 23u, 1u) - scale;
  rest %= by;
  while (left > 0u) {
    let step = min(left, 8u);
    rest = (rest << step) % by;
    left -= step;
  }
  if (rest == 0u) { return f32_bits(sign); }
  let up = countLeadingZeros(rest) - 8u;
  if (scale > up) { return f32_bits(sign | ((scale - up) << 23u) | ((rest << up) & 0x7fffffu)); }
  return f32_bits(sign | (rest << (scale - 1u)));
}`,
  },
};

/** NaN if either side is NaN, otherwise the operand that comes first (or last) in the order of `order_f32`. */
function extremum(name: 'min' | 'max', below: '<' | '>'): string {
  return `
fn ${name}_f32(a: f32, b: f32) -> f32 {
  if (is_nan(a) || is_nan(b)) { return f32_bits(0x7fc00000u); }
  return select(b, a, order_f32(a) ${below} order_f32(b));
}`;
}
