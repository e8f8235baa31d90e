/**
 * Options of the optimizer, as plain data. The compiler reads no environment and no clock: whoever calls it (session,
 * command line, test) fills this in, so one program and one set of options always give one result.
 */

import type { Program } from './core/program.ts';
import type { Spans } from './spans.ts';

export interface PassOptions {
  /** Names of passes and rules to skip, e.g. `['fuse-vertical']`. Skipping one never changes a result, only its cost. */
  readonly disable: readonly string[];
  /** Allow rules that hold over the real numbers but not for rounded floats. Off, results are what the program says. */
  readonly fastMath: boolean;
  /** Verify the program after every pass that changed it; a violation names the pass. */
  readonly check: boolean;
  /** Stop after the first run of the pass of this name; null runs all. */
  readonly stopAfter: string | null;
  /**
   * Begin no rewrite after this many; null: no limit. A rewrite is one application of a rule, or a whole run of a pass
   * that changes the program without naming rules. The same number always gives the same program.
   */
  readonly bisect: number | null;
  /** Called with the program after every pass that changed it. */
  readonly onDump: ((pass: string, p: Program) => void) | null;
  /** Milliseconds from some origin, to time passes; null leaves times at 0. */
  readonly now: (() => number) | null;
  /** Is told of every step: loading the compiler, passes, lowering, kernels, writing the code. */
  readonly spans: Spans | null;
}

export const DEFAULT_PASS_OPTIONS: PassOptions = {
  disable: [],
  fastMath: false,
  check: false,
  stopAfter: null,
  bisect: null,
  onDump: null,
  now: null,
  spans: null,
};
