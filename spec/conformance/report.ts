/**
 * What the runner prints: each failing case with its differences, the counts of every tag, what is counted apart, and
 * the line `N passed, N failed` at the end. Or all of it as one JSON object.
 */

import { type Counts, countsByTag, countsOf, type Result, type TargetName, unsupportedBy } from './suite.ts';

/** The report as text. */
export function reportText(results: readonly Result[]): string {
  const parts = [failuresText(results), tagsText(results), deviationsText(results), unsupportedText(results)];
  const { passed, failed } = countsOf(results);
  return [...parts.filter((p) => p !== ''), `${passed} passed, ${failed} failed\n`].join('\n');
}

function failuresText(results: readonly Result[]): string {
  const lines = results.flatMap(({ case: c, verdict }) =>
    verdict.outcome === 'failed' ? [`FAILED ${c.name} (${c.kind})`, ...verdict.differences.map((d) => `  ${d}`)] : [],
  );
  return lines.map((l) => `${l}\n`).join('');
}

const COLUMNS = ['passed', 'failed', 'deviation', 'unsupported'] as const satisfies readonly (keyof Counts)[];

function tagsText(results: readonly Result[]): string {
  const tags = [...countsByTag(results)];
  const width = Math.max(3, ...tags.map(([tag]) => tag.length));
  const row = (name: string, cells: readonly string[]): string =>
    `${name.padEnd(width)}${cells.map((c, k) => c.padStart((COLUMNS[k]?.length ?? 0) + 2)).join('')}\n`;
  const rows = tags.map(([tag, counts]) =>
    row(
      tag,
      COLUMNS.map((k) => (counts[k] === 0 ? '.' : String(counts[k]))),
    ),
  );
  return row('tag', COLUMNS) + rows.join('');
}

function deviationsText(results: readonly Result[]): string {
  const found = deviationsOf(results);
  const lines = found.map(
    (d) => `  ${d.name}: ${d.agrees ? 'passes all the same, the entry is out of date' : d.reason}`,
  );
  return [`deviations: ${found.length}`, ...lines].map((l) => `${l}\n`).join('');
}

function unsupportedText(results: readonly Result[]): string {
  const lines = unsupportedBy(results).map(([construct, names]) => `${String(names.length).padStart(5)}  ${construct}`);
  return [`unsupported: ${countsOf(results).unsupported}`, ...lines].map((l) => `${l}\n`).join('');
}

function deviationsOf(results: readonly Result[]) {
  return results.flatMap(({ case: c, verdict }) =>
    verdict.outcome === 'deviation' ? [{ name: c.name, agrees: verdict.agrees, reason: verdict.reason }] : [],
  );
}

/** The report as data. */
export function reportJson(results: readonly Result[], run: { target: TargetName; threads: number | null }): object {
  const { passed, failed, deviation, unsupported } = countsOf(results);
  return {
    ...run,
    passed,
    failed,
    deviations: deviation,
    unsupported,
    tags: Object.fromEntries(countsByTag(results)),
    failures: results.flatMap(({ case: c, verdict }) =>
      verdict.outcome === 'failed' ? [{ name: c.name, kind: c.kind, differences: verdict.differences }] : [],
    ),
    deviating: deviationsOf(results),
    unsupportedConstructs: unsupportedBy(results).map(([construct, cases]) => ({ construct, cases })),
  };
}
