/** A loop over a stream of batches is the loop over their concatenation, and the builder law holds of its states. */

import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { cost, fromColumns, type IValue, resultType, type Value } from '../../compiler/index.ts';
import { runs } from '../../compiler/testing/runs.ts';
import { parseProgram, parseType } from '../../compiler/text.ts';
import { init, type Session } from '../session.ts';
import { asVec } from '../value.ts';
import type { Batch } from './partitions.ts';

const sessions: Session[] = [];
async function open(threads = 2): Promise<Session> {
  const made = await init({ threads });
  sessions.push(made);
  return made;
}
afterAll(() => Promise.all(sessions.map((s) => s.dispose())));

const longs = (values: readonly number[]): Value => ({
  kind: 'vec',
  elem: parseType('i64'),
  length: values.length,
  cols: [BigInt64Array.from(values, BigInt)],
});
/** Rows [from, to) of a vector, in memory of their own. */
function rows(v: Value, from: number, to: number): Value {
  const { kind, elem, cols } = asVec(v);
  return { kind, elem, length: to - from, cols: cols.map((c) => c.slice(from, to)) };
}
/** The batches of vectors that are cut before the given rows. */
function* cut(columns: readonly Value[], at: readonly number[]): Generator<Batch> {
  const { length } = asVec(columns[0] ?? longs([]));
  let from = 0;
  for (const to of [...[...at].sort((a, b) => a - b).filter((n) => n < length), length]) {
    yield columns.map((c) => rows(c, from, to));
    from = to;
  }
}

/** Programs of x and y, which are streamed, and k. All are exact. */
const EXACT: readonly (readonly [what: string, body: string])[] = [
  ['a sum', 'result(for(x, merger[i64,+], |b, i, e| merge(b, e * k)))'],
  ['a sum from a value', 'result(for(x, merger[i64,+](k * 3L), |b, i, e| merge(b, e)))'],
  [
    'minimum and maximum, of another pass, with steps after',
    'let a = result(for(x, merger[i64,min], |b, i, e| merge(b, e))); let c = result(for(y, merger[i64,max], |b, i, e| merge(b, e))); {a, c, c - a, k}',
  ],
  [
    'a filter and a map',
    'result(for(zip(x, y), appender[{i64,i64}], |b, i, e| if(e.$0 > k, merge(b, {e.$1, e.$0 * 2L}), b)))',
  ],
  ['several rows a row', 'result(for(x, appender[i64], |b, i, e| merge(merge(b, e), e + 1L)))'],
  ['the numbers of rows', 'result(for(x, appender[i64], |b, i, e| if(e % 2L == 0L, merge(b, i), b)))'],
  ['groups', 'tovec(result(for(zip(x, y), dictmerger[i64,{i64,i64},+], |b, i, e| merge(b, {e.$0 % 5L, {e.$1, 1L}}))))'],
  [
    'a table',
    'result(for(x, vecmerger[i64,+](result(for(rangeiter(0L, 7L, 1L), appender[i64], |b, i, e| merge(b, e * k)))), |b, i, e| merge(b, {(e % 7L + 7L) % 7L, e})))',
  ],
  [
    'a sort of what is left',
    'sort(result(for(x, appender[i64], |b, i, e| if(e > 0L, merge(b, e), b))), |a, b| i32(b - a))',
  ],
  [
    'a loop over what is left',
    'let s = result(for(x, appender[i64], |b, i, e| if(e % 3L == 0L, merge(b, e), b))); {len(s), result(for(s, merger[i64,+], |b, i, e| merge(b, e * e)))}',
  ],
  [
    'the number of rows, and a mean',
    '{len(x), f64(result(for(x, merger[i64,+], |b, i, e| merge(b, e)))) / f64(len(x)), len(y)}',
  ],
  [
    'a builder that goes on after the last batch',
    'let b = for(x, appender[i64], |b, i, e| merge(b, e)); result(merge(merge(b, k), 7L))',
  ],
  ['a builder that was begun', 'let b = merge(appender[i64], k); result(for(x, b, |b, i, e| merge(b, e)))'],
  [
    'several builders',
    'let r = for(x, {merger[i64,+],appender[i64],dictmerger[i64,i64,max]}, |b, i, e| {merge(b.$0, i), if(e < 3L, merge(b.$1, i), b.$1), merge(b.$2, {e & 3L, i})}); {result(r.$0), result(r.$1), tovec(result(r.$2))}',
  ],
  [
    'a dictionary that is looked up in loops',
    'let d = result(for(rangeiter(0L, 9L, 1L), dictmerger[i64,i64,+], |b, i, e| merge(b, {e, e * k}))); result(for(x, merger[i64,+], |b, i, e| if(keyexists(d, e), merge(b, lookup(d, e)), b)))',
  ],
];
const program = (body: string) => parseProgram(`|x: vec[i64], k: i64, y: vec[i64]| ${body}`);

