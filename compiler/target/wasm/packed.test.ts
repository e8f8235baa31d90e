/**
 * Packed kernels: every operation on registers filled with lanes of their own width, and on masks of them, against the
 * reference interpreter of kernels; with both writers of modules, as `wasmRunner` does it.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ScalarKind, scalarBytes } from '../../core/types.ts';
import { binAccepts } from '../../sir/accepts.ts';
import {
  any,
  bin,
  cast,
  cmp,
  KernelBuilder,
  type Lanes,
  lane,
  lanes,
  lit,
  sel,
  splat,
  un,
  whole,
} from '../../sir/build.ts';
import { kernelArray, runKernel } from '../../sir/interp.ts';
import type { Kernel, SExpr, WholeOp } from '../../sir/kernel.ts';
import { verifyKernel } from '../../sir/verify.ts';
import { arrayOf, valueArb } from '../../testing/kernel-values.ts';
import { wasmRunner } from '../../testing/run-wasm.ts';
import { compileWasm } from './emit.ts';

const LANES: Readonly<Partial<Record<ScalarKind, Lanes>>> = { i8: 16, u8: 16, i16: 8, u16: 8, i32: 4, u32: 4 };
const KINDS = ['i8', 'u8', 'i16', 'u16', 'i32', 'u32'] as const;
const lanesOf = (kind: ScalarKind): Lanes => LANES[kind] ?? 2;

/** What is made of a register of `a` and one of `b`, stored behind each other; one register a row. */
function packedKernel(name: string, kind: ScalarKind, make: (a: SExpr, b: SExpr) => SExpr): Kernel {
  const k = KernelBuilder.packed(name);
  const [a, b] = [k.buf('a', kind, 'read'), k.buf('b', kind, 'read')];
  const at = (n: number): SExpr => k.let(bin('*', k.index, lit('i32', n)));
  const n = lanesOf(kind);
  const made = k.let(make(k.load(a, at(n), n), k.load(b, at(n), n)));
  const out = k.buf('out', made.ty.kind, 'write');
  k.store(out, at(made.ty.lanes), made);
  const kernel = k.finish();
  verifyKernel(kernel);
  return kernel;
}

function kernelsOf(kind: ScalarKind): readonly Kernel[] {
  const n = lanesOf(kind);
  const made: Kernel[] = [];
  const add = (what: string, make: (a: SExpr, b: SExpr) => SExpr): void => {
    made.push(packedKernel(`${what} ${kind}`, kind, make));
  };
  const number = (mask: SExpr): SExpr => cast(mask, kind);
  for (const op of ['+', '-', '*', '&', '|', '^', 'min', 'max', 'pmin', 'pmax'] as const) {
    if (binAccepts(op, kind) && !(op === '*' && n === 16)) add(op, (a, b) => bin(op, a, b));
  }
  for (const op of ['<<', '>>'] as const) add(op, (a) => bin(op, a, lit(kind, 3, n)));
  for (const op of ['==', '!=', '<', '<=', '>', '>='] as const) add(op, (a, b) => number(cmp(op, a, b)));
  add('neg', (a) => un('neg', a));
  add('select', (a, b) => sel(cmp('<', a, b), a, b));
  add('not', (a, b) => number(un('not', cmp('<', a, b))));
  add('masks', (a, b) => number(bin('&', cmp('<', a, b), bin('^', cmp('>', a, b), cast(b, 'bool')))));
  add('mask order', (a, b) => number(cmp('<', cmp('<', a, b), cast(b, 'bool'))));
  add('lanes', (a, b) => lanes(Array.from({ length: n }, (_, l) => lane(l % 2 === 0 ? a : b, n - 1 - l))));
  add('mask lanes', (a, b) => {
    const mask = cmp('<', a, b);
    return number(lanes(Array.from({ length: n }, (_, l) => lane(mask, n - 1 - l))));
  });
  add('literal lanes', (a) => bin('+', a, lanes(Array.from({ length: n }, (_, l) => lit(kind, l)))));
  add('splat', (a, b) => bin('+', splat(lane(a, 1), n), b));
  add('splat mask', (a, b) => number(splat(any(cmp('<', a, b)), n)));
  add('bits', (a, b) => whole('bits', cmp('<', a, b)));
  add('any', (a, b) => any(cmp('==', a, b)));
  for (const op of ['low', 'high'] as const) add(op, (a) => whole(op, a));
  if (n > 4) add('pairs', (a) => whole('pairs', a));
  if (kind === 'u8') add('swizzle', (a, b) => whole('swizzle', a, b));
  if (kind === 'u8') add('swizzled', (a, b) => whole('swizzle', a, bin('&', b, lit('u8', 15, 16))));
  if (kind === 'u8') add('words', (a) => whole('words', a));
  if (kind === 'i8') add('sign', (a) => cast(a, 'u8'));
  if (kind === 'i16') add('dot', (a, b) => whole('dot', a, b));
  if (kind === 'i16' || kind === 'i32') add('narrow', (a, b) => whole('narrow', a, b));
  return made;
}

