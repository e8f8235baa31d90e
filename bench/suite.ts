/** What a suite of measurements is. To add one, write it in `suites/` and name it in `suites/index.ts`. */

import type { CommandLine } from './arguments.ts';
import type { Workload } from './workloads/workload.ts';

/** Where a command writes to. */
export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

export interface Suite {
  readonly name: string;
  /** One line for the usage. */
  readonly about: string;
  /** What `--only` chooses from. */
  readonly workloads: readonly Workload[];
  /** Measures, prints the figures and gives them as data for `--json`. Throws WrongAnswer where answers differ. */
  run(line: CommandLine, io: Io): Promise<object>;
}

/** A variant gives another answer than the plain JavaScript loop. */
export class WrongAnswer extends Error {
  override readonly name = 'WrongAnswer';
}
