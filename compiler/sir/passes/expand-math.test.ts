import { expect, test } from 'vitest';
import { library, MATH_NAMES } from '../../testing/math-accuracy.ts';
import { callKernel } from '../../testing/math-points.ts';
import { bin, cmp, KernelBuilder, lit, un } from '../build.ts';
import { runKernel } from '../interp.ts';
import type { Kernel, Stmt } from '../kernel.ts';
import { kernelText } from '../print.ts';
import { exprsOf, walkExpr, walkStmts } from '../shape.ts';
import { verifyKernel } from '../verify.ts';
import { expandMath } from './expand-math.ts';
import { vectorize } from './vectorize.ts';

/** How many expressions of the statements satisfy `wanted`, by operation. */
function ops(stmts: readonly Stmt[], op: string): number {
  let n = 0;
  walkStmts(stmts, (s) => {
    for (const e of exprsOf(s)) {
      walkExpr(e, (x) => {
        if ((x.x === 'un' || x.x === 'bin') && x.op === op) n++;
      });
    }
  });
  return n;
}

function expanded(kernel: Kernel): Kernel {
  const out = expandMath(kernel);
  verifyKernel(out);
  return out;
}

test('a kernel without library functions comes back itself', () => {
  const kernel = callKernel('sqrt', 'f64');
  expect(expandMath(kernel)).toBe(kernel);
});

test('no call is left', () => {
  for (const f of MATH_NAMES) {
    const kernel = expanded(vectorize(callKernel(f, 'f64')).kernel);
    expect(ops(kernel.body, f) + ops(kernel.wide?.body ?? [], f)).toBe(0);
    expect(expandMath(kernel)).toBe(kernel);
  }
});

test('the code of exp in f32', () => {
  expect(kernelText(expanded(callKernel('exp', 'f32')))).toMatchInlineSnapshot(`
    "kernel map_exp_f32(x: read f32[], out: write f32[]) {
      body %0 {
        %1: f32 = x[%0]
        %2: f32 = pmin(pmax(%1, -104f32), 89f32)
        %3: f32 = (%2 * 1.4426950216293335f32) + 12582912f32
        %4: f32 = %3 - 12582912f32
        %5: f32 = %2 - (%4 * 0.693359375f32)
        %6: f32 = %4 * -0.00021219444170128554f32
        %7: u32 = bits.u32(%3)
        %8: f32 = %5 - %6
        %9: f32 = %8 * %8
        %10: f32 = ((((0.0013813185505568981f32 * %9) + 0.04166845977306366f32) * %9) + 0.4999999403953552f32) + (%8 * ((0.00836868491023779f32 * %9) + 0.1666651964187622f32))
        %11: f32 = 1f32 + (%5 + ((%9 * %10) - %6))
        %12: u32 = %7 >> 1u32
        %13: f32 = (%11 * bits.f32((%12 + 127u32) << 23u32)) * bits.f32(((%7 - %12) + 127u32) << 23u32)
        out[%0] = %13
      }
    }
    "
  `);
});

test('the same call twice is one expansion, sin and cos share all but the selection', () => {
  const make = (fs: readonly ('sin' | 'cos')[]): Kernel => {
    const k = new KernelBuilder('wave');
    const x = k.load(k.buf('x', 'f64', 'read'), k.index);
    const angle = (): ReturnType<typeof bin> => bin('*', x, lit('f64', 0.5));
    const terms = fs.map((f) => un(f, angle()));
    const [first = lit('f64', 0), ...more] = terms;
    k.store(
      k.buf('out', 'f64', 'write'),
      k.index,
      more.reduce((a, b) => bin('+', a, b), first),
    );
    return expanded(k.finish());
  };
  const count = (fs: readonly ('sin' | 'cos')[]): number => ops(make(fs).body, '*');
  expect(count(['sin', 'sin'])).toBe(count(['sin']));
  expect(count(['sin', 'cos'])).toBe(count(['sin']));
});

