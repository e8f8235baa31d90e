/**
 * A plan in which every loop that has a form with partitioned rows has only that one, whatever the number of its keys: so
 * that tests with few rows reach it. The plan must have been made ahead.
 */

import type { Plan, PlanBlock, Step } from '../sir/plan.ts';

/** The plan, and how many of its loops have the form. */
export function partitionedPlan(plan: Plan): { readonly plan: Plan; readonly loops: number } {
  let loops = 0;
  const block = (b: PlanBlock): PlanBlock => ({ ...b, steps: b.steps.map(step) });
  const step = (s: Step): Step => {
    if (s.step === 'branch') return { ...s, then: block(s.then), else: block(s.else) };
    if (s.step === 'iterate') return { ...s, body: block(s.body) };
    if (s.step !== 'launch' || s.launch.partitioned === undefined) return s;
    loops++;
    return { ...s, launch: s.launch.partitioned };
  };
  return { plan: { ...plan, body: block(plan.body) }, loops };
}
