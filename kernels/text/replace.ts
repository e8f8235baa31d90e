/**
 * str_replace(offsets, bytes, pattern, by, all): strings in which other bytes stand for those of a pattern: wherever it is,
 * from the left and without overlap, or only in the first place.
 *
 *     str_replace([0, 5], "banana", "an", "o", true)  =>  {[0, 4], "booa"}
 */

import { BOOL, fail, type PrimSpec, type Value } from '../../compiler/index.ts';
import { isAt } from './literal.ts';
import { bytesParam, patternOf } from './strings.ts';
import { writtenPrim } from './written.ts';

export const replace: PrimSpec = writtenPrim(
  {
    name: 'str_replace',
    doc: 'str_replace(offsets, bytes, pattern: vec[u8], by: vec[u8], all: bool): {offsets, bytes}, bytes in place of others',
  },
  [
    bytesParam('a pattern'),
    bytesParam('what replaces it'),
    { what: 'a bool last, true to replace all and not only the first', fits: (t) => t === BOOL },
  ],
  ([given, by, all]) => {
    const [pattern, other] = [replacedPattern(given), patternOf(by)];
    return (text) => {
      const made: number[] = [];
      let goesOn = true;
      for (let at = 0; at < text.length; ) {
        const isHere = goesOn && at + pattern.length <= text.length && isAt(text, at, pattern);
        made.push(...(isHere ? other : text.subarray(at, at + 1)));
        at += isHere ? pattern.length : 1;
        if (isHere) goesOn = all === true;
      }
      return made;
    };
  },
);

/** The pattern that is replaced, which is not empty. */
export function replacedPattern(v: Value | undefined): Uint8Array {
  const pattern = patternOf(v);
  return pattern.length > 0 ? pattern : fail('W8005', `${replace.name}: the pattern is empty`);
}