const column = fc.array(fc.integer({ min: -20, max: 20 }), { maxLength: 40 });
const cuts = fc.array(fc.nat(40), { maxLength: 6 });

describe.each(['wasm', 'interp'] as const)('any cut, on %s', (target) => {
  it.each(EXACT)('%s', async (_what, body) => {
    const s = await open();
    const p = program(body);
    const plain = (v: Value): IValue => fromColumns(resultType(p), v);
    await fc.assert(
      fc.asyncProperty(column, fc.integer({ min: -9, max: 9 }), cuts, async (data, k, at) => {
        const [x, y] = [longs(data), longs(data.map((n) => n * 31 + 7))];
        const whole = await s.evaluate(p, [x, BigInt(k), y], { target });
        const streamed = await s.stream(p, [null, BigInt(k), null], cut([x, y], at), { target });
        expect(plain(streamed)).toEqual(plain(whole));
      }),
      runs(1, target === 'wasm' ? 0.06 : 0.03),
    );
  });
});

describe('floats, where batches end on chunk borders', () => {
  const C = cost.PART_ROWS;
  const FLOATS: readonly (readonly [what: string, body: string])[] = [
    ['sums', 'result(for(x, {merger[f64,+],merger[f64,*]}, |b, i, e| {merge(b.$0, e), merge(b.$1, 1.0 + e * 1e-9)}))'],
    ['a sum from a value', 'result(for(x, merger[f64,+](0.1), |b, i, e| if(e > 0.2, merge(b, sqrt(e)), b)))'],
    ['groups', 'tovec(result(for(x, dictmerger[i64,f64,+], |b, i, e| merge(b, {i64(e * 50.0), e}))))'],
    ['rows', 'result(for(x, appender[f64], |b, i, e| if(e > 0.9, merge(b, exp(e)), b)))'],
  ];
  const data = new Float64Array(5 * C + 77).map((_, k) => ((k * 7919) % 100003) / 100003);
  const x: Value = { kind: 'vec', elem: parseType('f64'), length: data.length, cols: [data] };

  it.each(FLOATS)('%s', async (_what, body) => {
    const p = parseProgram(`|x: vec[f64]| ${body}`);
    const plain = (v: Value): IValue => fromColumns(resultType(p), v);
    const s = await open();
    const whole = plain(await s.evaluate(p, [x]));
    for (const at of [[C], [2 * C, 2 * C, 3 * C], [C, 2 * C, 3 * C, 4 * C, 5 * C]]) {
      for (const threads of [1, 2]) {
        expect(plain(await s.stream(p, [null], cut([x], at), { threads }))).toEqual(whole);
      }
    }
  });
});

