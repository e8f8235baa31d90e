/** What a command of `weldc` is: it is given a program and options, and has an answer as text and as JSON. */

import type { Options, Vars } from './arguments.ts';

export interface Invocation {
  readonly text: string;
  /** The file that the text is from, as messages call it. */
  readonly name: string;
  readonly options: Options;
  readonly env: Vars;
  /** Milliseconds from some origin. */
  readonly now: () => number;
}

/** What a command has to say, in both forms. */
export interface Answer {
  readonly text: string;
  readonly json: object;
  /** The exit status where it is not 0: an answer that says that something is wrong. */
  readonly status?: number;
}

export interface Command {
  /** Whether it is given the text of a file, or the name of a folder. */
  readonly reads: 'text' | 'folder';
  /** The options that it takes besides `--json` and `--help`. */
  readonly options: readonly string[];
  /** It lists all mistakes and closes with their number. */
  readonly counts: boolean;
  readonly run: (x: Invocation) => Promise<Answer>;
}
