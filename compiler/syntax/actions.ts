/**
 * What the grammar makes of the tokens that it has read: the nodes and types that need more than putting together, and
 * what is wrong although every token fits (reserved words for names, literals out of range, numbers of arguments).
 *
 * A text with something wrong in it still makes a tree, with a `HOLE` where nothing can be made, so that reading goes
 * on; the tree is never looked at, as there is a diagnostic.
 */

import type { IToken } from 'chevrotain';
import type { Annotations } from '../core/op.ts';
import { appender, type BuilderType, SCALAR_KINDS, scalar, type Type, unknown } from '../core/types.ts';
import type { Code } from '../diag/codes.ts';
import { type Diagnostic, diagnostic, InternalError, type Span } from '../diag/diagnostic.ts';
import { type Aliases, typeHelp } from './aliases.ts';
import type { Expr } from './ast.ts';
import { builderArity, builderForm } from './builder-forms.ts';
import { arityProblem, isForm } from './forms.ts';
import { digitsOf, floatLiteral, intLiteral, textLiteral } from './literals.ts';

export const spanOf = (t: IToken): Span => ({ start: t.startOffset, end: t.startOffset + t.image.length });
export const join = (a: Span, b: Span): Span => ({ start: a.start, end: b.end });

/** An operand of which nothing is known. */
export const HOLE: Expr = { k: 'struct', items: [], span: { start: 0, end: 0 } };

export const nameNode = (t: IToken): Expr => ({ k: 'name', name: t.image, span: spanOf(t) });
export const boolNode = (t: IToken): Expr => ({ k: 'lit', kind: 'bool', value: t.image === 'true', span: spanOf(t) });
export const scalarType = (t: IToken): Type => scalar(SCALAR_KINDS.find((k) => k === t.image) ?? 'i32');

/** The state of a reading, which knows the text up to here. */
export class Actions {
  readonly found: Diagnostic[] = [];
  /** Words that the text takes for what they are not: reserved ones for names, `vek[..]` for a type. */
  readonly misnamed = new Set<string>();
  #aliases = new Map<string, Type>();
  /** `zip` of one iterator, until it turns out to be the data of a loop. */
  readonly #loneZips = new Map<Expr, Diagnostic>();

