import { describe, expect, it } from 'vitest';
import { parseProgram } from '../text.ts';
import { bytesMoved } from './bytes.ts';
import { ENTRIES, HALF, INNER_ROWS, ITERATIONS, ROWS } from './expect.ts';

const N = ROWS;
const bytes = (text: string): number => bytesMoved(parseProgram(text));

describe('bytes moved', () => {
  it.each<readonly [what: string, text: string, bytes: number]>([
    ['nothing', '|x: i64| x + 1L', 0],
    ['a sum', '|x: vec[f64]| sum(x)', 8 * N],
    ['an element that is not read', '|x: vec[f64]| result(for(x, merger[i64,+], |b, i, e| merge(b, i)))', 0],
    ['a map', '|x: vec[i32]| map(x, |e| f64(e))', (4 + 8) * N],
    ['a filter', '|x: vec[f64]| filter(x, |e| e > 0.0)', (8 + 8 * HALF) * N],
    ['a filter and its sum', '|x: vec[f64]| sum(filter(x, |e| e > 0.0))', (8 + 8 * HALF + 8 * HALF) * N],
    ['two conditions', '|x: vec[f64]| filter(x, |e| e > 0.0 && e < 1.0)', (8 + 8 * HALF * HALF) * N],
    ['either of two', '|x: vec[f64]| filter(x, |e| e < 0.0 || e > 1.0)', (8 + 8 * (1 - HALF * HALF)) * N],
    ['none', '|x: vec[f64]| filter(x, |e| !true)', 8 * N],
    [
      'a condition that holds already',
      '|x: vec[f64]| result(for(x, appender[f64], |b, i, e| let c = e > 0.0; if(c, if(c, merge(b, e), b), b)))',
      (8 + 8 * HALF) * N,
    ],
    ['one field of three', '|x: vec[{i8,f64,i64}]| result(for(x, merger[f64,+], |b, i, e| merge(b, e.$1)))', 8 * N],
    [
      'a field of a field, twice',
      '|x: vec[{i8,{i32,i64}}]| result(for(x, merger[i32,+], |b, i, e| merge(b, e.$1.$0 + e.$1.$0)))',
      4 * N,
    ],
    ['whole structs', '|x: vec[{i8,f64}]| map(x, |e| {e, 1c})', (9 + 10) * N],
    ['columns side by side', '|x: vec[i8], y: vec[i64]| map(zip(x, y), |e| i64(e.$0) + e.$1)', (1 + 8 + 8) * N],
    ['a range', '|n: i64| result(for(rangeiter(0L, 100L, 2L), appender[i64], |b, i, e| merge(b, e)))', 50 * 8],
    ['a range up to a length', '|x: vec[i8]| map(rangeiter(0L, len(x), 1L), |i| i)', 8 * N],
    ['an unknown range', '|n: i64| map(rangeiter(0L, n, 1L), |i| i)', 8 * N],
    [
      'an unknown range in a loop',
      '|x: vec[i64]| map(x, |n| sum(map(rangeiter(0L, n, 1L), |i| i)))',
      (8 + INNER_ROWS * (8 + 8) + 8) * N,
    ],
    ['all pairs', '|x: vec[f64]| map(x, |a| sum(map(x, |e| a * e)))', 8 * N + N * (8 + 8 + 8) * N + 8 * N],
    [
      'a triangle',
      '|x: vec[f64]| result(for(x, appender[i64], |b, i, e| for(rangeiter(0L, i, 1L), b, |c, j, k| merge(c, k))))',
      8 * N * ((N - 1) / 2),
    ],
    [
      'every second element',
      '|x: vec[f64]| result(for(iter(x, 0L, 10L, 2L), merger[f64,+], |b, i, e| merge(b, e)))',
      5 * 8,
    ],
    [
      'more than there is',
      '|x: vec[f64]| result(for(iter(x, 0L, 9000000L, 1L), merger[f64,+], |b, i, e| merge(b, e)))',
      8 * N,
    ],
    ['a gather', '|x: vec[i32], y: vec[{i64,f64}]| map(x, |e| lookup(y, i64(e)).$1)', (4 + 8 + 8) * N],
    ['a part', '|x: vec[f64]| sum(slice(x, 5L, 10L))', 80],
    ['inner vectors', '|x: vec[vec[f64]]| map(x, |v| sum(v))', (16 + 8 * INNER_ROWS + 8) * N],
    [
      'a dictionary',
      '|x: vec[i64]| result(for(x, dictmerger[i64,f64,+], |b, i, e| merge(b, {e, 1.0})))',
      (8 + 8 + 2 * 8) * N,
    ],
    [
      'its entries',
      '|x: vec[i64]| tovec(result(for(x, dictmerger[i64,f64,+], |b, i, e| merge(b, {e, 1.0}))))',
      (8 + 8 + 2 * 8) * N + 2 * 16 * ENTRIES,
    ],
    ['looked up', '|x: vec[i64], d: dict[i64,{f64,i8}]| map(x, |e| lookup(d, e).$1)', (8 + 8 + 1 + 1) * N],
    ['asked for', '|x: vec[i64], d: dict[i64,f64]| map(x, |e| keyexists(d, e))', (8 + 8 + 1) * N],
    ['perhaps', '|x: vec[i64], d: dict[i64,f64]| map(x, |e| optlookup(d, e).$0)', (8 + 8 + 8 + 1) * N],
    ['text as a key', '|d: dict[vec[u8],f64], k: vec[u8]| lookup(d, k)', INNER_ROWS + 8],
    [
      'groups',
      '|x: vec[i64]| result(for(x, groupmerger[i64,f64], |b, i, e| merge(b, {e, 1.0})))',
      (8 + 8 + 8 + 2 * 8) * N,
    ],
    [
      'a table',
      '|x: vec[i64]| result(for(x, vecmerger[f64,+](map(rangeiter(0L, 100L, 1L), |k| 0.0)), |b, i, e| merge(b, {e, 1.0})))',
      100 * 8 + 2 * 100 * 8 + (8 + 2 * 8) * N,
    ],
    ['a sort', '|x: vec[f64]| sort(x, |a, b| compare(a, b))', 2 * 8 * N],
    ['literals', '|x: f64| [x, x, x]', 3 * 8],
    ['comparing', '|x: vec[i8], y: vec[i8]| x == y', 2 * N],
    ['serialized', '|x: vec[f64]| serialize(x)', 2 * 8 * N],
    ['iterations', '|x: vec[f64]| iterate(0.0, |s| {s + sum(x), s < 9.0})', ITERATIONS * 8 * N],
    [
      'a count that is a length',
      `|x: vec[f64]|
        let n = result(for(x, merger[i64,+], |b, i, e| if(e > 0.0, merge(b, 1L), b)));
        map(rangeiter(0L, n, 1L), |i| i)`,
      (8 + 8 * HALF) * N,
    ],
    [
      'no length',
      '|x: vec[f64]| result(for(rangeiter(0L, i64(0.0/0.0), 1L), appender[i64], |b, i, e| merge(b, e)))',
      8 * N,
    ],
    ['a bad range', '|x: i64| result(for(rangeiter(5L, 0L, 1L), appender[i64], |b, i, e| merge(b, e)))', 0],
  ])('of %s', (_what, text, want) => {
    expect(bytes(text)).toBe(want);
  });

  it('of an extern: all that it is given, and what it gives', () => {
    expect(bytes('|x: vec[f64]| cudf[f, vec[i8]](x)')).toBe(8 * N + INNER_ROWS);
  });

  it('is a finite number, however long loops are', () => {
    const nest = (depth: number): string =>
      depth === 0 ? 'merge(b, 1L)' : `for(rangeiter(0L, 9000000000000000000L, 1L), b, |b, i, e| ${nest(depth - 1)})`;
    expect(
      bytes(`|x: i64| result(${nest(24).replace('9L, b,', 'appender[i64],').replace(', b,', ', appender[i64],')})`),
    ).toBe(Number.MAX_VALUE);
  });
});
