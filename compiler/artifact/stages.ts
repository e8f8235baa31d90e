/**
 * What there is to know of a program that was split into stages (`compiler/split.ts`) beside the stages themselves: enough to drive
 * them, and plain data, so that an artifact can say it in its manifest.
 */

/** The stages, each a program of its own. */
export const STAGES = ['init', 'run', 'result', 'empty', 'combine'] as const;
export type StageName = (typeof STAGES)[number];

/**
 * How the stages fit together. `fixed` are the arguments that are not streamed and hold no builder; `kept`, `states` and
 * `late` count the fields of what `init` gives, one behind the other.
 */
export interface StageShape {
  /** Numbers of the parameters that come in batches, rising: a batch has a column for each. */
  readonly streamed: readonly number[];
  /** Numbers of the parameters that `fixed` are. */
  readonly fixed: readonly number[];
  readonly kept: number;
  readonly states: number;
  readonly late: number;
  /** Do the loops read the numbers of their iterations? Then states of parts cannot be combined. */
  readonly readsIndex: boolean;
}

/** What `make` gives for each stage. */
export function eachStage<T>(make: (name: StageName) => T): Readonly<Record<StageName, T>> {
  return {
    init: make('init'),
    run: make('run'),
    result: make('result'),
    empty: make('empty'),
    combine: make('combine'),
  };
}
