/** Inner loops in wide code: which go round for all lanes at once, what they share, and what keeps them row by row. */

import { describe, expect, test } from 'vitest';
import { bin, cast, cmp, type Get, KernelBuilder, lit } from '../build.ts';
import { kernelText } from '../print.ts';
import { verifyKernel } from '../verify.ts';
import { interleave } from './interleave.ts';
import { strength } from './strength.ts';
import { uniformValues } from './uniform.ts';
import { vectorize } from './vectorize.ts';

const i32 = (v: number): ReturnType<typeof lit> => lit('i32', v);

/** out[row] = sum over k < bound of f(k) */
function sums(bound: (k: KernelBuilder) => Get, f: (k: KernelBuilder, at: Get) => Get): KernelBuilder {
  const k = new KernelBuilder('sums');
  const out = k.buf('out', 'f64', 'write');
  const n = bound(k);
  const sum = k.var(lit('f64', 0));
  const at = k.var(i32(0));
  k.while(cmp('<', at, n), () => {
    const x = f(k, at);
    k.set(sum, bin('+', sum, x));
    k.set(at, bin('+', at, i32(1)));
  });
  k.store(out, k.index, sum);
  return k;
}
const shared = (k: KernelBuilder): Get => k.scalar('n', 'i32');
const table = (k: KernelBuilder, at: Get): Get => k.load(k.buf('w', 'f64', 'read'), at);

function wideText(k: KernelBuilder, options: { readonly loops?: boolean } = {}): string {
  const { kernel, reason } = vectorize(strength(k.finish()), { always: true, ...options });
  const done = interleave(kernel);
  verifyKernel(done);
  const text = kernelText(done);
  return `${reason}\n${done.wide === null ? '' : text.slice(text.indexOf('  wide'))}`;
}
const reason = (k: KernelBuilder, options: { readonly loops?: boolean } = {}): string =>
  wideText(k, options).split('\n')[0] ?? '';

