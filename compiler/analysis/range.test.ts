import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { interpret } from '../core/interp.ts';
import { fieldOf, type IValue } from '../core/ivalue.ts';
import type { Sym } from '../core/op.ts';
import type { Program } from '../core/program.ts';
import { forEachLet } from '../core/walk.ts';
import { WeldError } from '../diag/diagnostic.ts';
import { arbProgram, freshPrims } from '../testing/arb-program.ts';
import { DEEP_TIMEOUT, runs } from '../testing/runs.ts';
import { parseProgram } from '../text.ts';
import { interval } from './interval.ts';
import { type Fact, isInterval, rangesOf } from './range.ts';

/** What is known of the symbol with a hint. */
function factOf(p: Program, hint: string): Fact {
  const facts = rangesOf(p.body, p.syms);
  const found: Sym[] = [];
  forEachLet(p.body, ({ sym }) => {
    if (p.syms.hint(sym) === hint) found.push(sym);
  });
  expect(found.length, hint).toBe(1);
  return found[0] === undefined ? null : (facts.get(found[0]) ?? null);
}
const rangeOf = (text: string, hint = 'y'): Fact => factOf(parseProgram(text), hint);

describe('what is known', () => {
  test.each([
    ['|x: u8| let y = i64(x) * 2L - 10L; y', -10n, 500n],
    ['|x: i64| let y = x % 7L; y', -6n, 6n],
    ['|x: bool| let y = select(x, 3L, 12L); y', 3n, 12n],
    ['|x: i64| let y = lookup([4L, -2L, 9L], x); y', -2n, 9n],
    ['|x: {u8,i8}| let z = {x.$1, x.$0}; let y = z.$1; y', 0n, 255n],
    ['|x: vec[f64]| let y = len([x, x]); y', 2n, 2n],
    ['|x: f64| let y = u8(x); y', 0n, 255n],
    ['|x: bool| let y = i32(!x) + 1; y', 1n, 2n],
    ['|x: i64| let y = if(x >= 0L, (let z = x % 8L; z), 3L); y', 0n, 7n],
    ['|x: i64| let y = if(x < 0L, 0L, (let z = select(x > 9L, 9L, x); z)); y', 0n, 9n],
    ['|x: i64| let y = min(max(x, 0L), 9L); y', 0n, 9n],
    ['|x: i64| let y = if(x < 3L, 7L, (let z = min(x, 9L) + 0L; z)); y', 3n, 9n],
    ['|x: i64| let y = if(x <= 3L, 7L, (let z = min(x, 9L) + 0L; z)); y', 4n, 9n],
    ['|x: i64| let y = if(5L >= x, 7L, (let z = min(x, 9L) + 0L; z)); y', 6n, 9n],
    ['|x: i64| let y = if(x > 5L, 2L, (let z = max(x, 1L) + 0L; z)); y', 1n, 5n],
    ['|x: i64| let y = if(x > 2L && x <= 9L, (let z = x + 0L; z), 5L); y', 3n, 9n],
    ['|x: i64| let y = if(x < 2L || !(x != 7L), 0L, (let z = max(x, 3L) * 1L; z)); y', 0n, 2n ** 63n - 1n],
    ['|x: i64| let y = if(x == 4L, (let z = x + 1L; z), 6L); y', 5n, 6n],
  ])('%s', (text, lo, hi) => {
    expect(rangeOf(text)).toEqual(interval(lo, hi));
  });
  test('of the index and the elements of loops', () => {
    const text = (data: string, y: string): string =>
      `|v: vec[u8]| result(for(${data}, merger[i64,+], |b, i, e| let y = ${y}; merge(b, y)))`;
    expect(rangeOf(text('v', 'i64(e)'))).toEqual(interval(0n, 255n));
    expect(rangeOf(text('v', 'i * 0L + max(i, 0L)'))).toEqual(interval(0n, 2n ** 31n - 2n));
    expect(rangeOf(text('zip(v, [5L, 9L, 1L])', 'i + 0L'))).toEqual(interval(0n, 2n));
    expect(rangeOf(text('zip(v, [5L, 9L, 1L])', 'e.$1 + 0L'))).toEqual(interval(1n, 9n));
    expect(rangeOf(text('rangeiter(3L, 11L, 4L)', 'e * 2L'))).toEqual(interval(6n, 20n));
    expect(rangeOf(text('rangeiter(3L, 11L, 4L)', 'i * 2L'))).toEqual(interval(0n, 14n));
  });
  test('not outside of the branch', () => {
    expect(rangeOf('|x: i8| let z = if(x > 0c, (let w = x + 0c; w), 1c); let y = {z, x}; y')).toEqual([
      interval(1n, 127n),
      interval(-128n, 127n),
    ]);
  });
});

/** Whether a value is one of those that a fact says. */
function obeys(f: Fact, v: IValue): boolean {
  if (f === null) return true;
  if (!isInterval(f)) return f.every((g, k) => obeys(g, fieldOf(v, k)));
  if (typeof v === 'object') return false;
  const n = typeof v === 'boolean' ? (v ? 1n : 0n) : BigInt(v);
  return f.lo <= n && n <= f.hi;
}

test(
  'every value of a random program is in its range',
  () => {
    fc.assert(
      fc.property(arbProgram({ errors: true, cudf: true }), (c) => {
        const facts = rangesOf(c.program.body, c.program.syms);
        const onValue = (s: Sym, v: IValue): IValue => {
          const fact = facts.get(s) ?? null;
          if (!obeys(fact, v)) throw new Error(`%${s} is not in its range: ${String(v)}\n${c.toString()}`);
          return v;
        };
        try {
          interpret(c.program, c.args, { prims: freshPrims().prims, onValue });
        } catch (e) {
          if (!(e instanceof WeldError)) throw e;
        }
      }),
      runs(20240611),
    );
  },
  DEEP_TIMEOUT,
);
