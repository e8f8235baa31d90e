/**
 * `run` and `session`: programs that are executed, with the optimizer off and with the default passes, and as often
 * as the case says. Every run must give what is expected.
 *
 * A case whose program generated code does not support is `unsupported`, also when that holds for only one of the two
 * forms of the program: then not all of the case was tested.
 */

import { isLinear, type Program, paramTypes, resultType, type Type, typeText } from '../../../compiler/index.ts';
import { parseProgram } from '../../../compiler/text.ts';
import type { RunCase, SessionCase, SessionStep, StepArgument, WantError, WantValue } from '../cases.ts';
import { difference, valueText } from '../compare.ts';
import type { Engine, Optimizer, Settings } from '../engine.ts';
import {
  type Attempt,
  attempt,
  type Failure,
  failed,
  inContext,
  isFailure,
  type Outcome,
  PASSED,
  thrown,
  unsupportedOf,
  wantText,
} from '../outcome.ts';

/** A value as the engine keeps it, with its type. */
interface Held<V> {
  readonly type: Type;
  readonly value: V;
}
/** What must come out; null where anything may, in all steps of a session but the last. */
type Expect = WantValue | WantError | null;

/** Runs a `run` case. */
export async function runProgram<V>(c: RunCase, engine: Engine<V>): Promise<Outcome> {
  const read = await attempt(() => parseProgram(c.program));
  if (!read.ok) return thrown(read, c.expect);
  const p = read.result;
  return inBothForms(async (optimizer) => {
    const settings = { optimizer, threads: c.threads, memoryLimitBytes: c.memoryLimitBytes };
    const misfit = misfitOf(p, c.args);
    return misfit === null ? runsOf(p, c, engine, settings) : failed(misfit);
  });
}

/** The runs of one compiled program; the first that does not pass decides. */
async function runsOf<V>(p: Program, c: RunCase, engine: Engine<V>, settings: Settings): Promise<Outcome> {
  const prepared = await attempt(() => engine.prepare(p, settings));
  if (!prepared.ok) return judge(prepared, c.expect, engine);
  const ready = prepared.result;
  try {
    for (let k = 1; k <= c.runs; k++) {
      const ran = await attempt(async (): Promise<Held<V>> => {
        const args = c.args.map(({ type, value }) => engine.give(type, value));
        return { type: resultType(p), value: await ready.run(args) };
      });
      const outcome = await judge(ran, c.expect, engine);
      if (outcome.outcome !== 'passed') return c.runs === 1 ? outcome : inContext(`run ${k} of ${c.runs}`, outcome);
    }
    return PASSED;
  } finally {
    await ready.close();
  }
}

/** Runs a `session` case: the steps in order, the bound result of one being an argument of later ones. */
export async function runSession<V>(c: SessionCase, engine: Engine<V>): Promise<Outcome> {
  return inBothForms(async (optimizer) => {
    const settings: Settings = { optimizer, threads: null, memoryLimitBytes: null };
    const bound = new Map<string, Held<V>>();
    for (const [k, step] of c.steps.entries()) {
      const expect = k === c.steps.length - 1 ? c.expect : null;
      const where = `step ${k + 1} of ${c.steps.length}`;
      const read = await attempt(() => parseProgram(step.program));
      if (!read.ok) return inContext(where, await judge(read, expect, engine));
      const misfit = stepMisfit(step, read.result, bound);
      if (misfit !== null) return inContext(where, failed(misfit));
      const ran = await attempt(() => runStep(read.result, step, bound, engine, settings));
      const outcome = await judge(ran, expect, engine);
      if (outcome.outcome !== 'passed') return inContext(where, outcome);
      if (ran.ok && step.bind !== null) bound.set(step.bind, ran.result);
    }
    return PASSED;
  });
}

async function runStep<V>(
  p: Program,
  step: SessionStep,
  bound: ReadonlyMap<string, Held<V>>,
  engine: Engine<V>,
  settings: Settings,
): Promise<Held<V>> {
  const ready = await engine.prepare(p, settings);
  try {
    const args = step.args.map((a): V => {
      if (!('ref' in a)) return engine.give(a.type, a.value);
      const held = bound.get(a.ref);
      if (held === undefined) throw new Error(`no step has bound ${a.ref}`);
      return held.value;
    });
    return { type: resultType(p), value: await ready.run(args) };
  } finally {
    await ready.close();
  }
}

/** Why the arguments of a case do not fit the program as it was read, or null. */
function misfitOf(p: Program, args: readonly StepArgument[]): string | null {
  const types = paramTypes(p);
  if (types.length !== args.length) return `the program takes ${types.length} arguments, the case gives ${args.length}`;
  const k = types.findIndex((t, i) => t !== args[i]?.type);
  const [param, arg] = [types[k], args[k]];
  if (param === undefined || arg === undefined) return null;
  return `argument ${k + 1} of the program is ${typeText(param)}, the case gives ${typeText(arg.type)}`;
}

function stepMisfit<V>(step: SessionStep, p: Program, bound: ReadonlyMap<string, Held<V>>): string | null {
  for (const a of step.args) {
    const held = 'ref' in a ? bound.get(a.ref) : undefined;
    if (!('ref' in a) || held === undefined || held.type === a.type) continue;
    return `${a.ref} is expected to be ${typeText(a.type)}, found ${typeText(held.type)}`;
  }
  const result = resultType(p);
  if (step.resultType !== null && step.resultType !== result) {
    return `expected the result type ${typeText(step.resultType)}, found ${typeText(result)}`;
  }
  return misfitOf(p, step.args);
}

/** Whether what a program came to is what is expected. */
async function judge<V>(ran: Attempt<Held<V>>, expect: Expect, engine: Engine<V>): Promise<Outcome> {
  if (!ran.ok) return endedEarly(ran, expect, engine);
  const { type, value } = ran.result;
  if (expect === null) return PASSED;
  if (expect.expect === 'value' && expect.type !== type) {
    return failed(`expected the type ${typeText(expect.type)}, found ${typeText(type)}`);
  }
  if (isLinear(type)) return failed(`expected ${wantText(expect)}, found an unfinished builder, ${typeText(type)}`);
  const taken = await attempt(() => engine.take(type, value));
  if (!taken.ok) return endedEarly(taken, expect, engine);
  if (expect.expect === 'error') {
    return failed(`expected ${wantText(expect)}, found the value ${valueText(type, taken.result)}`);
  }
  const first = difference(type, taken.result, expect.value, expect.tolerance);
  return first === null ? PASSED : failed(first);
}

/** An error instead of a value. */
function endedEarly<V>(ran: Failure, expect: Expect, engine: Engine<V>): Outcome {
  const construct = engine.target === 'wasm' ? unsupportedOf(ran) : null;
  return construct === null ? thrown(ran, expect) : { outcome: 'unsupported', construct };
}

/** Does the same with the optimizer off and with the default passes. */
async function inBothForms(run: (optimizer: Optimizer) => Promise<Outcome>): Promise<Outcome> {
  const [off, passes] = [await run('off'), await run('default')];
  const failures = [inContext('optimizer off', off), inContext('default passes', passes)].filter(isFailure);
  if (failures.length > 0) {
    return {
      outcome: 'failed',
      differences: failures.flatMap((f) => f.differences),
      fault: failures.some((f) => f.fault),
    };
  }
  if (passes.outcome === 'unsupported') return passes;
  if (off.outcome !== 'unsupported') return PASSED;
  return { outcome: 'unsupported', construct: `${off.construct} (only with the optimizer off)` };
}
