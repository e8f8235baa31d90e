/** Bounds for near keys, and dictionaries that have them: whatever the keys are, the results are the interpreter's. */

import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { compareValues, EXACT } from '../../compiler/core/compare.ts';
import { fromColumns, plainMemory, toColumns } from '../../compiler/core/convert.ts';
import { interpret } from '../../compiler/core/interp.ts';
import { resultType } from '../../compiler/core/program.ts';
import { vec } from '../../compiler/core/types.ts';
import { cost, I64, paramTypes, type ScalarKind, type ScalarValue, type TypedArray } from '../../compiler/index.ts';
import { arbNearKeys } from '../../compiler/testing/arb-near-keys.ts';
import { Both } from '../../compiler/testing/both.ts';
import { DEEP_TIMEOUT, runs } from '../../compiler/testing/runs.ts';
import { parseProgram } from '../../compiler/text.ts';
import { Session } from '../session.ts';
import { nearBounds, type SeenKeys, seenKeys } from './near.ts';

const big = (keys: readonly number[]): BigInt64Array => BigInt64Array.from(keys, BigInt);
const steps = (n: number, f: (k: number) => number): number[] => Array.from({ length: n }, (_, k) => f(k));
/** The numbers below n in some order. */
const shuffled = (n: number): number[] => steps(n, (k) => (k * 7919) % n);

function seen(columns: readonly TypedArray[], where = { rows: 1000, before: 0, after: 0 }): SeenKeys {
  const found = seenKeys(columns, columns[0]?.length ?? 0, where);
  if (found === null) throw new Error('no keys');
  return found;
}

describe('bounds', () => {
  it('of keys in no order have a margin', () => {
    const keys = shuffled(997).map((k) => k - 200);
    const bounds = nearBounds(seen([Int32Array.from(keys)], { rows: 1000, before: 0, after: 9000 }), 1000);
    expect(bounds).toEqual({ lows: [-324], spans: [1245], places: 1245, isSorted: false });
    expect(nearBounds(seen([big(keys)]), 1000)).toEqual(bounds);
  });

  it('of sorted keys are drawn out to the rows before and behind', () => {
    const where = { rows: 1000, before: 2000, after: 7000 };
    const up = nearBounds(seen([big(steps(1000, (k) => 6000 + 3 * k))], where), 10_000);
    expect(up).toMatchObject({ isSorted: true });
    const [low = 0, span = 0] = [up?.lows[0], up?.spans[0]];
    expect(low).toBeLessThan(0 + 1);
    expect(low + span).toBeGreaterThan(6000 + 3 * 8000);
    const down = nearBounds(seen([big(steps(1000, (k) => 24_000 - 3 * k))], where), 10_000);
    const [least = 0, width = 0] = [down?.lows[0], down?.spans[0]];
    expect(least).toBeLessThan(24_000 - 3 * 8000 + 1);
    expect(least + width).toBeGreaterThan(24_000 + 3 * 2000);
  });

  it('are those of each leaf', () => {
    const keys = seen([Int8Array.from(steps(64, (k) => k & 1)), Int16Array.from(steps(64, (k) => (k >> 1) - 5))]);
    expect(nearBounds(keys, 64)?.spans.length).toBe(2);
    expect(nearBounds(keys, 64)?.isSorted).toBe(true);
  });

  it('leave out what lies far from all others', () => {
    const where = { rows: 1000, before: 0, after: 0 };
    const few = [-1, 2 ** 40, -(2 ** 60)];
    const keys = shuffled(997).flatMap((k) => (k % 9 === 0 ? [20_000 + k, few[k % 3] ?? 0] : [20_000 + k]));
    expect(nearBounds(seen([big(keys)], where), 1000)).toMatchObject({ lows: [20_000 - 124], places: 1245 });
    const signed = keys.filter((k) => Math.abs(k) < 2 ** 31);
    expect(nearBounds(seen([Int32Array.from(signed)], where), 1000)).toMatchObject({ lows: [20_000 - 124] });
    const two = steps(1000, (k) => (k % 2) * 1e9 + k);
    expect(nearBounds(seen([big(two)], where), 1000)).toBe(null);
  });

  it('are none where keys are far from each other, or too large for a number', () => {
    const far = seen([big(shuffled(1009).map((k) => k * 1000))]);
    expect(nearBounds(far, 1000)).toBe(null);
    expect(nearBounds(far, (1009 * 1250) / cost.PLACES_AN_ENTRY)).not.toBe(null);
    const where = { rows: 2, before: 0, after: 0 };
    expect(seenKeys([BigInt64Array.of(1n << 60n, 1n << 61n)], 2, where)).toBe(null);
    expect(seenKeys([BigInt64Array.of(-(1n << 63n), -(1n << 53n))], 2, where)).toBe(null);
    expect(seenKeys([BigUint64Array.of((1n << 64n) - 2n, (1n << 64n) - 1n)], 2, where)).toBe(null);
    expect(seenKeys([new Int32Array(0)], 0, where)).toBe(null);
    expect(seenKeys([BigInt64Array.of(-(1n << 51n), 1n << 51n)], 2, where)?.leaves[0]?.all).toEqual({
      low: -(2 ** 51),
      high: 2 ** 51,
    });
  });
});

const both = new Both();
const session = new Session({ threads: 2 });
afterAll(async () => {
  await both.dispose();
  await session.dispose();
});

const isNear = (choice: string): boolean => choice.includes('places by key');

