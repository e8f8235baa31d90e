import fc from 'fast-check';
import { parquetReadObjects } from 'hyparquet';
import { describe, expect, test } from 'vitest';
import { WeldError } from '../../compiler/index.ts';
import type { Column } from './column.ts';
import { plainAllocator } from './column.ts';
import { readParquetTable } from './parquet.ts';
import type { ChunkSpec, FieldSpec } from './testing/parquet-writer.ts';
import { bool, CONVERTED, ENCODING, indices, parquetFile, plain, struct } from './testing/parquet-writer.ts';
import { cells } from './testing/tables.ts';

const alloc = plainAllocator;
const FLIGHTS = 'node_modules/vega-datasets/data/flights-3m.parquet';

async function failure(promise: Promise<unknown>): Promise<WeldError> {
  const error: unknown = await promise.then(
    () => null,
    (e: unknown) => e,
  );
  if (!(error instanceof WeldError)) throw new Error(`expected a WeldError, got ${String(error)}`);
  return error;
}

/** One required column of plain values in one page. */
const simple = (field: Omit<FieldSpec, 'chunks' | 'name'>, values: readonly unknown[]): FieldSpec => ({
  name: 'x',
  ...field,
  chunks: [{ pages: [{ encoding: ENCODING.PLAIN, rows: values.length, body: plain(field.type, values) }] }],
});

const read = (file: Uint8Array) => readParquetTable(file, { alloc });
const readSimple = async (field: Omit<FieldSpec, 'chunks' | 'name'>, values: readonly unknown[]): Promise<Column> => {
  const [column] = (await read(parquetFile([simple(field, values)]))).columns;
  if (column === undefined) throw new Error('no column');
  return column;
};

describe('the flights file', () => {
  test('has its three million rows, agreeing with another reader at both ends', async () => {
    const progress: [number, number][] = [];
    const table = await readParquetTable(FLIGHTS, { alloc, onProgress: (...step) => progress.push(step) });
    expect(table.names).toEqual(['date', 'delay', 'distance', 'origin', 'destination']);
    expect(table.length).toBe(3_000_000);
    expect(table.columns.map((c) => c.dtype)).toEqual(['timestamp', 'i64', 'i64', 'string', 'string']);
    expect(table.columns.map((c) => c.validity)).toEqual([null, null, null, null, null]);
    expect(progress.length).toBe(55);
    expect(progress.at(-1)).toEqual([55, 55]);

    const { readFile } = await import('node:fs/promises');
    const { compressors } = await import('hyparquet-compressors');
    const bytes = await readFile(FLIGHTS);
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
    for (const start of [0, 2_999_000]) {
      const rows = await parquetReadObjects({ file, compressors, rowStart: start, rowEnd: start + 1000 });
      const ours = rows.map((_, i) => {
        const [date, delay, distance, origin, destination] = table.columns.map((c) => {
          const value = c.data[start + i] ?? 0;
          return c.dictionary === null ? value : c.dictionary.at(Number(value));
        });
        return { date: new Date(Number(date) / 1000), delay, distance, origin, destination };
      });
      expect(ours).toEqual(rows);
    }
  });

  test('reads selected columns in the order asked for', async () => {
    const table = await readParquetTable(new URL(`file://${process.cwd()}/${FLIGHTS}`), { alloc, columns: ['origin'] });
    expect(table.names).toEqual(['origin']);
    const codes = table.columns[0]?.data ?? [];
    // Codes are given in order of first appearance.
    let next = 0;
    let early = 0;
    for (let i = 0; i < codes.length; i++) {
      const code = Number(codes[i]);
      if (code > next) early++;
      if (code === next) next++;
    }
    expect(early).toBe(0);
    expect(next).toBe(table.columns[0]?.dictionary?.length);
  });
});

