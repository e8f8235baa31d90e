/**
 * Whole kernels by the launch ABI: reductions and their order, parts, partial buffers, cursors, control flow, failing.
 * Expected values are computed here in plain JavaScript.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MergeOp, ScalarKind } from '../../core/types.ts';
import { SCALAR_KINDS } from '../../core/types.ts';
import { binary, type Scalar } from '../../sir/arith.ts';
import type { LoopLanes } from '../../sir/build.ts';
import { any, bin, cast, cmp, KernelBuilder, lane, lanes, lit, sel, splat } from '../../sir/build.ts';
import { identity } from '../../sir/interp.ts';
import type { Kernel } from '../../sir/kernel.ts';
import { interleave } from '../../sir/passes/interleave.ts';
import { vectorize } from '../../sir/passes/vectorize.ts';
import { arrayOf, edgeValues, laneCounts, valueArb, valuesOf } from '../../testing/kernel-values.ts';
import { wasmRunner } from '../../testing/run-wasm.ts';
import { compileWasm } from './emit.ts';

const OPS: readonly MergeOp[] = ['+', '*', 'min', 'max'];
const NUMBERS = SCALAR_KINDS.filter((k) => k !== 'bool');

/** Reduces a column, with a mask column if `masked`. */
function reduceKernel(op: MergeOp, kind: ScalarKind, width: LoopLanes, masked: boolean): Kernel {
  const k = new KernelBuilder(`reduce_${masked}`);
  const x = k.buf('x', kind, 'read');
  const m = k.buf('m', 'bool', 'read');
  const r = k.reduction('r', kind, op);
  const iteration = (n: LoopLanes): void => k.accum(r, k.load(x, k.index, n), masked ? k.load(m, k.index, n) : null);
  iteration(1);
  if (width !== 1) k.wide(width, () => iteration(width));
  return k.finish();
}

/** The documented order: lanes in row order, pairs of copies, pairs of lanes, cell op lanes, then the rest. */
function reduceInOrder(
  op: MergeOp,
  kind: ScalarKind,
  width: number,
  cell: Scalar,
  rows: readonly Scalar[],
  copies: 1 | 4 = 1,
): Scalar {
  const f = (a: Scalar, b: Scalar): Scalar => binary(op, kind, a, b);
  const step = width * copies;
  const whole = step === 1 ? 0 : rows.length - (rows.length % step);
  let out = cell;
  if (whole > 0) {
    const accumulator = (i: number): Scalar =>
      rows
        .slice(0, whole)
        .filter((_, row) => row % step === i)
        .reduce(f, identity(op, kind));
    const lane = (l: number): Scalar => {
      const [a = 0, b = 0, c = 0, d = 0] = Array.from({ length: copies }, (_, k) => accumulator(k * width + l));
      return copies === 1 ? a : f(f(a, b), f(c, d));
    };
    const pair = f(lane(0), lane(1));
    out = f(out, width === 4 ? f(pair, f(lane(2), lane(3))) : pair);
  }
  return rows.slice(whole).reduce(f, out);
}

