/**
 * What a repl session knows, and how an input becomes programs.
 *
 * An input is definitions, and an expression maybe: `type`, `macro` and `let`, in this order, as in any text; what it
 * defines stays. An expression becomes a program whose parameters are the variables that it uses, so their values come
 * in as arguments. Nothing is put together from strings, but for the aliases, which stand in front of the text that is
 * parsed.
 *
 * A function, `let f = (|x: i64| x + 1L);`, is no value. It is kept as the macro `f(x)` whose body applies the lambda.
 */

import type { IValue } from '../../core/ivalue.ts';
import type { Program } from '../../core/program.ts';
import { type Type, typeText } from '../../core/types.ts';
import { type Diagnostic, InternalError, type Span, WeldError } from '../../diag/diagnostic.ts';
import type { Source } from '../../diag/render.ts';
import { freeNames } from '../../syntax/names.ts';
import {
  type Expr,
  elaborateTree,
  expandMacros,
  inferTree,
  type MacroNode,
  readAliased,
  readProgram,
} from '../../text.ts';
import type { Located } from '../report.ts';
import { aliasesOf, scan } from './scan.ts';

export interface Variable {
  readonly type: Type;
  readonly value: IValue;
}

/** A macro. One that is a function has its type, `|T1,T2|(R)`, or none where that depends on the arguments. */
export interface Macro {
  readonly node: MacroNode;
  readonly lambda: Lambda | null;
  readonly type: string | null;
}

export type Lambda = Extract<Expr, { readonly k: 'lambda' }>;
export type LetNode = Extract<Expr, { readonly k: 'lets' }>['lets'][number];

/** One input, read. */
export interface Input {
  readonly aliases: readonly (readonly [name: string, type: Type])[];
  readonly macros: readonly MacroNode[];
  readonly lets: readonly LetNode[];
  /** What follows the lets; null where only definitions are given. */
  readonly value: Expr | null;
  /** The value with the lets in front of it. */
  readonly whole: Expr | null;
}

/** A program with the values of its parameters. */
export interface Runnable {
  readonly program: Program;
  readonly args: readonly IValue[];
}

/** Stands for the expression that a text of definitions does not have. */
const NO_VALUE = '\n{}';

export class Workspace {
  readonly variables = new Map<string, Variable>();
  readonly macros = new Map<string, Macro>();
  readonly aliases = new Map<string, Type>();
  /** The input that was read last, and where it starts in the text that was parsed. */
  #place: { readonly source: Source; readonly offset: number } = { source: { name: '', text: '' }, offset: 0 };

  /** Forgets what was defined. */
  reset(): void {
    for (const table of [this.variables, this.macros, this.aliases]) table.clear();
  }

  /** True when an input must go on in the next line: it is right as far as it goes, and not whole. */
  isIncomplete(text: string): boolean {
    const { inText, last } = scan(text);
    if (inText || last === '') return inText;
    // The lets of a lambda. Known without parsing, so that a long program that is pasted is not parsed at every line.
    if (last === ';' && text.startsWith('|')) return true;
    const padded = this.#padded(text);
    try {
      const { body } = readProgram(padded);
      // A semicolon ends definitions; where it does not, it stands in the body of a lambda.
      return last === ';' && !endsInNoValue(body, padded);
    } catch (e) {
      // A fault of ours is said when the input is read.
      if (!(e instanceof WeldError)) return false;
      const { origin } = e.diagnostics[0] ?? { origin: null };
      return origin?.kind === 'text' && origin.span.start >= padded.trimEnd().length;
    }
  }

