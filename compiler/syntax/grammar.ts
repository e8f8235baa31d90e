/**
 * The grammar of Weld text (the only importer of chevrotain). Embedded actions build the surface tree directly.
 *
 * Loosest to tightest: let and lambda, the operators (`precedence.ts`), ascription `e: T`, call and `.$n`. Unary `-`,
 * `!` and annotations bind to the leaf: `-a.$0` is `(-a).$0`. Trailing commas are legal in lists. The value of a let
 * is no let and no lambda, unless in parentheses.
 *
 * Rules are few and large on purpose: every rule on the way from a bracket to the next one takes stack, and what the
 * stack allows, less a good margin, is the depth to which a text may nest (`NESTING_LIMIT`). All choices look one
 * token ahead, so that an error is at the first token that fits nothing. What is wrong although the tokens fit is
 * added to `found`, and reading goes on; a wrong token ends a run, and `recover.ts` takes it from there.
 */

import {
  createToken,
  defaultParserErrorProvider,
  EmbeddedActionsParser,
  type IToken,
  Lexer,
  type ParserMethod,
  type TokenType,
} from 'chevrotain';
import { type Annotations, type BinOp, NO_NOTES } from '../core/op.ts';
import { type BuilderType, dict, simd, struct, type Type, unknown, vec } from '../core/types.ts';
import { InternalError, type Span } from '../diag/diagnostic.ts';
import { Actions, boolNode, HOLE, join, nameNode, scalarType, spanOf } from './actions.ts';
import type { Aliases } from './aliases.ts';
import type { Expr, MacroNode, ParamNode, ProgramTree } from './ast.ts';
import { type Head, headed, type Prefix, prefixed } from './heads.ts';
import { foldOperators, type Operation, operatorOf, operatorsAround } from './precedence.ts';
import { TOKENS, wordsOf } from './tokens.ts';

const types = new Map<string, TokenType>();
for (const t of TOKENS) {
  const made = createToken({
    name: t.name,
    pattern: t.pattern ?? Lexer.NA,
    ...(t.categories ? { categories: t.categories.map(tok) } : {}),
    ...(t.skip ? { group: Lexer.SKIPPED } : {}),
  });
  types.set(t.name, made);
}
const lexer = new Lexer([...types.values()], { positionTracking: 'onlyOffset' });

function tok(name: string): TokenType {
  const found = types.get(name);
  if (found === undefined) throw new InternalError(`grammar: no token ${name}`);
  return found;
}

/** The tokens of a text. Every text has some: what is wrong is a token too. */
export function tokensOf(text: string): readonly IToken[] {
  const { tokens, errors } = lexer.tokenize(text);
  const [error] = errors;
  if (error !== undefined) throw new InternalError(`grammar: no token matches at ${error.offset}: ${error.message}`);
  return tokens;
}

/** A token that stands for what was taken out of a text at an offset. */
export function madeToken(name: 'Hole' | 'Semicolon', startOffset: number): IToken {
  const tokenType = tok(name);
  return { image: '', startOffset, tokenType, tokenTypeIdx: tokenType.tokenTypeIdx ?? 0 };
}

/** How deep expressions and types may nest: many times what people write, half of what the default stack can take. */
export const NESTING_LIMIT = 200;
/** How deep the tree may be, in which `a || b && c < d + e * f` is five deep. Passes over it follow its depth. */
export const TREE_LIMIT = 800;

/** Thrown through the parser where a text nests deeper than a limit. */
export class TooDeep extends Error {
  readonly token: IToken;
  readonly limit: number;
  constructor(token: IToken, limit: number) {
    super('the text nests too deep');
    this.token = token;
    this.limit = limit;
  }
}

export class WeldParser extends EmbeddedActionsParser {
  /** What the text means, and what is wrong with it. */
  readonly meaning = new Actions();
  readonly program: ParserMethod<[], ProgramTree>;
  readonly macros: ParserMethod<[], readonly MacroNode[]>;
  /** Definitions of types only: they are added to `aliases`. */
  readonly definitions: ParserMethod<[], void>;
  readonly expression: ParserMethod<[plain?: boolean], Expr>;
  readonly type: ParserMethod<[], Type>;
  #depth = 0;
  #treeDepth = 0;
  #typeHoles = 0;

