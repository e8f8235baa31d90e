/**
 * Who watches the time: told when a step begins and when it ends, so that the compiler can say what it is doing without a
 * clock of its own. Steps nest. The runtime keeps them for a trace (`session.profile()`); with nobody watching a step costs
 * a comparison.
 */

/** What is worth knowing of a step, as JSON. */
export type Notes = Readonly<Record<string, unknown>>;

export interface Spans {
  /** A step begins, inside the one that began last and has not ended. `kind` groups steps: `pass`, `launch`, ... */
  begin(kind: string, name: string): void;
  /** The step that began last ends. */
  end(notes?: Notes): void;
}

const FAILED: Notes = { failed: true };

/** Does a step; its notes are made of what it gave. */
export function span<T>(to: Spans | null, kind: string, name: string, run: () => T, notes?: (made: T) => Notes): T {
  if (to === null) return run();
  let about = FAILED;
  to.begin(kind, name);
  try {
    const made = run();
    about = notes?.(made) ?? {};
    return made;
  } finally {
    to.end(about);
  }
}

/** Does a step that may take turns of the event loop; with nobody watching it is just that step. */
export function spanAsync<T>(
  to: Spans | null,
  kind: string,
  name: string,
  run: () => T | Promise<T>,
  notes?: (made: T) => Notes,
): T | Promise<T> {
  return to === null ? run() : watched(to, kind, name, run, notes);
}

async function watched<T>(
  to: Spans,
  kind: string,
  name: string,
  run: () => T | Promise<T>,
  notes?: (made: T) => Notes,
): Promise<T> {
  let about = FAILED;
  to.begin(kind, name);
  try {
    const made = await run();
    about = notes?.(made) ?? {};
    return made;
  } finally {
    to.end(about);
  }
}
