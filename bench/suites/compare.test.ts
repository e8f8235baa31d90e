/** Implementations side by side: rows, missing ones, wrong answers. The children's work is done in this process. */

import { describe, expect, it } from 'vitest';
import type { Implementation } from '../peers/implementation.ts';
import { PeerError } from '../peers/implementation.ts';
import { load, OURS } from '../peers/ours.ts';
import { PEERS } from '../peers/peers.ts';
import type { Command } from '../peers/process.ts';
import { WrongAnswer } from '../suite.ts';
import { mapReduce } from '../workloads/map-reduce.ts';
import { type CompareOptions, compare, onThreads } from './compare.ts';
import { comparisonText } from './compare-report.ts';

const ROWS = 500;

/** Our own, in this process. */
async function here({ name }: Command, folder: string): Promise<Implementation> {
  const impl = OURS.find((o) => o === name);
  if (impl === undefined) throw new PeerError(`${name} is not installed`);
  const { answer, memory, run, ...loaded } = await load(mapReduce, impl, { folder, rows: ROWS, threads: 1 });
  const memoryNow = async () => {
    const { base_mb = null, data_mb = null } = memory();
    return { peakMb: 1, baseMb: base_mb, dataMb: data_mb };
  };
  const timed = async () => ({ ms: await run(), cpuMs: 1 });
  return { name, ...loaded, run: timed, answer: async () => answer(), memory: memoryNow };
}
const options: CompareOptions = {
  suite: 'weld',
  implementations: onThreads(OURS, 1),
  rows: ROWS,
  runs: 3,
  onProgress: () => {},
  start: here,
};

describe('compare', () => {
  it('gives a row for each implementation, checked', async () => {
    const { rows, missing } = await compare(mapReduce, options);
    expect(missing).toEqual([]);
    expect(rows.map((r) => r.impl)).toEqual(OURS);
    for (const row of rows) {
      expect(row).toMatchObject({ suite: 'weld', workload: 'map_reduce', threads: 1, n: ROWS, runs: 3, checked: true });
      expect(row.cpu_ms).toBe(1);
      expect(row.min_ms).toBeLessThanOrEqual(row.median_ms);
    }
    expect(rows.map((r) => r.compile_ms === null)).toEqual([true, false, false, false]);
  });

  it('tells which peers are missing', async () => {
    const result = await compare(mapReduce, {
      ...options,
      implementations: onThreads(['js', ...PEERS], 2),
    });
    expect(result.rows.map((r) => r.impl)).toEqual(['js']);
    // Without pandas, Polars and DuckDB, for which 32 bits do not wrap.
    expect(result.missing.map((m) => m.name)).toEqual(['numpy', 'numba']);
    expect(comparisonText(result)).toContain('numba: missing, n');
  });

  it('times nothing when an answer is wrong', async () => {
    const start = async (c: Command, folder: string): Promise<Implementation> => ({
      ...(await here(c, folder)),
      answer: async () => [[1], [2], [3]],
    });
    const run = compare(mapReduce, { ...options, implementations: onThreads(['weld'], 1), start });
    await expect(run).rejects.toThrow(WrongAnswer);
    await expect(run).rejects.toThrow('map_reduce, weld, gives another answer than JavaScript: column 0: row 0 is 1');
  });

  it('does not call ours missing when it fails', async () => {
    const start = async (): Promise<Implementation> => {
      throw new PeerError('weld ended without an answer');
    };
    await expect(compare(mapReduce, { ...options, start })).rejects.toThrow('weld ended without an answer');
  });
});
