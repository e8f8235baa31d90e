/** Vectors in vectors: read, made inside loops, as keys and values; groups; memory that is used and given back. */

import { afterAll, describe, expect, it } from 'vitest';
import { Session } from '../../runtime/index.ts';
import { fromColumns, plainMemory, toColumns } from '../core/convert.ts';
import { interpret } from '../core/interp.ts';
import type { IValue } from '../core/ivalue.ts';
import { decodeJson, encodeJson, type Json } from '../core/json.ts';
import { paramTypes, resultType } from '../core/program.ts';
import { Both } from '../testing/both.ts';
import { parseProgram, parseType } from '../text.ts';

const both = new Both();
const session = new Session({ threads: 2 });
afterAll(async () => {
  await both.dispose();
  await session.dispose();
});

function valuesOf(text: string, args: readonly Json[]): readonly IValue[] {
  return paramTypes(parseProgram(text)).map((t, k) => decodeJson(t, args[k] ?? null));
}
const agrees = async (text: string, ...args: readonly Json[]): Promise<Json> => {
  const p = parseProgram(text);
  return encodeJson(resultType(p), await both.agrees(p, valuesOf(text, args)));
};
const ends = (text: string, ...args: readonly Json[]): Promise<string> =>
  both.ends(parseProgram(text), valuesOf(text, args));

const WORDS: Json = ['the', 'cat', '', 'the', 'dog', 'cat', 'the', '', 'a'];
const NESTED: Json = [[1, 2, 3], [], [-1], [7, 0, 7, 0]];

describe('reading', () => {
  it.each([
    ['map(x, |e| len(e))'],
    ['map(filter(x, |e| len(e) > 0L), |e| lookup(e, 0L))'],
    ['map(x, |e| sum(e))'],
    ['map(x, |e| slice(e, 0L, 2L))'],
    ['map(x, |e| x)'],
    ['{lookup(x, 0L), len(x), slice(x, 1L, 2L)}'],
    ['map(x, |e| e == lookup(x, 0L))'],
    ['map(x, |e| {e < [1L, 2L], e >= [1L, 2L, 4L], e != slice(e, 0L, 9L)})'],
    ['sort(x, |a, b| i32(len(a) - len(b)))'],
    ['sort(x, |a, b| if(a < b, -1, if(a > b, 1, 0)))'],
    ['result(for(zip(x, x), appender[vec[i64]], |b, i, e| if(i > 1L, merge(merge(b, e.$0), slice(e.$1, 0L, 1L)), b)))'],
    ['flatten(x)'],
    ['map(x, |e| if(len(e) > 1L, e, [i64(len(x)), 5L]))'],
    ['map(x, |e| select(len(e) > 1L, {e, 1L}, {slice(e, 0L, 0L), 2L}))'],
    ['let y = map(x, |e| {e, [e, e]}); map(y, |e| {len(e.$1), e.$0})'],
    ['{x == x, x < slice(x, 1L, 9L), x > map(x, |e| slice(e, 0L, 1L))}'],
  ])('%s', async (body) => {
    await agrees(`|x: vec[vec[i64]]| ${body}`, NESTED);
    await agrees(`|x: vec[vec[i64]]| ${body}`, [[1], [2, 3]]);
  });

  it('an empty outer vector, and empty inner ones', async () => {
    const text = '|x: vec[vec[vec[f64]]]| {flatten(flatten(x)), map(x, |e| map(e, |f| len(f)))}';
    for (const x of [[], [[]], [[[]]], [[], [[], [1, 'NaN']], [['-0']]]]) await agrees(text, x);
  });

  it('structs and dictionaries that hold vectors', async () => {
    const text = `|x: vec[{i64,vec[{bool,vec[u8]}]}], d: dict[i64,vec[i32]], k: i64|
      {map(x, |e| {e.$0, map(e.$1, |f| {len(f.$1), f.$0, f.$1})}),
       map(x, |e| if(keyexists(d, e.$0), len(lookup(d, e.$0)), -1L)),
       map(x, |e| optlookup(d, e.$0)), optlookup(d, k), tovec(d)}`;
    const x: Json = [
      [1, [[true, 'ab']]],
      [
        2,
        [
          [false, ''],
          [true, 'c'],
        ],
      ],
      [3, []],
    ];
    await agrees(
      text,
      x,
      [
        [1, [5, 6]],
        [3, []],
      ],
      3,
    );
    await agrees(text, x, [], 1);
  });

  it('dictionaries of dictionaries, in vectors and out of loops', async () => {
    const text = `|d: dict[i64,dict[vec[u8],i64]], w: vec[vec[u8]]|
      let ds = map(w, |e| lookup(d, len(e)));
      {map(ds, |e| len(tovec(e))), map(zip(ds, w), |e| optlookup(e.$0, e.$1)), ds,
       result(for(w, dictmerger[vec[u8],i64,+], |b, i, e| merge(b, {e, lookup(lookup(d, len(e)), e)})))}`;
    const d: Json = [
      [
        1,
        [
          ['a', 10],
          ['b', 20],
        ],
      ],
      [2, [['cc', 30]]],
    ];
    await agrees(text, d, ['a', 'cc', 'b', 'a']);
    expect(await ends(text, d, ['a', 'x'])).toBe('KeyNotFoundError');
  });

  it('errors inside inner loops', async () => {
    const at = '|x: vec[vec[i64]]| map(x, |e| map(e, |f| lookup(e, f)))';
    await agrees(at, [[0], [1, 0]]);
    expect(await ends(at, [[0], [1, 2]])).toBe('ArrayOutOfBounds');
    expect(await ends('|x: vec[vec[i64]]| map(x, |e| len(slice(e, 2L, 1L)))', [[1]])).toBe('ArrayOutOfBounds');
    expect(await ends('|x: vec[vec[i64]]| map(x, |e| sum(map(e, |f| 6L / f)))', [[1, 0]])).toBe('DivisionByZero');
    const zip =
      '|x: vec[vec[i64]]| map(x, |e| result(for(zip(e, lookup(x, 0L)), merger[i64,+], |b, i, f| merge(b, 1L))))';
    expect(await ends(zip, [[1], [1, 2]])).toBe('MismatchedZipSize');
  });
});

