/**
 * The tokens of Weld text as data: names, patterns and what they mean, in order of matching. `grammar.ts` turns them
 * into a lexer. Call heads (`len`, `exp`, `f64` ...) are plain identifiers: what a call means is decided by the
 * elaborator, so that a variable may be called `filter`.
 */

export interface TokenSpec {
  readonly name: string;
  readonly pattern: RegExp | string;
  /** Words only: an identifier that goes on is no keyword. */
  readonly keyword?: true;
  readonly skip?: true;
}

const keyword = (word: string): TokenSpec => ({
  name: word[0]?.toUpperCase() + word.slice(1),
  pattern: word,
  keyword: true,
});
const symbol = (name: string, pattern: string): TokenSpec => ({ name, pattern });

/** A word that starts with another comes before it: the first pattern that matches wins. */
const KEYWORDS = ['let', 'true', 'false', 'cudf', 'vecmerger', 'vec', 'dictmerger', 'dict', 'appender', 'merger'];

export const TOKENS: readonly TokenSpec[] = [
  { name: 'Space', pattern: /\s+/, skip: true },
  { name: 'Comment', pattern: /#[^\n]*/, skip: true },
  /** f64, or f32 with the suffix f; an exponent may have a sign. */
  { name: 'Float', pattern: /(?:\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+)[fF]?(?![\w$])|\d+[fF](?![\w$])/ },
  /** i32, or by suffix: c i8, si i16, L i64, u8 u16 u32 u64. A hexadecimal digit wins over a suffix. */
  { name: 'Int', pattern: /(?:0x[0-9a-fA-F]+|0b[01]+|\d+)(?:u8|u16|u32|u64|si|[lLcC])?(?![\w$])/ },
  ...KEYWORDS.map(keyword),
  { name: 'Ident', pattern: /[A-Za-z_$][\w$]*/ },
  { name: 'Text', pattern: /"[^"\\]*"/ },
  symbol('OrOr', '||'),
  symbol('AndAnd', '&&'),
  symbol('EqEq', '=='),
  symbol('NotEq', '!='),
  symbol('LessEq', '<='),
  symbol('GreaterEq', '>='),
  symbol('Less', '<'),
  symbol('Greater', '>'),
  symbol('Bar', '|'),
  symbol('Caret', '^'),
  symbol('And', '&'),
  symbol('Plus', '+'),
  symbol('Minus', '-'),
  symbol('Star', '*'),
  symbol('Slash', '/'),
  symbol('Percent', '%'),
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
];

/** What a message calls a token: `")"`, `a name`. */
export function wordsOf(token: string): string {
  const words: Readonly<Record<string, string>> = { Ident: 'a name', Text: 'a text', EOF: 'the end' };
  const spec = TOKENS.find((t) => t.name === token);
  return words[token] ?? (typeof spec?.pattern === 'string' ? JSON.stringify(spec.pattern) : token);
}
