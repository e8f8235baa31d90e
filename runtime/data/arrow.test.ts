import { readFileSync } from 'node:fs';
import * as arrow from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WeldError } from '../../compiler/index.ts';
import { tableFromArrow, tableToArrow } from './arrow.ts';
import type { Allocator, Column, DType, Table } from './column.ts';
import { plainAllocator, viewOf } from './column.ts';
import { type CellValue, cells, columnOf, toObject } from './testing/tables.ts';

const alloc = plainAllocator;
const FILE = 'node_modules/vega-datasets/data/flights-200k.arrow';

const read = async (vector: arrow.Vector): Promise<Column> => {
  const [column] = (await tableFromArrow(new arrow.Table({ x: vector }), { alloc })).columns;
  if (column === undefined) throw new Error('no column');
  return column;
};

describe('the flights file', () => {
  test('reads as Arrow itself does, sharing the values', async () => {
    const bytes = new Uint8Array(readFileSync(FILE));
    const table = await tableFromArrow(bytes, { alloc });
    const theirs = arrow.tableFromIPC(bytes);
    expect(table.names).toEqual(['delay', 'distance', 'time']);
    expect(table.columns.map((c) => c.dtype)).toEqual(['i16', 'i16', 'f32']);
    expect(table.length).toBe(200_000);
    table.columns.forEach((column, i) => {
      expect(column.data.buffer).toBe(bytes.buffer);
      const values = theirs.getChildAt(i)?.toArray() ?? [];
      expect(column.data.findIndex((value: number | bigint, row: number) => !Object.is(value, values[row]))).toBe(-1);
    });
    expect((await tableFromArrow(FILE, { alloc })).columns[2]?.data.at(-1)).toBe(table.columns[2]?.data.at(-1));
  });
});

describe('there and back', () => {
  const kinds = {
    bool: fc.boolean(),
    i8: fc.integer({ min: -128, max: 127 }),
    i16: fc.integer({ min: -32_768, max: 32_767 }),
    i32: fc.integer(),
    i64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    u8: fc.nat(255),
    u16: fc.nat(65_535),
    u32: fc.nat(2 ** 32 - 1),
    u64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    f32: fc.float(),
    f64: fc.double(),
    string: fc.string({ unit: 'binary', maxLength: 3 }),
    timestamp: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  } as const satisfies Record<DType, fc.Arbitrary<CellValue>>;
  const names = [
    'bool',
    'i8',
    'i16',
    'i32',
    'i64',
    'u8',
    'u16',
    'u32',
    'u64',
    'f32',
    'f64',
    'string',
    'timestamp',
  ] as const;
  const column = (dtype: DType, length: number, nulls: boolean): fc.Arbitrary<Column> => {
    const cell: fc.Arbitrary<CellValue> = kinds[dtype];
    const maybe = nulls ? fc.option(cell, { freq: 3 }) : cell;
    return fc.array(maybe, { minLength: length, maxLength: length }).map((values) => columnOf(dtype, values));
  };
  const table = fc
    .tuple(fc.nat(20), fc.boolean())
    .chain(([length, nulls]) => fc.tuple(fc.constant(length), fc.tuple(...names.map((d) => column(d, length, nulls)))))
    .map(([length, columns]): Table => ({ names: [...names], columns, length }));

  test('a random table, through Arrow and through IPC bytes', async () => {
    await fc.assert(
      fc.asyncProperty(table, async (ours) => {
        const theirs = await tableToArrow(ours);
        expect(theirs.numRows).toBe(ours.length);
        const back = await tableFromArrow(theirs, { alloc });
        for (const result of [back, await tableFromArrow(arrow.tableToIPC(theirs, 'file'), { alloc })]) {
          expect(toObject(result)).toEqual(toObject(ours));
          expect(result.columns.map((c) => c.dtype)).toEqual(ours.columns.map((c) => c.dtype));
          expect(result.columns.map((c) => c.validity)).toEqual(ours.columns.map((c) => c.validity));
        }
        // Numbers without nulls are not copied on either way.
        ours.columns.forEach((c, i) => {
          if (c.validity === null && c.dtype !== 'bool') expect(back.columns[i]?.data.buffer).toBe(c.data.buffer);
        });
      }),
      { numRuns: 100, seed: 21 },
    );
  });

  test('Arrow sees the values', async () => {
    const ours: Table = {
      names: ['2', '1', 's', 't', 'b'],
      columns: [
        columnOf('i32', [1, 2, 3]),
        columnOf('f64', [0.5, null, -0]),
        columnOf('string', ['é', null, 'é']),
        columnOf('timestamp', [1_000_000n, 0n, -1000n]),
        columnOf('bool', [true, false, null]),
      ],
      length: 3,
    };
    const theirs = await tableToArrow(ours);
    expect(theirs.schema.fields.map((f) => f.name)).toEqual(['2', '1', 's', 't', 'b']);
    expect([...(theirs.getChild('1') ?? [])]).toEqual([0.5, null, -0]);
    expect([...(theirs.getChild('s') ?? [])]).toEqual(['é', null, 'é']);
    expect([...(theirs.getChild('t') ?? [])]).toEqual([1000, 0, -1]);
    expect([...(theirs.getChild('b') ?? [])]).toEqual([true, false, null]);
  });

  test('columns in shared memory', async () => {
    const heap: Allocator = {
      alloc: (kind, length) => viewOf(kind, new SharedArrayBuffer(length * 8), 0, length),
    };
    const source = await tableToArrow({ names: ['x'], columns: [columnOf('f64', [1, null, 3])], length: 3 });
    const shared = await tableFromArrow(source, { alloc: heap });
    expect(shared.columns[0]?.data.buffer).toBeInstanceOf(SharedArrayBuffer);
    const again = await tableFromArrow(arrow.tableToIPC(await tableToArrow(shared)), { alloc });
    expect(toObject(again)).toEqual({ x: [1, null, 3] });
  });

  test('no columns and no rows', async () => {
    expect(await tableFromArrow(await tableToArrow({ names: [], columns: [], length: 0 }), { alloc })).toEqual({
      names: [],
      columns: [],
      length: 0,
    });
    const empty = await tableToArrow({ names: ['s'], columns: [columnOf('string', [])], length: 0 });
    expect(toObject(await tableFromArrow(arrow.tableToIPC(empty), { alloc }))).toEqual({ s: [] });
  });
});

