/**
 * Programs in which the next byte alone says which way to go, as in `id=(\d+)` and `(\w+) (\w+)`: from a place on, one
 * look at a table for each byte follows the only way there is, and notes where one group begins and ends.
 *
 * A row of the table is the start or what follows a byte. Ways that come later in the order in which they are tried count
 * for nothing behind a match, and where they come to an instruction, or over a byte, where an earlier one has been.
 */

import type { RegexProgram } from './program.ts';

export interface OnePass {
  /** 256 cells a state: 4 times the next state, plus what is noted in front of the byte; below 0 there is no way. */
  readonly next: Int32Array;
  /** For each state: 0, or ENDS plus what is noted in front of the end of the match. */
  readonly ends: Int32Array;
}

/** What is noted: the group begins here, it ends here. */
export const BEGIN = 1;
export const END = 2;
export const ENDS = 4;

/** Rows that stay in the second cache. */
const MOST_STATES = 256;

/** The table of a program for one of its groups, or null where a byte leaves two ways, or there are too many states. */
export function onePass({ insts, start }: RegexProgram, group: number): OnePass | null {
  /** The states, by the instruction that they begin with. */
  const states = [start];
  const numbers = new Map([[start, 0]]);
  const next: number[] = [];
  const ends: number[] = [];
  const stateOf = (pc: number): number => {
    const known = numbers.get(pc) ?? states.push(pc) - 1;
    numbers.set(pc, known);
    return known;
  };
  for (let s = 0; s < states.length; s++) {
    if (s === MOST_STATES) return null;
    const row: number[] = Array.from({ length: 256 }, () => -1);
    const seen = new Set<number>();
    const left = [{ pc: states[s] ?? start, notes: 0 }];
    ends[s] = 0;
    for (let way = left.pop(); way !== undefined && ends[s] === 0; way = left.pop()) {
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
        case 'byte': {
          const to = stateOf(inst.to);
          for (let byte = inst.low; byte <= inst.high; byte++) {
            const known = row[byte] ?? -1;
            if (known >= 0 && known >> 2 !== to) return null;
            if (known < 0) row[byte] = 4 * to + notes;
          }
          break;
        }
        case 'match':
          ends[s] = ENDS + notes;
          break;
        case 'assert':
          return null;
        default:
          inst satisfies never;
      }
    }
    next.push(...row);
  }
  return { next: Int32Array.from(next), ends: Int32Array.from(ends) };
}
