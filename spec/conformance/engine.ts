/**
 * What a case needs of the machine that runs it: compile a program once, run it several times, and take values in and
 * out. `V` is a value as the machine keeps it, so that what one step of a session gives (it may be an unfinished
 * builder) is passed on as it is.
 */

import type { IValue } from '../../compiler/core/ivalue.ts';
import type { Program, Type } from '../../compiler/index.ts';

/** `off` runs a program as it was read. */
export type Optimizer = 'off' | 'default';

export interface Settings {
  readonly optimizer: Optimizer;
  /** A case's request; null where it has none. */
  readonly threads: number | null;
  /** Arguments do not count. */
  readonly memoryLimitBytes: number | null;
}

/** A compiled program. */
export interface Ready<V> {
  run(args: readonly V[]): Promise<V>;
  /** Gives back what was made for this program alone. */
  close(): Promise<void>;
}

export interface Engine<V> {
  readonly target: 'interp' | 'wasm';
  prepare(p: Program, settings: Settings): Promise<Ready<V>>;
  give(t: Type, v: IValue): V;
  take(t: Type, v: V): IValue;
  dispose(): Promise<void>;
}
