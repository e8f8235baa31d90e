/**
 * Dictionaries of many keys: the session's own choice on long loops, in rounds, on several threads, with tables that turn
 * out too small; and, with the choice forced, random programs with few rows.
 */

import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { compile } from '../../compiler/compile.ts';
import { EXACT } from '../../compiler/core/compare.ts';
import {
  cost,
  F64,
  fromColumns,
  I64,
  interpret,
  type Program,
  paramTypes,
  plainMemory,
  printProgram,
  resultType,
  type TypedArray,
  toColumns,
  type Value,
} from '../../compiler/index.ts';
import { arbProgram, freshPrims } from '../../compiler/testing/arb-program.ts';
import { outcomeOfRun } from '../../compiler/testing/both.ts';
import { compareOutcomes, outcomeOf } from '../../compiler/testing/differential.ts';
import { partitionedPlan } from '../../compiler/testing/partitioned.ts';
import { DEEP_TIMEOUT, runs } from '../../compiler/testing/runs.ts';
import { parseProgram } from '../../compiler/text.ts';
import { CpuDevice } from '../cpu/device.ts';
import { execute } from '../execute.ts';
import { Session } from '../session.ts';
import { asVec, columnsOf, fieldOf } from '../value.ts';

/** Three parts, the last one short. */
const N = 2 * cost.PARTITIONED_PART_ROWS + 12_345;
const KEYS = 200_000;

/** With room for all scattered rows, and with room for those of one part, which makes every part a round. */
const sessions = [{ threads: 3 }, { threads: 2, memoryLimitBytes: 72 * 1024 * 1024 }].map((o) => new Session(o));
afterAll(() => Promise.all(sessions.map((s) => s.dispose())));

const column = (data: TypedArray): Value => ({
  kind: 'vec',
  elem: data instanceof BigInt64Array ? I64 : F64,
  length: data.length,
  cols: [data],
});
const mixed = (i: number): number => Math.imul(i, 0x9e3779b1) >>> 0;
const keysOf = (key: (i: number) => number): BigInt64Array =>
  BigInt64Array.from({ length: N }, (_, i) => BigInt(key(i)) * 1_000_003n);
const addends = Float64Array.from({ length: N }, (_, i) => (mixed(i + 7) & 0xffff) / 7);

/** Keys in order of first insertion, and their sums, each in input order. */
function summed(keys: BigInt64Array): readonly [BigInt64Array, Float64Array] {
  const sums = new Map<bigint, number>();
  for (let i = 0; i < N; i++) {
    const [key = 0n, x = 0] = [keys[i], addends[i]];
    const sum = sums.get(key);
    sums.set(key, sum === undefined ? x : sum + x);
  }
  return [BigInt64Array.from(sums.keys()), Float64Array.from(sums.values())];
}

/** Where the columns of a vector are not as expected: a diff of long columns would take minutes. */
function differences(v: Value, want: readonly ArrayLike<number | bigint>[]): readonly string[] {
  const { cols, length } = asVec(v);
  return want.flatMap((column, k) => {
    if (column.length !== length) return [`column ${k}: ${length} rows, not ${column.length}`];
    const found = cols[k] ?? [];
    for (let row = 0; row < length; row++) {
      if (!Object.is(column[row], found[row])) return [`column ${k}, row ${row}: ${found[row]}, not ${column[row]}`];
    }
    return [];
  });
}

/** Evaluates a program with each session; gives the launch of its first loop. */
async function everywhere(p: Program, args: readonly Value[], check: (v: Value) => void) {
  const launches = [];
  for (const session of sessions) {
    const before = session.heap.used;
    const value = await session.evaluate(p, args);
    launches.push(session.lastRun?.launches[0]);
    check(value);
    session.release(value);
    for (const a of args) session.release(a);
    expect(session.heap.used).toBeLessThanOrEqual(before);
  }
  return launches;
}

