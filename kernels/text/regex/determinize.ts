/**
 * The automaton that tells whether a pattern is found in a text. A state is the set of instructions that wait for the next
 * byte, and what assertions ask of the byte before; assertions are decided when the byte behind them is read, the end of the
 * text being one more class. The states ACCEPT and DEAD have no way on: the pattern is found, or cannot be any more.
 */

import type { Dfa } from '../dfa.ts';
import type { Inst, RegexProgram } from './program.ts';
import { type ByteKind, holds, kindOf } from './search.ts';

export interface RegexDfa extends Dfa {
  /** The class of the end of the text. */
  readonly end: number;
}

export const ACCEPT = -1;
export const DEAD = -2;

/** States of an automaton: with thirty classes their table is a quarter of a megabyte. */
export const MOST_STATES = 2048;

/** The automaton of a program; null for one of too many states. */
export function determinize(program: RegexProgram): RegexDfa | null {
  const { classes, bytes } = classesOf(program);
  const width = bytes.length + 1;
  const looksBack = program.insts.some((i) => i.op === 'assert');
  const states: State[] = [];
  const known = new Map<string, number>();
  const next: number[] = [];
  const numberOf = (core: readonly number[], before: ByteKind): number => {
    const key = `${before} ${core.join()}`;
    const number =
      known.get(key) ?? (reach(program, core, before, null).isMatch ? ACCEPT : states.push({ core, before }) - 1);
    known.set(key, number);
    return number;
  };
  const start = numberOf([program.start], 'border');
  // States are found while those before them are worked on.
  for (const { core, before } of states) {
    if (states.length > MOST_STATES) return null;
    const after = new Map<ByteKind, Reached>();
    const reached = (kind: ByteKind): Reached => {
      const known = after.get(kind) ?? reach(program, core, before, kind);
      after.set(kind, known);
      return known;
    };
    for (const byte of bytes) {
      const kind = looksBack ? kindOf(byte) : 'other';
      const { waiting, isMatch } = reached(kind);
      if (isMatch) {
        next.push(ACCEPT);
        continue;
      }
      const to = new Set([program.start]);
      for (const inst of waiting) if (byte >= inst.low && byte <= inst.high) to.add(inst.to);
      next.push(
        numberOf(
          [...to].sort((a, b) => a - b),
          // Only in front of a byte it matters where its character begins.
          kind === 'inside' ? 'other' : kind,
        ),
      );
    }
    next.push(reached('border').isMatch ? ACCEPT : DEAD);
  }
  return placed({ next, start, width, classes });
}

interface State {
  readonly core: readonly number[];
  readonly before: ByteKind;
}

interface Reached {
  readonly waiting: readonly ByteInst[];
  readonly isMatch: boolean;
}
type ByteInst = Extract<Inst, { readonly op: 'byte' }>;

/** The byte instructions that are reached without reading, and whether a match is; `after` is null where it is not known,
 *  and assertions that depend on it do not hold. */
function reach(program: RegexProgram, core: readonly number[], before: ByteKind, after: ByteKind | null): Reached {
  const seen = new Set<number>(core);
  const waiting: ByteInst[] = [];
  let isMatch = false;
  for (const pc of seen) {
    const inst = program.insts[pc];
    if (inst === undefined) continue;
    if (inst.op === 'byte') waiting.push(inst);
    else if (inst.op === 'match') isMatch = true;
    else if (inst.op === 'split') seen.add(inst.to).add(inst.or);
    else if (inst.op === 'save') seen.add(inst.to);
    else if (after === null ? inst.what === 'start' && before === 'border' : holds(inst.what, before, after)) {
      seen.add(inst.to);
    }
  }
  return { waiting, isMatch };
}

/** Bytes that no instruction and no assertion tells apart are a class; `bytes` has one of each. */
function classesOf({ insts }: RegexProgram): { readonly classes: Uint8Array; readonly bytes: readonly number[] } {
  const borders = new Set([0]);
  for (const inst of insts) if (inst.op === 'byte') borders.add(inst.low).add(inst.high + 1);
  if (insts.some((i) => i.op === 'assert')) {
    for (let byte = 1; byte < 256; byte++) if (kindOf(byte) !== kindOf(byte - 1)) borders.add(byte);
  }
  const bytes: number[] = [];
  const classes = Uint8Array.from({ length: 256 }, (_, byte) => {
    if (borders.has(byte)) bytes.push(byte);
    return bytes.length - 1;
  });
  return { classes, bytes };
}

interface Numbered {
  /** By state number. */
  readonly next: readonly number[];
  readonly start: number;
  readonly width: number;
  readonly classes: Uint8Array;
}

/** The table, without states from which nothing is found. */
function placed({ next, start, width, classes }: Numbered): RegexDfa {
  const count = next.length / width;
  const from: number[][] = Array.from({ length: count }, () => []);
  const alive = new Set<number>();
  for (const [k, to] of next.entries()) {
    const state = Math.floor(k / width);
    if (to === ACCEPT) alive.add(state);
    else if (to >= 0) from[to]?.push(state);
  }
  for (const state of alive) for (const before of from[state] ?? []) alive.add(before);
  const order = Array.from({ length: count }, (_, s) => s).filter((s) => alive.has(s));
  const place = new Map(order.map((state, k) => [state, k * width]));
  const placeOf = (state: number): number => (state === ACCEPT ? ACCEPT : (place.get(state) ?? DEAD));
  // At least one row, for places are looked up before it is known whether they are any.
  const table = new Int32Array(Math.max(order.length, 1) * width).fill(DEAD);
  for (const [k, state] of order.entries()) {
    for (let c = 0; c < width; c++) table[k * width + c] = placeOf(next[state * width + c] ?? DEAD);
  }
  return { classes, width, next: table, start: placeOf(start), end: width - 1 };
}
