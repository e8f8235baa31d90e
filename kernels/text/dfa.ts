/**
 * Deterministic automata over bytes, in the form that kernels run: bytes that no state tells apart are one class,
 * and a state is the place of its row in the table.
 */

export interface Dfa {
  /** The class of each byte. */
  readonly classes: Uint8Array;
  /** Columns of the table. */
  readonly width: number;
  /** next[state + class], states being multiples of the width. */
  readonly next: Int32Array;
  readonly start: number;
}
