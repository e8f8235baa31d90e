/**
 * Text that every match of a pattern has in it: a search for it is far cheaper than the automaton, which then runs over the
 * strings alone that hold it.
 *
 *     (\d+) special.*requests?$  =>  " special"
 */

import type { Regex } from './syntax.ts';
import { utf8Sequences } from './utf8-ranges.ts';

/** The longest such text that is found, in UTF-8; the first of equal ones. */
export function requiredText(tree: Regex): Uint8Array {
  const { whole, longest } = textsOf(tree);
  return Uint8Array.from(whole ?? longest);
}

interface Texts {
  /** What a match is, if it can be one text only. */
  readonly whole: Bytes | null;
  /** What a match has in it. */
  readonly longest: Bytes;
}
type Bytes = readonly number[];

const ANYTHING: Texts = { whole: null, longest: [] };
const longer = (a: Bytes, b: Bytes): Bytes => (b.length > a.length ? b : a);

function textsOf(r: Regex): Texts {
  switch (r.kind) {
    case 'empty':
    case 'assert':
      return { whole: [], longest: [] };
    case 'set': {
      const [sequence, ...others] = utf8Sequences(r.set);
      const isOne = sequence !== undefined && others.length === 0 && sequence.every((b) => b.low === b.high);
      if (!isOne) return ANYTHING;
      const bytes = sequence.map((b) => b.low);
      return { whole: bytes, longest: bytes };
    }
    case 'group':
      return textsOf(r.part);
    case 'repeat':
      return r.min === 0 ? ANYTHING : { whole: null, longest: textsOf(r.part).longest };
    case 'alt':
      return ANYTHING;
    case 'seq': {
      let run: Bytes = [];
      let longest: Bytes = [];
      let isWhole = true;
      for (const part of r.parts) {
        const texts = textsOf(part);
        if (texts.whole === null) {
          isWhole = false;
          longest = longer(longest, texts.longest);
          run = [];
        } else run = [...run, ...texts.whole];
        longest = longer(longest, run);
      }
      return { whole: isWhole ? run : null, longest };
    }
    default:
      return r satisfies never;
  }
}
