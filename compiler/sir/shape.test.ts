/** Walks reach every part in order, and maps give the same object back when nothing changed. */

import { describe, expect, it } from 'vitest';
import { any, bin, bitcast, cast, cmp, KernelBuilder, lane, lanes, lit, sel, splat, un } from './build.ts';
import type { SExpr } from './kernel.ts';
import { kernelText } from './print.ts';
import { countReads, definedReg, mapStmts, rewriteExpr, walkExpr, walkStmts } from './shape.ts';
import { verifyKernel } from './verify.ts';

/** A kernel with every kind of statement and expression. */
function everything() {
  const k = new KernelBuilder('everything');
  const x = k.buf('x', 'f64', 'read');
  const out = k.buf('out', 'f64', 'readwrite');
  const kept = k.buf('kept', 'i64', 'write');
  const table = k.buf('table', 'i32', 'readwrite', true);
  const s = k.scalar('s', 'f64');
  const sum = k.reduction('sum', 'f64', '+');
  const low = k.reduction('low', 'f64', 'min');
  const cursor = k.cursor();
  const v = k.load(x, bin('+', k.index, lit('i32', 1)));
  const n = k.var(lit('i32', 0));
  k.fail('DivisionByZero', cmp('==', v, lit('f64', -0)));
  k.while(cmp('<', n, lit('i32', 3)), () => k.set(n, bin('+', n, lit('i32', 1))));
  k.if(
    un('not', cmp('>', v, s)),
    () => k.push(cursor, [[kept, bitcast(bin('min', v, s), 'i64')]]),
    () => k.accum(low, sel(cmp('<', v, s), un('exp', v), s)),
  );
  k.store(table, n, bin('+', k.load(table, n), lit('i32', 1)));
  k.wide(2, () => {
    const w = k.let(bin('*', k.load(x, k.index, 2), splat(s, 2)));
    const mask = cmp('>=', w, lit('f64', 0.5, 2));
    k.accum(sum, w, mask);
    k.if(any(mask), () => k.store(out, k.index, lanes([lane(w, 1), cast(lane(cast(w, 'i32'), 0), 'f64')])));
  });
  return k.finish();
}

describe('print', () => {
  it('shows every kind of statement and expression', () => {
    const kernel = everything();
    verifyKernel(kernel);
    expect(kernelText(kernel)).toMatchInlineSnapshot(`
      "kernel everything(x: read f64[], out: readwrite f64[], kept: write i64[], table: partial readwrite i32[], s: f64 = %1) {
        reduction sum: f64 +
        reduction low: f64 min
        cursors 1
        body %0 {
          %2: f64 = x[%0 + 1i32]
          var %3: i32 = 0i32
          fail DivisionByZero when %2 == -0f64
          while %3 < 3i32 {
            %3 := %3 + 1i32
          }
          if not(%2 > %1) {
            push #0 { kept <- bits.i64(min(%2, %1)) }
          } else {
            low min= select(%2 < %1, exp(%2), %1)
          }
          %4: i32 = table[%3]
          table[%3] = %4 + 1i32
        }
        wide x2 %0 {
          %5: f64x2 = x[%0]
          %6: f64x2 = %5 * splat2(%1)
          sum += %6 where %6 >= 0.5f64x2
          if any(%6 >= 0.5f64x2) {
            out[%0] = lanes(%6.1, f64(i32x2(%6).0))
          }
        }
      }
      "
    `);
  });
});

describe('shape', () => {
  const kernel = everything();
  const all = [...kernel.body, ...(kernel.wide?.body ?? [])];

  it('keeps identity when nothing changes', () => {
    expect(mapStmts(all, (e) => rewriteExpr(e, (x) => x))).toBe(all);
  });

  it('changes exactly what f changes', () => {
    const ones = (e: SExpr): SExpr => (e.x === 'lit' && e.ty.kind === 'i32' ? { ...e, value: 9 } : e);
    const mapped = mapStmts(all, (e) => rewriteExpr(e, ones));
    expect(mapped.map((s, i) => s === all[i])).toEqual(
      all.map(
        (s) =>
          !['load', 'var', 'while', 'store'].includes(s.s) ||
          (s.s === 'load' && s.ty.kind === 'i32') ||
          (s.s === 'load' && s.ty.lanes === 2),
      ),
    );
    const text = kernelText({ ...kernel, body: mapped, wide: null });
    expect(text.match(/9i32/g)?.length).toBe(5);
    expect(text).not.toContain('1i32');
  });

  it('reaches every node once, outermost first', () => {
    const e = bin('+', un('neg', lit('f64', 1)), lit('f64', 2));
    const seen: string[] = [];
    walkExpr(e, (x) => seen.push(x.x));
    expect(seen).toEqual(['bin', 'un', 'lit', 'lit']);
    const stmts: string[] = [];
    walkStmts(kernel.body, (s) => stmts.push(s.s));
    expect(stmts).toEqual(['load', 'var', 'fail', 'while', 'set', 'if', 'push', 'accum', 'load', 'store']);
  });

  it('counts reads and names definitions', () => {
    const reads = countReads(kernel.body);
    const [first] = kernel.body;
    const reg = first === undefined ? null : definedReg(first);
    expect(reg === null ? 0 : reads.get(reg)).toBe(5);
    expect(reads.get(kernel.index)).toBe(1);
  });
});
