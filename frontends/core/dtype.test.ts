import { expect, it } from 'vitest';
import { SCALAR_KINDS } from '../../compiler/index.ts';
import { fitsKind, promote } from './dtype.ts';

/** NumPy's `result_type`, row by row in the order of SCALAR_KINDS. */
const NUMPY = `
bool i8  i16 i32 i64 u8  u16 u32 u64 f32 f64
i8   i8  i16 i32 i64 i16 i32 i64 f64 f32 f64
i16  i16 i16 i32 i64 i16 i32 i64 f64 f32 f64
i32  i32 i32 i32 i64 i32 i32 i64 f64 f64 f64
i64  i64 i64 i64 i64 i64 i64 i64 f64 f64 f64
u8   i16 i16 i32 i64 u8  u16 u32 u64 f32 f64
u16  i32 i32 i32 i64 u16 u16 u32 u64 f32 f64
u32  i64 i64 i64 i64 u32 u32 u32 u64 f64 f64
u64  f64 f64 f64 f64 u64 u64 u64 u64 f64 f64
f32  f32 f32 f64 f64 f32 f32 f64 f64 f32 f64
f64  f64 f64 f64 f64 f64 f64 f64 f64 f64 f64
`;

it('promotes like NumPy', () => {
  const want = NUMPY.trim()
    .split('\n')
    .map((row) => row.split(/ +/));
  expect(SCALAR_KINDS.map((a) => SCALAR_KINDS.map((b) => promote(a, b)))).toEqual(want);
});

it('knows the ranges of integers', () => {
  expect([fitsKind('u8', 255n), fitsKind('u8', 256n), fitsKind('i8', -128n), fitsKind('f32', 1n << 80n)]).toEqual([
    true,
    false,
    true,
    true,
  ]);
});
