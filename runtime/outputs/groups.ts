/**
 * How many groups a dictionary will have, from what its first rows left: the size of its tables is a guess that costs a
 * second run when it is too small, and memory and cache when it is too large.
 *
 * The model: each merge takes one of D keys, all equally likely. After m merges there are D (1 - x) of them, x = e^(-m/D),
 * and after twice as many D (1 - x^2). So two counts give x and D without knowing m, which a filter may have made smaller
 * than the number of rows. Keys that are not equally likely come later, in growing numbers: then the table grows as it
 * would have without a guess, only from a better start.
 */

/** Entries after the first rows, and after twice as many rows. */
export interface GroupCounts {
  readonly first: number;
  readonly second: number;
}

/** Groups after `times` as many rows as the first count saw. */
export function expectedGroups({ first, second }: GroupCounts, times: number): number {
  if (first === 0) return 0;
  const missed = second / first - 1;
  // Every row had a key of its own.
  if (missed >= 1) return first * times;
  return Math.ceil((first / (1 - missed)) * (1 - Math.max(missed, 0) ** times));
}