describe.each(KINDS)('registers of %s', (kind) => {
  it('are computed with as the interpreter does', async () => {
    const kernels = kernelsOf(kind);
    const run = await wasmRunner(kernels);
    const rows = 2;
    const registers = fc.array(valueArb(kind), { minLength: rows * lanesOf(kind), maxLength: rows * lanesOf(kind) });
    fc.assert(
      fc.property(registers, registers, (x, y) => {
        for (const kernel of kernels) {
          const elem = kernel.bufs[2]?.elem ?? kind;
          const blank = kernelArray(elem, (16 / scalarBytes(elem)) * rows * 2);
          const bufs = [arrayOf(kind, x), arrayOf(kind, y)];
          const want = blank.slice();
          const call = { bufs: [...bufs, want], scalars: [], begin: 0, end: rows, part: 0, rowsPerPart: rows };
          runKernel(kernel, { ...call, cells: [], cursors: [], useWide: false });
          const got = run(kernel, { bufs: [...bufs, blank], n: rows }).bufs[2]?.[0];
          expect(got, kernel.name).toEqual(want);
        }
      }),
      { numRuns: 30, seed: 7 },
    );
  });
});

describe('zips', () => {
  it.each([...KINDS, 'i64', 'u64', 'f32', 'f64'] as const)('take the lanes of %s in turn', async (kind) => {
    const n = kind === 'f32' ? 4 : lanesOf(kind);
    const k = KernelBuilder.packed('zips');
    const [a, b, to] = [k.buf('a', kind, 'read'), k.buf('b', kind, 'read'), k.buf('to', kind, 'write')];
    const none = lit('i32', 0);
    const [x, y] = [k.load(a, none, n), k.load(b, none, n)];
    k.store(to, none, whole('zipLow', x, y));
    k.store(to, lit('i32', n), whole('zipHigh', x, y));
    const kernel = k.finish();
    verifyKernel(kernel);
    const of = (start: number) =>
      arrayOf(
        kind,
        Array.from({ length: n }, (_, l) => start + l),
      );
    const want = Array.from({ length: 2 * n }, (_, l) => (l % 2) * 50 + Math.floor(l / 2));
    const run = await wasmRunner([kernel]);
    const { bufs } = run(kernel, { bufs: [of(0), of(50), kernelArray(kind, 2 * n)], n: 1 });
    expect(Array.from(bufs[2]?.[0] ?? [], Number)).toEqual(want);
    const interpreted = kernelArray(kind, 2 * n);
    const call = { bufs: [of(0), of(50), interpreted], scalars: [], begin: 0, end: 1, part: 0, rowsPerPart: 1 };
    runKernel(kernel, { ...call, cells: [], cursors: [], useWide: false });
    expect(Array.from(interpreted, Number)).toEqual(want);
  });
});

