import { describe, expect, it } from 'vitest';
import { WeldError } from './diag/diagnostic.ts';
import { explain, explainJson, explainText } from './explain.ts';
import { ALL_PASSES } from './pipeline.ts';
import { parseProgram } from './text.ts';

/** Three loops that become one: a map, a filter and a sum. */
const CHAIN = parseProgram(`|x: vec[f64]|
  let doubled = result(for(x, appender[f64], |b, i, e| merge(b, e * 2.0)));
  let big = result(for(doubled, appender[f64], |b, i, e| if(e > 10.0, merge(b, e), b)));
  result(for(big, merger[f64,+], |b, i, e| merge(b, e)))`);
const NESTED = parseProgram('|x: vec[vec[f64]]| result(for(x, appender[i64], |b, i, e| merge(b, len(e))))');

describe('an explanation', () => {
  it('counts loops and records what every pass did', () => {
    const x = explain(CHAIN);
    expect([x.loopsBefore, x.loopsAfter]).toEqual([3, 1]);
    expect(x.initial.match(/for\(/g)).toHaveLength(3);
    expect(x.final.match(/for\(/g)).toHaveLength(1);
    expect(parseProgram(x.final)).toBeDefined();
    expect(x.passes.some((r) => r.changed && r.name === 'fuse-vertical' && r.loopsAfter < r.loopsBefore)).toBe(true);
    expect(new Set(x.passes.map((r) => r.name))).toEqual(new Set(ALL_PASSES.map((p) => p.name)));
    expect(x.unsupported).toBeNull();
    expect(x.kernels).toHaveLength(1);
    expect(x.lowering.length).toBeGreaterThan(0);
    for (const d of x.lowering) expect([d.what, d.choice, d.reason].every((text) => text !== '')).toBe(true);
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

  it('of a program that has no generated code says why', () => {
    const x = explain(NESTED);
    expect(x.unsupported).toMatchObject({ code: 'W5001', origin: { kind: 'text' } });
    expect([x.lowering, x.kernels]).toEqual([[], []]);
    expect(x.final).toContain('len(');
  });

  it('lets other errors through', () => {
    const wrong = { ...CHAIN, body: { ...CHAIN.body, lets: CHAIN.body.lets.slice(1) } };
    expect(() => explain(wrong)).toThrow();
    expect(() => explain(wrong)).not.toThrow(WeldError);
  });
});

describe('the text', () => {
  it('has the four parts, and one line for each pass that changed something', () => {
    const x = explain(CHAIN);
    const text = explainText(x);
    const parts = text.split(/^(passes|program after the passes|lowering)$/m);
    expect(parts.filter((_, k) => k % 2 === 1)).toEqual(['passes', 'program after the passes', 'lowering']);
    const [head = '', , passes = '', , program = '', , lowering = ''] = parts;
    expect(head).toBe('loops: 3 before, 1 after\n\n');
    const changed = x.passes.filter((r) => r.changed);
    const lines = passes.trim().split('\n');
    expect(lines).toHaveLength(changed.length + 1);
    expect(lines.at(-1)).toBe(`  ${x.passes.length - changed.length} more runs changed nothing`);
    expect(passes).toMatch(/^ {2}fuse-vertical +lets \d+ -> \d+, loops 3 -> \d/m);
    expect(program.trim()).toBe(x.final.trim());
    expect(lowering.trim().split('\n')).toHaveLength(x.lowering.length);
    expect(lowering).toMatch(/^ {2}loop\w* output r\d+: .+ \(.+\)$/m);
  });

  it('is the same every time', () => {
    expect(explainText(explain(CHAIN))).toBe(explainText(explain(CHAIN)));
  });

  it('of an unsupported program names the code', () => {
    expect(explainText(explain(NESTED))).toMatch(/^lowering\n {2}W5001: generated code does not support .+\n$/m);
  });
});

describe('the JSON', () => {
  it('has the spelling of weldc explain --json', () => {
    const json: unknown = JSON.parse(JSON.stringify(explainJson(explain(CHAIN, { now: () => 0.00012345 }))));
    expect(json).toEqual({
      loops_before: 3,
      loops_after: 1,
      passes: expect.arrayContaining([
        { name: 'fuse-vertical', changed: true, ms: expect.any(Number), fired: expect.any(Object) },
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

  it('says why a program has no generated code', () => {
    expect(explainJson(explain(NESTED))).toMatchObject({ lowering: [], unsupported: { code: 'W5001' } });
  });
});
