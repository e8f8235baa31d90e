import { describe, expect, test } from 'vitest';
import { Builder, f64, i64, lit, range, scan } from './build.ts';
import { printLit, printOp, printProgram, programKey } from './print.ts';
import type { Program } from './program.ts';
import { appender, dictmerger, F32, F64, I64, merger, U8, UNIT, vec, vecmerger } from './types.ts';
import { cloneBlock } from './walk.ts';

/** Two vectors zipped with a range, an `if` in the body, annotations, literals. */
function sample(hint: string, burned: number): Program {
  const b = new Builder();
  for (let k = 0; k < burned; k++) b.syms.fresh(F64);
  const x = b.param(vec(F64), hint);
  const y = b.param(vec(F64), 'for');
  const iters = [scan(x), scan(y), range(i64(0), b.len(x), i64(1))];
  const acc = b.builder(merger(F64, '+'), f64(1));
  const sum = b.loop(
    iters,
    acc,
    (m, _i, e, g) =>
      b.if(
        b.bin('<', e, g),
        () => b.merge(m, b.bin('*', e, b.un('neg', f64(7)))),
        () => m,
      ),
    { n: 3, impl: 'local', path: 'a b' },
  );
  return b.finish(b.result(sum));
}

describe('printProgram', () => {
  test('let-normal Weld, zipped elements as fields, blocks in parentheses', () => {
    expect(printProgram(sample('x', 0))).toMatchInlineSnapshot(`
      "|x: vec[f64], for_: vec[f64]|
        let n = len(x);
        let b = merger[f64,+](1.0);
        let b1 = @(impl:local, n:3, path:"a b")for(zip(x, for_, rangeiter(0L, n, 1L)), b, |b2, i, e|
          let t = e.$0 < e.$1;
          let t1 = if(t, (
            let t2 = -(7.0: f64);
            let t3 = e.$0 * t2;
            let b3 = merge(b2, t3);
            b3), b2);
          t1);
        let r = result(b1);
        r
      "
    `);
  });

  test('every form of operation', () => {
    const b = new Builder();
    const v = b.param(vec(I64), 'v3');
    const m = b.loop([scan(v)], b.builder(dictmerger(I64, I64, 'max'), i64(8)), (d, i, e) =>
      b.merge(d, b.struct([e, i])),
    );
    const d = b.result(m);
    b.tovec(d);
    const has = b.keyexists(d, i64(-1));
    b.select(has, b.lookup(v, i64(0)), b.lookup(d, i64(2)));
    b.slice(v, i64(0), i64(1));
    b.vec(U8, []);
    b.vec(F32, [lit('f32', 0.1)]);
    b.struct([]);
    b.field(b.struct([i64(1), b.struct([])]), 1);
    b.un('not', has);
    b.un('exp', f64(1));
    b.cast(U8, i64(3));
    b.bin('pow', f64(2), f64(0.5));
    b.bin('&&', has, has);
    b.bin('/', f64(-1), f64(0));
    b.bin('-', i64((1n << 63n) * -1n + 1n), i64(1));
    b.result(b.struct([b.builder(appender(UNIT)), b.builder(vecmerger(I64, '+'), v)]));
    expect(printProgram(b.finish(b.cudf('sort', vec(I64), [v, f64(1)])))).toMatchInlineSnapshot(`
      "|v: vec[i64]|
        let b = dictmerger[i64,i64,max](8L);
        let b1 = for(v, b, |b2, i, e|
          let s = {e, i};
          let b3 = merge(b2, s);
          b3);
        let r = result(b1);
        let v1 = tovec(r);
        let t = keyexists(r, -1L);
        let t1 = lookup(v, 0L);
        let t2 = lookup(r, 2L);
        let t3 = select(t, t1, t2);
        let v2 = slice(v, 0L, 1L);
        let v3 = ([]: vec[u8]);
        let v4 = [0.1F];
        let s1 = {};
        let s2 = {};
        let s3 = {1L, s2};
        let f = s3.$1;
        let t4 = !t;
        let t5 = exp(1.0);
        let t6 = u8(3L);
        let t7 = pow(2.0, 0.5);
        let t8 = t && t;
        let t9 = (-1.0: f64) / 0.0;
        let t10 = (-9223372036854775807L: i64) - 1L;
        let b4 = appender[{}];
        let b5 = vecmerger[i64,+](v);
        let s4 = {b4, b5};
        let r1 = result(s4);
        let t11 = cudf[sort,vec[i64]](v, 1.0);
        t11
      "
    `);
  });

  test('a program of one literal, and a body without lets', () => {
    expect(printProgram(new Builder().finish(i64(3)))).toBe('||\n  3L\n');
    const b = new Builder();
    const x = b.param(vec(F64), '7 weird.name12');
    b.loop([scan(x)], b.builder(appender(F64)), (acc) => acc);
    expect(printProgram(b.finish(f64(0)))).toContain('|t7_weird_name: vec[f64]|');
    expect(printProgram(b.finish(f64(0)))).toContain('for(t7_weird_name, b, |b2, i, e| b2);');
  });

  test('names never become reserved words', () => {
    const b = new Builder();
    for (let k = 0; k < 40; k++) b.param(I64, 'i');
    const text = printProgram(b.finish(i64(0)));
    expect(text).toContain('i7: i64, i9: i64');
    expect(text).not.toMatch(/i(8|16|32): /);
  });
});