describe('reductions', () => {
  for (const kind of NUMBERS) {
    it(`of ${kind} in the documented order, masked or not`, async () => {
      for (const width of laneCounts(kind)) {
        for (const op of OPS) {
          const [plain, masked] = [reduceKernel(op, kind, width, false), reduceKernel(op, kind, width, true)];
          const run = await wasmRunner([plain, masked]);
          const rows = fc.array(fc.tuple(valueArb(kind), fc.boolean()), { maxLength: 17 });
          fc.assert(
            fc.property(rows, valueArb(kind), (given, cell) => {
              const values = given.map((g) => g[0]);
              const kept = given.map(([v, take]) => (take ? v : identity(op, kind)));
              const bufs = [
                arrayOf(kind, values),
                arrayOf(
                  'bool',
                  given.map((g) => g[1]),
                ),
              ];
              const n = values.length;
              const all = run(plain, { bufs, n, cells: [cell] }).cells;
              expect(all).toEqual([[reduceInOrder(op, kind, width, cell, values)]]);
              const some = run(masked, { bufs, n, cells: [cell] }).cells;
              expect(some).toEqual([[reduceInOrder(op, kind, width, cell, kept)]]);
            }),
            { numRuns: 20, seed: 5 },
          );
        }
      }
    });
  }

  it.each(['f64', 'f32'] as const)('of %s with accumulators for each of the iterations side by side', async (kind) => {
    const width = kind === 'f64' ? 2 : 4;
    for (const op of OPS) {
      const kernel = interleave(reduceKernel(op, kind, width, false));
      expect(kernel.wide?.step).toBe(4 * width);
      const run = await wasmRunner([kernel]);
      fc.assert(
        fc.property(fc.array(valueArb(kind), { maxLength: 50 }), valueArb(kind), (values, cell) => {
          const bufs = [arrayOf(kind, values), arrayOf('bool', [])];
          const { cells } = run(kernel, { bufs, n: values.length, cells: [cell] });
          expect(cells).toEqual([[reduceInOrder(op, kind, width, cell, values, 4)]]);
        }),
        { numRuns: 20, seed: 6 },
      );
    }
  });

  it('keep -0, NaN and the empty column', async () => {
    for (const width of [1, 2] as const) {
      const kernels = OPS.map((op) => ({ ...reduceKernel(op, 'f64', width, true), name: `k${op}` }));
      const run = await wasmRunner(kernels);
      const results = (xs: readonly number[], take: boolean): unknown =>
        kernels.map((k) => {
          const mask = arrayOf(
            'bool',
            xs.map(() => take),
          );
          return run(k, { bufs: [arrayOf('f64', xs), mask], n: xs.length }).cells[0]?.[0];
        });
      const none = [-0, 1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      expect(results([], true)).toEqual(none);
      expect(results([1, 2, 3, 4, Number.NaN], false)).toEqual(none);
      expect(results([-0, -0, -0], true)).toEqual([-0, -0, -0, -0]);
      expect(results([0, -0, 1], true)).toEqual([1, -0, -0, 1]);
      expect(results([1, Number.NaN, 3], true)).toEqual(new Array(4).fill(Number.NaN));
    }
  });

  it('accumulate scalars inside wide code, and a 32-bit kind in a 2-lane loop', async () => {
    const k = new KernelBuilder('mixed');
    const x = k.buf('x', 'f64', 'read');
    const c = k.buf('c', 'i32', 'read');
    const sum = k.reduction('sum', 'f64', '+');
    const count = k.reduction('count', 'i32', '+');
    const rounds = k.reduction('rounds', 'i64', '+');
    const iteration = (n: LoopLanes): void => {
      const mask = cmp('>', k.load(x, k.index, n), lit('f64', 0, n));
      k.accum(sum, cast(k.load(c, k.index, n), 'f64'), mask);
      k.accum(count, lit('i32', 1, n), mask);
      k.accum(rounds, lit('i64', 1));
    };
    iteration(1);
    k.wide(2, () => iteration(2));
    const kernel = k.finish();
    const run = await wasmRunner([kernel]);
    const xs = [1, -1, 2, Number.NaN, 3, 4, -5];
    const bufs = [arrayOf('f64', xs), arrayOf('i32', [1, 2, 4, 8, 16, 32, 64])];
    // Three wide rounds and one scalar row.
    expect(run(kernel, { bufs, n: 7 }).cells).toEqual([[1 + 4 + 16 + 32, 4, 4n]]);
  });

  it('are stored between calls and kept apart by part', async () => {
    const kernel = reduceKernel('+', 'i64', 2, false);
    const run = await wasmRunner([kernel]);
    const xs = Array.from({ length: 23 }, (_, i) => BigInt(i));
    const bufs = [arrayOf('i64', xs), new Uint8Array(23)];
    const { cells } = run(kernel, { bufs, n: 23, rowsPerPart: 10, rowsPerCall: 3 });
    expect(cells).toEqual([[45n], [145n], [20n + 21n + 22n]]);
  });
});

describe('memory', () => {
  for (const kind of SCALAR_KINDS) {
    it(`loads and stores ${kind} before, at and after the row`, async () => {
      for (const width of laneCounts(kind)) {
        const k = new KernelBuilder('copy');
        const a = k.buf('a', kind, 'read');
        const out = k.buf('out', kind, 'write');
        const start = k.scalar('start', 'i32');
        const iteration = (n: LoopLanes): void => {
          k.store(out, bin('+', k.index, lit('i32', 1)), k.load(a, bin('+', k.index, start), n));
        };
        iteration(1);
        if (width !== 1) k.wide(width, () => iteration(width));
        const kernel = k.finish();
        const run = await wasmRunner([kernel]);
        const edges = edgeValues(kind);
        const values = Array.from({ length: 11 }, (_, i) => edges[i % edges.length] ?? 0);
        for (const start of [0, 1, 3]) {
          const n = 11 - start;
          const blank = arrayOf(kind, new Array(n + 1).fill(0));
          const { bufs } = run(kernel, { bufs: [arrayOf(kind, values), blank], scalars: [start], n });
          const zero = valuesOf(kind, blank)[0];
          expect(valuesOf(kind, bufs[1]?.[0] ?? blank)).toEqual([zero, ...values.slice(start)]);
        }
      }
    });
  }

  it('passes scalars of every kind, also to hoisted code', async () => {
    for (const kind of SCALAR_KINDS) {
      const k = new KernelBuilder('fill');
      const out = k.buf('out', kind, 'write');
      const v = k.scalar('v', kind);
      const width = laneCounts(kind).at(-1) === 4 ? 4 : 2;
      k.store(out, k.index, v);
      k.wide(width, () => k.store(out, k.index, k.let(splat(v, width))));
      const kernel = k.finish();
      const run = await wasmRunner([kernel]);
      for (const value of edgeValues(kind)) {
        const blank = arrayOf(kind, [0, 0, 0, 0, 0]);
        const { bufs } = run(kernel, { bufs: [blank], scalars: [value], n: 5 });
        expect(valuesOf(kind, bufs[0]?.[0] ?? blank)).toEqual(new Array(5).fill(value));
      }
    }
  });

  it('gives every part its own copy of a partial buffer', async () => {
    const k = new KernelBuilder('histogram');
    const x = k.buf('x', 'u8', 'read');
    const table = k.buf('table', 'i32', 'readwrite', true);
    const key = k.let(cast(k.load(x, k.index), 'i32'));
    k.store(table, key, bin('+', k.load(table, key), lit('i32', 1)));
    const kernel = k.finish();
    const run = await wasmRunner([kernel]);
    const bufs = [arrayOf('u8', [0, 1, 1, 2, 2, 2, 3, 0]), arrayOf('i32', [0, 0, 0, 10])];
    const out = run(kernel, { bufs, n: 8, rowsPerPart: 3 }).bufs[1];
    expect(out).toEqual([arrayOf('i32', [1, 2, 0, 10]), arrayOf('i32', [0, 0, 3, 10]), arrayOf('i32', [1, 0, 0, 11])]);
  });
});

describe('cursors', () => {
  /** Keeps positive values, with their row. `costly`: the pushed value is no cheap expression, so a branch is used. */
  function filterKernel(name: string, costly: boolean, width: 1 | 4): Kernel {
    const k = new KernelBuilder(name);
    const x = k.buf('x', 'i32', 'read');
    const value = k.buf('value', 'i32', 'write');
    const row = k.buf('row', 'i64', 'write');
    const cursor = k.cursor();
    const push = (v: ReturnType<typeof k.let>, at: ReturnType<typeof bin>, keep: ReturnType<typeof cmp>): void => {
      const kept = costly ? bin('/', v, sel(keep, lit('i32', 1), lit('i32', 0))) : v;
      k.if(keep, () =>
        k.push(cursor, [
          [value, kept],
          [row, cast(at, 'i64')],
        ]),
      );
    };
    const v = k.load(x, k.index);
    push(v, k.index, cmp('>', v, lit('i32', 0)));
    if (width === 4) {
      k.wide(4, () => {
        const w = k.load(x, k.index, 4);
        const keep = k.let(cmp('>', w, lit('i32', 0, 4)));
        for (let l = 0; l < 4; l++) push(k.let(lane(w, l)), bin('+', k.index, lit('i32', l)), lane(keep, l));
      });
    }
    return k.finish();
  }

  it('compact rows by part, with and without a branch, scalar and wide', async () => {
    const kernels = [1, 4].flatMap((w) =>
      [false, true].map((costly) => filterKernel(`f${w}${costly}`, costly, w === 4 ? 4 : 1)),
    );
    const run = await wasmRunner(kernels);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -2, max: 3 }), { maxLength: 40 }), fc.nat(12), (xs, extra) => {
        const rowsPerPart = extra + 1;
        const n = xs.length;
        for (const kernel of kernels) {
          const bufs = [
            arrayOf('i32', xs),
            arrayOf(
              'i32',
              xs.map(() => 0),
            ),
            arrayOf(
              'i64',
              xs.map(() => 0),
            ),
          ];
          const out = run(kernel, { bufs, n, rowsPerPart, rowsPerCall: 5 });
          const values: number[] = [];
          const rows: bigint[] = [];
          out.cursors.forEach(([count = 0], p) => {
            const at = p * rowsPerPart;
            values.push(...Array.from((out.bufs[1]?.[0] ?? []) as ArrayLike<number>).slice(at, at + count));
            rows.push(...Array.from((out.bufs[2]?.[0] ?? []) as ArrayLike<bigint>).slice(at, at + count));
          });
          expect(values).toEqual(xs.filter((x) => x > 0));
          expect(rows).toEqual(xs.flatMap((x, i) => (x > 0 ? [BigInt(i)] : [])));
        }
      }),
      { numRuns: 60, seed: 8 },
    );
  });
});

