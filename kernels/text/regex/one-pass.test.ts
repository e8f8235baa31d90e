import { expect, it } from 'vitest';
import { utf8 } from '../../testing/strings.ts';
import { BORDER, MATCH, onePass, ROW, TO } from './one-pass.ts';
import { compileRegex } from './program.ts';

const tableOf = (pattern: string) => onePass(compileRegex('test', Uint8Array.from(utf8(pattern))), 1);
const rowsOf = (pattern: string): number | null => {
  const table = tableOf(pattern);
  return table === null ? null : table.length / ROW - 1;
};

it.each([
  ['id=(\\d+)', 5],
  ['(a+?)(b|c)', 3],
  // Three ways to begin, of which only the border leads on; and digits know that a digit is before them.
  ['^(\\d+)$', 5],
  ['(\\w+)\\b,', 3],
  ['(?m)^(a+)$', 5],
  ['(?:^|,)(\\d+)(?:,|$)', 7],
])('%s has a table of so many states: %d', (pattern, states) => {
  expect(rowsOf(pattern)).toBe(states);
});

it.each(['(a|ab)c', '(a*)a', '(\\w+)\\d', '(a*)(?:$|a)b', '(a{300})'])('%s has none', (pattern) => {
  expect(tableOf(pattern)).toBe(null);
});

it('a match that an assertion allows is in the cells of the bytes that may follow', () => {
  const table = tableOf('a\\b') ?? new Int32Array();
  const state = (table[table[BORDER] ?? 0] ?? 0) >> TO;
  expect(state).toBe(0);
  const behind = (table[(table[BORDER] ?? 0) + 97] ?? 0) >> TO;
  const ends = (byte: number): boolean => ((table[behind + byte] ?? 0) & MATCH) !== 0;
  expect([97, 48, 95].map(ends)).toEqual([false, false, false]);
  expect([32, 10, 0xc3, 0xa9, BORDER].map(ends)).toEqual([true, true, true, true, true]);
});
