/**
 * What each command on a program prints. A command gives its answer as text, or as the object that `--json` prints;
 * whatever is wrong it throws.
 */

import type { IValue } from '../core/ivalue.ts';
import { decodeJson, encodeJson, type Json } from '../core/json.ts';
import { isSym } from '../core/op.ts';
import { type Program, paramTypes, resultType } from '../core/program.ts';
import { isLinear, type Type, typeText } from '../core/types.ts';
import { fail } from '../diag/diagnostic.ts';
import { explain, explainJson, explainText } from '../explain.ts';
import { parseProgram, printProgram, readProgram } from '../text.ts';
import type { Options, Vars } from './arguments.ts';
import { compactText } from './compact.ts';
import { Evaluator } from './evaluator.ts';
import { passSwitches } from './switches.ts';

export interface Invocation {
  readonly text: string;
  readonly options: Options;
  readonly env: Vars;
  /** Milliseconds from some origin. */
  readonly now: () => number;
}

/** What a command has to say, in both forms. */
export interface Answer {
  readonly text: string;
  readonly json: object;
}

export interface Command {
  /** The options that it takes besides `--json` and `--help`. */
  readonly options: readonly string[];
  /** It lists all mistakes and closes with their number. */
  readonly counts: boolean;
  readonly run: (x: Invocation) => Promise<Answer>;
}

/** A program that can be run: no unfinished builder crosses its border, which has no text and no columns. */
export function runnable(p: Program): Program {
  const type = resultType(p);
  if (isLinear(type)) {
    const { result } = p.body;
    fail('W3002', `the value of the program is an unfinished builder, ${typeText(type)}`, {
      origin: isSym(result) ? p.syms.origin(result) : null,
      help: 'finish it with result(..)',
    });
  }
  for (const s of p.body.params) {
    const ty = p.syms.type(s);
    if (isLinear(ty)) {
      fail('W3002', `parameter ${p.syms.hint(s)} is a builder, ${typeText(ty)}, which no caller can give`, {
        origin: p.syms.origin(s),
        help: 'make the builder in the program, with the parameter as its initial value',
      });
    }
  }
  return p;
}

/** The type of the function that a program is: `|T1,T2|(R)`. */
export const programType = (p: Program): string =>
  `|${paramTypes(p).map(typeText).join(',')}|(${typeText(resultType(p))})`;

async function check(x: Invocation): Promise<Answer> {
  const type = programType(parseProgram(x.text));
  return { text: `ok: ${type}\n`, json: { type } };
}

async function fmt(x: Invocation): Promise<Answer> {
  const text = x.options.compact ? `${compactText(readProgram(x.text))}\n` : printProgram(parseProgram(x.text));
  return { text, json: { text } };
}

async function explainProgram(x: Invocation): Promise<Answer> {
  const p = runnable(parseProgram(x.text));
  const story = explain(p, { ...(await passSwitches(p, x.env)), now: x.now });
  return { text: explainText(story), json: explainJson(story) };
}

async function run(x: Invocation): Promise<Answer> {
  const p = runnable(parseProgram(x.text));
  const type = resultType(p);
  const args = decodeArgs(p, x.options.args);
  const evaluator = new Evaluator(x.options, x.env);
  try {
    const value = encodeJson(type, await evaluator.evaluate(p, args));
    return { text: `${JSON.stringify(value)}\n`, json: { type: typeText(type), value } };
  } finally {
    await evaluator.dispose();
  }
}

/** Arguments are plain JSON by the parameter's type, or `{"type", "value"}` objects, as `--json` prints values. */
function decodeArgs(p: Program, args: readonly Json[]): readonly IValue[] {
  const { params } = p.body;
  if (args.length !== params.length) {
    const wanted = params.length === 1 ? '1 argument' : `${params.length} arguments`;
    const types = params.map((s) => `<${p.syms.hint(s)}: ${typeText(p.syms.type(s))}>`);
    fail('W8006', `the program takes ${wanted}, found ${args.length}`, {
      help: params.length === 0 ? 'leave --args out' : `give --args '[${types.join(', ')}]', a JSON array`,
    });
  }
  return params.map((s, k) => decodeArg(p.syms.type(s), args[k] ?? null, `argument ${p.syms.hint(s)}`));
}

function decodeArg(t: Type, arg: Json, name: string): IValue {
  if (!isTyped(arg)) return decodeJson(t, arg, name);
  if (arg['type'] !== typeText(t)) {
    fail('W8006', `${name} must be ${typeText(t)}, found the type ${JSON.stringify(arg['type'])}`);
  }
  return decodeJson(t, arg['value'] ?? null, name);
}

function isTyped(x: Json): x is { readonly [key: string]: Json } {
  return typeof x === 'object' && x !== null && !Array.isArray(x) && 'type' in x && 'value' in x;
}

export const COMMANDS: Readonly<Record<string, Command>> = {
  run: { options: ['args', 'target', 'threads', 'fuel', 'memory'], counts: false, run },
  check: { options: [], counts: true, run: check },
  fmt: { options: ['compact'], counts: false, run: fmt },
  explain: { options: [], counts: false, run: explainProgram },
};
