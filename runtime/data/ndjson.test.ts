import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WeldError } from '../../compiler/index.ts';
import { runs } from '../../compiler/testing/runs.ts';
import { guardedMachine } from '../../kernels/testing/guarded-machine.ts';
import { plainAllocator, type Table } from './column.ts';
import { byDefinition, byKernels, type NdjsonOptions, readNdjsonTable, readNdjsonWith } from './ndjson.ts';
import { cells, toObject } from './testing/tables.ts';

type Options = Omit<NdjsonOptions, 'alloc' | 'machine'>;
const machines = [1, 2, 7].map(guardedMachine);

const read = (text: string, options: Options = {}): Promise<Table> =>
  readNdjsonTable({ text }, { ...options, alloc: plainAllocator });

async function outcome(table: Promise<Table>): Promise<unknown> {
  try {
    const { names, columns, length } = await table;
    return { length, columns: names.map((name, k) => [name, columns[k]?.dtype, cells(columns[k])]) };
  } catch (error) {
    if (error instanceof WeldError) return error.message;
    throw error;
  }
}

/** Reads by the definition in one piece, and in pieces by it and by kernels. */
async function agree(text: string, options: Options = {}, blockBytes = 64): Promise<unknown> {
  const want = await outcome(read(text, options));
  const inPieces = { ...options, alloc: plainAllocator, blockBytes };
  expect(await outcome(readNdjsonWith({ text }, inPieces, byDefinition))).toEqual(want);
  for (const machine of machines) {
    const got = readNdjsonWith({ text }, inPieces, (settings) => byKernels(machine, settings));
    expect(await outcome(got), `${machine.threads} threads`).toEqual(want);
  }
  return want;
}

const failure = async (text: string, options: Options = {}): Promise<string> =>
  String(await outcome(read(text, options)));

