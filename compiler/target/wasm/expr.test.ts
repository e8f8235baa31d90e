/**
 * Every operation on every kind, scalar and in 2 and 4 lanes, against the arithmetic of `sir/arith.ts`: all pairs of
 * awkward values, and random ones. A kernel loads its operands, applies one operation and stores the result, so the
 * loads, stores and tail loops of every kind take part too.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ScalarKind } from '../../core/types.ts';
import { isBigKind, isFloatKind, isIntKind, isSignedKind, SCALAR_KINDS, scalarBytes } from '../../core/types.ts';
import { binAccepts, unAccepts } from '../../sir/accepts.ts';
import type { Binary, Scalar, Unary } from '../../sir/arith.ts';
import { binary, compare, reinterpret, unary } from '../../sir/arith.ts';
import type { LoopLanes } from '../../sir/build.ts';
import { any, bin, bitcast, cast, cmp, KernelBuilder, lane, lanes, lit, sel, splat, un } from '../../sir/build.ts';
import type { Kernel, SBin, SCmp, SExpr } from '../../sir/kernel.ts';
import { arrayOf, edgePairs, laneCounts, sameValue, valueArb, valuesOf } from '../../testing/kernel-values.ts';
import { wasmRunner } from '../../testing/run-wasm.ts';
import { compileWasm } from './emit.ts';

type Pair = readonly [Scalar, Scalar];

/** One operation on pairs: the kernel that does it and what it means. */
interface Case {
  readonly kernel: Kernel;
  readonly kind: ScalarKind;
  readonly out: ScalarKind;
  readonly expected: (a: Scalar, b: Scalar) => Scalar;
  /** Brings random operands into the operation's domain. */
  readonly domain: (p: Pair) => Pair;
}

let serial = 0;

/** out[i] = make(a[i], b[i]) in scalar code, or in wide code with a scalar tail. */
function pairKernel(kind: ScalarKind, out: ScalarKind, width: LoopLanes, make: (a: SExpr, b: SExpr) => SExpr): Kernel {
  const k = new KernelBuilder(`k${serial++}`);
  const a = k.buf('a', kind, 'read');
  const b = k.buf('b', kind, 'read');
  const to = k.buf('out', out, 'write');
  const iteration = (n: LoopLanes): void => k.store(to, k.index, make(k.load(a, k.index, n), k.load(b, k.index, n)));
  iteration(1);
  if (width !== 1) k.wide(width, () => iteration(width));
  return k.finish();
}

const BINS: readonly Binary[] = ['+', '-', '*', '/', '%', 'min', 'max', 'pmin', 'pmax', '&', '|', '^', '<<', '>>'];
const CMPS: readonly SCmp[] = ['==', '!=', '<', '<=', '>', '>='];
const UNS: readonly Unary[] = ['neg', 'not', 'abs', 'floor', 'ceil', 'trunc', 'nearest', 'sqrt'];
/** These have no form in lanes. */
const COUNTS: readonly Unary[] = ['clz', 'ctz', 'popcnt'];

/** Divisors are not 0 and shift counts are below the width, as the contract says. */
function domainOf(op: SBin, kind: ScalarKind): (p: Pair) => Pair {
  const one: Scalar = kind === 'i64' || kind === 'u64' ? 1n : 1;
  const bits = BigInt(scalarBytes(kind) * 8);
  return ([a, b]) => {
    if (isIntKind(kind) && (op === '/' || op === '%')) return [a, b === 0 || b === 0n ? one : b];
    if (op !== '<<' && op !== '>>') return [a, b];
    const count = ((BigInt(b) % bits) + bits) % bits;
    return [a, typeof b === 'bigint' ? count : Number(count)];
  };
}

