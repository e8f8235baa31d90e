import { expect, test } from 'vitest';
import { bin, cast, cmp, KernelBuilder, lit, sel } from '../build.ts';
import { kernelText } from '../print.ts';
import { verifyKernel } from '../verify.ts';
import { vectorize } from './vectorize.ts';

const f64 = (v: number): ReturnType<typeof lit> => lit('f64', v);

/** The reason and the wide part of what the pass makes. */
function wideText(k: KernelBuilder, options: { readonly always?: boolean } = {}): string {
  const { kernel, reason } = vectorize(k.finish(), options);
  verifyKernel(kernel);
  const text = kernelText(kernel);
  return `${reason}\n${kernel.wide === null ? '' : text.slice(text.indexOf('  wide'))}`;
}

test('a map of f32: four lanes, no masks', () => {
  const k = new KernelBuilder('map');
  const x = k.load(k.buf('x', 'f32', 'read'), k.index);
  k.store(k.buf('out', 'f32', 'write'), k.index, bin('*', x, k.scalar('a', 'f32')));
  expect(wideText(k)).toMatchInlineSnapshot(`
    "4 lanes (f32)
      wide x4 %0 {
        %3: f32x4 = x[%0]
        out[%0] = %3 * splat4(%2)
      }
    }
    "
  `);
});

test('a filtered sum: the condition becomes the mask of the reduction', () => {
  const k = new KernelBuilder('q6');
  const price = k.load(k.buf('price', 'f64', 'read'), k.index);
  const date = k.load(k.buf('date', 'i32', 'read'), k.index);
  const sum = k.reduction('sum', 'f64', '+');
  k.if(cmp('<', date, lit('i32', 9)), () => {
    k.if(cmp('>', price, f64(0)), () => k.accum(sum, bin('*', price, f64(0.5))));
  });
  expect(wideText(k)).toMatchInlineSnapshot(`
    "2 lanes (f64, i32)
      wide x2 %0 {
        %3: f64x2 = price[%0]
        %4: i32x2 = date[%0]
        %5: boolx2 = %4 < 9i32x2
        %6: boolx2 = %3 > 0f64x2
        %7: boolx2 = %5 & %6
        sum += %3 * 0.5f64x2 where %7
      }
    }
    "
  `);
});

test('addresses through 64 bits do not halve the lanes; a beside-the-row load is contiguous', () => {
  const k = new KernelBuilder('stencil');
  const x = k.buf('x', 'f32', 'read');
  const i = k.let(cast(k.index, 'i64'));
  const left = k.load(x, cast(i, 'i32'));
  const right = k.load(x, cast(bin('+', i, lit('i64', 1n)), 'i32'));
  k.store(k.buf('out', 'f32', 'write'), k.index, bin('-', right, left));
  expect(wideText(k)).toMatchInlineSnapshot(`
    "4 lanes (f32)
      wide x4 %0 {
        %4: f32x4 = x[%0]
        %5: f32x4 = x[%0 + 1i32]
        out[%0] = %5 - %4
      }
    }
    "
  `);
});

test('a lookup under a condition gathers with index 0 where the mask is off, a divisor becomes 1', () => {
  const k = new KernelBuilder('lookup');
  const key = k.load(k.buf('key', 'i32', 'read'), k.index);
  const map = k.buf('map', 'i32', 'read');
  const sum = k.reduction('sum', 'i32', '+');
  k.if(cmp('!=', key, lit('i32', 0)), () => k.accum(sum, bin('/', k.load(map, key), key)));
  expect(wideText(k, { always: true })).toMatchInlineSnapshot(`
    "4 lanes (i32)
      wide x4 %0 {
        %3: i32x4 = key[%0]
        %4: boolx4 = %3 != 0i32x4
        %5: i32x4 = select(%4, %3, 0i32x4)
        %6: i32 = map[%5.0]
        %7: i32 = map[%5.1]
        %8: i32 = map[%5.2]
        %9: i32 = map[%5.3]
        %10: i32x4 = lanes(%6, %7, %8, %9)
        sum += %10 / select(%4, %3, 1i32x4) where %4
      }
    }
    "
  `);
});

