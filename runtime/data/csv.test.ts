import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WeldError } from '../../compiler/index.ts';
import type { DType, Table } from './column.ts';
import { plainAllocator } from './column.ts';
import type { CsvOptions } from './csv.ts';
import { readCsvTable } from './csv.ts';
import { cells, toObject } from './testing/tables.ts';
import { formatTimestamp } from './time.ts';

const DATA = 'node_modules/vega-datasets/data/';
type Options = Omit<CsvOptions, 'alloc'>;

const read = (text: string, options: Options = {}): Promise<Table> =>
  readCsvTable({ text }, { alloc: plainAllocator, ...options });

const failure = async (text: string, options: Options = {}): Promise<string> => {
  const error: unknown = await read(text, options).then(
    () => null,
    (e: unknown) => e,
  );
  if (!(error instanceof WeldError)) throw new Error(`expected a WeldError, got ${String(error)}`);
  return error.message;
};

const types = (table: Table): Record<string, DType | undefined> =>
  Object.fromEntries(table.names.map((name, i) => [name, table.columns[i]?.dtype]));

/** An independent splitter, character by character over a string: rows of texts. */
function split(text: string, delimiter: string): string[][] {
  const rows: string[][] = [[]];
  let field = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i] ?? '';
    if (quoted) {
      if (c === '"' && text[i + 1] === '"') field += text[++i];
      else if (c === '"') quoted = false;
      else field += c;
    } else if (c === '"' && field === '') quoted = true;
    else if (c === delimiter || c === '\n') {
      rows.at(-1)?.push(field);
      field = '';
      if (c === '\n') rows.push([]);
    } else if (c !== '\r') field += c;
  }
  if (field !== '' || rows.at(-1)?.length !== 0) rows.at(-1)?.push(field);
  return rows.filter((row) => row.length > 1 || (row[0] ?? '') !== '');
}

/** What a text means in a column of a type, by JavaScript's own conversions. */
function meaning(text: string, dtype: DType | undefined): unknown {
  if (text === '') return null;
  if (dtype === 'i64') return BigInt(text);
  if (dtype === 'f64') return Number(text);
  if (dtype === 'bool') return text.toLowerCase() === 'true';
  if (dtype === 'timestamp') return BigInt(Date.parse(text.includes('T') ? `${text}Z` : text)) * 1000n;
  return text;
}

describe('real files', () => {
  const files = readdirSync(DATA).filter((file) => /\.[ct]sv$/.test(file));

  test.each(files)('%s agrees with an independent parser', async (file) => {
    const delimiter = file.endsWith('.tsv') ? '\t' : ',';
    const table = await readCsvTable(DATA + file, { alloc: plainAllocator, delimiter });
    const [header, ...rows] = split(readFileSync(DATA + file, 'utf8').replace(/^\ufeff/, ''), delimiter);
    expect(table.names).toEqual(header);
    expect(table.length).toBe(rows.length);
    table.columns.forEach((column, c) => {
      expect(cells(column)).toEqual(rows.map((row) => meaning(row[c] ?? '', column.dtype)));
    });
  });

  test('the types of a few', async () => {
    const of = async (file: string) => types(await readCsvTable(DATA + file, { alloc: plainAllocator }));
    expect(await of('seattle-weather.csv')).toEqual({
      date: 'timestamp',
      precipitation: 'f64',
      temp_max: 'f64',
      temp_min: 'f64',
      wind: 'f64',
      weather: 'string',
    });
    expect((await of('airports.csv')).latitude).toBe('f64');
    expect((await of('birdstrikes.csv'))['Speed IAS in knots']).toBe('i64');
    // Zip codes keep their leading zeros.
    expect((await of('zipcodes.csv')).zip_code).toBe('string');
  });
});

