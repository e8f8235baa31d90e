/** A selection of cases on one target, and the tallies that a report shows. */

import { SCALAR_KINDS } from '../../compiler/index.ts';
import type { Case } from './cases.ts';
import { type Deviation, deviationOf } from './deviations.ts';
import type { Engine } from './engine.ts';
import { interpEngine } from './engine-interp.ts';
import { wasmEngine } from './engine-wasm.ts';
import type { Outcome } from './outcome.ts';
import { runCase } from './run-case.ts';

export type TargetName = 'interp' | 'wasm';

export type Verdict =
  | Outcome
  /** Decided differently on purpose; `agrees` when the case passes all the same. */
  | { readonly outcome: 'deviation'; readonly reason: string; readonly agrees: boolean };

export interface Result {
  readonly case: Case;
  readonly verdict: Verdict;
}

export interface SuiteOptions {
  readonly target: TargetName;
  /** For generated code; null: what a case asks for, else 1. */
  readonly threads: number | null;
  readonly deviations: readonly Deviation[];
}

/** Runs cases one after the other. */
export async function runSuite(cases: readonly Case[], options: SuiteOptions): Promise<readonly Result[]> {
  return options.target === 'interp'
    ? runOn(interpEngine(), cases, options.deviations)
    : runOn(wasmEngine(options.threads), cases, options.deviations);
}

async function runOn<V>(
  engine: Engine<V>,
  cases: readonly Case[],
  deviations: readonly Deviation[],
): Promise<readonly Result[]> {
  const results: Result[] = [];
  try {
    for (const c of cases)
      results.push({ case: c, verdict: verdictOf(await runCase(c, engine), deviationOf(c, deviations)) });
  } finally {
    await engine.dispose();
  }
  return results;
}

/** A fault is a failure whatever was decided about the case. */
function verdictOf(o: Outcome, deviation: Deviation | null): Verdict {
  if (deviation === null || (o.outcome === 'failed' && o.fault)) return o;
  return { outcome: 'deviation', reason: deviation.reason, agrees: o.outcome === 'passed' };
}

export interface Counts {
  passed: number;
  failed: number;
  deviation: number;
  unsupported: number;
}
const none = (): Counts => ({ passed: 0, failed: 0, deviation: 0, unsupported: 0 });

/** How many cases came to what. */
export function countsOf(results: readonly Result[]): Readonly<Counts> {
  const counts = none();
  for (const { verdict } of results) counts[verdict.outcome]++;
  return counts;
}

/** The counts of each tag, tags in alphabetical order. */
export function countsByTag(results: readonly Result[]): ReadonlyMap<string, Readonly<Counts>> {
  const tags = [...new Set(results.flatMap((r) => r.case.tags))].sort();
  return new Map(tags.map((tag) => [tag, countsOf(results.filter((r) => r.case.tags.includes(tag)))]));
}

/** Which scalars a type is made of does not make another construct. */
const SCALAR = new RegExp(`\\b(${SCALAR_KINDS.join('|')})\\b`, 'g');

/** The constructs that the target does not support with the names of their cases, the most frequent first. */
export function unsupportedBy(results: readonly Result[]): readonly (readonly [string, readonly string[]])[] {
  const groups = new Map<string, string[]>();
  for (const { case: c, verdict } of results) {
    if (verdict.outcome !== 'unsupported') continue;
    const construct = verdict.construct.replace(SCALAR, 'T');
    groups.set(construct, [...(groups.get(construct) ?? []), c.name]);
  }
  return [...groups].sort(([, a], [, b]) => b.length - a.length);
}
