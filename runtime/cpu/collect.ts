/**
 * Asks the engine for a full garbage collection and lets its finalizers run, so that columns which nobody holds any
 * more give their memory back. JavaScript collects when its own heap fills, and knows nothing of ours: without this a
 * program that makes large results in a loop would run out of memory that is all garbage.
 */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = () => void;
let collect: Collect | null = null;

/** The engine's own `gc`, which Node hides behind a flag that may be set while running. */
function engineCollect(): Collect {
  if (collect === null) {
    setFlagsFromString('--expose-gc');
    const found: unknown = runInNewContext('gc');
    collect = isCollect(found) ? found : () => {};
  }
  return collect;
}
const isCollect = (f: unknown): f is Collect => typeof f === 'function';

/** Collects garbage and resolves after the finalizers of what was found have run. */
export async function collectGarbage(): Promise<void> {
  // A collection that was under way already keeps what it had marked; a second one takes that too.
  for (let round = 0; round < 2; round++) {
    engineCollect()();
    // Finalizers are tasks of their own, queued after the collection.
    for (let turns = 0; turns < 3; turns++) await new Promise((resume) => setImmediate(resume));
  }
}
