/** From what the lexer and the parser stumble over to diagnostics: what was found, what was expected, what to do. */

import type { IRecognitionException, IToken } from 'chevrotain';
import { type Diagnostic, diagnostic, type Span } from '../diag/diagnostic.ts';
import { spanOf } from './actions.ts';
import type { TooDeep } from './grammar.ts';
import { TOKENS } from './tokens.ts';

const BAD = new Map(TOKENS.flatMap((t) => (t.bad === undefined ? [] : [[t.name, t.bad] as const])));

/** True for a token that is wrong in itself and has a diagnostic of its own. */
export const isBad = (t: IToken | undefined): boolean => t !== undefined && BAD.has(t.tokenType.name);

const origin = (span: Span) => ({ kind: 'text', span }) as const;

/** What is wrong with a token in itself; null when nothing is. */
export function badToken(t: IToken): Diagnostic | null {
  const bad = BAD.get(t.tokenType.name);
  if (bad === undefined) return null;
  const span = spanOf(t);
  const found = JSON.stringify(t.image.slice(0, 20));
  switch (bad) {
    case 'number':
      return diagnostic('W1001', `${found} is no number`, {
        origin: origin(span),
        help: 'integers: 7, 7L i64, 7c i8, 7si i16, 7u8 to 7u64, 0x1f, 0b101; floats: 1.5, 1.5f f32, 1e3',
      });
    case 'text':
      return diagnostic('W1001', 'a text without its closing "', { origin: origin(span) });
    case 'character': {
      const ascii = t.image.charCodeAt(0) < 0x80;
      const help = t.image === "'" ? 'a text stands in double quotes' : ascii ? null : ONLY_ASCII;
      return diagnostic('W1001', `${found} starts no token`, { origin: origin(span), help });
    }
    default:
      return bad satisfies never;
  }
}
const ONLY_ASCII = 'outside comments a program is ASCII: names are made of letters, digits, _ and $';

export function emptyText(): Diagnostic {
  return diagnostic('W1002', 'the text is empty: there is no program', {
    origin: origin({ start: 0, end: 0 }),
    help: 'a program is a lambda: |x: vec[f64]| result(for(x, merger[f64,+], |b, i, e| merge(b, e)))',
  });
}

export function tooDeep({ token, limit }: TooDeep, text: string): Diagnostic {
  return diagnostic('W1004', `the text nests more than ${limit} deep`, {
    origin: origin(spanIn(token, text)),
    help: 'name the inner parts with let',
  });
}

/** A token that does not fit; `before` is the one in front of it. */
export function wrongToken(e: IRecognitionException, before: IToken | undefined, text: string): Diagnostic {
  const found = isEnd(e.token) ? 'the end of the text' : JSON.stringify(e.token.image);
  return diagnostic('W1002', messageOf(e, found), {
    origin: origin(spanIn(e.token, text)),
    help: helpFor(e, before, text),
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

/** What a rule with alternatives reads, where it is no expression. */
const RULES: Readonly<Record<string, string>> = {
  type: 'a type',
  builderType: 'a type or one of + * min max',
  annotation: 'a number, a name, a text, true or false',
};

const isEnd = (t: IToken): boolean => Number.isNaN(t.startOffset);

/** The place of a token; the end of the text is the end of its last word. */
function spanIn(t: IToken, text: string): Span {
  if (!isEnd(t)) return spanOf(t);
  const end = text.trimEnd().length;
  return { start: end, end };
}

/** What people mean when they write this. */
function helpFor(e: IRecognitionException, before: IToken | undefined, text: string): string | null {
  const offset = spanIn(e.token, text).start;
  const pointAlone = /\d\.\s*$/.test(text.slice(Math.max(0, offset - 4), offset)) || /^\.\d/.test(text.slice(offset));
  if (pointAlone) return 'a float has digits on both sides of its point: 0.5, 2.0';
  const expected = e.name === 'MismatchedTokenException' ? e.message : null;
  const reserved = before?.tokenType.CATEGORIES?.some((c) => c.name === 'Call') ?? false;
  if (expected === '"("' && reserved) return `${before?.image} is a reserved word, written ${before?.image}(..)`;
  const complete = e.name === 'NotAllInputParsedException' || expected === '";"';
  const inExpression = e.name === 'NoViableAltException' && e.context.ruleStack.at(-1) === 'operand';
  switch (e.token.tokenType.name) {
    case 'Let':
      return inExpression ? 'a let inside an expression stands in parentheses: (let x = 1; x)' : null;
    case 'Bar':
    case 'OrOr':
      return inExpression ? 'a lambda inside an expression stands in parentheses: (|x| x)' : null;
    case 'Less':
    case 'Greater':
      return before?.image === e.token.image ? 'there are no shifts: multiply or divide by a power of two' : null;
    case 'Equals':
      return complete ? 'a comparison is written ==, a name is given by let' : null;
    case 'Type':
    case 'Macro':
      return complete ? 'aliases and then macros come first, before the expression' : null;
    case 'Semicolon':
      return complete ? 'only definitions end in a semicolon, the last expression has none' : null;
    default:
      return null;
  }
}
