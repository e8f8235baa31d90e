import { describe, expect, it } from 'vitest';
import { col, type Expr, fromColumns, lit } from './index.ts';

const texts = ['Ann Lee', null, 'bob', '', ' 12 ', 'ÉTÉ 😀x', 'Ann Lee'];
const frame = fromColumns({ s: texts });

const s = col('s').str;

/** Expressions of `s`, and what they give for a text. */
const CASES: readonly (readonly [string, Expr, (text: string) => unknown])[] = [
  ['contains', s.contains('n'), (t) => t.includes('n')],
  ['contains, of a pattern', s.contains(/^[a-z]+$/i), (t) => /^[a-z]+$/i.test(t)],
  ['contains, of a pattern with a place', s.contains(/n/g), (t) => t.includes('n')],
  ['startsWith', s.startsWith('Ann'), (t) => t.startsWith('Ann')],
  ['endsWith', s.endsWith(''), () => true],
  ['length', s.length(), (t) => [...t].length],
  ['lower', s.lower(), (t) => t.toLowerCase()],
  ['upper', s.upper(), (t) => t.toUpperCase()],
  ['trim', s.trim(), (t) => t.trim()],
  ['trimStart', s.trimStart(), (t) => t.trimStart()],
  ['trimEnd', s.trimEnd(), (t) => t.trimEnd()],
  ['slice', s.slice(1, 5), (t) => [...t].slice(1, 5).join('')],
  ['slice from the end', s.slice(-2), (t) => [...t].slice(-2).join('')],
  ['replace', s.replace('e', '$&'), (t) => t.replace('e', '$$&')],
  ['replaceAll', s.replaceAll(/(e)/g, '<$1>'), (t) => t.replaceAll(/(e)/g, '<$1>')],
  ['extract', s.extract(/(\w+) (\w+)/, 2), (t) => /(\w+) (\w+)/.exec(t)?.[2] ?? null],
  ['split', s.split(' ', 1), (t) => t.split(' ')[1] ?? null],
  ['split from the end', s.split(' ', -1), (t) => t.split(' ').at(-1)],
  ['parse', s.parse('f64'), (t) => (t.trim() === '12' ? 12 : null)],
  ['what was made', s.trim().str.lower().str.slice(0, 3), (t) => [...t.trim().toLowerCase()].slice(0, 3).join('')],
];

describe('functions of strings', () => {
  it('give what JavaScript gives', async () => {
    const made = await frame.select(...CASES.map(([name, e]) => e.alias(name))).collect();
    const want = CASES.map(([name, , f]) => [name, texts.map((t) => (t === null ? null : f(t)))]);
    expect(made.toColumns()).toEqual(Object.fromEntries(want));
  });

  it('of literals, in filters and groups', async () => {
    const both = frame.filter(s.lower().eq(lit('ANN LEE').str.lower()));
    expect((await both.collect()).toRecords()).toEqual([{ s: 'Ann Lee' }, { s: 'Ann Lee' }]);
    const groups = frame
      .withColumns({ first: s.slice(0, 1).fillNull('none') })
      .groupBy('first')
      .agg(col('s').count().alias('n'));
    expect((await groups.collect()).toRecords()).toEqual(
      ['A', 'none', 'b', '', ' ', 'É'].map((first, k) => ({ first, n: [2, 0, 1, 1, 1, 1][k] })),
    );
  });

  it('parse dates and whole numbers, and nothing else', async () => {
    const given = fromColumns({ s: ['2024-02-29', '12', '1e3', '-9223372036854775808', 'x', '2024-02-30'] });
    const made = given.select(col('s').str.parse('timestamp').alias('t'), col('s').str.parse('i64').alias('n'));
    const none = { t: null, n: null };
    expect((await made.collect()).toRecords()).toEqual([
      { t: new Date('2024-02-29'), n: null },
      { t: null, n: 12 },
      none,
      { t: null, n: -(2n ** 63n) },
      none,
      none,
    ]);
  });

  it('of no strings at all', async () => {
    const none = fromColumns({ s: ['x', null], k: ['a', 'b'] }).filter(col('k').str.contains('b'));
    expect((await none.collect()).length).toBe(1);
  });
});

describe('what is refused', () => {
  const refusal = (e: Expr): string => {
    try {
      frame.withColumns({ n: new Int32Array(7) }).select(e);
    } catch (error) {
      return error instanceof Error ? (error.message.split('\n')[0] ?? '') : '';
    }
    return '';
  };
  it.each<[Expr, string]>([
    [col('n').str.lower(), 'W8004: col("n").str.lower(): str.lower needs strings, found i32'],
    [
      s.contains(5 as never),
      'W8006: col("s").str.contains(5): a string or a regular expression is needed, found the number 5',
    ],
    [s.slice(0.5), 'W8006: col("s").str.slice(0.5): a whole number is needed, found the number 0.5'],
    [s.extract('a' as never), 'W8006: str.extract needs a regular expression'],
    [s.parse('string' as never), 'W8006: col("s").str.parse("string"): one of bool, i8'],
  ])('%s', (e, want) => {
    expect(refusal(e)).toContain(want);
  });
});