describe('made inside loops', () => {
  it.each([
    ['appender', 'map(x, |e| map(e, |f| f * 2L))'],
    ['filters', 'map(x, |e| filter(e, |f| f > 0L))'],
    ['appenders of vectors', 'map(x, |e| map(e, |f| [f, f + 1L]))'],
    ['merger', 'map(x, |e| result(for(e, merger[{i64,i64},max], |b, i, f| merge(b, {f, i}))))'],
    ['vecmerger', 'map(x, |e| result(for(e, vecmerger[i64,+]([0L, 10L, 20L]), |b, i, f| merge(b, {i % 3L, f}))))'],
    ['dictmerger', 'map(x, |e| tovec(result(for(e, dictmerger[i64,i64,+], |b, i, f| merge(b, {f, i})))))'],
    [
      'dictmerger with vectors as keys',
      `map(x, |e| result(for(e, dictmerger[vec[i64],i64,*], |b, i, f|
       merge(merge(b, {slice(e, 0L, f), 2L}), {[f], 3L}))))`,
    ],
    ['groupmerger', 'map(x, |e| result(for(e, groupmerger[bool,i64], |b, i, f| merge(b, {f > 1L, i}))))'],
    [
      'groupmerger of vectors',
      `map(x, |e| result(for(rangeiter(0L, 40L, 1L), groupmerger[{i64,vec[i64]},vec[i64]], |b, i, f|
       merge(b, {{f % 7L, slice(e, 0L, f % 2L)}, [f, i]}))))`,
    ],
    ['sort', 'map(x, |e| sort(e, |a, b| i32(a - b)))'],
    ['sort by what a comparison makes', 'map(x, |e| sort(e, |a, b| if([a, 1L] < [b, 2L], -1, 1)))'],
    ['literals', 'map(x, |e| {[e, [len(e)]], [[1.5]]})'],
    ['empty literals', 'map(x, |e| ([]: vec[vec[bool]]))'],
    ['iterations', 'map(x, |e| iterate({e, 0L}, |s| {{map(s.$0, |f| f + s.$1), s.$1 + 1L}, s.$1 < 3L}))'],
    ['bytes', 'map(x, |e| serialize({e, true, [1.5f]}))'],
    ['bytes there and back', 'map(x, |e| deserialize[{vec[i64],bool,vec[f32]}](serialize({e, true, [1.5f]})))'],
    [
      'structs of builders',
      `map(x, |e| let r = for(e, {appender[i64],merger[i64,+]}, |b, i, f|
       {if(f > 0L, merge(b.$0, f), b.$0), merge(b.$1, f)}); {result(r.$0), result(r.$1)})`,
    ],
    [
      'builders of branches',
      `map(x, |e| let b = if(len(e) > 1L, merge(appender[i64], 5L), appender[i64]);
       result(for(e, b, |c, i, f| merge(c, f))))`,
    ],
    [
      'windows of shapes',
      `map(x, |e| result(for(nditer(x, 0L, 2L, 1L, [2L], [1L]), appender[i64], |b, i, f| merge(b, len(f)))))`,
    ],
  ])('%s', async (_what, body) => {
    await agrees(`|x: vec[vec[i64]]| ${body}`, NESTED);
    await agrees(`|x: vec[vec[i64]]| ${body}`, [[], [3, 3, 3]]);
  });

  it('bytes that are none', async () => {
    const text = '|x: vec[vec[u8]]| map(x, |e| deserialize[{vec[bool],i8}](e))';
    await agrees(text, [[1, 0, 0, 0, 0, 0, 0, 0, 1, 255]]);
    for (const bytes of [
      [],
      [1],
      [1, 0, 0, 0, 0, 0, 0, 0, 2, 9],
      [0, 0, 0, 0, 0, 0, 0, 0],
      [9, 0, 0, 0, 0, 0, 0, 0, 1],
    ]) {
      expect(await ends(text, [bytes])).toBe('DeserializationError');
    }
    const twice = '|x: vec[vec[u8]]| map(x, |e| tovec(deserialize[dict[u8,u8]](e)))';
    await agrees(twice, [[2, 0, 0, 0, 0, 0, 0, 0, 1, 5, 2, 6]]);
    expect(await ends(twice, [[2, 0, 0, 0, 0, 0, 0, 0, 1, 5, 1, 6]])).toBe('DeserializationError');
    const units = '|x: vec[vec[u8]]| map(x, |e| len(deserialize[vec[{}]](e)))';
    await agrees(units, [[3, 0, 0, 0, 0, 0, 0, 0]]);
    expect(await ends(units, [[0, 0, 0, 0, 1, 0, 0, 0]])).toBe('OutOfMemory');
  });

  it('more than a region has room for, in one row and in many parts', async () => {
    const text = `|n: i64, m: i64| let v = result(for(rangeiter(0L, n, 1L), appender[vec[i64]], |b, i, e|
        merge(b, result(for(rangeiter(0L, if(e == n - 1L, m, e % 5L), 1L), appender[i64], |c, j, f| merge(c, f * e))))));
      {len(v), sum(map(v, |e| sum(e))), sum(map(v, |e| len(e)))}`;
    await agrees(text, 2, 100_000);
    await agrees(text, 40_000, 30_000);
  });

  it('rows of which no output keeps anything give their memory back', async () => {
    const tight = new Session({ threads: 1, memoryLimitBytes: 4 << 20 });
    const v = 'rangeiter(0L, n, 1L)';
    const keys = parseProgram(
      `|n: i64| result(for(${v}, dictmerger[vec[i64],i64,+], |b, i, e| merge(b, {[e % 2L, e % 3L, 7L, e % 2L], 1L})))`,
    );
    const few = parseProgram(
      `|n: i64| result(for(${v}, appender[vec[i64]], |b, i, e| let m = [e, e + 1L, e, e, e];
        if(lookup(result(for(m, appender[i64], |c, j, f| merge(c, f))), 1L) % 50000L == 0L, merge(b, m), b)))`,
    );
    try {
      for (const p of [keys, few]) {
        const want = interpret(p, [300_000n]);
        expect(fromColumns(resultType(p), await tight.evaluate(p, [300_000n]))).toEqual(want);
      }
    } finally {
      await tight.dispose();
    }
  });

  it('memory that no result needs is used again in each iteration', async () => {
    const text = `|n: i64| result(for(rangeiter(0L, 3L, 1L), merger[i64,+], |b, i, e|
      for(rangeiter(0L, n, 1L), b, |c, j, f| merge(c, lookup(map([f, j, e, 1L], |g| g + 1L), 3L)))))`;
    const p = parseProgram(text);
    const tight = new Session({ threads: 1, memoryLimitBytes: 1 << 20 });
    try {
      expect(await tight.evaluate(p, [100_000n])).toBe(600_000n);
    } finally {
      await tight.dispose();
    }
  });
});