  /** Makes ready for a text, in which `aliases` have a meaning. */
  restart(aliases: Aliases): void {
    this.found.length = 0;
    this.misnamed.clear();
    this.#loneZips.clear();
    this.#aliases = new Map(aliases);
  }
  /** Adds what is only known when all has been read. */
  finish(): void {
    this.found.push(...this.#loneZips.values());
  }
  /** The types that have names. */
  get aliases(): Aliases {
    return this.#aliases;
  }

  refuse(code: Code, message: string, span: Span, help: string | null = null): void {
    this.found.push(diagnostic(code, message, { origin: { kind: 'text', span }, help }));
  }

  /** A word where a name belongs. */
  name(word: IToken): string {
    const name = word.image;
    if (word.tokenType.name !== 'Ident') {
      this.misnamed.add(name);
      const help = `take another name, such as ${name}_`;
      this.refuse('W1005', `${name} is a reserved word, a name belongs here`, spanOf(word), help);
    }
    return name;
  }
  /** A parameter of a macro. */
  parameter(word: IToken, macro: IToken, others: readonly string[]): string {
    const name = this.name(word);
    if (others.includes(name)) this.refuse('W1006', `macro ${macro.image} has two parameters ${name}`, spanOf(word));
    return name;
  }
  /** A type alias; `late` is its place when it stands behind a macro. */
  define(word: IToken, ty: Type, late: Span | null): void {
    if (late !== null) this.refuse('W1002', 'a type alias stands behind a macro', late, 'aliases come before macros');
    const name = this.name(word);
    if (this.#aliases.has(name)) this.refuse('W1006', `type ${name} is defined twice`, spanOf(word));
    this.#aliases.set(name, ty);
  }
  /** The type that a name stands for; `next` is the token behind it. */
  aliased(t: IToken, next: IToken): Type {
    const known = this.#aliases.get(t.image);
    if (known !== undefined) return known;
    if (next.tokenType.name === 'LBracket') this.misnamed.add(t.image);
    this.refuse('W2003', `unknown type ${t.image}`, spanOf(t), typeHelp(t.image, this.#aliases));
    return unknown(0);
  }

  number(t: IToken): Expr {
    const read = t.tokenType.name === 'Int' ? intLiteral(t.image) : floatLiteral(t.image);
    if (read.ok) return { k: 'lit', kind: read.kind, value: read.value, span: spanOf(t) };
    this.refuse('W1003', read.message, spanOf(t), read.help);
    return HOLE;
  }
  text(t: IToken): Expr {
    const value = this.#textOf(t);
    return value === null ? HOLE : { k: 'text', value, span: spanOf(t) };
  }
  #textOf(t: IToken): string | null {
    const read = textLiteral(t.image);
    if (read.ok) return read.value;
    const start = t.startOffset + read.at;
    this.refuse(read.code, read.message, { start, end: start + read.length }, read.help);
    return null;
  }
  /** The value of an annotation. Numbers have no type there, so an integer may be as large as a number is exact. */
  note(t: IToken, sign: number): string | number | boolean {
    switch (t.tokenType.name) {
      case 'Int':
      case 'Float': {
        const value = sign * Number(digitsOf(t.image));
        const exact = t.tokenType.name === 'Int' ? Number.isSafeInteger(value) : Number.isFinite(value);
        if (!exact) this.refuse('W1003', `${t.image} is too large for an annotation`, spanOf(t));
        return value;
      }
      case 'Text':
        return this.#textOf(t) ?? '';
      default:
        return t.image === 'true' ? true : t.image === 'false' ? false : t.image;
    }
  }

  field(of: Expr, field: IToken): Expr {
    const index = /^\$(\d{1,9})$/.exec(field.image)?.[1];
    if (index === undefined) {
      this.refuse('W1002', `a field is written .$0, .$1, ..., found .${field.image}`, spanOf(field));
    }
    return { k: 'field', of, index: Number(index ?? 0), span: join(of.span, spanOf(field)) };
  }

  form(word: IToken, ty: Type | null, args: readonly Expr[], notes: Annotations, span: Span): Expr {
    if (!isForm(word.image)) throw new InternalError(`grammar: ${word.image} is no form`);
    const e: Expr = { k: 'form', word: word.image, ty, args, notes, span };
    if (e.word === 'deserialize' && ty === null) {
      this.refuse('W1002', 'deserialize is written deserialize[T](bytes)', span);
    }
    const [data] = args;
    if (e.word === 'for' && data !== undefined) this.#loneZips.delete(data);
    if (args.includes(HOLE)) return e;
    const problem = arityProblem(e.word, args.length);
    if (problem !== null) this.refuse('W2005', problem, span);
    if (e.word === 'zip' && args.length === 1) {
      const message = 'zip of one iterator stands only as the data of a loop';
      const help = 'leave the zip out';
      this.#loneZips.set(e, diagnostic('W2005', message, { origin: { kind: 'text', span }, help }));
    }
    return e;
  }

  builder(ty: BuilderType, args: readonly Expr[], notes: Annotations, span: Span): Expr {
    const problem = args.includes(HOLE) ? null : builderArity(ty, args.length);
    if (problem !== null) this.refuse('W2005', problem.message, span, problem.help);
    return { k: 'builder', ty, arg: args[0] ?? null, notes, span };
  }
  /** A builder type; `whole` unless something between its brackets was taken out. */
  builderType(
    head: IToken,
    operands: readonly Type[],
    ops: readonly string[],
    whole: boolean,
    span: Span,
  ): BuilderType {
    const [elem, ...more] = operands;
    if (elem === undefined && head.image === 'appender') return appender(unknown(0));
    const { ty, form } = builderForm(head.image, [elem ?? unknown(0), ...more], ops);
    if (form === null) return ty;
    if (whole) this.refuse('W1002', `${head.image} is written ${form}`, span);
    return appender(unknown(0));
  }
}
