/**
 * The suite `stream`: aggregates more data than memory holds. Rows of three columns (a key, a whole amount, a price) are made
 * in batches as they are asked for, and grouped by key; what a plain JavaScript loop counted while it made them must come
 * out. It says how long making and aggregating took, and the most memory that the process ever held.
 */

import { F64, I64, type Value } from '../../compiler/index.ts';
import { parseProgram } from '../../compiler/text.ts';
import { type Batch, init } from '../../runtime/index.ts';
import { commit, machine } from '../machine.ts';
import { type Suite, WrongAnswer } from '../suite.ts';
import { fixed } from './format.ts';

const KEYS = 1000;
const BATCH_ROWS = 64 * 16384;
const ROW_BYTES = 24;
const DEFAULT_GB = 1;

const PROGRAM = `|key: vec[i64], amount: vec[f64], price: vec[f64]|
  tovec(result(for(zip(key, amount, price), dictmerger[i64,{i64,f64,f64},+],
    |b, i, e| merge(b, {e.$0, {1L, e.$1, if(e.$2 > 500.0, e.$2, 0.0)}}))))`;

export const streamSuite: Suite = {
  name: 'stream',
  about: 'group --gb N of rows (default 1) that come in batches: time, and the most memory held',
  workloads: [],
  async run({ gb, threads }, io) {
    const rows = Math.ceil(((gb ?? DEFAULT_GB) * 1e9) / ROW_BYTES);
    const source = new Rows();
    const session = await init({ threads });
    try {
      const began = performance.now();
      const value = await session.stream(parseProgram(PROGRAM), [null, null, null], source.batches(rows));
      const ms = performance.now() - began;
      check(value, source.totals);
      const figures = { rows, bytes: rows * ROW_BYTES, ms, makingMs: source.ms, peakBytes: peakBytes() };
      const rate = (figures.bytes / 1e6 / (ms - source.ms)).toFixed(2);
      io.out(`${fixed(rows, 0)} rows, ${fixed(figures.bytes / 1e9, 1)} GB, ${threads} threads\n`);
      io.out(
        `made in ${fixed(source.ms / 1e3, 1)} s, aggregated in ${fixed((ms - source.ms) / 1e3, 1)} s: ${rate} GB/s\n`,
      );
      io.out(`most memory held by the process: ${fixed(figures.peakBytes / 2 ** 20, 0)} MiB\n`);
      return { suite: 'stream', machine: machine(), commit: commit(), threads, ...figures };
    } finally {
      await session.dispose();
    }
  },
};

const peakBytes = (): number => process.resourceUsage().maxRSS * 1024;

/** Makes rows, and keeps what their groups add up to. The same arrays are filled again for every batch. */
class Rows {
  /** Three numbers a key: rows, amounts, prices above 500. All are whole, so any order gives the same. */
  readonly totals = new Float64Array(3 * KEYS);
  ms = 0;

  *batches(rows: number): Generator<Batch> {
    const columns = [
      new BigInt64Array(BATCH_ROWS),
      new Float64Array(BATCH_ROWS),
      new Float64Array(BATCH_ROWS),
    ] as const;
    let state = 1;
    for (let at = 0; at < rows; at += BATCH_ROWS) {
      const began = performance.now();
      const length = Math.min(BATCH_ROWS, rows - at);
      state = this.#fill(columns, length, state);
      const [key, amount, price] = columns;
      this.ms += performance.now() - began;
      yield [
        { kind: 'vec', elem: I64, length, cols: [key] },
        { kind: 'vec', elem: F64, length, cols: [amount] },
        { kind: 'vec', elem: F64, length, cols: [price] },
      ];
    }
  }

  #fill(
    [key, amount, price]: readonly [BigInt64Array, Float64Array, Float64Array],
    length: number,
    seed: number,
  ): number {
    // Keys are written as two 32-bit words: a bigint a row would take longer than all else.
    const words = new Int32Array(key.buffer);
    let state = seed;
    for (let k = 0; k < length; k++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      const [group, a, p] = [(state >>> 8) % KEYS, (state >>> 4) & 63, (state >>> 12) & 1023];
      words[2 * k] = group;
      amount[k] = a;
      price[k] = p;
      const at = 3 * group;
      this.totals[at] = (this.totals[at] ?? 0) + 1;
      this.totals[at + 1] = (this.totals[at + 1] ?? 0) + a;
      if (p > 500) this.totals[at + 2] = (this.totals[at + 2] ?? 0) + p;
    }
    return state;
  }
}

function check(value: Value, totals: Float64Array): void {
  if (typeof value !== 'object' || value.kind !== 'vec') throw new WrongAnswer('stream: the answer is no vector');
  const [keys, counts, amounts, prices] = value.cols;
  for (let row = 0; row < value.length; row++) {
    const at = 3 * Number(keys?.[row]);
    const found = [counts, amounts, prices].map((c) => Number(c?.[row]));
    if (found.some((n, k) => n !== totals[at + k])) throw new WrongAnswer(`stream: wrong sums of key ${at / 3}`);
  }
  const groups = totals.filter((n, k) => k % 3 === 0 && n > 0).length;
  if (value.length !== groups) throw new WrongAnswer(`stream: ${value.length} groups, expected ${groups}`);
}
