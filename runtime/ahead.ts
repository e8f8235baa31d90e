/**
 * Second forms of loops that were not compiled with the plan, because few programs need them: the session compiles the plan
 * with them when a launch asks. Both plans have the same steps and registers, so a launch of the one is found in the other
 * by the registers that it fills.
 */

import type { Launch, Plan, PlanBlock } from '../compiler/index.ts';
import type { DeviceProgram } from './device.ts';

/** A plan with the second forms of its loops, and its code. */
export interface Ahead {
  readonly plan: Plan;
  readonly program: DeviceProgram;
}

/** The launch in `block` that fills the registers of `l`. */
export function launchLike(l: Launch, block: PlanBlock): Launch | undefined {
  for (const s of block.steps) {
    const inner = s.step === 'branch' ? [s.then, s.else] : s.step === 'iterate' ? [s.body] : [];
    for (const b of inner) {
      const found = launchLike(l, b);
      if (found !== undefined) return found;
    }
    if (s.step === 'launch' && s.launch.outputs[0]?.dst === l.outputs[0]?.dst) return s.launch;
  }
  return undefined;
}
