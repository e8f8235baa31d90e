/** Plans of programs given as text: strategies, what is loaded, guards, memory, and what is refused where. */

import { describe, expect, it } from 'vitest';
import { WeldError } from '../diag/diagnostic.ts';
import type { HostReg, Launch, Plan, PlanBlock, Step } from '../sir/plan.ts';
import { kernelText } from '../sir/print.ts';
import { verifyKernel } from '../sir/verify.ts';
import { parseProgram } from '../text.ts';
import { lower } from './lower.ts';

function planOf(text: string): Plan {
  const plan = lower(parseProgram(text), { target: 'wasm', finish: (kernel) => ({ kernel, note: '' }) });
  plan.kernels.forEach(verifyKernel);
  return plan;
}
function launchesOf(block: PlanBlock): readonly Launch[] {
  return block.steps.flatMap((s) => {
    if (s.step === 'launch') return [s.launch];
    return s.step === 'branch' ? [...launchesOf(s.then), ...launchesOf(s.else)] : [];
  });
}
/** The first launch, and its kernel as text. */
function loopOf(text: string): { readonly launch: Launch; readonly code: string } {
  const [launch] = launchesOf(planOf(text).body);
  if (launch === undefined) throw new Error('no launch');
  return { launch, code: kernelText(launch.kernel) };
}
const overX = (builder: string, body: string): string =>
  `|x: vec[i64], y: vec[f64]| result(for(x, ${builder}, |b, i, e| ${body}))`;

describe('strategies', () => {
  it.each([
    ['appender[i64]', 'merge(b, e)', 'direct'],
    ['appender[i64]', 'if(e > 0L, merge(b, e), merge(b, i))', 'direct'],
    ['appender[i64]', 'if(e > 0L, merge(b, e), b)', 'compact'],
    ['appender[i64]', 'b', 'compact'],
    ['appender[i64]', 'merge(merge(b, e), i)', 'grow'],
    ['appender[i64]', 'if(e > 0L, merge(merge(b, e), i), b)', 'grow'],
    ['appender[i64]', 'for(x, b, |c, j, f| merge(c, f))', 'grow'],
    ['appender[i64]', 'iterate({b, i}, |s| {{merge(s.$0, e), s.$1}, false}).$0', 'grow'],
    ['merger[i64,+]', 'if(e > 0L, merge(b, e), b)', 'reduce'],
    ['merger[{i64,f64},max]', 'merge(b, {e, 1.0})', 'reduce'],
    ['vecmerger[f64,+](y)', 'merge(b, {e, 1.0})', 'table'],
    ['dictmerger[i64,i64,+]', 'merge(b, {e, i})', 'hashed'],
    ['dictmerger[i64,i64,+](10L)', 'merge(b, {e, i})', 'hashed'],
    ['@(dense:true) dictmerger[i64,i64,+]', 'merge(b, {e, i})', 'hashed'],
    ['@(dense:true) dictmerger[i64,i64,+](10L)', 'merge(b, {e, i})', 'dense'],
    ['@(dense:true) dictmerger[f64,i64,+](10L)', 'merge(b, {f64(e), i})', 'hashed'],
    ['@(dense:true) dictmerger[{i64,i64},i64,+](10L)', 'merge(b, {{e, i}, i})', 'hashed'],
  ])('%s with %s: %s', (builder, body, want) => {
    const [out] = loopOf(overX(builder, body)).launch.outputs;
    expect(out?.out === 'dict' ? (out.dense ? 'dense' : 'hashed') : out?.out).toBe(want);
  });

  it('of each builder of a struct, with a decision for explain', () => {
    const plan = planOf(
      overX('{appender[i64],{merger[i64,+],appender[i64]}}', '{merge(b.$0, e), let s = b.$1; {s.$0, s.$1}}'),
    );
    expect(launchesOf(plan.body)[0]?.outputs.map((o) => o.out)).toEqual(['direct', 'reduce', 'compact']);
    expect(plan.decisions.map((d) => d.choice)).toEqual([
      'direct store at the row',
      'registers, one partial a part',
      'compaction in each part, gaps closed in part order',
      '',
    ]);
  });
});

