/**
 * Memory: after the step that reads a register last, a `free` step says that its memory may be reused. The runtime
 * counts references, so registers that share memory (a struct and its fields, a slice and its vector) may each be
 * freed on their own. A register made in a branch is freed in that branch; that of its result behind the branch, when
 * the branch's own register holds the value. The body of an iteration frees what it made every time; the value that it
 * carries and the last result are freed behind it.
 */

import { amountAtoms } from '../core/amount.ts';
import type {
  BufBinding,
  HostAtom,
  HostReg,
  Launch,
  Output,
  PlanBlock,
  ScalarBinding,
  SpaceIter,
  Step,
} from '../sir/plan.ts';

export function addFrees(block: PlanBlock): PlanBlock {
  const last = new Map<HostReg, number>();
  const made = new Set<HostReg>();
  for (const [k, s] of block.steps.entries()) {
    for (const r of writes(s)) {
      made.add(r);
      last.set(r, k);
    }
    for (const r of reads(s)) last.set(r, k);
    if (s.step === 'branch' || s.step === 'iterate') for (const r of ownResults(s)) made.add(r);
  }
  if ('reg' in block.result) last.delete(block.result.reg);
  const dying = new Map<number, HostReg[]>();
  for (const [r, k] of last) {
    if (made.has(r)) dying.set(k, [...(dying.get(k) ?? []), r]);
  }
  const steps: Step[] = [];
  for (const [k, s] of block.steps.entries()) {
    steps.push(freeInside(s));
    const regs = dying.get(k);
    if (regs !== undefined) steps.push({ step: 'free', regs });
  }
  return { steps, result: block.result };
}

function freeInside(s: Step): Step {
  if (s.step === 'branch') return { ...s, then: addFrees(s.then), else: addFrees(s.else) };
  return s.step === 'iterate' ? { ...s, body: addFrees(s.body) } : s;
}

/** What a step with blocks leaves behind beside its value: results that the blocks make, what an iteration carries. */
function ownResults(s: Extract<Step, { readonly step: 'branch' | 'iterate' }>): readonly HostReg[] {
  const blocks = s.step === 'branch' ? [s.then, s.else] : [s.body];
  const results = blocks.flatMap(({ result, steps }) => {
    const own = 'reg' in result && steps.some((inner) => writes(inner).includes(result.reg));
    return own ? [result.reg] : [];
  });
  return s.step === 'iterate' ? [...results, s.param] : results;
}

function writes(s: Step): readonly HostReg[] {
  if (s.step === 'launch') return s.launch.outputs.map((o) => o.dst);
  return s.step === 'free' ? [] : [s.dst];
}

/** The registers that a step reads. */
export function reads(s: Step): readonly HostReg[] {
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
    case 'serialize':
    case 'deserialize':
      see(s.of);
      break;
    case 'vec':
      see(...s.items);
      break;
    case 'lookup':
      see(s.of, s.index);
      break;
    case 'optlookup':
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
    case 'iterate':
      see(s.init, { reg: s.param }, s.body.result);
      for (const inner of s.body.steps) regs.push(...reads(inner));
      break;
    case 'merge':
      see(s.state, ...s.values);
      break;
    case 'sort':
      see(s.of, s.limit, ...s.by.bufs.map(bufReads), ...s.by.scalars.map(scalarReads));
      break;
    case 'group':
      see(s.counts, s.pairs, s.entries, s.before);
      break;
    case 'assert':
      see(s.cond);
      break;
    case 'prim':
    case 'interpret':
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
  const outputs = l.outputs.flatMap((o) => [o.init, ...sizeReads(o)]);
  const many = l.partitioned === undefined ? [] : launchReads(l.partitioned);
  return [...l.space.flatMap(spaceReads), ...l.bufs.map(bufReads), ...l.scalars.map(scalarReads), ...outputs, ...many];
}

/** What says how much memory an output needs. */
function sizeReads(o: Output): readonly (HostAtom | null)[] {
  if (o.out === 'dict') return [o.size];
  return o.out === 'grow' && o.most !== null ? amountAtoms(o.most) : [];
}

function spaceReads(it: SpaceIter): readonly HostAtom[] {
  if (it.of === 'vec') return [it.vec];
  const bounds = [it.start, it.end, it.stride];
  switch (it.of) {
    case 'range':
      return bounds;
    case 'iter':
      return [it.vec, ...bounds];
    case 'nd':
      return [it.vec, ...bounds, it.shape, it.steps];
    default:
      return it satisfies never;
  }
}

function bufReads(b: BufBinding): HostAtom | null {
  switch (b.bind) {
    case 'column':
      return b.vec;
    case 'slots':
    case 'places':
    case 'entry':
      return b.dict;
    case 'output':
    case 'scratch':
    case 'memory':
    case 'region':
      return null;
    default:
      return b satisfies never;
  }
}

function scalarReads(b: ScalarBinding): HostAtom | null {
  switch (b.bind) {
    case 'scalar':
    case 'bound':
      return b.value;
    case 'length':
      return b.vec;
    case 'slotmask':
    case 'low':
    case 'span':
      return b.dict;
    case 'place':
      return b.of;
    case 'capacity':
    case 'outmask':
    case 'outlow':
    case 'outspan':
    case 'outhashed':
    case 'tablelength':
      return null;
    default:
      return b satisfies never;
  }
}