describe('the builder law', () => {
  it.each(EXACT.filter(([, body]) => !/, i[),}]/.test(body)))('%s', async (_what, body) => {
    const s = await open();
    const p = program(body);
    const plain = (v: Value): IValue => fromColumns(resultType(p), v);
    await fc.assert(
      fc.asyncProperty(column, cuts, fc.integer({ min: -9, max: 9 }), async (data, at, k) => {
        const [x, y] = [longs(data), longs(data.map((n) => n * 31 + 7))];
        const law = await s.partition(p, [null, BigInt(k), null]);
        const zero = await law.init();
        const [a = zero, b = zero, c = zero] = await Promise.all(
          [...cut([x, y], at)].map((batch) => law.run(zero, batch)),
        );
        const all = await s.stream(p, [null, BigInt(k), null], [...cut([x, y], at)].slice(0, 3));
        const left = await law.combine(await law.combine(a, b), c);
        const right = await law.combine(a, await law.combine(b, c));
        expect(plain(await law.result(left))).toEqual(plain(all));
        expect(plain(await law.result(right))).toEqual(plain(all));
        for (const same of [await law.combine(zero, a), await law.combine(a, zero)]) {
          expect(same.rows).toBe(a.rows);
          expect(plain(await law.result(same))).toEqual(plain(await law.result(a)));
        }
      }),
      runs(2, 0.03),
    );
  });

  it('a state goes on any number of times', async () => {
    const s = await open();
    const law = await s.partition(parseProgram('|x: vec[i64]| result(for(x, appender[i64], |b, i, e| merge(b, e)))'), [
      null,
    ]);
    const one = await law.run(await law.init(), [longs([1])]);
    for (const n of [2, 3]) {
      const two = await law.run(one, [longs([n])]);
      const value = await law.result(two);
      expect([...(asVec(value).cols[0] ?? [])]).toEqual([1n, BigInt(n)]);
      law.release(two);
    }
  });

  it('gives its memory back at the end of a block, and goes no further', async () => {
    const s = await open();
    const p = parseProgram(
      '|x: vec[i64]| let t = result(for(rangeiter(0L, 9L, 1L), appender[i64], |b, i, e| merge(b, e * e))); ' +
        'result(for(x, merger[i64,+], |b, i, e| merge(b, lookup(t, e))))',
    );
    const law = await s.partition(p, [null]);
    const before = s.heap.used;
    const zero = await law.init();
    const one = await law.run(zero, [longs([2, 3])]);
    expect(await law.result(one)).toBe(13n);
    {
      using held = law;
      expect(held.combine).toBeDefined();
    }
    law.dispose();
    expect(s.heap.used).toBeLessThan(before);
    for (const use of [law.init(), law.run(zero, [longs([1])]), law.combine(zero, one), law.result(one)]) {
      await expect(use).rejects.toThrow('W8009: the partitioned program was disposed');
    }
  });

  it('states of numbered rows are not combined', async () => {
    const s = await open();
    const law = await s.partition(parseProgram('|x: vec[i64]| result(for(x, merger[i64,+], |b, i, e| merge(b, i)))'), [
      null,
    ]);
    const zero = await law.init();
    expect(() => law.combine(zero, zero)).toThrow('W5002: states cannot be combined');
  });
});

