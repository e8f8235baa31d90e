/** The kernels of typed cells against their definition, `cellWriter`. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainMemory, type ScalarValue } from '../../compiler/index.ts';
import { NULL_STEP } from '../../kernels/csv/cell-machine.ts';
import { floatCells, integerCells, powersOf } from '../../kernels/csv/numbers-machine.ts';
import { Room } from '../../kernels/csv/room.ts';
import { scanRows } from '../../kernels/csv/rows.ts';
import { boolCells, timeCells } from '../../kernels/csv/times-machine.ts';
import { guardedMachine } from '../../kernels/testing/guarded-machine.ts';
import type { DType, TypedArray } from './column.ts';
import { plainAllocator, storageKind } from './column.ts';
import { cellWriter, rangeOf } from './csv-cells.ts';

const machine = guardedMachine(2);
const DIALECT = { delimiter: 0x2c, escapeByte: null, comment: null, ragged: 'error' } as const;

interface Read {
  readonly data: TypedArray;
  readonly validity: Uint8Array;
  readonly left: readonly number[];
}

/** Reads the texts as cells of a type; each is the second of three fields. */
async function readCells(dtype: Exclude<DType, 'string'>, texts: readonly string[], strict: boolean): Promise<Read> {
  const bytes = new TextEncoder().encode(`${texts.map((t) => `x,${t},y`).join('\n')}\n`);
  const scanned = scanRows(bytes, DIALECT, { from: 0, to: bytes.length, last: true, columns: 3 });
  if ('fault' in scanned) throw new Error('a text of three columns');
  const { rows, rowStarts, ends } = scanned.layout;
  const data = plainAllocator.alloc(storageKind(dtype), rows);
  const [validity, left] = [new Uint8Array(rows), new Int32Array(rows)];
  const nulls = new Uint8Array(NULL_STEP);
  nulls.set([0x4e, 0x41]);
  nulls[16] = 2;
  const bufs = [bytes, rowStarts, ends, nulls];
  const out = [data, validity, left];
  const scalars: ScalarValue[] = [1, 3, 1, 1];
  const launch = { rows, rowsPerPart: 7 };
  const flag = strict ? 1 : 0;
  const run = async () => {
    switch (dtype) {
      case 'bool':
        return machine.launch(boolCells(), { ...launch, bufs: [...bufs, ...out], scalars });
      case 'timestamp':
        return machine.launch(timeCells(), { ...launch, bufs: [...bufs, ...out], scalars });
      case 'f32':
      case 'f64': {
        const powers = powersOf(new Room(plainMemory));
        return machine.launch(floatCells(dtype), {
          ...launch,
          bufs: [...bufs, ...powers, ...out],
          scalars: [...scalars, flag],
        });
      }
      default: {
        const [least, most] = rangeOf(dtype);
        const bounds = [flag, most, -least];
        return machine.launch(integerCells(dtype), {
          ...launch,
          bufs: [...bufs, ...out],
          scalars: [...scalars, ...bounds],
        });
      }
    }
  };
  const report = await run();
  const rowsLeft: number[] = [];
  for (let p = 0; p < report.parts; p++) {
    const first = report.first(p, 0);
    rowsLeft.push(...left.subarray(first, first + report.count(p, 0)));
  }
  return { data, validity, left: rowsLeft };
}

/** Checks cells that hold no delimiter or quote; gives the texts that were left. */
async function agree(
  dtype: Exclude<DType, 'string'>,
  texts: readonly string[],
  strict = false,
): Promise<readonly string[]> {
  const { data, validity, left } = await readCells(dtype, texts, strict);
  const want = plainAllocator.alloc(storageKind(dtype), texts.length);
  const write = cellWriter(dtype, want);
  for (const [row, text] of texts.entries()) {
    const isNull = text === '' || text === 'NA';
    expect(validity[row], `${JSON.stringify(text)} is null`).toBe(isNull ? 0 : 1);
    const bytes = new TextEncoder().encode(text);
    if (isNull || left.includes(row)) continue;
    expect(write(bytes, 0, bytes.length, row), `${JSON.stringify(text)} is a ${dtype}`).toBe(true);
    expect(data[row], JSON.stringify(text)).toStrictEqual(want[row]);
  }
  return left.map((row) => texts[row] ?? '');
}

const INTEGERS = ['i8', 'i16', 'i32', 'i64', 'u8', 'u16', 'u32', 'u64'] as const;