describe('control flow', () => {
  it('runs vars, while and nested ifs', async () => {
    // Steps of the Collatz sequence, counted apart for odd and even numbers.
    const k = new KernelBuilder('collatz');
    const x = k.buf('x', 'i64', 'read');
    const out = k.buf('out', 'i32', 'write');
    const odd = k.reduction('odd', 'i64', '+');
    const n = k.var(k.load(x, k.index));
    const steps = k.var(lit('i32', 0));
    k.while(cmp('>', n, lit('i64', 1)), () => {
      const isOdd = cmp('==', bin('&', n, lit('i64', 1)), lit('i64', 1));
      k.if(
        isOdd,
        () => {
          k.set(n, bin('+', bin('*', n, lit('i64', 3)), lit('i64', 1)));
          k.accum(odd, lit('i64', 1));
        },
        () => k.if(cmp('>', n, lit('i64', 0)), () => k.set(n, bin('/', n, lit('i64', 2)))),
      );
      k.set(steps, bin('+', steps, lit('i32', 1)));
    });
    k.store(out, k.index, steps);
    const kernel = k.finish();
    const run = await wasmRunner([kernel]);
    const xs = [1n, 2n, 3n, 27n, 97n, 0n, -5n];
    const got = run(kernel, {
      bufs: [
        arrayOf('i64', xs),
        arrayOf(
          'i32',
          xs.map(() => 0),
        ),
      ],
      n: xs.length,
    });
    let odds = 0n;
    const want = xs.map((start) => {
      let v = start;
      let count = 0;
      for (; v > 1n; count++) {
        if (v % 2n === 1n) odds++;
        v = v % 2n === 1n ? v * 3n + 1n : v / 2n;
      }
      return count;
    });
    expect(got.bufs[1]?.[0]).toEqual(arrayOf('i32', want));
    expect(got.cells).toEqual([[odds]]);
  });

  it('takes a wide branch on any lane and tests spilled conditions every round', async () => {
    const k = new KernelBuilder('branch');
    const x = k.buf('x', 'i32', 'read');
    const hits = k.reduction('hits', 'i32', '+');
    const three = lit('i32', 3);
    k.if(cmp('>', k.load(x, k.index), three), () => k.accum(hits, lit('i32', 1)));
    k.wide(4, () => {
      const w = k.load(x, k.index, 4);
      const big = k.let(cmp('>', w, lit('i32', 3, 4)));
      k.if(any(big), () => {
        const l = k.var(lit('i32', 0));
        // min of integers is a select over spilled operands.
        k.while(cmp('<', bin('min', l, lit('i32', 4)), lit('i32', 1)), () => k.set(l, bin('+', l, lit('i32', 1))));
        k.accum(hits, splat(l, 4), big);
      });
    });
    const kernel = k.finish();
    const run = await wasmRunner([kernel]);
    const xs = [0, 5, 0, 9, 1, 1, 1, 1, 7, 7, 7, 7, 4];
    expect(run(kernel, { bufs: [arrayOf('i32', xs)], n: xs.length }).cells).toEqual([[7]]);
  });
});

