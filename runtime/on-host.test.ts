/** What kernels leave to the host is told at run time: in the record of the run, and in the log. */

import { afterAll, expect, it, vi } from 'vitest';
import { parseProgram } from '../compiler/text.ts';
import { stringColumn } from '../kernels/testing/strings.ts';
import { readEnv } from './env.ts';
import { Session } from './session.ts';

const session = new Session({ threads: 2 }, { ...readEnv({ WELD_DEBUG: '1' }), trace: null });
afterAll(() => session.dispose());

/** What a call leaves to the host: its record, and its lines of the log. */
async function leftBy(call: string, texts: readonly string[]) {
  const lines: string[] = [];
  const spy = vi.spyOn(console, 'error').mockImplementation((line: string) => void lines.push(line));
  await session.evaluate(parseProgram(`|o: vec[i32], b: vec[u8]| ${call}`), stringColumn(texts).args);
  spy.mockRestore();
  return { record: session.lastRun?.onHost, lines: lines.filter((line) => line.includes('on the host')) };
}
const PARTS = '{vec[i32],vec[u8],vec[bool]}';

it.each([
  [
    'a pattern whose automaton is too large',
    'cudf[str_matches,vec[bool]](o, b, "(a|b)*a(a|b){12}")',
    ['ab', 'b'],
    'str_matches: 2 of 2 rows on the host (the automaton of its pattern would have more than 2048 states)',
  ],
  [
    'strings that are long for a pattern',
    `cudf[str_extract,${PARTS}](o, b, "(?:a|b){60}(c+)", 1L)`,
    ['ab', `${'ab'.repeat(600)}ccc`, 'c'],
    'str_extract: 1 of 3 rows on the host (more than 65536 instructions of the pattern times bytes of the string)',
  ],
  [
    'doubles that nineteen digits leave open',
    'cudf[str_parse_f64,{vec[f64],vec[bool]}](o, b)',
    ['1.5', 'nan', '9007199254740993.00000000000000000001', 'x', ''],
    'str_parse_f64: 2 of 5 rows on the host (words like NaN, or digits beyond the nineteenth that decide)',
  ],
  [
    'long whole numbers',
    'cudf[str_parse_i64,{vec[i64],vec[bool]}](o, b)',
    ['1', '00000000000000000000042', '-9223372036854775808'],
    'str_parse_i64: 1 of 3 rows on the host (more than 19 bytes)',
  ],
])('%s', async (_, call, texts, want) => {
  const { record, lines } = await leftBy(call, texts);
  expect(lines).toEqual([`weld: ${want}`]);
  expect(record?.map((w) => `${w.kernel}: ${w.rows} of ${w.of} rows on the host (${w.reason})`)).toEqual([want]);
});

it('nothing, where kernels do it all', async () => {
  expect(await leftBy('cudf[str_parse_f64,{vec[f64],vec[bool]}](o, b)', ['1.5', '-1e-320', '1e999', '0.1'])).toEqual({
    record: [],
    lines: [],
  });
});
