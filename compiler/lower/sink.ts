/**
 * A builder as the lowering of a loop body sees it: something that takes merges. One file of `builders/` makes the
 * sinks of one builder type, chooses the strategy from facts and describes the partial state as a Plan output.
 */

import type { Type } from '../core/types.ts';
import type { Output } from '../sir/plan.ts';
import type { KVal } from './values.ts';

export interface Sink {
  /** The builder's type, for messages. */
  readonly ty: Type;
  /** Emits the merge of `value` at the current place. */
  merge(value: KVal): void;
  /** What the plan does with the partial states, or null for a builder local to one iteration. */
  readonly output: Output | null;
  /** The value of a builder local to one iteration. */
  readonly result: (() => KVal) | null;
}