describe('what Arrow has and we do not', () => {
  test('several batches are concatenated, with dictionaries of their own and slices of bits', async () => {
    const make = (values: (string | null)[], numbers: (number | null)[], flags: (boolean | null)[]) =>
      new arrow.Table({
        s: arrow.vectorFromArray(values, new arrow.Dictionary(new arrow.Utf8(), new arrow.Int8())),
        n: arrow.vectorFromArray(numbers, new arrow.Int32()),
        b: arrow.vectorFromArray(flags, new arrow.Bool()),
      });
    const first = make(['x', 'a', 'b', null], [0, 1, null, 3], [true, true, null, false]).slice(1);
    const second = make(['c', 'b'], [4, 5], [true, false]);
    const table = await tableFromArrow(first.concat(second), { alloc });
    expect(toObject(table)).toEqual({
      s: ['a', 'b', null, 'c', 'b'],
      n: [1, null, 3, 4, 5],
      b: [true, null, false, true, false],
    });
    expect([...(table.columns[0]?.dictionary ?? [])]).toEqual(['a', 'b', 'c']);
  });

  test('dictionaries in another order, with repeated, unused and null entries', async () => {
    const entries = arrow.vectorFromArray(['z', 'a', null, 'a', 'q'], new arrow.Utf8());
    const type = new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32());
    const data = arrow.makeData({
      type,
      length: 5,
      nullCount: 0,
      data: Int32Array.of(3, 1, 0, 2, 0),
      dictionary: entries,
    });
    const column = await read(new arrow.Vector([data]));
    expect(cells(column)).toEqual(['a', 'a', 'z', null, 'z']);
    expect([...(column.dictionary ?? [])]).toEqual(['a', 'z']);
  });

  test('plain strings', async () => {
    expect(cells(await read(arrow.vectorFromArray(['b', null, '', 'b'], new arrow.Utf8())))).toEqual([
      'b',
      null,
      '',
      'b',
    ]);
    expect(cells(await read(arrow.vectorFromArray(['b', '漢'], new arrow.LargeUtf8())))).toEqual(['b', '漢']);
  });

  test('times in other units, half floats, decimals, nulls', async () => {
    const date = new Date('2001-01-17T15:35:00.123Z');
    const micros = BigInt(date.getTime()) * 1000n;
    const times = [
      [new arrow.TimestampSecond(), 979_745_700_000_000n],
      [new arrow.TimestampMillisecond(), micros],
      [new arrow.TimestampNanosecond(), micros],
      [new arrow.DateMillisecond(), micros],
      [new arrow.DateDay(), 979_689_600_000_000n],
    ] as const;
    for (const [type, expected] of times) {
      const exact = type instanceof arrow.TimestampSecond ? new Date('2001-01-17T15:35:00Z') : date;
      const column = await read(arrow.vectorFromArray([exact, null], type));
      expect([column.dtype, cells(column)]).toEqual(['timestamp', [expected, null]]);
    }
    const nanos = arrow.makeData({ type: new arrow.TimestampNanosecond(), data: BigInt64Array.of(-1n, 1999n) });
    expect(cells(await read(new arrow.Vector([nanos])))).toEqual([-1n, 1n]);
    expect(cells(await read(arrow.vectorFromArray([1.5, null], new arrow.Float16())))).toEqual([1.5, null]);
    const decimal = arrow.makeData({
      type: new arrow.Decimal(2, 10, 128),
      data: Uint32Array.of(12_345, 0, 0, 0, 2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1),
      length: 2,
    });
    expect(cells(await read(new arrow.Vector([decimal])))).toEqual([123.45, -0.01]);
    const nothing = await read(arrow.vectorFromArray([null, null], new arrow.Null()));
    expect([nothing.dtype, cells(nothing)]).toEqual(['string', [null, null]]);
  });

  test('types we have no column for', async () => {
    const lists = arrow.vectorFromArray([[1], [2]], new arrow.List(new arrow.Field('item', new arrow.Int32())));
    await expect(read(lists)).rejects.toThrowErrorMatchingInlineSnapshot(`
      [WeldError: W8008: <arrow table>: column 'x' has the Arrow type List<Int32>
        help: leave the column out, or cast it to a number, string, date or timestamp before handing the table over]
    `);
  });
});

