/**
 * str_extract(offsets, bytes, pattern, group): what a group of a regular expression is in its first match in each string;
 * group 0 is the whole match. A string without a match, or with one in which the group takes no part, has none.
 *
 *     str_extract([0, 6, 9], "id=123abc", "id=(\d+)", 1)  =>  ["123", none]
 */

import { fail, type PrimSpec, type Value } from '../../../compiler/index.ts';
import { partPrim } from '../parts.ts';
import type { Span } from '../spans.ts';
import { bytesParam, countParam, patternOf, type Strings, startOf, stringAt } from '../strings.ts';
import { compileRegex, type RegexProgram } from './program.ts';
import { search } from './search.ts';

export const extract: PrimSpec = partPrim(
  {
    name: 'str_extract',
    doc: 'str_extract(offsets, bytes, pattern: vec[u8], group: i64): {offsets, bytes, vec[bool]}, a group of the first match',
  },
  [bytesParam('a pattern'), countParam('the number of a group')],
  (strings, args) => {
    const { program, group } = extraction(args);
    return (row) => groupIn(strings, row, program, group);
  },
);

/** The pattern and the group that are asked for. W8005 for a group that the pattern has not. */
export function extraction([pattern, group = 0]: readonly Value[]): { program: RegexProgram; group: number } {
  const program = compileRegex('str_extract', patternOf(pattern));
  const number = Number(group);
  if (number >= 0 && number <= program.groups) return { program, group: number };
  return fail('W8005', `str_extract: there is no group ${number} in a pattern with ${program.groups}`);
}

/** Where a group is in the first match in a row. */
export function groupIn(strings: Strings, row: number, program: RegexProgram, group: number): Span {
  const found = search(program, stringAt(strings, row));
  const [from = -1, to = -1] = found?.subarray(2 * group, 2 * group + 2) ?? [];
  return from < 0 ? null : [startOf(strings, row) + from, startOf(strings, row) + to];
}
