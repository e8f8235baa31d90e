/** Plans survive as JSON: every kind of step of real programs, and the values and types that JSON does not have. */

import { describe, expect, it } from 'vitest';
import { lowerForWasm } from '../compile.ts';
import { printProgram } from '../core/print.ts';
import * as t from '../core/types.ts';
import { WeldError } from '../diag/diagnostic.ts';
import { optimize } from '../pipeline.ts';
import type { HostReg, Plan } from '../sir/plan.ts';
import { parseProgram } from '../text.ts';
import { externsOf } from './externs.ts';
import { decodePlan, encodePlan } from './plan-json.ts';

/** As it should come back: kernels without code, no decisions. */
function bare(plan: Plan): unknown {
  const strip = (x: unknown): unknown => {
    if (Array.isArray(x)) return x.map(strip);
    if (typeof x !== 'object' || x === null || Object.isFrozen(x)) return x;
    const code = 'reductions' in x && 'body' in x ? { ...x, body: [], wide: null } : x;
    return Object.fromEntries(
      Object.entries(code)
        .filter(([, v]) => v !== undefined)
        .map(([k, v]) => [k, strip(v)]),
    );
  };
  return { ...(strip({ ...plan, kernels: [], decisions: [] }) as object) };
}

describe('a plan', () => {
  it.each([
    '|x: vec[f64]| result(for(x, merger[f64,max], |b,i,e| merge(b, e)))',
    '|k: vec[i64], v: vec[f64]| tovec(result(for(zip(k, v), dictmerger[i64,f64,+], |b,i,e| merge(b, {e.$0, e.$1}))))',
    '|x: vec[i64], c: bool| if(c, result(for(x, vecmerger[i64,+](x), |b,i,e| merge(b, {e % 3L, 1L}))), slice(x, 1L, 2L))',
    '|x: vec[i32]| sort(result(for(x, appender[i32], |b,i,e| if(e > 3, merge(b, e), b))), |a,b| a - b)',
    '|n: i64| iterate(n, |s| {s / 2L, s > 10L})',
    '|x: vec[u8]| {deserialize[i64](x), assert(len(x) == 8L), [1.5f, -0.0f]}',
    '|x: vec[vec[i64]]| result(for(x, groupmerger[vec[i64],i64], |b,i,e| merge(b, {slice(e, 0L, 2L), i})))',
  ])('of %s', (text) => {
    const plan = lowerForWasm(optimize(parseProgram(text)).program);
    const back = decodePlan(encodePlan(plan));
    expect(back).toStrictEqual(bare(plan));
    expect(back.resultType).toBe(plan.resultType);
  });

  it('keeps what the interpreter runs, and names the externs in it', () => {
    const text =
      '|x: vec[f64]| result(for(x, appender[i64], |b,i,e| merge(b, len(cudf[argsort,vec[i64]]([false], slice(x, i, 9L))))))';
    const plan = lowerForWasm(optimize(parseProgram(text)).program);
    const back = decodePlan(encodePlan(plan));
    const programs = (p: Plan): readonly string[] =>
      p.body.steps.flatMap((s) => (s.step === 'interpret' ? [printProgram(s.program)] : []));
    expect(programs(back)).toHaveLength(1);
    expect(programs(back)[0]?.replaceAll(/\bt\d*\b/g, '_')).toContain('cudf[argsort,vec[i64]]');
    expect(externsOf(back.body)).toEqual(['argsort']);
  });

  it('keeps the values and the types that JSON does not have', () => {
    const every = [
      t.vec(t.struct([t.BOOL, t.I8, t.U64])),
      t.dict(t.vec(t.U8), t.F32),
      t.appender(t.F64),
      t.merger(t.I64, 'min'),
      t.vecmerger(t.F32, '*'),
      t.dictmerger(t.I32, t.struct([t.F64]), '+'),
      t.groupmerger(t.I32, t.F64),
      t.UNIT,
    ];
    const lits = [Number.NaN, -0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, -(2n ** 63n), true];
    const dst = 0 as HostReg;
    const plan: Plan = {
      params: every.map((ty, k) => ({ reg: k as HostReg, ty })),
      body: {
        steps: lits.map((lit) => ({ step: 'assert', dst, cond: { lit, ty: t.F64 } })),
        result: { reg: dst },
      },
      resultType: t.struct(every),
      kernels: [],
      decisions: [],
    };
    const back = decodePlan(encodePlan(plan));
    expect(back).toStrictEqual(plan);
    expect(back.params.every((p, k) => p.ty === every[k])).toBe(true);
  });

  it.each([
    ['not JSON', '{', /^W7001: the plan of the artifact is not JSON/],
    ['no plan', '{"params":[]}', /^W7001: the plan of the artifact has no parameters, steps or result type/],
    ['a strange type', '{"params":[{"$type":"tree"}]}', /^W7001: the plan of the artifact has a type of kind tree/],
  ])('that is %s is refused', (_, text, message) => {
    expect(() => decodePlan(text)).toThrow(WeldError);
    expect(() => decodePlan(text)).toThrow(message);
  });
});