describe('objects a line', () => {
  it('are rows, keys are columns in order of first appearance, whatever their order in a line', async () => {
    const text = '{"a":1,"b":"x"}\n\n {"b" : "y", "c":true,\t"a":-2} \r\n{"a":null}\n{}';
    const want = { a: [1n, -2n, null, null], b: ['x', 'y', null, null], c: [null, true, null, null] };
    expect(toObject(await read(text))).toEqual(want);
    for (let blockBytes = 1; blockBytes < text.length; blockBytes++) await agree(text, {}, blockBytes);
  });
  it('have escapes, of which every one is what JSON says', async () => {
    const strings = ['"', '\\', '/', '\b\f\n\r\t', '\u0000é漢😀', '\ud83d', 'a""b', ''];
    const text = strings.map((s) => `{"s\\n":${JSON.stringify(s).replaceAll('é', '\\u00e9')}}`).join('\n');
    expect(toObject(await read(text))).toEqual({
      's\n': strings.map((s) => (s === '\ud83d' ? '\ufffd' : s)),
    });
    await agree(text, {}, 40);
    const keys = '{"a\\\\n":1,"b":2}\n{"a\\n":3,"b":4}\n'.repeat(70);
    await agree(keys);
    expect((await read(keys)).names).toEqual(['a\\n', 'b', 'a\n']);
    expect(toObject(await read('{"s":"\\ud83d\\ude00\\u0041\\/"}'))).toEqual({ s: ['😀A/'] });
  });
  it('keep nested values as their text, and mixtures as text', async () => {
    const text = '{"n":{"a":[1,"}"]},"m":1}\n{"n":[ ],"m":"x"}\n{"n":1,"m":true}\n{"n":null,"m":2.5}';
    const want = { n: ['{"a":[1,"}"]}', '[ ]', '1', null], m: ['1', 'x', 'true', '2.5'] };
    expect(toObject(await read(text))).toEqual(want);
    await agree(text, {}, 20);
  });
  it('have types that all lines make; texts are no numbers unless they are asked for', async () => {
    expect(toObject(await read('{"a":1,"b":"1","c":9223372036854775808}\n{"a":2.5,"b":"","c":1}'))).toEqual({
      a: [1, 2.5],
      b: ['1', ''],
      c: ['9223372036854775808', '1'],
    });
    const given = { dtypes: { t: 'timestamp', n: 'i32' } } as const;
    expect(toObject(await read('{"t":"2020-01-01","n":"7"}\n{"t":"","n":8}', given))).toEqual({
      t: [1_577_836_800_000_000n, null],
      n: [7, 8],
    });
    for (const blockBytes of [5, 30]) await agree('{"a":1}\n{"a":2}\n{"a":"3"}\n{"a":4}', { inferRows: 1 }, blockBytes);
  });
  it('of a key that comes twice the last value counts; selected columns come as asked', async () => {
    expect(toObject(await read('{"a":1,"a":2}\n{"a":3,"a":null}'))).toEqual({ a: [2n, null] });
    expect((await read('{"a":1,"b":2}', { columns: ['b', 'a'] })).names).toEqual(['b', 'a']);
    expect((await read('\n \n')).length).toBe(0);
    await agree('{"a":1,"a":2}\n{"a":3,"a":null}\n'.repeat(70));
  });
  it('are read by kernels where they have no surprises', async () => {
    const left: number[] = [];
    const guarded = guardedMachine(2);
    const counting: typeof guarded = {
      ...guarded,
      launch: async (kernel, launch) => {
        const report = await guarded.launch(kernel, launch);
        const counts = launch.bufs.at(-1);
        if (kernel.name === 'json_fields' && counts instanceof Int32Array) left.push(...counts);
        return report;
      },
    };
    const lines = [
      '{"s":"long text, with \\"quotes\\" and \\u00e9","n":-1.5e-7}',
      '{ "n" : 0 , "s" : null }\r',
      '{"n":12}',
      '{}',
      '{"n":true,"s":"é"}',
      '{"n":[[],{},{"a":[1,"]\\"",null,false]} , -0.5E+7],"s":{"deep":{"deeper":[{}]}}}',
      '{"n":12345678901234567890,"s":[ ]}',
    ];
    const text = [...new Array(64).fill(lines[0]), ...lines].join('\n');
    const options = { alloc: plainAllocator };
    await readNdjsonWith({ text }, options, (settings) => byKernels(counting, settings));
    expect(left).toEqual([0]);
  });
  it('are those that JSON.parse reads, by the definition and by kernels', async () => {
    const text = fc.string({ unit: fc.constantFrom('a', '"', '\\', '\n', 'é', ' ', '}', ','), maxLength: 20 });
    const number = fc.oneof(
      fc.integer(),
      fc
        .double({ noNaN: true, noDefaultInfinity: true })
        .map((x) => x + 0)
        // Integers that no i64 holds are strings.
        .filter((x) => !Number.isInteger(x) || Math.abs(x) < 2 ** 63),
    );
    const row = fc.record({ s: text, n: number, 'key é': fc.boolean(), z: fc.constant(null) }, { requiredKeys: [] });
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 90 }),
        fc.integer({ min: 20, max: 900 }),
        async (rows, blockBytes) => {
          const lines = rows.map((r) => JSON.stringify(r));
          const table = toObject(await read(lines.join('\n')));
          for (const key of new Set(rows.flatMap((r) => Object.keys(r)))) {
            const want = rows.map((r) => r[key as keyof typeof r] ?? null);
            expect(table[key]?.map((x) => (typeof x === 'bigint' ? Number(x) : x))).toEqual(want);
          }
          await agree(lines.join('\n'), {}, blockBytes);
        },
      ),
      runs(4, 0.1),
    );
  });
  it('are tables, or the same fault, of any text', async () => {
    const unit = fc.constantFrom(
      '{',
      '}',
      '"a"',
      '"b"',
      ':',
      ',',
      '1',
      '-',
      '0',
      '.',
      'e',
      'true',
      'null',
      ' ',
      '\n',
      '"',
      '\\n',
      '[',
      ']',
    );
    const line = fc.oneof(
      fc.constant('{"a":1,"b":"x"}'),
      fc.array(unit, { maxLength: 12 }).map((u) => u.join('')),
      fc.array(unit, { maxLength: 5 }).map((u) => `{"a":${u.join('')}}`),
      fc.array(unit, { maxLength: 6 }).map((u) => `{"a":[${u.join('')}]}`),
      fc.array(unit, { maxLength: 4 }).map((u) => `{"a":{"a":${u.join('')}}}`),
      fc.jsonValue({ maxDepth: 4 }).map((v) => JSON.stringify({ a: v })),
      // Deeper than kernels follow.
      fc.integer({ min: 60, max: 70 }).map((depth) => `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 6 }), fc.integer({ min: 1, max: 60 }), async (lines, blockBytes) => {
        await agree([...new Array(64).fill('{"a":1,"b":"x"}'), ...lines].join('\n'), {}, blockBytes + 900);
      }),
      runs(5, 0.3),
    );
  });
});

describe('errors', () => {
  it('say the line and the column', async () => {
    expect(await failure('{"a":1}\n{"a":x}\n')).toMatchInlineSnapshot(`
      "W8002: <text>, line 2, column 6: found "x", expected a value
        help: every line is one JSON object, as in {"name": "value"}"
    `);
    expect(await failure('{"é":1}\n{"é" 1}')).toMatchInlineSnapshot(`
      "W8002: <text>, line 2, column 6: found "1", expected a colon
        help: every line is one JSON object, as in {"name": "value"}"
    `);
    for (const text of [
      '[1]',
      '{"a":1',
      '{"a":1,}',
      '{"a":"x',
      '{"a":01}',
      '{"a":"\\x"}',
      '{"a":"\t"}',
      '{"a":{]}',
      '{"a":1} 2',
      '{a:1}',
    ]) {
      expect(await failure(`{"a":1}\n${text}\n`)).toMatch(/^W8002: <text>, line 2, column \d+: found .*, expected /);
    }
    expect(await failure('{"a":1}\n{"a":"x"}', { dtypes: { a: 'i64' } })).toContain(
      'row 2 (line 2), column \'a\': found "x", expected i64',
    );
    expect(await failure('{"alpha":1}', { columns: ['alpa'] })).toContain("there is no column 'alpa'");
  });
});