function cases(kind: ScalarKind, width: LoopLanes): readonly Case[] {
  const same = (p: Pair): Pair => p;
  const made: Case[] = [];
  const add = (
    out: ScalarKind,
    expected: Case['expected'],
    make: (a: SExpr, b: SExpr) => SExpr,
    domain: Case['domain'] = same,
  ): void => {
    made.push({ kernel: pairKernel(kind, out, width, make), kind, out, expected, domain });
  };
  for (const op of BINS) {
    if (!binAccepts(op, kind)) continue;
    add(
      kind,
      (a, b) => binary(op, kind, a, b),
      (a, b) => bin(op, a, b),
      domainOf(op, kind),
    );
  }
  for (const op of CMPS)
    add(
      'bool',
      (a, b) => compare(op, a, b),
      (a, b) => cmp(op, a, b),
    );
  for (const op of width === 1 ? [...UNS, ...COUNTS] : UNS) {
    if (unAccepts(op, kind))
      add(
        kind,
        (a) => unary(op, kind, a),
        (a) => un(op, a),
      );
  }
  add(
    kind,
    (a, b) => (compare('<', a, b) ? a : b),
    (a, b) => sel(cmp('<', a, b), a, b),
  );
  // A mask that is not a comparison itself.
  add(
    kind,
    (a, b) => (compare('<', a, b) ? b : a),
    (a, b) => sel(un('not', cmp('<', a, b)), a, b),
  );
  // Narrow results must be in range before they are stored: seen through a conversion to 32 bits.
  for (const op of ['+', '-', '*', '/', '<<'] as const) {
    if (!isIntKind(kind) || scalarBytes(kind) > 2) continue;
    add(
      'i32',
      (a, b) => binary(op, kind, a, b),
      (a, b) => cast(bin(op, a, b), 'i32'),
      domainOf(op, kind),
    );
  }
  if (isIntKind(kind) && scalarBytes(kind) <= 2) {
    add(
      'i32',
      (a) => unary('neg', kind, a),
      (a) => cast(un('neg', a), 'i32'),
    );
  }
  for (const divisor of isIntKind(kind) ? [-1n, 3n] : []) {
    if (divisor < 0n && !isSignedKind(kind)) continue;
    const by = isBigKind(kind) ? divisor : Number(divisor);
    add(
      kind,
      (a) => binary('/', kind, a, by),
      (a) => bin('/', a, lit(kind, by, a.ty.lanes)),
    );
  }
  add(
    kind,
    (_a, b) => b,
    (a, b) => lanes(Array.from({ length: a.ty.lanes }, (_, l) => lane(b, l))),
  );
  add(
    'bool',
    (a, b) => compare('!=', a, b),
    (a, b) => bin('|', bin('&', cmp('!=', a, b), cmp('==', a, a)), cmp('!=', a, b)),
  );
  return made;
}

function check(run: Awaited<ReturnType<typeof wasmRunner>>, c: Case, given: readonly Pair[]): void {
  const pairs = given.map(c.domain);
  const a = pairs.map((p) => p[0]);
  const b = pairs.map((p) => p[1]);
  const blank = arrayOf(c.out, new Array(pairs.length).fill(0));
  const { bufs } = run(c.kernel, { bufs: [arrayOf(c.kind, a), arrayOf(c.kind, b), blank], n: pairs.length });
  const got = valuesOf(c.out, bufs[2]?.[0] ?? blank);
  pairs.forEach(([x, y], i) => {
    const want = c.expected(x, y);
    if (!sameValue(got[i], want)) {
      const what = JSON.stringify(c.kernel.body, (_, v) => (typeof v === 'bigint' ? `${v}n` : v));
      expect.fail(`${c.kind} of (${String(x)}, ${String(y)}): got ${String(got[i])}, want ${String(want)}\n${what}`);
    }
  });
}

for (const kind of SCALAR_KINDS) {
  describe(`operations on ${kind}`, () => {
    for (const width of laneCounts(kind)) {
      it(`in ${width} lanes`, async () => {
        const all = cases(kind, width);
        const run = await wasmRunner(all.map((c) => c.kernel));
        const edges = edgePairs(kind);
        for (const c of all) check(run, c, edges);
        const pairs = fc.array(fc.tuple(valueArb(kind), valueArb(kind)), { maxLength: 9 });
        fc.assert(
          fc.property(pairs, (ps) => {
            for (const c of all) check(run, c, ps);
          }),
          { numRuns: 40, seed: 11 },
        );
      });
    }
  });
}