describe('wide variables', () => {
  it('hold a value of all lanes, set under a branch', async () => {
    const k = new KernelBuilder('fix');
    const x = k.buf('x', 'f64', 'readwrite');
    const iteration = (n: LoopLanes): void => {
      const v = k.load(x, k.index, n);
      const out = k.var(bin('*', v, lit('f64', 2, n)));
      const bad = k.let(cmp('<', v, lit('f64', 0, n)));
      k.if(any(bad), () => k.set(out, sel(bad, lit('f64', -1, n), out)));
      k.store(x, k.index, out);
    };
    iteration(1);
    k.wide(2, () => iteration(2));
    const kernel = k.finish();
    const run = await wasmRunner([kernel]);
    const { bufs } = run(kernel, { bufs: [arrayOf('f64', [1, 2, -3, 4, 5, -6, -7])], n: 7 });
    expect(bufs[0]?.[0]).toEqual(arrayOf('f64', [2, 4, -1, 8, 10, -1, -1]));
  });
});

describe('failing', () => {
  /** Fails with ArrayOutOfBounds on x < 0 and then with DivisionByZero on x == 0; otherwise out = 100 / x. */
  function checkedKernel(width: 1 | 2 | 4): Kernel {
    const k = new KernelBuilder(`checked${width}`);
    const x = k.buf('x', 'i32', 'read');
    const out = k.buf('out', 'i32', 'write');
    const cursor = k.cursor();
    const iteration = (n: LoopLanes): void => {
      const v = k.load(x, k.index, n);
      const zero = lit('i32', 0, n);
      k.fail('ArrayOutOfBounds', cmp('<', v, zero));
      for (let l = 0; l < n; l++) k.push(cursor, [[out, lane(v, l)]]);
      k.fail('DivisionByZero', cmp('==', v, zero));
      k.store(out, k.index, bin('/', lit('i32', 100, n), v));
    };
    iteration(1);
    if (width !== 1) k.wide(width, () => iteration(width));
    return k.finish();
  }

  it('reports the first failing row and what is wrong there, scalar or wide', async () => {
    const kernels = [checkedKernel(1), checkedKernel(2), checkedKernel(4)];
    const run = await wasmRunner(kernels);
    const xs = fc.array(fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 1, max: 9 }) }, fc.constantFrom(0, -1)), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(xs, fc.constantFrom(5, 8, 20), (values, rowsPerPart) => {
        const want = Array.from({ length: Math.max(1, Math.ceil(values.length / rowsPerPart)) }, (_, p) => {
          const at = values.slice(p * rowsPerPart, (p + 1) * rowsPerPart).findIndex((v) => v <= 0);
          if (at < 0) return null;
          const row = p * rowsPerPart + at;
          return { code: values[row] === 0 ? 3 : 1, row };
        });
        for (const kernel of kernels) {
          const bufs = [arrayOf('i32', values), arrayOf('i32', values)];
          const { status } = run(kernel, { bufs, n: values.length, rowsPerPart });
          expect(status).toEqual(want);
        }
      }),
      { numRuns: 100, seed: 2 },
    );
  });
});

