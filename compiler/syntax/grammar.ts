/**
 * The grammar of Weld text (the only importer of chevrotain). Embedded actions build the surface tree directly.
 *
 * Loosest to tightest: let and lambda, the operators (`precedence.ts`), ascription `e: T`, call and `.$n`. Unary `-`,
 * `!` and annotations bind to the leaf: `-a.$0` is `(-a).$0`. Trailing commas are legal in lists.
 *
 * Rules are few and large on purpose: every rule on the way from a bracket to the next one takes stack, and what the
 * stack allows, less a good margin, is the depth to which a text may nest (`NESTING_LIMIT`).
 */

import {
  createToken,
  defaultParserErrorProvider,
  EmbeddedActionsParser,
  type IToken,
  Lexer,
  type TokenType,
} from 'chevrotain';
import type { Annotations, BinOp } from '../core/op.ts';
import { type BuilderType, dict, SCALAR_KINDS, scalar, struct, type Type, vec } from '../core/types.ts';
import { type Diagnostic, diagnostic, InternalError, type Span } from '../diag/diagnostic.ts';
import { suggest } from '../diag/suggest.ts';
import type { Expr, ParamNode } from './ast.ts';
import { builderForm, MERGE_OPS } from './builder-forms.ts';
import { type Head, headed, type Prefix, prefixed } from './heads.ts';
import { floatLiteral, intLiteral } from './literals.ts';
import { foldOperators, OPERATORS, type Operation } from './precedence.ts';
import { TOKENS, wordsOf } from './tokens.ts';

const identType = createToken({ name: 'Ident', pattern: /[A-Za-z_$][\w$]*/ });
const types = new Map<string, TokenType>();
for (const t of TOKENS) {
  const made =
    t.name === 'Ident'
      ? identType
      : createToken({
          name: t.name,
          pattern: t.pattern,
          ...(t.keyword ? { longer_alt: identType } : {}),
          ...(t.skip ? { group: Lexer.SKIPPED } : {}),
          ...(t.name === 'Space' || t.name === 'Text' ? { line_breaks: true } : {}),
        });
  types.set(t.name, made);
}
export const lexer = new Lexer([...types.values()], { positionTracking: 'full' });

function tok(name: string): TokenType {
  const found = types.get(name);
  if (found === undefined) throw new InternalError(`grammar: no token ${name}`);
  return found;
}

export const spanOf = (t: IToken): Span => ({ start: t.startOffset, end: (t.endOffset ?? t.startOffset) + 1 });
const join = (a: Span, b: Span): Span => ({ start: a.start, end: b.end });

/** How deep expressions and types may nest: many times what people write, half of what the default stack can take. */
export const NESTING_LIMIT = 200;

/** Thrown through the parser where a text nests deeper than `NESTING_LIMIT`. */
export class TooDeep extends Error {
  readonly token: IToken;
  constructor(token: IToken) {
    super('the text nests too deep');
    this.token = token;
  }
}

export class WeldParser extends EmbeddedActionsParser {
  readonly found: Diagnostic[] = [];
  readonly program: () => Expr;
  readonly type: () => Type;
  readonly #expr: () => Expr;
  #depth = 0;

