/**
 * The math functions of SIR in f32, in WGSL.
 *
 * The built-ins are not used: the specification allows `sin` an absolute error of 2^-11, `atan` 4096 ulp and leaves
 * infinities and arguments outside the usual range open. These are series after a range reduction, accurate to a few
 * ulp; only the relative error of `pow` grows with |y log x|, as it does for the built-in. `keep_f32` stops the shader compiler from merging the steps of a
 * reduction whose point is that they round separately: it goes through a word that the host sets to zero.
 */

import type { Polyfills } from './polyfill.ts';

export const MATH_POLYFILLS: Polyfills = {
  keep_f32: {
    needs: [],
    code: 'fn keep_f32(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) ^ params.zero); }',
  },
  exp_f32: {
    needs: ['is_nan', 'f32_bits', 'keep_f32'],
    code: `
// 2^k e^r with |r| <= log(2)/2; the power of two in two steps, for results near the ends of the range.
fn exp_f32(x: f32) -> f32 {
  if (is_nan(x)) { return x; }
  if (x > 89.0f) { return f32_bits(0x7f800000u); }
  if (x < -104.0f) { return 0.0f; }
  let k = round(x * 1.44269504f);
  let r = keep_f32(x - keep_f32(k * 0.693359375f)) - k * -0.00021219444f;
  var p = 1.0f / 5040.0f;
  p = p * r + 1.0f / 720.0f;
  p = p * r + 1.0f / 120.0f;
  p = p * r + 1.0f / 24.0f;
  p = p * r + 1.0f / 6.0f;
  p = p * r + 0.5f;
  p = 1.0f + (r + r * r * p);
  let half = i32(k) >> 1u;
  return p * bitcast<f32>((half + 127) << 23u) * bitcast<f32>((i32(k) - half + 127) << 23u);
}`,
  },
  log_f32: {
    needs: ['f32_bits'],
    code: `
// k log(2) + log(m) with m in [1/sqrt(2), sqrt(2)), by the series of the inverse hyperbolic tangent.
fn log_f32(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  if ((bits & 0x7fffffffu) == 0u) { return f32_bits(0xff800000u); }
  if (bits > 0x7f800000u) { return f32_bits(0x7fc00000u); }
  if (bits == 0x7f800000u) { return x; }
  var k = i32(bits >> 23u) - 127;
  var digits = bits & 0x7fffffu;
  if (bits < 0x800000u) {
    let up = countLeadingZeros(digits) - 8u;
    digits = (digits << up) & 0x7fffffu;
    k = -126 - i32(up);
  }
  var m = bitcast<f32>(digits | 0x3f800000u);
  if (m > 1.41421356f) {
    m *= 0.5f;
    k++;
  }
  let s = (m - 1.0f) / (m + 1.0f);
  let z = s * s;
  let series = s * z * (2.0f / 3.0f + z * (2.0f / 5.0f + z * (2.0f / 7.0f + z * (2.0f / 9.0f))));
  let scale = f32(k);
  return scale * 0.693359375f + ((2.0f * s + series) + scale * -0.00021219444f);
}`,
  },
  pow_f32: {
    needs: ['is_nan', 'f32_bits', 'exp_f32', 'log_f32'],
    code: `
fn pow_f32(x: f32, y: f32) -> f32 {
  if (y == 0.0f) { return 1.0f; }
  let sizes = vec2<u32>(bitcast<u32>(x) & 0x7fffffffu, bitcast<u32>(y) & 0x7fffffffu);
  let endless = sizes.y == 0x7f800000u;
  if (x == 1.0f || (endless && sizes.x == 0x3f800000u)) { return 1.0f; }
  if (is_nan(x) || is_nan(y)) { return f32_bits(0x7fc00000u); }
  let whole = endless || trunc(y) == y;
  let odd = whole && abs(y) < 16777216.0f && (i32(y) & 1) == 1;
  let negative = (bitcast<u32>(x) >> 31u) == 1u;
  if (negative && !whole && sizes.x != 0u && sizes.x != 0x7f800000u) { return f32_bits(0x7fc00000u); }
  let size = exp_f32(y * log_f32(abs(x)));
  return select(size, -size, negative && odd);
}`,
  },
  quarter_f32: {
    needs: ['keep_f32'],
    code: `
// x less the nearest multiple of pi/2 (in four parts, the first three short enough to multiply exactly), and which.
fn quarter_f32(x: f32) -> vec2<f32> {
  let k = round(x * 0.636619772f);
  var r = keep_f32(x - keep_f32(k * 1.5703125f));
  r = keep_f32(r - keep_f32(k * 0.0004825592041015625f));
  r = keep_f32(r - keep_f32(k * 0.0000012665987014770508f));
  return vec2<f32>(r - k * 9.920935e-10f, k);
}`,
  },
  far_quarter_f32: {
    needs: ['wide_mul', 'f32_of_i64'],
    code: `
// The same for |x| >= 2^16: x = m 2^e times those 96 bits of 2/pi that reach below the multiples of 4.
const TWO_OVER_PI = array<u32, 8>(
  0u, 0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u, 0xdb629599u, 0x3c439041u, 0xfe5163abu,
);
fn far_quarter_f32(x: f32) -> vec2<f32> {
  let bits = bitcast<u32>(x);
  let m = (bits & 0x7fffffu) | 0x800000u;
  let first = ((bits >> 23u) & 0xffu) - 120u;
  var part: array<u32, 3>;
  for (var k = 0u; k < 3u; k++) {
    let w = (first >> 5u) + k;
    // Two shifts, because a shift by 32 would be one by 0.
    part[k] = (TWO_OVER_PI[w] << (first & 31u)) | ((TWO_OVER_PI[w + 1u] >> 1u) >> (31u - (first & 31u)));
  }
  let low = wide_mul(part[2], m);
  let mid = wide_mul(part[1], m);
  let middle = low.y + mid.x;
  let high = part[0] * m + mid.y + select(0u, 1u, middle < mid.x);
  let fraction = vec2<u32>((middle << 2u) | (low.x >> 30u), (high << 2u) | (middle >> 30u));
  let r = f32_of_i64(fraction) * 8.515303950216386e-20f;
  let k = f32((high >> 30u) + (fraction.y >> 31u));
  return select(vec2<f32>(r, k), vec2<f32>(-r, -k), (bits >> 31u) == 1u);
}`,
  },
  turn_f32: {
    needs: ['quarter_f32', 'far_quarter_f32', 'f32_bits'],
    code: `
// sin(x + turns pi/2)
fn turn_f32(x: f32, turns: i32) -> f32 {
  if ((bitcast<u32>(x) & 0x7f800000u) == 0x7f800000u) { return f32_bits(0x7fc00000u); }
  var q: vec2<f32>;
  if (abs(x) < 65536.0f) { q = quarter_f32(x); } else { q = far_quarter_f32(x); }
  let r = q.x;
  let z = r * r;
  let sine = r + r * z * (-1.0f / 6.0f + z * (1.0f / 120.0f + z * (-1.0f / 5040.0f + z * (1.0f / 362880.0f))));
  let even = z * (-1.0f / 720.0f + z * (1.0f / 40320.0f + z * (-1.0f / 3628800.0f)));
  let cosine = 1.0f + (-0.5f * z + z * z * (1.0f / 24.0f + even));
  let which = i32(q.y) + turns;
  let size = select(sine, cosine, (which & 1) == 1);
  return select(size, -size, (which & 2) == 2);
}`,
  },
  sin_f32: { needs: ['turn_f32'], code: 'fn sin_f32(x: f32) -> f32 { return turn_f32(x, 0); }' },
  cos_f32: { needs: ['turn_f32'], code: 'fn cos_f32(x: f32) -> f32 { return turn_f32(x, 1); }' },
  tan_f32: { needs: ['turn_f32'], code: 'fn tan_f32(x: f32) -> f32 { return turn_f32(x, 0) / turn_f32(x, 1); }' },
  atan_f32: {
    needs: ['is_nan'],
    code: `
// Folds to [0, 1], then to [-tan(pi/8), tan(pi/8)] about pi/4.
fn atan_f32(x: f32) -> f32 {
  if (is_nan(x)) { return x; }
  let size = abs(x);
  let steep = size > 1.0f;
  var t = size;
  if (steep) { t = 1.0f / size; }
  let middle = t > 0.41421356f;
  if (middle) { t = (t - 1.0f) / (t + 1.0f); }
  let z = t * t;
  var p = 1.0f / 17.0f;
  p = p * z - 1.0f / 15.0f;
  p = p * z + 1.0f / 13.0f;
  p = p * z - 1.0f / 11.0f;
  p = p * z + 1.0f / 9.0f;
  p = p * z - 1.0f / 7.0f;
  p = p * z + 0.2f;
  p = p * z - 1.0f / 3.0f;
  var angle = t + t * z * p;
  if (middle) { angle = 0.785398163f + angle; }
  if (steep) { angle = 1.57079633f - angle; }
  return select(angle, -angle, (bitcast<u32>(x) >> 31u) == 1u);
}`,
  },
  asin_f32: {
    needs: ['is_nan', 'f32_bits', 'atan_f32'],
    code: `
fn asin_f32(x: f32) -> f32 {
  if (is_nan(x) || abs(x) > 1.0f) { return f32_bits(0x7fc00000u); }
  return 2.0f * atan_f32(x / (1.0f + sqrt((1.0f - x) * (1.0f + x))));
}`,
  },
  acos_f32: {
    needs: ['is_nan', 'f32_bits', 'atan_f32'],
    code: `
fn acos_f32(x: f32) -> f32 {
  if (is_nan(x) || abs(x) > 1.0f) { return f32_bits(0x7fc00000u); }
  if (x == -1.0f) { return 3.14159265f; }
  return 2.0f * atan_f32(sqrt((1.0f - x) / (1.0f + x)));
}`,
  },
  sinh_f32: {
    needs: ['exp_f32'],
    code: `
fn sinh_f32(x: f32) -> f32 {
  let size = abs(x);
  if (size < 1.0f) {
    let z = x * x;
    return x + x * z * (1.0f / 6.0f + z * (1.0f / 120.0f + z * (1.0f / 5040.0f + z * (1.0f / 362880.0f))));
  }
  let half = exp_f32(0.5f * size);
  let y = 0.5f * half * half - 0.5f / half / half;
  return select(y, -y, x < 0.0f);
}`,
  },
  cosh_f32: {
    needs: ['exp_f32'],
    code: `
fn cosh_f32(x: f32) -> f32 {
  let half = exp_f32(0.5f * abs(x));
  return 0.5f * half * half + 0.5f / half / half;
}`,
  },
  tanh_f32: {
    needs: ['is_nan', 'exp_f32'],
    code: `
fn tanh_f32(x: f32) -> f32 {
  if (is_nan(x)) { return x; }
  let size = abs(x);
  if (size < 0.4f) {
    let z = x * x;
    let tail = -17.0f / 315.0f + z * (62.0f / 2835.0f + z * (-1382.0f / 155925.0f + z * (21844.0f / 6081075.0f)));
    return x + x * z * (-1.0f / 3.0f + z * (2.0f / 15.0f + z * tail));
  }
  let y = 1.0f - 2.0f / (exp_f32(2.0f * min(size, 10.0f)) + 1.0f);
  return select(y, -y, x < 0.0f);
}`,
  },
};