describe('modules', () => {
  const remainders = (name: string): Kernel => {
    const k = new KernelBuilder(name);
    const out = k.buf('out', 'f64', 'write');
    const iteration = (n: LoopLanes): void => {
      const steps = lanes(Array.from({ length: n }, (_, l) => lit('f64', l)));
      const i = k.let(bin('+', splat(cast(k.index, 'f64'), n), steps));
      k.store(out, k.index, bin('%', i, lit('f64', 3, n)));
    };
    iteration(1);
    k.wide(2, () => iteration(2));
    return k.finish();
  };

  it('list their imports and print as text', async () => {
    const made = await compileWasm([remainders('a'), remainders('b')], { text: true, check: true });
    expect(made.imports).toEqual(['fmod']);
    expect(made.text).toContain('(export "b" (func $b))');
    expect(made.text).toMatch(/\(import "env" "memory" \(memory \S+ 1 65536 shared\)\)/);
    expect((await compileWasm([remainders('a')])).text).toBeNull();
  });

  it.each(['direct', 'binaryen'] as const)('for 64-bit addresses are valid, written by %s', async (sink) => {
    const k = new KernelBuilder('filter');
    const x = k.buf('x', 'f32', 'read');
    const table = k.buf('table', 'i64', 'readwrite', true);
    const out = k.buf('out', 'f32', 'write');
    const cursor = k.cursor();
    const value = k.load(x, k.index);
    k.store(table, cast(value, 'i32'), lit('i64', 1n));
    k.if(cmp('>', value, k.scalar('least', 'f32')), () => k.push(cursor, [[out, value]]));
    k.fail('AssertionError', cmp('==', k.index, lit('i32', 7)));
    const scattering = k.finish();
    const f = new KernelBuilder('wide');
    const y = f.load(f.buf('y', 'f32', 'read'), f.index);
    f.if(cmp('>', y, lit('f32', 0)), () => f.push(f.cursor(), [[f.buf('kept', 'f32', 'write'), y]]));
    const packing = vectorize(f.finish(), { always: true }).kernel;
    const { text } = await compileWasm([scattering, packing], { sink, memory64: true, text: true, check: true });
    expect(text).toMatch(/\(import "env" "memory" \(memory \S+ i64 1 262144 shared\)\)/);
    expect(text).toContain('i64.extend_i32_u');
    expect(text).toContain('(data ');
  });

  it('hoist constants out of the wide loop', async () => {
    const k = new KernelBuilder('hoist');
    const x = k.buf('x', 'f64', 'readwrite');
    const s = k.scalar('s', 'f64');
    const iteration = (n: LoopLanes): void => {
      const scale = k.let(splat(bin('*', s, s), n));
      k.store(x, k.index, bin('+', bin('*', k.load(x, k.index, n), scale), lit('f64', 0.1, n)));
    };
    iteration(1);
    k.wide(2, () => iteration(2));
    const { text } = await compileWasm([k.finish()], { text: true, check: true });
    const loop = text?.split('(loop')[1];
    expect(loop).toContain('f64x2.mul');
    expect(loop).not.toMatch(/v128\.const|f64x2\.splat/);
  });

  it('refuse two kernels of one name', async () => {
    await expect(compileWasm([remainders('a'), remainders('a')])).rejects.toThrow('two kernels of one name');
  });

  it('run a wide body on every length', async () => {
    const kernel = remainders('a');
    const run = await wasmRunner([kernel]);
    for (let n = 0; n < 6; n++) {
      const blank = new Float64Array(n);
      const { bufs } = run(kernel, { bufs: [blank], n });
      expect(bufs[0]?.[0]).toEqual(Float64Array.from({ length: n }, (_, i) => i % 3));
    }
  });
});