/** Counts and sums by key, and what look-ups find of others. */
const textFor = (kinds: readonly ScalarKind[]): string => {
  const key = kinds.length === 1 ? kinds.join() : `{${kinds.join(',')}}`;
  const columns = (name: string): string => kinds.map((_, k) => `${name}${k}`).join(', ');
  const rows = (name: string): string => (kinds.length === 1 ? `${name}0` : `zip(${columns(name)})`);
  const params = ['x', 'y'].flatMap((name) => kinds.map((kind, k) => `${name}${k}: vec[${kind}]`));
  return `|${params.join(', ')}|
    let d = result(for(${rows('x')}, dictmerger[${key},{i64,i64},+], |b, i, e| merge(b, {e, {1L, i}})));
    {tovec(d), map(${rows('y')}, |k| keyexists(d, k)), map(${rows('y')}, |k| optlookup(d, k).$1.$1)}`;
};

type Keys = readonly (readonly ScalarValue[])[];

const N = 3 * cost.FIRST_ENTRIES;
const longs = (keys: readonly number[]): Keys => [keys.map(BigInt)];
const order = shuffled(N - 1);
/** Columns of keys, more than a first table has room for, and whether they have places in the end. */
const CASES: readonly [name: string, kinds: readonly ScalarKind[], keys: Keys, near: boolean][] = [
  ['sorted i64', ['i64'], longs(steps(N, (k) => 5 * k - 700)), true],
  ['i64 sorted down', ['i64'], longs(steps(N, (k) => 10 - k)), true],
  ['i64 in no order', ['i64'], longs(order.map((k) => k + 2 ** 40)), true],
  ['i64 with many strangers', ['i64'], longs(steps(N, (k) => (k % 2 === 1 ? k * 1e9 : k))), false],
  ['i64 with strangers at the end', ['i64'], longs(steps(N, (k) => (k > N - 99 ? k * 1e9 : k))), true],
  ['i64 at both ends', ['i64'], [steps(N, (k) => k).map((k) => BigInt.asIntN(64, 2n ** 63n - 20n + BigInt(k)))], false],
  ['i32 around 0', ['i32'], [order.map((k) => k - 1500)], true],
  ['u32 around 2^31', ['u32'], [steps(N, (k) => 2 ** 31 - 900 + k)], true],
  ['u64', ['u64'], longs(steps(N, (k) => 3 * k)), true],
  ['u64 of the largest', ['u64'], [steps(N, (k) => k).map((k) => 2n ** 64n - 1n - BigInt(k))], false],
  ['i16', ['i16'], [order.map((k) => k - 1000)], true],
  ['three leaves', ['i32', 'bool', 'i8'], [order, order.map((k) => k % 3 === 0), order.map((k) => (k % 2) - 1)], true],
  ['f64', ['f64'], [steps(N, (k) => k / 2)], false],
];

describe('dictionaries', () => {
  it.each(CASES)('of %s', async (_name, kinds, keys, near) => {
    const program = parseProgram(textFor(kinds));
    const rows = keys[0]?.length ?? 0;
    const asked = keys.map((column, leaf) =>
      steps(300, (k) => k).map((k) => beside(column[(k * 131) % rows], k, leaf)),
    );
    const args = [...keys, ...asked];
    await both.agrees(program, args);
    const types = paramTypes(program);
    const values = args.map((a, k) => toColumns(types[k] ?? I64, a, plainMemory));
    session.release(await session.evaluate(program, values));
    const choices = session.lastRun?.launches[0]?.choices.map((c) => c.choice) ?? [];
    expect(choices.some(isNear)).toBe(near);
  });

  it(
    'of random keys, with any number of threads',
    async () => {
      const sessions = [1, 2, 7].map((threads) => new Session({ threads }));
      let [tried, near] = [0, 0];
      await fc.assert(
        fc.asyncProperty(arbNearKeys(), async ({ text, args }) => {
          const program = parseProgram(text);
          const want = interpret(program, args);
          const types = paramTypes(program);
          const values = args.map((a, k) => toColumns(types[k] ?? I64, a, plainMemory));
          tried++;
          for (const s of sessions) {
            const value = await s.evaluate(program, values);
            const found = compareValues(resultType(program), want, fromColumns(resultType(program), value), EXACT);
            s.release(value);
            expect(found, `${s.threads} threads`).toBe(null);
            if (s.threads === 7 && s.lastRun?.launches.some((l) => l.choices.some((c) => isNear(c.choice)))) near++;
          }
        }),
        runs(20_261_123, 0.06),
      );
      await Promise.all(sessions.map((s) => s.dispose()));
      expect(near / tried).toBeGreaterThan(0.25);
    },
    DEEP_TIMEOUT,
  );

  it('are hashed with the switch off', async () => {
    const program = parseProgram(textFor(['i64']));
    const values = [steps(N, (k) => k), steps(9, (k) => k)].map((v) => toColumns(vec(I64), v.map(BigInt), plainMemory));
    for (const disable of [[], ['near-keys']]) {
      session.release(await session.evaluate(program, values, { disable }));
      expect(session.lastRun?.launches[0]?.choices.some((c) => isNear(c.choice)) ?? false).toBe(disable.length === 0);
    }
  });
});

/** A key for every third question, else one that is a little or far beside it. */
function beside(key: ScalarValue | undefined, k: number, leaf: number): ScalarValue {
  if (key === undefined || typeof key === 'boolean' || k % 3 === 0 || leaf > 0) return key ?? 0;
  return typeof key === 'bigint' ? BigInt.asIntN(62, key + BigInt(k * k * k)) & (2n ** 62n - 1n) : key + (k % 3);
}
