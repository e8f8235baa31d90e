/** Every rewrite can be the last, and the search finds the one that is wrong. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EXACT } from '../../core/compare.ts';
import { interpret } from '../../core/interp.ts';
import type { IValue } from '../../core/ivalue.ts';
import { decodeJson, type Json } from '../../core/json.ts';
import { printProgram, programKey } from '../../core/print.ts';
import { type Program, paramTypes, resultType } from '../../core/program.ts';
import { DEFAULT_PASS_OPTIONS } from '../../options.ts';
import type { Step } from '../../passes/pass.ts';
import { PIPELINE } from '../../pipeline.ts';
import { arbProgram } from '../../testing/arb-program.ts';
import { compareOutcomes, outcomeOf } from '../../testing/differential.ts';
import { DEEP_TIMEOUT, runs } from '../../testing/runs.ts';
import { parseProgram } from '../../text.ts';
import { attempt } from './attempt.ts';
import { backwards, product, shift, throwing, withPass } from './broken-fixture.ts';
import { type Evaluate, type Finding, search } from './search.ts';

const OPTIONS = { ...DEFAULT_PASS_OPTIONS, check: true };

describe('an attempt', () => {
  /** How the program after `n` rewrites differs from the program as written, for all `n`. */
  function check(p: Program, args: readonly IValue[]): void {
    const want = outcomeOf(() => interpret(p, args));
    const all = attempt(p, PIPELINE, OPTIONS, null);
    expect(all.fault).toBeNull();
    for (let n = 0; n <= all.rewrites; n++) {
      const { program, fault, rewrites } = attempt(p, PIPELINE, OPTIONS, n);
      if (program === null) throw new Error(`after ${n} rewrites: ${fault}\n${printProgram(p)}`);
      // A step of several rewrites is made as a whole when one of them is still allowed.
      expect(rewrites).toBeGreaterThanOrEqual(n);
      if ('error' in want) continue;
      const got = outcomeOf(() => interpret(program, args));
      const diff = compareOutcomes(resultType(p), want, got, EXACT);
      expect(diff, diff === null ? '' : `after ${n} rewrites:\n${printProgram(p)}${printProgram(program)}`).toBeNull();
    }
    const last = attempt(p, PIPELINE, OPTIONS, all.rewrites).program;
    expect(programKey(last ?? p)).toBe(programKey(all.program ?? p));
    expect(attempt(p, PIPELINE, OPTIONS, 0).program).toBe(p);
  }

  it.each([
    '|x: vec[i64]| let y = map(x, |e| e * 2L); {sum(filter(y, |e| e > 2L)), len(filter(y, |e| e > 4L)), sum(y)}',
    `|x: vec[i64]|
      let g = result(for(x, groupmerger[i64,i64], |b, i, e| merge(b, {e % 3L, e})));
      map(tovec(g), |e| {e.$0, sum(e.$1), len(e.$1)})`,
    `|x: vec[i64]|
      let k = result(for(x, {dictmerger[i64,i64,+],dictmerger[i64,i64,+],appender[i64]}, |b, i, e|
        {merge(b.$0, {e % 4L, e}), merge(b.$1, {e % 4L, 1L}), if(e > 1L, merge(b.$2, e), b.$2)}));
      {map(tovec(k.$0), |e| e.$1 / lookup(k.$1, e.$0)), k.$2}`,
    `|x: vec[i64]|
      let s = map(x, |e| {e, {e + 1L, 2L * 3L}});
      result(for(s, merger[i64,+], |b, i, e| for([e.$0, e.$1.$0], b, |c, j, f| if(f > 0L && f < 9L, merge(c, f), c))))`,
  ])('may stop after any rewrite: %s', (text) => {
    const p = parseProgram(text);
    check(p, [[3n, 1n, -2n, 7n, 5n, 0n, 3n]]);
    check(p, [[]]);
  });

  it(
    'of random programs, too',
    () => {
      fc.assert(
        fc.property(arbProgram({ errors: false, cudf: false }), (c) => check(c.program, c.args)),
        runs(20261122, 0.1),
      );
    },
    DEEP_TIMEOUT,
  );
});

const onInterpreter: Evaluate = async (p, args) => ({ end: 'value', value: interpret(p, args) });

async function find(
  text: string,
  args: readonly Json[],
  steps: readonly Step[],
  more: { readonly wasm?: Evaluate; readonly disable?: readonly string[] } = {},
): Promise<Finding> {
  const program = parseProgram(text);
  const values = paramTypes(program).map((t, k) => decodeJson(t, args[k] ?? null));
  return search({
    program,
    steps,
    options: { ...OPTIONS, disable: more.disable ?? [] },
    cases: [{ args: values, want: interpret(program, values) }],
    targets: { interp: onInterpreter, ...(more.wasm === undefined ? {} : { wasm: more.wasm }) },
  });
}

const TEXT = `|x: vec[i64], k: i64|
  let a = map(x, |e| e * k);
  let b = map(a, |e| e * k);
  let c = map(b, |e| e + 5L);
  {sum(c), sum(map(c, |e| e - k * k))}`;
