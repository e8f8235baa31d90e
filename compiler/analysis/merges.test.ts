import { describe, expect, it } from 'vitest';
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
