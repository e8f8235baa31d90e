/**
 * Macros: a call is replaced by the body of the macro, in which the arguments stand for the parameters.
 *
 *     macro plus(p) = |n| n + p;   plus(n)    ->    |n__1| n__1 + n
 *
 * Arguments are put in as they are (call by name), all at once, and each time anew: no node stands in the result twice.
 * Hygiene: a binder of a macro body gets a new name where it would capture a name of an argument, or one that a macro
 * body reads without binding it. An argument is kept with the scope that it was written in, and expanded there.
 *
 * A name in call position is a macro, also where a variable has that name, but not where a let binds it to a lambda.
 * A parameter that stands for the name of a macro is one too: `map(v, square)`.
 *
 * What comes from a macro body has the span of the call. Expansion that does not end is W1007.
 */

import type { Code } from '../diag/codes.ts';
import { type Diagnostic, diagnostic, InternalError, type Span } from '../diag/diagnostic.ts';
import type { Expr, ExprOf, LetNode, MacroNode, ParamNode } from './ast.ts';
import { BUILTIN_MACROS } from './builtins.ts';
import { redefinitions } from './macro-names.ts';
import { eachExpr, freeNames, namesIn } from './names.ts';
import { type Parsed, parseMacros } from './parse.ts';

/** The tree without calls of macros, which are those of the text and the built-in ones. */
export function expandMacros(macros: readonly MacroNode[], e: Expr): Parsed<Expr> {
  const twins = redefinitions(macros);
  if (twins.length > 0) return { tree: null, diagnostics: twins };
  const table = new Map([...builtins(), ...macros].map((m) => [m.name, m] as const));
  let called = false;
  eachExpr(e, (x) => {
    called ||= x.k === 'apply' && x.f.k === 'name' && table.has(x.f.name);
  });
  return called ? new Expansion(table, e).run() : { tree: e, diagnostics: [] };
}

let read: readonly MacroNode[] | null = null;
/** The built-in macros, read once. */
function builtins(): readonly MacroNode[] {
  read ??= parseMacros([...BUILTIN_MACROS.values()].join('\n')).tree;
  if (read === null) throw new InternalError('macros: the built-in macros do not parse');
  return read;
}

const MOST_LEVELS = 30;
const MOST_NODES = 1_000_000;
/** How deep an expanded tree nests at most; recursion follows nesting. */
const MOST_DEPTH = 800;

/** The text that is being expanded: the program, or the body of a macro. */
interface Frame {
  /** How many macros are around. */
  readonly level: number;
  /** The call that the body stands for; null in the program. */
  readonly span: Span | null;
  /** Names that binders of this text must not have. */
  readonly avoid: ReadonlySet<string>;
  /** True in everything that a macro brings in, its arguments too. */
  readonly copied: boolean;
}
/** An argument: a text, and where it was written. */
interface Argument {
  readonly e: Expr;
  readonly scope: Scope;
  readonly frame: Frame;
}
/** What a name means, when that is not just itself. */
type Meaning =
  /** A binder of the text, by its name in the result; `fn` when a let gives it a lambda. */
  { readonly name: string; readonly fn: boolean } | { readonly argument: Argument };
/** A list, newest first. Names that mean themselves are not in it, so it stays short. */
type Scope = { readonly of: string; readonly meaning: Meaning; readonly outer: Scope } | null;

function find(name: string, scope: Scope): Meaning | null {
  for (let s = scope; s !== null; s = s.outer) if (s.of === name) return s.meaning;
  return null;
}

/** Ends an expansion that has grown too large. */
class Stop extends Error {
  readonly diagnostic: Diagnostic;
  constructor(code: Code, message: string, span: Span, help: string) {
    super(message);
    this.diagnostic = diagnostic(code, message, { origin: { kind: 'text', span }, help });
  }
}

class Expansion {
  readonly #macros: ReadonlyMap<string, MacroNode>;
  readonly #root: Expr;
  readonly #found = new Map<string, Diagnostic>();
  /** What macro bodies read without binding it. */
  readonly #loose = new Set<string>();
  readonly #read = new Map<Argument, ReadonlySet<string>>();
  readonly #taken = new Set<string>();
  readonly #nextNumber = new Map<string, number>();
  #nodes = 0;
  #depth = 0;

  constructor(macros: ReadonlyMap<string, MacroNode>, root: Expr) {
    this.#macros = macros;
    this.#root = root;
    for (const name of namesIn(root)) this.#taken.add(name);
    for (const m of macros.values()) {
      for (const name of namesIn(m.body)) this.#taken.add(name);
      for (const name of freeNames(m.body)) if (!m.params.includes(name)) this.#loose.add(name);
    }
  }