describe('structure', () => {
  test('quotes, doubled quotes, embedded delimiters and line ends', async () => {
    const table = await read('a,b\r\n"x,""y""","1\r\n2"\r\nit"s,"""\n"""\n');
    expect(toObject(table)).toEqual({ a: ['x,"y"', 'it"s'], b: ['1\r\n2', '"\n"'] });
  });

  test('line ends of all kinds, blank lines, no line end at the end, a byte order mark', async () => {
    const expected = { a: [1n, 2n], b: [3n, 4n] };
    for (const text of [
      'a,b\n1,3\n2,4',
      'a,b\r\n1,3\r\n2,4\r\n',
      'a,b\r1,3\r2,4\r',
      '\n\na,b\n\n1,3\n\n2,4\n\n',
      '\ufeffa,b\n1,3\n2,4',
    ]) {
      expect(toObject(await read(text))).toEqual(expected);
    }
  });

  test('one column: a blank line is a null', async () => {
    expect(toObject(await read('a\n1\n\n3\n'))).toEqual({ a: [1n, null, 3n] });
    expect(toObject(await read('a\r\n\r\n""\r\nx'))).toEqual({ a: [null, '', 'x'] });
  });

  test('header only, no header, unnamed columns, another delimiter', async () => {
    const empty = await read('a,b\n');
    expect([empty.length, types(empty)]).toEqual([0, { a: 'string', b: 'string' }]);
    expect(toObject(await read('1;x\n2;y', { header: false, delimiter: ';' }))).toEqual({
      column_1: [1n, 2n],
      column_2: ['x', 'y'],
    });
    expect((await read(',b\n1,2')).names).toEqual(['column_1', 'b']);
  });

  test('comments, an escape, ragged rows', async () => {
    expect(toObject(await read('#"\na,b\n#x\n1,2\n', { comment: '#' }))).toEqual({ a: [1n], b: [2n] });
    expect(toObject(await read('a,b\n"x\\"y","\\\\"\n', { escape: '\\' }))).toEqual({ a: ['x"y'], b: ['\\'] });
    const ragged = 'a,b\n1\n2,3,4\n5,6\n';
    expect(toObject(await read(ragged, { ragged: 'truncate' }))).toEqual({ a: [1n, 2n, 5n], b: [null, 3n, 6n] });
    expect(toObject(await read(ragged, { ragged: 'skip' }))).toEqual({ a: [5n], b: [6n] });
    expect(toObject(await read('a,b\n1\n5,6\n', { ragged: 'null' }))).toEqual({ a: [1n, 5n], b: [null, 6n] });
    expect(await failure(ragged, { ragged: 'null' })).toContain('row 2 (line 3): found 3 fields, expected 2');
  });

  test('NUL bytes are text, and bytes that are not UTF-8 may be replaced', async () => {
    expect(toObject(await read('a,b\nx\0,1\n'))).toEqual({ a: ['x\0'], b: [1n] });
    const bytes = Uint8Array.of(0x61, 0x0a, 0xe9, 0x0a, 0xe8, 0x0a, 0x62, 0x0a);
    const table = await readCsvTable(bytes, { alloc: plainAllocator, encoding: 'utf8-lossy' });
    expect(toObject(table)).toEqual({ a: ['\ufffd', '\ufffd', 'b'] });
    expect([...(table.columns[0]?.dictionary ?? [])]).toEqual(['\ufffd', 'b']);
  });

  test('selects columns in the order asked for', async () => {
    expect(toObject(await read('a,b,c\n1,2,3', { columns: ['c', 'a'] }))).toEqual({ c: [3n], a: [1n] });
    expect((await read('a\n1', { columns: [] })).columns).toEqual([]);
  });

  test('reads bytes, and views into larger buffers', async () => {
    const bytes = new TextEncoder().encode('xxa\n7\nyy').subarray(2, 6);
    expect(toObject(await readCsvTable(bytes, { alloc: plainAllocator }))).toEqual({ a: [7n] });
  });
});

describe('types and nulls', () => {
  const typeOf = async (...texts: string[]) => (await read(['a', ...texts].join('\n'))).columns[0]?.dtype;
  const valuesOf = async (dtype: DType, ...texts: string[]) =>
    cells((await read(['a', ...texts].join('\n'), { dtypes: { a: dtype } })).columns[0]);

  test('inference', async () => {
    expect(await typeOf('1', '-2', '+3')).toBe('i64');
    expect(await typeOf('9223372036854775807', '-9223372036854775808')).toBe('i64');
    expect(await typeOf('9223372036854775808')).toBe('string');
    expect(await typeOf('9223372036854775808', '0.5')).toBe('f64');
    expect(await typeOf('1', '2.5')).toBe('f64');
    expect(await typeOf('.5', '5.', '-1e-3', '1E5')).toBe('f64');
    expect(await typeOf('NaN', '-inf', 'Infinity')).toBe('f64');
    expect(await typeOf('true', 'False')).toBe('bool');
    expect(await typeOf('2020-01-01', '2020-01-01T10:00:00Z')).toBe('timestamp');
    expect(await typeOf('')).toBe('string');
    expect(await typeOf('', ' 1 ', '"2"', '""')).toBe('i64');
    for (const mixture of [
      ['1', 'x'],
      ['1', 'true'],
      ['1', '2020-01-01'],
      ['1.2.3'],
      ['-'],
      ['+'],
      ['.'],
      ['1e'],
      ['e5'],
      ['0x1F'],
      ['007'],
      ['2020-13-01'],
      ['1 2'],
      [' '],
    ]) {
      expect(await typeOf(...mixture)).toBe('string');
    }
  });

  test('nulls', async () => {
    expect(toObject(await read('a,b\n,NA\n1,\n"",x\n', { nullValues: ['NA'] }))).toEqual({
      a: [null, 1n, null],
      b: [null, null, 'x'],
    });
    // A quoted text is a value, even when it is empty or listed.
    expect(toObject(await read('a,b\n"",1\n"NA",1\nNA,1', { nullValues: ['NA'] })).a).toEqual(['', 'NA', null]);
    expect((await read('a\n1\n2')).columns[0]?.validity).toBeNull();
  });

  test('types asked for', async () => {
    expect(await valuesOf('i8', '-128', '127')).toEqual([-128, 127]);
    expect(await valuesOf('u64', '18446744073709551615', '0')).toEqual([2n ** 64n - 1n, 0n]);
    expect(await valuesOf('i64', '007', '-9007199254740993')).toEqual([7n, -9007199254740993n]);
    expect(await valuesOf('f32', '0.1', '1e40')).toEqual([Math.fround(0.1), Number.POSITIVE_INFINITY]);
    expect(await valuesOf('string', '007', '1.0')).toEqual(['007', '1.0']);
    expect(await valuesOf('f64', '1', '', '-0')).toEqual([1, null, -0]);
    expect(await valuesOf('timestamp', '9999-12-31T23:59:59.999999', '0001-01-01')).toEqual([
      253_402_300_799_999_999n,
      -62_135_596_800_000_000n,
    ]);
  });

  test('integers and doubles read as JavaScript reads them', async () => {
    const integers = fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { minLength: 1, maxLength: 20 });
    const doubles = fc.array(fc.tuple(fc.double({ noNaN: true }), fc.constantFrom(0, 1, 2)), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(integers, doubles, async (ints, floats) => {
        expect(await valuesOf('i64', ...ints.map(String))).toEqual(ints);
        const texts = floats.map(([x, style]) =>
          style === 0 ? String(x) : style === 1 ? x.toExponential(20) : x.toFixed(9),
        );
        expect(await valuesOf('f64', ...texts)).toEqual(texts.map(Number));
      }),
      { numRuns: 200, seed: 13 },
    );
  });
});

