/**
 * WGSL helpers for i64 and u64, which are `vec2<u32>` with the low word in `x`. Everything wraps modulo 2^64 and is
 * exact. Division is the schoolbook one, a bit at a time, with a short cut where both operands fit in 32 bits;
 * lowering has excluded a zero divisor, for which it merely ends (quotient a, remainder 0).
 */

import type { Polyfills } from './polyfill.ts';

export const I64_POLYFILLS: Polyfills = {
  eq64: { needs: [], code: 'fn eq64(a: vec2<u32>, b: vec2<u32>) -> bool { return all(a == b); }' },
  lt_u64: {
    needs: [],
    code: `
fn lt_u64(a: vec2<u32>, b: vec2<u32>) -> bool {
  return a.y < b.y || (a.y == b.y && a.x < b.x);
}`,
  },
  lt_i64: {
    needs: [],
    code: `
fn lt_i64(a: vec2<u32>, b: vec2<u32>) -> bool {
  return bitcast<i32>(a.y) < bitcast<i32>(b.y) || (a.y == b.y && a.x < b.x);
}`,
  },
  add64: {
    needs: [],
    code: `
fn add64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  let low = a.x + b.x;
  return vec2<u32>(low, a.y + b.y + select(0u, 1u, low < a.x));
}`,
  },
  sub64: {
    needs: [],
    code: `
fn sub64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  return vec2<u32>(a.x - b.x, a.y - b.y - select(0u, 1u, a.x < b.x));
}`,
  },
  wide_mul: {
    needs: [],
    code: `
// The 64-bit product of two words, from 16-bit halves.
fn wide_mul(a: u32, b: u32) -> vec2<u32> {
  let low = (a & 0xffffu) * (b & 0xffffu);
  let left = (a >> 16u) * (b & 0xffffu);
  let right = (a & 0xffffu) * (b >> 16u);
  let middle = (low >> 16u) + (left & 0xffffu) + (right & 0xffffu);
  let high = (a >> 16u) * (b >> 16u) + (left >> 16u) + (right >> 16u) + (middle >> 16u);
  return vec2<u32>((middle << 16u) | (low & 0xffffu), high);
}`,
  },
  mul64: {
    needs: ['wide_mul'],
    code: `
fn mul64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  let low = wide_mul(a.x, b.x);
  return vec2<u32>(low.x, low.y + a.x * b.y + a.y * b.x);
}`,
  },
  neg64: {
    needs: ['sub64'],
    code: 'fn neg64(a: vec2<u32>) -> vec2<u32> { return sub64(vec2<u32>(0u, 0u), a); }',
  },
  abs64: {
    needs: ['neg64'],
    code: 'fn abs64(a: vec2<u32>) -> vec2<u32> { return select(a, neg64(a), (a.y >> 31u) == 1u); }',
  },
  shl64: {
    needs: [],
    code: `
fn shl64(a: vec2<u32>, count: vec2<u32>) -> vec2<u32> {
  let n = count.x & 63u;
  if (n == 0u) { return a; }
  if (n >= 32u) { return vec2<u32>(0u, a.x << (n - 32u)); }
  return vec2<u32>(a.x << n, (a.y << n) | (a.x >> (32u - n)));
}`,
  },
  shr_u64: {
    needs: [],
    code: `
fn shr_u64(a: vec2<u32>, count: vec2<u32>) -> vec2<u32> {
  let n = count.x & 63u;
  if (n == 0u) { return a; }
  if (n >= 32u) { return vec2<u32>(a.y >> (n - 32u), 0u); }
  return vec2<u32>((a.x >> n) | (a.y << (32u - n)), a.y >> n);
}`,
  },
  shr_i64: {
    needs: [],
    code: `
fn shr_i64(a: vec2<u32>, count: vec2<u32>) -> vec2<u32> {
  let n = count.x & 63u;
  let high = bitcast<i32>(a.y);
  if (n == 0u) { return a; }
  if (n >= 32u) { return vec2<u32>(bitcast<u32>(high >> (n - 32u)), bitcast<u32>(high >> 31u)); }
  return vec2<u32>((a.x >> n) | (a.y << (32u - n)), bitcast<u32>(high >> n));
}`,
  },
  divmod_u64: {
    needs: ['lt_u64', 'sub64'],
    code: `
// (quotient, remainder). The bit shifted out of the remainder counts when the divisor is above 2^63.
fn divmod_u64(a: vec2<u32>, b: vec2<u32>) -> vec4<u32> {
  if (b.x == 0u && b.y == 0u) { return vec4<u32>(a, 0u, 0u); }
  if (a.y == 0u && b.y == 0u) { return vec4<u32>(a.x / b.x, 0u, a.x % b.x, 0u); }
  var todo = a;
  var rest = vec2<u32>(0u, 0u);
  for (var k = 0u; k < 64u; k++) {
    let over = (rest.y >> 31u) == 1u;
    rest = vec2<u32>((rest.x << 1u) | (todo.y >> 31u), (rest.y << 1u) | (rest.x >> 31u));
    todo = vec2<u32>(todo.x << 1u, (todo.y << 1u) | (todo.x >> 31u));
    if (over || !lt_u64(rest, b)) {
      rest = sub64(rest, b);
      todo.x |= 1u;
    }
  }
  return vec4<u32>(todo, rest);
}`,
  },
  div_u64: {
    needs: ['divmod_u64'],
    code: 'fn div_u64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> { return divmod_u64(a, b).xy; }',
  },
  rem_u64: {
    needs: ['divmod_u64'],
    code: 'fn rem_u64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> { return divmod_u64(a, b).zw; }',
  },
  div_i64: {
    needs: ['divmod_u64', 'abs64', 'neg64'],
    code: `
fn div_i64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  let size = divmod_u64(abs64(a), abs64(b)).xy;
  return select(size, neg64(size), ((a.y ^ b.y) >> 31u) == 1u);
}`,
  },
  rem_i64: {
    needs: ['divmod_u64', 'abs64', 'neg64'],
    code: `
fn rem_i64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  let size = divmod_u64(abs64(a), abs64(b)).zw;
  return select(size, neg64(size), (a.y >> 31u) == 1u);
}`,
  },
  min_i64: { needs: ['lt_i64'], code: extremum('min', 'i64', 'lt_i64(a, b)') },
  max_i64: { needs: ['lt_i64'], code: extremum('max', 'i64', 'lt_i64(b, a)') },
  min_u64: { needs: ['lt_u64'], code: extremum('min', 'u64', 'lt_u64(a, b)') },
  max_u64: { needs: ['lt_u64'], code: extremum('max', 'u64', 'lt_u64(b, a)') },
  i64_of_i32: {
    needs: [],
    code: 'fn i64_of_i32(a: i32) -> vec2<u32> { return vec2<u32>(bitcast<u32>(a), bitcast<u32>(a >> 31u)); }',
  },
  f32_of_u64: {
    needs: ['shl64', 'round_f32'],
    code: `
// Rounds once: the top word keeps a sticky bit for what lies below it.
fn f32_of_u64(a: vec2<u32>) -> f32 {
  let up = select(countLeadingZeros(a.y), 32u + countLeadingZeros(a.x), a.y == 0u);
  if (up == 64u) { return 0.0f; }
  let top = shl64(a, vec2<u32>(up, 0u));
  return round_f32(top.y | select(0u, 1u, top.x != 0u), 63u - up);
}`,
  },
  f32_of_i64: {
    needs: ['f32_of_u64', 'abs64'],
    code: `
fn f32_of_i64(a: vec2<u32>) -> f32 {
  let size = f32_of_u64(abs64(a));
  return select(size, -size, (a.y >> 31u) == 1u);
}`,
  },
  u64_of_f32: {
    needs: ['is_nan', 'shl64'],
    code: `
// Truncates and saturates; NaN gives 0.
fn u64_of_f32(x: f32) -> vec2<u32> {
  if (is_nan(x) || x < 1.0f) { return vec2<u32>(0u, 0u); }
  if (x >= 18446744073709551616.0f) { return vec2<u32>(0xffffffffu, 0xffffffffu); }
  let digits = (bitcast<u32>(x) & 0x7fffffu) | 0x800000u;
  let exponent = bitcast<u32>(x) >> 23u;
  if (exponent >= 150u) { return shl64(vec2<u32>(digits, 0u), vec2<u32>(exponent - 150u, 0u)); }
  return vec2<u32>(digits >> (150u - exponent), 0u);
}`,
  },
  i64_of_f32: {
    needs: ['u64_of_f32', 'neg64'],
    code: `
// Truncates and saturates; NaN gives 0.
fn i64_of_f32(x: f32) -> vec2<u32> {
  if (x >= 9223372036854775808.0f) { return vec2<u32>(0xffffffffu, 0x7fffffffu); }
  if (x <= -9223372036854775808.0f) { return vec2<u32>(0u, 0x80000000u); }
  let size = u64_of_f32(abs(x));
  return select(size, neg64(size), x < 0.0f);
}`,
  },
};

function extremum(name: 'min' | 'max', kind: 'i64' | 'u64', first: string): string {
  return `
fn ${name}_${kind}(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  return select(b, a, ${first});
}`;
}