  constructor() {
    super([...types.values()], {
      recoveryEnabled: false,
      maxLookahead: 2,
      nodeLocationTracking: 'none',
      errorMessageProvider: {
        ...defaultParserErrorProvider,
        buildMismatchTokenMessage: ({ expected }) => wordsOf(expected.name),
      },
    });

    this.program = this.RULE('program', () => this.SUBRULE(this.#expr));

    // Two rules lie between a bracket and the next: this one and `operand`. A lambda's body and what follows a let go
    // on in the same call, and operators are a flat list that `precedence.ts` folds.
    this.#expr = this.RULE('expression', (): Expr => {
      this.#enter();
      const heads: Head[] = [];
      this.MANY(() => {
        const start = this.LA(1);
        this.OR([
          {
            ALT: () => {
              this.CONSUME(tok('Let'));
              const name = this.CONSUME(tok('Ident'));
              this.CONSUME(tok('Equals'));
              const value = this.SUBRULE(this.#expr);
              this.CONSUME(tok('Semicolon'));
              this.ACTION(() =>
                heads.push({ start: spanOf(start), let: { name: name.image, span: spanOf(name), value } }),
              );
            },
          },
          {
            ALT: () => {
              const params = this.SUBRULE(lambdaParams);
              this.ACTION(() => heads.push({ start: spanOf(start), params }));
            },
          },
        ]);
      });
      const first = this.SUBRULE(operand);
      const rest: Operation[] = [];
      this.MANY2(() => {
        const op = this.OR2(OPERATORS.map((t) => ({ ALT: () => this.CONSUME(tok(t)) })));
        const e = this.SUBRULE2(operand);
        this.ACTION(() => rest.push({ op: op.image as BinOp, span: spanOf(op), e }));
      });
      this.#depth--;
      return this.ACTION(() => headed(heads, foldOperators(first, rest, this.found)));
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
                const name = this.CONSUME(tok('Ident'));
                let ty: Type | null = null;
                this.OPTION(() => {
                  this.CONSUME(tok('Colon'));
                  ty = this.SUBRULE(this.type);
                });
                params.push({ name: name.image, ty, span: spanOf(name) });
              },
            });
            this.CONSUME2(tok('Bar'));
          },
        },
      ]);
      return params;
    });

    // A list up to its closing bracket. Numbers tell the places of a construct in one rule apart; lists use from n on.
    const items = (n: number): readonly Expr[] => {
      const list: Expr[] = [];
      this.option(n, () => {
        list.push(this.subrule(n, this.#expr));
        this.many(n, {
          GATE: () => !CLOSERS.has(this.LA(2).tokenType.name),
          DEF: () => {
            this.consume(n, tok('Comma'));
            list.push(this.subrule(n + 1, this.#expr));
          },
        });
        this.option(n + 1, () => this.consume(n + 1, tok('Comma')));
      });
      return list;
    };

    const operand = this.RULE('operand', (): Expr => {
      const prefixes: Prefix[] = [];
      this.MANY(() => {
        const token = this.LA(1);
        let notes: Annotations | null = null;
        this.OR([
          { ALT: () => this.CONSUME(tok('Minus')) },
          { ALT: () => this.CONSUME(tok('Not')) },
          {
            ALT: () => {
              notes = this.SUBRULE(annotation);
            },
          },
        ]);
        this.ACTION(() => prefixes.push({ op: token.image, span: spanOf(token), notes }));
        if (prefixes.length > NESTING_LIMIT) throw new TooDeep(token);
      });
      const first = this.LA(1);
      const spanned = (make: (span: Span) => Expr): Expr => {
        const last = this.LA(0);
        return this.ACTION(() => make(join(spanOf(first), spanOf(last))));
      };
      const leaf = this.OR2<Expr>([
        { ALT: () => this.#literal(this.CONSUME(tok('Int'))) },
        { ALT: () => this.#literal(this.CONSUME(tok('Float'))) },
        { ALT: () => this.#boolean(this.CONSUME(tok('True')), true) },
        { ALT: () => this.#boolean(this.CONSUME(tok('False')), false) },
        {
          ALT: () => {
            const name = this.CONSUME(tok('Ident')).image;
            let args: readonly Expr[] | null = null;
            this.OPTION(() => {
              this.CONSUME(tok('LParen'));
              args = items(10);
              this.CONSUME(tok('RParen'));
            });
            return spanned((span) => (args === null ? { k: 'name', name, span } : { k: 'call', name, args, span }));
          },
        },
        {
          ALT: () => {
            this.CONSUME2(tok('LParen'));
            const e = this.SUBRULE(this.#expr);
            this.CONSUME2(tok('RParen'));
            return e;
          },
        },
        {
          ALT: () => {
            this.CONSUME(tok('LBracket'));
            const elems = items(20);
            this.CONSUME(tok('RBracket'));
            return spanned((span) => ({ k: 'vec', items: elems, span }));
          },
        },
        {
          ALT: () => {
            this.CONSUME(tok('LBrace'));
            const fields = items(30);
            this.CONSUME(tok('RBrace'));
            return spanned((span) => ({ k: 'struct', items: fields, span }));
          },
        },
        { ALT: () => this.SUBRULE(builder) },
        { ALT: () => this.SUBRULE(extern) },
      ]);
      let e = this.ACTION(() => prefixed(prefixes, leaf));
      this.MANY2(() => {
        this.CONSUME(tok('Dot'));
        const field = this.CONSUME3(tok('Ident'));
        e = this.ACTION(() => this.#field(e, field));
      });
      this.OPTION2(() => {
        this.CONSUME(tok('Colon'));
        const ty = this.SUBRULE(this.type);
        const last = this.LA(0);
        e = this.ACTION((): Expr => ({ k: 'ascribe', e, ty, span: join(e.span, spanOf(last)) }));
      });
      return e;
    });

    const builder = this.RULE('builder', (): Expr => {
      const first = this.LA(1);
      const ty = this.SUBRULE(builderType);
      let list: readonly Expr[] = [];
      this.OPTION(() => {
        this.CONSUME(tok('LParen'));
        list = items(10);
        this.CONSUME(tok('RParen'));
      });
      const last = this.LA(0);
      return this.ACTION((): Expr => {
        const span = join(spanOf(first), spanOf(last));
        if (list.length > 1) {
          const message = `a builder takes at most one argument, found ${list.length}`;
          this.found.push(diagnostic('W2005', message, { origin: { kind: 'text', span } }));
        }
        return { k: 'builder', ty, arg: list[0] ?? null, span };
      });
    });

    const extern = this.RULE('extern', (): Expr => {
      const first = this.CONSUME(tok('Cudf'));
      this.CONSUME(tok('LBracket'));
      const name = this.CONSUME(tok('Ident'));
      this.CONSUME(tok('Comma'));
      const ty = this.SUBRULE(this.type);
      this.CONSUME(tok('RBracket'));
      this.CONSUME(tok('LParen'));
      const list = items(10);
      const last = this.CONSUME(tok('RParen'));
      return this.ACTION((): Expr => {
        return { k: 'cudf', name: name.image, ty, args: list, span: join(spanOf(first), spanOf(last)) };
      });
    });

    const annotation = this.RULE('annotation', (): Annotations => {
      const notes: [string, string | number | boolean][] = [];
      this.CONSUME(tok('At'));
      this.CONSUME(tok('LParen'));
      this.MANY_SEP({
        SEP: tok('Comma'),
        DEF: () => {
          const key = this.CONSUME(tok('Ident'));
          this.CONSUME(tok('Colon'));
          const value = this.OR([
            { ALT: () => this.#number(this.CONSUME(tok('Int'))) },
            { ALT: () => this.CONSUME(tok('True')).image === 'true' },
            { ALT: () => this.CONSUME(tok('False')).image === 'true' },
            { ALT: () => this.CONSUME2(tok('Ident')).image },
            { ALT: () => this.CONSUME(tok('Text')).image.slice(1, -1) },
          ]);
          notes.push([key.image, value]);
        },
      });
      this.CONSUME(tok('RParen'));
      return Object.fromEntries(notes);
    });

    this.type = this.RULE('type', (): Type => {
      this.#enter();
      const ty = this.OR<Type>([
        { ALT: () => this.#scalarType(this.CONSUME(tok('Ident'))) },
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
            this.CONSUME(tok('Dict'));
            this.CONSUME2(tok('LBracket'));
            const key = this.SUBRULE2(this.type);
            this.CONSUME(tok('Comma'));
            const value = this.SUBRULE3(this.type);
            this.CONSUME2(tok('RBracket'));
            return this.ACTION(() => dict(key, value));
          },
        },
        {
          ALT: () => {
            const fields: Type[] = [];
            this.CONSUME(tok('LBrace'));
            this.MANY_SEP({
              SEP: tok('Comma'),
              DEF: () => {
                fields.push(this.SUBRULE4(this.type));
              },
            });
            this.CONSUME(tok('RBrace'));
            return this.ACTION(() => struct(fields));
          },
        },
        { ALT: () => this.SUBRULE(builderType) },
      ]);
      this.#depth--;
      return ty;
    });

    const builderType = this.RULE('builderType', (): BuilderType => {
      const head = this.OR([
        { ALT: () => this.CONSUME(tok('Appender')) },
        { ALT: () => this.CONSUME(tok('Merger')) },
        { ALT: () => this.CONSUME(tok('Vecmerger')) },
        { ALT: () => this.CONSUME(tok('Dictmerger')) },
      ]);
      this.CONSUME(tok('LBracket'));
      const operands: [Type, ...Type[]] = [this.SUBRULE(this.type)];
      const ops: string[] = [];
      this.MANY(() => {
        this.CONSUME(tok('Comma'));
        this.OR2([
          {
            GATE: () => !MERGE_OPS.has(this.LA(1).image),
            ALT: () => {
              operands.push(this.SUBRULE2(this.type));
            },
          },
          { ALT: () => ops.push(this.CONSUME(tok('Plus')).image) },
          { ALT: () => ops.push(this.CONSUME(tok('Star')).image) },
          { ALT: () => ops.push(this.CONSUME(tok('Ident')).image) },
        ]);
      });
      const last = this.CONSUME(tok('RBracket'));
      return this.ACTION(() => {
        const { ty, form } = builderForm(head.image, operands, ops);
        if (form !== null) this.#refuse('W1002', `${head.image} is written ${form}`, join(spanOf(head), spanOf(last)));
        return ty;
      });
    });

    this.performSelfAnalysis();
  }

  /** Starts the counting of depth for a new text. */
  restart(): void {
    this.#depth = 0;
    this.found.length = 0;
  }
  #enter(): void {
    if (++this.#depth > NESTING_LIMIT) throw new TooDeep(this.LA(1));
  }

  #refuse(code: 'W1002' | 'W2003', message: string, span: Span, help: string | null = null): void {
    this.found.push(diagnostic(code, message, { origin: { kind: 'text', span }, help }));
  }
  #field(of: Expr, field: IToken): Expr {
    const index = /^\$(\d{1,9})$/.exec(field.image)?.[1];
    if (index === undefined) {
      this.#refuse('W1002', `a field is written .$0, .$1, ..., found .${field.image}`, spanOf(field));
    }
    return { k: 'field', of, index: Number(index ?? 0), span: join(of.span, spanOf(field)) };
  }
  #literal(t: IToken): Expr {
    return this.ACTION((): Expr => {
      const read = t.tokenType.name === 'Int' ? intLiteral : floatLiteral;
      return { k: 'lit', ...read(t.image), span: spanOf(t) };
    });
  }
  #number(t: IToken): number {
    return this.ACTION(() => Number(intLiteral(t.image).value));
  }
  #boolean(t: IToken, value: boolean): Expr {
    return { k: 'lit', kind: 'bool', value, problem: null, span: this.ACTION(() => spanOf(t)) };
  }
  #scalarType(t: IToken): Type {
    return this.ACTION(() => {
      const kind = SCALAR_KINDS.find((k) => k === t.image);
      if (kind !== undefined) return scalar(kind);
      const near = suggest(t.image, [...SCALAR_KINDS, 'vec', 'dict', 'appender', 'merger', 'vecmerger', 'dictmerger']);
      this.#refuse('W2003', `unknown type ${t.image}`, spanOf(t), near === null ? null : `did you mean ${near}?`);
      return scalar('i32');
    });
  }
}

const CLOSERS: ReadonlySet<string> = new Set(['RParen', 'RBracket', 'RBrace']);
