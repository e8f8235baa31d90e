/**
 * Patterns to trees.
 *
 *     alternatives  a|b       sequences ab       groups (a) (?:a) (?<name>a) (?P<name>a)      flags (?i) (?i:a) of i, s, m
 *     repeats       a* a+ a? a{2} a{2,} a{2,5}, and lazy with a ? behind
 *     characters    themselves, . \n \r \t \f \v \0 \xHH \uHHHH \u{H..}, a backslash and any punctuation
 *     sets          [a-z_] [^a-z] \d \D \w \W \s \S, which mean ASCII
 *     places        ^ $ (of lines with m) \A \z \b \B
 *
 * `.` is any character but a line feed, any at all with s. What needs to look around or back (`(?=`, `(?<!`, `\1`) is refused,
 * as a search for it takes more than one look at each byte. Errors are W8010 with the place in the pattern.
 */

import { fail } from '../../../compiler/index.ts';
import { foldCase } from './fold.ts';
import {
  type CharSet,
  charSet,
  complement,
  DIGITS,
  MAX_CODE_POINT,
  NEWLINE,
  type Range,
  type Regex,
  SPACES,
  WORDS,
} from './syntax.ts';

export interface ParsedRegex {
  readonly tree: Regex;
  readonly groups: number;
}

interface Flags {
  readonly i: boolean;
  readonly s: boolean;
  readonly m: boolean;
}
/** Most times that a part is repeated by number, and brackets in brackets. */
const MOST_REPEATS = 1000;
const MOST_DEPTH = 200;

/** The tree of a pattern in UTF-8; `name` is who asks. */
export function parseRegex(name: string, pattern: Uint8Array): ParsedRegex {
  let text: string;
  try {
    // A copy: decoders refuse shared memory.
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(pattern.slice());
  } catch {
    return fail('W8010', `${name}: the pattern is not UTF-8`);
  }
  return new Parser(name, [...text]).parse();
}

class Parser {
  readonly #name: string;
  readonly #chars: readonly string[];
  #at = 0;
  #groups = 0;
  #depth = 0;
  #flags: Flags = { i: false, s: false, m: false };

  constructor(name: string, chars: readonly string[]) {
    this.#name = name;
    this.#chars = chars;
  }

  parse(): ParsedRegex {
    const tree = this.#alternatives();
    if (this.#at < this.#chars.length) this.#refuse('a ) that closes nothing', this.#at);
    return { tree, groups: this.#groups };
  }

  #refuse(what: string, at: number, help: string | null = null): never {
    const shown = this.#chars.join('').replaceAll('\n', ' ');
    const notes = [`in the pattern ${shown}`, `${' '.repeat(15 + this.#chars.slice(0, at).join('').length)}^`];
    return fail('W8010', `${this.#name}: ${what}, at character ${at + 1} of the pattern`, { notes, help });
  }
  #peek(text: string): boolean {
    return [...text].every((c, k) => this.#chars[this.#at + k] === c);
  }
  #take(text: string): boolean {
    if (!this.#peek(text)) return false;
    this.#at += [...text].length;
    return true;
  }
  /** The next character, which must be there. */
  #next(what: string): string {
    const c = this.#chars[this.#at];
    if (c === undefined) return this.#refuse(`${what} is missing`, this.#at);
    this.#at++;
    return c;
  }

