/**
 * Texts in canonical print, compared up to the names of bound variables: each binder's name becomes its number in order
 * of appearance, so that two prints are alpha-equal when what comes out is the same text.
 *
 *     |n__1:?|(n__1+n)   ->   |%1|(%1+n)
 *
 * This reads the print on its own, not with the project's parser, as the parser is among what is tested. Binders are
 * the parameters of a lambda and the name of a let. A lambda starts where an operand is due, else `|` is the operator.
 * What is written in types, in annotations and in the brackets of `cudf` is no variable. `:?` says nothing and goes.
 */

const TOKEN = /"(?:[^"\\]|\\.)*"|\.\$\d+|[A-Za-z_]\w*|\d[\w.]*(?:(?<=[eE])[+-]\d+\w*)?|&&|\|\||[=!<>]=|[^\s]/g;
const NAME = /^[A-Za-z_]\w*$/;
const OPEN = '([{';
const CLOSE = ')]}';

/** The print with bound variables numbered and `:?` left out. */
export function alphaNormal(print: string): string {
  return new Reader(print.match(TOKEN) ?? []).run();
}

/** A name in scope; lambdas end at a comma of the bracket they stand in, lets at its end. */
interface Bound {
  readonly name: string;
  readonly text: string;
  readonly level: number;
}

class Reader {
  readonly #tokens: readonly string[];
  #at = 0;
  #out = '';
  #level = 0;
  #count = 0;
  #scope: Bound[] = [];
  /** Lets whose value is being read: bound from the `;` of their level on. */
  #lets: Bound[] = [];

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  run(): string {
    let operandDue = true;
    while (this.#at < this.#tokens.length) operandDue = this.#one(operandDue);
    return this.#out;
  }

  get #token(): string {
    return this.#tokens[this.#at] ?? '';
  }
  #copy(): void {
    this.#out += this.#token;
    this.#at++;
  }

  /** Reads one token, or a binder; true when an operand is due after it. */
  #one(operandDue: boolean): boolean {
    const t = this.#token;
    if (t === 'let' && operandDue) return this.#let();
    if ((t === '|' || t === '||') && operandDue) return this.#lambda();
    if (t === '@') return this.#annotation();
    if (t === ':') return this.#type();
    if (NAME.test(t)) return this.#word();
    if (OPEN.includes(t)) this.#level++;
    if (CLOSE.includes(t)) this.#leave(this.#level--);
    if (t === ',') this.#leave(this.#level);
    if (t === ';') this.#bindLet();
    this.#copy();
    return !(CLOSE.includes(t) || /^[\d"]|^\.\$/.test(t));
  }

  /** A variable, or a word of the language; brackets right behind a word hold types (and the name of a `cudf`). */
  #word(): boolean {
    const name = this.#token;
    this.#at++;
    this.#out += this.#scope.findLast((b) => b.name === name)?.text ?? name;
    if (this.#token === '[') this.#copyBrackets();
    return false;
  }

  #let(): boolean {
    this.#out += 'let ';
    this.#at++;
    this.#lets.push(this.#bind());
    return true;
  }
  #bindLet(): void {
    const last = this.#lets.pop();
    if (last !== undefined) this.#scope.push(last);
  }

  #lambda(): boolean {
    const params: Bound[] = [];
    const empty = this.#token === '||';
    this.#copy();
    while (!empty && this.#token !== '|' && this.#at < this.#tokens.length) {
      if (NAME.test(this.#token)) params.push(this.#bind());
      else if (this.#token === ':') this.#type();
      else this.#copy();
    }
    if (!empty) this.#copy();
    this.#scope.push(...params);
    return true;
  }

  /** Gives the name that stands here its number. */
  #bind(): Bound {
    const made = { name: this.#token, text: `%${++this.#count}`, level: this.#level };
    this.#out += made.text;
    this.#at++;
    return made;
  }
  #leave(level: number): void {
    this.#scope = this.#scope.filter((b) => b.level < level);
  }

  #annotation(): boolean {
    this.#copy();
    this.#copyBrackets();
    return true;
  }

  /** A type after a colon. */
  #type(): boolean {
    this.#at++;
    if (this.#token === '?') {
      this.#at++;
      return false;
    }
    this.#out += ':';
    if (OPEN.includes(this.#token)) {
      this.#copyBrackets();
      return false;
    }
    this.#copy();
    if (this.#token === '[') this.#copyBrackets();
    return false;
  }

  /** Copies from an opening bracket to the one that closes it. */
  #copyBrackets(): void {
    let depth = 0;
    do {
      const t = this.#token;
      if (OPEN.includes(t)) depth++;
      if (CLOSE.includes(t)) depth--;
      this.#copy();
    } while (depth > 0 && this.#at < this.#tokens.length);
  }
}
