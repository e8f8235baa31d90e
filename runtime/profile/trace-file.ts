/**
 * WELD_DEBUG=2: what all sessions of the process do, written to one file when the process ends. Nothing is written by a
 * process that a signal kills; `session.profile()` writes when it is told to.
 */

import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Profile, textOf, traceOf } from './profile.ts';
import type { Recorder } from './recorder.ts';

/** The profiles of each file that will be written. */
const files = new Map<string, Profile[]>();

/** Records from now on, for this file; `atExit` runs something when the process ends. */
export function traceTo(
  file: string,
  recorder: Recorder,
  atExit: (run: () => void) => void = (run) => process.once('exit', run),
): void {
  const path = resolve(file);
  const profiles = files.get(path);
  const made = new Profile(recorder);
  if (profiles !== undefined) {
    profiles.push(made);
    return;
  }
  const all = [made];
  files.set(path, all);
  atExit(() => {
    try {
      writeFileSync(path, textOf(traceOf(all.map((p) => p.end()))));
      console.error(`weld: the trace is in ${path}; chrome://tracing and ui.perfetto.dev show it`);
    } catch (e) {
      console.error(`weld: cannot write the trace to ${path}: ${e instanceof Error ? e.message : String(e)}`);
    }
  });
}
