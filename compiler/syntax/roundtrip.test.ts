/**
 * The text form as a whole: what is printed reads back as the same program, and no text whatever makes the reader
 * fail in any way but by diagnostics that point into the text.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printProgram, programKey } from '../core/print.ts';
import { verify } from '../core/verify.ts';
import type { Code } from '../diag/codes.ts';
import { WeldError } from '../diag/diagnostic.ts';
import { arbProgram } from '../testing/arb-program.ts';
import { mixedUp, mutated } from '../testing/mutate.ts';
import { runs } from '../testing/runs.ts';
import { parseProgram, parseType, renderError } from '../text.ts';

/** Cases that are cheap are many in the quick suite too. */
const QUICK = process.env['WELD_DEEP'] !== '1';

/** Reads a text; a refusal must be a WeldError that points into the text and can be rendered. Gives its code. */
function read(text: string): Code | 'accepted' {
  try {
    const program = parseProgram(text);
    verify(program);
    const again = parseProgram(printProgram(program));
    expect(programKey(again)).toBe(programKey(program));
    return 'accepted';
  } catch (e) {
    if (!(e instanceof WeldError)) throw e;
    expect(e.diagnostics.length).toBeGreaterThan(0);
    for (const { origin, labels } of e.diagnostics) {
      if (origin?.kind !== 'text') throw new Error(`no place in the text: ${e.message}`);
      for (const { start, end } of [origin.span, ...labels.map((l) => l.span)]) {
        expect(start >= 0 && start <= end && end <= text.length, e.message).toBe(true);
      }
    }
    expect(renderError(e, { name: 'x.weld', text })).toContain('x.weld:');
    return e.code;
  }
}

describe('printing and reading', () => {
  it('give the same program, and the same text again', () => {
    fc.assert(
      fc.property(arbProgram({ errors: true, cudf: true }), ({ program }) => {
        const text = printProgram(program);
        const again = parseProgram(text);
        verify(again);
        expect(programKey(again)).toBe(programKey(program));
        expect(printProgram(again)).toBe(text);
      }),
      runs(11),
    );
  }, 300_000);
});

/** Texts with every construct, to be damaged. */
const SEEDS: readonly string[] = [
  '|x: vec[f64], y: vec[f64]| result(for(zip(x, y), merger[f64,+](0.5), |b, i, e| merge(b, e.$0 * e.$1)))',
  `|x: vec[i64], n: i64|
  let d = result(for(x, @(dense:true, size:16)dictmerger[i64,{f64,i64},+](n), |b, i, e| # counts
    merge(b, {e % n, {f64(e), 1L}})));
  let v = tovec(d);
  {len(v), keyexists(d, 3L), lookup(d, 0L).$1}`,
  '|v: vec[f64]| result(for(v, vecmerger[f64,max]([1.0, 2.0]), |b,i,e| if(e > 0.5 && e < 1e3, merge(b, {0L, e}), b)))',
  '|n: i64| result(for(rangeiter(0L, n, 1L), {appender[i8], merger[u64,min]}, |b,i,e| {merge(b.$0, i8(e)), merge(b.$1, u64(e))}))',
  '|x: f32, c: bool, s: {i32,{u8,bool}}| select(c, -exp(x), (0.0F/0.0F)) + f32(s.$1.$0) * (2.0F : f32)',
  '|v: vec[i64]| let a = merger[i64,+]; let b = merge(a, 1L); let c = for(v, {b, appender[i64]}, |p, q, r| {merge(p.$0, r), merge(p.$1, q)}); result(c)',
  '|v: vec[i32], k: i64| {sort(v, |a, b| compare(a, b)), sort(v, |a, b| compare(b, a), k)}',
  '|v: vec[vec[u8]]| let e = ([]: vec[{i32,f64}]); {slice(v, 0L, 2L), len(e), [1c, 2c], cudf[argsort,vec[i64]](v, true)}',
  '|| {(-127c - 1c), -9223372036854775807L, 18446744073709551615u64, 1.5e-300, -0.0, !true || false}',
];

describe('damaged texts', () => {
  it('start from right ones', () => {
    expect(SEEDS.map(read)).toEqual(SEEDS.map(() => 'accepted'));
  });

  const programs = fc.oneof(
    fc.constantFrom(...SEEDS),
    arbProgram({ cudf: true }).map(({ program }) => printProgram(program)),
  );

  it('are read as a program or refused with a place, never anything else', () => {
    const seen = new Map<string, number>();
    const count = (outcome: string): void => void seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
    fc.assert(
      fc.property(mutated(fc.constantFrom(...SEEDS)), (text) => count(read(text))),
      { ...runs(21, QUICK ? 20 : 5), endOnFailure: false },
    );
    fc.assert(
      fc.property(mixedUp(programs), (text) => count(read(text))),
      { ...runs(22, QUICK ? 5 : 1), endOnFailure: false },
    );
    // The damage must be neither too tame nor too wild: it reaches every layer of the reader.
    const all = [...seen.keys()].map((k) => k.slice(0, 2));
    for (const layer of ['ac', 'W1', 'W2', 'W3']) expect(all, [...seen].join(' ')).toContain(layer);
    expect(seen.get('accepted')).toBeGreaterThan(100);
  }, 300_000);

  it('of no sense at all are refused', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ maxLength: 60 })), (text) => {
        read(text);
        read(`|x: ${text}| x`);
        read(`|x: f64| ${text}`);
      }),
      runs(23, QUICK ? 2 : 1),
    );
    expect(read(`\u0000PNG\r\n${'\u00ff\ud800'.repeat(500)}`)).toBe('W1001');
  });

  it('types likewise', () => {
    fc.assert(
      fc.property(mutated(fc.constantFrom('dict[{i32,vec[u8]},{f64,bool}]', 'dictmerger[i64,{f64},max]')), (text) => {
        try {
          parseType(text);
        } catch (e) {
          expect(e).toBeInstanceOf(WeldError);
        }
      }),
      runs(24),
    );
  });
});
