/**
 * A value whose memory goes back at the end of a block:
 *
 *     using sorted = session.own(await session.evaluate(program, args));
 *     use(sorted.value);
 *
 * Values themselves are plain data, and go back when the garbage collector finds them.
 */

import { fail, type Value } from '../compiler/index.ts';
import { DISPOSE } from './dispose.ts';

export class Owned {
  readonly #release: (value: Value) => void;
  #value: Value | null;

  constructor(value: Value, release: (value: Value) => void) {
    this.#value = value;
    this.#release = release;
  }

  /** The value. W8009 after `dispose`. */
  get value(): Value {
    return (
      this.#value ?? fail('W8009', 'a value that was disposed is used again', { help: 'dispose it after its last use' })
    );
  }

  /** Gives its memory back; a second time does nothing. Neither it nor a slice of it made outside programs may be used. */
  dispose(): void {
    const value = this.#value;
    this.#value = null;
    if (value !== null) this.#release(value);
  }
  [DISPOSE](): void {
    this.dispose();
  }
}
