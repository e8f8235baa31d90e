/** `RESULTS.md`: a section a file of figures, each with where and how it was measured, a plot and a table. */

import type { Row } from '../suites/compare.ts';
import { fixed, markdownTable } from '../suites/format.ts';
import { groupsOf, type Results } from './results.ts';

export function pageOf(results: readonly Results[], targets: string): string {
  const intro = [
    '# Results',
    '',
    'Made by `npm run bench:report` from `bench/results/*.json`; [README.md](README.md) tells how each suite measures.',
    'Times are medians in milliseconds, and in brackets multiples of ours on the same row: above 1 ours is faster.',
    '',
    '## Targets',
    '',
    'What `bench/targets.ts` asks of our code; of several runs by one version of Node.js the worst counts.',
    '',
    targets,
  ];
  return [...intro, ...results.map(sectionOf)].join('\n');
}

function sectionOf(r: Results): string {
  const impls = [...new Set(r.rows.map(nameOf))];
  const rows = [...groupsOf(r).values()].map((group) => {
    const ours = group.find((row) => row.impl === 'weld');
    const cell = (impl: string): string => {
      const row = group.find((g) => nameOf(g) === impl);
      if (row === undefined) return '';
      const ratio = ours === undefined || row === ours ? '' : ` (${fixed(row.median_ms / ours.median_ms, 2)})`;
      return `${fixed(row.median_ms, 2)}${ratio}`;
    };
    const [first] = group;
    return [first?.workload ?? '', fixed(first?.n ?? 0, 0), ...impls.map(cell)];
  });
  return [
    `## ${r.name}`,
    '',
    `${conditionsOf(r)}.`,
    '',
    `![${r.name}](plots/${r.name}.svg)`,
    '',
    markdownTable(['workload', '>rows', ...impls.map((i) => `>${i}`)], rows),
    ...missingOf(r),
  ].join('\n');
}

/** Threads are told where one implementation comes with several numbers of them. */
function nameOf(row: Row): string {
  return row.threads === 1 ? row.impl : `${row.impl}, ${row.threads} threads`;
}

function conditionsOf(r: Results): string {
  const versions = new Map(r.rows.map((row) => [row.impl, row.version]));
  const list = [...versions].map(([impl, version]) => `${impl} ${version}`).join(', ');
  const { cpu, cores } = r.machine;
  const runs = Math.max(...r.rows.map((row) => row.runs));
  return `Suite \`${r.suite}\`, ${runs} rounds in turn; ${cpu}, ${cores} cores; ${list}; commit ${r.commit?.slice(0, 10) ?? 'unknown'}`;
}

function missingOf(r: Results): readonly string[] {
  const reasons = new Map<string, string[]>();
  for (const m of r.missing) reasons.set(m.reason, [...(reasons.get(m.reason) ?? []), `${m.name} (${m.workload})`]);
  return [...reasons].map(([reason, who]) => `Missing, ${reason}: ${who.join(', ')}.\n`);
}