  constructor() {
    super([...types.values()], {
      recoveryEnabled: false,
      maxLookahead: 1,
      nodeLocationTracking: 'none',
      errorMessageProvider: {
        ...defaultParserErrorProvider,
        // `refusals.ts` makes the messages, of which chevrotain's own would list every token that fits.
        buildMismatchTokenMessage: ({ expected }) => wordsOf(expected.name),
        buildNoViableAltMessage: () => '',
        buildNotAllInputParsedMessage: () => '',
      },
    });

    this.program = this.RULE('program', (): ProgramTree => {
      const macros: MacroNode[] = [];
      this.MANY(() => {
        this.OR([
          { ALT: () => this.SUBRULE(alias, { ARGS: [macros.length > 0] }) },
          { ALT: () => macros.push(this.SUBRULE(macro)) },
        ]);
      });
      return { macros, body: this.SUBRULE(this.expression) };
    });

    this.macros = this.RULE('macros', () => {
      const macros: MacroNode[] = [];
      this.MANY(() => {
        macros.push(this.SUBRULE(macro));
      });
      return macros;
    });

    this.definitions = this.RULE('definitions', () => {
      this.MANY(() => this.SUBRULE(alias, { ARGS: [false] }));
    });

    const alias = this.RULE('alias', (late: boolean): void => {
      const first = this.CONSUME(tok('Type'));
      const word = this.CONSUME(tok('Word'));
      this.CONSUME(tok('Equals'));
      const ty = this.SUBRULE(this.type);
      const last = this.CONSUME(tok('Semicolon'));
      this.ACTION(() => this.meaning.define(word, ty, late ? join(spanOf(first), spanOf(last)) : null));
    });

    const macro = this.RULE('macro', (): MacroNode => {
      const params: string[] = [];
      this.CONSUME(tok('Macro'));
      const word = this.CONSUME(tok('Word'));
      this.CONSUME(tok('LParen'));
      this.MANY_SEP({
        SEP: tok('Comma'),
        DEF: () => {
          const param = this.CONSUME2(tok('Word'));
          this.ACTION(() => params.push(this.meaning.parameter(param, word, params)));
        },
      });
      this.CONSUME(tok('RParen'));
      this.CONSUME(tok('Equals'));
      const body = this.SUBRULE(this.expression);
      this.CONSUME(tok('Semicolon'));
      return this.ACTION(() => ({ name: this.meaning.name(word), params, body, span: spanOf(word) }));
    });

    // Two rules lie between a bracket and the next: this one and `operand`. A lambda's body and what follows a let go
    // on in the same call, and operators are a flat list that `precedence.ts` folds.
    this.expression = this.RULE('expression', (plain = false): Expr => {
      const outside = this.#here();
      this.#enter();
      const heads: Head[] = [];
      this.MANY({
        // The value of a let is read without heads.
        GATE: () => !plain,
        DEF: () => {
          const start = this.LA(1);
          this.OR([
            {
              ALT: () => {
                this.CONSUME(tok('Let'));
                const word = this.CONSUME(tok('Word'));
                let ty: Type | null = null;
                this.OPTION(() => {
                  this.CONSUME(tok('Colon'));
                  ty = this.SUBRULE(this.type);
                });
                this.CONSUME(tok('Equals'));
                const value = this.SUBRULE(this.expression, { ARGS: [true] });
                this.CONSUME(tok('Semicolon'));
                this.ACTION(() => {
                  heads.push({
                    start: spanOf(start),
                    let: { name: this.meaning.name(word), ty, span: spanOf(word), value },
                  });
                });
              },
            },
            {
              ALT: () => {
                const params = this.SUBRULE(lambdaParams);
                this.ACTION(() => heads.push({ start: spanOf(start), params }));
                this.#deepen();
              },
            },
          ]);
        },
      });
      const first = this.SUBRULE(operand);
      const rest: Operation[] = [];
      const pending: BinOp[] = [];
      const above = this.#treeDepth;
      this.MANY2(() => {
        const op = this.CONSUME(tok('Operator'));
        this.#treeDepth = above + this.ACTION(() => operatorsAround(op.image, pending));
        const e = this.SUBRULE2(operand);
        this.ACTION(() => rest.push({ op: operatorOf(op.image), span: spanOf(op), e }));
      });
      this.#leave(outside);
      return this.ACTION(() => headed(heads, foldOperators(first, rest, this.meaning.found)));
    });

    const lambdaParams = this.RULE('lambdaParams', (): readonly ParamNode[] => {
      const params: ParamNode[] = [];
      this.OR([
        { ALT: () => this.CONSUME(tok('OrOr')) },
        {
          ALT: () => {
            this.CONSUME(tok('Bar'));
            this.MANY_SEP({
              SEP: tok('Comma'),
              DEF: () => {
                const word = this.CONSUME(tok('Word'));
                let ty: Type | null = null;
                this.OPTION(() => {
                  this.CONSUME(tok('Colon'));
                  ty = this.SUBRULE(this.type);
                });
                this.ACTION(() => params.push({ name: this.meaning.name(word), ty, span: spanOf(word) }));
              },
            });
            this.CONSUME2(tok('Bar'));
          },
        },
      ]);
      return params;
    });

    // A list up to its closing bracket. Numbers tell the places of a construct in one rule apart; a list has n and n + 1.
    const list = <T>(n: number, read: (k: number) => T): readonly T[] => {
      const items: T[] = [];
      this.option(n, () => {
        items.push(read(n));
        this.many(n, {
          GATE: () => !CLOSERS.has(this.LA(2).tokenType.name),
          DEF: () => {
            this.consume(n, tok('Comma'));
            items.push(read(n + 1));
          },
        });
        this.option(n + 1, () => this.consume(n + 1, tok('Comma')));
      });
      return items;
    };
    const expressions = (n: number): readonly Expr[] => list(n, (k) => this.subrule(k, this.expression));

    const made = <T>(token: IToken, make: (t: IToken) => T): T => this.ACTION(() => make(token));
    const operand = this.RULE('operand', (): Expr => {
      const outside = this.#here();
      const prefixes: Prefix[] = [];
      let notes = NO_NOTES;
      let annotated = 0;
      this.MANY(() => {
        this.OR([
          { ALT: () => this.#prefix(prefixes, '-', this.CONSUME(tok('Minus'))) },
          { ALT: () => this.#prefix(prefixes, '!', this.CONSUME(tok('Not'))) },
          {
            ALT: () => {
              const before = prefixes.length === annotated ? notes : NO_NOTES;
              notes = { ...before, ...this.SUBRULE(annotation) };
              annotated = prefixes.length;
            },
          },
        ]);
      });
      // An annotation belongs to what is right behind it; before a prefix it means nothing.
      if (prefixes.length !== annotated) notes = NO_NOTES;
      const first = this.LA(1);
      const spanned = (make: (span: Span) => Expr): Expr => {
        const last = this.LA(0);
        return this.ACTION(() => make(join(spanOf(first), spanOf(last))));
      };
      const leaf = this.OR2<Expr>([
        { ALT: () => made(this.CONSUME(tok('Int')), (t) => this.meaning.number(t)) },
        { ALT: () => made(this.CONSUME(tok('Float')), (t) => this.meaning.number(t)) },
        { ALT: () => made(this.CONSUME(tok('True')), boolNode) },
        { ALT: () => made(this.CONSUME(tok('False')), boolNode) },
        { ALT: () => made(this.CONSUME(tok('Text')), (t) => this.meaning.text(t)) },
        { ALT: () => made(this.CONSUME(tok('Ident')), nameNode) },
        {
          ALT: () => {
            const word = this.CONSUME(tok('Call'));
            let ty: Type | null = null;
            this.OPTION({
              GATE: () => word.image === 'deserialize',
              DEF: () => {
                this.CONSUME(tok('LBracket'));
                ty = this.SUBRULE(this.type);
                this.CONSUME(tok('RBracket'));
              },
            });
            this.CONSUME(tok('LParen'));
            const args = expressions(10);
            this.CONSUME(tok('RParen'));
            return spanned((span) => this.meaning.form(word, ty, args, notes, span));
          },
        },
        {
          ALT: () => {
            this.CONSUME2(tok('LParen'));
            const e = this.SUBRULE(this.expression);
            this.CONSUME2(tok('RParen'));
            return e;
          },
        },
        {
          ALT: () => {
            this.CONSUME2(tok('LBracket'));
            const items = expressions(20);
            this.CONSUME2(tok('RBracket'));
            return spanned((span) => ({ k: 'vec', items, span }));
          },
        },
        {
          ALT: () => {
            this.CONSUME(tok('LBrace'));
            const items = expressions(30);
            this.CONSUME(tok('RBrace'));
            return spanned((span) => ({ k: 'struct', items, span }));
          },
        },
        { ALT: () => this.SUBRULE(builder, { ARGS: [notes] }) },
        { ALT: () => this.SUBRULE(extern, { ARGS: [notes] }) },
        {
          ALT: () => {
            this.CONSUME(tok('Hole'));
            return HOLE;
          },
        },
      ]);
      this.#leave(outside);
      let e = this.ACTION(() => prefixed(prefixes, leaf));
      this.MANY2(() => {
        this.OR3([
          {
            ALT: () => {
              this.CONSUME(tok('Dot'));
              const field = this.CONSUME(tok('Word'));
              e = this.ACTION(() => this.meaning.field(e, field));
            },
          },
          {
            ALT: () => {
              this.CONSUME3(tok('LParen'));
              const args = expressions(40);
              const last = this.CONSUME3(tok('RParen'));
              const f = e;
              e = this.ACTION(() => ({ k: 'apply', f, args, span: join(f.span, spanOf(last)) }));
            },
          },
        ]);
      });
      this.OPTION2(() => {
        this.CONSUME(tok('Colon'));
        const ty = this.SUBRULE2(this.type);
        const last = this.LA(0);
        e = this.ACTION((): Expr => ({ k: 'ascribe', e, ty, span: join(e.span, spanOf(last)) }));
      });
      return e;
    });

    const builder = this.RULE('builder', (notes: Annotations): Expr => {
      const first = this.LA(1);
      const ty = this.SUBRULE(builderType);
      let args: readonly Expr[] = [];
      this.OPTION(() => {
        this.CONSUME(tok('LParen'));
        args = expressions(10);
        this.CONSUME(tok('RParen'));
      });
      const last = this.LA(0);
      return this.ACTION((): Expr => {
        const span = join(spanOf(first), spanOf(last));
        return this.meaning.builder(ty, args, notes, span);
      });
    });

    const extern = this.RULE('extern', (notes: Annotations): Expr => {
      const args: Expr[] = [];
      const first = this.CONSUME(tok('Cudf'));
      this.CONSUME(tok('LBracket'));
      const name = this.CONSUME(tok('Word'));
      this.CONSUME(tok('Comma'));
      const ty = this.SUBRULE(this.type);
      this.CONSUME(tok('RBracket'));
      this.CONSUME(tok('LParen'));
      this.MANY(() => {
        args.push(this.SUBRULE(this.expression));
        this.OPTION(() => this.CONSUME2(tok('Comma')));
      });
      const last = this.CONSUME(tok('RParen'));
      return this.ACTION((): Expr => {
        return { k: 'cudf', name: name.image, ty, args, notes, span: join(spanOf(first), spanOf(last)) };
      });
    });

    const annotation = this.RULE('annotation', (): Annotations => {
      const notes: [string, string | number | boolean][] = [];
      this.CONSUME(tok('At'));
      this.CONSUME(tok('LParen'));
      this.MANY_SEP({
        SEP: tok('Comma'),
        DEF: () => {
          const key = this.CONSUME(tok('Word'));
          this.CONSUME(tok('Colon'));
          let sign = 1;
          this.OPTION(() => {
            this.CONSUME(tok('Minus'));
            sign = -1;
          });
          const value = this.OR([
            { ALT: () => this.CONSUME(tok('Int')) },
            { ALT: () => this.CONSUME(tok('Float')) },
            { ALT: () => this.CONSUME(tok('Text')) },
            { ALT: () => this.CONSUME2(tok('Word')) },
          ]);
          this.ACTION(() => notes.push([key.image, this.meaning.note(value, sign)]));
        },
      });
      this.CONSUME(tok('RParen'));
      return Object.fromEntries(notes);
    });

    this.type = this.RULE('type', (): Type => {
      const outside = this.#here();
      this.#enter();
      const ty = this.OR<Type>([
        { ALT: () => made(this.CONSUME(tok('Scalar')), scalarType) },
        {
          ALT: () => {
            const word = this.CONSUME(tok('Ident'));
            const next = this.LA(1);
            return this.ACTION(() => this.meaning.aliased(word, next));
          },
        },
        {
          ALT: () => {
            this.CONSUME(tok('Vec'));
            this.CONSUME(tok('LBracket'));
            const elem = this.SUBRULE(this.type);
            this.CONSUME(tok('RBracket'));
            return this.ACTION(() => vec(elem));
          },
        },
        {
          ALT: () => {
            this.CONSUME(tok('Simd'));
            this.CONSUME2(tok('LBracket'));
            const elem = this.SUBRULE2(this.type);
            this.CONSUME2(tok('RBracket'));
            return this.ACTION(() => simd(elem));
          },
        },
        {
          ALT: () => {
            this.CONSUME(tok('Dict'));
            this.CONSUME3(tok('LBracket'));
            const key = this.SUBRULE3(this.type);
            this.CONSUME(tok('Comma'));
            const value = this.SUBRULE4(this.type);
            this.CONSUME3(tok('RBracket'));
            return this.ACTION(() => dict(key, value));
          },
        },
        {
          ALT: () => {
            this.CONSUME(tok('LBrace'));
            const fields = list(10, (k) => this.subrule(k, this.type));
            this.CONSUME(tok('RBrace'));
            return this.ACTION(() => struct(fields));
          },
        },
        {
          ALT: () => {
            // Annotations of builder types are legal and mean nothing.
            this.MANY(() => this.SUBRULE(annotation));
            return this.SUBRULE(builderType);
          },
        },
        {
          ALT: () => {
            this.CONSUME(tok('Question'));
            return unknown(0);
          },
        },
        {
          ALT: () => {
            this.CONSUME(tok('Hole'));
            this.#typeHoles++;
            return unknown(0);
          },
        },
      ]);
      this.#leave(outside);
      return ty;
    });

    const builderType = this.RULE('builderType', (): BuilderType => {
      const head = this.CONSUME(tok('Builder'));
      const holes = this.#typeHoles;
      const operands: Type[] = [];
      const ops: string[] = [];
      this.OPTION(() => {
        this.CONSUME(tok('LBracket'));
        operands.push(this.SUBRULE(this.type));
        this.MANY(() => {
          this.CONSUME(tok('Comma'));
          this.OR([
            { ALT: () => operands.push(this.SUBRULE2(this.type)) },
            { ALT: () => ops.push(this.CONSUME(tok('Plus')).image) },
            { ALT: () => ops.push(this.CONSUME(tok('Star')).image) },
            { ALT: () => ops.push(this.CONSUME(tok('MinMax')).image) },
          ]);
        });
        this.CONSUME(tok('RBracket'));
      });
      const last = this.LA(0);
      return this.ACTION((): BuilderType => {
        const whole = holes === this.#typeHoles;
        return this.meaning.builderType(head, operands, ops, whole, join(spanOf(head), spanOf(last)));
      });
    });

    this.performSelfAnalysis();
  }

  /** Makes ready for a text, in which `aliases` have a meaning. */
  restart(tokens: readonly IToken[], aliases: Aliases): void {
    this.input = [...tokens];
    this.meaning.restart(aliases);
    this.#depth = 0;
    this.#treeDepth = 0;
  }

  #enter(): void {
    if (++this.#depth > NESTING_LIMIT) throw new TooDeep(this.LA(1), NESTING_LIMIT);
    this.#deepen();
  }
  #deepen(): void {
    if (++this.#treeDepth > TREE_LIMIT) throw new TooDeep(this.LA(1), TREE_LIMIT);
  }
  #here(): readonly [number, number] {
    return [this.#depth, this.#treeDepth];
  }
  #leave(outside: readonly [number, number]): void {
    [this.#depth, this.#treeDepth] = outside;
  }
  #prefix(prefixes: Prefix[], op: '-' | '!', token: IToken): void {
    this.#enter();
    this.ACTION(() => prefixes.push({ op, span: spanOf(token) }));
  }
}

const CLOSERS: ReadonlySet<string> = new Set(['RParen', 'RBracket', 'RBrace']);