test.each(['erf', 'erfc', 'normcdf'] as const)('%s of x and of -x share all but the sign', (f) => {
  const make = (signs: readonly (1 | -1)[]): Kernel => {
    const k = new KernelBuilder('both');
    const x = k.load(k.buf('x', 'f64', 'read'), k.index);
    for (const [i, sign] of signs.entries()) {
      k.store(k.buf(`out${i}`, 'f64', 'write'), k.index, un(f, sign === 1 ? x : k.let(un('neg', x))));
    }
    return expanded(k.finish());
  };
  expect(ops(make([1, -1]).body, '*')).toBe(ops(make([1]).body, '*'));
  const xs = [0.3, -0.3, 2, -2, 0, -0, 50, Number.NaN];
  const bufs = [Float64Array.from(xs), new Float64Array(8), new Float64Array(8)];
  const rest = { scalars: [], begin: 0, end: 8, part: 0, rowsPerPart: 8, cells: [], cursors: [], useWide: false };
  runKernel(make([1, -1]), { bufs, ...rest });
  expect([...(bufs[1] ?? [])]).toStrictEqual(xs.map((x) => library(f, 'f64', [x, 0])));
  expect([...(bufs[2] ?? [])]).toStrictEqual(xs.map((x) => library(f, 'f64', [-x, 0])));
});

test('statements of an expansion stay in the block of the call, after the assignments before it', () => {
  const k = new KernelBuilder('guarded');
  const x = k.load(k.buf('x', 'f64', 'read'), k.index);
  const out = k.buf('out', 'f64', 'write');
  const v = k.var(x);
  k.if(cmp('>', x, lit('f64', 0)), () => {
    k.set(v, un('log', v));
    k.set(v, un('log', v));
  });
  k.store(out, k.index, v);
  const kernel = expanded(k.finish());
  const top = kernel.body.map((s) => s.s);
  expect(top).toStrictEqual(['load', 'var', 'if', 'store']);
  const bufs = [new Float64Array([Math.exp(Math.exp(2)), -3]), new Float64Array(2)];
  const rest = { scalars: [], begin: 0, end: 2, part: 0, rowsPerPart: 2, cells: [], cursors: [], useWide: false };
  runKernel(kernel, { bufs, ...rest });
  expect(bufs[1]?.[0]).toBeCloseTo(2, 14);
  expect(bufs[1]?.[1]).toBe(-3);
});

test('a condition of a while becomes a variable, set before the loop and at its end', () => {
  const k = new KernelBuilder('loop');
  const v = k.var(k.load(k.buf('x', 'f64', 'read'), k.index));
  k.while(cmp('>', un('exp', v), lit('f64', 2)), () => k.set(v, bin('-', v, lit('f64', 1))));
  k.store(k.buf('out', 'f64', 'write'), k.index, v);
  const kernel = k.finish();
  const made = expanded(kernel);
  expect(ops(made.body, 'exp')).toBe(0);
  const results = [kernel, made].map((one) => {
    const bufs = [Float64Array.of(3.5, -1, 0.7, Number.NaN), new Float64Array(4)];
    const rest = { scalars: [], begin: 0, end: 4, part: 0, rowsPerPart: 4, cells: [], cursors: [], useWide: false };
    runKernel(one, { bufs, ...rest });
    return bufs[1];
  });
  expect(results[1]).toStrictEqual(results[0]);
  expect(results[1]).toStrictEqual(Float64Array.of(0.5, -1, -0.30000000000000004, Number.NaN));
});