describe('how many rows an appender gets', () => {
  it.each([
    ['merge(b, e)', 'direct store at the row (exactly 1 merge a row)'],
    ['if(e > 0L, merge(b, e), b)', 'compaction in each part, gaps closed in part order (at most 1 merge a row)'],
    ['merge(merge(b, e), i)', 'the places of each part (exactly 2 merges a row)'],
    ['for(y, b, |c, j, f| merge(c, j))', 'the places of each part (exactly len(y) merges a row)'],
    [
      'for(y, b, |c, j, f| if(f > 0.0, merge(c, j), c))',
      'places for the most, gaps closed in part order (at most len(y) merges a row)',
    ],
    [
      'for(rangeiter(0L, e, 1L), b, |c, j, f| merge(c, f))',
      'some places a part, and once more if they are too few (unknown how many merges a row)',
    ],
  ])('%s: %s', (body, want) => {
    const [first] = planOf(overX('appender[i64]', body)).decisions;
    expect(`${first?.choice} (${first?.reason})`).toBe(want);
  });
});

describe('what a kernel reads', () => {
  const columns = (text: string): readonly number[] =>
    loopOf(text).launch.bufs.flatMap((b) => (b.bind === 'column' ? [b.leaf] : []));
  const rows = (body: string): string =>
    `|x: vec[{i64,{f64,bool},u8}]| result(for(x, appender[f64], |b, i, e| merge(b, ${body})))`;

  it('only the fields of the element that the body reads', () => {
    expect(columns(rows('f64(e.$2)'))).toEqual([3]);
    expect(columns(rows('f64(e.$0) + f64(e.$2)'))).toEqual([0, 3]);
    expect(columns(rows('let s = e.$1; s.$0'))).toEqual([1, 2]);
    expect(columns(rows('if(i > 0L, let y = e.$2; f64(y), 1.0)'))).toEqual([3]);
    expect(columns(rows('1.0'))).toEqual([]);
    expect(columns(rows('let t = {e, 1L}; let u = t.$0; f64(u.$0)'))).toEqual([0, 1, 2, 3]);
    expect(columns(rows('let t = if(i > 0L, e, e); f64(t.$0)'))).toEqual([0, 1, 2, 3]);
  });

  it('each captured scalar, column and length once', () => {
    const { launch } = loopOf(`|x: vec[i64], v: vec[{f64,f64}], s: {f64,{i64,bool}}|
      result(for(x, appender[f64], |b, i, e| let t = s.$1; let p = lookup(v, e); let q = lookup(v, e + t.$0);
        merge(b, if(t.$1, p.$0 * s.$0 + p.$1 + q.$0, q.$1 * s.$0 + f64(len(v))))))`);
    expect(launch.bufs.map((b) => b.bind)).toEqual(['output', 'column', 'column', 'column']);
    expect(launch.scalars.map((s) => s.bind)).toEqual(['scalar', 'scalar', 'scalar', 'length']);
  });

  it('a dense dictionary by its slots, and one out of a branch as it is, near or hashed', () => {
    const dense = 'result(for(x, @(dense:true) dictmerger[i64,i64,+](9L), |b, i, e| merge(b, {e, i})))';
    const probe = (d: string): unknown => {
      const plan = planOf(`|x: vec[i64], c: bool| let d = ${d};
        result(for(x, appender[bool], |b, i, e| merge(b, keyexists(d, e))))`);
      const launch = launchesOf(plan.body).at(-1);
      return [launch?.bufs.find((b) => b.bind === 'slots'), launch?.scalars.find((s) => s.bind === 'slotmask')];
    };
    expect(probe(dense)).toMatchObject([{ form: 'dense' }, { form: 'dense' }]);
    expect(probe(`if(c, ${dense}, ${dense})`)).toMatchObject([{ form: 'near' }, { form: 'near' }]);
  });
});

