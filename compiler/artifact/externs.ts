/** Which primitives and externs a plan calls by name. */

import type { Block } from '../core/op.ts';
import { forEachLet } from '../core/walk.ts';
import type { PlanBlock } from '../sir/plan.ts';

/** Their names, sorted, each once. */
export function externsOf(block: PlanBlock): readonly string[] {
  return [...new Set(calls(block))].sort();
}

function callsIn(block: Block): readonly string[] {
  const names: string[] = [];
  forEachLet(block, ({ op }) => {
    if (op.kind === 'cudf') names.push(op.name);
  });
  return names;
}

function calls(block: PlanBlock): readonly string[] {
  return block.steps.flatMap((s) => {
    if (s.step === 'prim') return [s.name];
    if (s.step === 'interpret') return callsIn(s.program.body);
    if (s.step === 'iterate') return calls(s.body);
    return s.step === 'branch' ? [...calls(s.then), ...calls(s.else)] : [];
  });
}
