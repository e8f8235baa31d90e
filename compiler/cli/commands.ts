/**
 * What each command of `weldc` prints. The runtime is loaded only by `run` on machine code.
 *
 * A program that machine code cannot run is W5001; the interpreter runs it only when it is asked for by name.
 */

import { fromColumns, plainMemory, toColumns } from '../core/convert.ts';
import { interpret } from '../core/interp.ts';
import type { IValue } from '../core/ivalue.ts';
import { decodeJson, encodeJson, type Json } from '../core/json.ts';
import { isSym } from '../core/op.ts';
import { type Program, paramTypes, resultType } from '../core/program.ts';
import { isLinear, type Type, typeText } from '../core/types.ts';
import type { Value } from '../core/value.ts';
import { fail, withOrigin } from '../diag/diagnostic.ts';
import { explain, explainJson, explainText } from '../explain.ts';
import { parseProgram, printProgram } from '../text.ts';

export interface Invocation {
  readonly text: string;
  readonly json: boolean;
  /** `--args`: one JSON value a parameter. */
  readonly args: readonly Json[];
  readonly target: 'wasm' | 'interp';
  /** Null: all cores. */
  readonly threads: number | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds from some origin. */
  readonly now: () => number;
}

export interface Command {
  /** The options that it takes besides `--json` and `--help`. */
  readonly options: readonly string[];
  readonly run: (x: Invocation) => Promise<string>;
}

const line = (x: object): string => `${JSON.stringify(x)}\n`;

/** A program that can be run: its value is no builder, which would have no text and no columns. */
function runnable(text: string): Program {
  const p = parseProgram(text);
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

/** The function type of a right program. */
async function check(x: Invocation): Promise<string> {
  const p = runnable(x.text);
  const type = `|${paramTypes(p).map(typeText).join(',')}|(${typeText(resultType(p))})`;
  return x.json ? line({ ok: true, type }) : `ok: ${type}\n`;
}

async function fmt(x: Invocation): Promise<string> {
  const text = printProgram(parseProgram(x.text));
  return x.json ? line({ text }) : text;
}

async function explainProgram(x: Invocation): Promise<string> {
  const story = explain(runnable(x.text), { ...passOptions(x.env), now: x.now });
  return x.json ? line(explainJson(story)) : explainText(story);
}

async function run(x: Invocation): Promise<string> {
  const p = runnable(x.text);
  const type = resultType(p);
  const args = decodeArgs(p, x.args);
  const value = x.target === 'interp' ? interpret(p, args, { prims: await primTable() }) : await runWasm(p, args, x);
  const json = encodeJson(type, value);
  return x.json ? line({ type: typeText(type), value: json }) : `${JSON.stringify(json)}\n`;
}

async function primTable() {
  const { KERNELS } = await import('../../kernels/index.ts');
  return KERNELS;
}

async function runWasm(p: Program, args: readonly IValue[], x: Invocation): Promise<IValue> {
  const { readEnv, Session } = await import('../../runtime/index.ts');
  const session = new Session(x.threads === null ? {} : { threads: x.threads }, readEnv(x.env));
  try {
    // Compiled before the arguments are converted: what has no generated code is refused by its place in the text.
    await session.compile(p);
    const value = await session.evaluate(p, columnsOf(p, args), { target: 'wasm' });
    return fromColumns(resultType(p), value);
  } finally {
    await session.dispose();
  }
}

function columnsOf(p: Program, args: readonly IValue[]): readonly Value[] {
  return p.body.params.map((s, k) => {
    try {
      return toColumns(p.syms.type(s), args[k] ?? 0, plainMemory);
    } catch (e) {
      throw withOrigin(e, p.syms.origin(s));
    }
  });
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

function passOptions(env: Invocation['env']): { disable: readonly string[]; check: boolean } {
  const disable = (env['WELD_DISABLE'] ?? '').split(',').map((s) => s.trim());
  return { disable: disable.filter((s) => s !== ''), check: env['WELD_CHECK'] === '1' };
}

export const COMMANDS: Readonly<Record<string, Command>> = {
  run: { options: ['args', 'target', 'threads'], run },
  check: { options: [], run: check },
  fmt: { options: [], run: fmt },
  explain: { options: [], run: explainProgram },
};
