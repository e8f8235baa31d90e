/**
 * Reading on behind an error: which tokens to take out of a text so that the rest can be read.
 *
 * Everything in front of the error fits the grammar, so what is open there is known: brackets, lets, macros, aliases.
 * A repair takes the innermost of these that is whole enough to have an end, and leaves a hole, an operand of which
 * nothing is known: for the element of a list, for all between two brackets; a let or a macro goes as a whole. It is
 * tried by reading the text once more, and it is good when that comes past what was taken out. So one mistake makes
 * one diagnostic, and the state of the parser never has to be mended.
 */

import type { IToken } from 'chevrotain';
import { madeToken } from './grammar.ts';

/** Tokens `from` to `to` give way to others. */
export interface Repair {
  readonly from: number;
  readonly to: number;
  readonly by: readonly IToken[];
}

type Opener = 'LParen' | 'LBracket' | 'LBrace';
type Definition = 'Let' | 'Macro' | 'Type';
/** Something that is open at the error. */
interface Open {
  readonly kind: Opener | Definition;
  readonly index: number;
  /** The last comma directly inside, or the index itself. */
  comma: number;
}

const CLOSER: Readonly<Record<Opener, string>> = { LParen: 'RParen', LBracket: 'RBracket', LBrace: 'RBrace' };
const isOpener = (kind: string): kind is Opener => kind in CLOSER;
const isDefinition = (kind: string): kind is Definition => kind === 'Let' || kind === 'Macro' || kind === 'Type';
const isCloser = (kind: string): boolean => kind === 'RParen' || kind === 'RBracket' || kind === 'RBrace';
const kindOf = (t: IToken | undefined): string => t?.tokenType.name ?? 'EOF';

/** The repairs of an error at token `at`, the smallest first; `text` shows where lines begin. */
export function repairs(tokens: readonly IToken[], at: number, text: string): readonly Repair[] {
  const open = openAt(tokens, at);
  const found: Repair[] = [];
  for (let k = open.length - 1; k >= 0 && found.length < MOST_REPAIRS; k--) {
    const outer = open[k];
    if (outer === undefined) continue;
    const inside = open.slice(k + 1).flatMap((o) => (isOpener(o.kind) ? [o.kind] : []));
    if (isOpener(outer.kind)) found.push(...bracketRepairs(tokens, at, outer, CLOSER[outer.kind], inside));
    else {
      const around = open.slice(0, k).findLast((o) => isOpener(o.kind))?.kind;
      const end = around !== undefined && isOpener(around) ? CLOSER[around] : null;
      found.push(...definitionRepairs(tokens, at, outer, inside, end, text));
    }
  }
  return found;
}
/** Each is tried by reading the text again. */
const MOST_REPAIRS = 6;

/** What is open in front of token `at`. All before it fits the grammar, so brackets match. */
function openAt(tokens: readonly IToken[], at: number): readonly Open[] {
  const open: Open[] = [];
  for (let i = 0; i < at; i++) {
    const kind = kindOf(tokens[i]);
    const top = open.at(-1);
    if (isOpener(kind) || isDefinition(kind)) {
      // A reserved word may stand where a name belongs: `let type = 1;`.
      if (isDefinition(kind) && i + 1 < at && !hasCategory(tokens[i + 1], 'Word')) continue;
      open.push({ kind, index: i, comma: i });
    } else if (isCloser(kind) || kind === 'Semicolon') open.pop();
    else if (kind === 'Comma' && top !== undefined) top.comma = i;
  }
  return open;
}
const hasCategory = (t: IToken | undefined, name: string): boolean =>
  t?.tokenType.CATEGORIES?.some((c) => c.name === name) ?? false;

/** Walks on from an error; tells at each token what is open since. */
class Ahead {
  readonly #open: string[];
  constructor(inside: readonly Opener[]) {
    this.#open = [...inside];
  }
  get level(): boolean {
    return this.#open.length === 0;
  }
  /** Takes a token in; false when it closes what was open before, or nothing at all. */
  take(kind: string): boolean {
    if (isOpener(kind) || kind === 'Let') this.#open.push(kind);
    else if (kind === 'Semicolon') {
      if (this.#open.at(-1) !== 'Let') return false;
      this.#open.pop();
    } else if (isCloser(kind)) {
      const opener = this.#open.findLastIndex((o) => isOpener(o) && CLOSER[o] === kind);
      const any = this.#open.findLastIndex(isOpener);
      // A closer that closes nothing is the wrong closer of the innermost bracket.
      if (any === -1) return false;
      this.#open.length = opener === -1 ? any : opener;
    }
    return true;
  }
}

/** The element that is wrong, then all between the brackets. */
function bracketRepairs(
  tokens: readonly IToken[],
  at: number,
  outer: Open,
  closer: string,
  inside: readonly Opener[],
): readonly Repair[] {
  const ahead = new Ahead(inside);
  let comma: number | null = null;
  for (let i = at; i < tokens.length; i++) {
    const kind = kindOf(tokens[i]);
    if (kind === 'Comma' && ahead.level) comma ??= i;
    if (ahead.take(kind)) continue;
    // A semicolon or another closer: the bracket itself is not closed.
    if (kind !== closer || !ahead.level) return [];
    const element = hole(tokens, outer.comma + 1, comma ?? i);
    const all = hole(tokens, outer.index + 1, i);
    return element.from === all.from && element.to === all.to ? [all] : [element, all];
  }
  return [];
}

function hole(tokens: readonly IToken[], from: number, to: number): Repair {
  const offset = tokens[from]?.startOffset ?? 0;
  return { from, to, by: [madeToken('Hole', offset)] };
}

/** A let, macro or alias to its semicolon, or to where it must have been forgotten. */
function definitionRepairs(
  tokens: readonly IToken[],
  at: number,
  outer: Open,
  inside: readonly Opener[],
  around: string | null,
  text: string,
): readonly Repair[] {
  const ahead = new Ahead(inside);
  for (let i = at; i < tokens.length; i++) {
    const kind = kindOf(tokens[i]);
    const next = i === at ? startsLine(tokens, i, text) || (ahead.level && !wantsMore(tokens[i - 1])) : ahead.level;
    if (isDefinition(kind) && next) return [without(tokens, outer, i, false)];
    if (ahead.take(kind)) continue;
    if (kind === 'Semicolon') return [without(tokens, outer, i, true)];
    if (kind === around) break;
  }
  // There is no semicolon up to the bracket around, or to the end: it was forgotten before the error.
  return inside.length === 0 ? [without(tokens, outer, at, false)] : [];
}

/** Takes a definition out that ends at token `end`; a type that is known by name stays known. */
function without(tokens: readonly IToken[], outer: Open, end: number, closed: boolean): Repair {
  const { kind, index } = outer;
  if (kind === 'Type' && kindOf(tokens[index + 2]) === 'Equals' && end > index + 2) {
    const offset = tokens[index + 2]?.startOffset ?? 0;
    const by = [madeToken('Hole', offset), ...(closed ? [] : [madeToken('Semicolon', offset)])];
    return { from: index + 3, to: end, by };
  }
  return { from: index, to: closed ? end + 1 : end, by: [] };
}

/** True for a token that does not end an expression. */
function wantsMore(t: IToken | undefined): boolean {
  return kindOf(t) === 'Equals' || kindOf(t) === 'Not' || hasCategory(t, 'Operator');
}

function startsLine(tokens: readonly IToken[], i: number, text: string): boolean {
  const before = tokens[i - 1];
  const here = tokens[i];
  if (before === undefined || here === undefined) return true;
  return text.slice(before.startOffset + before.image.length, here.startOffset).includes('\n');
}