test('a variable set in both branches is a selection, as is a store made by both', () => {
  const k = new KernelBuilder('branches');
  const x = k.load(k.buf('x', 'f64', 'read'), k.index);
  const [a, b] = [k.buf('a', 'f64', 'write'), k.buf('b', 'f64', 'write')];
  const v = k.var(f64(0));
  k.if(
    cmp('<', x, f64(0)),
    () => {
      k.set(v, bin('-', f64(0), x));
      k.store(a, k.index, f64(1));
    },
    () => {
      k.set(v, x);
      k.store(a, k.index, x);
    },
  );
  k.store(b, k.index, v);
  expect(wideText(k)).toMatchInlineSnapshot(`
    "2 lanes (f64)
      wide x2 %0 {
        %3: f64x2 = x[%0]
        %4: f64x2 = 0f64x2
        %5: boolx2 = %3 < 0f64x2
        %6: f64x2 = select(%5, 0f64x2 - %3, %4)
        %7: f64x2 = 1f64x2
        %8: boolx2 = not(%5)
        %9: f64x2 = select(%8, %3, %6)
        a[%0] = select(%5, %7, %3)
        b[%0] = %9
      }
    }
    "
  `);
});

test('a push keeps the lanes of its mask, a failure tests all lanes', () => {
  const k = new KernelBuilder('select');
  const x = k.load(k.buf('x', 'f64', 'read'), k.index);
  const out = k.buf('out', 'f64', 'write');
  const c = k.cursor();
  const y = k.let(bin('+', bin('*', x, f64(3)), bin('/', f64(1), x)));
  k.fail('ArrayOutOfBounds', cmp('==', x, f64(0)));
  k.if(cmp('>', y, f64(2)), () => k.push(c, [[out, bin('*', y, y)]]));
  expect(wideText(k)).toMatchInlineSnapshot(`
    "2 lanes (f64)
      wide x2 %0 {
        %3: f64x2 = x[%0]
        %4: f64x2 = (%3 * 3f64x2) + (1f64x2 / %3)
        %5: boolx2 = %3 == 0f64x2
        fail ArrayOutOfBounds when %5
        %6: boolx2 = %4 > 2f64x2
        push #0 { out <- %4 * %4 } where %6
      }
    }
    "
  `);
});

test('table updates alone are not vectorised', () => {
  const k = new KernelBuilder('histogram');
  const key = k.load(k.buf('key', 'i32', 'read'), k.index);
  const table = k.buf('table', 'i64', 'readwrite', true);
  k.store(table, key, bin('+', k.load(table, key), lit('i64', 1n)));
  expect(wideText(k)).toBe('not vectorised: only table updates\n');
  const j = new KernelBuilder('nothing');
  const t = j.buf('table', 'i64', 'readwrite', true);
  j.store(t, lit('i32', 0), bin('+', j.load(t, lit('i32', 0)), lit('i64', 1n)));
  expect(wideText(j)).toBe('not vectorised: only table updates\n');
});

test('stores to one buffer keep their order: one in a loop takes the others along', () => {
  const k = new KernelBuilder('order');
  const x = k.load(k.buf('x', 'i32', 'read'), k.index);
  const out = k.buf('out', 'i32', 'write');
  const i = k.var(lit('i32', 0));
  k.while(cmp('<', i, x), () => {
    k.store(out, k.index, i);
    k.set(i, bin('+', i, lit('i32', 1)));
  });
  k.store(out, k.index, sel(cmp('<', x, lit('i32', 2)), x, lit('i32', 7)));
  const text = wideText(k, { always: true });
  expect(text.indexOf('while')).toBeLessThan(text.lastIndexOf('out[%0] ='));
});
