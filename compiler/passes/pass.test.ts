import { describe, expect, test } from 'vitest';
import { Builder, i64 } from '../core/build.ts';
import type { Program } from '../core/program.ts';
import { I64, vec } from '../core/types.ts';
import { InternalError } from '../diag/diagnostic.ts';
import { DEFAULT_PASS_OPTIONS } from '../options.ts';
import { ALL_PASSES, optimize, PIPELINE } from '../pipeline.ts';
import { map, reduce } from '../testing/shapes.ts';
import { type Pass, runPasses } from './pass.ts';

function sumOfMap(): Program {
  const b = new Builder();
  const v = map(b, [b.param(vec(I64), 'x')], I64, (_i, e) => b.bin('+', e, i64(1)));
  return b.finish(reduce(b, [v], I64, '+', (_i, e) => e));
}
const nothing: Pass = { name: 'nothing', doc: 'changes nothing', run: (p) => p };
const broken: Pass = {
  name: 'broken',
  doc: 'reads a symbol before it is bound',
  run: (p) => ({ syms: p.syms, body: { ...p.body, lets: p.body.lets.toReversed() } }),
};

describe('runPasses', () => {
  test('the trace: the same reference is unchanged, rules are counted', () => {
    const p = sumOfMap();
    const { program, trace } = optimize(p);
    expect(program).not.toBe(p);
    const vertical = trace.find((r) => r.name === 'fuse-vertical');
    expect(vertical).toEqual({
      name: 'fuse-vertical',
      changed: true,
      ms: 0,
      letsBefore: 9,
      letsAfter: 5,
      loopsBefore: 2,
      loopsAfter: 1,
      fired: { 'pull-map': 1 },
      refused: {},
    });
    const idle = runPasses(p, [nothing], DEFAULT_PASS_OPTIONS);
    expect(idle.program).toBe(p);
    expect(idle.trace[0]?.changed).toBe(false);
  });

  test('time comes from outside', () => {
    let clock = 0;
    const now = (): number => {
      clock += 5;
      return clock;
    };
    const { trace } = runPasses(sumOfMap(), [nothing], { ...DEFAULT_PASS_OPTIONS, now });
    expect(trace[0]?.ms).toBe(5);
  });

  test('disable, stopAfter, onDump', () => {
    const p = sumOfMap();
    const disable = ALL_PASSES.map((pass) => pass.name);
    expect(optimize(p, { disable }).program).toBe(p);
    expect(optimize(p, { disable }).trace).toEqual([]);
    const seen: string[] = [];
    const { trace } = optimize(p, { stopAfter: 'fuse-vertical', onDump: (name) => seen.push(name) });
    expect(trace.at(-1)?.name).toBe('fuse-vertical');
    expect(seen).toEqual(['fuse-vertical']);
  });

  test('repeats a group until nothing changes, at most so many rounds', () => {
    const flip: Pass = { name: 'flip', doc: 'always a new object', unsettled: 'it flips', run: (p) => ({ ...p }) };
    const settled: Pass = { name: 'settled', doc: 'a new object, once', run: flip.run };
    const runs = (step: Pass): number =>
      runPasses(sumOfMap(), [{ repeat: [step], rounds: 3 }], DEFAULT_PASS_OPTIONS).trace.length;
    expect(runs(flip)).toBe(3);
    expect(runs(settled), 'is idempotent').toBe(1);
    expect(runs(nothing)).toBe(1);
  });

  test('check names the pass and how to go on without it', () => {
    const run = (): unknown => runPasses(sumOfMap(), [nothing, broken], { ...DEFAULT_PASS_OPTIONS, check: true });
    expect(run).toThrow(InternalError);
    expect(run).toThrow(
      /pass broken broke an invariant: verify: scope[\s\S]*WELD_DISABLE=broken[\s\S]*before:[\s\S]*after:/,
    );
  });
});

test('every pass has a name and a line that says what it does', () => {
  expect(PIPELINE.length).toBeGreaterThan(0);
  expect(new Set(ALL_PASSES.map((p) => p.name)).size).toBe(ALL_PASSES.length);
  for (const p of ALL_PASSES) {
    expect(p.name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(p.doc.length).toBeGreaterThan(10);
  }
});
