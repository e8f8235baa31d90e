/** The figures of a suite's run, read back from its JSON. */

import type { Machine } from '../machine.ts';
import type { Row } from '../suites/compare.ts';

export interface Results {
  /** Of the file, without its ending. */
  readonly name: string;
  readonly suite: string;
  readonly machine: Machine;
  readonly commit: string | null;
  readonly rows: readonly Row[];
  readonly missing: readonly { readonly workload: string; readonly name: string; readonly reason: string }[];
}

const NEEDED = ['suite', 'machine', 'rows', 'missing'] as const;

/** Throws for a file that no suite of rows has written. */
export function readResults(file: string, text: string): Results {
  const data = JSON.parse(text) as Partial<Results>;
  for (const key of NEEDED) {
    if (data[key] === undefined)
      throw new Error(`${file} has no ${key}: it is not the --json of weld, micro or scaling`);
  }
  return { ...(data as Results), name: file.replace(/\.json$/, '') };
}

/** The rows of each workload and size, in the order of the file. */
export function groupsOf(r: Results): ReadonlyMap<string, readonly Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of r.rows) {
    const key = `${row.workload} ${row.n}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return groups;
}