describe('round trip', () => {
  const names = ['i', 'f', 'b', 't', 's'] as const;
  const dtypes = { i: 'i64', f: 'f64', b: 'bool', t: 'timestamp', s: 'string' } as const;
  const nasty = fc.string({
    unit: fc.constantFrom('a', ',', '"', '\n', '\r', ' ', 'é', '漢', '😀', ';', '0'),
    maxLength: 6,
  });
  const row = fc.record({
    i: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
    f: fc.option(
      fc.oneof(fc.double(), fc.constantFrom(0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY)),
    ),
    b: fc.option(fc.boolean()),
    t: fc.option(fc.bigInt({ min: -62_167_219_200_000_000n, max: 253_402_300_799_999_999n })),
    s: fc.option(nasty),
  });

  test('a random table written as CSV reads back the same', async () => {
    const layout = fc.record({
      delimiter: fc.constantFrom(',', ';', '\t', '|'),
      eol: fc.constantFrom('\n', '\r\n', '\r'),
      all: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 12 }), layout, async (rows, { delimiter, eol, all }) => {
        const quote = (text: string): string =>
          all || text === '' || /["\r\n,;\t|]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
        const write = (value: unknown, name: (typeof names)[number]): string => {
          if (value === null) return '';
          if (name === 't' && typeof value === 'bigint') return quote(formatTimestamp(value));
          return quote(Object.is(value, -0) ? '-0' : String(value));
        };
        const lines = [names.join(delimiter), ...rows.map((r) => names.map((n) => write(r[n], n)).join(delimiter))];
        const table = await read(lines.join(eol), { delimiter, dtypes });
        expect(table.length).toBe(rows.length);
        expect(toObject(table)).toEqual(Object.fromEntries(names.map((n) => [n, rows.map((r) => r[n])])));
      }),
      { numRuns: 200, seed: 17 },
    );
  });

  test('any text is a table or a typed error', async () => {
    const text = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', '1', '.', '-', ' '), maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(text, async (csv) => {
        const table = await read(csv).catch((error: unknown) => {
          expect(error).toBeInstanceOf(WeldError);
          return null;
        });
        if (table !== null) for (const column of table.columns) expect(column.length).toBe(table.length);
      }),
      { numRuns: 200, seed: 19 },
    );
  });
});

