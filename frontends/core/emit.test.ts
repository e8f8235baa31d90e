import { expect, it } from 'vitest';
import { printProgram } from '../../compiler/index.ts';
import * as wa from '../array/index.ts';
import { col, type Frame, fromColumns, len } from '../frame/index.ts';
import * as wt from '../tensor/index.ts';
import { emitFor } from './evaluate.ts';
import type { Scalar } from './scalar.ts';

const flights = fromColumns({
  origin: ['JFK', 'LAX', null],
  delay: [1, null, 3],
  n: new Int32Array([1, 2, 3]),
  unused: new Float64Array(3),
});

const text = (f: Frame): string => {
  const emitted = emitFor([...f.state.columns.values()], []);
  return emitted === null ? 'nothing' : printProgram(emitted.program);
};
const scalarText = (s: Scalar): string => {
  const emitted = emitFor([], [s.operand]);
  return emitted === null ? 'nothing' : printProgram(emitted.program);
};

it('computes nothing for columns that are data', () => {
  expect(text(flights.select('n').rename({ n: 'm' }))).toBe('nothing');
});

it('carries only demanded columns through a filter', () => {
  expect(text(flights.filter(col('delay').gt(2)).select(col('n').add(1)))).toMatchInlineSnapshot(`
    "|x: vec[f64], x1: vec[bool], x2: vec[i32]|
      let b = appender[i32];
      let b1 = for(zip(x1, x, x2), b, |b2, i, e|
        let t = e.$1 > 2.0;
        let t1 = e.$0 && t;
        let t2 = if(t1, (
          let b3 = merge(b2, e.$2);
          b3), b2);
        t2);
      let r = result(b1);
      let b4 = appender[i32];
      let b5 = for(r, b4, |b6, i1, e1|
        let t3 = e1 + 1;
        let b7 = merge(b6, t3);
        b7);
      let r1 = result(b5);
      r1
    "
  `);
});

it('groups by dictionary codes below a bound that is a parameter', () => {
  expect(text(flights.groupBy('origin').agg(col('delay').mean(), col('n').max(), len()))).toMatchInlineSnapshot(`
    "|x: vec[i32], x1: vec[bool], x2: vec[f64], x3: vec[bool], x4: vec[i32], k: i32, k1: i64|
      let b = @(dense:true)dictmerger[i32,{f64,i64,i64},+](k1);
      let b1 = for(zip(x1, x, x3, x2), b, |b2, i, e|
        let t = select(e.$0, e.$1, k);
        let t1 = select(e.$2, e.$3, -0.0);
        let t2 = i64(e.$2);
        let s = {t1, t2, 1L};
        let s1 = {t, s};
        let b3 = merge(b2, s1);
        b3);
      let r = result(b1);
      let v = tovec(r);
      let b4 = @(dense:true)dictmerger[i32,i32,max](k1);
      let b5 = for(zip(x1, x, x4), b4, |b6, i1, e1|
        let t3 = select(e1.$0, e1.$1, k);
        let s2 = {t3, e1.$2};
        let b7 = merge(b6, s2);
        b7);
      let r1 = result(b5);
      let v1 = tovec(r1);
      let b8 = appender[{i32,bool,f64,bool}];
      let b9 = for(v, b8, |b10, i2, e2|
        let f = e2.$0;
        let t4 = f != k;
        let t5 = select(t4, f, 0);
        let t6 = select(t4, t5, 0);
        let f1 = e2.$1;
        let f2 = f1.$1;
        let t7 = f2 > 0L;
        let f3 = f1.$0;
        let t8 = f64(f2);
        let t9 = f3 / t8;
        let t10 = select(t7, t9, 0.0);
        let s3 = {t6, t4, t10, t7};
        let b11 = merge(b10, s3);
        b11);
      let r2 = result(b9);
      let s4 = {r2, v1, v};
      s4
    "
  `);
});

it('makes one loop a call over three libraries, and shares what is used twice', () => {
  const f = flights.filter(col('delay').isNotNull());
  const x = wa.exp(f.column('delay').div(10));
  const score = wt
    .stack([x, f.column('n')])
    .matmul([0.5, -1])
    .squeeze();
  expect(scalarText(f.withColumns({ score }).column('score').mean())).toMatchInlineSnapshot(`
    "|x: vec[f64], x1: vec[bool], x2: vec[i32], k: f64, k1: f64|
      let b = appender[{f64,i32}];
      let b1 = for(zip(x1, x, x2), b, |b2, i, e|
        let t = if(e.$0, (
          let s = {e.$1, e.$2};
          let b3 = merge(b2, s);
          b3), b2);
        t);
      let r = result(b1);
      let b4 = appender[f64];
      let b5 = for(r, b4, |b6, i1, e1|
        let f = e1.$1;
        let t1 = f64(f);
        let b7 = merge(b6, t1);
        b7);
      let r1 = result(b5);
      let b8 = appender[f64];
      let b9 = for(r, b8, |b10, i2, e2|
        let f1 = e2.$0;
        let t2 = f1 / 10.0;
        let b11 = merge(b10, t2);
        b11);
      let r2 = result(b9);
      let b12 = appender[f64];
      let b13 = for(r2, b12, |b14, i3, e3|
        let t3 = exp(e3);
        let b15 = merge(b14, t3);
        b15);
      let r3 = result(b13);
      let b16 = appender[f64];
      let b17 = for(zip(r3, r1), b16, |b18, i4, e4|
        let t4 = e4.$0 * k;
        let t5 = e4.$1 * k1;
        let t6 = t4 + t5;
        let b19 = merge(b18, t6);
        b19);
      let r4 = result(b17);
      let b20 = merger[f64,+];
      let b21 = merger[i64,+];
      let s1 = {b20, b21};
      let b22 = for(r4, s1, |b23, i5, e5|
        let f2 = b23.$0;
        let b24 = merge(f2, e5);
        let f3 = b23.$1;
        let b25 = merge(f3, 1L);
        let s2 = {b24, b25};
        s2);
      let r5 = result(b22);
      let f4 = r5.$0;
      let f5 = r5.$1;
      let t7 = f64(f5);
      let t8 = f4 / t7;
      t8
    "
  `);
});

it('divides a mean once, before the loop that uses it', () => {
  const x = wa.array(new Float64Array(4));
  const program = text(fromColumns({ z: x.sub(x.mean()) }));
  const lines = program.split('\n').filter((l) => / [/-] /.test(l));
  expect(lines.map((l) => l.length - l.trimStart().length)).toEqual([2, 4]);
});

it('is the same program for other data of the same form', () => {
  const of = (s: string[], v: number[]): string =>
    text(fromColumns({ s, v }).filter(col('s').eq('b')).groupBy('s').agg(col('v').sum()));
  expect(of(['a', 'b'], [1, 2])).toBe(of(['c', 'd', 'e'], [3, 4, 5]));
});

it('takes chains of any length', () => {
  let x = wa.array(new Float64Array(2));
  for (let i = 0; i < 2000; i++) x = x.add(1);
  expect(text(fromColumns({ x })).match(/appender/g)?.length).toBe(2000);
});