const ARGS: readonly Json[] = [[1, 2, 3], 4];

describe('a search', () => {
  it('finds nothing where nothing is wrong', async () => {
    const f = await find(TEXT, ARGS, PIPELINE, { wasm: onInterpreter });
    expect(f).toMatchObject({ compared: ['interp', 'wasm'], blame: null });
    expect(f.rewrites).toBeGreaterThan(5);
    expect(f.runs).toBeGreaterThan(10);
  });

  it('finds the rule', async () => {
    const { blame } = await find(TEXT, ARGS, withPass(shift));
    expect(blame).toMatchObject({
      target: 'interp',
      rewrite: { pass: 'shift', run: 1, rules: ['wrong-sign'] },
      difference: '$.0: expected 111, found 81',
      disable: 'wrong-sign',
    });
    const [went, came, ...more] = blame?.rewrite?.diff ?? [];
    expect(went).toMatch(/^- {5}let \w+ = \w+ \+ 5L;$/);
    expect(came).toBe(went?.replace('- ', '+ ').replace('+ 5L', '- 5L'));
    expect(more).toEqual([]);
  });

  it('goes on behind what is switched off', async () => {
    const again = await find(TEXT, ARGS, withPass(shift), { disable: ['wrong-sign'] });
    expect(again.blame).toBeNull();
  });

  it('names the pass where two of its rewrites are wrong', async () => {
    const two = '|x: i64| {x + 1L, x + 2L}';
    const { blame } = await find(two, [5], [shift]);
    expect(blame).toMatchObject({ rewrite: { number: 1, rules: ['wrong-sign'] }, disable: 'wrong-sign' });
    const unnamed = await find(two, [5], [{ name: shift.name, doc: shift.doc, run: shift.run }]);
    expect(unnamed.blame).toMatchObject({ rewrite: { number: 1 }, disable: 'shift' });
  });

  it('says so when no single switch avoids it', async () => {
    const { blame } = await find('|x: i64| {x + 1L, x / 2L}', [5], [shift, { ...product, rules: [] }]);
    expect(blame).toMatchObject({ disable: null });
  });

  it.each([
    [backwards, /^pass backwards broke an invariant: verify: scope/],
    [throwing, /^gave up$/],
  ])('finds a pass that fails: $name', async (pass, message) => {
    const { blame } = await find(TEXT, ARGS, withPass(pass));
    expect(blame).toMatchObject({ rewrite: { pass: pass.name, run: 1, rules: [], diff: [] }, disable: pass.name });
    expect(blame?.difference).toMatch(message);
  });

  it('finds the rewrite that generated code stumbles over', async () => {
    // Wrong for a program without a vector in the middle.
    const wasm: Evaluate = async (p, args) => {
      const value = interpret(p, args);
      return { end: 'value', value: printProgram(p).includes('appender') ? value : [value] };
    };
    const text = '|x: vec[f64]| map(filter(map(x, |e| e * 2.0), |e| e > 2.0), |e| e + 1.0)';
    const sumText = text.replace('| map(filter', '| sum(filter').replace(', |e| e + 1.0)', ')');
    const bad: Evaluate = async (p, args) => {
      const got = await wasm(p, args, true);
      return got.end === 'value' && Array.isArray(got.value) ? { end: 'error', error: 'OutOfMemory' } : got;
    };
    const { blame } = await find(sumText, [[1, 2, 3]], PIPELINE, { wasm: bad });
    expect(blame).toMatchObject({
      target: 'wasm',
      rewrite: { pass: 'fuse-vertical' },
      difference: 'expected a value, found OutOfMemory',
      disable: null,
    });
  });

  it('tells a wrong code generator from a wrong pass', async () => {
    const broken =
      (wideOnly: boolean): Evaluate =>
      async (p, args, wide) =>
        wide || !wideOnly ? { end: 'fault', message: 'no such lane' } : { end: 'value', value: interpret(p, args) };
    expect((await find(TEXT, ARGS, PIPELINE, { wasm: broken(true) })).blame).toMatchObject({
      rewrite: null,
      target: 'wasm',
      difference: 'no such lane',
      disable: 'vectorize',
    });
    expect((await find(TEXT, ARGS, PIPELINE, { wasm: broken(false) })).blame).toMatchObject({
      rewrite: null,
      disable: null,
    });
  });

  it('does not count a target that cannot run the program', async () => {
    const f = await find(TEXT, ARGS, PIPELINE, { wasm: async () => ({ end: 'unsupported' }) });
    expect(f).toMatchObject({ compared: ['interp'], blame: null });
  });

  it('lets sums of generated code be in another order', async () => {
    const off =
      (by: number): Evaluate =>
      async (p, args) => {
        const value = interpret(p, args);
        return { end: 'value', value: typeof value === 'number' ? value * (1 + by) : value };
      };
    const sum = '|x: vec[f64]| sum(x)';
    expect((await find(sum, [[1, 2, 4]], PIPELINE, { wasm: off(1e-12) })).blame).toBeNull();
    expect((await find(sum, [[1, 2, 4]], PIPELINE, { wasm: off(1e-6) })).blame).not.toBeNull();
  });
});
