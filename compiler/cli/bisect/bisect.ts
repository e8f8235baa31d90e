/** `weldc bisect`: which rewrite of which pass makes the result of a program wrong. */

import { checkPassNames } from '../../compile.ts';
import { resolveExterns } from '../../core/externs.ts';
import { interpret } from '../../core/interp.ts';
import type { IValue } from '../../core/ivalue.ts';
import { encodeJson } from '../../core/json.ts';
import { type Program, paramTypes } from '../../core/program.ts';
import type { PrimTable } from '../../core/value.ts';
import { WeldError } from '../../diag/diagnostic.ts';
import { DEFAULT_PASS_OPTIONS } from '../../options.ts';
import type { Step } from '../../passes/pass.ts';
import { ALL_PASSES, PIPELINE } from '../../pipeline.ts';
import { parseProgram } from '../../text.ts';
import type { Vars } from '../arguments.ts';
import type { Answer, Invocation } from '../command.ts';
import { Evaluator } from '../evaluator.ts';
import { decodeArgs, runnable } from '../program.ts';
import { countText, UsageError } from '../report.ts';
import { passSwitches } from '../switches.ts';
import { sampleArguments } from './samples.ts';
import { type Blame, type Case, type Evaluate, type Finding, type Outcome, search } from './search.ts';

/** A program may run for ever on arguments that are made up. */
const SAMPLE_FUEL = 2_000_000;

/** `steps` are the passes to look at: all of them, but in tests of this command. */
export async function bisectProgram(x: Invocation, steps: readonly Step[] = PIPELINE): Promise<Answer> {
  const { KERNELS } = await import('../../../kernels/index.ts');
  const p = resolveExterns(runnable(parseProgram(x.text)), KERNELS);
  const cases = casesOf(p, x, KERNELS);
  const switches = await passSwitches(p, x.env);
  checkPassNames(switches);
  const evaluator = new Evaluator({ ...x.options, target: 'wasm', fuel: null }, withoutPasses(x.env));
  try {
    const finding = await search({
      program: p,
      steps,
      // A dump would be of many optimizations at once.
      options: { ...DEFAULT_PASS_OPTIONS, ...switches, fastMath: x.options.fastMath, check: true, onDump: null },
      cases,
      targets: {
        interp: onInterpreter(KERNELS, x),
        ...(x.options.target === 'wasm' ? { wasm: inGeneratedCode(evaluator) } : {}),
      },
    });
    return answerOf(p, finding, cases.length);
  } finally {
    await evaluator.dispose();
  }
}

/** The evaluator gets programs whose passes have run. */
const withoutPasses = (env: Vars): Vars => ({ ...env, WELD_BISECT: '', WELD_STOP_AFTER: '', WELD_DUMP: '' });

/** Those arguments for which the program as written has a value. */
function casesOf(p: Program, x: Invocation, prims: PrimTable): readonly Case[] {
  const { args, fuel, memory } = x.options;
  const memoryLimit = memory === null ? {} : { memoryLimit: memory };
  if (args !== null || p.body.params.length === 0) {
    const given = decodeArgs(p, args ?? []);
    return [{ args: given, want: interpret(p, given, { prims, ...memoryLimit, ...(fuel === null ? {} : { fuel }) }) }];
  }
  const errors = new Set<string>();
  const cases = sampleArguments(p).flatMap((sample): readonly Case[] => {
    try {
      return [{ args: sample, want: interpret(p, sample, { prims, ...memoryLimit, fuel: fuel ?? SAMPLE_FUEL }) }];
    } catch (e) {
      if (!(e instanceof WeldError)) throw e;
      errors.add(e.kind);
      return [];
    }
  });
  if (cases.length > 0) return cases;
  throw new UsageError(`the program has no value for made-up arguments (${[...errors].join(', ')}): give --args`);
}

function onInterpreter(prims: PrimTable, { options: { fuel, memory } }: Invocation): Evaluate {
  const limits = { ...(fuel === null ? {} : { fuel }), ...(memory === null ? {} : { memoryLimit: memory }) };
  return (p, args) => outcomeOf(async () => interpret(p, args, { prims, ...limits }));
}

function inGeneratedCode(evaluator: Evaluator): Evaluate {
  const passes = ALL_PASSES.map((pass) => pass.name);
  return (p, args, wide) =>
    outcomeOf(() => evaluator.evaluate(p, args, { disable: wide ? passes : [...passes, 'vectorize'] }));
}

async function outcomeOf(run: () => Promise<IValue>): Promise<Outcome> {
  try {
    return { end: 'value', value: await run() };
  } catch (e) {
    if (e instanceof WeldError)
      return e.kind === 'Unsupported' ? { end: 'unsupported' } : { end: 'error', error: e.kind };
    return { end: 'fault', message: e instanceof Error ? e.message : String(e) };
  }
}

function answerOf(p: Program, f: Finding, cases: number): Answer {
  const json = {
    rewrites: f.rewrites,
    runs: f.runs,
    compared: f.compared,
    blame: f.blame === null ? null : blameJson(p, f.blame),
  };
  if (f.blame !== null) return { text: blameText(p, f.blame), json, status: 1 };
  const where = f.compared.map((t) => WHERE[t]).join(' and ');
  const work = `${countText(f.rewrites, 'rewrite')} in ${countText(f.runs, 'run')} of passes`;
  const code = f.compared.includes('wasm') ? '' : '; generated code was not compared';
  return { text: `nothing is wrong: ${work}, ${countText(cases, 'set')} of arguments, ${where}${code}\n`, json };
}

const WHERE = { interp: 'the interpreter', wasm: 'generated code' } as const;

/** The arguments of a case as `--args` takes them. */
const argsJson = (p: Program, c: Case): readonly unknown[] =>
  paramTypes(p).map((t, k) => encodeJson(t, c.args[k] ?? 0));

function blameJson(p: Program, b: Blame): object {
  const { number = null, pass = null, run = null, rules = [], diff = [] } = b.rewrite ?? {};
  const { target, difference, disable } = b;
  return { number, pass, run, rules, diff, target, difference, disable, args: argsJson(p, b.case) };
}

const MOST_CHARACTERS = 2000;

function blameText(p: Program, b: Blame): string {
  const args = JSON.stringify(argsJson(p, b.case));
  const where = b.target === 'interp' ? 'on the interpreter' : 'in generated code';
  return [
    ...(b.rewrite === null ? [`no pass is to blame: the program as written goes wrong ${where}`] : []),
    ...(b.rewrite === null ? [] : [rewriteText(b.rewrite)]),
    `  ${where}: ${b.difference.replaceAll('\n', '\n  ')}`,
    ...(p.body.params.length === 0 || args.length > MOST_CHARACTERS ? [] : [`  with --args '${args}'`]),
    ...(b.rewrite === null || b.rewrite.diff.length === 0 ? [] : ['', ...b.rewrite.diff]),
    '',
    b.disable === null ? 'no single switch avoids it' : `WELD_DISABLE=${b.disable} avoids it`,
    '',
  ].join('\n');
}

function rewriteText({ number, pass, run, rules }: NonNullable<Blame['rewrite']>): string {
  const by = rules.length === 0 ? '' : `, ${rules.length === 1 ? 'rule' : 'rules'} ${rules.join(', ')}`;
  return `wrong from rewrite ${number} on: pass ${pass}, run ${run}${by}`;
}
