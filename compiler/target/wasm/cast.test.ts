/**
 * Conversions between every two kinds, scalar and wide, against `sir/arith.ts` on all awkward values and random ones,
 * and against a table written by hand.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ScalarKind } from '../../core/types.ts';
import { SCALAR_KINDS } from '../../core/types.ts';
import type { Scalar } from '../../sir/arith.ts';
import { convert } from '../../sir/arith.ts';
import type { LoopLanes } from '../../sir/build.ts';
import { cast, KernelBuilder } from '../../sir/build.ts';
import type { Kernel } from '../../sir/kernel.ts';
import { arrayOf, edgeValues, laneCounts, sameValue, valueArb, valuesOf } from '../../testing/kernel-values.ts';
import type { WasmRunner } from '../../testing/run-wasm.ts';
import { wasmRunner } from '../../testing/run-wasm.ts';

function castKernel(from: ScalarKind, to: ScalarKind, width: LoopLanes): Kernel {
  const k = new KernelBuilder(`${from}_to_${to}_x${width}`);
  const a = k.buf('a', from, 'read');
  const out = k.buf('out', to, 'write');
  const iteration = (n: LoopLanes): void => k.store(out, k.index, cast(k.load(a, k.index, n), to));
  iteration(1);
  if (width !== 1) k.wide(width, () => iteration(width));
  return k.finish();
}

function converted(run: WasmRunner, kernel: Kernel, from: ScalarKind, to: ScalarKind, values: readonly Scalar[]) {
  const blank = arrayOf(to, new Array(values.length).fill(0));
  const { bufs } = run(kernel, { bufs: [arrayOf(from, values), blank], n: values.length });
  return valuesOf(to, bufs[1]?.[0] ?? blank);
}

describe('casts', () => {
  for (const from of SCALAR_KINDS) {
    it(`from ${from} to every kind`, async () => {
      const all = SCALAR_KINDS.flatMap((to) =>
        laneCounts(from, to).map((width) => ({ to, kernel: castKernel(from, to, width) })),
      );
      const run = await wasmRunner(all.map((c) => c.kernel));
      const check = (values: readonly Scalar[]): void => {
        for (const { to, kernel } of all) {
          const got = converted(run, kernel, from, to, values);
          values.forEach((v, i) => {
            const want = convert(from, to, v);
            if (!sameValue(got[i], want)) {
              expect.fail(`${kernel.name}: ${String(v)} gives ${String(got[i])}, want ${String(want)}`);
            }
          });
        }
      };
      check(edgeValues(from));
      // Every awkward value in every lane.
      check(edgeValues(from).flatMap((v) => [v, v, v, v, v]));
      fc.assert(fc.property(fc.array(valueArb(from), { maxLength: 9 }), check), { numRuns: 60, seed: 3 });
    });
  }

  it('agree with a table written by hand', async () => {
    const table: readonly (readonly [ScalarKind, ScalarKind, Scalar, Scalar])[] = [
      ['f64', 'i8', 300.7, 127],
      ['f64', 'i8', -300.7, -128],
      ['f64', 'u8', -0.9, 0],
      ['f64', 'u8', 255.9, 255],
      ['f32', 'u16', Number.NaN, 0],
      ['f64', 'i32', -2147483649.5, -2147483648],
      ['f64', 'u32', 4294967295.5, 4294967295],
      ['f64', 'i64', Number.POSITIVE_INFINITY, 9223372036854775807n],
      ['f32', 'u64', Number.NEGATIVE_INFINITY, 0n],
      ['i32', 'i8', 200, -56],
      ['i32', 'u16', -1, 65535],
      ['i8', 'u64', -1, 18446744073709551615n],
      ['u64', 'i32', 4294967295n, -1],
      ['u64', 'f32', 9223372586610589697n, 2 ** 63 + 2 ** 40],
      ['u64', 'f64', 18446744073709551615n, 2 ** 64],
      ['bool', 'f64', true, 1],
      ['f64', 'bool', Number.NaN, true],
      ['f64', 'bool', -0, false],
      ['i64', 'bool', 4294967296n, true],
    ];
    for (const [from, to, value, want] of table) {
      for (const width of laneCounts(from, to)) {
        const kernel = castKernel(from, to, width);
        const run = await wasmRunner([kernel]);
        const got = converted(run, kernel, from, to, new Array(5).fill(value));
        expect(got, `${kernel.name} of ${String(value)}`).toEqual(new Array(5).fill(want));
      }
    }
  });
});
