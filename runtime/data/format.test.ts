import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Column, Table } from './column.ts';
import { formatFloat, formatTable } from './format.ts';
import { columnOf } from './testing/tables.ts';

const tableOf = (columns: Record<string, Column>): Table => ({
  names: Object.keys(columns),
  columns: Object.values(columns),
  length: Object.values(columns)[0]?.length ?? 0,
});

describe('formatTable', () => {
  test('every kind of cell', () => {
    const table = tableOf({
      when: columnOf('timestamp', [0n, null, 1_500_000n]),
      day: columnOf('timestamp', [0n, null, 86_400_000_000n]),
      n: columnOf('i64', [-(2n ** 63n), null, 7n]),
      x: columnOf('f64', [1 / 3, Number.NaN, null]),
      ok: columnOf('bool', [true, false, null]),
      name: columnOf('string', ['a\tb\u001b[31m', 'null', null]),
    });
    expect(`\n${formatTable(table, { maxWidth: 120 })}`).toMatchInlineSnapshot(`
      "
      shape: (3, 6)
      ┌─────────────────────────┬────────────┬──────────────────────┬──────────┬───────┬────────────────┐
      │ when                    ┆ day        ┆                    n ┆        x ┆ ok    ┆ name           │
      │ ---                     ┆ ---        ┆                  --- ┆      --- ┆ ---   ┆ ---            │
      │ timestamp               ┆ timestamp  ┆                  i64 ┆      f64 ┆ bool  ┆ string         │
      ╞═════════════════════════╪════════════╪══════════════════════╪══════════╪═══════╪════════════════╡
      │ 1970-01-01 00:00:00     ┆ 1970-01-01 ┆ -9223372036854775808 ┆ 0.333333 ┆ true  ┆ a\\tb\\u{1b}[31m │
      │ null                    ┆ null       ┆                 null ┆      NaN ┆ false ┆ null           │
      │ 1970-01-01 00:00:01.500 ┆ 1970-01-02 ┆                    7 ┆     null ┆ null  ┆ null           │
      └─────────────────────────┴────────────┴──────────────────────┴──────────┴───────┴────────────────┘"
    `);
  });

  test('long tables show both ends', () => {
    const table = tableOf({
      n: columnOf(
        'i32',
        Array.from({ length: 1234 }, (_, i) => i),
      ),
    });
    expect(`\n${formatTable(table, { maxRows: 3 })}`).toMatchInlineSnapshot(`
      "
      shape: (1_234, 1)
      ┌──────┐
      │    n │
      │  --- │
      │  i32 │
      ╞══════╡
      │    0 │
      │    1 │
      │    … │
      │ 1233 │
      └──────┘"
    `);
    expect(formatTable(table).split('\n')).toHaveLength(1 + 6 + 11);
    expect(formatTable(table, { maxRows: 1234 })).not.toContain('…');
  });

  test('wide tables leave out the middle, long cells their end', () => {
    const columns = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`column${i}`, columnOf('i32', [i])]));
    expect(`\n${formatTable(tableOf(columns), { maxWidth: 46 })}`).toMatchInlineSnapshot(`
      "
      shape: (1, 9)
      ┌─────────┬─────────┬───┬─────────┬─────────┐
      │ column0 ┆ column1 ┆ … ┆ column7 ┆ column8 │
      │     --- ┆     --- ┆ … ┆     --- ┆     --- │
      │     i32 ┆     i32 ┆ … ┆     i32 ┆     i32 │
      ╞═════════╪═════════╪═══╪═════════╪═════════╡
      │       0 ┆       1 ┆ … ┆       7 ┆       8 │
      └─────────┴─────────┴───┴─────────┴─────────┘"
    `);
    expect(formatTable(tableOf({ s: columnOf('string', ['é'.repeat(40)]) }))).toContain(`│ ${'é'.repeat(31)}… │`);
    expect(`\n${formatTable(tableOf(columns), { maxWidth: 0 })}`).toMatchInlineSnapshot(`
      "
      shape: (1, 9)
      ┌─────┬───┐
      │   … ┆ … │
      │ --- ┆ … │
      │ i32 ┆ … │
      ╞═════╪═══╡
      │   0 ┆ … │
      └─────┴───┘"
    `);
  });

  test('empty tables', () => {
    expect(`\n${formatTable(tableOf({ a: columnOf('string', []) }))}`).toMatchInlineSnapshot(`
      "
      shape: (0, 1)
      ┌────────┐
      │ a      │
      │ ---    │
      │ string │
      ╞════════╡
      └────────┘"
    `);
    expect(formatTable(tableOf({}))).toBe('shape: (0, 0)');
  });

  test('options that make no sense', () => {
    expect(() => formatTable(tableOf({}), { maxRows: -1 })).toThrow('W8006: found -1 for `maxRows`');
    expect(() => formatTable(tableOf({}), { maxWidth: 1.5 })).toThrow('W8006');
  });

  test('any table is a box within the width, with no control character in it', () => {
    const text = fc.string({ unit: 'binary', maxLength: 50 });
    const column = (length: number) =>
      fc.oneof(
        fc.array(fc.option(fc.double()), { minLength: length, maxLength: length }).map((v) => columnOf('f64', v)),
        fc.array(fc.option(text), { minLength: length, maxLength: length }).map((v) => columnOf('string', v)),
        fc
          .array(fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })), {
            minLength: length,
            maxLength: length,
          })
          .map((v) => columnOf('timestamp', v)),
      );
    const table = fc
      .nat(6)
      .chain((length) =>
        fc
          .array(fc.tuple(text, column(length)), { minLength: 1, maxLength: 8 })
          .map(
            (columns): Table => ({ names: columns.map(([name]) => name), columns: columns.map(([, c]) => c), length }),
          ),
      );
    fc.assert(
      fc.property(table, fc.nat(5), fc.integer({ min: 50, max: 90 }), (t, maxRows, maxWidth) => {
        const [shape, ...lines] = formatTable(t, { maxRows, maxWidth }).split('\n');
        expect(shape).toBe(`shape: (${t.length}, ${t.columns.length})`);
        expect(lines).toHaveLength(6 + (t.length <= maxRows ? t.length : maxRows + 1));
        const widths = new Set(lines.map((line) => [...line].length));
        expect(widths.size).toBe(1);
        expect(Math.max(...widths)).toBeLessThanOrEqual(maxWidth);
        expect(lines.join('')).not.toMatch(/[\p{Cc}\p{Cs}\u2028\u2029\u202e]/u);
      }),
      { numRuns: 200, seed: 29 },
    );
  });
});

describe('formatFloat', () => {
  test.each([
    [0, '0.0'],
    [-0, '-0.0'],
    [1, '1.0'],
    [-1.5, '-1.5'],
    [1 / 3, '0.333333'],
    [100_000, '100000.0'],
    [106_634.37, '106634.4'],
    [999_999.4, '999999.4'],
    [999_999.6, '1.0e6'],
    [1_234_567, '1.23457e6'],
    [0.000_012_345_678, '1.23457e-5'],
    [0.1 + 0.2, '0.3'],
    [5e-324, '4.94066e-324'],
    [Number.MAX_VALUE, '1.79769e308'],
    [Number.POSITIVE_INFINITY, 'inf'],
    [Number.NEGATIVE_INFINITY, '-inf'],
    [Number.NaN, 'NaN'],
  ])('%s is %s', (value, text) => {
    expect(formatFloat(value)).toBe(text);
  });

  test('is within half a unit of the sixth digit', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 }), (value) => {
        expect(Math.abs(Number(formatFloat(value)) - value)).toBeLessThanOrEqual(
          Math.abs(value) * 5.000_001e-6 + 5e-324,
        );
      }),
      { numRuns: 200, seed: 31 },
    );
  });
});
