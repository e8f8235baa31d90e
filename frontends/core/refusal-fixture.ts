/** Errors for tests. */

import { WeldError } from '../../runtime/index.ts';

/** The whole text of the error that a call throws. */
export function refusal(f: () => unknown): string {
  try {
    f();
  } catch (e) {
    if (e instanceof WeldError) return e.message;
    throw e;
  }
  throw new Error('nothing was refused');
}
