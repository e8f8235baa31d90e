/**
 * Running the parser: one shared instance (building it takes milliseconds), and chevrotain's errors as diagnostics.
 * Every diagnostic of a text has an origin within the text.
 */

import type { ILexingError, IRecognitionException, IToken } from 'chevrotain';
import type { Type } from '../core/types.ts';
import { type Diagnostic, diagnostic, type Span } from '../diag/diagnostic.ts';
import type { Expr } from './ast.ts';
import { lexer, NESTING_LIMIT, spanOf, TooDeep, WeldParser } from './grammar.ts';

let shared: WeldParser | null = null;

interface Parsed<T> {
  readonly tree: T | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** The surface tree of a text, or the diagnostics that say why there is none. */
export function parse(text: string): Parsed<Expr> {
  return run(text, (p) => p.program());
}

/** A type written in Weld syntax. */
export function parseType(text: string): Parsed<Type> {
  return run(text, (p) => p.type());
}

/** A text that is no program at all (a picture, say) has thousands of wrong characters: the first few say it. */
const MOST_CHARACTERS = 5;

function run<T>(text: string, rule: (p: WeldParser) => T): Parsed<T> {
  shared ??= new WeldParser();
  const lexed = lexer.tokenize(text);
  if (lexed.errors.length > 0) {
    return { tree: null, diagnostics: lexed.errors.slice(0, MOST_CHARACTERS).map((e) => lexError(e, text)) };
  }
  if (lexed.tokens.length === 0) return { tree: null, diagnostics: [emptyText()] };
  shared.input = lexed.tokens;
  shared.restart();
  try {
    const tree = rule(shared);
    const diagnostics = [...shared.errors.map((e) => parseError(e, text)), ...shared.found];
    return { tree: diagnostics.length === 0 ? tree : null, diagnostics };
  } catch (e) {
    if (!(e instanceof TooDeep)) throw e;
    return { tree: null, diagnostics: [tooDeep(e.token, text)] };
  }
}

function lexError(e: ILexingError, text: string): Diagnostic {
  // A word that begins like a number is shown as a whole: `0x`, `1.5.2`, `12abc`.
  const word = /^\d[\w$]*/.exec(text.slice(e.offset, e.offset + 40))?.[0];
  const span = { start: e.offset, end: e.offset + (word?.length ?? Math.max(1, e.length)) };
  const found = JSON.stringify(text.slice(span.start, Math.min(span.end, span.start + 20)));
  if (word === undefined) return diagnostic('W1001', `${found} starts no token`, { origin: { kind: 'text', span } });
  return diagnostic('W1001', `${found} is no number`, {
    origin: { kind: 'text', span },
    help: 'integers: 7, 7L i64, 7c i8, 7si i16, 7u8 to 7u64, 0x1f, 0b101; floats: 1.5, 1.5f f32, 1e3',
  });
}

function emptyText(): Diagnostic {
  return diagnostic('W1002', 'the text is empty: there is no program', {
    origin: { kind: 'text', span: { start: 0, end: 0 } },
    help: 'a program is a lambda: |x: vec[f64]| result(for(x, merger[f64,+], |b, i, e| merge(b, e)))',
  });
}

function tooDeep(t: IToken, text: string): Diagnostic {
  return diagnostic('W1004', `the text nests more than ${NESTING_LIMIT} deep`, {
    origin: { kind: 'text', span: spanIn(t, text) },
    help: 'name the inner parts with let',
  });
}

function parseError(e: IRecognitionException, text: string): Diagnostic {
  const found = isEnd(e.token) ? 'the end of the text' : JSON.stringify(e.token.image);
  return diagnostic('W1002', messageOf(e, found), {
    origin: { kind: 'text', span: spanIn(e.token, text) },
    help: helpFor(e, text),
  });
}

function messageOf(e: IRecognitionException, found: string): string {
  switch (e.name) {
    case 'NotAllInputParsedException':
      return `expected the end of the text, found ${found}`;
    case 'MismatchedTokenException':
      // The grammar makes the words of the expected token the message.
      return `expected ${e.message}, found ${found}`;
    default:
      return `expected ${RULES[e.context.ruleStack.at(-1) ?? ''] ?? 'an expression'}, found ${found}`;
  }
}

const isEnd = (t: IToken): boolean => Number.isNaN(t.startOffset);

/** The place of a token; the end of the text is the end of its last word. */
function spanIn(t: IToken, text: string): Span {
  if (!isEnd(t)) return spanOf(t);
  const end = text.trimEnd().length;
  return { start: end, end };
}

function helpFor(e: IRecognitionException, text: string): string | null {
  const offset = spanIn(e.token, text).start;
  const pointAlone = /\d\.\s*$/.test(text.slice(Math.max(0, offset - 4), offset)) || /^\.\d/.test(text.slice(offset));
  return pointAlone ? 'a float has digits on both sides of its point: 0.5, 2.0' : null;
}

/** What a rule with alternatives reads, where it is no expression. */
const RULES: Readonly<Record<string, string>> = {
  type: 'a type',
  builderType: 'a type or one of + * min max',
  annotation: 'a number, a name, a text, true or false',
};
