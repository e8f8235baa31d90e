import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type KernelArray, runKernel } from '../sir/interp.ts';
import type { Kernel } from '../sir/kernel.ts';
import { expandMath } from '../sir/passes/expand-math.ts';
import { interleave } from '../sir/passes/interleave.ts';
import { vectorize } from '../sir/passes/vectorize.ts';
import { kernelText } from '../sir/print.ts';
import { arbKernel, callOf, ROWS_PER_PART } from './arb-kernel.ts';
import type { ExactFunction } from './exact-math.ts';
import { callKernel, mapKernel, points } from './math-points.ts';
import { wasmRunner } from './run-wasm.ts';

const FUNCTIONS: readonly ExactFunction[] = ['exp', 'log', 'sin', 'cos', 'asin', 'acos', 'atan', 'tanh', 'erf'];
const [COUNT, SEED] = [120, 11];
const CORNERS = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  0,
  -0,
  1,
  -1,
  2,
  1e-320,
  1e22,
  -1e9,
  1e300,
];

test('math through WASM has the bits of the interpreter, in lanes and in the scalar rest', async () => {
  const kernels = (['f64', 'f32'] as const).flatMap((kind) =>
    FUNCTIONS.map((f) => ({ f, kind, kernel: expandMath(vectorize(callKernel(f, kind)).kernel) })),
  );
  const run = await wasmRunner(kernels.map((k) => k.kernel));
  for (const { f, kind, kernel } of kernels) {
    expect(kernel.wide?.lanes).toBe(kind === 'f64' ? 2 : 4);
    // An odd count leaves rows to the scalar body.
    const xs = [...CORNERS, ...points(f, kind, 101)].slice(0, 401);
    const input = kind === 'f64' ? Float64Array.from(xs) : Float32Array.from(xs);
    const out = run(kernel, { bufs: [input, input.slice().fill(0)], n: xs.length }).bufs[1]?.[0];
    expect(Array.from(out ?? [], Number), `${f} ${kind}`).toStrictEqual(mapKernel(kernel, Array.from(input), true));
  }
});

/** What a compilation makes of a kernel: every other one with iterations side by side. */
function finished(kernel: Kernel, i: number): Kernel {
  const expanded = expandMath(vectorize(kernel, { always: true }).kernel);
  return i % 2 === 0 ? interleave(expanded) : expanded;
}

test('random kernels, vectorised, expanded and interleaved, do through WASM what they do in the interpreter', async () => {
  const cases = fc
    .sample(arbKernel({ functions: ['exp', 'sin', 'log'] }), { numRuns: COUNT, seed: SEED })
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
