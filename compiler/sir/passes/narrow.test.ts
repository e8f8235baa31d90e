import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ScalarKind } from '../../core/types.ts';
import { runs } from '../../testing/runs.ts';
import { bin, cast, cmp, KernelBuilder, lit } from '../build.ts';
import { kernelArray, runKernel } from '../interp.ts';
import type { Kernel, SCmp, SExpr } from '../kernel.ts';
import { kernelText } from '../print.ts';
import { verifyKernel } from '../verify.ts';
import { dropDead } from './drop-dead.ts';
import { narrow } from './narrow.ts';

/** The body after the pass, without what has become dead. */
function bodyText(k: KernelBuilder): string {
  const made = narrow(k.finish());
  verifyKernel(made);
  const text = kernelText({ ...made, body: dropDead(made.body) });
  return text.slice(text.indexOf('  body'));
}

test('the row number is counted in 32 bits', () => {
  const k = new KernelBuilder('rows');
  const i = k.let(cast(k.index, 'i64'));
  k.store(k.buf('f', 'f32', 'write'), k.index, cast(i, 'f32'));
  const odd = k.let(bin('+', bin('*', i, lit('i64', 3n)), lit('i64', -1n)));
  k.store(k.buf('n', 'i32', 'write'), k.index, cast(odd, 'i32'));
  k.store(k.buf('b', 'bool', 'write'), k.index, cmp('<', i, k.scalar('n', 'i64')));
  expect(bodyText(k)).toMatchInlineSnapshot(`
    "  body %0 {
        f[%0] = f32(%0)
        n[%0] = (%0 * 3i32) + -1i32
        b[%0] = %0 < i32(min(max(%3, -1i64), 2147483647i64))
      }
    }
    "
  `);
});

test('what needs 64 bits stays', () => {
  const k = new KernelBuilder('wide');
  const i = k.let(cast(k.index, 'i64'));
  const x = k.load(k.buf('x', 'i64', 'read'), k.index);
  const out = k.buf('out', 'f32', 'write');
  k.store(out, k.index, cast(bin('*', i, lit('i64', 3n)), 'f32'));
  k.store(k.buf('n', 'i32', 'write'), k.index, cast(bin('/', i, lit('i64', 3n)), 'i32'));
  k.store(k.buf('m', 'bool', 'write'), k.index, cmp('<', i, x));
  k.store(k.buf('o', 'bool', 'write'), k.index, cmp('<', i, lit('i64', 2n ** 40n)));
  const kernel = k.finish();
  expect(narrow(kernel)).toBe(kernel);
});

const OPS = ['+', '-', '*', '&', '|', '^'] as const;
const CMPS: readonly SCmp[] = ['==', '!=', '<', '<=', '>', '>='];
const edges = [0n, 1n, -1n, 2n, 2n ** 31n - 1n, -(2n ** 31n), 2n ** 31n, 2n ** 32n, 2n ** 63n - 1n, -(2n ** 63n)];

test('the same values, for random integer expressions', () => {
  const number = fc.oneof(fc.constantFrom(...edges), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }));
  const tree = fc.letrec<{ e: (k: KernelBuilder, bufs: readonly SExpr[]) => SExpr }>((tie) => ({
    e: fc.oneof(
      { maxDepth: 4 },
      fc.nat({ max: 3 }).map((n) => (_k: KernelBuilder, leaves: readonly SExpr[]) => leaves[n] ?? lit('i64', 0n)),
      number.map((v) => () => lit('i64', v)),
      fc.tuple(fc.constantFrom(...OPS), tie('e'), tie('e')).map(
        ([op, a, b]) =>
          (k: KernelBuilder, leaves: readonly SExpr[]) =>
            k.let(bin(op, a(k, leaves), b(k, leaves))),
      ),
    ),
  })).e;
  const kinds = fc.constantFrom<ScalarKind>('bool', 'i8', 'u8', 'i16', 'u16', 'i32', 'u32', 'f32', 'f64', 'i64');
  fc.assert(
    fc.property(tree, tree, kinds, fc.constantFrom(...CMPS), number, (a, b, kind, op, bound) => {
      const k = new KernelBuilder('random');
      const n = k.scalar('n', 'i64');
      const small = (name: string, of: 'i32' | 'u32' | 'i16'): SExpr =>
        k.let(cast(k.load(k.buf(name, of, 'read'), k.index), 'i64'));
      const leaves = [cast(k.index, 'i64'), small('x', 'i32'), small('y', 'u32'), small('z', 'i16')];
      k.store(k.buf('out', kind, 'write'), k.index, cast(a(k, leaves), kind));
      k.store(k.buf('less', 'bool', 'write'), k.index, cmp(op, a(k, leaves), b(k, leaves)));
      k.store(k.buf('most', 'bool', 'write'), k.index, cmp(op, cast(k.index, 'i64'), n));
      const kernel = k.finish();
      const made = narrow(kernel);
      verifyKernel(made);
      expect(outputs(made, bound), kernelText(kernel)).toStrictEqual(outputs(kernel, bound));
    }),
    runs(11),
  );
});

function outputs(kernel: Kernel, n: bigint): unknown {
  const rows = 5;
  const data = [
    Int32Array.from([0, 1, -1, 2 ** 31 - 1, -(2 ** 31)]),
    Uint32Array.from([0, 1, 2 ** 31, 2 ** 32 - 1, 7]),
    Int16Array.from([0, 1, -1, 32767, -32768]),
  ];
  const outs = kernel.bufs.slice(3).map((b) => kernelArray(b.elem, rows));
  const call = { bufs: [...data, ...outs], scalars: [n], begin: 0, end: rows, part: 0, rowsPerPart: rows };
  runKernel(kernel, { ...call, cells: [], cursors: [], useWide: false });
  return outs;
}