describe('what does not split', () => {
  const REFUSED: readonly (readonly [text: string, message: string])[] = [
    ['sort(x, |a, b| i32(a - b))', "sort needs all of the streamed column 'x' at once"],
    ['lookup(x, 0L)', "lookup needs all of the streamed column 'x' at once"],
    ['slice(x, 0L, 5L)', "slice needs all of the streamed column 'x' at once"],
    ['x', "its value is the streamed column 'x'"],
    ['{x, 1L}', "struct needs all of the streamed column 'x' at once"],
    [
      'let m = result(for(x, merger[i64,max], |b, i, e| merge(b, e))); result(for(x, merger[i64,+], |b, i, e| if(e == m, merge(b, 1L), b)))',
      "a loop over the streamed column 'x' needs what is known only behind its last batch",
    ],
    ['result(for(x, merger[i64,+], |b, i, e| merge(b, e % len(x))))', 'needs what is known only behind its last batch'],
    [
      'result(for(x, merger[i64,+], |b, i, e| merge(b, lookup(x, i / 2L))))',
      "a loop reads all of the streamed column 'x' in each",
    ],
    [
      'result(for(zip(x, y), merger[i64,+], |b, i, e| merge(b, e.$0 * e.$1)))',
      'zips it with a vector that is not streamed',
    ],
    ['result(for(iter(x, 0L, 2L, 1L), merger[i64,+], |b, i, e| merge(b, e)))', 'walks it by iter'],
    ['if(len(y) > 2L, result(for(x, merger[i64,+], |b, i, e| merge(b, e))), 0L)', 'is used inside of if'],
  ];

  it.each(REFUSED)('%s', async (body, message) => {
    const s = await open(1);
    const p = parseProgram(`|x: vec[i64], y: vec[i64]| ${body}`);
    await expect(s.stream(p, [null, longs([1, 2, 3])], [])).rejects.toMatchObject({ code: 'W5002' });
    await expect(s.stream(p, [null, longs([1, 2, 3])], [])).rejects.toThrow(message);
  });

  it('arguments that do not fit', async () => {
    const s = await open(1);
    const p = program(EXACT[0]?.[1] ?? '');
    await expect(s.stream(p, [null], [])).rejects.toThrow('W2005: the program takes 3 arguments, found 1');
    await expect(s.stream(p, [longs([]), 1n, longs([])], [])).rejects.toThrow('W8006: no argument is null');
    await expect(s.stream(p, [null, null, null], [])).rejects.toThrow(
      'W8006: the streamed argument 2 must be a vector',
    );
    const odd = s.stream(p, [null, 1n, null], [[longs([1]), longs([1, 2])]]);
    await expect(odd).rejects.toThrow('W8005: the columns of a batch have one length, found 1 and 2');
    await expect(s.stream(p, [null, 1n, null], [[longs([1])]])).rejects.toThrow(
      'W8006: a batch has 2 columns, found 1',
    );
    expect(s.heap.used).toBe(0);
  });
});

describe('a stream', () => {
  const p = program('tovec(result(for(zip(x, y), dictmerger[i64,i64,+], |b, i, e| merge(b, {e.$0 % k, e.$1}))))');

  it('holds one batch at a time, and nothing in the end', async () => {
    const s = await open();
    const used: number[] = [];
    const x = longs(Array.from({ length: 50_000 }, (_, k) => k));
    async function* batches(): AsyncGenerator<Batch> {
      for (let k = 0; k < 20; k++) {
        used.push(s.heap.used);
        yield [x, x];
      }
    }
    s.release(await s.stream(p, [null, 100n, null], batches()));
    expect(Math.max(...used)).toBeLessThan(100_000);
    expect(s.heap.used).toBe(0);
  });

  it('ends at its signal: the batches are closed, and the memory is free', async () => {
    const s = await open();
    const stop = new AbortController();
    let closed = false;
    async function* endless(): AsyncGenerator<Batch> {
      try {
        for (let k = 0; ; k++) {
          if (k === 5) stop.abort();
          yield [longs([k]), longs([1])];
        }
      } finally {
        closed = true;
      }
    }
    await expect(s.stream(p, [null, 100n, null], endless(), { signal: stop.signal })).rejects.toThrow('W6013');
    expect([closed, s.heap.used]).toEqual([true, 0]);
  });

  it('fails with its batches', async () => {
    const s = await open(1);
    async function* broken(): AsyncGenerator<Batch> {
      yield [longs([1]), longs([1])];
      throw new Error('the disk is gone');
    }
    await expect(s.stream(p, [null, 100n, null], broken())).rejects.toThrow('the disk is gone');
    await expect(s.stream(p, [null, 0n, null], [[longs([1]), longs([1])]])).rejects.toThrow('W6005');
    expect(s.heap.used).toBe(0);
  });
});