describe('errors', () => {
  test('bytes that are not Arrow', async () => {
    await expect(
      tableFromArrow('node_modules/vega-datasets/data/airports.csv', { alloc }),
    ).rejects.toThrowErrorMatchingInlineSnapshot(`
      [WeldError: W8002: node_modules/vega-datasets/data/airports.csv cannot be decoded as Arrow: Expected to read 1635017065 metadata bytes, but only read 210361.
        help: expected an Arrow IPC stream, or a file as Feather version 2 is]
    `);
    await expect(tableFromArrow(new Uint8Array(0), { alloc })).rejects.toThrow('it is empty');
    await expect(tableFromArrow('no-such-file.arrow', { alloc })).rejects.toThrow('W8001');
  });

  test('bytes cut short are fewer batches or a typed error', async () => {
    const columns = [columnOf('i32', [1, null, 3]), columnOf('string', ['a', 'b', 'a'])];
    const table = await tableToArrow({ names: ['n', 's'], columns, length: 3 });
    for (const format of ['stream', 'file'] as const) {
      const bytes = arrow.tableToIPC(table, format);
      for (let end = 1; end < bytes.length; end += 7) {
        const result = await tableFromArrow(bytes.slice(0, end), { alloc }).catch((error: unknown) => {
          expect(error).toBeInstanceOf(WeldError);
          return null;
        });
        if (result !== null) expect([0, 3]).toContain(result.length);
      }
    }
  });

  test('buffers that are shorter than the column they claim', async () => {
    const type = new arrow.Int32();
    const short = new arrow.Data<arrow.DataType>(type, 0, 3, 0, { [arrow.BufferType.DATA]: new Int32Array(2) });
    await expect(read(new arrow.Vector([short]))).rejects.toThrow(
      "column 'x' cannot be decoded as Arrow: its values end early",
    );
  });
});