describe('cells of integers', () => {
  it.each(INTEGERS)('of %s', async (dtype) => {
    const range = rangeOf(dtype);
    const near = range.flatMap((end) => [end - 1n, end, end + 1n]).map(String);
    const odd = [
      '',
      'NA',
      '-',
      '+',
      '+7',
      '-0',
      '007',
      '1.0',
      '1e3',
      'x',
      '1x',
      ' 12\t',
      '1 2',
      '9'.repeat(19),
      '9'.repeat(20),
    ];
    const left = await agree(dtype, [...near, ...odd, '0', '12345678901234567']);
    expect(left).toContain('1 2');
    expect(left).not.toContain(String(range[1] < 2n ** 63n ? range[1] : 2n ** 63n));
    expect(left).not.toContain('007');
    expect(await agree(dtype, odd, true)).toContain('007');
  });
  it('of random texts', async () => {
    const digits = fc.string({ unit: fc.constantFrom('0', '1', '9', '8'), maxLength: 21 });
    const text = fc.oneof(
      digits,
      digits.map((d) => `-${d}`),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 30 }), fc.boolean(), async (texts, strict) => {
        const left = await agree('i64', texts, strict);
        if (strict) return;
        const isShort = (t: string): boolean => /^-?\d{1,18}$/.test(t);
        expect(left.filter(isShort)).toEqual([]);
      }),
      { numRuns: 100, seed: 3 },
    );
  });
});

describe('cells of floats', () => {
  const ODD = [
    '',
    'NA',
    '.',
    '-',
    '-.5',
    '5.',
    '1.2.3',
    '1e',
    'e5',
    '1e+',
    '1e5',
    '-1E-5',
    'nan',
    'inf',
    '0',
    '-0',
    '00.5',
    '1 ',
    '0.1',
  ];
  it.each(['f32', 'f64'] as const)('of %s', async (dtype) => {
    expect(await agree(dtype, ODD)).not.toContain('00.5');
    expect(await agree(dtype, ODD, true)).toContain('00.5');
    const left = await agree(dtype, [
      '9007199254740993',
      '9007199254740992.5',
      '1e400',
      '1e-400',
      '5e-324',
      '1.7976931348623157e308',
      '0e999',
      '1e22',
      '1e23',
    ]);
    expect(left).toEqual([]);
  });
  it('of random doubles, of which none are left', async () => {
    const text = fc
      .tuple(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(0, 1, 2, 3))
      .map(([x, style]) => {
        if (style === 0) return String(x);
        return style === 1 ? x.toExponential(16) : style === 2 ? (x % 1e9).toFixed(6) : (x % 1e3).toPrecision(18);
      });
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 40 }), async (texts) => {
        expect(await agree('f64', texts)).toEqual([]);
      }),
      { numRuns: 200, seed: 4 },
    );
  });
  it('of halves between doubles, and next to them', async () => {
    const texts = fc.array(fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n }), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(texts, fc.integer({ min: -30, max: 10 }), async (ns, e) => {
        await agree(
          'f64',
          ns.flatMap((n) => [String(n), `${n}e${e}`, `${n | 1n}.5`]),
        );
      }),
      { numRuns: 60, seed: 5 },
    );
  });
});

describe('cells of bools and timestamps', () => {
  it('of bool', async () => {
    expect(
      await agree('bool', ['true', 'True', 'TRUE', 'false', 'False', 'FALSE', '', ' true', 'tRue', 'truex', '1']),
    ).toEqual(['tRue', 'truex', '1']);
  });
  it('of timestamps', async () => {
    const days = [
      '1970-01-01',
      '2000-02-29',
      '1900-02-29',
      '0000-03-01',
      '9999-12-31',
      '2023-04-31',
      '2024-02-29',
      '2023-13-01',
      '2023-00-10',
      '2023-1-01',
    ];
    const clocks = [
      '',
      'T00:00',
      ' 23:59:59',
      'T12:30:45.5',
      'T12:30:45.123456789Z',
      'T12:30Z',
      'T24:00',
      'T1:00',
      'T12:30:60',
      'T12:30:45.',
      'T12:30+01:00',
      'x',
      'T12:30:45.1234567891',
      'T12:30 ',
    ];
    const left = await agree(
      'timestamp',
      days.flatMap((d) => clocks.map((c) => d + c)),
    );
    expect(left).not.toContain('2000-02-29T12:30:45.123456789Z');
    expect(left).not.toContain('9999-12-31 23:59:59');
  });
  it('of random dates', async () => {
    const date = fc.date({
      noInvalidDate: true,
      min: new Date('0000-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59Z'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(date, { minLength: 1, maxLength: 40 }), async (dates) => {
        const texts = dates.flatMap((d) => [
          d.toISOString(),
          d.toISOString().slice(0, 10),
          d.toISOString().slice(0, 19),
        ]);
        expect(await agree('timestamp', texts)).toEqual([]);
      }),
      { numRuns: 50, seed: 6 },
    );
  });
});
