import { describe, expect, it } from 'vitest';
import { Learning } from './tuning.ts';

/** The candidates that pieces of work got one after the other, on a clock by which a piece takes what `time` says. */
async function turns(time: (candidate: number, piece: number) => number, pieces: number, count = 3): Promise<string> {
  let now = 0;
  const learning = new Learning(() => now);
  const got: number[] = [];
  for (let piece = 0; piece < pieces; piece++) {
    await learning.run('sum', count, 100, async (candidate) => {
      got.push(candidate);
      now += time(candidate, piece);
    });
  }
  return `${got.join('')} best ${learning.best('sum', count)}`;
}
const taking =
  (...times: readonly number[]) =>
  (candidate: number): number =>
    times[candidate] ?? 0;

describe('Learning', () => {
  it('tries all in turn, and stays with one that is faster twice', async () => {
    expect(await turns(taking(5, 9, 3), 12)).toBe('012012022222 best 2');
    expect(await turns(taking(5, 3, 4), 12)).toBe('012012012111 best 1');
  });
  it('stays with the first one where no other is clearly faster', async () => {
    expect(await turns(taking(5, 9, 6), 9)).toBe('012012000 best 0');
    expect(await turns(taking(5, 4.8, 4.9), 9)).toBe('012012000 best 0');
  });
  it('does not count the first round, in which code is not compiled well', async () => {
    expect(await turns((candidate, piece) => (piece < 2 ? [90, 1] : [5, 9])[candidate] ?? 0, 6, 2)).toBe(
      '010100 best 0',
    );
  });
  it('is not misled by a machine that is slow for a while', async () => {
    const slow = (candidate: number, piece: number): number => (piece < 4 ? 10 : 1) * (candidate === 0 ? 5 : 6);
    expect(await turns(slow, 7, 2)).toBe('0101000 best 0');
    // Slow for the first one only: it wins the next round.
    const unlucky = (candidate: number, piece: number): number => (piece === 2 ? 10 : 1) * (candidate === 0 ? 5 : 6);
    expect(await turns(unlucky, 9, 2)).toBe('010101000 best 0');
  });
  it('has the first one until it knows, and counts one of pieces that run at the same time', async () => {
    const learning = new Learning(() => 0);
    const both = await Promise.all([1, 2].map(() => learning.run('a', 2, 1, async (candidate) => `by ${candidate}`)));
    expect(both).toEqual(['by 0', 'by 0']);
    expect(await learning.run('a', 2, 1, async (candidate) => `by ${candidate}`)).toBe('by 1');
    expect([learning.best('a', 2), learning.best('b', 1)]).toEqual([0, 0]);
  });
});