describe('masks of bytes', () => {
  it('are loaded from and stored as bytes 0 and 1', async () => {
    const k = KernelBuilder.packed('flip');
    const [from, to] = [k.buf('from', 'bool', 'read'), k.buf('to', 'bool', 'write')];
    k.store(to, lit('i32', 0), un('not', k.load(from, lit('i32', 0), 16)));
    const kernel = k.finish();
    const run = await wasmRunner([kernel]);
    const flags = Uint8Array.from({ length: 16 }, (_, l) => (l % 3) & 1);
    const { bufs } = run(kernel, { bufs: [flags, new Uint8Array(16)], n: 1 });
    expect(bufs[1]?.[0]).toEqual(flags.map((b) => 1 - b));
  });
});

describe('a packed kernel', () => {
  it.each([
    ['f32', 4, 32],
    ['f64', 2, 64],
    ['i32', 4, null],
  ] as const)(
    'has one instruction for an element of %s in every lane, if nothing else reads it',
    async (kind, n, bits) => {
      const kernel = (reads: number): Kernel => {
        const k = KernelBuilder.packed(`splat${reads}`);
        const [from, to] = [k.buf('from', kind, 'read'), k.buf('to', kind, 'write')];
        const at = k.let(bin('*', k.index, lit('i32', n)));
        const e = k.load(from, bin('+', k.index, lit('i32', 1)));
        const all = k.let(splat(e, n));
        k.store(to, at, reads === 1 ? all : bin('+', all, splat(e, n)));
        return k.finish();
      };
      const arrays = () => [arrayOf(kind, [1, 5, -3, 7]), arrayOf(kind, new Array(3 * n).fill(0))] as const;
      for (const reads of [1, 2]) {
        const made = kernel(reads);
        const { text } = await compileWasm([made], { text: true });
        const isOne = reads === 1 && bits !== null;
        expect(text?.includes('_splat') ?? false).toBe(isOne);
        if (isOne) expect(text).toContain(`v128.load${bits}_splat`);
        const run = await wasmRunner([made]);
        const want = Array.from({ length: 3 * n }, (_, k) => reads * ([5, -3, 7][Math.floor(k / n)] ?? 0));
        expect(Array.from(run(made, { bufs: arrays(), n: 3 }).bufs[1]?.[0] ?? [], Number)).toEqual(want);
      }
    },
  );
  it('has its constants in front of the loops, each once, but for zeros', async () => {
    const k = KernelBuilder.packed('constants');
    const [from, to] = [k.buf('from', 'u8', 'read'), k.buf('to', 'u8', 'write')];
    k.range(lit('i32', 0), lit('i32', 2), (n) => {
      const at = k.let(bin('*', n, lit('i32', 16)));
      const e = k.load(from, at, 16);
      const more = bin('+', bin('+', e, lit('u8', 3, 16)), lit('u8', 3, 16));
      k.store(to, at, bin('+', more, lit('u8', 0, 16)));
    });
    const { text } = await compileWasm([k.finish()], { text: true });
    const [before = '', inside = ''] = (text ?? '').split(/\(loop(.*)/s);
    expect(before.match(/v128\.const/g)).toHaveLength(1);
    expect(inside.match(/v128\.const/g)).toHaveLength(1);
    expect(inside).toContain('v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000');
  });
  it('may not have lanes that fill no register', () => {
    const k = KernelBuilder.packed('odd');
    const a = k.buf('a', 'u16', 'read');
    k.let(cast(k.load(a, k.index, 16), 'bool'));
    expect(() => verifyKernel(k.finish())).toThrow('16 lanes of u16');
  });
  it.each<[WholeOp, SExpr[]]>([
    ['swizzle', [lit('u8', 0, 16)]],
    ['dot', [lit('i32', 0, 4), lit('i32', 0, 4)]],
    ['narrow', [lit('u16', 0, 8), lit('u16', 0, 8)]],
    ['low', [lit('u8', 0, 4)]],
    ['pairs', [lit('i32', 0, 4)]],
    ['bits', [lit('u8', 0, 16)]],
    ['words', [lit('i8', 0, 16)]],
    ['zipLow', [lit('f32', 0, 4), lit('i32', 0, 4)]],
    ['zipHigh', [lit('f32', 0, 2), lit('f32', 0, 2)]],
  ])('has no %s of these operands', (op, args) => {
    expect(() => whole(op, ...args)).toThrow(`sir: ${op} of`);
  });
});