  run(): Parsed<Expr> {
    try {
      const tree = this.#expand(this.#root, null, { level: 0, span: null, avoid: new Set(), copied: false });
      const diagnostics = [...this.#found.values()];
      return { tree: diagnostics.length === 0 ? tree : null, diagnostics };
    } catch (e) {
      if (!(e instanceof Stop)) throw e;
      return { tree: null, diagnostics: [...this.#found.values(), e.diagnostic] };
    }
  }

  /** Bodies and arguments take the place of their call without recursion, so only nesting costs stack. */
  #expand(expr: Expr, outer: Scope, around: Frame): Expr {
    let [e, scope, frame] = [expr, outer, around];
    for (;;) {
      if (frame.copied) this.#count(e, frame);
      const macro = e.k === 'apply' ? this.#called(e.f, scope) : null;
      if (macro !== null && e.k === 'apply') {
        const inner = this.#enter(macro, e, scope, frame);
        if (inner === null) return { ...e, args: [] };
        [e, scope, frame] = [macro.body, inner.scope, inner.frame];
        continue;
      }
      const meaning = e.k === 'name' ? find(e.name, scope) : null;
      if (meaning === null || !('argument' in meaning)) break;
      ({ e, scope, frame } = meaning.argument);
    }
    if (++this.#depth > MOST_DEPTH) this.#tooDeep(e, frame);
    const made = this.#chain(e, scope, frame);
    this.#depth--;
    return made;
  }

  /** What goes on to the left, `a + b + c`, is walked in a loop. */
  #chain(expr: Expr, scope: Scope, frame: Frame): Expr {
    const chain: Exclude<ReturnType<typeof leftward>, null>[] = [];
    let first = expr;
    for (let next = leftward(first); next !== null; next = leftward(first)) {
      if (chain.length > 0 && next.e.k === 'apply' && this.#called(next.e.f, scope) !== null) break;
      chain.push(next);
      first = next.left;
    }
    let made = chain.length === 0 ? this.#node(first, scope, frame) : this.#expand(first, scope, frame);
    for (const { e } of chain.reverse()) {
      const span = frame.span ?? e.span;
      if (frame.copied) this.#count(e, frame);
      if (e.k === 'binary') made = { ...e, a: made, b: this.#expand(e.b, scope, frame), span };
      else if (e.k === 'apply') made = { ...e, f: made, args: this.#all(e.args, scope, frame), span };
      else made = { ...e, of: made, span };
    }
    return made;
  }

  #node(e: Expr, scope: Scope, frame: Frame): Expr {
    const span = frame.span ?? e.span;
    switch (e.k) {
      case 'lit':
      case 'text':
        return { ...e, span };
      case 'name': {
        const meaning = find(e.name, scope);
        return { ...e, name: meaning !== null && 'name' in meaning ? meaning.name : e.name, span };
      }
      case 'unary':
        return { ...e, a: this.#expand(e.a, scope, frame), span };
      case 'form':
      case 'cudf':
        return { ...e, args: this.#all(e.args, scope, frame), span };
      case 'struct':
      case 'vec':
        return { ...e, items: this.#all(e.items, scope, frame), span };
      case 'builder':
        return { ...e, arg: e.arg === null ? null : this.#expand(e.arg, scope, frame), span };
      case 'ascribe':
        return { ...e, e: this.#expand(e.e, scope, frame), span };
      case 'lets':
        return this.#lets(e, scope, frame);
      case 'lambda':
        return this.#lambda(e, scope, frame);
      case 'binary':
      case 'apply':
      case 'field':
        throw new InternalError(`macros: ${e.k} is no leaf`);
      default:
        return e satisfies never;
    }
  }
  #all(list: readonly Expr[], scope: Scope, frame: Frame): readonly Expr[] {
    return list.map((e) => this.#expand(e, scope, frame));
  }

  #lets(e: ExprOf<'lets'>, outer: Scope, frame: Frame): Expr {
    let scope = outer;
    const lets = e.lets.map((l): LetNode => {
      const value = this.#expand(l.value, scope, frame);
      const [name, inner] = this.#bind(l.name, isLambda(value), scope, frame);
      scope = inner;
      return { ...l, name, value, span: frame.span ?? l.span };
    });
    return { ...e, lets, body: this.#expand(e.body, scope, frame), span: frame.span ?? e.span };
  }

  #lambda(e: ExprOf<'lambda'>, outer: Scope, frame: Frame): Expr {
    let scope = outer;
    const params = e.params.map((p): ParamNode => {
      const [name, inner] = this.#bind(p.name, false, scope, frame);
      scope = inner;
      return { ...p, name, span: frame.span ?? p.span };
    });
    return { ...e, params, body: this.#expand(e.body, scope, frame), span: frame.span ?? e.span };
  }

  /** The name that a binder has in the result, and the scope behind it. */
  #bind(of: string, fn: boolean, outer: Scope, frame: Frame): readonly [string, Scope] {
    const name = frame.avoid.has(of) ? this.#fresh(of) : of;
    if (name === of && !this.#macros.has(of) && find(of, outer) === null) return [name, outer];
    return [name, { of, meaning: { name, fn }, outer }];
  }
  #fresh(stem: string): string {
    let n = this.#nextNumber.get(stem) ?? 1;
    while (this.#taken.has(`${stem}__${n}`)) n++;
    this.#nextNumber.set(stem, n + 1);
    return `${stem}__${n}`;
  }

  /** The macro that a called expression is, or null when it is a function. */
  #called(f: Expr, outer: Scope): MacroNode | null {
    let [e, scope] = [f, outer];
    for (;;) {
      if (e.k !== 'name') return null;
      const meaning = find(e.name, scope);
      if (meaning !== null && 'argument' in meaning) ({ e, scope } = meaning.argument);
      else return meaning?.fn === true ? null : (this.#macros.get(e.name) ?? null);
    }
  }

  /** The scope and the frame of a macro's body; null when the call has a wrong number of arguments. */
  #enter(macro: MacroNode, call: ExprOf<'apply'>, scope: Scope, frame: Frame): { scope: Scope; frame: Frame } | null {
    const { name, params } = macro;
    const span = frame.span ?? call.span;
    if (params.length !== call.args.length) {
      const takes = `${params.length} argument${params.length === 1 ? '' : 's'}`;
      this.#refuse(`macro ${name} takes ${takes}, found ${call.args.length}`, span);
      return null;
    }
    if (frame.level >= MOST_LEVELS) {
      const help = 'a macro cannot call itself, also not by way of others';
      throw new Stop('W1007', `macros call each other more than ${MOST_LEVELS} deep, up to ${name}`, span, help);
    }
    const avoid = new Set(this.#loose);
    let inner: Scope = null;
    for (const [k, e] of call.args.entries()) {
      const argument: Argument = { e, scope, frame: { ...frame, copied: true } };
      for (const n of this.#reads(argument)) avoid.add(n);
      inner = { of: params[k] ?? '', meaning: { argument }, outer: inner };
    }
    return { scope: inner, frame: { level: frame.level + 1, span, avoid, copied: true } };
  }

  /** The names that an argument reads, as they are in the result. */
  #reads(argument: Argument): ReadonlySet<string> {
    const known = this.#read.get(argument);
    if (known !== undefined) return known;
    const names = new Set<string>();
    for (const name of freeNames(argument.e)) {
      const meaning = find(name, argument.scope);
      if (meaning === null) names.add(name);
      else if ('name' in meaning) names.add(meaning.name);
      else for (const n of this.#reads(meaning.argument)) names.add(n);
    }
    this.#read.set(argument, names);
    return names;
  }

  #count(e: Expr, frame: Frame): void {
    if (++this.#nodes <= MOST_NODES) return;
    const message = `the program is more than ${MOST_NODES} expressions once its macros are expanded`;
    throw new Stop('W1007', message, frame.span ?? e.span, HELP);
  }
  #tooDeep(e: Expr, frame: Frame): never {
    const message = `the program nests more than ${MOST_DEPTH} deep once its macros are expanded`;
    throw new Stop(frame.copied ? 'W1007' : 'W1004', message, frame.span ?? e.span, HELP);
  }
  #refuse(message: string, span: Span): void {
    this.#found.set(`${span.start} ${message}`, diagnostic('W2005', message, { origin: { kind: 'text', span } }));
  }
}

const HELP = 'an argument is put in wherever its parameter stands: a let in the macro names it once';

/** The expression that another starts with, which may be as long as a text. */
function leftward(
  e: Expr,
): { readonly e: ExprOf<'binary'> | ExprOf<'apply'> | ExprOf<'field'>; readonly left: Expr } | null {
  if (e.k === 'binary') return { e, left: e.a };
  if (e.k === 'apply') return { e, left: e.f };
  return e.k === 'field' ? { e, left: e.of } : null;
}

/** True for a lambda, which a let makes a function. */
function isLambda(e: Expr): boolean {
  let inner = e;
  while (inner.k === 'ascribe') inner = inner.e;
  return inner.k === 'lambda';
}
