/**
 * The machine forms of the joins: the left keys are looked up in a table of the right ones, which says where the run of
 * right rows with the key begins; then pairs are counted, and written.
 */

import { vector } from '../column.ts';
import type { MachineForm } from '../machine.ts';
import { hitsOf } from './hits.ts';
import { checkPairs, type JoinName, keepsLeft, keepsRight } from './join.ts';
import { keysOf } from './keys.ts';
import { wordsOf } from './many-keys.ts';
import { type Counted, countPairs, countUnseen, seenRows } from './pairs.ts';
import { zeros } from './table.ts';

export const joinMachine =
  (name: JoinName): MachineForm =>
  async (args, m) => {
    const words = await wordsOf(m, keysOf(name, args));
    const found = await hitsOf(m, words, 'only where keys are there twice');
    const seen = keepsRight(name) ? zeros(m.alloc.alloc('bool', words.right.rows)) : null;
    const all: Counted[] = [await countPairs(m, found, keepsLeft(name), seen)];
    if (seen !== null) {
      all.push(await countUnseen(m, found.runs === null ? seen : await seenRows(m, seen, found.runs)));
    }
    const pairs = all.reduce((sum, c) => sum + c.pairs, 0);
    checkPairs(name, pairs);
    const to = { lefts: m.alloc.alloc('i64', pairs), rights: m.alloc.alloc('i64', pairs) };
    let from = 0;
    for (const counted of all) {
      await counted.write(to, from);
      from += counted.pairs;
    }
    return { kind: 'struct', fields: [vector('i64', to.lefts), vector('i64', to.rights)] };
  };
