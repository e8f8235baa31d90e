/** Reading by kernels against reading by the definition: the same tables, and the same words about what is wrong. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WeldError } from '../../compiler/index.ts';
import { runs } from '../../compiler/testing/runs.ts';
import { Strings } from '../../kernels/csv/strings.ts';
import { guardedMachine } from '../../kernels/testing/guarded-machine.ts';
import { type DType, plainAllocator } from './column.ts';
import { type CsvOptions, readCsvWith, scanCsvWith } from './csv.ts';
import { definition } from './csv-engine.ts';
import { kernelEngine } from './csv-machine.ts';
import { cells } from './testing/tables.ts';

type Options = Omit<CsvOptions, 'alloc' | 'machine'>;
const machines = [1, 2, 7].map(guardedMachine);

/** What reading gives: names, types, cells and dictionaries, or what is wrong. */
async function outcome(read: Promise<Awaited<ReturnType<typeof readCsvWith>>>): Promise<unknown> {
  try {
    const { names, columns, length } = await read;
    return {
      names,
      length,
      columns: columns.map((c) => [c.dtype, cells(c), c.dictionary === null ? null : [...c.dictionary]]),
    };
  } catch (error) {
    if (error instanceof WeldError) return error.message;
    throw error;
  }
}

/** Reads by the definition in one piece and by kernels in pieces of `blockBytes`; gives what both say. */
async function agree(text: string | Uint8Array, options: Options = {}, blockBytes = 64): Promise<unknown> {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  const whole = { ...options, alloc: plainAllocator };
  const want = await outcome(readCsvWith(bytes, whole, async (settings) => definition(settings)));
  const inPieces = { ...whole, blockBytes };
  expect(await outcome(readCsvWith(bytes, inPieces, async (settings) => definition(settings)))).toEqual(want);
  for (const machine of machines) {
    const got = outcome(readCsvWith(bytes, inPieces, (settings) => kernelEngine(machine, settings)));
    expect(await got, `${machine.threads} threads`).toEqual(want);
  }
  return want;
}

describe('tables by kernels', () => {
  const SAMPLE = 'n,s\r\n1,"a, ""b""\n"\n,\r\n0.5,"a, ""b""\n"\n';
  it('are the same with a piece ending at every byte', async () => {
    const want = await agree(SAMPLE, {}, 1000);
    for (let blockBytes = 1; blockBytes < SAMPLE.length; blockBytes++) {
      expect(await agree(SAMPLE, {}, blockBytes)).toEqual(want);
    }
  });
  it.each<[string, Options?]>([
    [''],
    ['\n'],
    ['a'],
    ['a,b\n'],
    ['a,b\n1,2'],
    ['a,b\n1,2\r'],
    ['a\n\n1\n\n'],
    ['a\n""\n1\n'],
    ['a,b\n"1,2\n3,4\n'],
    ['a,b\n1,2\n3,"4\n5,6'],
    ['a,b\n1,2\n"3"x,4\n'],
    ['a,b\n1,2\n3\n4,5\n'],
    ['a,b\n1,2\n3\n4,5,6\n', { ragged: 'truncate' }],
    ['a,b\n1,2\n3\n4,5,6\n', { ragged: 'skip' }],
    ['a,b\n1,2\n3\n4,5,6\n', { ragged: 'null' }],
    ['a,b\r1,2\r3,4'],
    ['\ufeffa,b\n1,it"s\n'],
    ['#x"\na,b\n#"\n1,2\n', { comment: '#' }],
    ['a\n#\r\n1\r\n#\n#', { comment: '#' }],
    ['a,b\n"x\\"y",1\n"x""y",2\n"\\\\",3\n', { escape: '\\' }],
    ['a,b\n1,NA\n-,NA\n"NA",3\n', { nullValues: ['NA', '-'] }],
    ['a;b\n1,5;x\0y\n', { delimiter: ';' }],
    ['a,b\n1,x\n2,y\nz,y\n', { dtypes: { a: 'i32' } }],
    ['a,b\n1,x\n300,y\n', { dtypes: { a: 'u8' } }],
    ['a,b\n1,2\n3,4\n', { columns: ['b'] }],
    ['a,b\n1,2\n3,4\n', { columns: [] }],
    ['1,2\n3,4\n', { header: false }],
  ])('of %j', async (text, options) => {
    for (const blockBytes of [3, 7, 64]) await agree(text, options, blockBytes);
  });
  it('of bytes that are not UTF-8', async () => {
    const bytes = Uint8Array.of(
      ...new TextEncoder().encode('s,n\na,1\n'),
      0xe9,
      0x2c,
      0x32,
      0x0a,
      0xe8,
      0x2c,
      0x33,
      0x0a,
    );
    expect(await agree(bytes)).toContain("line 3: row 2, column 's' is not UTF-8 text");
    const lossy = await agree(bytes, { encoding: 'utf8-lossy' });
    expect(lossy).toMatchObject({
      columns: [
        ['string', ['a', '\ufffd', '\ufffd'], ['a', '\ufffd']],
        ['i64', [1n, 2n, 3n], null],
      ],
    });
  });

  it('have the types that all rows make, whatever the first ones do', async () => {
    const text = fc.constantFrom(
      '',
      '1',
      '-20',
      '2.5',
      '1e300',
      '007',
      '9223372036854775808',
      'true',
      'x',
      '""',
      '2020-02-03',
      'nan',
    );
    const list = fc.array(text, { minLength: 1, maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(
        list,
        list,
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 5 }),
        async (a, b, blockBytes, inferRows) => {
          const rows = a.map((x, i) => `${x},${b[i % b.length]}`);
          await agree(['a,b', ...rows].join('\n'), { inferRows }, blockBytes);
        },
      ),
      runs(8, 0.15),
    );
  });
  it('are those of random texts, or say the same of them', async () => {
    const unit = fc.constantFrom('a', 'é', ',', '"', '\n', '\r\n', '\r', '1', '.', '-', ' ', '\0', '#');
    const comment = fc.constantFrom<Options>({}, { comment: '#' });
    const ragged = fc.constantFrom('error', 'null', 'truncate', 'skip') as fc.Arbitrary<Options['ragged'] & string>;
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit, maxLength: 60 }),
        ragged,
        comment,
        fc.integer({ min: 1, max: 70 }),
        async (t, r, c, blockBytes) => {
          await agree(t, { ragged: r, ...c }, blockBytes);
        },
      ),
      runs(9, 0.3),
    );
  });
  it('have the same codes where the table of strings is larger than the cache', async () => {
    const words = Array.from({ length: 10_000 }, (_, n) => `w${Math.imul(n, 7) % 9001}`);
    const bytes = new TextEncoder().encode(['s', ...words].join('\n'));
    const options = { alloc: plainAllocator, blockBytes: 1 << 15 };
    const table = await readCsvWith(bytes, options, (settings) => kernelEngine(guardedMachine(2), settings));
    expect([...(table.columns[0]?.dictionary ?? [])]).toEqual([...new Set(words)]);
    expect(table.columns.map(cells)).toEqual([words]);
  });
  it('have no more strings than places can be named', () => {
    const strings = new Strings(plainAllocator);
    expect(() => strings.reserve(1, 2 ** 31)).toThrow('W6006: out of memory: the different strings of a column');
  });
  it('have codes in order of first appearance, for many strings of any length', async () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', '"', ',', 'é'), maxLength: 40 });
    const dtypes: Record<string, DType> = { s: 'string' };
    await fc.assert(
      fc.asyncProperty(
        fc.array(word, { maxLength: 80 }),
        fc.integer({ min: 30, max: 2000 }),
        async (words, blockBytes) => {
          const lines = words.map((w) => `"${w.replaceAll('"', '""')}",x`);
          const table = await agree(['s,t', ...lines].join('\n'), { dtypes }, blockBytes);
          expect(table).toMatchObject({ columns: [['string', words, [...new Set(words)]], {}] });
        },
      ),
      runs(10, 0.08),
    );
  });
});

