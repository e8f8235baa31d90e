/**
 * Trees to programs over bytes (Thompson, 1968): an instruction reads a byte of a range, notes a place, asks where it is,
 * or goes on in two ways of which the first is preferred. A set of characters becomes the sequences of byte ranges that
 * spell it in UTF-8; so bytes that are no UTF-8 are in no set, not in `.` and not in `[^a]`.
 */

import { fail } from '../../../compiler/index.ts';
import { parseRegex } from './parse.ts';
import { requiredText } from './required.ts';
import type { Assertion, CharSet, Regex } from './syntax.ts';
import { utf8Sequences } from './utf8-ranges.ts';

export type Inst =
  | { readonly op: 'byte'; readonly low: number; readonly high: number; readonly to: number }
  | { readonly op: 'split'; readonly to: number; readonly or: number }
  /** Slots 2g and 2g + 1 are the start and the end of group g, 0 being the whole match. */
  | { readonly op: 'save'; readonly slot: number; readonly to: number }
  | { readonly op: 'assert'; readonly what: Assertion; readonly to: number }
  | { readonly op: 'match' };

export interface RegexProgram {
  readonly insts: readonly Inst[];
  readonly start: number;
  /** Groups besides the whole match. */
  readonly groups: number;
  /** In every match. */
  readonly required: Uint8Array;
}

const MOST_INSTS = 20_000;

/** The program of a pattern. W8010 for one that does not compile. */
export function compileRegex(name: string, pattern: Uint8Array): RegexProgram {
  const { tree, groups } = parseRegex(name, pattern);
  const insts: Inst[] = [];
  const add = (inst: Inst): number => {
    if (insts.length >= MOST_INSTS) fail('W8010', `${name}: the pattern needs more than ${MOST_INSTS} instructions`);
    return insts.push(inst) - 1;
  };
  /** What reads `r` and goes on at `to`. */
  const emit = (r: Regex, to: number): number => {
    switch (r.kind) {
      case 'empty':
        return to;
      case 'set':
        return emitSet(r.set, to, add);
      case 'assert':
        return add({ op: 'assert', what: r.what, to });
      case 'seq':
        return r.parts.reduceRight((next, part) => emit(part, next), to);
      case 'alt':
        return r.parts.map((part) => emit(part, to)).reduceRight((or, first) => add({ op: 'split', to: first, or }));
      case 'group':
        return add({
          op: 'save',
          slot: 2 * r.index,
          to: emit(r.part, add({ op: 'save', slot: 2 * r.index + 1, to })),
        });
      case 'repeat':
        return emitRepeat(r, to);
      default:
        return r satisfies never;
    }
  };
  const choice = (lazy: boolean, more: number, done: number): Inst =>
    lazy ? { op: 'split', to: done, or: more } : { op: 'split', to: more, or: done };
  const emitRepeat = (r: Extract<Regex, { kind: 'repeat' }>, to: number): number => {
    let at = to;
    if (r.max === null) {
      // The split stands before its body is known.
      const split = add({ op: 'split', to, or: to });
      insts[split] = choice(r.lazy, emit(r.part, split), to);
      at = split;
    } else {
      for (let k = r.min; k < r.max; k++) at = add(choice(r.lazy, emit(r.part, at), to));
    }
    for (let k = 0; k < r.min; k++) at = emit(r.part, at);
    return at;
  };
  const end = add({ op: 'save', slot: 1, to: add({ op: 'match' }) });
  const start = add({ op: 'save', slot: 0, to: emit(tree, end) });
  return { insts, start, groups, required: requiredText(tree) };
}

/** Alternatives of sequences; those that end alike share their ends. */
function emitSet(set: CharSet, to: number, add: (inst: Inst) => number): number {
  const made = new Map<string, number>();
  const byte = (low: number, high: number, next: number): number => {
    const key = `${low} ${high} ${next}`;
    const known = made.get(key) ?? add({ op: 'byte', low, high, to: next });
    made.set(key, known);
    return known;
  };
  const firsts = utf8Sequences(set).map((ranges) => ranges.reduceRight((next, r) => byte(r.low, r.high, next), to));
  // A set without characters reads a byte that there is not.
  const last = firsts.pop() ?? byte(1, 0, to);
  return firsts.reduceRight((or, first) => add({ op: 'split', to: first, or }), last);
}