describe('types', () => {
  test('numbers', async () => {
    const doubles = [0, -0, Number.NaN, Number.POSITIVE_INFINITY, 1e-310, -1.5];
    expect(cells(await readSimple({ type: 'DOUBLE' }, doubles))).toEqual(doubles);
    expect(cells(await readSimple({ type: 'FLOAT' }, [0.5, -0, Number.NaN]))).toEqual([0.5, -0, Number.NaN]);
    expect(cells(await readSimple({ type: 'INT32' }, [-(2 ** 31), 2 ** 31 - 1]))).toEqual([-(2 ** 31), 2 ** 31 - 1]);
    const longs = [-(2n ** 63n), 2n ** 63n - 1n];
    expect(cells(await readSimple({ type: 'INT64' }, longs))).toEqual(longs);
    const flags = [true, false, true, true, false, false, false, false, true];
    expect(cells(await readSimple({ type: 'BOOLEAN' }, flags))).toEqual(flags);
  });

  test('annotated integers', async () => {
    const cases = [
      ['i8', CONVERTED.INT_8, 'INT32', [-128, 127], [-128, 127]],
      ['i16', CONVERTED.INT_16, 'INT32', [-32_768], [-32_768]],
      ['u8', CONVERTED.UINT_8, 'INT32', [255], [255]],
      ['u16', CONVERTED.UINT_16, 'INT32', [65_535], [65_535]],
      ['u32', CONVERTED.UINT_32, 'INT32', [-1], [2 ** 32 - 1]],
      ['u64', CONVERTED.UINT_64, 'INT64', [-1n], [2n ** 64n - 1n]],
    ] as const;
    for (const [dtype, converted, type, values, expected] of cases) {
      const column = await readSimple({ type, converted }, values);
      expect(column.dtype).toBe(dtype);
      expect(cells(column)).toEqual(expected);
    }
    const logical = [10, struct({ 1: { type: 3, bytes: [16] }, 2: bool(false) })] as const;
    expect((await readSimple({ type: 'INT32', logical }, [7])).dtype).toBe('u16');
  });

  test('times, floored to microseconds', async () => {
    const stamp = async (field: Omit<FieldSpec, 'chunks' | 'name'>, values: readonly unknown[]) => {
      const column = await readSimple(field, values);
      expect(column.dtype).toBe('timestamp');
      return cells(column);
    };
    expect(await stamp({ type: 'INT32', converted: CONVERTED.DATE }, [-1, 365])).toEqual([
      -86_400_000_000n,
      31_536_000_000_000n,
    ]);
    expect(await stamp({ type: 'INT64', converted: CONVERTED.TIMESTAMP_MILLIS }, [-1n, 2n])).toEqual([-1000n, 2000n]);
    expect(await stamp({ type: 'INT64', converted: CONVERTED.TIMESTAMP_MICROS }, [-1n, 2n])).toEqual([-1n, 2n]);
    const nanos = [8, struct({ 1: bool(true), 2: struct({ 3: struct({}) }) })] as const;
    expect(await stamp({ type: 'INT64', logical: nanos }, [-1n, 1999n, -1000n])).toEqual([-1n, 1n, -1n]);
    const day = 2_440_588n;
    expect(await stamp({ type: 'INT96' }, [(day << 64n) | 1999n, (day - 1n) << 64n])).toEqual([1n, -86_400_000_000n]);
  });

  test('decimals as the nearest f64, halves as f32', async () => {
    const decimal = { converted: CONVERTED.DECIMAL, scale: 2 };
    expect(cells(await readSimple({ type: 'INT32', ...decimal }, [12_345, -1, 110]))).toEqual([123.45, -0.01, 1.1]);
    expect(cells(await readSimple({ type: 'INT64', ...decimal }, [-12_345n]))).toEqual([-123.45]);
    const fixed = { type: 'FIXED_LEN_BYTE_ARRAY', typeLength: 3, ...decimal } as const;
    expect(cells(await readSimple(fixed, [Uint8Array.of(0xff, 0xff, 0xff), Uint8Array.of(0, 1, 0)]))).toEqual([
      -0.01, 2.56,
    ]);
    const half = { type: 'FIXED_LEN_BYTE_ARRAY', typeLength: 2, logical: [15, struct({})] } as const;
    const bits = [
      Uint8Array.of(0, 0x3c),
      Uint8Array.of(0, 0xc0),
      Uint8Array.of(1, 0),
      Uint8Array.of(0, 0x7c),
      Uint8Array.of(1, 0x7c),
    ];
    expect(cells(await readSimple(half, bits))).toEqual([1, -2, 2 ** -24, Number.POSITIVE_INFINITY, Number.NaN]);
  });

  test('what we have no column for', async () => {
    const time = await failure(readSimple({ type: 'INT32', converted: CONVERTED.TIME_MILLIS }, [1]));
    expect(time.message).toMatchInlineSnapshot(`
      "W8008: <bytes>: column 'x' has the Parquet type INT32 (TIME_MILLIS)
        help: read the others by naming them in \`columns\`, or convert this one when the file is written"
    `);
    expect((await failure(readSimple({ type: 'FIXED_LEN_BYTE_ARRAY', typeLength: 1 }, [Uint8Array.of(1)]))).code).toBe(
      'W8008',
    );
    const nested = await failure(read(parquetFile([simple({ type: 'INT32' }, [1])], { nest: true })));
    expect(nested.message).toMatchInlineSnapshot(`
      "W8008: <bytes>: column 'outer' is nested (a list, map or struct); expected one value a row
        help: read the others by naming them in \`columns\`"
    `);
    const repeated = parquetFile([
      simple({ type: 'INT32', repetition: 2 }, [1]),
      { ...simple({ type: 'INT32' }, [1]), name: 'y' },
    ]);
    expect((await failure(read(repeated))).code).toBe('W8008');
    expect((await readParquetTable(repeated, { alloc, columns: ['y'] })).names).toEqual(['y']);
    const binary = await failure(readSimple({ type: 'BYTE_ARRAY' }, [Uint8Array.of(0xff)]));
    expect(binary.message).toMatchInlineSnapshot(`
      "W8002: <bytes>: column 'x' holds bytes that are not UTF-8 text
        help: if the column is binary, leave it out by naming the others in \`columns\`"
    `);
  });
});