describe('programKey', () => {
  test('does not depend on hints or symbol numbers, printProgram not on numbers', () => {
    expect(programKey(sample('x', 0))).toBe(programKey(sample('price', 9)));
    expect(printProgram(sample('x', 0))).toBe(printProgram(sample('x', 9)));
    expect(printProgram(sample('x', 0))).not.toBe(printProgram(sample('price', 0)));
    const p = sample('x', 2);
    expect(printProgram({ syms: p.syms, body: cloneBlock(p.body, p.syms, p.syms) })).toBe(printProgram(p));
  });

  test('sees literals, types and operators', () => {
    const one = (t: 'f32' | 'f64', v: number): string => programKey(new Builder().finish(lit(t, v)));
    expect(one('f64', 0)).not.toBe(one('f64', -0));
    expect(one('f32', 1)).not.toBe(one('f64', 1));
    expect(programKey(new Builder().finish(i64(1)))).not.toBe(programKey(new Builder().finish(lit('i32', 1))));
  });
});

test('printLit', () => {
  const texts = [
    lit('bool', true),
    lit('i8', -128),
    lit('i16', 5),
    lit('i32', -2147483648),
    lit('i64', -(1n << 63n)),
    lit('i64', -3),
    lit('u8', 255),
    lit('u16', 1),
    lit('u32', 7),
    lit('u64', (1n << 64n) - 1n),
    lit('f64', 1),
    lit('f64', -0),
    lit('f64', 1e21),
    lit('f64', 5e-324),
    lit('f64', Number.NaN),
    lit('f64', Number.NEGATIVE_INFINITY),
    lit('f32', Number.POSITIVE_INFINITY),
    lit('f32', 16777216),
    lit('f32', 3.4028234663852886e38),
    lit('f32', 1e-45),
  ].map(printLit);
  expect(texts).toEqual([
    'true',
    '(-127c - 1c)',
    '5si',
    '(-2147483647 - 1)',
    '(-9223372036854775807L - 1L)',
    '-3L',
    '255u8',
    '1u16',
    '7u32',
    '18446744073709551615u64',
    '1.0',
    '-0.0',
    '1e+21',
    '5e-324',
    '(0.0/0.0)',
    '(-1.0/0.0)',
    '(1.0F/0.0F)',
    '16777216.0F',
    '3.4028235e+38F',
    '1e-45F',
  ]);
});

test('printOp names symbols by hint and number', () => {
  const p = sample('x', 0);
  const texts = p.body.lets.map((l) => printOp(l.op, p.syms));
  expect(texts[0]).toBe('len(x%0)');
  expect(texts[2]).toBe('@(impl:local, n:3, path:"a b")for(zip(x%0, for%1, rangeiter(0L, n%2, 1L)), b%3, |..| ..)');
});
