/**
 * A builder as the lowering of a loop body sees it: something that takes merges. One file of `builders/` makes the
 * sinks of one builder type, chooses the strategy from facts and describes the partial state as a Plan output.
 */

import type { BuilderType } from '../core/types.ts';
import type { Get } from '../sir/build.ts';
import type { SExpr } from '../sir/kernel.ts';
import type { Output } from '../sir/plan.ts';
import type { KVal } from './values.ts';

export interface Sink {
  /** The builder's type. */
  readonly ty: BuilderType;
  /** Emits the merge of `value` at the current place. */
  merge(value: KVal): void;
  /** What the plan does with the partial states; none for a builder local to one iteration. */
  readonly outputs: readonly Output[];
  /** For a builder local to one iteration. */
  readonly local: LocalState | null;
  /** Does the builder hold on to memory that a merge makes, or that a merged value refers to? */
  readonly keepsMemory: boolean;
}

export interface LocalState {
  /** The variables that the builder consists of: another builder of the type becomes this one by assigning them. */
  readonly vars: readonly Get[];
  /** The value; the builder is not used afterwards. */
  result(): KVal;
  /** Makes room for `rows` (i32) more merges at once. */
  reserve?(rows: SExpr): void;
}