describe('keys and groups', () => {
  it.each([
    ['result(for(w, dictmerger[vec[u8],i64,+], |b, i, e| merge(b, {e, i + 1L})))'],
    ['result(for(w, dictmerger[{vec[u8],bool},{i64,f64},max], |b, i, e| merge(b, {{e, i > 4L}, {i, 0.5}})))'],
    ['let d = result(for(w, dictmerger[vec[u8],i64,+], |b, i, e| merge(b, {e, i}))); map(w, |e| lookup(d, e))'],
    ['result(for(w, groupmerger[vec[u8],i64], |b, i, e| merge(b, {e, i})))'],
    ['result(for(w, groupmerger[i64,vec[u8]], |b, i, e| merge(b, {len(e), e})))'],
    ['result(for(w, groupmerger[i64,{i64,f64}], |b, i, e| if(i % 2L == 0L, merge(b, {len(e), {i, 0.5}}), b)))'],
    ['result(for(w, merge(groupmerger[i64,i64], {3L, 100L}), |b, i, e| merge(merge(b, {len(e), i}), {i, 7L})))'],
    [
      'let g = result(for(w, groupmerger[vec[u8],i64], |b, i, e| merge(b, {e, i}))); map(tovec(g), |e| {e.$0, sum(e.$1)})',
    ],
    [
      'let g = result(for(w, groupmerger[i64,i64], |b, i, e| merge(b, {len(e), i}))); {optlookup(g, 3L), optlookup(g, 9L)}',
    ],
    ['result(for(w, {groupmerger[i64,i64],merger[i64,+]}, |b, i, e| {merge(b.$0, {len(e), i}), merge(b.$1, i)}))'],
  ])('%s', async (body) => {
    await agrees(`|w: vec[vec[u8]]| ${body}`, WORDS);
    await agrees(`|w: vec[vec[u8]]| ${body}`, []);
  });

  it('NaN and zeros inside keys', async () => {
    const text = `|x: vec[vec[f64]], z: f64| let d = result(for(x, dictmerger[vec[f64],i64,+], |b, i, e|
      merge(merge(b, {e, 1L}), {[z / z], 10L}))); {d, map(x, |e| lookup(d, e))}`;
    await agrees(text, [['NaN'], [0], ['-0'], [], ['NaN', 1], ['NaN']], 0);
  });

  it('over several parts: the same for any number of threads, in input order', async () => {
    const text = `|n: i64| let v = result(for(rangeiter(0L, n, 1L), appender[vec[i64]], |b, i, e| merge(b, [e % 7L, e % 11L])));
      {result(for(v, groupmerger[vec[i64],i64], |b, i, e| if(i % 3L == 1L, b, merge(b, {e, i})))),
       result(for(v, dictmerger[vec[i64],i64,+], |b, i, e| merge(b, {e, i})))}`;
    await agrees(text, 40_000);
  });
});

