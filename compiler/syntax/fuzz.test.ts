/**
 * Damaged texts: whatever the reader is given, it gives a tree or diagnostics that point into the text, and comes to an
 * end. What it takes can be printed and read again. 2,000 texts in the quick suite, 1,000,000 with `WELD_DEEP=1`.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../diag/diagnostic.ts';
import { renderDiagnostic } from '../diag/render.ts';
import { mixedUp, mutated } from '../testing/mutate.ts';
import { runs } from '../testing/runs.ts';
import { printTree } from './compact.ts';
import { expandMacros } from './macros.ts';
import { parseExpression, parseMacros, parseProgram, parseType } from './parse.ts';

/** Texts with every construct, to be damaged. */
const SEEDS: readonly string[] = [
  '|x: vec[f64], y: vec[f64]| result(for(zip(x, y), merger[f64,+](0.5), |b, i, e| merge(b, e.$0 * e.$1)))',
  `|x: vec[i64], n: i64|
  let d = result(for(x, @(dense:true, size:16)dictmerger[i64,{f64,i64},+](n), |b, i, e| # counts
    merge(b, {e % n, {f64(e), 1L}})));
  let v: vec[{i64,{f64,i64}}] = tovec(d);
  {len(v), keyexists(d, 3L), lookup(d, 0L).$1, optlookup(d, 1L).$0}`,
  `type real = f64;
  type pair = {real, vec[simd[f32]]};
  macro first(p) = p.$0;
  macro scale(v, k) = map(v, |x| x * k + first({x, 1c}));
  |p: pair, q: dict[pair, i8]| let x = 2.5e+3; sum(scale([x, 1.0], first(p)))`,
  `|v: vec[vec[i8]]| let f = (|a, b| compare(a, b)); let t = "a\\n\\x41 # \\"q\\"";
  sort(filter(flatten(v), |c| c != 0x3c && c <= 0b11c || !true ^ false | t == "x" & true), f)`,
  `|a: vec[f32]| iterate({0L, 1.5f}, |s| {{s.$0 + 1L, s.$1 / 2.0F}, assert(s.$0 < 10L)}).$1: f32
    - select(len(a) == 0L, -exp(pow(min(0.5f, 1f), 2F)), 0f)`,
  `|v: vec[i64], s: vec[i64]|
  @(loopsize:2L)for(zip(iter(v, 0L, 4L, 2L), rangeiter(0L, 2L, 1L), nditer(v, 0L, 2L, 1L, s, s), fringeiter(v), simditer(v)),
    {appender, groupmerger[i64,?], vecmerger[i64,max](v), @(a:"b c")merger[i64,min](5L)},
    |b, i, e| b)`,
  `|b: vec[u8], x: i32| serialize(deserialize[{i32,dict[u64,vec[bool]]}](b)).$0(if(x > 3, cudf[f,i64](x -1u8, 7si), [1, ]))`,
];

interface Reading {
  readonly tree: unknown;
  readonly diagnostics: readonly Diagnostic[];
}

/** A refusal has a diagnostic, and each points into its text and can be shown. Gives what the reading came to. */
function judged(text: string, { tree, diagnostics }: Reading): string {
  if ((tree === null) !== diagnostics.length > 0) throw new Error('a tree with diagnostics, or neither');
  if (diagnostics.length > 20) throw new Error('too many diagnostics');
  for (const d of diagnostics) {
    const span = d.origin?.kind === 'text' ? d.origin.span : null;
    if (span === null || !(0 <= span.start && span.start <= span.end && span.end <= text.length)) {
      throw new Error(`${d.code} is not in the text`);
    }
    if (!renderDiagnostic(d, { name: 't', text }).includes('--> t:')) throw new Error('not shown');
  }
  return diagnostics[0]?.code ?? 'accepted';
}

function read(text: string): string {
  const program = parseProgram(text);
  const outcome = judged(text, program);
  if (program.tree === null) return outcome;
  const { macros, body } = program.tree;
  const print = printTree(body);
  const again = parseExpression(print);
  if (again.tree === null || printTree(again.tree) !== print) throw new Error(`does not print as itself: ${print}`);
  const expanded = expandMacros(macros, body);
  const end = judged(text, expanded);
  if (expanded.tree !== null) printTree(expanded.tree, 'written');
  return end;
}

describe('damaged texts', () => {
  const seen = new Map<string, number>();
  const count = (text: string): void => {
    const outcome = read(text);
    seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
  };
  // 200 runs are 20,000 in the deep suite.
  const many = (seed: number, quick: number) => ({
    ...runs(seed, process.env['WELD_DEEP'] === '1' ? 5 * quick : quick),
    endOnFailure: true,
  });

  it('start from right ones', () => {
    expect(SEEDS.map((text) => [read(text), parseProgram(text).diagnostics])).toEqual(
      SEEDS.map(() => ['accepted', []]),
    );
  });

  it('are read, or refused at a place', () => {
    const seeds = fc.constantFrom(...SEEDS);
    fc.assert(fc.property(mutated(seeds), count), many(21, 7));
    fc.assert(fc.property(mutated(mutated(seeds)), count), many(22, 2));
    fc.assert(fc.property(mixedUp(seeds), count), many(23, 1));
    // The damage must be neither too tame nor too wild.
    const total = [...seen.values()].reduce((a, b) => a + b, 0);
    const story = [...seen].map(([code, n]) => `${code} ${n}`).join(', ');
    expect(total).toBeGreaterThanOrEqual(2000);
    for (const code of ['accepted', 'W1001', 'W1002', 'W1003', 'W2003', 'W2005'])
      expect([...seen.keys()], story).toContain(code);
    expect(seen.get('accepted'), story).toBeGreaterThan(total / 50);
    expect(seen.get('W1002'), story).toBeGreaterThan(total / 5);
  }, 3_600_000);

  it('of no sense at all are refused', () => {
    const any = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ maxLength: 60 }));
    fc.assert(
      fc.property(any, (text) => {
        read(text);
        read(`|x: ${text}| x`);
        read(`|x: f64| ${text}`);
        read(`let x = "${text}; x`);
      }),
      runs(24),
    );
  }, 3_600_000);

  it('of other kinds likewise', () => {
    const types = fc.constantFrom('dict[{i32,vec[u8]},{f64,bool}]', '{dictmerger[i64,?,max],simd[f32],appender[i8]}');
    fc.assert(
      fc.property(
        mutated(types),
        mutated(fc.constantFrom('macro f(a, b) = a + b; macro g() = f(1, 2);')),
        (ty, macros) => {
          judged(ty, parseType(ty));
          judged(macros, parseMacros(macros));
        },
      ),
      runs(25),
    );
  }, 3_600_000);
});
