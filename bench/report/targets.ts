/** The targets held against measurements: what each version of Node.js reached, and whether that is enough. */

import type { Row } from '../suites/compare.ts';
import { fixed, markdownTable } from '../suites/format.ts';
import type { Asked, Target } from '../targets.ts';
import { groupsOf, type Results } from './results.ts';

/** A table with a row a target and a column a version of Node.js. */
export function targetsTable(targets: readonly Target[], results: readonly Results[]): string {
  const versions = [...new Set(results.map((r) => r.machine.node))].sort();
  const rows = targets.map((t) => {
    const cells = versions.map((version) => {
      const of = results.filter((r) => r.machine.node === version);
      return cellOf(t.asked, measured(t, of));
    });
    return [t.workload, t.rows === undefined ? 'any' : fixed(t.rows, 0), ...wordsOf(t.asked), ...cells];
  });
  return markdownTable(['workload', '>rows', 'what', '>asked', ...versions.map((v) => `Node ${v}`)], rows);
}

function wordsOf(asked: Asked): readonly [what: string, ratio: string] {
  if ('least' in asked) return ['speed of 2 threads, of 1', `>= ${fixed(asked.least, 2)}`];
  const threads = 'threads' in asked ? ', both on 2 threads' : '';
  const what = asked.of === 'data' ? 'memory, of columns and answer' : `time, of ${asked.of}${threads}`;
  return [what, `<= ${fixed(asked.most, 2)}`];
}

function cellOf(asked: Asked, ratio: number | null): string {
  if (ratio === null) return 'not measured';
  return `${fixed(ratio, 2)} ${isMet(asked, ratio) ? 'met' : 'not met'}`;
}
const isMet = (asked: Asked, ratio: number): boolean => ('least' in asked ? ratio >= asked.least : ratio <= asked.most);

/** The worst ratio of the runs that have both figures; null without one. */
export function measured({ workload, rows, asked }: Target, results: readonly Results[]): number | null {
  const groups = results
    .flatMap((r) => [...groupsOf(r).values()])
    .filter(([first]) => first?.workload === workload)
    .flatMap((group): readonly { readonly n: number; readonly ratio: number }[] => {
      const ratio = ratioOf(asked, group);
      return ratio === null ? [] : [{ n: group[0]?.n ?? 0, ratio }];
    });
  const size = rows ?? Math.max(...groups.map(({ n }) => n));
  const ratios = groups.filter(({ n }) => n === size).map(({ ratio }) => ratio);
  if (ratios.length === 0) return null;
  return 'least' in asked ? Math.min(...ratios) : Math.max(...ratios);
}

/** Within one workload, size and run. */
function ratioOf(asked: Asked, group: readonly Row[]): number | null {
  const find = (impl: string, threads: number): Row | undefined =>
    group.find((row) => row.impl === impl && row.threads === threads);
  const threads = 'threads' in asked && asked.threads !== undefined ? asked.threads : 1;
  const ours = find('weld', threads);
  if (ours === undefined) return null;
  if (asked.of === 'data') {
    const { peak_mb, base_mb, data_mb } = ours;
    return base_mb === null || data_mb === null ? null : (peak_mb - base_mb) / data_mb;
  }
  const other = 'least' in asked ? find('weld', 2) : find(asked.of, threads);
  if (other === undefined) return null;
  return ours.median_ms / other.median_ms;
}