describe('memory', () => {
  const t = parseType('vec[vec[i64]]');
  const big: readonly IValue[] = Array.from({ length: 500 }, (_, k) =>
    Array.from({ length: k % 9 }, (__, j) => BigInt(k * j)),
  );

  it('a result keeps what it refers to, also of arguments that are released', async () => {
    const p = parseProgram('|x: vec[vec[i64]]| {filter(x, |e| len(e) > 3L), map(x, |e| slice(e, 0L, 2L))}');
    const want = interpret(p, [big]);
    const arg = toColumns(t, big, session.heap);
    const value = await session.evaluate(p, [arg]);
    session.release(arg);
    for (let k = 0; k < 20; k++) session.heap.allocZeroed('i64', 1000);
    expect(fromColumns(resultType(p), value)).toEqual(want);
  });

  it.each([
    ['a vector', '|x: vec[i64]| map(x, |e| [[7L, e], [7L]])'],
    [
      'a dictionary',
      '|x: vec[i64]| map(x, |e| result(merge(merge(dictmerger[vec[i64],i64,+], {[7L], e}), {[e], 1L})))',
    ],
  ])('a result keeps what %s in it refers to, also of values that were made before the loop', async (_, text) => {
    const p = parseProgram(text);
    const rows = Array.from({ length: 20 }, (__, k) => BigInt(k));
    const value = await session.evaluate(p, [toColumns(parseType('vec[i64]'), rows, session.heap)]);
    for (let k = 0; k < 20; k++) toColumns(parseType('vec[i64]'), [-1n], session.heap);
    expect(fromColumns(resultType(p), value)).toEqual(interpret(p, [rows]));
  });

  it.each([
    ['|x: vec[vec[i64]]| map(x, |e| map(e, |f| f + 1L))'],
    ['|x: vec[vec[i64]]| result(for(x, groupmerger[vec[i64],vec[i64]], |b, i, e| merge(b, {e, [i]})))'],
    ['|x: vec[vec[i64]]| iterate({x, 0L}, |s| {{map(s.$0, |e| map(e, |f| f + 1L)), s.$1 + 1L}, s.$1 < 9L}).$0'],
    ['|x: vec[vec[i64]]| lookup(map(x, |e| map(e, |f| f + 1L)), 8L)'],
    ['|x: vec[vec[i64]]| map(x, |e| lookup(e, 5L))'],
  ])('%s leaves nothing behind but its result', async (text) => {
    const p = parseProgram(text);
    const arg = toColumns(t, big, session.heap);
    const run = async (): Promise<void> => {
      try {
        session.release(await session.evaluate(p, [arg]));
      } catch (e) {
        expect(String(e)).toContain('W6001');
      }
    };
    await run();
    const before = session.heap.used;
    await run();
    expect(session.heap.used).toBe(before);
    session.release(arg);
  });

  it('what is made anew in every iteration does not keep the old', async () => {
    const p = parseProgram(
      '|x: vec[vec[i64]]| iterate({x, 0L}, |s| {{map(s.$0, |e| map(e, |f| f + 1L)), s.$1 + 1L}, s.$1 < 300L}).$0',
    );
    const tight = new Session({ threads: 1, memoryLimitBytes: 1 << 20 });
    try {
      const value = await tight.evaluate(p, [toColumns(t, big, plainMemory)]);
      const want = big.map((row) => (Array.isArray(row) ? row.map((v) => BigInt(v) + 301n) : row));
      expect(fromColumns(t, value)).toEqual(want);
    } finally {
      await tight.dispose();
    }
  });

  it('values from outside are brought in once, whole', async () => {
    const p = parseProgram('|x: vec[vec[i64]]| sum(map(x, |e| sum(e)))');
    const arg = toColumns(t, big, plainMemory);
    const first = await session.evaluate(p, [arg]);
    const before = session.heap.used;
    expect(await session.evaluate(p, [arg])).toBe(first);
    expect(session.heap.used).toBe(before);
  });

  it('beyond the limit is OutOfMemory, and the session goes on', async () => {
    const tight = new Session({ threads: 2, memoryLimitBytes: 4 << 20 });
    try {
      const p = parseProgram(
        '|n: i64| map(result(for(rangeiter(0L, n, 1L), appender[i64], |b,i,e| merge(b, e))), |e| [e, e, e])',
      );
      await expect(tight.evaluate(p, [1_000_000n])).rejects.toThrow('W6006');
      expect(fromColumns(resultType(p), await tight.evaluate(p, [1n]))).toEqual([[0n, 0n, 0n]]);
    } finally {
      await tight.dispose();
    }
  });

  it('a vector that does not say where its elements lie is refused', async () => {
    const p = parseProgram('|x: vec[vec[i64]]| len(x)');
    const bare = {
      kind: 'vec',
      elem: parseType('vec[i64]'),
      length: 1,
      cols: [new Int32Array(1), new Int32Array(1)],
    } as const;
    await expect(session.evaluate(p, [bare])).rejects.toThrow('W8006');
  });
});
