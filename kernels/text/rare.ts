/**
 * Which two bytes of a pattern to look for. A search looks at every place for two bytes of the pattern, a fixed distance
 * apart, and compares the rest only where both are there: the rarer they are in text, the seldomer. How rare a byte is, is
 * guessed from the order of frequency in English prose and in data; a wrong guess costs time alone.
 */

/** From the most common on. */
const COMMON = ' etaoinsrhldcumfpgwybv.,k01\n-x2"\'jqz3459867/TSAIMCBPRDHEWNLFOGUJ:;()_VKYXQZ=<>';

/** The rank of each byte: the greater, the rarer. Bytes beyond ASCII are likely where they are used at all, yet tell more
 *  than a lower-case letter. */
const RANK: readonly number[] = Array.from({ length: 256 }, (_, byte) => {
  if (byte >= 0x80) return COMMON.indexOf('x');
  const place = COMMON.indexOf(String.fromCharCode(byte));
  return place < 0 ? COMMON.length : place;
});

/** Places of two bytes of a pattern, the same one twice where it is a single byte: `near` is in front of `far`. */
export interface Probe {
  readonly near: number;
  readonly far: number;
}

/** The rarest byte, and the rarest of the others: of equal ones that which is farther away. */
export function probeOf(pattern: Uint8Array): Probe {
  const rank = (k: number): number => RANK[pattern[k] ?? 0] ?? 0;
  let rarest = 0;
  for (let k = 1; k < pattern.length; k++) if (rank(k) > rank(rarest)) rarest = k;
  const merit = (k: number): number => (pattern[k] === pattern[rarest] ? -1 : rank(k));
  let second = rarest === 0 ? pattern.length - 1 : 0;
  for (let k = 0; k < pattern.length; k++) {
    const [better, same] = [merit(k) > merit(second), merit(k) === merit(second)];
    if (k !== rarest && (better || (same && Math.abs(k - rarest) > Math.abs(second - rarest)))) second = k;
  }
  return { near: Math.min(rarest, second), far: Math.max(rarest, second) };
}