  /** Reads an input; `shown` is what errors show of it, of the same length. Throws a WeldError. */
  read(name: string, text: string, shown: string = text): Input {
    this.#place = { source: { name, text: shown }, offset: this.#aliasText(text).length };
    const padded = this.#padded(text);
    const { macros, body } = readProgram(padded);
    const none = scan(text).last === ';' && endsInNoValue(body, padded);
    const lets = body.k === 'lets' ? body.lets : [];
    const value = body.k === 'lets' ? body.body : body;
    return { aliases: this.#newAliases(text), macros, lets, value: none ? null : value, whole: none ? null : body };
  }

  /** A diagnostic of the input that was read last, with its spans counted in that. */
  locate(d: Diagnostic): Located {
    const { source, offset } = this.#place;
    const here = ({ start, end }: Span): Span => ({
      start: Math.min(Math.max(0, start - offset), source.text.length),
      end: Math.min(Math.max(0, end - offset), source.text.length),
    });
    if (d.origin?.kind !== 'text') return { diagnostic: d, source: null };
    const labels = d.labels.map((l) => ({ ...l, span: here(l.span) }));
    return { diagnostic: { ...d, origin: { kind: 'text', span: here(d.origin.span) }, labels }, source };
  }

  /** Keeps aliases and macros. */
  define(input: Input): void {
    for (const [name, type] of input.aliases) this.aliases.set(name, type);
    for (const node of input.macros) this.#bindMacro({ node, lambda: null, type: null });
  }

  bindVariable(name: string, variable: Variable): void {
    this.macros.delete(name);
    this.variables.delete(name);
    this.variables.set(name, variable);
  }

  /** Keeps a lambda as a function of that name. */
  bindFunction(name: string, lambda: Lambda, type: string | null): void {
    const { span } = lambda;
    const params = lambda.params.map((p) => p.name);
    const args = lambda.params.map((p): Expr => ({ k: 'name', name: p.name, span: p.span }));
    this.#bindMacro({ node: { name, params, body: { k: 'apply', f: lambda, args, span }, span }, lambda, type });
  }

  /** The program of an expression, with `macros` besides those that are kept. */
  program(e: Expr, macros: readonly MacroNode[] = []): Runnable {
    const tree = this.#expand(e, macros);
    const used = this.#used(tree);
    const program = this.#withHints(() => elaborateTree(this.#lambda(tree, used)), tree);
    return { program, args: used.map((name) => this.#variable(name).value) };
  }

  /** The type of an expression; that of a lambda is `|T1,T2|(R)`. */
  typeOf(e: Expr, macros: readonly MacroNode[] = []): string {
    const tree = this.#expand(e, macros);
    const whole = this.#lambda(tree, this.#used(tree));
    const typed = this.#withHints(() => inferTree(whole), tree);
    if (tree.k !== 'lambda') return typeText(typed.expr(whole.body));
    const own = whole.params.slice(-tree.params.length).slice(0, tree.params.length);
    return `|${own.map((p) => typeText(typed.param(p))).join(',')}|(${typeText(typed.expr(whole.body))})`;
  }

  /** Names that begin like `word`. */
  completions(word: string): readonly string[] {
    const names = [...this.variables.keys(), ...this.macros.keys(), ...this.aliases.keys()];
    return names.filter((name) => name.startsWith(word)).sort();
  }

  #bindMacro(macro: Macro): void {
    const { name } = macro.node;
    this.variables.delete(name);
    this.macros.delete(name);
    this.macros.set(name, macro);
  }

  #expand(e: Expr, macros: readonly MacroNode[]): Expr {
    const kept = [...this.macros.values()].map((m) => m.node);
    const others = kept.filter((old) => !macros.some((m) => m.name === old.name));
    return expandMacros([...others, ...macros], e);
  }

  /** A function of the variables `used`, and of its own parameters if it is a lambda. */
  #lambda(e: Expr, used: readonly string[]): Lambda {
    const { span } = e;
    const outer = used.map((name) => ({ name, ty: this.#variable(name).type, span }));
    return e.k === 'lambda' ? { ...e, params: [...outer, ...e.params] } : { k: 'lambda', params: outer, body: e, span };
  }

  /** The variables that a tree uses, in the order of their definition. */
  #used(tree: Expr): readonly string[] {
    const free = freeNames(tree);
    return [...this.variables.keys()].filter((name) => free.has(name));
  }

  #variable(name: string): Variable {
    const found = this.variables.get(name);
    if (found === undefined) throw new InternalError(`repl: ${name} is no variable`);
    return found;
  }

  /** An unknown name may be like one of the variables: then the error is made anew with all of them in view. */
  #withHints<T>(make: () => T, tree: Expr): T {
    try {
      return make();
    } catch (e) {
      if (e instanceof WeldError && e.diagnostics.some((d) => d.code === 'W2003')) {
        inferTree(this.#lambda(tree, [...this.variables.keys()]));
      }
      throw e;
    }
  }

  /** The kept aliases that a text does not define itself. */
  #aliasText(text: string): string {
    const { names } = aliasesOf(text);
    return [...this.aliases]
      .map(([name, ty]) => (names.includes(name) ? '' : `type ${name}=${typeText(ty)};`))
      .join('');
  }
  /** The text that is parsed: the kept aliases in front, and some value behind definitions. */
  #padded(text: string): string {
    return this.#aliasText(text) + text + (scan(text).last === ';' ? NO_VALUE : '');
  }

  #newAliases(text: string): readonly (readonly [string, Type])[] {
    const own = aliasesOf(text);
    return own.names.map((name) => {
      const e = readAliased(this.#aliasText(text) + own.text, `0: ${name}`);
      if (e.k !== 'ascribe') throw new InternalError('repl: an ascription is read as something else');
      return [name, e.ty];
    });
  }
}

/** True when the `NO_VALUE` at the end of a text is its value: all in front of it is definitions. */
function endsInNoValue(body: Expr, padded: string): boolean {
  const last = body.k === 'lets' ? body.body : body;
  return last.k === 'struct' && last.span.start === padded.length - NO_VALUE.trimStart().length;
}
