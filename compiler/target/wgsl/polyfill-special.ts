/**
 * More math functions of SIR in f32, in WGSL: those that stand on exp, log and atan of `polyfill-math.ts`, within a few
 * ulp. What would cancel near zero goes through `keep_f32`, whose operands the shader compiler cannot merge.
 */

import type { Polyfills } from './polyfill.ts';

export const SPECIAL_POLYFILLS: Polyfills = {
  expm1_f32: {
    needs: ['exp_f32', 'log_f32', 'keep_f32', 'is_nan'],
    code: `
// (u - 1) x / log u with u = e^x: the errors of u cancel (Kahan).
fn expm1_f32(x: f32) -> f32 {
  let u = keep_f32(exp_f32(x));
  if (is_nan(x) || u == 1.0f) { return x; }
  if (x > 30.0f) { return u; }
  let above = keep_f32(u - 1.0f);
  if (above == -1.0f) { return above; }
  return above * x / log_f32(u);
}`,
  },
  log1p_f32: {
    needs: ['log_f32', 'keep_f32'],
    code: `
// log u x / (u - 1) with u = 1 + x: the errors of u cancel (Kahan).
fn log1p_f32(x: f32) -> f32 {
  let u = keep_f32(1.0f + x);
  if (u == 1.0f) { return x; }
  if (!(x > -1.0f && x < 1e30f)) { return log_f32(u); }
  return log_f32(u) * (x / keep_f32(u - 1.0f));
}`,
  },
  log2_f32: {
    needs: ['log_f32'],
    code: `
// Exact for powers of two.
fn log2_f32(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  if (bits - 0x800000u >= 0x7f000000u) { return log_f32(x) * 1.44269504f; }
  var k = i32(bits >> 23u) - 127;
  var m = bitcast<f32>((bits & 0x7fffffu) | 0x3f800000u);
  if (m > 1.41421356f) {
    m *= 0.5f;
    k++;
  }
  return f32(k) + log_f32(m) * 1.44269504f;
}`,
  },
  log10_f32: { needs: ['log_f32'], code: 'fn log10_f32(x: f32) -> f32 { return log_f32(x) * 0.434294482f; }' },
  atan2_f32: {
    needs: ['is_nan', 'f32_bits', 'atan_f32'],
    code: `
fn atan2_f32(y: f32, x: f32) -> f32 {
  if (is_nan(x) || is_nan(y)) { return f32_bits(0x7fc00000u); }
  let rise = abs(y);
  let run = abs(x);
  var angle = 0.785398163f;
  if (rise == 0.0f && run == 0.0f) { angle = 0.0f; }
  else if (run == 0.0f) { angle = 1.57079633f; }
  else if (rise != run) { angle = atan_f32(rise / run); }
  if ((bitcast<u32>(x) >> 31u) == 1u) { angle = 3.14159265f - angle; }
  return select(angle, -angle, (bitcast<u32>(y) >> 31u) == 1u);
}`,
  },
  erfc_tail_f32: {
    needs: ['exp_f32'],
    code: `
// e^-(hi + lo) G(t) / (1 + 2b), where hi + lo is b^2: erfc b for b >= 0.
fn erfc_tail_f32(b: f32, hi: f32, lo: f32) -> f32 {
  let t = (b - 2.0f) / (b + 2.0f);
  var p = -0.0004040601779706776f;
  p = p * t - 0.0012367020826786757f;
  p = p * t + 0.0013145372504368424f;
  p = p * t + 0.008639302104711533f;
  p = p * t - 0.008058534935116768f;
  p = p * t - 0.05420726165175438f;
  p = p * t + 0.164054736495018f;
  p = p * t - 0.16603097319602966f;
  p = p * t - 0.09276392310857773f;
  p = p * t + 1.2769783735275269f;
  return exp_f32(-hi) * exp_f32(-lo) * (p / (1.0f + 2.0f * b));
}`,
  },
  erfc_f32: {
    needs: ['is_nan', 'erfc_tail_f32', 'erf_near_f32'],
    code: `
fn erfc_f32(x: f32) -> f32 {
  if (is_nan(x)) { return x; }
  if (abs(x) < 0.5f) { return 1.0f - erf_near_f32(x); }
  let b = min(abs(x), 10.5f);
  let short = bitcast<f32>(bitcast<u32>(b) & 0xfffff000u);
  let y = erfc_tail_f32(b, short * short, (b - short) * (b + short));
  return select(y, 2.0f - y, x < 0.0f);
}`,
  },
  normcdf_f32: {
    needs: ['is_nan', 'erfc_tail_f32', 'erf_near_f32'],
    code: `
fn normcdf_f32(x: f32) -> f32 {
  if (is_nan(x)) { return x; }
  let b = min(abs(x), 14.8f) * 0.707106781f;
  if (b < 0.5f) { return 0.5f + 0.5f * erf_near_f32(x * 0.707106781f); }
  let a = min(abs(x), 14.8f);
  let short = bitcast<f32>(bitcast<u32>(a) & 0xfffff000u);
  let y = 0.5f * erfc_tail_f32(b, 0.5f * short * short, 0.5f * (a - short) * (a + short));
  return select(y, 1.0f - y, x > 0.0f);
}`,
  },
  erf_near_f32: {
    needs: [],
    code: `
// The power series, for |x| <= 1.
fn erf_near_f32(x: f32) -> f32 {
  let z = x * x;
  var term = x;
  var sum = x;
  for (var k = 1; k < 12; k++) {
    term *= -z / f32(k);
    sum += term / f32(2 * k + 1);
  }
  return 1.12837917f * sum;
}`,
  },
  erf_f32: {
    needs: ['erfc_f32', 'erf_near_f32'],
    code: `
fn erf_f32(x: f32) -> f32 {
  if (abs(x) < 1.0f) { return erf_near_f32(x); }
  return 1.0f - erfc_f32(x);
}`,
  },
};