  #alternatives(): Regex {
    const flags = this.#flags;
    if (++this.#depth > MOST_DEPTH) this.#refuse(`brackets more than ${MOST_DEPTH} deep`, this.#at);
    const parts = [this.#sequence()];
    while (this.#take('|')) parts.push(this.#sequence());
    this.#depth--;
    this.#flags = flags;
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : { kind: 'alt', parts };
  }

  #sequence(): Regex {
    const parts: Regex[] = [];
    while (this.#at < this.#chars.length && !this.#peek('|') && !this.#peek(')')) {
      const part = this.#atom();
      if (part !== null) parts.push(this.#repeated(part));
    }
    const [only] = parts;
    if (only === undefined) return { kind: 'empty' };
    return parts.length === 1 ? only : { kind: 'seq', parts };
  }

  #repeated(part: Regex): Regex {
    let made = part;
    for (let repeats = 0; ; repeats++) {
      const from = this.#at;
      const count = this.#count();
      if (count === null) return made;
      if (repeats > 0) this.#refuse('a repeat of a repeat', from, 'put the inner one in (?:..)');
      made = { kind: 'repeat', part, ...count, lazy: this.#take('?') };
    }
  }
  #count(): { readonly min: number; readonly max: number | null } | null {
    if (this.#take('*')) return { min: 0, max: null };
    if (this.#take('+')) return { min: 1, max: null };
    if (this.#take('?')) return { min: 0, max: 1 };
    const rest = this.#chars.slice(this.#at, this.#at + 24).join('');
    const counted = /^\{(\d+)(,(\d*))?\}/.exec(rest);
    if (counted === null) return null;
    const min = Number(counted[1]);
    const max = counted[2] === undefined ? min : counted[3] === '' ? null : Number(counted[3]);
    if (Math.max(min, max ?? 0) > MOST_REPEATS) this.#refuse(`more than ${MOST_REPEATS} repeats`, this.#at);
    if (max !== null && max < min) this.#refuse(`a repeat of at least ${min} and at most ${max}`, this.#at);
    this.#at += counted[0].length;
    return { min, max };
  }

  /** Null for flags alone. */
  #atom(): Regex | null {
    const from = this.#at;
    const c = this.#next('a character');
    switch (c) {
      case '(':
        return this.#bracket(from);
      case '[':
        return { kind: 'set', set: this.#class(from) };
      case '.':
        return { kind: 'set', set: this.#flags.s ? complement([]) : complement(NEWLINE) };
      case '^':
        return { kind: 'assert', what: this.#flags.m ? 'lineStart' : 'start' };
      case '$':
        return { kind: 'assert', what: this.#flags.m ? 'lineEnd' : 'end' };
      case '*':
      case '+':
      case '?':
        return this.#refuse(`a ${c} behind nothing`, from, `\\${c} is the character`);
      case '\\':
        return this.#escape(from);
      default:
        return { kind: 'set', set: this.#chosen(codeOf(c)) };
    }
  }
  /** A set as it is written, or a character with its other cases where these are asked for. */
  #chosen(member: CharSet | number): CharSet {
    if (typeof member !== 'number') return member;
    return this.#cased([{ low: member, high: member }]);
  }
  #cased(set: CharSet): CharSet {
    return this.#flags.i ? foldCase(set) : set;
  }

  #bracket(from: number): Regex | null {
    if (!this.#take('?')) return this.#group(from);
    if (this.#take('P<') || (this.#peek('<') && !this.#peek('<=') && !this.#peek('<!') && this.#take('<'))) {
      while (/^\w$/.test(this.#chars[this.#at] ?? '')) this.#at++;
      if (!this.#take('>')) this.#refuse('a name of a group that is not closed by >', this.#at);
      return this.#group(from);
    }
    if (['=', '!', '<=', '<!'].some((kind) => this.#peek(kind))) {
      this.#refuse('a look around', from, 'such patterns are searched for by JavaScript: col(..).str takes its RegExp');
    }
    const flags = this.#newFlags(from);
    if (this.#take(')')) {
      this.#flags = flags;
      return null;
    }
    if (!this.#take(':')) this.#refuse('a bracket of an unknown kind', from);
    const outer = this.#flags;
    this.#flags = flags;
    const part = this.#closed(from);
    this.#flags = outer;
    return part;
  }
  #newFlags(from: number): Flags {
    const flags = { ...this.#flags };
    let on = true;
    for (;;) {
      const c = this.#chars[this.#at];
      if (c === ')' || c === ':') return flags;
      this.#at++;
      if (c === '-' && on) on = false;
      else if (c === 'i' || c === 's' || c === 'm') flags[c] = on;
      else this.#refuse('a bracket of an unknown kind', from, 'flags are i, s and m');
    }
  }
  #group(from: number): Regex {
    const index = ++this.#groups;
    return { kind: 'group', part: this.#closed(from), index };
  }
  #closed(from: number): Regex {
    const part = this.#alternatives();
    return this.#take(')') ? part : this.#refuse('a ( that is not closed', from);
  }

  #escape(from: number): Regex {
    const c = this.#chars[this.#at] ?? '';
    const what = PLACES[c];
    if (what !== undefined) {
      this.#at++;
      return { kind: 'assert', what };
    }
    return { kind: 'set', set: this.#chosen(this.#escaped(from)) };
  }
  /** The set or the character behind a backslash. */
  #escaped(from: number): CharSet | number {
    const c = this.#next('what a backslash escapes');
    const set = SETS[c];
    if (set !== undefined) return set;
    const control = CONTROLS[c];
    if (control !== undefined) return codeOf(control);
    if (c === 'x') return this.#hex(from, 2);
    if (c === 'u') return this.#hex(from, 4);
    if (/^[1-9k]$/.test(c))
      this.#refuse('a look back at a group', from, 'such patterns are searched for by JavaScript');
    if (/^[A-Za-z0-9]$/.test(c)) this.#refuse(`an unknown escape \\${c}`, from);
    return codeOf(c);
  }
  #hex(from: number, digits: number): number {
    const rest = this.#chars.slice(this.#at, this.#at + 12).join('');
    const found = /^\{([0-9a-fA-F]{1,6})\}/.exec(rest) ?? new RegExp(`^([0-9a-fA-F]{${digits}})`).exec(rest);
    const code = Number.parseInt(found?.[1] ?? '', 16);
    if (found === null || !(code <= MAX_CODE_POINT)) return this.#refuse('an escape that is no character', from);
    this.#at += found[0].length;
    return code;
  }

  /** What stands between square brackets. */
  #class(from: number): CharSet {
    const negated = this.#take('^');
    const ranges: Range[] = [];
    for (let first = true; first || !this.#peek(']'); first = false) {
      if (this.#at >= this.#chars.length) this.#refuse('a [ that is not closed', from);
      const start = this.#at;
      const low = this.#member();
      if (typeof low !== 'number' || !this.#peek('-') || this.#chars[this.#at + 1] === ']') {
        ranges.push(...this.#chosen(low));
        continue;
      }
      this.#at++;
      const high = this.#member();
      if (typeof high !== 'number' || high < low) return this.#refuse('a range that is none', start);
      ranges.push(...this.#cased([{ low, high }]));
    }
    this.#at++;
    const set = charSet(ranges);
    return negated ? complement(set) : set;
  }
  #member(): CharSet | number {
    const from = this.#at;
    const c = this.#next('a character of a set');
    return c === '\\' ? this.#escaped(from) : codeOf(c);
  }
}

const codeOf = (c: string): number => c.codePointAt(0) ?? 0;
const SETS: Readonly<Record<string, CharSet>> = {
  d: DIGITS,
  D: complement(DIGITS),
  w: WORDS,
  W: complement(WORDS),
  s: SPACES,
  S: complement(SPACES),
};
const CONTROLS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f', v: '\v', 0: '\0' };
const PLACES: Readonly<Record<string, Extract<Regex, { kind: 'assert' }>['what']>> = {
  b: 'word',
  B: 'notWord',
  A: 'start',
  z: 'end',
};
