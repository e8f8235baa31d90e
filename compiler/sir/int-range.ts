import type { ScalarKind } from '../core/types.ts';

/** Inclusive bounds of the integer kinds. */
export const INT_RANGE: Readonly<Partial<Record<ScalarKind, readonly [bigint, bigint]>>> = {
  i8: [-128n, 127n],
  i16: [-32768n, 32767n],
  i32: [-2147483648n, 2147483647n],
  i64: [-(2n ** 63n), 2n ** 63n - 1n],
  u8: [0n, 255n],
  u16: [0n, 65535n],
  u32: [0n, 4294967295n],
  u64: [0n, 2n ** 64n - 1n],
};
