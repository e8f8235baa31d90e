/**
 * "Did you mean": the candidate nearest to a word that nothing is called by.
 *
 * Distance is the number of single-character insertions, deletions, substitutions and swaps of neighbours (optimal
 * string alignment), taken without regard to case. A candidate farther than a third of the longer word is no help
 * to anyone and is not suggested, nor is one that shares no character. Ties go to the candidate that stands first, so that messages are reproducible.
 */

/** The candidate most like `word`, or null when none is near enough. */
export function suggest(word: string, candidates: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    if (candidate === word) continue;
    const longer = Math.max(word.length, candidate.length);
    const allowed = Math.min(Math.max(1, Math.floor(longer / 3)), longer - 1);
    if (Math.abs(word.length - candidate.length) > allowed) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance <= allowed && distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** The usual help line: `did you mean 'x'?`, else the names there are (the first twelve), else null. */
export function didYouMean(word: string, candidates: readonly string[]): string | null {
  const near = suggest(word, candidates);
  if (near !== null) return `did you mean '${near}'?`;
  if (candidates.length === 0) return null;
  const shown = candidates.slice(0, 12).map((name) => `'${name}'`);
  const rest = candidates.length - shown.length;
  return `there is ${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

/** Optimal string alignment distance of two words. */
export function editDistance(a: string, b: string): number {
  // Three rolling rows: a swap looks two rows back.
  let older = new Array<number>(b.length + 1).fill(0);
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(at(previous, j) + 1, at(current, j - 1) + 1, at(previous, j - 1) + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) cost = Math.min(cost, at(older, j - 2) + 1);
      current.push(cost);
    }
    older = previous;
    previous = current;
  }
  return at(previous, b.length);
}

const at = (row: readonly number[], j: number): number => row[j] ?? 0;