describe('checks', () => {
  it('indices that come from narrow integers are compared in 32 bits', () => {
    const at = (kind: string): string =>
      loopOf(`|x: vec[${kind}], v: vec[f64]|
        result(for(x, appender[f64], |b, i, e| merge(b, lookup(v, i64(e)))))`).code;
    for (const kind of ['i8', 'u8', 'i16', 'u16', 'i32']) expect(at(kind)).not.toMatch(/u64\(|as u64|: u64/);
    for (const kind of ['u32', 'i64', 'u64']) expect(at(kind)).toMatch(/u64/);
  });

  it('obey the condition of a predicated branch', () => {
    const { code, launch } = loopOf(
      '|x: vec[i64], v: vec[i64]| result(for(x, appender[i64], |b, i, e| merge(b, if(e > 0L, lookup(v, e) / e, e % 3L))))',
    );
    expect(code).toMatchInlineSnapshot(`
      "kernel loop0(out0_0: write i64[], h0_0: read i64[], h1_0: read i64[], h1_len: i32 = %3) {
        body %0 {
          %1: i64 = h0_0[%0]
          %2: bool = %1 > 0i64
          %4: bool = bits.u64(%1) >= u64(bits.u32(%3))
          %5: bool = %2 & %4
          fail ArrayOutOfBounds when %5
          %6: i32 = i32(%1)
          %7: i32 = select(%2, %6, 0i32)
          %8: i64 = h1_0[%7]
          %9: bool = %1 == 0i64
          %10: bool = %2 & %9
          fail DivisionByZero when %10
          %11: i64 = select(%2, %1, 1i64)
          %12: i64 = %8 / %11
          %13: bool = not(%2)
          %14: i64 = %1 % 3i64
          %15: i64 = select(%2, %12, %14)
          out0_0[%0] = %15
        }
      }
      "
    `);
    expect(launch.sites?.map((s) => s.code)).toEqual(['ArrayOutOfBounds', 'DivisionByZero']);
  });

  it('need none for a literal divisor that is not 0', () => {
    const divided = (by: string) => loopOf(overX('appender[i64]', `merge(b, e / ${by})`)).launch.sites?.length;
    expect([divided('2L'), divided('0L'), divided('i')]).toEqual([0, 1, 1]);
  });

  it('branches with loops, dictionaries or builders of their own are not predicated', () => {
    const inner = 'result(for(x, merger[i64,+], |c, j, f| merge(c, f)))';
    expect(loopOf(overX('appender[i64]', `merge(b, if(e > 0L, ${inner}, e))`)).code).toMatch(/if .*\{[^}]*while/s);
    const { code } = loopOf(overX('appender[i64]', 'merge(b, if(e > 0L, e * 2L, e))'));
    expect(code).not.toContain('if ');
  });
});

describe('memory', () => {
  /** Walks a plan: every register is held when it is read or freed, and only the result's is held at the end. */
  function freed(plan: Plan): void {
    const live = new Set<HostReg>();
    const gone = new Set<HostReg>();
    const use = (r: HostReg): void => expect(gone.has(r), `r${r} is read after it is freed`).toBe(false);
    const reads = (x: unknown): void => {
      if (typeof x !== 'object' || x === null) return;
      for (const [key, v] of Object.entries(x)) {
        if (key === 'reg') use(v as HostReg);
        else if (key !== 'kernel' && key !== 'combine' && key !== 'ty') reads(v);
      }
    };
    const made = (s: Step): readonly HostReg[] => {
      if (s.step === 'launch') return s.launch.outputs.map((o) => o.dst);
      return s.step === 'free' ? [] : [s.dst];
    };
    const walk = (b: PlanBlock): void => {
      for (const s of b.steps) {
        if (s.step === 'free') {
          for (const r of s.regs) {
            expect(live.delete(r), `r${r} is freed but not held`).toBe(true);
            gone.add(r);
          }
          continue;
        }
        if (s.step === 'iterate') {
          reads(s.init);
          live.add(s.param);
          walk(s.body);
        } else if (s.step === 'branch') {
          // Only one side runs; their registers differ, so walking both is as good.
          reads(s.cond);
          walk(s.then);
          walk(s.else);
        } else reads({ ...s, dst: null });
        for (const r of made(s)) live.add(r);
      }
      reads(b.result);
    };
    walk(plan.body);
    const { result } = plan.body;
    expect([...live]).toEqual('reg' in result && !plan.params.some((p) => p.reg === result.reg) ? [result.reg] : []);
  }
  const map = (v: string, by: string): string => `result(for(${v}, appender[i64], |b, i, e| merge(b, e * ${by})))`;

  it.each([
    ['a chain', `|x: vec[i64]| let y = ${map('x', '2L')}; let z = ${map('y', '3L')}; ${map('z', '4L')}`],
    ['a result nobody reads', `|x: vec[i64]| let y = ${map('x', '2L')}; len(x)`],
    ['a struct of results', `|x: vec[i64]| let y = ${map('x', '2L')}; {y, ${map('y', '3L')}, {len(y), y}}`],
    ['a slice', `|x: vec[i64]| let y = ${map('x', '2L')}; let s = slice(y, 1L, 2L); {s, len(y)}`],
    ['the argument itself', '|x: vec[i64]| x'],
    [
      'branches',
      `|x: vec[i64], c: bool| let y = ${map('x', '2L')};
       let z = if(c, let t = ${map('y', '3L')}; ${map('t', '5L')}, y); {len(z), ${map('y', '7L')}}`,
    ],
    [
      'branches in branches',
      `|x: vec[i64], c: bool| let z = if(c, let u = if(len(x) > 2L, ${map('x', '3L')}, x); ${map('u', '2L')},
         let w = ${map('x', '5L')}; if(lookup(w, 0L) > 2L, w, ${map('w', '2L')})); ${map('z', '7L')}`,
    ],
    [
      'iterations',
      `|x: vec[i64], n: i64| let s = iterate({${map('x', '3L')}, n}, |s| let t = ${map('s.$0', '2L')};
         {{${map('t', '5L')}, s.$1 - len(t)}, s.$1 > 9L}); {len(s.$0), ${map('s.$0', '7L')}}`,
    ],
    [
      'builders that go on',
      `|x: vec[i64], c: bool| let b = for(x, merge(appender[i64], 3L), |b, i, e| merge(b, e));
       let d = if(c, merge(b, 1L), for(x, b, |b, i, e| merge(b, i))); result(merge(d, 5L))`,
    ],
    ['sorts', `|x: vec[i64]| let y = ${map('x', '2L')}; sort(y, |a, b| i32(lookup(y, a) - b))`],
    [
      'dictionaries',
      `|x: vec[i64]| let d = result(for(x, dictmerger[i64,i64,+], |b, i, e| merge(b, {e, i})));
       {len(tovec(d)), result(for(x, vecmerger[i64,+](${map('x', '0L')}), |b, i, e| merge(b, {0L, lookup(d, e)})))}`,
    ],
  ])('%s: every register is freed once, after its last use', (_what, text) => freed(planOf(text)));
});

const steps = (block: PlanBlock): readonly Step[] =>
  block.steps.flatMap((s) => (s.step === 'branch' ? [...steps(s.then), ...steps(s.else)] : [s]));

describe('what has no code', () => {
  const call = 'cudf[argsort,vec[i64]]([false], slice(x, i, 9L))';
  it('is interpreted on the host, alone, and the decisions say why', () => {
    const plan = planOf(
      `|x: vec[i64], c: bool| let y = result(for(x, appender[i64], |b, i, e| merge(b, e * 2L)));
       let z = if(c, result(for(y, appender[i64], |b, i, e| merge(b, len(${call})))), y);
       result(for(z, merger[i64,+], |b, i, e| merge(b, e)))`,
    );
    expect(launchesOf(plan.body).map((l) => l.kernel.name)).toHaveLength(2);
    expect(steps(plan.body).filter((s) => s.step === 'interpret')).toHaveLength(1);
    expect(plan.decisions.filter((d) => d.what.startsWith('for '))).toMatchObject([
      {
        choice: 'the reference interpreter, row by row on the host: slow',
        reason: 'generated code does not support a call of an extern inside a loop yet',
      },
    ]);
    expect(plan.kernels).toHaveLength(2);
  });

  it.each([
    [overX('appender[i64]', `merge(b, len(${call}))`)],
    [`|x: vec[i64]| sort(x, |p, q| let i = 0L; i32(len(${call})))`],
    [`|x: vec[i64]| result(for(x, merge(groupmerger[i64,i64], {1L, 2L}), |b, i, e| merge(b, {e, len(${call})})))`],
  ])('%s: with builders and comparators', (text) => {
    expect(steps(planOf(text).body).some((s) => s.step === 'interpret')).toBe(true);
  });
});

describe('what a GPU has no code for is W5001, at its place', () => {
  it.each([
    [
      '|x: vec[vec[f64]]| result(for(x, appender[f64], |b, i, e| merge(b, «lookup(e, 0L)»)))',
      'vectors in vectors on a GPU',
    ],
    [overX('appender[vec[i64]]', 'merge(b, x)'), 'vectors in vectors on a GPU'],
    [
      overX('appender[i64]', 'let v = result(«for(x, appender[i64], |c, j, f| merge(c, f))»); merge(b, lookup(v, 0L))'),
      'vectors made inside a loop on a GPU',
    ],
    [overX('appender[i64]', `merge(b, «cudf[f,i64](e)»)`), 'a call of an extern inside a loop'],
  ])('%s', (marked, what) => {
    const text = marked.replace(/[«»]/g, '');
    const place = marked.includes('«') ? marked.slice(marked.indexOf('«') + 1, marked.indexOf('»')) : null;
    let error: unknown = null;
    try {
      lower(parseProgram(text), { target: 'wgsl', finish: (kernel) => ({ kernel, note: '' }) });
    } catch (e) {
      error = e;
    }
    if (!(error instanceof WeldError)) throw error ?? new Error('it was lowered');
    const [d] = error.diagnostics;
    expect([d?.code, d?.message]).toEqual(['W5001', `generated code does not support ${what} yet`]);
    expect(d?.help).toContain('--target interp');
    const span = d?.origin?.kind === 'text' ? d.origin.span : null;
    expect(span).not.toBeNull();
    if (place !== null) expect(text.slice(span?.start, span?.end)).toBe(place);
  });
});
