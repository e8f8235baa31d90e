import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type KernelArray, runKernel } from '../sir/interp.ts';
import type { Kernel } from '../sir/kernel.ts';
import { expandMath } from '../sir/passes/expand-math.ts';
import { interleave } from '../sir/passes/interleave.ts';
import { vectorize } from '../sir/passes/vectorize.ts';
import { kernelText } from '../sir/print.ts';
import { arbKernel, callOf, ROWS_PER_PART } from './arb-kernel.ts';
import { library, MATH_NAMES } from './math-accuracy.ts';
import { callKernel, isBinary, mapKernel, type Point, points } from './math-points.ts';
import { wasmRunner } from './run-wasm.ts';

const [COUNT, SEED] = [120, 11];
const CORNERS = [NaN, Infinity, -Infinity, 0, -0, 1, -1, 2, 0.5, -2.5, 3, 1e-320, 1e22, -1e9, 1e300, 2 ** 53];
/** Every corner with every other. */
const CORNER_POINTS: readonly Point[] = CORNERS.flatMap((x) => CORNERS.map((y) => [x, y] as const));

test('math through WASM has the bits of the library on numbers, in lanes and in the scalar rest', async () => {
  const kernels = (['f64', 'f32'] as const).flatMap((kind) =>
    MATH_NAMES.map((f) => ({ f, kind, kernel: expandMath(vectorize(callKernel(f, kind)).kernel) })),
  );
  const run = await wasmRunner(kernels.map((k) => k.kernel));
  for (const { f, kind, kernel } of kernels) {
    expect(kernel.wide?.lanes).toBe(kind === 'f64' ? 2 : 4);
    // Angles that lanes cannot reduce come last: from the first on, everything is scalar. An odd count leaves rows to
    // the scalar body in any case.
    const all = [...points(f, kind, 41), ...CORNER_POINTS].sort(([a], [b]) => Math.abs(a) - Math.abs(b));
    const args = all.slice(0, all.length - (all.length % 2 === 0 ? 1 : 0));
    const column = (part: 0 | 1): Float64Array | Float32Array => {
      const values = args.map((p) => p[part]);
      return kind === 'f64' ? Float64Array.from(values) : Float32Array.from(values);
    };
    const [x, y] = [column(0), column(1)];
    const bufs = isBinary(f) ? [x, y, x.slice().fill(0)] : [x, x.slice().fill(0)];
    const out = run(kernel, { bufs, n: args.length }).bufs.at(-1)?.[0];
    const expected = args.map((_, i) => library(f, kind, [x[i] ?? 0, y[i] ?? 0]));
    expect(Array.from(out ?? [], Number), `${f} ${kind}`).toStrictEqual(expected);
  }
});

test('the interpreter of kernels runs the same code, in lanes and expanded', () => {
  for (const f of ['exp', 'tan', 'pow', 'atan2', 'normcdf'] as const) {
    const args = [...points(f, 'f64', 3), ...CORNER_POINTS.slice(0, 60)];
    const expected = args.map((p) => library(f, 'f64', p));
    const wide = vectorize(callKernel(f, 'f64')).kernel;
    for (const kernel of [wide, expandMath(wide)]) {
      for (const useWide of [true, false]) {
        expect(mapKernel(kernel, args, useWide), kernel.name).toStrictEqual(expected);
      }
    }
  }
});

/** What a compilation makes of a kernel: every other one with iterations side by side. */
function finished(kernel: Kernel, i: number): Kernel {
  const expanded = expandMath(vectorize(kernel, { always: true }).kernel);
  return i % 2 === 0 ? interleave(expanded) : expanded;
}

test('random kernels, vectorised, expanded and interleaved, do through WASM what they do in the interpreter', async () => {
  const cases = fc
    .sample(arbKernel({ functions: ['exp', 'sin', 'log', 'tan', 'log1p', 'erfc'] }), { numRuns: COUNT, seed: SEED })
    .map((c, i) => ({
      ...c,
      kernel: { ...finished(c.kernel, i), name: `arb${i}` },
    }));
  const run = await wasmRunner(cases.map((c) => c.kernel));
  for (const c of cases) {
    const n = c.end - c.begin;
    const call = callOf({ ...c, begin: 0, end: n, part: 0 }, true);
    const status = runKernel(c.kernel, call);
    const { scalars } = c;
    const out = run(c.kernel, { bufs: c.bufs(), scalars, n, rowsPerPart: ROWS_PER_PART });
    expect(out.status[0], kernelText(c.kernel)).toStrictEqual(status);
    if (status !== null) continue;
    // Behind what was pushed a target may have stored rows that did not pass.
    const pushed = new Set(c.kernel.bufs.flatMap((b, i) => (b.name.startsWith('list') ? [i] : [])));
    const visible = (b: KernelArray | undefined, i: number): KernelArray | undefined =>
      pushed.has(i) ? b?.slice(0, call.cursors[0]) : b;
    const { cells, cursors } = call;
    expect(
      { bufs: out.bufs.map((b, i) => visible(b[0], i)), cells: out.cells[0], cursors: out.cursors[0] },
      kernelText(c.kernel),
    ).toStrictEqual({ bufs: call.bufs.map(visible), cells, cursors });
  }
});
