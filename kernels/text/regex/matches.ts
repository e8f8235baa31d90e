/**
 * str_matches(offsets, bytes, pattern): in which strings of a column a regular expression is found, anywhere unless `^` and
 * `$` say where.
 *
 *     str_matches([0, 4, 7], "a123abc", "^a[0-9]+$")  =>  [true, false]
 *
 * `parse.ts` has the syntax, `spec/regex.md` the meaning.
 */

import { BOOL, type PrimSpec, vec } from '../../../compiler/index.ts';
import { found, vector } from '../../column.ts';
import { checkedStrings, isPatternType, newBytes, patternOf, stringAt, stringsTyping } from '../strings.ts';
import { compileRegex } from './program.ts';
import { search } from './search.ts';

export const matches: PrimSpec = {
  name: 'str_matches',
  doc: 'str_matches(offsets: vec[i32] or vec[i64], bytes: vec[u8], pattern: vec[u8]): vec[bool], where a regular expression is found',
  pure: true,

  typing([offsets, bytes, pattern, ...rest]) {
    const wrong = stringsTyping(this.name, offsets, bytes);
    if (wrong !== null) return wrong;
    if (!isPatternType(pattern)) return `str_matches needs a pattern, a vec[u8] or vec[i8], found ${found(pattern)}`;
    return rest.length === 0 ? vec(BOOL) : `str_matches takes three arguments, found ${rest.length + 3}`;
  },

  run([offsets, bytes, pattern], alloc) {
    const strings = checkedStrings(this.name, offsets, bytes);
    const program = compileRegex(this.name, patternOf(pattern));
    const flags = newBytes('bool', strings.rows, alloc);
    for (let r = 0; r < strings.rows; r++) flags[r] = search(program, stringAt(strings, r)) === null ? 0 : 1;
    return vector('bool', flags);
  },
};