test('wide code has no call: an iteration with a large argument is left to the body, which branches', () => {
  const kernel = expanded(vectorize(callKernel('sin', 'f64')).kernel);
  expect(kernel.wide?.lanes).toBe(2);
  const wide = kernel.wide?.body ?? [];
  expect(ops(wide, 'sin')).toBe(0);
  let bails = 0;
  walkStmts(wide, (s) => {
    if (s.s === 'fail' && s.code === 'RareLanes') bails++;
  });
  expect(bails).toBe(1);
  // The integers of the reduction are in the branches of the body, not in the lanes.
  const guards = kernel.body.filter((s) => s.s === 'if');
  expect(ops(wide, '>>')).toBe(0);
  expect(ops(guards, '>>')).toBe(ops(kernel.body, '>>'));
  expect(ops(guards, '>>')).toBeGreaterThan(10);

  const xs = [0.5, 1e300, -2, 3, 4e200, 7, -0.25];
  const [narrow, lanes] = [false, true].map((useWide) => {
    const bufs = [Float64Array.from(xs), new Float64Array(xs.length)];
    runKernel(kernel, {
      bufs,
      scalars: [],
      begin: 0,
      end: 7,
      part: 0,
      rowsPerPart: 7,
      cells: [],
      cursors: [],
      useWide,
    });
    return bufs[1];
  });
  expect(lanes).toStrictEqual(narrow);
  expect(narrow?.[1]).toBe(library('sin', 'f64', [1e300, 0]));
});

test.each([
  ['exp', 'exp(-710.5) and -745 are denormal', [1, -2.5, -710.5, 0.25, 3, 800, -745, 0, 709.5, -Infinity, 7, 8, NaN]],
  ['log', 'zeros, denormals and what has no logarithm', [0.1, 2, 0, 3, 4, -1, 5e-324, 6, Infinity, 7, 8, 1e-310, NaN]],
  ['log1p', 'the pole and beyond it', [0.1, 2, -1, 3, 4, -2, 5e-324, 6, Infinity, 7, 8, -0, NaN]],
  ['erf', 'both sides of 1', [0.1, -0.2, 0.5, 1, 0.999, -3, 40, 0.3, 0.4, -0, Infinity, -0.7, NaN]],
] as const)('%s in lanes gives the bits that it gives alone: %s', (f, _what, xs) => {
  for (const kind of ['f64', 'f32'] as const) {
    const kernel = expanded(vectorize(callKernel(f, kind)).kernel);
    const columns = (): readonly (Float64Array | Float32Array)[] =>
      kind === 'f64'
        ? [Float64Array.from(xs), new Float64Array(xs.length)]
        : [Float32Array.from(xs), new Float32Array(xs.length)];
    const bufs = columns();
    const rest = { scalars: [], begin: 0, end: xs.length, part: 0, rowsPerPart: xs.length, cells: [], cursors: [] };
    runKernel(kernel, { bufs, ...rest, useWide: true });
    const alone = Array.from(bufs[0] ?? [], (x) => library(f, kind, [x, 0]));
    expect([...(bufs[1] ?? [])]).toStrictEqual(alone);
  }
});

test('after a reduction has taken its value the iteration goes on, and lanes are reduced one by one in a branch', () => {
  const k = new KernelBuilder('both');
  const x = k.load(k.buf('x', 'f64', 'read'), k.index);
  const [plain, sines] = [k.reduction('plain', 'f64', '+'), k.reduction('sines', 'f64', '+')];
  k.accum(plain, x);
  k.accum(sines, un('sin', x));
  const kernel = expanded(vectorize(k.finish(), { always: true }).kernel);
  expect(ops(kernel.wide?.body ?? [], '>>')).toBe(2 * ops(expanded(callKernel('sin', 'f64')).body, '>>'));
  const cells = [-0, -0];
  const bufs = [Float64Array.from([1, 2, 1e300, 4, 5])];
  const rest = { scalars: [], begin: 0, end: 5, part: 0, rowsPerPart: 5, cursors: [], useWide: true };
  runKernel(kernel, { bufs, cells, ...rest });
  expect(cells[0]).toBe(1e300);
  expect(cells[1]).toBeCloseTo(
    [1, 2, 1e300, 4, 5].reduce((sum, v) => sum + Math.sin(v), 0),
    12,
  );
});