describe('pages', () => {
  const kinds: Record<'INT32' | 'INT64' | 'DOUBLE' | 'BOOLEAN' | 'BYTE_ARRAY', fc.Arbitrary<unknown>> = {
    INT32: fc.integer(),
    INT64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    DOUBLE: fc.double(),
    BOOLEAN: fc.boolean(),
    BYTE_ARRAY: fc.string({ maxLength: 4 }),
  };

  /** A chunk of nullable values cut into pages, with a dictionary or without. */
  function chunkOf(
    type: keyof typeof kinds,
    values: readonly unknown[],
    size: number,
    dictionary: boolean,
    version: 1 | 2,
  ): ChunkSpec {
    const distinct = [...new Map(values.filter((v) => v !== null).map((v) => [String(v), v])).values()].reverse();
    const keys = distinct.map(String);
    const pages = [];
    for (let at = 0; at < values.length; at += size) {
      const rows = values.slice(at, at + size);
      const found = rows.filter((v) => v !== null);
      const body = dictionary
        ? indices(
            found.map((v) => keys.indexOf(String(v))),
            7,
          )
        : plain(type, found);
      const encoding = dictionary ? ENCODING.RLE_DICTIONARY : ENCODING.PLAIN;
      pages.push({ version, encoding, rows: rows.length, present: rows.map((v) => v !== null), body });
    }
    return { pages, ...(dictionary && { dictionary: { count: distinct.length, body: plain(type, distinct) } }) };
  }

  const column = fc.constantFrom(...(['INT32', 'INT64', 'DOUBLE', 'BOOLEAN', 'BYTE_ARRAY'] as const)).chain((type) =>
    fc.record({
      type: fc.constant(type),
      groups: fc.array(fc.array(fc.option(kinds[type], { freq: 4 }), { minLength: 1, maxLength: 30 }), {
        maxLength: 3,
      }),
      size: fc.integer({ min: 1, max: 20 }),
      dictionary: fc.boolean(),
      version: fc.constantFrom(1 as const, 2 as const),
      gzip: fc.boolean(),
    }),
  );

  test('any cut into row groups and pages, with or without dictionary and nulls, reads the same', async () => {
    await fc.assert(
      fc.asyncProperty(column, async ({ type, groups, size, dictionary, version, gzip }) => {
        const useDictionary = dictionary && type !== 'BOOLEAN';
        const chunks = groups.map((values) => chunkOf(type, values, size, useDictionary, version));
        const table = await read(parquetFile([{ name: 'x', type, repetition: 1, chunks }], { gzip }));
        const expected = groups.flat();
        // The dictionary is made by text, which writes 0 and -0 alike.
        const merged = (v: unknown) => (useDictionary && v === 0 ? 0 : v);
        expect(cells(table.columns[0]).map(merged)).toEqual(expected.map(merged));
        expect(table.columns[0]?.validity === null).toBe(!expected.includes(null));
        if (type === 'BYTE_ARRAY') {
          expect([...(table.columns[0]?.dictionary ?? [])]).toEqual([...new Set(expected.filter((v) => v !== null))]);
        }
      }),
      { numRuns: 200, seed: 5 },
    );
  });

  test('the fixture is a Parquet file to another reader too', async () => {
    const chunks = [chunkOf('BYTE_ARRAY', ['a', null, 'b', 'a'], 2, true, 1)];
    const file = parquetFile([{ name: 'x', type: 'BYTE_ARRAY', repetition: 1, chunks }]);
    const buffer = new Uint8Array(file).buffer;
    expect(await parquetReadObjects({ file: buffer })).toEqual([{ x: 'a' }, { x: null }, { x: 'b' }, { x: 'a' }]);
  });

  test('a dictionary that overflows into plain pages', async () => {
    const pages = [
      { encoding: ENCODING.RLE_DICTIONARY, rows: 3, body: indices([1, 0, 1], 1) },
      { encoding: ENCODING.PLAIN, rows: 2, body: plain('BYTE_ARRAY', ['c', 'a']) },
    ];
    const dictionary = { count: 2, body: plain('BYTE_ARRAY', ['a', 'b']) };
    const table = await read(parquetFile([{ name: 'x', type: 'BYTE_ARRAY', chunks: [{ dictionary, pages }] }]));
    expect(cells(table.columns[0])).toEqual(['b', 'a', 'b', 'c', 'a']);
    expect([...(table.columns[0]?.dictionary ?? [])]).toEqual(['b', 'a', 'c']);
  });

  test('other encodings', async () => {
    const page = (encoding: number, rows: number, body: Uint8Array) => [{ pages: [{ encoding, rows, body }] }];
    const rle = Uint8Array.of(2, 0, 0, 0, 6, 1);
    const booleans = await read(parquetFile([{ name: 'x', type: 'BOOLEAN', chunks: page(ENCODING.RLE, 3, rle) }]));
    expect(cells(booleans.columns[0])).toEqual([true, true, true]);
    // Block of 128 values in 4 miniblocks, 3 values from 5 with a smallest delta of 2 and widths of 0.
    const delta = Uint8Array.of(0x80, 1, 4, 3, 10, 4, 0, 0, 0, 0);
    const ints = await read(
      parquetFile([{ name: 'x', type: 'INT32', chunks: page(ENCODING.DELTA_BINARY_PACKED, 3, delta) }]),
    );
    expect(cells(ints.columns[0])).toEqual([5, 7, 9]);
    const raw = plain('FLOAT', [1.5, -2]);
    const split = Uint8Array.from([0, 4, 1, 5, 2, 6, 3, 7].map((i) => raw[i] ?? 0));
    const floats = await read(
      parquetFile([{ name: 'x', type: 'FLOAT', chunks: page(ENCODING.BYTE_STREAM_SPLIT, 2, split) }]),
    );
    expect(cells(floats.columns[0])).toEqual([1.5, -2]);
  });

  test('no row groups, and no columns', async () => {
    const table = await read(parquetFile([{ name: 'x', type: 'INT32', chunks: [] }]));
    expect(table.length).toBe(0);
    expect(cells(table.columns[0])).toEqual([]);
    expect(
      (await readParquetTable(parquetFile([simple({ type: 'INT32' }, [1])]), { alloc, columns: [] })).names,
    ).toEqual([]);
  });
});

