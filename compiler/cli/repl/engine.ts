/**
 * The repl without its terminal: takes inputs, keeps what they define, and answers each.
 *
 * Lets and the expression of an input are evaluated one after the other, and what is defined before a failure stays. A
 * builder is a value like others: using it works on a copy, and the variable keeps what it had (on the interpreter;
 * machine code takes no unfinished builders).
 */

import type { IValue } from '../../core/ivalue.ts';
import { type Program, resultType } from '../../core/program.ts';
import type { Type } from '../../core/types.ts';
import { WeldError } from '../../diag/diagnostic.ts';
import type { Expr } from '../../text.ts';
import type { Options, Vars } from '../arguments.ts';
import type { Answer } from '../command.ts';
import { Evaluator, type Target } from '../evaluator.ts';
import { readSource } from '../files.ts';
import { faultJson, faultText, reportJson, reportText, UsageError } from '../report.ts';
import { directiveOf } from './directives.ts';
import { type Outcome, outcomeJson, outcomeText } from './show.ts';
import { type Input, type Lambda, type LetNode, Workspace } from './workspace.ts';

/** What the repl is started with. */
export interface EngineOptions extends Pick<Options, 'json' | 'target' | 'threads' | 'fuel' | 'memory' | 'fastMath'> {
  readonly env: Vars;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** How an input ended. */
export type Ending = 'done' | 'failed' | 'quit';

/** Hears what an input defines and gives, as it comes. */
export type Tell = (o: Outcome) => void;

export class Engine {
  readonly workspace = new Workspace();
  /** The inputs so far, commands included. */
  readonly inputs: string[] = [];
  readonly env: Vars;
  json: boolean;
  /** The program of the expression that was evaluated last. */
  last: Program | null = null;
  readonly #options: EngineOptions;
  #target: Target;
  #threads: number | null;
  #evaluator: Evaluator | null = null;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.env = options.env;
    this.json = options.json;
    this.#target = options.target;
    this.#threads = options.threads;
  }

  /** Whether passes may use rules that hold over the real numbers only. */
  get fastMath(): boolean {
    return this.#options.fastMath;
  }
  get target(): Target {
    return this.#target;
  }
  get threads(): number | null {
    return this.#threads;
  }
  /** Where programs run from now on. */
  async runOn(target: Target, threads: number | null): Promise<void> {
    if (target === 'wasm' && this.#options.fuel !== null) {
      throw new UsageError('--fuel is counted by the interpreter only: start weldc repl without it for :target wasm');
    }
    await this.dispose();
    this.#target = target;
    this.#threads = threads;
  }

  /** True when the text, the lines of an input so far, goes on in the next line. */
  isIncomplete(text: string): boolean {
    if (!text.startsWith(':')) return this.workspace.isIncomplete(text);
    const { directive, rest } = directiveOf(text);
    return directive.takesExpression && this.workspace.isIncomplete(rest);
  }

