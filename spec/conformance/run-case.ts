/** One case: what its kind asks for, judged. */

import type { Case } from './cases.ts';
import type { Engine } from './engine.ts';
import { runProgram, runSession } from './kinds/run.ts';
import { runText } from './kinds/text.ts';
import type { Outcome } from './outcome.ts';

/** Runs a case; nothing that goes wrong in it is thrown. */
export function runCase<V>(c: Case, engine: Engine<V>): Promise<Outcome> {
  switch (c.kind) {
    case 'run':
      return runProgram(c, engine);
    case 'session':
      return runSession(c, engine);
    default:
      return runText(c);
  }
}
