/** Two-phase kernels do what their bodies do: in the interpreter and as WASM, over batches, parts, calls and failures. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BATCH_ROWS } from '../../analysis/cost.ts';
import { type ScalarKind, scalarBytes } from '../../core/types.ts';
import { arbKernel, callOf } from '../../testing/arb-kernel.ts';
import { type WasmLaunch, wasmRunner } from '../../testing/run-wasm.ts';
import { bin, bitcast, cast, cmp, KernelBuilder, lit } from '../build.ts';
import { type KernelArray, kernelArray, runKernel, type Scalar } from '../interp.ts';
import type { Kernel } from '../kernel.ts';
import { verifyKernel } from '../verify.ts';
import { expandMath } from './expand-math.ts';
import { interleave } from './interleave.ts';
import { vectorize } from './vectorize.ts';

const KEYS = 8;
const FEW_ROWS = [0, 1, 3, 4, 17];
const MANY_ROWS = [BATCH_ROWS - 1, BATCH_ROWS, BATCH_ROWS + 1, 2 * BATCH_ROWS + 19, 1000];

/**
 * Updates that depend on the order of rows. A key outside the tables fails in the lanes; a key seen `limit` times fails
 * in the rows. What the rows read: wide values of `kind`, a bool, the key, and an i64 that all rows share. With `some` all of
 * it is done for flagged rows alone.
 */
function updates(kind: ScalarKind, some: boolean): Kernel {
  const k = new KernelBuilder('updates');
  const key = k.load(k.buf('key', 'i32', 'read'), k.index);
  const flag = k.load(k.buf('flag', 'bool', 'read'), k.index);
  const x = k.load(k.buf('x', kind, 'read'), k.index);
  const table = k.buf('table', kind, 'readwrite', true);
  const seen = k.buf('seen', 'i32', 'readwrite', true);
  const wide = k.buf('wide', 'i64', 'readwrite', true);
  const limit = k.scalar('limit', 'i32');
  const step = k.let(bin('+', k.scalar('step', 'i64'), lit('i64', 1n << 40n)));
  k.fail('ArrayOutOfBounds', k.let(cmp('>=', bitcast(key, 'u32'), lit('u32', KEYS))));
  const twice = k.let(bin('+', x, x));
  // So the lanes have it as well.
  k.accum(k.reduction('total', kind, '+'), twice);
  if (!some) k.store(wide, key, bin('+', k.load(wide, key), cast(flag, 'i64')));
  k.if(flag, () => {
    const count = k.load(seen, key);
    k.fail('TableFull', cmp('>=', count, limit));
    k.store(seen, key, bin('+', count, lit('i32', 1)));
    k.store(table, key, bin('+', bin('*', k.load(table, key), cast(lit('i32', 3), kind)), twice));
    k.store(wide, key, bin('+', bin('*', k.load(wide, key), lit('i64', 3n)), step));
  });
  return k.finish();
}

function apart(kernel: Kernel): Kernel {
  const made = vectorize(kernel, { always: true, apart: true }).kernel;
  expect(made.wide?.rows).not.toBeNull();
  verifyKernel(made);
  return made;
}

/** For all rows, and for picked ones. */
const BOTH = [false, true] as const;

/** `bad` is a row whose key is outside the tables. */
function dataFor(kind: ScalarKind, n: number, bad = -1): KernelArray[] {
  const keys = Int32Array.from({ length: n }, (_, i) => (i === bad ? KEYS : (i * 7 + (i >> 3)) % KEYS));
  const flags = Uint8Array.from({ length: n }, (_, i) => Number(i % 3 !== 1));
  const xs = kernelArray(kind, n);
  const big = xs instanceof BigInt64Array || xs instanceof BigUint64Array;
  for (let i = 0; i < n; i++) xs[i] = (big ? BigInt(i * 37 - 99) : (i * 37) % 201) as never;
  return [keys, flags, xs, kernelArray(kind, KEYS), new Int32Array(KEYS), new BigInt64Array(KEYS)];
}

const SCALARS: readonly Scalar[] = [1_000_000, 5n];

/** What the scalar body leaves of one part, by the interpreter. */
function byRow(kernel: Kernel, bufs: readonly KernelArray[], scalars: readonly Scalar[], useWide = false) {
  const own = bufs.map((b) => b.slice());
  const [n] = [bufs[0]?.length ?? 0];
  const rest = { begin: 0, end: n, part: 0, rowsPerPart: Math.max(n, 1), cells: [], cursors: [] };
  const status = runKernel(kernel, { ...rest, bufs: own, scalars, useWide });
  return { status, bufs: own };
}

