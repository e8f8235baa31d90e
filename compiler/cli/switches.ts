/** The WELD_* variables that steer the passes, for the commands that run passes without a session. */

import type { Program } from '../core/program.ts';
import type { PassOptions } from '../options.ts';
import type { Vars } from './arguments.ts';

/**
 * What `WELD_DISABLE`, `WELD_STOP_AFTER`, `WELD_BISECT`, `WELD_CHECK` and `WELD_DUMP` ask for when `p` is compiled; W8006 for a value
 * that makes no sense.
 */
export async function passSwitches(p: Program, vars: Vars): Promise<Partial<PassOptions>> {
  const { dumpTo, readEnv } = await import('../../runtime/index.ts');
  const { disable, stopAfter, bisect, check, dump } = readEnv(vars);
  return { disable, stopAfter, bisect, check, onDump: dump === null ? null : dumpTo(dump, p) };
}
