import { describe, expect, it } from 'vitest';
import { Learning } from './tuning.ts';

/** The candidates that so many pieces of work got, on a clock by which a piece takes what `times` says. */
async function candidates(times: (candidate: number, trial: number) => number, pieces: number): Promise<number[]> {
  let now = 0;
  const learning = new Learning(() => now);
  const got: number[] = [];
  for (let piece = 0; piece < pieces; piece++) {
    await learning.run('sum', 3, 100, async (candidate) => {
      got.push(candidate);
      now += times(candidate, piece);
    });
  }
  return [...new Set(got), learning.best('sum', 3)];
}

describe('Learning', () => {
  it('tries each candidate and stays with the fastest', async () => {
    expect(await candidates((candidate) => [5, 9, 3][candidate] ?? 0, 20)).toEqual([0, 1, 2, 2]);
    expect(await candidates((candidate) => [5, 3, 9][candidate] ?? 0, 20)).toEqual([0, 1, 2, 1]);
  });
  it('has the first one until it knows, and where another is hardly faster', async () => {
    expect(await candidates((candidate) => [5, 3, 9][candidate] ?? 0, 5)).toEqual([0, 1, 0]);
    expect(await candidates((candidate) => [5, 4.8, 9][candidate] ?? 0, 20)).toEqual([0, 1, 2, 0]);
  });
  it('counts the best time of a candidate, since the first ones are of code that is not compiled well', async () => {
    const slowFirst = (candidate: number, piece: number): number =>
      piece % 3 === 2 ? ([5, 3, 9][candidate] ?? 0) : 50;
    expect(await candidates(slowFirst, 20)).toEqual([0, 1, 2, 1]);
  });
  it('learns of each name, and gives what the work gives', async () => {
    let now = 0;
    const learning = new Learning(() => now++);
    expect(await learning.run('a', 2, 1, async (candidate) => `by ${candidate}`)).toBe('by 0');
    expect(learning.best('b', 1)).toBe(0);
  });
});