describe('the row phase', () => {
  const kinds = (['i8', 'u16', 'i32', 'f32', 'i64', 'f64'] as const).flatMap((k) =>
    BOTH.map((some) => [k, some] as const),
  );
  it.each(kinds)('carries %s, bool and shared i64, picked: %s', async (kind, some) => {
    const plain = updates(kind, some);
    const phased = apart(plain);
    expect(phased.wide?.rows?.picked !== null).toBe(some);
    expect(phased.wide?.lanes).toBe(scalarBytes(kind) === 8 ? 2 : 4);
    const together = { ...interleave(phased), name: 'together' };
    expect(together.wide?.step).toBeGreaterThan(phased.wide?.step ?? 0);
    const run = await wasmRunner([phased, together]);
    for (const n of [...FEW_ROWS, ...MANY_ROWS]) {
      const bufs = dataFor(kind, n);
      const want = byRow(plain, bufs, SCALARS);
      expect(want.status).toBeNull();
      expect(byRow(phased, bufs, SCALARS, true)).toStrictEqual(want);
      for (const kernel of [phased, together]) {
        for (const rowsPerCall of [Math.max(n, 1), 300]) {
          const got = run(kernel, { bufs, scalars: SCALARS, n, rowsPerCall });
          expect(got.status).toEqual([null]);
          expect(got.bufs.map(([first]) => first)).toStrictEqual(want.bufs);
        }
      }
    }
  });

  const floats = (['f32', 'f64'] as const).flatMap((k) => BOTH.map((some) => [k, some] as const));
  it.each(floats)('stops where the body stops, %s, picked: %s', async (kind, some) => {
    const plain = updates(kind, some);
    const kernels = [apart(plain), { ...interleave(apart(plain)), name: 'together' }];
    const run = await wasmRunner(kernels);
    const n = 3 * BATCH_ROWS + 5;
    const cases: (readonly [bad: number, limit: number])[] = [0, 2, 255, 256, 257, 600, n - 1].map((row) => [row, 1e6]);
    // The rows of a batch fail before lanes of a later one, and behind them in their own.
    for (const limit of [0, 1, 20, 47, 60]) for (const bad of [-1, 3, 200, 300, 700]) cases.push([bad, limit]);
    for (const [bad, limit] of cases) {
      const scalars = [limit, 5n];
      const launch: WasmLaunch = { bufs: dataFor(kind, n, bad), scalars, n };
      const { status } = byRow(plain, launch.bufs, scalars);
      expect(status).not.toBeNull();
      for (const kernel of kernels) expect(run(kernel, launch).status, `${bad} ${limit}`).toEqual([status]);
    }
  });

  it.each(BOTH)('has scratch of its own in every part, picked: %s', async (some) => {
    const kernel = apart(updates('f64', some));
    const run = await wasmRunner([kernel]);
    const [n, rowsPerPart] = [700, 300];
    const bufs = dataFor('f64', n);
    const { bufs: got, status } = run(kernel, { bufs, scalars: SCALARS, n, rowsPerPart });
    expect(status).toEqual([null, null, null]);
    for (let part = 0; part < 3; part++) {
      const rows = bufs.map((b, k) => (k < 3 ? b.slice(part * rowsPerPart, (part + 1) * rowsPerPart) : b));
      const want = byRow(kernel, rows, SCALARS);
      for (let k = 3; k < bufs.length; k++) expect(got[k]?.[part]).toStrictEqual(want.bufs[k]);
    }
  });

  it('of random kernels does what their bodies do', async () => {
    const seen = { phases: 0, picked: 0 };
    await fc.assert(
      fc.asyncProperty(arbKernel({ functions: ['exp', 'sin'] }), async (c) => {
        const { kernel } = vectorize(c.kernel, { always: true, apart: true });
        if (kernel.wide?.rows == null) return;
        const made = interleave(expandMath(kernel));
        verifyKernel(made);
        seen.phases++;
        if (made.wide?.rows?.picked !== null) seen.picked++;
        const outcome = (useWide: boolean) => {
          const call = callOf({ ...c, kernel: made }, useWide);
          const status = runKernel(made, call);
          return status ?? { bufs: call.bufs, cells: call.cells, cursors: call.cursors };
        };
        expect(outcome(true)).toStrictEqual(outcome(false));
      }),
      { numRuns: 200, seed: 20240917 },
    );
    expect(seen.phases).toBeGreaterThan(40);
    expect(seen.picked).toBeGreaterThan(10);
  });
});
