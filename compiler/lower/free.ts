/**
 * Memory: after the step that reads a register last, a `free` step says that its memory may be reused. The runtime
 * counts references, so registers that share memory (a struct and its fields, a slice and its vector) may each be
 * freed on their own. A register made in a branch is freed in that branch; that of its result behind the branch, when
 * the branch's own register holds the value.
 */

import type { BufBinding, HostAtom, HostReg, Launch, PlanBlock, ScalarBinding, Step } from '../sir/plan.ts';

export function addFrees(block: PlanBlock): PlanBlock {
  const last = new Map<HostReg, number>();
  const made = new Set<HostReg>();
  for (const [k, s] of block.steps.entries()) {
    for (const r of writes(s)) {
      made.add(r);
      last.set(r, k);
    }
    for (const r of reads(s)) last.set(r, k);
    if (s.step === 'branch') for (const r of madeResults(s)) made.add(r);
  }
  if ('reg' in block.result) last.delete(block.result.reg);
  const dying = new Map<number, HostReg[]>();
  for (const [r, k] of last) {
    if (made.has(r)) dying.set(k, [...(dying.get(k) ?? []), r]);
  }
  const steps: Step[] = [];
  for (const [k, s] of block.steps.entries()) {
    steps.push(s.step === 'branch' ? { ...s, then: addFrees(s.then), else: addFrees(s.else) } : s);
    const regs = dying.get(k);
    if (regs !== undefined) steps.push({ step: 'free', regs });
  }
  return { steps, result: block.result };
}

/** The results of a branch's sides that the sides make themselves. */
function madeResults(s: Extract<Step, { readonly step: 'branch' }>): readonly HostReg[] {
  return [s.then, s.else].flatMap(({ result, steps }) => {
    const own = 'reg' in result && steps.some((inner) => writes(inner).includes(result.reg));
    return own ? [result.reg] : [];
  });
}

function writes(s: Step): readonly HostReg[] {
  if (s.step === 'launch') return s.launch.outputs.map((o) => o.dst);
  return s.step === 'free' ? [] : [s.dst];
}

function reads(s: Step): readonly HostReg[] {
  const regs: HostReg[] = [];
  const see = (...atoms: readonly (HostAtom | null)[]): void => {
    for (const a of atoms) if (a !== null && 'reg' in a) regs.push(a.reg);
  };
  switch (s.step) {
    case 'bin':
      see(s.a, s.b);
      break;
    case 'un':
    case 'cast':
      see(s.a);
      break;
    case 'select':
      see(s.cond, s.a, s.b);
      break;
    case 'struct':
      see(...s.fields);
      break;
    case 'field':
    case 'len':
    case 'tovec':
      see(s.of);
      break;
    case 'vec':
      see(...s.items);
      break;
    case 'lookup':
      see(s.of, s.index);
      break;
    case 'keyexists':
      see(s.of, s.key);
      break;
    case 'slice':
      see(s.of, s.start, s.size);
      break;
    case 'branch':
      see(s.cond, s.then.result, s.else.result);
      for (const inner of [...s.then.steps, ...s.else.steps]) regs.push(...reads(inner));
      break;
    case 'prim':
      see(...s.args);
      break;
    case 'launch':
      see(...launchReads(s.launch));
      break;
    case 'free':
      break;
    default:
      s satisfies never;
  }
  return regs;
}

function launchReads(l: Launch): readonly (HostAtom | null)[] {
  const space = l.space.of === 'zip' ? l.space.vecs : [...l.space.vecs, l.space.start, l.space.end, l.space.stride];
  const outputs = l.outputs.map((o) =>
    o.out === 'reduce' || o.out === 'table' ? o.init : o.out === 'dict' ? o.size : null,
  );
  return [...space, ...l.bufs.map(bufReads), ...l.scalars.map(scalarReads), ...outputs];
}

function bufReads(b: BufBinding): HostAtom | null {
  switch (b.bind) {
    case 'column':
      return b.vec;
    case 'slots':
    case 'entry':
      return b.dict;
    case 'output':
    case 'scratch':
      return null;
    default:
      return b satisfies never;
  }
}

function scalarReads(b: ScalarBinding): HostAtom | null {
  switch (b.bind) {
    case 'scalar':
      return b.value;
    case 'length':
      return b.vec;
    case 'slotmask':
      return b.dict;
    case 'capacity':
    case 'outmask':
    case 'tablelength':
      return null;
    default:
      return b satisfies never;
  }
}
