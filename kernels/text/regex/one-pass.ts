/**
 * Programs in which the next byte alone says which way to go, as in `id=(\d+)` and `^(\w+) (\w+)$`: from a place on, one
 * look at a table for each byte follows the only way there is, and notes where one group begins and ends.
 *
 * A state is an instruction, and what assertions ask of the byte before it; so with the next byte, or the end, all of them
 * are decided. Ways that come later in the order in which they are tried count for nothing behind a match, and where they
 * come to an instruction, or over a byte, where an earlier one has been.
 */

import type { Inst, RegexProgram } from './program.ts';
import { type ByteKind, holds, kindOf } from './search.ts';

/**
 * Rows of 257 cells, one a byte and one for the border of the text. Row 0 is about the byte in front of a match: its cells
 * are where the row of the state begins. In other rows, of states, a cell is made of
 *
 *     BEGIN, END              the group begins, or ends, in front of the byte
 *     MATCH                   a match ends in front of the byte
 *     BEGIN, END << OF_MATCH  the group begins, or ends, where the match does
 *     << TO                   where the row of the next state begins, 0 for no way on
 */
export type OnePass = Int32Array;

export const ROW = 257;
/** The cell of the border. */
export const BORDER = 256;
export const BEGIN = 1;
export const END = 2;
export const MATCH = 4;
export const OF_MATCH = 3;
export const TO = 5;

/** Rows that stay in the second cache. */
const MOST_STATES = 256;

interface State {
  readonly pc: number;
  /** What is in front: `other` where nobody asks, and inside of a character, for only behind it this matters. */
  readonly before: ByteKind;
}

/** What a byte of a kind can do in a state: ways over it, and the notes of a match in front of it. */
interface Ways {
  readonly over: readonly { readonly inst: Extract<Inst, { readonly op: 'byte' }>; readonly notes: number }[];
  readonly match: number | null;
}

/** The table of a program for one of its groups, or null where a byte leaves two ways, or there are too many states. */
export function onePass(program: RegexProgram, group: number): OnePass | null {
  const { insts, start } = program;
  const asks = insts.map((_, pc) => isAsked(insts, pc));
  const states: State[] = [];
  const numbers = new Map<string, number>();
  /** Where the row of a state begins. */
  const rowOf = (pc: number, kind: ByteKind): number => {
    const before = asks[pc] && kind !== 'inside' ? kind : 'other';
    const key = `${pc} ${before}`;
    const number = numbers.get(key) ?? states.push({ pc, before });
    numbers.set(key, number);
    return number * ROW;
  };
  const cells = Array.from({ length: ROW }, (_, byte) => rowOf(start, kindAt(byte)));
  for (let s = 0; s < states.length; s++) {
    if (s === MOST_STATES) return null;
    const { pc = start, before = 'other' } = states[s] ?? {};
    const known = new Map<ByteKind, Ways>();
    for (let byte = 0; byte < ROW; byte++) {
      const kind = asks[pc] ? kindAt(byte) : 'other';
      const ways = known.get(kind) ?? waysOf(insts, { pc, before }, kind, group);
      known.set(kind, ways);
      let cell = ways.match === null ? 0 : MATCH | (ways.match << OF_MATCH);
      for (const { inst, notes } of ways.over) {
        if (byte < inst.low || byte > inst.high) continue;
        const to = rowOf(inst.to, kindAt(byte));
        const taken = cell >> TO;
        if (taken !== 0 && taken !== to) return null;
        if (taken === 0) cell |= (to << TO) | notes;
      }
      cells.push(cell);
    }
  }
  return Int32Array.from(cells);
}

const kindAt = (byte: number): ByteKind => (byte === BORDER ? 'border' : kindOf(byte));

/** The ways from a state, in order, when a byte of a kind is next. */
function waysOf(insts: readonly Inst[], { pc, before }: State, after: ByteKind, group: number): Ways {
  const over: Ways['over'][number][] = [];
  const seen = new Set<number>();
  const left = [{ pc, notes: 0 }];
  for (let way = left.pop(); way !== undefined; way = left.pop()) {
    const inst = insts[way.pc];
    if (inst === undefined || seen.has(way.pc)) continue;
    seen.add(way.pc);
    const { notes } = way;
    switch (inst.op) {
      case 'split':
        left.push({ pc: inst.or, notes }, { pc: inst.to, notes });
        break;
      case 'save':
        left.push({ pc: inst.to, notes: notes | (inst.slot >> 1 !== group ? 0 : inst.slot & 1 ? END : BEGIN) });
        break;
      case 'assert':
        if (holds(inst.what, before, after)) left.push({ pc: inst.to, notes });
        break;
      case 'byte':
        over.push({ inst, notes });
        break;
      case 'match':
        return { over, match: notes };
      default:
        inst satisfies never;
    }
  }
  return { over, match: null };
}

/** Is an assertion between an instruction and the next byte? */
function isAsked(insts: readonly Inst[], pc: number): boolean {
  const seen = new Set([pc]);
  for (const at of seen) {
    const inst = insts[at];
    if (inst?.op === 'assert') return true;
    if (inst?.op === 'split') seen.add(inst.to).add(inst.or);
    if (inst?.op === 'save') seen.add(inst.to);
  }
  return false;
}
