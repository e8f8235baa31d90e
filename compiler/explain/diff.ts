/**
 * The difference of two texts by lines: the longest common subsequence, found the plain way between the lines that
 * both have at their ends. Where what is left would take too long, all of it counts as changed.
 */

/** What stands at one place: a line of both texts, or lines of one or the other that stand beside each other. */
export type DiffRow =
  | { readonly kind: 'same'; readonly line: string }
  | { readonly kind: 'changed'; readonly before: string | null; readonly after: string | null };

/** Lines times lines that are compared. */
const MOST_CELLS = 4_000_000;

/** Both texts side by side. Lines that went stand beside lines that came, the first beside the first. */
export function diffRows(before: string, after: string): readonly DiffRow[] {
  const rows: DiffRow[] = [];
  const [went, came]: [string[], string[]] = [[], []];
  const flush = (): void => {
    for (let k = 0; k < went.length || k < came.length; k++) {
      rows.push({ kind: 'changed', before: went[k] ?? null, after: came[k] ?? null });
    }
    went.length = 0;
    came.length = 0;
  };
  for (const { mark, line } of marked(before, after)) {
    if (mark === '-') went.push(line);
    else if (mark === '+') came.push(line);
    else {
      flush();
      rows.push({ kind: 'same', line });
    }
  }
  flush();
  return rows;
}

/** Lines that went, with `- `, and lines that came, with `+ `, in order; lines that stay are left out. */
export function lineDiff(before: string, after: string): readonly string[] {
  return marked(before, after).flatMap(({ mark, line }) => (mark === ' ' ? [] : [`${mark} ${line}`]));
}

interface Marked {
  readonly mark: ' ' | '-' | '+';
  readonly line: string;
}

function marked(before: string, after: string): readonly Marked[] {
  const [a, b] = [before.trimEnd().split('\n'), after.trimEnd().split('\n')];
  const least = Math.min(a.length, b.length);
  let head = 0;
  while (head < least && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < least - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  const stays = (lines: readonly string[]): Marked[] => lines.map((line) => ({ mark: ' ', line }));
  return [
    ...stays(a.slice(0, head)),
    ...markedMiddle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...stays(a.slice(a.length - tail)),
  ];
}

function markedMiddle(a: readonly string[], b: readonly string[]): readonly Marked[] {
  const small = a.length * b.length <= MOST_CELLS;
  // common[i][j] is the length of the longest common subsequence of a from i and b from j.
  const common = small ? Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1)) : [];
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    const row = common[i];
    for (let j = b.length - 1; j >= 0 && row !== undefined; j--) {
      row[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: Marked[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [went, came] = [a[i], b[j]];
    if (small && went !== undefined && went === came) {
      lines.push({ mark: ' ', line: went });
      [i, j] = [i + 1, j + 1];
    } else if (went !== undefined && (came === undefined || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ mark: '-', line: went });
      i++;
    } else if (came !== undefined) {
      lines.push({ mark: '+', line: came });
      j++;
    }
  }
  return lines;
}
