import { describe, expect, it } from 'vitest';
import { programKey } from './core/print.ts';
import { WeldError } from './diag/diagnostic.ts';
import { explain, explainJson } from './explain.ts';
import { ALL_PASSES } from './pipeline.ts';
import { parseProgram } from './text.ts';

/** Three loops that become one: a map, a filter and a sum. */
const CHAIN = parseProgram(`|x: vec[f64]|
  let doubled = result(for(x, appender[f64], |b, i, e| merge(b, e * 2.0)));
  let big = result(for(doubled, appender[f64], |b, i, e| if(e > 10.0, merge(b, e), b)));
  result(for(big, merger[f64,+], |b, i, e| merge(b, e)))`);
const EXTERN = parseProgram(
  '|x: vec[f64]| result(for(x, appender[i64], |b, i, e| merge(b, len(cudf[argsort,vec[i64]]([false], slice(x, i, 9L))))))',
);

describe('an explanation', () => {
  it('counts loops and records what every pass did', () => {
    const x = explain(CHAIN);
    expect([x.loopsBefore, x.loopsAfter]).toEqual([3, 1]);
    expect(x.initial.match(/for\(/g)).toHaveLength(3);
    expect(x.final.match(/for\(/g)).toHaveLength(1);
    expect(parseProgram(x.final)).toBeDefined();
    expect(x.passes.some((r) => r.changed && r.name === 'fuse-vertical' && r.loopsAfter < r.loopsBefore)).toBe(true);
    expect(new Set(x.passes.map((r) => r.name))).toEqual(new Set(ALL_PASSES.map((p) => p.name)));
    expect(x.kernels).toHaveLength(1);
    expect(x.lowering.length).toBeGreaterThan(0);
    for (const d of x.lowering) expect([d.what, d.choice, d.reason].every((text) => text !== '')).toBe(true);
  });

  it('estimates what is saved, and has the program before and after each pass that changed it', () => {
    const x = explain(CHAIN);
    const n = 1_000_000;
    expect([x.bytesBefore, x.bytesAfter]).toEqual([8 * n * (2 + 1.5 + 0.5), 8 * n]);
    expect(x.steps.map((s) => s.pass)).toEqual(x.passes.filter((r) => r.changed));
    expect(x.steps[0]?.bytesBefore).toBe(x.bytesBefore);
    expect(x.steps.at(-1)?.bytesAfter).toBe(x.bytesAfter);
    for (const [k, s] of x.steps.entries()) {
      expect(s.doc).not.toBe('');
      expect(s.before).not.toBe(s.after);
      if (k > 0) expect([s.before, s.bytesBefore]).toEqual([x.steps[k - 1]?.after, x.steps[k - 1]?.bytesAfter]);
      expect(programKey(parseProgram(s.after))).toBeDefined();
    }
    expect(programKey(parseProgram(x.steps.at(-1)?.after ?? ''))).toBe(programKey(parseProgram(x.final)));
  });

  it('keeps the hook of the caller', () => {
    const seen: string[] = [];
    const x = explain(CHAIN, { onDump: (pass) => seen.push(pass) });
    expect(seen).toEqual(x.steps.map((s) => s.pass.name));
  });

  it('times passes with the clock that it is given, and only then', () => {
    expect(explain(CHAIN).passes.every((r) => r.ms === 0)).toBe(true);
    let t = 0;
    const timed = explain(CHAIN, { now: () => t++ });
    expect(timed.passes.every((r) => r.ms === 1)).toBe(true);
  });

  it('obeys the options of the optimizer', () => {
    const fusion = ['fuse-vertical', 'fuse-horizontal', 'fuse-copy'];
    const apart = explain(CHAIN, { disable: fusion, check: true });
    expect(apart.loopsAfter).toBe(3);
    expect(apart.kernels).toHaveLength(3);
    expect(apart.passes.some((r) => fusion.includes(r.name))).toBe(false);
    expect(() => explain(CHAIN, { disable: ['fusion'] })).toThrow(/W8006: there is no pass 'fusion'/);
    expect(() => explain(CHAIN, { stopAfter: 'dcee' })).toThrow(/did you mean 'dce'/);
  });

  it('says what the interpreter runs in the place of code, and why', () => {
    const x = explain(EXTERN);
    const [decision] = x.lowering;
    expect(decision).toMatchObject({
      choice: 'the reference interpreter, row by row on the host: slow',
      reason: 'generated code does not support a call of an extern inside a loop yet',
    });
    expect(x.kernels).toEqual([]);
  });

  it('lets other errors through', () => {
    const wrong = { ...CHAIN, body: { ...CHAIN.body, lets: CHAIN.body.lets.slice(1) } };
    expect(() => explain(wrong)).toThrow();
    expect(() => explain(wrong)).not.toThrow(WeldError);
  });
});

describe('the JSON', () => {
  it('has the spelling of weldc explain --json', () => {
    const json: unknown = JSON.parse(JSON.stringify(explainJson(explain(CHAIN, { now: () => 0.00012345 }))));
    expect(json).toEqual({
      loops_before: 3,
      loops_after: 1,
      bytes_before: 32_000_000,
      bytes_after: 8_000_000,
      passes: expect.arrayContaining([
        { name: 'fuse-vertical', changed: true, ms: expect.any(Number), fired: expect.any(Object), refused: {} },
      ]),
      final: expect.stringMatching(/^\|x: vec\[f64\]\|\n/),
      lowering: expect.arrayContaining([
        { what: expect.any(String), choice: expect.any(String), reason: expect.any(String) },
      ]),
    });
    let t = 0;
    const times = explainJson(explain(CHAIN, { now: () => (t += 1 / 3) }));
    expect(JSON.stringify(times)).toContain('"ms":0.333,');
  });
});