describe('expressions', () => {
  it('shifts all lanes by one count', async () => {
    for (const kind of SCALAR_KINDS.filter(isIntKind)) {
      for (const width of laneCounts(kind)) {
        for (const op of ['<<', '>>'] as const) {
          const k = new KernelBuilder('shift');
          const a = k.buf('a', kind, 'read');
          const out = k.buf('out', kind, 'write');
          const count = k.scalar('count', kind);
          const iteration = (n: LoopLanes): void => {
            const named = k.let(splat(count, n));
            const shifted = bin(op, bin(op, k.load(a, k.index, n), named), lit(kind, 2, n));
            k.store(out, k.index, shifted);
          };
          iteration(1);
          if (width !== 1) k.wide(width, () => iteration(width));
          const kernel = k.finish();
          const run = await wasmRunner([kernel]);
          const values = [...new Set(edgePairs(kind).map((p) => p[0]))];
          const three: Scalar = kind === 'i64' || kind === 'u64' ? 3n : 3;
          const two: Scalar = kind === 'i64' || kind === 'u64' ? 2n : 2;
          const given = arrayOf(kind, values);
          const { bufs } = run(kernel, { bufs: [given, given], scalars: [three], n: values.length });
          const want = values.map((v) => binary(op, kind, binary(op, kind, v, three), two));
          expect(valuesOf(kind, bufs[1]?.[0] ?? given)).toEqual(want);
        }
      }
    }
  });

  it('reads bits of a float as an integer and back', async () => {
    for (const [from, to] of [
      ['f64', 'i64'],
      ['f64', 'u64'],
      ['f32', 'i32'],
      ['f32', 'u32'],
      ['i64', 'u64'],
    ] as const) {
      for (const width of laneCounts(from)) {
        const there = pairKernel(from, to, width, (a) => bitcast(a, to));
        const back = pairKernel(to, from, width, (a) => bitcast(a, from));
        const run = await wasmRunner([there, back]);
        const values = edgePairs(from)
          .map((p) => p[0])
          .filter((v) => !Number.isNaN(v));
        const input = arrayOf(from, values);
        const bits = run(there, {
          bufs: [
            input,
            input,
            arrayOf(
              to,
              values.map(() => 0),
            ),
          ],
          n: values.length,
        }).bufs[2]?.[0];
        expect(Array.from((bits ?? input) as ArrayLike<Scalar>)).toEqual(values.map((v) => reinterpret(from, to, v)));
        const again = run(back, { bufs: [bits ?? input, bits ?? input, input], n: values.length }).bufs[2]?.[0];
        expect(again).toEqual(input);
      }
    }
  });

  it('asks whether any lane is true, for masks of every lane width', async () => {
    for (const [kind, width] of [
      ['f64', 2],
      ['i32', 2],
      ['i32', 4],
      ['u8', 4],
      ['f32', 2],
    ] as const) {
      const k = new KernelBuilder('any');
      const a = k.buf('a', kind, 'read');
      const out = k.buf('out', 'bool', 'write');
      k.store(out, k.index, cmp('==', k.load(a, k.index), lit(kind, 1)));
      k.wide(width, () => {
        const found = any(cmp('==', k.load(a, k.index, width), lit(kind, 1, width)));
        k.store(out, k.index, splat(found, width));
      });
      const kernel = k.finish();
      const run = await wasmRunner([kernel]);
      for (let n = 0; n <= width; n++) {
        // What lies after the last row must not be looked at.
        const values = Array.from({ length: 2 * width }, (_, i) => (i === n ? 1 : 0));
        const { bufs } = run(kernel, { bufs: [arrayOf(kind, values), new Uint8Array(2 * width)], n: width });
        expect([...valuesOf('bool', bufs[1]?.[0] ?? new Uint8Array())]).toEqual(
          values.map((_, i) => i < width && n < width),
        );
      }
    }
  });

  it('refuses a math function that has not become code', async () => {
    for (const width of [1, 2] as const) {
      await expect(compileWasm([pairKernel('f64', 'f64', width, (a) => un('erf', a))])).rejects.toThrow(
        'erf has not been expanded',
      );
    }
  });

  it('computes float remainders of literals and hoists constants without changing them', async () => {
    const kernel = pairKernel('f64', 'f64', 2, (a, b) =>
      bin('+', bin('%', a, lit('f64', 3, a.ty.lanes)), bin('*', b, lit('f64', -0, a.ty.lanes))),
    );
    const run = await wasmRunner([kernel]);
    const input = arrayOf('f64', [7, -7, 2]);
    const out = run(kernel, { bufs: [input, arrayOf('f64', [1, 1, 1]), input], n: 3 }).bufs[2]?.[0];
    expect(out).toEqual(arrayOf('f64', [1, -1, 2]));
  });

  it('refuses kinds that an operation does not have', () => {
    expect(SCALAR_KINDS.filter((k) => binAccepts('pow', k))).toEqual(['f32', 'f64']);
    expect(SCALAR_KINDS.filter((k) => binAccepts('&', k)).some(isFloatKind)).toBe(false);
  });
});