describe('errors', () => {
  const file = parquetFile([
    simple({ type: 'INT32' }, [1, 2, 3]),
    { ...simple({ type: 'BYTE_ARRAY', converted: CONVERTED.UTF8 }, ['a', 'b', 'a']), name: 'name' },
  ]);

  test('files that cannot be read', async () => {
    const missing = await failure(readParquetTable('node_modules/vega-datasets/data/flights-3n.parquet', { alloc }));
    expect(missing.message).toMatchInlineSnapshot(`
      "W8001: cannot read 'node_modules/vega-datasets/data/flights-3n.parquet': there is no such file
        help: did you mean 'node_modules/vega-datasets/data/flights-3m.parquet'?"
    `);
    expect((await failure(readParquetTable('runtime', { alloc }))).message).toBe(
      "W8001: cannot read 'runtime': found a directory, expected a file",
    );
    expect((await failure(readParquetTable('no/such/place.parquet', { alloc }))).code).toBe('W8001');
  });

  test('files of another format', async () => {
    const csv = await failure(readParquetTable('node_modules/vega-datasets/data/airports.csv', { alloc }));
    expect(csv.code).toBe('W8002');
    expect(csv.message).toContain('is not a Parquet file: it ends in');
    expect((await failure(read(new Uint8Array(0)))).message).toContain('it has 0 bytes');
    const cut = await failure(read(file.subarray(0, file.length - 20)));
    expect(cut.message).toContain('it begins like one: the file is cut short');
  });

  test('an unknown column', async () => {
    const error = await failure(readParquetTable(file, { alloc, columns: ['nmae'] }));
    expect(error.message).toBe("W8003: <bytes>: there is no column 'nmae'\n  help: did you mean 'name'?");
    expect((await failure(readParquetTable(file, { alloc, columns: ['x', 'x'] }))).code).toBe('W8006');
  });

  test('an index outside the dictionary', async () => {
    const pages = [{ encoding: ENCODING.RLE_DICTIONARY, rows: 1, body: indices([3], 2) }];
    const dictionary = { count: 2, body: plain('INT32', [1, 2]) };
    const bad = parquetFile([{ name: 'x', type: 'INT32', chunks: [{ dictionary, pages }] }]);
    expect((await failure(read(bad))).message).toMatchInlineSnapshot(`
      "W8002: <bytes>: column 'x' cannot be decoded as Parquet: index 3 into a dictionary of 2 values
        help: the file is damaged or was written by an incompatible program; write it again"
    `);
  });

  test('damage anywhere is a table or a typed error, never another', async () => {
    const damage = fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(damage, async (edits) => {
        const bytes = Uint8Array.from(file);
        for (const [at, value] of edits) bytes[at] = value;
        const table = await read(bytes).catch((error: unknown) => {
          expect(error).toBeInstanceOf(WeldError);
          return null;
        });
        if (table !== null) for (const column of table.columns) expect(column.length).toBe(table.length);
      }),
      { numRuns: 200, seed: 9 },
    );
    for (let end = 0; end < file.length; end += 3)
      expect((await failure(read(file.subarray(0, end)))).code).toBe('W8002');
  });
});