  /** Answers one input. Whatever is wrong with it is said, and the session goes on. */
  async submit(text: string): Promise<Ending> {
    this.inputs.push(text);
    return this.#answer(async (tell) => {
      if (!text.startsWith(':')) return this.evaluate(`<${this.inputs.length}>`, text, tell);
      const { directive, rest } = directiveOf(text);
      return directive.run(this, rest, tell);
    });
  }

  /** Evaluates a file, as an input of the session would be; a program that is a function becomes `main`. */
  async load(file: string): Promise<Ending> {
    return this.#answer((tell) => this.evaluateFile(file, tell));
  }

  async evaluateFile(file: string, tell: Tell): Promise<null> {
    // Standard input is the session itself, so a dash is a file like any other.
    const { text } = readSource(file === '-' ? './-' : file, () => '');
    return this.evaluate(file, text, tell, 'main');
  }

  /** Reads an expression for a command. */
  readExpression(text: string): { readonly input: Input; readonly whole: Expr } {
    if (text.trim() === '') throw new UsageError('an expression is missing');
    const shown = this.inputs.at(-1) ?? text;
    const input = this.workspace.read(`<${this.inputs.length}>`, text, shown);
    if (input.whole === null) throw new UsageError('an expression is missing: there are definitions only');
    return { input, whole: input.whole };
  }

  /** Evaluates definitions and an expression; a function keeps the name `functionName`. */
  async evaluate(name: string, text: string, tell: Tell, functionName: string | null = null): Promise<null> {
    const input = this.workspace.read(name, text);
    this.workspace.define(input);
    for (const [alias, type] of input.aliases) tell({ kind: 'type', name: alias, type });
    for (const node of input.macros) tell({ kind: 'macro', node });
    for (const l of input.lets) tell(await this.#evaluateLet(l));
    const { value } = input;
    if (value === null) return null;
    if (value.k === 'lambda') tell(this.#function(functionName, value));
    else tell({ kind: 'value', name: null, ...(await this.#value(value)) });
    return null;
  }

  /** Ends the threads, if there are any. */
  async dispose(): Promise<void> {
    await this.#evaluator?.dispose();
    this.#evaluator = null;
  }

  async #evaluateLet(l: LetNode): Promise<Outcome> {
    if (l.value.k === 'lambda') return this.#function(l.name, l.value);
    const e: Expr = l.ty === null ? l.value : { k: 'ascribe', e: l.value, ty: l.ty, span: l.value.span };
    const variable = await this.#value(e);
    this.workspace.bindVariable(l.name, variable);
    return { kind: 'value', name: l.name, ...variable };
  }

  #function(name: string | null, lambda: Lambda): Outcome {
    const type = this.#functionType(lambda);
    if (name !== null) this.workspace.bindFunction(name, lambda, type);
    return { kind: 'function', name, type };
  }

  /** Null for a function that is right for some arguments: its parameters have no types yet. */
  #functionType(lambda: Lambda): string | null {
    try {
      return this.workspace.typeOf(lambda);
    } catch (e) {
      if (e instanceof WeldError && e.diagnostics.every((d) => d.code === 'W2004')) return null;
      throw e;
    }
  }

  async #value(e: Expr): Promise<{ readonly type: Type; readonly value: IValue }> {
    const { program, args } = this.workspace.program(e);
    this.last = program;
    this.#evaluator ??= new Evaluator({ ...this.#options, target: this.#target, threads: this.#threads }, this.env);
    return { type: resultType(program), value: await this.#evaluator.evaluate(program, args) };
  }

  async #answer(work: (tell: Tell) => Promise<Answer | 'quit' | null>): Promise<Ending> {
    const { out, err } = this.#options;
    const told: Outcome[] = [];
    const tell: Tell = (o) => {
      told.push(o);
      if (!this.json) out(`${outcomeText(o)}\n`);
    };
    const object = (x: object): string =>
      `${JSON.stringify({ input: this.inputs.length, ...x, ...outcomesJson(told) })}\n`;
    try {
      const answer = await work(tell);
      if (answer === 'quit') return 'quit';
      if (this.json) out(object({ ok: true, ...answer?.json }));
      else if (answer !== null) out(answer.text);
      return 'done';
    } catch (e) {
      const { text, json } = this.#failure(e);
      if (this.json) out(object(json));
      else err(text);
      return 'failed';
    }
  }

  #failure(e: unknown): Answer {
    if (e instanceof UsageError) {
      return { text: `weldc: ${e.message}\n`, json: faultJson('UsageError', e.message) };
    }
    if (e instanceof WeldError) {
      const found = e.diagnostics.map((d) => this.workspace.locate(d));
      return { text: reportText(found), json: reportJson(found) };
    }
    const fault = e instanceof Error ? e : new Error(String(e));
    return { text: faultText(fault, this.env), json: faultJson(fault.name, fault.message) };
  }
}

/** What was defined, and the value of the expression beside it. */
function outcomesJson(told: readonly Outcome[]): object {
  const isValue = (o: Outcome): boolean => (o.kind === 'value' || o.kind === 'function') && o.name === null;
  const defined = told.filter((o) => !isValue(o)).map(outcomeJson);
  return {
    ...(defined.length === 0 ? {} : { defined }),
    ...Object.assign({}, ...told.filter(isValue).map(outcomeJson)),
  };
}
