/**
 * The tokens of Weld text as data: names, patterns and what they mean, in order of matching. `grammar.ts` turns them
 * into a lexer.
 *
 * Words come before `Ident`, each with a border behind it, so that `format` is a name although `for` is none. All
 * words, reserved or not, are of the category `Word`: where a name belongs the grammar takes any of them and can say
 * that it is reserved. Those that are written like calls are of the category `Call` too. What is wrong in itself is a token as well (`bad`), so that reading goes on behind it: a bad
 * number or text is of the category `Hole`, an operand of which nothing is known.
 */

import { SCALAR_KINDS } from '../core/types.ts';
import { RESERVED_WORDS } from '../core/words.ts';
import { isForm } from './forms.ts';

export interface TokenSpec {
  readonly name: string;
  /** Null for a category, which matches nothing by itself. */
  readonly pattern: RegExp | string | null;
  readonly skip?: true;
  readonly categories?: readonly ('Word' | 'Call' | 'Operator' | 'Hole')[];
  /** What is wrong with the token, which stands in no text that is right. */
  readonly bad?: 'number' | 'text' | 'character';
}

/** One of some reserved words, none of which goes on. */
const words = (name: string, list: readonly string[]): TokenSpec => ({
  name,
  pattern: new RegExp(`(?:${list.join('|')})(?![\\w$])`),
  categories: list.every(isForm) ? ['Word', 'Call'] : ['Word'],
});
const symbol = (name: string, pattern: string): TokenSpec => ({ name, pattern });
const operator = (name: string, pattern: string): TokenSpec => ({ name, pattern, categories: ['Operator'] });

/** Words with a place of their own in the grammar, by the name of their token. */
const PLACED: Readonly<Record<string, readonly string[]>> = {
  Let: ['let'],
  True: ['true'],
  False: ['false'],
  Macro: ['macro'],
  Type: ['type'],
  Vec: ['vec'],
  Dict: ['dict'],
  Simd: ['simd'],
  Cudf: ['cudf'],
  MinMax: ['min', 'max'],
  Scalar: SCALAR_KINDS,
  Builder: ['appender', 'merger', 'vecmerger', 'dictmerger', 'groupmerger'],
};
const placed = new Set(Object.values(PLACED).flat());
/** The other forms, which are all written alike: a word and its arguments. */
const FORMS = [...RESERVED_WORDS].filter((w) => isForm(w) && !placed.has(w));

export const TOKENS: readonly TokenSpec[] = [
  { name: 'Word', pattern: null },
  { name: 'Call', pattern: null },
  { name: 'Operator', pattern: null },
  { name: 'Hole', pattern: null },
  { name: 'Space', pattern: /\s+/, skip: true },
  { name: 'Comment', pattern: /#[^\n]*/, skip: true },
  /** f64, or f32 with the suffix f; an exponent may have a sign. A point with a digit behind it ends no number. */
  { name: 'Float', pattern: /(?:\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+)[fF]?(?![\w$]|\.\d)|\d+[fF](?![\w$]|\.\d)/ },
  /** i32, or by suffix: c i8, si i16, L i64, u8 u16 u32 u64 (`literals.ts` tells a suffix from a digit). */
  {
    name: 'Int',
    pattern: /(?:(?:0x[0-9a-fA-F]+|0b[01]+)(?:u8|u16|u32|u64|[lLcC])?|\d+(?:u8|u16|u32|u64|si|[lLcC])?)(?![\w$]|\.\d)/,
  },
  { name: 'BadNumber', pattern: /\d[\w$]*(?:\.\d[\w$]*)*/, categories: ['Hole'], bad: 'number' },
  ...Object.entries(PLACED).map(([name, list]) => words(name, list)),
  words('Form', FORMS),
  { name: 'Ident', pattern: /[A-Za-z_$][\w$]*/, categories: ['Word'] },
  { name: 'Text', pattern: /"(?:[^"\\]|\\[\s\S])*"/ },
  /** A text that is not closed: reading goes on with the next line. */
  { name: 'BadText', pattern: /"[^\n]*/, categories: ['Hole'], bad: 'text' },
  operator('OrOr', '||'),
  operator('AndAnd', '&&'),
  operator('EqEq', '=='),
  operator('NotEq', '!='),
  operator('LessEq', '<='),
  operator('GreaterEq', '>='),
  operator('Less', '<'),
  operator('Greater', '>'),
  operator('Bar', '|'),
  operator('Caret', '^'),
  operator('And', '&'),
  operator('Plus', '+'),
  operator('Minus', '-'),
  operator('Star', '*'),
  operator('Slash', '/'),
  operator('Percent', '%'),
  symbol('Not', '!'),
  symbol('Equals', '='),
  symbol('LParen', '('),
  symbol('RParen', ')'),
  symbol('LBracket', '['),
  symbol('RBracket', ']'),
  symbol('LBrace', '{'),
  symbol('RBrace', '}'),
  symbol('Comma', ','),
  symbol('Colon', ':'),
  symbol('Semicolon', ';'),
  symbol('Dot', '.'),
  symbol('At', '@'),
  symbol('Question', '?'),
  { name: 'BadCharacter', pattern: /[\u0080-\uffff]+|[^\u0080-\uffff]/, bad: 'character' },
];

/** What a message calls a token: `")"`, `a name`. */
export function wordsOf(token: string): string {
  const said: Readonly<Record<string, string>> = { Word: 'a name', Ident: 'a name', Text: 'a text', EOF: 'the end' };
  const spec = TOKENS.find((t) => t.name === token);
  return said[token] ?? (typeof spec?.pattern === 'string' ? JSON.stringify(spec.pattern) : token);
}
