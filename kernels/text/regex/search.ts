/**
 * What a pattern finds in a text, by its program (Pike's virtual machine): all ways through the program are followed side
 * by side, one byte after the other, in the order in which they are preferred. Of the matches that begin leftmost it is the
 * preferred one, as a search that tries one way after the other finds it, in time of at most the program times the text.
 */

import type { Inst, RegexProgram } from './program.ts';
import type { Assertion } from './syntax.ts';

/** The slots of a match: start and end of the whole, then of each group, -1 for one that took no part. */
export type Match = Int32Array;

/** A way: the byte instruction (or the match) at which it waits, and its slots. */
interface Way {
  readonly pc: number;
  readonly inst: Inst;
  readonly slots: Int32Array;
}

/** The first match in a text, or null. */
export function search(program: RegexProgram, text: Uint8Array): Match | null {
  let found: Match | null = null;
  let ways: Way[] = [];
  const none = new Int32Array(2 * (program.groups + 1)).fill(-1);
  for (let at = 0; at <= text.length; at++) {
    const here = new Follower(program, text, at, ways);
    if (found === null) here.follow(program.start, none);
    if (ways.length === 0 && found !== null) break;
    const next = new Follower(program, text, at + 1, []);
    const byte = text[at] ?? -1;
    for (const { inst, slots } of ways) {
      if (inst.op === 'match') {
        // What is behind it in the list is less preferred.
        found = slots;
        break;
      }
      if (inst.op === 'byte' && byte >= inst.low && byte <= inst.high) next.follow(inst.to, slots);
    }
    ways = next.ways;
  }
  return found;
}

/** Collects the ways that lead on from instructions without reading, at one place of a text. */
class Follower {
  readonly ways: Way[];
  readonly #insts: readonly Inst[];
  readonly #text: Uint8Array;
  readonly #at: number;
  readonly #seen: Set<number>;

  constructor(program: RegexProgram, text: Uint8Array, at: number, ways: Way[]) {
    this.#insts = program.insts;
    this.#text = text;
    this.#at = at;
    this.ways = ways;
    this.#seen = new Set(ways.map(({ pc }) => pc));
  }

  follow(pc: number, slots: Int32Array): void {
    const todo: [number, Int32Array][] = [[pc, slots]];
    for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
      const [at, held] = next;
      const inst = this.#insts[at];
      if (inst === undefined || this.#seen.has(at)) continue;
      this.#seen.add(at);
      if (inst.op === 'split') todo.push([inst.or, held], [inst.to, held]);
      else if (inst.op === 'save') todo.push([inst.to, held.with(inst.slot, this.#at)]);
      else if (inst.op === 'byte' || inst.op === 'match') this.ways.push({ pc: at, inst, slots: held });
      else if (holds(inst.what, kindBefore(this.#text, this.#at), kindAt(this.#text, this.#at))) {
        todo.push([inst.to, held]);
      }
    }
  }
}

/** What assertions ask of a byte: a border of the text, the end of a line, part of a word, not the first of a character. */
export type ByteKind = 'border' | 'newline' | 'word' | 'inside' | 'other';

export function kindOf(byte: number): ByteKind {
  if (byte === 10) return 'newline';
  if (byte >= 0x80 && byte <= 0xbf) return 'inside';
  const isWord = (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || byte === 95 || (byte >= 97 && byte <= 122);
  return isWord ? 'word' : 'other';
}
const kindAt = (text: Uint8Array, at: number): ByteKind => (at < text.length ? kindOf(text[at] ?? 0) : 'border');
const kindBefore = (text: Uint8Array, at: number): ByteKind => (at > 0 ? kindOf(text[at - 1] ?? 0) : 'border');

/** Does an assertion hold between two bytes? */
export function holds(what: Assertion, before: ByteKind, after: ByteKind): boolean {
  switch (what) {
    case 'start':
      return before === 'border';
    case 'end':
      return after === 'border';
    case 'lineStart':
      return before === 'border' || before === 'newline';
    case 'lineEnd':
      return after === 'border' || after === 'newline';
    case 'word':
      return (before === 'word') !== (after === 'word');
    case 'notWord':
      return (before === 'word') === (after === 'word') && after !== 'inside';
    default:
      return what satisfies never;
  }
}