describe('errors', () => {
  test('structure', async () => {
    expect(await failure('a,b\n1,2\n1,2,3\n')).toMatchInlineSnapshot(`
      "W8002: <text>, row 2 (line 3): found 3 fields, expected 2 as in the first row: there is no column for field 3
        note: \`ragged: 'truncate'\` drops the fields beyond, 'skip' such rows
        help: quote a field that contains the delimiter"
    `);
    expect(await failure('a,b\n"x\ny",2\n1\n')).toMatchInlineSnapshot(`
      "W8002: <text>, row 2 (line 4): found 1 field, expected 2 as in the first row: there is no field for column 'b'
        note: \`ragged: 'null'\` gives missing fields null, 'skip' drops such rows
        help: write an empty field for a missing value"
    `);
    expect(await failure('a,b\n1,"x\n2,3\n')).toMatchInlineSnapshot(`
      "W8002: <text>, row 1 (line 2), column 'b': a quoted field begins here and never ends
        help: close it with a quote; a quote inside it is written twice"
    `);
    expect(await failure('a,b\n"x"y,2\n')).toMatchInlineSnapshot(`
      "W8002: <text>, row 1 (line 2), column 'a': found "y" behind a closing quote, expected the field to end
        help: a quote inside a quoted field is written twice"
    `);
    expect(await failure('\n\n')).toMatchInlineSnapshot(`
      "W8002: <text> is empty; expected at least one row
        help: a table without rows still needs a header"
    `);
    expect(await failure('a,b,a\n')).toMatchInlineSnapshot(`
      "W8002: <text>: columns 1 and 3 are both named 'a'
        help: rename one of them in the first line"
    `);
  });

  test('cells', async () => {
    expect(await failure('n,m\n1,2\n"a\nb",3\nabc,4\n', { dtypes: { n: 'i64' } })).toMatchInlineSnapshot(`
      "W8002: <text>, row 2 (line 3), column 'n': found "a\\nb", expected i64
        help: ask for another type, as in \`dtypes: { "n": 'string' }\`, or list the text in \`nullValues\`"
    `);
    expect(await failure('n\n1\n300', { dtypes: { n: 'u8' } })).toMatchInlineSnapshot(`
      "W8002: <text>, row 2 (line 3), column 'n': found "300", expected u8
        help: ask for another type, as in \`dtypes: { "n": 'string' }\`, or list the text in \`nullValues\`"
    `);
    const others = [
      ['1.5', 'i64'],
      ['9223372036854775808', 'i64'],
      ['-1', 'u64'],
      ['yes', 'bool'],
      ['01/02/2020', 'timestamp'],
      ['1e', 'f64'],
      ['1'.repeat(30), 'i64'],
    ] as const;
    for (const [text, dtype] of others)
      expect(await failure(`n\n${text}`, { dtypes: { n: dtype } })).toContain('W8002');
  });

  test('options', async () => {
    expect(await failure('delay,b\n', { columns: ['dealy'] })).toMatchInlineSnapshot(`
      "W8003: <text>: there is no column 'dealy'
        help: did you mean 'delay'?"
    `);
    expect(await failure('delay,b\n', { dtypes: { deley: 'i64' } })).toMatchInlineSnapshot(`
      "W8003: <text>: there is no column 'deley'
        help: did you mean 'delay'?"
    `);
    expect(await failure('a\n', { delimiter: '::' })).toMatchInlineSnapshot(`
      "W8006: found the delimiter "::", expected one ASCII character
        help: for example ',' or ';' or '\\t'; not a quote or a line end"
    `);
    expect(await failure('a\n', { comment: 'no' })).toMatchInlineSnapshot(`
      "W8006: found the comment "no", expected one ASCII character
        help: for example '#'; not a quote or a line end"
    `);
    expect(await failure('a\n', { inferRows: 0 })).toMatchInlineSnapshot(
      `"W8006: inferRows is a whole number above 0, found 0"`,
    );
    const wrongWay: Options = JSON.parse('{"ragged":"drop"}');
    expect(await failure('a\n', wrongWay)).toMatchInlineSnapshot(
      `"W8006: ragged is one of error, null, truncate, skip, found "drop""`,
    );
    const wrong: Record<string, DType> = JSON.parse('{"a":"int"}');
    expect(await failure('a\n', { dtypes: wrong })).toMatchInlineSnapshot(`
      "W8006: found the dtype 'int' for column 'a'
        help: expected one of bool, i8, i16, i32, i64, u8, u16, u32, u64, f32, f64, string, timestamp"
    `);
  });

  test('files and encodings', async () => {
    const bytes = (...values: number[]) => readCsvTable(Uint8Array.from(values), { alloc: plainAllocator });
    await expect(readCsvTable(`${DATA}airport.csv`, { alloc: plainAllocator })).rejects.toThrow(
      "did you mean 'node_modules/vega-datasets/data/airports.csv'?",
    );
    await expect(bytes(0xff, 0xfe, 0x61, 0)).rejects.toThrow('W8002: <bytes> is encoded in UTF-16, expected UTF-8');
    await expect(bytes(0x61, 0x0a, 0x62, 0x0a, 0xe9, 0x0a)).rejects.toThrow(
      "W8002: <bytes>, line 3: row 2, column 'a' is not UTF-8 text",
    );
    await expect(bytes(0xe9, 0x0a)).rejects.toThrow('W8002: <bytes>, line 1: column 1 of the header is not UTF-8 text');
  });
});
