/**
 * Most dictionaries of many keys are only taken apart (`tovec`), so nobody looks for a key in them: then the table of slots
 * is not made. It is needed by look-ups, in kernels and on the host, and wherever the dictionary goes on as a value: out of
 * the program or of a block, into a struct, a vector, another builder or an extern.
 */

import type { Kernel } from '../sir/kernel.ts';
import type { HostAtom, HostReg, Launch, PlanBlock, Step } from '../sir/plan.ts';
import { reads } from './free.ts';

/** The block without slots that nobody needs, and the kernels without those that would make them. */
export function withoutIdleSlots(
  block: PlanBlock,
  kernels: readonly Kernel[],
): { readonly body: PlanBlock; readonly kernels: readonly Kernel[] } {
  const asked = new Set(askedIn(block));
  const idle = new Set<Kernel>();
  const ofLaunch = (l: Launch): Launch => {
    const outputs = l.outputs.map((o) => {
      if (o.out !== 'partitioned' || o.kernels.index === null || asked.has(o.dst)) return o;
      idle.add(o.kernels.index);
      return { ...o, kernels: { ...o.kernels, index: null } };
    });
    return { ...l, outputs };
  };
  const ofBlock = (b: PlanBlock): PlanBlock => ({ ...b, steps: b.steps.map(ofStep) });
  const ofStep = (s: Step): Step => {
    if (s.step === 'branch') return { ...s, then: ofBlock(s.then), else: ofBlock(s.else) };
    if (s.step === 'iterate') return { ...s, body: ofBlock(s.body) };
    if (s.step !== 'launch' || s.launch.partitioned === undefined) return s;
    return { ...s, launch: { ...s.launch, partitioned: ofLaunch(s.launch.partitioned) } };
  };
  const body = ofBlock(block);
  return { body, kernels: kernels.filter((k) => !idle.has(k)) };
}

/** The registers that a block looks for keys in or hands on. */
function askedIn({ steps, result }: PlanBlock): readonly HostReg[] {
  return [...regsOf([result]), ...steps.flatMap(askedBy)];
}

function askedBy(s: Step): readonly HostReg[] {
  switch (s.step) {
    case 'tovec':
    case 'free':
      return [];
    case 'launch':
      return askedByLaunch(s.launch);
    case 'branch':
      return [...askedIn(s.then), ...askedIn(s.else)];
    case 'iterate':
      return [...regsOf([s.init]), ...askedIn(s.body)];
    default:
      return reads(s);
  }
}

function askedByLaunch(l: Launch): readonly HostReg[] {
  const slots = l.bufs.flatMap((b) => (b.bind === 'slots' ? [b.dict] : []));
  const places = l.scalars.flatMap((s) => (s.bind === 'slotmask' ? [s.dict] : s.bind === 'place' ? [s.of] : []));
  const starts = l.outputs.flatMap((o) => (o.init === null ? [] : [o.init]));
  const own = regsOf([...slots, ...places, ...starts]);
  return l.partitioned === undefined ? own : [...own, ...askedByLaunch(l.partitioned)];
}

const regsOf = (atoms: readonly HostAtom[]): readonly HostReg[] => atoms.flatMap((a) => ('reg' in a ? [a.reg] : []));
