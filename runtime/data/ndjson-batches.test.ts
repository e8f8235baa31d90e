import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runs } from '../../compiler/testing/runs.ts';
import { guardedMachine } from '../../kernels/testing/guarded-machine.ts';
import { plainAllocator, type Table } from './column.ts';
import { byDefinition, byKernels, type NdjsonOptions, readNdjsonTable, scanNdjsonWith } from './ndjson.ts';
import { cells, toObject } from './testing/tables.ts';

type Options = Omit<NdjsonOptions, 'alloc' | 'machine'> & { readonly batchRows: number };
const machines = [1, 2, 7].map(guardedMachine);

const shown = ({ names, columns, length }: Table): unknown => [
  length,
  ...names.map((name, k) => [name, columns[k]?.dtype, cells(columns[k])]),
];

/** Batches, which are the same by the definition and by kernels. */
async function batchesOf(text: string, options: Options): Promise<unknown[]> {
  const given = { ...options, alloc: plainAllocator };
  const by = async (engine: Parameters<typeof scanNdjsonWith>[2]): Promise<unknown[]> => {
    const found: unknown[] = [];
    for await (const batch of scanNdjsonWith({ text }, given, engine)) found.push(shown(batch));
    return found;
  };
  const want = await by(byDefinition);
  for (const m of machines) expect(await by((settings) => byKernels(m, settings))).toEqual(want);
  return want;
}

it('batches have as many rows as asked for, and the columns of the first lines', async () => {
  const text = '{"n":1,"s":"a"}\n\n{"s":"b"}\n{"n":3}\n{"s":"b","n":4}\n{}\n';
  for (let blockBytes = 1; blockBytes < text.length; blockBytes += 2) {
    expect(await batchesOf(text, { batchRows: 2, blockBytes })).toEqual([
      [2, ['n', 'i64', [1n, null]], ['s', 'string', ['a', 'b']]],
      [2, ['n', 'i64', [3n, 4n]], ['s', 'string', [null, 'b']]],
      [1, ['n', 'i64', [null]], ['s', 'string', [null]]],
    ]);
  }
  expect(await batchesOf('\n', { batchRows: 2 })).toEqual([[0]]);
});

it('what does not fit the first lines is said', async () => {
  const text = '{"n":1}\n{"n":2}\n{"n":"x"}\n{"n":4,"late":5}\n';
  await expect(
    batchesOf(text, { batchRows: 9, inferRows: 2, dtypes: { n: 'string' } }),
  ).rejects.toThrowErrorMatchingInlineSnapshot(`
    [WeldError: W8002: <text>, line 4: found the key 'late', which the first lines do not have
      help: batches have the columns of the first 2 lines: raise \`inferRows\`, or name the columns to read in \`columns\`]
  `);
  const types = batchesOf(text, { batchRows: 9, inferRows: 2, columns: ['n'] });
  await expect(types).rejects.toThrow('row 3 (line 3), column \'n\': found "x", expected i64');
  expect(await batchesOf(text, { batchRows: 3, inferRows: 3, columns: ['n'] })).toEqual([
    [3, ['n', 'string', ['1', '2', 'x']]],
    [1, ['n', 'string', ['4']]],
  ]);
  const unknown = batchesOf(text, { batchRows: 9, inferRows: 2, columns: ['late'] });
  await expect(unknown).rejects.toThrow("there is no column 'late'");
});

it('batches are the rows of the table, wherever pieces and batches end', async () => {
  const nested = fc.jsonValue({ maxDepth: 3 }).filter((v) => typeof v === 'object' && v !== null);
  const row = fc.record(
    { s: fc.string({ unit: 'binary', maxLength: 9 }), n: fc.integer(), v: nested },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { minLength: 1, maxLength: 70 }),
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 1, max: 80 }),
      async (rows, blockBytes, batchRows) => {
        const text = rows.map((r) => JSON.stringify(r)).join('\n');
        const table = toObject(await readNdjsonTable({ text }, { alloc: plainAllocator }));
        const batches = await batchesOf(text, { batchRows, blockBytes });
        const columns = (batches as [number, ...[string, string, unknown[]][]][]).map(([, ...of]) => of);
        const whole = Object.fromEntries(
          Object.keys(table).map((key, k) => [key, columns.flatMap((of) => of[k]?.[2] ?? [])]),
        );
        expect(whole).toEqual(table);
        expect(batches.length).toBe(Math.ceil(rows.length / batchRows));
      },
    ),
    runs(6, 0.05),
  );
});
