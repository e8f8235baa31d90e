/** The checked constructors: computed types, refusals, and the builder's blocks and registers. */

import { describe, expect, it } from 'vitest';
import { InternalError } from '../diag/diagnostic.ts';
import type { Lanes } from './build.ts';
import { any, bin, bitcast, cast, cmp, KernelBuilder, lane, lanes, lit, sel, splat, un } from './build.ts';
import { verifyKernel } from './verify.ts';

const f64 = (v: number, n: Lanes = 1) => lit('f64', v, n);
const yes = (n: Lanes = 1) => lit('bool', true, n);

describe('expression constructors', () => {
  it('compute types in any number of lanes', () => {
    for (const n of [1, 2, 4] as const) {
      const a = lit('i32', 5, n);
      expect(bin('+', a, a).ty).toEqual({ kind: 'i32', lanes: n });
      expect(cmp('<', a, a).ty).toEqual({ kind: 'bool', lanes: n });
      expect(sel(yes(n), a, a).ty).toEqual({ kind: 'i32', lanes: n });
      expect(cast(a, 'f32').ty).toEqual({ kind: 'f32', lanes: n });
      expect(bitcast(a, 'f32').ty).toEqual({ kind: 'f32', lanes: n });
      expect(un('neg', a).ty).toEqual({ kind: 'i32', lanes: n });
      expect(any(yes(n)).ty).toEqual({ kind: 'bool', lanes: 1 });
      expect(splat(f64(1), n).ty).toEqual({ kind: 'f64', lanes: n });
      expect(lanes(Array.from({ length: n }, () => f64(2))).ty).toEqual({ kind: 'f64', lanes: n });
      expect(lane(a, n - 1).ty).toEqual({ kind: 'i32', lanes: 1 });
    }
  });

  it('are the identity where there is nothing to do', () => {
    const a = f64(1);
    expect(splat(a, 1)).toBe(a);
    expect(lane(a, 0)).toBe(a);
    expect(lanes([a])).toBe(a);
    expect(cast(a, 'f64')).toBe(a);
    expect(bitcast(a, 'f64')).toBe(a);
    const b = yes();
    expect(any(b)).toBe(b);
  });

  it('bring literals to the form of their kind', () => {
    expect(lit('i64', 7)).toMatchObject({ value: 7n });
    expect(lit('u8', 255n)).toMatchObject({ value: 255 });
    expect(lit('f32', 0.1)).toMatchObject({ value: Math.fround(0.1) });
    expect(Object.is((lit('f64', -0) as { value: unknown }).value, -0)).toBe(true);
  });

  it('refuse what does not fit', () => {
    const wrong: readonly (() => unknown)[] = [
      () => bin('+', f64(1), lit('i32', 1)),
      () => bin('+', f64(1), f64(1, 2)),
      () => bin('+', yes(), yes()),
      () => bin('&', f64(1), f64(1)),
      () => bin('<<', yes(), yes()),
      () => bin('pow', lit('i32', 1), lit('i32', 1)),
      () => un('sqrt', lit('i32', 4)),
      () => un('not', lit('i32', 4)),
      () => cmp('<', f64(1), lit('f32', 1)),
      () => sel(yes(2), f64(1), f64(2)),
      () => sel(f64(1), f64(1), f64(2)),
      () => bitcast(f64(1), 'i32'),
      () => bitcast(lit('i8', 1), 'u8'),
      () => splat(f64(1, 2), 2),
      () => lane(f64(1, 2), 2),
      () => lanes([f64(1), f64(2), f64(3)]),
      () => lanes([f64(1), lit('f32', 2)]),
      () => any(f64(1, 2)),
      () => lit('i8', 128),
      () => lit('u32', -1),
      () => lit('i32', 1.5),
      () => lit('i64', 2 ** 60),
      () => lit('bool', 1),
      () => lit('f64', 1n),
    ];
    for (const make of wrong) expect(make).toThrow(InternalError);
  });
});

describe('KernelBuilder', () => {
  it('nests blocks and gives every definition its own register', () => {
    const k = new KernelBuilder('k');
    const x = k.buf('x', 'f64', 'read');
    const s = k.scalar('s', 'i32');
    const r = k.reduction('r', 'f64', '+');
    const v = k.load(x, bin('+', k.index, s));
    const n = k.var(lit('i32', 0));
    k.while(cmp('<', n, s), () => {
      k.set(n, bin('+', n, lit('i32', 1)));
      k.if(
        cmp('>', v, f64(0)),
        () => k.accum(r, v),
        () => k.accum(r, f64(0)),
      );
    });
    k.wide(2, () => k.accum(r, k.load(x, k.index, 2)));
    const kernel = k.finish();
    verifyKernel(kernel);
    expect(kernel.body.map((t) => t.s)).toEqual(['load', 'var', 'while']);
    expect(kernel.wide?.body.map((t) => t.s)).toEqual(['load', 'accum']);
    expect(kernel.regs).toBe(5);
  });

  it('names a value once and continues a kernel for a pass', () => {
    const k = new KernelBuilder('k');
    const out = k.buf('out', 'f64', 'write');
    const v = k.let(f64(2));
    expect(k.let(v)).toBe(v);
    k.store(out, k.index, v);
    const first = k.finish();
    const next = KernelBuilder.from(first);
    const body = next.block(() => {
      for (const s of first.body) next.emit(s);
      next.let(f64(3));
    });
    const second = { ...first, body, regs: next.regs };
    verifyKernel(second);
    expect(second.body.length).toBe(first.body.length + 1);
    expect(next.finish().body).toEqual([]);
  });

  it('refuses statements that do not fit', () => {
    const k = new KernelBuilder('k');
    const x = k.buf('x', 'f64', 'readwrite');
    const r = k.reduction('r', 'f64', '+');
    const n = k.var(lit('i32', 0));
    const wrong: readonly (() => unknown)[] = [
      () => k.load(9, k.index),
      () => k.load(x, lit('i64', 0)),
      () => k.store(x, k.index, lit('f32', 0)),
      () => k.accum(r, lit('i32', 0)),
      () => k.accum(3, f64(0)),
      () => k.accum(r, f64(0, 2), yes()),
      () => k.set(n, f64(0)),
      () => k.if(yes(2), () => {}),
      () => k.while(f64(0), () => {}),
      () => k.push(0, []),
      () => k.fail('DivisionByZero', f64(1)),
    ];
    for (const make of wrong) expect(make).toThrow(InternalError);
  });
});