describe('batches', () => {
  type Engine = Parameters<typeof scanCsvWith>[2];
  /** Batches, which are the same by the definition and by kernels. */
  const batchesOf = async (text: string, options: Options & { readonly batchRows: number }) => {
    const given = { ...options, alloc: plainAllocator };
    const by = async (engine: Engine): Promise<unknown[]> => {
      const found: unknown[] = [];
      for await (const { names, columns, length } of scanCsvWith({ text }, given, engine)) {
        found.push([length, ...names.map((name, k) => [name, columns[k]?.dtype, cells(columns[k])])]);
      }
      return found;
    };
    const want = await by(async (settings) => definition(settings));
    for (const machine of machines) expect(await by((settings) => kernelEngine(machine, settings))).toEqual(want);
    return want;
  };
  it('have as many rows as asked for, and dictionaries of their own', async () => {
    const text = 'n,s\n1,a\n2,b\n,\n4,b\n5,c\n';
    for (const blockBytes of [1, 5, 1000]) {
      expect(await batchesOf(text, { batchRows: 2, blockBytes })).toEqual([
        [2, ['n', 'i64', [1n, 2n]], ['s', 'string', ['a', 'b']]],
        [2, ['n', 'i64', [null, 4n]], ['s', 'string', [null, 'b']]],
        [1, ['n', 'i64', [5n]], ['s', 'string', ['c']]],
      ]);
    }
  });
  it('without rows say the types', async () => {
    expect(await batchesOf('n\n', { batchRows: 2 })).toEqual([[0, ['n', 'string', []]]]);
  });
  it('keep the types of the first one', async () => {
    const late = batchesOf('n,s\n1,\n2,\nx,1\n', { batchRows: 2, blockBytes: 4, inferRows: 2 });
    await expect(late).rejects.toThrow('row 3 (line 4), column \'n\': found "x", expected i64');
    expect(await batchesOf('n,s\n1,\n2,\n3,1\n', { batchRows: 2, blockBytes: 4, inferRows: 2 })).toEqual([
      [2, ['n', 'i64', [1n, 2n]], ['s', 'string', [null, null]]],
      [1, ['n', 'i64', [3n]], ['s', 'string', ['1']]],
    ]);
    await expect(batchesOf('n\n1\n007\n', { batchRows: 9, inferRows: 1 })).rejects.toThrow('found "007", expected i64');
  });
});
