/**
 * Implementations side by side: every one computes a workload's answer in a process of its own, on the same data. The
 * answers are compared with the plain JavaScript loop's before anything is timed; then all take turns.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeInputs } from '../peers/columns.ts';
import { type Implementation, type Missing, PeerError, type Run } from '../peers/implementation.ts';
import { FAST, OURS } from '../peers/ours.ts';
import { commandOf } from '../peers/peers.ts';
import { type Command, startProcess } from '../peers/process.ts';
import { mad, median } from '../stats.ts';
import { WrongAnswer } from '../suite.ts';
import { timesByTurns } from '../turns.ts';
import { difference, type Leaf, type Near } from '../workloads/near.ts';
import { instanceOf, type Workload } from '../workloads/workload.ts';

/** An implementation and the threads it may use. */
export interface Contender {
  readonly name: string;
  readonly threads: number;
}

/** Each of them on so many threads; one where it knows no more. */
export const onThreads = (names: readonly string[], threads: number): readonly Contender[] =>
  names.map((name) => ({ name, threads: ONE_THREAD.has(name) ? 1 : threads }));

/** The loops of JavaScript, NumPy, pandas and Numba have one thread, however many they are given. */
const ONE_THREAD: ReadonlySet<string> = new Set(['js', 'numpy', 'pandas', 'numba']);

export interface CompareOptions {
  readonly suite: string;
  /** In the order of the rows. */
  readonly implementations: readonly Contender[];
  readonly rows: number;
  readonly runs: number;
  readonly onProgress: (text: string) => void;
  /** Starts a child; tests give another way. */
  readonly start?: (command: Command, folder: string) => Promise<Implementation>;
}

/** One implementation of one workload, as it stands in the JSON. */
export interface Row {
  readonly suite: string;
  readonly workload: string;
  readonly impl: string;
  readonly version: string;
  readonly threads: number;
  readonly n: number;
  readonly median_ms: number;
  readonly min_ms: number;
  /** Median absolute deviation, ms. */
  readonly spread: number;
  /** The median of what the processors worked, all threads together. */
  readonly cpu_ms: number;
  readonly runs: number;
  /** Null where there is no such step. */
  readonly compile_ms: number | null;
  /** The most memory of the whole process, MiB. */
  readonly peak_mb: number;
  /** The most that it held before it had its columns, and its columns and its answer; null where nobody can tell. */
  readonly base_mb: number | null;
  readonly data_mb: number | null;
  /** The answer was compared with the JavaScript loop's. */
  readonly checked: boolean;
}

export interface Comparison {
  readonly workload: Workload;
  readonly rows: readonly Row[];
  readonly missing: readonly Missing[];
}

const WARMUP = 2;
/** Other libraries add in other orders and use other formulas: nine digits are the same answer. */
const PEER_NEAR: Near = { relative: 1e-9 };

export async function compare(w: Workload, o: CompareOptions): Promise<Comparison> {
  const folder = mkdtempSync(join(tmpdir(), 'weld-bench-'));
  const missing: Missing[] = [];
  const running: Running[] = [];
  try {
    o.onProgress(`${w.name}: making data`);
    const instance = instanceOf(w, o.rows);
    writeInputs(folder, instance.inputs);
    const want = instance.js();
    for (const { name, threads } of o.implementations) {
      const command = commandOf(name, w, o.rows, threads, folder);
      if (command === null) continue;
      if ('reason' in command) {
        missing.push(command);
        continue;
      }
      o.onProgress(`${w.name}: starting ${name}`);
      const started = await startOrMissing(command, folder, o.start ?? startProcess);
      if ('reason' in started) missing.push(started);
      else running.push({ ...started, threads });
    }
    for (const impl of running) {
      o.onProgress(`${w.name}: checking the answer of ${impl.name}`);
      await impl.run();
      requireSame(w, impl.name, await impl.answer(), want, instance.near);
    }
    const runs = running.map((): Run[] => []);
    const variants = running.map(({ name, run }, k) => ({
      name,
      run: async () => {
        const result = await run();
        runs[k]?.push(result);
        return result.ms;
      },
    }));
    await timesByTurns(variants, {
      rounds: o.runs,
      warmup: WARMUP,
      onRound: (round, of) => o.onProgress(`${w.name}: round ${round} of ${of}`),
    });
    const rows: Row[] = [];
    for (const [k, impl] of running.entries()) rows.push(await rowOf(w, impl, (runs[k] ?? []).slice(WARMUP), o));
    return { workload: w, rows, missing };
  } finally {
    await Promise.all(running.map((impl) => impl.close()));
    rmSync(folder, { recursive: true });
  }
}

interface Running extends Implementation {
  readonly threads: number;
}

/** A library that cannot run the workload here is missing; ours has no such excuse. */
async function startOrMissing(
  command: Command,
  folder: string,
  start: (command: Command, folder: string) => Promise<Implementation>,
): Promise<Implementation | Missing> {
  try {
    return await start(command, folder);
  } catch (e) {
    if (!(e instanceof PeerError) || isOurs(command.name)) throw e;
    return { name: command.name, reason: e.message };
  }
}

const isOurs = (name: string): boolean => OURS.some((o) => o === name);

function requireSame(
  w: Workload,
  name: string,
  got: readonly Leaf[],
  want: readonly Leaf[],
  near: readonly Near[],
): void {
  const rows = (leaves: readonly Leaf[]): readonly Leaf[] => (w.unordered === true ? byFirst(leaves) : leaves);
  const strict = isOurs(name) && name !== FAST;
  const found = difference(rows(got), rows(want), strict ? near : near.map(looser));
  if (found !== null) throw new WrongAnswer(`${w.name}, ${name}, gives another answer than JavaScript: ${found}`);
}
const looser = (n: Near): Near => (n !== 'exact' && 'absolute' in n ? { absolute: 16 * n.absolute } : PEER_NEAR);

/** The rows in the order of the first column. */
function byFirst(leaves: readonly Leaf[]): readonly Leaf[] {
  const [keys = []] = leaves;
  const order = Array.from(keys, (_, i) => i).sort((a, b) => Number(keys[a]) - Number(keys[b]));
  return leaves.map((leaf) => order.map((i) => leaf[i] as number | bigint));
}

async function rowOf(w: Workload, impl: Running, runs: readonly Run[], o: CompareOptions): Promise<Row> {
  const times = runs.map((r) => r.ms);
  const { peakMb, baseMb, dataMb } = await impl.memory();
  return {
    suite: o.suite,
    workload: w.name,
    impl: impl.name,
    version: impl.version,
    threads: impl.threads,
    n: o.rows,
    median_ms: median(times),
    min_ms: Math.min(...times),
    spread: mad(times),
    cpu_ms: median(runs.map((r) => r.cpuMs)),
    runs: runs.length,
    compile_ms: impl.compileMs,
    peak_mb: peakMb,
    base_mb: baseMb,
    data_mb: dataMb,
    checked: true,
  };
}
