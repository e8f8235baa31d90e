import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bin, cast, KernelBuilder } from '../../sir/build.ts';
import { emitWgsl } from './emit.ts';
import { gridOf, MAX_GROUPS, packParams, stateSize, wordsOf } from './layout.ts';

function sample(): ReturnType<typeof emitWgsl> {
  const k = new KernelBuilder('axpy');
  const a = k.scalar('a', 'f32');
  const big = k.scalar('big', 'i64');
  const flag = k.scalar('flag', 'bool');
  const small = k.scalar('small', 'i8');
  const x = k.load(k.buf('x', 'f32', 'read'), k.index);
  k.store(k.buf('y', 'f32', 'write'), k.index, bin('*', a, x));
  for (const s of [big, flag, small]) k.store(1, k.index, cast(s, 'f32'));
  return emitWgsl(k.finish(), { f64: 'refuse' });
}

test('parameters are packed at the offsets of WGSL, 64-bit values at multiples of 8', () => {
  const module = sample();
  if (!module.ok) throw new Error(module.message);
  const { params } = module;
  expect(params.fields.map((f) => `${f.name} ${f.type} @${f.offset}`)).toMatchInlineSnapshot(`
    [
      "n u32 @0",
      "groups u32 @4",
      "rows_per_group u32 @8",
      "zero u32 @12",
      "base_x u32 @16",
      "len_x u32 @20",
      "base_y u32 @24",
      "len_y u32 @28",
      "s_a f32 @32",
      "s_big vec2<u32> @40",
      "s_flag u32 @48",
      "s_small i32 @52",
    ]
  `);
  expect(params.size).toBe(64);
  const bytes = packParams(params, {
    n: 10,
    grid: gridOf(10, 64),
    bufs: [
      { base: 0, length: 10 },
      { base: 64, length: 11 },
    ],
    scalars: [0.5, -2n, true, -3],
  });
  const view = new DataView(bytes.buffer);
  const words = Array.from({ length: 8 }, (_, k) => view.getUint32(4 * k, true));
  expect(words).toEqual([10, 1, 64, 0, 0, 10, 64, 11]);
  expect(view.getFloat32(32, true)).toBe(0.5);
  expect(view.getBigInt64(40, true)).toBe(-2n);
  expect([view.getUint32(48, true), view.getInt32(52, true)]).toEqual([1, -3]);
});

test('a grid covers the rows, within its limits', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.constantFrom(0, 1, 63, 64, 65, 2 ** 31 - 1), fc.nat(2 ** 31 - 1)),
      fc.constantFrom(1, 64, 256),
      fc.constantFrom(1, 2, 4),
      (n, size, step) => {
        const { groups, rowsPerGroup } = gridOf(n, size, step);
        expect(groups).toBeGreaterThanOrEqual(1);
        expect(groups).toBeLessThanOrEqual(MAX_GROUPS);
        expect(groups * rowsPerGroup).toBeGreaterThanOrEqual(n);
        expect(rowsPerGroup % size).toBe(0);
        // Row numbers of the last round must not wrap around in u32.
        expect(groups * rowsPerGroup + groups * size * step).toBeLessThan(2 ** 32);
      },
    ),
    { seed: 7, numRuns: 200 },
  );
});

test('sizes of buffers in words', () => {
  expect([wordsOf('bool', 5), wordsOf('i16', 3), wordsOf('f32', 3), wordsOf('u64', 3), wordsOf('i8', 0)]).toEqual([
    2, 2, 3, 6, 0,
  ]);
  expect(stateSize({ binding: 1, cells: 8, totals: 10, groups: 11, groupWords: 3 }, 4)).toBe(23);
});
