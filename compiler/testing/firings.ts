/**
 * How often passes and their rewrites had something to do in a corpus of programs: a pass that no program needs is not
 * tested, however many there are. Counted in programs, not in rewrites. Of the algebra each line of the table counts by
 * itself, since several share a name.
 */

import type { Program } from '../core/program.ts';
import { DEFAULT_PASS_OPTIONS, type PassOptions } from '../options.ts';
import { fold, foldNoting } from '../passes/fold.ts';
import { type Pass, runPasses, type Step } from '../passes/pass.ts';
import type { Rule } from '../passes/rules/pattern.ts';
import { ALL_RULES } from '../passes/rules/table.ts';
import { ALL_PASSES, PIPELINE } from '../pipeline.ts';

/** What the passes but `fold` say they did. */
const REWRITES: readonly string[] = [
  ...['bin-constant', 'un-constant', 'cast-constant', 'if-same'].map((r) => `fold/${r}`),
  ...['field-of-struct', 'struct-of-fields', 'if-constant', 'if-to-select', 'result-of-appends', 'result-of-fresh'].map(
    (r) => `inline/${r}`,
  ),
  ...['single-iteration', 'gather-results'].map((r) => `inline/${r}`),
  ...['same-value', 'same-loop'].map((r) => `cse/${r}`),
  ...['merge-behind-if', 'same-condition'].map((r) => `merge-ifs/${r}`),
  ...['unused-let', 'unused-component', 'plain-builder'].map((r) => `dce/${r}`),
  'motion/invariant',
  ...['few-rounds', 'result-of-merges'].map((r) => `unroll/${r}`),
  ...['len-of-map', 'len-to-count'].map((r) => `lengths/${r}`),
  'filter-count/len-only',
  ...['iter-of-map', 'slice-of-map'].map((r) => `push-window/${r}`),
  ...['pull-map', 'pull-filter'].map((r) => `fuse-vertical/${r}`),
  'group-reduce/reduced-groups',
  'fuse-horizontal/same-space',
  'pack/pack-columns',
  'fuse-sibling/fuse-sibling',
  ...['same-keys', 'own-entry'].map((r) => `merge-dicts/${r}`),
  ...['copy-map', 'copy-filter'].map((r) => `fuse-copy/${r}`),
  ...['dense-keys', 'coded-keys'].map((r) => `dense-dict/${r}`),
  'project/unread-fields',
  // `cut-primitive` is for primitives of the frontends, which generated programs do not call.
  'top-k/cut-sort',
  'probe-once/one-probe',
  'inline-window/rows-of-map',
  ...['row-from-zero', 'row-and-column'].map((r) => `split-index/${r}`),
  ...['range-is-index', 'lookup-at-index', 'range-of-length'].map((r) => `scan-lookups/${r}`),
];
const lineOf = (r: Rule): string => `${r.name}: ${r.text}`;

/** Everything that is counted: passes, rewrites, and the lines of the algebra. */
export const FIRINGS: readonly string[] = [...ALL_PASSES.map((p) => p.name), ...REWRITES, ...ALL_RULES.map(lineOf)];

export class Firings {
  readonly #programs = new Map<string, number>();
  #total = 0;

  /** The program after all passes, as `optimize` makes it; counted under everything that was done to it. */
  optimize(p: Program, options: Partial<PassOptions>): { readonly program: Program; readonly inexact: boolean } {
    const seen = new Set<string>();
    let inexact = false;
    const noted = foldNoting((rule) => {
      seen.add(lineOf(rule));
      inexact ||= rule.sound === 'fast-math';
    });
    const { program, trace } = runPasses(p, withPass(PIPELINE, noted), { ...DEFAULT_PASS_OPTIONS, ...options });
    for (const { name, changed, fired } of trace) {
      if (changed) seen.add(name);
      for (const rule of Object.keys(fired)) seen.add(`${name}/${rule}`);
    }
    for (const key of seen) this.#programs.set(key, this.of(key) + 1);
    this.#total++;
    return { program, inexact };
  }

  /** How many programs a pass changed, or a rewrite was made in. */
  of(key: string): number {
    return this.#programs.get(key) ?? 0;
  }
  /** What happened in fewer programs than that. */
  rare(least: number): readonly string[] {
    return FIRINGS.filter((key) => this.of(key) < least);
  }
  /** A table of all, the rarest first. */
  report(): string {
    const rows = [...new Set([...FIRINGS, ...this.#programs.keys()])].sort((a, b) => this.of(a) - this.of(b));
    return [`fired in ${this.#total} programs`, ...rows.map((k) => `${String(this.of(k)).padStart(8)} ${k}`)].join(
      '\n',
    );
  }
}

/** The steps with another pass in the place of `fold`. */
const withPass = (steps: readonly Step[], noted: Pass): readonly Step[] =>
  steps.map((s) => ('repeat' in s ? { ...s, repeat: withPass(s.repeat, noted) } : s === fold ? noted : s));
