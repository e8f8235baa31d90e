/**
 * Reading texts: one shared parser (building it takes milliseconds), run again behind each error that it meets, so that
 * one reading finds several. Every diagnostic has an origin within the text.
 */

import type { IRecognitionException, IToken } from 'chevrotain';
import type { Type } from '../core/types.ts';
import type { Diagnostic } from '../diag/diagnostic.ts';
import type { Aliases } from './aliases.ts';
import type { Expr, MacroNode, ProgramTree } from './ast.ts';
import { TooDeep, tokensOf, WeldParser } from './grammar.ts';
import { redefinitions } from './macro-names.ts';
import { type Repair, repairs } from './recover.ts';
import { badToken, emptyText, isBad, tooDeep, wrongToken } from './refusals.ts';

export interface Parsed<T> {
  /** Null exactly when there is a diagnostic. */
  readonly tree: T | null;
  /** In the order of their places. */
  readonly diagnostics: readonly Diagnostic[];
}

/** A whole text: type aliases, macros, one expression. */
export function parseProgram(text: string): Parsed<ProgramTree> {
  const read = run(text, (p) => p.program());
  const twins = read.tree === null ? [] : redefinitions(read.tree.macros);
  return twins.length === 0 ? read : { tree: null, diagnostics: twins };
}

/** One expression, without definitions. */
export function parseExpression(text: string): Parsed<Expr> {
  return run(text, (p) => p.expression());
}

/** A text of macro definitions only, which may have none. Expansion checks that no name is defined twice. */
export function parseMacros(text: string): Parsed<readonly MacroNode[]> {
  if (tokensOf(text).length === 0) return { tree: [], diagnostics: [] };
  return run(text, (p) => p.macros());
}

/** A type, in which `?` and `simd` may stand. */
export function parseType(text: string): Parsed<Type> {
  return run(text, (p) => p.type());
}

/** An expression under a text of alias definitions. Places are in `text`, those of wrong definitions in `aliases`. */
export function parseAliased(aliases: string, text: string): Parsed<Expr> {
  if (tokensOf(aliases).length === 0) return parseExpression(text);
  const defined = run(aliases, (p): Aliases => {
    p.definitions();
    return p.meaning.aliases;
  });
  if (defined.tree === null) return { tree: null, diagnostics: defined.diagnostics };
  return run(text, (p) => p.expression(), defined.tree);
}

let shared: WeldParser | null = null;

/** More than anyone reads, and an end for a text that is no program at all. */
const MOST_DIAGNOSTICS = 20;
const MOST_BAD_TOKENS = 5;
/** How many tokens a text may cost beyond reading it once. */
const REREAD_TOKENS = 400_000;

/** What reading a list of tokens came to. */
interface Attempt<T> {
  readonly tree: T | null;
  /** What is wrong with tokens that fit. */
  readonly found: readonly Diagnostic[];
  /** The token that ended the reading, as an index, and why; null when all was read. */
  readonly stop: { readonly at: number; readonly diagnostic: Diagnostic | null; readonly final: boolean } | null;
}

function run<T>(text: string, rule: (p: WeldParser) => T, aliases: Aliases = new Map()): Parsed<T> {
  let tokens = tokensOf(text);
  if (tokens.length === 0) return { tree: null, diagnostics: [emptyText()] };
  const bad = tokens.flatMap((t) => badToken(t) ?? []);
  if (bad.length > MOST_BAD_TOKENS) return { tree: null, diagnostics: bad.slice(0, MOST_BAD_TOKENS) };
  const read = (list: readonly IToken[]): Attempt<T> => attempt(list, text, rule, aliases);

  let now = read(tokens);
  const all = [...bad, ...now.found];
  let budget = REREAD_TOKENS;
  for (let stop = now.stop; stop !== null; stop = now.stop) {
    if (stop.diagnostic !== null) all.push(stop.diagnostic);
    if (stop.final || all.length >= MOST_DIAGNOSTICS) break;
    let better: Attempt<T> | null = null;
    for (const r of repairs(tokens, stop.at, text)) {
      const mended = [...tokens.slice(0, r.from), ...r.by, ...tokens.slice(r.to)];
      budget -= mended.length;
      if (budget < 0) break;
      const next = read(mended);
      if (!isPast(next, mended, tokens, r)) continue;
      [better, tokens] = [next, mended];
      break;
    }
    if (better === null) break;
    now = better;
    all.push(...now.found);
  }
  return { tree: all.length === 0 ? now.tree : null, diagnostics: inOrder(all) };
}

/** True when a reading came past the first token behind a repair. */
function isPast(a: Attempt<unknown>, mended: readonly IToken[], tokens: readonly IToken[], r: Repair): boolean {
  return a.stop === null || mended.length - a.stop.at < tokens.length - r.to;
}

function attempt<T>(tokens: readonly IToken[], text: string, rule: (p: WeldParser) => T, aliases: Aliases): Attempt<T> {
  shared ??= new WeldParser();
  shared.restart(tokens, aliases);
  try {
    const tree = rule(shared);
    const [error] = shared.errors;
    const { meaning } = shared;
    if (error === undefined) meaning.finish();
    const found = [...meaning.found];
    return { tree, found, stop: error === undefined ? null : stopAt(error, tokens, text, meaning.misnamed) };
  } catch (e) {
    if (!(e instanceof TooDeep)) throw e;
    const stop = { at: indexOf(e.token, tokens), diagnostic: tooDeep(e, text), final: true };
    return { tree: null, found: [...shared.meaning.found], stop };
  }
}

function stopAt(
  e: IRecognitionException,
  tokens: readonly IToken[],
  text: string,
  misnamed: ReadonlySet<string>,
): NonNullable<Attempt<unknown>['stop']> {
  const at = indexOf(e.token, tokens);
  const before = tokens[at - 1];
  // Said already: a token that is wrong in itself, a word that is taken for what it is not.
  const said =
    isBad(e.token) || isBad(before) || [e.token, before].some((t) => t !== undefined && misnamed.has(t.image));
  return { at, diagnostic: said ? null : wrongToken(e, before, text), final: false };
}

/** The index of a token; the end of the text is behind the last one. */
function indexOf(t: IToken, tokens: readonly IToken[]): number {
  const at = tokens.indexOf(t);
  return at === -1 ? tokens.length : at;
}

/** By place, each once. */
function inOrder(all: readonly Diagnostic[]): readonly Diagnostic[] {
  const start = (d: Diagnostic): number => (d.origin?.kind === 'text' ? d.origin.span.start : 0);
  const once = new Map(all.map((d) => [`${start(d)} ${d.message}`, d]));
  return [...once.values()].sort((a, b) => start(a) - start(b)).slice(0, MOST_DIAGNOSTICS);
}
