import { describe, expect, it } from 'vitest';
import { amountText } from '../core/amount.ts';
import { isSym } from '../core/op.ts';
import { parseProgram } from '../text.ts';
import { mergeCounts } from './merges.ts';

/** `leaf:min-max` of the first loop of a program over `x: vec[i64]` and `y: vec[i64]`. */
function countsOf(builder: string, body: string): string {
  const p = parseProgram(`|x: vec[i64], y: vec[i64]| result(for(x, ${builder}, |b, i, e| ${body}))`);
  const loop = p.body.lets.map((l) => l.op).find((op) => op.kind === 'for');
  if (loop === undefined) throw new Error('no loop');
  const counts = mergeCounts(loop.body, p.syms);
  return [...counts].map(([leaf, { min, max }]) => `${leaf}:${min}-${max}`).join(' ');
}

const A = 'appender[i64]';

describe('merge counts of one builder', () => {
  it.each([
    ['b', ':0-0'],
    ['merge(b, e)', ':1-1'],
    ['merge(merge(b, e), i)', ':2-2'],
    ['if(e > 0L, merge(b, e), b)', ':0-1'],
    ['if(e > 0L, merge(b, e), merge(b, i))', ':1-1'],
    ['if(e > 0L, if(e > 9L, b, merge(b, e)), merge(merge(b, e), i))', ':0-2'],
    ['merge(if(e > 0L, merge(b, e), b), i)', ':1-2'],
    ['let c = if(e > 0L, merge(b, e), b); if(e > 0L, c, merge(c, i))', ':0-2'],
  ])('%s', (body, want) => expect(countsOf(A, body)).toBe(want));

  it('an inner loop may run never or often', () => {
    expect(countsOf(A, 'for(y, b, |c, j, f| merge(c, f))')).toBe(':0-Infinity');
    expect(countsOf(A, 'for(y, b, |c, j, f| if(f > e, merge(c, f), c))')).toBe(':0-Infinity');
    expect(countsOf(A, 'for(y, b, |c, j, f| c)')).toBe(':0-0');
    expect(countsOf(A, 'for(y, merge(b, e), |c, j, f| merge(c, f))')).toBe(':1-Infinity');
  });

  it('a second inner loop guarantees no merge either', () => {
    const twice = 'for(y, for(y, b, |c, j, f| merge(c, f)), |c, j, f| merge(c, f))';
    expect(countsOf(A, twice)).toBe(':0-Infinity');
    expect(countsOf(A, 'for(y, b, |c, j, f| for(y, c, |d, k, g| merge(d, g)))')).toBe(':0-Infinity');
  });

  it('an iteration runs at least once', () => {
    expect(countsOf(A, 'iterate({b, 0L}, |s| {{merge(s.$0, e), s.$1}, false}).$0')).toBe(':1-Infinity');
    expect(countsOf(A, 'iterate({merge(b, e), 0L}, |s| {{s.$0, s.$1}, false}).$0')).toBe(':1-1');
  });

  it('builders of one iteration do not count', () => {
    const local = 'merge(b, result(for(y, merger[i64,+], |c, j, f| merge(merge(c, f), j))))';
    expect(countsOf(A, local)).toBe(':1-1');
  });
});

describe('how many merges, by what is outside the body', () => {
  /** The bound of the merges of the first loop of a program over `x`, `y`, `n` and `m`. */
  function mostOf(body: string): string {
    const head = '|x: vec[i64], y: vec[i64], n: i64, m: i64|';
    const p = parseProgram(`${head} result(for(x, appender[i64], |b, i, e| ${body}))`);
    const loop = p.body.lets.map((l) => l.op).find((op) => op.kind === 'for');
    const count = loop && mergeCounts(loop.body, p.syms).get('');
    if (count === undefined) throw new Error('no loop');
    if (count.most === null) return 'unknown';
    const text = amountText(count.most, (a) => (isSym(a) ? p.syms.hint(a) : String(a.lit)));
    return `${count.exact ? 'exactly' : 'at most'} ${text}`;
  }
  const inner = (data: string, body = 'merge(c, j)'): string => `for(${data}, b, |c, j, f| ${body})`;

  it.each([
    ['merge(merge(b, e), i)', 'exactly 2'],
    ['if(e > 0L, merge(b, e), b)', 'at most 1'],
    [inner('y'), 'exactly len(y)'],
    [inner('y', 'if(f > e, merge(c, f), c)'), 'at most len(y)'],
    [inner('rangeiter(0L, n, 1L)', 'merge(merge(c, f), f)'), 'exactly n * 2'],
    [inner('rangeiter(n, m, 2L)'), 'exactly (m - n) / 2'],
    [inner('iter(y, e, e + n, 1L)'), 'exactly n'],
    [inner('iter(y, e, n + e, 2L)'), 'exactly n / 2'],
    [inner('slice(y, e, n)'), 'at most n'],
    [inner('[1L, 2L, e]'), 'exactly 3'],
    [inner('zip(slice(y, e, n), rangeiter(0L, m, 1L))'), 'exactly m'],
    [inner('y', 'for(rangeiter(0L, n, 1L), c, |d, k, g| merge(d, g))'), 'exactly len(y) * n'],
    [`let c = ${inner('y')}; merge(for(rangeiter(0L, n, 1L), c, |d, k, g| merge(d, g)), e)`, 'exactly len(y) + n + 1'],
    [`if(e > 0L, ${inner('y')}, ${inner('y')})`, 'exactly len(y)'],
    [`if(e > 0L, ${inner('y')}, merge(b, e))`, 'at most max(len(y), 1)'],
    [inner('rangeiter(0L, e, 1L)'), 'unknown'],
    [inner('iter(y, 0L, e + n, 1L)'), 'unknown'],
    [inner('iter(y, e, e + i, 1L)'), 'unknown'],
    [inner('slice(y, 0L, e)'), 'unknown'],
    [inner('slice(y, e, n)', 'for(slice(y, 0L, f), c, |d, k, g| merge(d, g))'), 'unknown'],
    ['iterate({b, 0L}, |s| {{merge(s.$0, e), s.$1}, false}).$0', 'unknown'],
    [inner('rangeiter(0L, e, 1L)', 'c'), 'exactly 0'],
  ])('%s: %s', (body, want) => expect(mostOf(body)).toBe(want));
});

describe('merge counts of a struct of builders', () => {
  const S = '{appender[i64],{merger[i64,+],appender[i64]}}';
  it('leaf by leaf, by path', () => {
    const body = 'let s = b.$1; {merge(b.$0, e), {s.$0, if(e > 0L, merge(s.$1, e), s.$1)}}';
    expect(countsOf(S, body)).toBe('0:1-1 1.0:0-0 1.1:0-1');
  });

  it('through branches that give structs', () => {
    const body = `let a = b.$0; let s = b.$1; let m = s.$0; let f = s.$1;
      if(e > 0L, {merge(a, e), {merge(m, e), f}}, if(e > 9L, {merge(a, i), {m, merge(f, e)}}, {merge(a, e), {m, f}}))`;
    expect(countsOf(S, body)).toBe('0:1-1 1.0:0-1 1.1:0-1');
  });

  it('through inner loops over some of them', () => {
    const body = `let s = b.$1; let r = for(y, {b.$0, merger[i64,max]}, |c, j, f| {merge(c.$0, f), merge(c.$1, f)});
      {r.$0, {merge(s.$0, result(r.$1)), s.$1}}`;
    expect(countsOf(S, body)).toBe('0:0-Infinity 1.0:1-1 1.1:0-0');
  });
});
