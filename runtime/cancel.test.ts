/** Runs that are cancelled: they end soon, hold nothing afterwards, and the session goes on. */

import { afterAll, describe, expect, it } from 'vitest';
import { plainMemory, type TypedArray, type Value } from '../compiler/index.ts';
import { parseProgram, parseType } from '../compiler/text.ts';
import { array, evaluate } from '../frontends/array/index.ts';
import { init, type Session } from './session.ts';

const sessions: Session[] = [];
async function open(threads: number): Promise<Session> {
  const made = await init({ threads });
  sessions.push(made);
  return made;
}
afterAll(() => Promise.all(sessions.map((s) => s.dispose())));

const never = (): AbortSignal => new AbortController().signal;
/** A signal that fires at the first turn of the event loop. */
function soon(): AbortSignal {
  const stop = new AbortController();
  setImmediate(() => stop.abort());
  return stop.signal;
}
/** The numbers up to n, shuffled. */
function numbers(n: number): Value {
  const column: TypedArray = plainMemory.alloc('f64', n);
  for (let k = 0; k < n; k++) column[k] = ((k * 7919) % n) as never;
  return { kind: 'vec', elem: parseType('f64'), length: n, cols: [column] };
}

/** Programs that take long for a large n, and what they spend the time with. */
const LONG: readonly (readonly [what: string, text: string, n: number])[] = [
  ['a long loop', '|n: i64| result(for(rangeiter(0L, n, 1L), merger[f64,+], |b, i, e| merge(b, sin(f64(e)))))', 1e9],
  [
    'a dictionary',
    '|n: i64| len(tovec(result(for(rangeiter(0L, n, 1L), dictmerger[i64,i64,+], |b, i, e| merge(b, {e * e % 99991L, 1L})))))',
    3e8,
  ],
  ['an iteration on the host', '|n: i64| iterate(0L, |k| {k + 1L, k < n})', 1e12],
  [
    'an iteration of short loops',
    `|n: i64| iterate(0L, |k| {result(for(rangeiter(0L, 9L, 1L), merger[i64,+](k), |b, i, e| merge(b, e % 2L))), k < n})`,
    1e12,
  ],
];

describe.each([1, 2])('on %d threads', (threads) => {
  it.each(LONG)('%s', async (_what, text, n) => {
    const s = await open(threads);
    const program = parseProgram(text);
    const used = s.heap.used;
    await expect(s.evaluate(program, [BigInt(n)], { signal: soon() })).rejects.toMatchObject({
      code: 'W6013',
      kind: 'Cancelled',
    });
    expect(s.heap.used).toBe(used);
    const value = await s.evaluate(program, [100n], { signal: never() });
    expect(value).toEqual(await s.evaluate(program, [100n]));
  });

  it('a sort, with vectors made before it', async () => {
    const s = await open(threads);
    const x = numbers(300_000);
    const program = parseProgram(
      '|x: vec[f64]| sort(result(for(x, appender[f64], |b, i, e| merge(b, e + 1.0))), |a, b| if(a < b, -1, if(a > b, 1, 0)))',
    );
    await s.evaluate(program, [x], { signal: never() }).then((v) => s.release(v));
    const used = s.heap.used;
    await expect(s.evaluate(program, [x], { signal: soon() })).rejects.toThrow('W6013');
    expect(s.heap.used).toBe(used);
  });
});

it('does not begin when the signal has fired, on both targets, and tells the reason', async () => {
  const s = await open(1);
  const reason = new Error('the page was closed');
  const program = parseProgram('|n: i64| n + 1L');
  for (const target of ['wasm', 'interp'] as const) {
    const run = s.evaluate(program, [1n], { target, signal: AbortSignal.abort(reason) });
    await expect(run).rejects.toMatchObject({ code: 'W6013', cause: reason });
    await expect(run).rejects.toThrow('note: Error: the page was closed');
  }
});

it('cancels one of several evaluations', async () => {
  const s = await open(2);
  const program = parseProgram(LONG[0]?.[1] ?? '');
  const short = s.evaluate(program, [1_000_000n]);
  const cancelled = s.evaluate(program, [1_000_000_000n], { signal: soon() });
  const other = s.evaluate(program, [1_000_000n], { signal: never() });
  await expect(cancelled).rejects.toThrow('W6013');
  expect(await other).toBe(await short);
});

it('is an option of frontends', async () => {
  const s = await open(1);
  const column = array([1, 2], { session: s }).add(1);
  const signal = AbortSignal.abort();
  await expect(column.toArray({ signal })).rejects.toThrow('W6013');
  await expect(column.sum().item({ signal })).rejects.toThrow('W6013');
  await expect(evaluate([column], { signal })).rejects.toThrow('W6013');
});