describe('many keys', () => {
  const sums = parseProgram(`|k: vec[i64], x: vec[f64]|
    tovec(result(for(zip(k, x), dictmerger[i64,f64,+], |b, i, e| merge(b, e))))`);

  it.each<[name: string, key: (i: number) => number, tries: number]>([
    ['two rows have one', (i) => i % (N >> 1), 1],
    ['half of the rows have one', (i) => (i % 2 === 0 ? -1 : mixed(i) % KEYS), 1],
    ['few at first', (i) => (i < N / 2 ? i % 50 : mixed(i) % KEYS), 3],
  ])('%s', async (_, key, tries) => {
    const keys = keysOf(key);
    const want = summed(keys);
    const args = [column(keys), column(addends)];
    for (const launch of await everywhere(sums, args, (v) => expect(differences(v, want)).toEqual([]))) {
      expect(launch).toMatchObject({ kernel: 'loop0_partitioned', rows: N, runs: tries });
    }
  });

  it('that fall in one partition: the loop runs as it is after two tries', async () => {
    // The hash is a product by an odd number, folded: its inverse gives keys whose hashes count from 0.
    let inverse = 1n;
    for (let k = 0; k < 6; k++) inverse = BigInt.asUintN(64, inverse * (2n - 0x9e3779b97f4a7c15n * inverse));
    const keys = BigInt64Array.from({ length: N }, (_, i) => BigInt.asIntN(64, BigInt(i % KEYS) * inverse));
    const [session] = sessions;
    const value = await session?.evaluate(sums, [column(keys), column(addends)]);
    expect(differences(value ?? 0, summed(keys))).toEqual([]);
    expect(session?.lastRun?.launches).toMatchObject([{ kernel: 'loop0', runs: 3 }]);
  });

  it('beside other outputs of the loop, under a filter, of a struct of several kinds', async () => {
    const p = parseProgram(`|k: vec[i64], x: vec[f64]|
      let r = for(zip(k, x), {dictmerger[{i64,bool},{f32,i64},min], merger[f64,+], appender[i64]}, |b, i, e|
        if(e.$1 > 100.0,
          {merge(b.$0, {{e.$0, e.$1 > 5000.0}, {f32(e.$1), i}}), merge(b.$1, e.$1), merge(b.$2, e.$0)},
          b));
      {tovec(result(r.$0)), result(r.$1), result(r.$2)}`);
    const keys = keysOf((i) => mixed(i) % KEYS);
    const [least, rest] = [new Map<number, [bigint, boolean, number, bigint]>(), [] as bigint[]];
    for (let i = 0; i < N; i++) {
      const [key = 0n, x = 0] = [keys[i], addends[i]];
      if (!(x > 100)) continue;
      rest.push(key);
      const [high, small] = [x > 5000, Math.fround(x)];
      const pair = 2 * Number(key) + Number(high);
      const known = least.get(pair);
      if (known === undefined) least.set(pair, [key, high, small, BigInt(i)]);
      else known[2] = Math.min(known[2], small);
    }
    const entries = [...least.values()];
    const want = [0, 1, 2, 3].map((k) => entries.map((e) => (k === 1 ? Number(e[1]) : (e[k] as number | bigint))));
    const totals: unknown[] = [];
    const launches = await everywhere(p, [column(keys), column(addends)], (v) => {
      expect(differences(fieldOf(v, 0), want)).toEqual([]);
      totals.push(fieldOf(v, 1));
      expect(differences(fieldOf(v, 2), [rest])).toEqual([]);
    });
    expect(launches.map((l) => l?.kernel)).toEqual(['loop0_partitioned', 'loop0_partitioned']);
    expect(totals[1]).toBe(totals[0]);
  });

  it('that are looked up afterwards, and groups of them', async () => {
    const p = parseProgram(`|k: vec[i64], x: vec[f64]|
      let d = result(for(k, dictmerger[i64,i64,+], |b, i, e| merge(b, {e, 1L})));
      let g = result(for(k, groupmerger[i64,i64], |b, i, e| merge(b, {e, i})));
      {result(for(k, merger[i64,+], |b, i, e| merge(b, lookup(d, e)))), len(lookup(g, 1000003L)), keyexists(d, -5L)}`);
    const keys = keysOf((i) => mixed(i) % KEYS);
    const counts = new Map<bigint, bigint>();
    for (const key of keys) counts.set(key, (counts.get(key) ?? 0n) + 1n);
    const squares = [...counts.values()].reduce((sum, n) => sum + n * n, 0n);
    const [session] = sessions;
    const value = await session?.evaluate(p, [column(keys), column(addends)]);
    expect(value).toEqual({ kind: 'struct', fields: [squares, counts.get(1_000_003n), false] });
    const ran = session?.lastRun?.launches.map((l) => l.kernel);
    expect(ran?.some((name) => name.endsWith('_partitioned'))).toBe(true);
  });

  it('a row that fails is told, and nothing is left', async () => {
    const p = parseProgram(`|k: vec[i64]|
      tovec(result(for(k, dictmerger[i64,i64,+], |b, i, e| merge(b, {e, 7L / e}))))`);
    const keys = keysOf((i) => (i === N - 9 || i === 300_000 ? 0 : 1 + (mixed(i) % KEYS)));
    for (const session of sessions) {
      const before = session.heap.used;
      const args = [column(keys)];
      await expect(session.evaluate(p, args)).rejects.toThrow('in row 300000 of the loop');
      for (const a of args) session.release(a);
      expect(session.heap.used).toBeLessThanOrEqual(before);
    }
  });
});

describe('whatever the number of keys', () => {
  const devices = [1, 3].map((threads) => new CpuDevice({ threads }));
  afterAll(() => Promise.all(devices.map((d) => d.dispose())));

  it('random programs end as the interpreter says', { timeout: DEEP_TIMEOUT }, async () => {
    let reached = 0;
    await fc.assert(
      fc.asyncProperty(
        arbProgram({ floatSums: false, errors: true, nearMisses: true }),
        async ({ program: p, args }) => {
          if (!/dictmerger|groupmerger/.test(printProgram(p))) return;
          const compiled = await compile(p, { ahead: true, check: true });
          const { plan, loops } = partitionedPlan(compiled.plan);
          if (loops === 0) return;
          reached++;
          const want = outcomeOf(() => interpret(p, args, { fuel: 50_000_000, prims: freshPrims().prims }));
          const types = paramTypes(p);
          const columns = args.map((a, k) => toColumns(types[k] ?? I64, a, plainMemory));
          for (const device of devices) {
            const program = await device.prepare(compiled.wasm.bytes);
            const got = await outcomeOfRun(async () => {
              const { prims } = freshPrims();
              const value = await execute(plan, columns, { device, program, prims, threads: 3 });
              const rows = fromColumns(resultType(p), value);
              for (const c of columnsOf(value)) device.heap.free(c);
              return rows;
            });
            // Of several errors any may come first, and one in a value that nobody needs may be dropped by a pass.
            if (!('error' in want)) expect(compareOutcomes(resultType(p), want, got, EXACT)).toBeNull();
            device.unload(program);
          }
        },
      ),
      runs(4711, 0.1),
    );
    expect(reached).toBeGreaterThan(4);
  });
});