describe('inner loops', () => {
  test('of a matrix by a vector: two times two rows at once, the vector read once for all', () => {
    const k = sums(shared, (b, at) => {
      const from = b.let(bin('*', b.index, b.scalar('width', 'i32')));
      const m = b.load(b.buf('m', 'f64', 'read'), b.let(bin('+', from, at)));
      return b.let(bin('*', m, table(b, at)));
    });
    expect(wideText(k)).toMatchInlineSnapshot(`
      "2 lanes (f64, i32), inner loops for all lanes at once
        wide x2 %0 {
          var %10: f64x2 = 0f64x2
          var %24: f64x2 = 0f64x2
          var %11: i32 = 0i32
          while %11 < %1 {
            %13: i32 = %0 * %4
            %25: i32 = (%0 + 2i32) * %4
            %14: i32 = (%0 + 1i32) * %4
            %26: i32 = ((%0 + 2i32) + 1i32) * %4
            %16: i32 = %13 + %11
            %27: i32 = %25 + %11
            %17: i32 = %14 + %11
            %28: i32 = %26 + %11
            %19: f64 = m[%16]
            %29: f64 = m[%27]
            %20: f64 = m[%17]
            %30: f64 = m[%28]
            %21: f64x2 = lanes(%19, %20)
            %31: f64x2 = lanes(%29, %30)
            %22: f64 = w[%11]
            %23: f64x2 = %21 * splat2(%22)
            %32: f64x2 = %31 * splat2(%22)
            %10 := %10 + %23
            %24 := %24 + %32
            %11 := %11 + 1i32
          }
          out[%0] = %10
          out[%0 + 2i32] = %24
        }
      }
      "
    `);
  });

  test('run once for all lanes when they go round equally often', () => {
    expect(reason(sums(shared, table))).toBe('2 lanes (f64), inner loops for all lanes at once');
    const loaded = (k: KernelBuilder): Get => k.load(k.buf('lengths', 'i32', 'read'), i32(0));
    expect(reason(sums(loaded, table))).toContain('inner loops for all lanes at once');
  });

  test.each<[string, KernelBuilder]>([
    ['the rounds depend on the row', sums((k) => k.load(k.buf('lengths', 'i32', 'read'), k.index), table)],
    [
      'the rounds are in a buffer that is written',
      sums((k) => k.load(k.buf('lengths', 'i32', 'readwrite'), i32(0)), table),
    ],
    [
      'a table is changed inside',
      sums(shared, (k, at) => {
        const t = k.buf('t', 'f64', 'readwrite', true);
        const old = k.load(t, at);
        k.store(t, at, bin('+', old, lit('f64', 1)));
        return old;
      }),
    ],
    [
      'the counter is set in a branch',
      sums(shared, (k, at) => {
        const x = table(k, at);
        k.if(cmp('>', bin('*', x, cast(k.index, 'f64')), lit('f64', 9)), () => k.set(at, bin('+', at, i32(1))));
        return x;
      }),
    ],
  ])('stay row by row when %s', (_name, k) => {
    expect(reason(k)).toMatch(/row by row: .*inner loops|not vectorised|row by row: table updates/);
    expect(reason(k)).not.toContain('at once');
  });

  test('stay row by row in a branch, and when they are switched off', () => {
    const k = new KernelBuilder('branch');
    const out = k.buf('out', 'f64', 'write');
    const x = k.load(k.buf('x', 'f64', 'read'), k.index);
    const n = k.scalar('n', 'i32');
    k.if(cmp('>', x, lit('f64', 0)), () => {
      const at = k.var(i32(0));
      k.while(cmp('<', at, n), () => k.set(at, bin('+', at, i32(1))));
      k.store(out, k.index, cast(at, 'f64'));
    });
    expect(reason(k)).toContain('row by row where picked: inner loops');
    expect(reason(sums(shared, table), { loops: false })).toContain('row by row: inner loops');
  });

  test('that accumulate in a cell keep the order of rows: no copies of them', () => {
    const k = new KernelBuilder('cell');
    const n = k.scalar('n', 'i32');
    const x = k.load(k.buf('x', 'f64', 'read'), k.index);
    const sum = k.reduction('sum', 'f64', '+');
    const at = k.var(i32(0));
    k.while(cmp('<', at, n), () => {
      k.accum(sum, bin('*', x, cast(at, 'f64')));
      k.set(at, bin('+', at, i32(1)));
    });
    const { kernel } = vectorize(k.finish(), { always: true });
    expect(kernel.wide?.body.some((s) => s.s === 'while')).toBe(true);
    expect(interleave(kernel)).toBe(kernel);
  });

  test('with many values to keep get fewer copies, and none when two do not fit', () => {
    const step = (values: number): number | undefined => {
      const k = new KernelBuilder('many');
      const n = k.scalar('n', 'i32');
      const [w, out] = [k.buf('w', 'f64', 'read'), k.buf('out', 'f64', 'write')];
      const all = Array.from({ length: values }, () => k.var(lit('f64', 0)));
      const at = k.var(i32(0));
      k.while(cmp('<', at, n), () => {
        const x = k.load(w, at);
        for (const v of all) k.set(v, bin('+', bin('*', v, cast(k.index, 'f64')), x));
        k.set(at, bin('+', at, i32(1)));
      });
      k.store(
        out,
        k.index,
        all.reduce((a, b) => k.let(bin('+', a, b))),
      );
      return interleave(vectorize(k.finish(), { always: true }).kernel).wide?.step;
    };
    expect([1, 2, 5, 12].map(step)).toEqual([8, 8, 4, 2]);
  });
});

test('rounds from x to x + n are n, which no row can disagree about', () => {
  const k = new KernelBuilder('window');
  const out = k.buf('out', 'i32', 'write');
  const n = k.scalar('n', 'i32');
  const start = k.let(bin('*', k.index, n));
  k.store(out, k.index, k.let(bin('-', k.let(bin('+', start, n)), start)));
  const kernel = strength(k.finish());
  expect(kernelText(kernel)).toContain('%4: i32 = %1');
  const uniform = uniformValues(kernel, kernel.body);
  expect(kernel.body.flatMap((s) => (s.s === 'let' && uniform.has(s.reg) ? [s.reg] : []))).toHaveLength(1);
});
