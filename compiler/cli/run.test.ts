/** `weldc run`: values and run-time errors, the same on the interpreter and on machine code with one and two threads. */

import { afterAll, describe, expect, it } from 'vitest';
import { weldc } from '../testing/weldc.ts';

const w = weldc();
afterAll(() => w.clean());

const WAYS = [
  ['--target', 'interp'],
  ['--threads', '1'],
  ['--threads', '2'],
] as const;

/** Runs a program every way and gives the one answer they agree on, as the JSON they print. */
async function everyWay(text: string, args: string): Promise<{ status: number; json: unknown }> {
  const answers = [];
  for (const way of WAYS) {
    const { status, out, err } = await w.run(['run', '-', '--json', '--args', args, ...way], { stdin: text });
    expect(err).toBe('');
    const json: unknown = JSON.parse(out);
    answers.push({ status, json });
  }
  const [first, ...others] = answers;
  if (first === undefined) throw new Error('no answer');
  for (const other of others) expect(withoutMessage(other)).toEqual(withoutMessage(first));
  return first;
}
/** Machine code says in which row a loop failed, the interpreter with which value: code, kind and place agree. */
const WORDS: ReadonlySet<string> = new Set(['message', 'labels', 'notes', 'help']);
const withoutMessage = (answer: unknown): unknown =>
  JSON.parse(JSON.stringify(answer, (key, value: unknown) => (WORDS.has(key) ? '' : value)));

/** What `--json` prints for one diagnostic. */
const failure = (code: string | null, kind: string, span: unknown, message: unknown = expect.any(String)): unknown => ({
  ok: false,
  diagnostics: [
    {
      code,
      kind,
      severity: 'error',
      message,
      span,
      labels: expect.any(Array),
      notes: expect.any(Array),
      help: code === null ? null : expect.toSatisfy((x) => x === null || typeof x === 'string'),
    },
  ],
});

describe('values', () => {
  it.each([
    ['|x: vec[f64]| result(for(x, merger[f64,+], |b,i,e| merge(b, e * e)))', '[[1,2,3]]', 'f64', 14],
    [
      '|x: vec[f64]| result(for(x, appender[f64], |b,i,e| if(e > 1.0, merge(b, e), b)))',
      '[[1,2,3]]',
      'vec[f64]',
      [2, 3],
    ],
    ['|x: vec[f64]| result(for(x, appender[f64], |b,i,e| merge(b, e)))', '[[]]', 'vec[f64]', []],
    ['|x: i64| x + 1L', '["9223372036854775806"]', 'i64', '9223372036854775807'],
    ['|x: i64| x + 1L', '["9223372036854775807"]', 'i64', '-9223372036854775808'],
    ['|x: i64| x + 1L', '[9007199254740990]', 'i64', 9007199254740991],
    ['|x: i64| x + 1L', '[9007199254740991]', 'i64', '9007199254740992'],
    ['|x: u64| x - 1u64', '[0]', 'u64', '18446744073709551615'],
    ['|x: vec[i64]| result(for(x, merger[i64,max], |b,i,e| merge(b, e)))', '[["-9223372036854775808", 5]]', 'i64', 5],
    ['|x: vec[i64]| result(for(x, merger[i64,max], |b,i,e| merge(b, e)))', '[[]]', 'i64', '-9223372036854775808'],
    [
      '|x: vec[f64]| result(for(x, appender[f64], |b,i,e| merge(b, 1.0 / e)))',
      '[[0, "-0", "NaN", "Infinity", "-Infinity", 0.5]]',
      'vec[f64]',
      ['Infinity', '-Infinity', 'NaN', 0, '-0', 2],
    ],
    [
      '|x: vec[f32]| result(for(x, appender[f32], |b,i,e| merge(b, e)))',
      '[[0.1, "NaN"]]',
      'vec[f32]',
      [Math.fround(0.1), 'NaN'],
    ],
    ['|x: vec[i8]| result(for(x, appender[i8], |b,i,e| merge(b, e + 100c)))', '[[100, -128]]', 'vec[i8]', [-56, -28]],
    ['|x: vec[u8]| result(for(x, merger[u8,+], |b,i,e| merge(b, e)))', '["abc"]', 'u8', 38],
    ['|x: bool, y: {i32,f64}| {!x, y.$1, {y.$0}}', '[true, [7, "-0"]]', '{bool,f64,{i32}}', [false, '-0', [7]]],
    [
      '|x: vec[i64]| result(for(x, dictmerger[i64,i64,+], |b,i,e| merge(b, {e % 3L, e})))',
      '[[5, 4, 3, 2]]',
      'dict[i64,i64]',
      [
        [2, 7],
        [1, 4],
        [0, 3],
      ],
    ],
    // A few parts, so that two threads have something to do.
    [
      '|x: vec[i64]| result(for(x, merger[i64,+], |b,i,e| merge(b, e * i)))',
      '[{"range":[0,100000]}]',
      'i64',
      333328333350000,
    ],
    ['|n: i64| result(for(rangeiter(0L, n, 1L), merger[i64,+], |b,i,e| merge(b, e)))', '[100000]', 'i64', 4999950000],
    ['|x: i32| x', '[{"type":"i32","value":7}]', 'i32', 7],
  ])('%s %s', async (text, args, type, value) => {
    expect(await everyWay(text, args)).toEqual({ status: 0, json: { ok: true, type, value } });
  });

  it('print as JSON on one line', async () => {
    const text = '|x: vec[f64]| {len(x), x}';
    for (const way of WAYS) {
      const { status, out } = await w.run(['run', '-', '--args', '[[1,"NaN"]]', ...way], { stdin: text });
      expect([status, out]).toEqual([0, '[2,[1,"NaN"]]\n']);
    }
  });

  it('the target may come from the environment, and the option wins over it', async () => {
    // Machine code says in which row a loop failed, the interpreter at which index.
    const text = '|x: vec[i64]| result(for(x, merger[i64,+], |b, i, e| merge(b, lookup(x, e))))';
    const interp = { stdin: text, env: { WELD_TARGET: 'interp' } };
    expect((await w.run(['run', '-', '--args', '[[0, 7]]'], interp)).err).toContain('index 7');
    expect((await w.run(['run', '-', '--args', '[[0, 7]]', '--target', 'wasm'], interp)).err).toContain('in row 1');
  });

  it('passes may be switched off', async () => {
    const text = '|x: vec[i64]| result(for(x, merger[i64,+], |b,i,e| merge(b, e * e)))';
    const env = { WELD_DISABLE: 'fuse-vertical,vectorize', WELD_CHECK: '1', WELD_THREADS: '1' };
    expect(await w.run(['run', '-', '--args', '[[3]]'], { stdin: text, env })).toMatchObject({
      status: 0,
      out: '9\n',
      err: '',
    });
  });
});

const COUNTS = '|v: vec[i64]| let d = result(for(v, dictmerger[i64,i64,+], |b,i,e| merge(b, {e, 1L})));';

function noConsole(): never {
  throw new Error('nobody asks for lines');
}

/** Program, arguments, code, kind, and the text that the place must cover. */
const FAILURES: readonly (readonly [string, string, string, string, string])[] = [
  ['|v: vec[i64], i: i64| 1L + lookup(v, i)', '[[1,2], 7]', 'W6001', 'ArrayOutOfBounds', 'lookup(v, i)'],
  ['|v: vec[i64], i: i64| slice(v, i, 1L)', '[[1,2], -1]', 'W6001', 'ArrayOutOfBounds', 'slice(v, i, 1L)'],
  [
    '|v: vec[i64]| result(for(v, merger[i64,+], |b,i,e| merge(b, 1L + lookup(v, e))))',
    '[[0, 3]]',
    'W6001',
    'ArrayOutOfBounds',
    'lookup(v, e)',
  ],
  [
    '|v: vec[i64]| result(for(v, vecmerger[i64,+]([0L, 0L]), |b,i,e| merge(b, {e, 1L})))',
    '[[0, -1]]',
    'W6001',
    'ArrayOutOfBounds',
    'merge(b, {e, 1L})',
  ],
  [
    '|v: vec[i64]| result(for(v, merger[i64,+], |b,i,e| merge(b, 100L / e)))',
    '[[1, 0]]',
    'W6005',
    'DivisionByZero',
    '100L / e',
  ],
  ['|a: u8, b: u8| a % b', '[1, 0]', 'W6005', 'DivisionByZero', 'a % b'],
  [`${COUNTS} lookup(d, 77L)`, '[[1]]', 'W6004', 'KeyNotFoundError', 'lookup(d, 77L)'],
  [
    `${COUNTS} result(for(v, appender[i64], |b,i,e| merge(b, lookup(d, e + 1L))))`,
    '[[1, 2]]',
    'W6004',
    'KeyNotFoundError',
    'lookup(d, e + 1L)',
  ],
  [
    '|a: vec[i64], b: vec[i64]| result(for(zip(a, b), merger[i64,+], |m,i,e| merge(m, e.$0 * e.$1)))',
    '[[1, 2], [1]]',
    'W6003',
    'MismatchedZipSize',
    'for(zip(a, b), merger[i64,+], |m,i,e| merge(m, e.$0 * e.$1))',
  ],
  [
    '|a: vec[i64], b: vec[i64]| result(for(a, merger[i64,+], |m,i,e| merge(m, result(for(zip(a, b), merger[i64,+], |n,j,f| merge(n, f.$1))))))',
    '[[1, 2], [1]]',
    'W6003',
    'MismatchedZipSize',
    'for(zip(a, b), merger[i64,+], |n,j,f| merge(n, f.$1))',
  ],
  ...['[0, 10, 3]', '[10, 0, 1]', '[0, 10, 0]', '[0, 10, -1]'].map(
    (args) =>
      [
        '|a: i64, b: i64, s: i64| result(for(rangeiter(a, b, s), merger[i64,+], |m,i,e| merge(m, e)))',
        args,
        'W6002',
        'BadIteratorLength',
        'for(rangeiter(a, b, s), merger[i64,+], |m,i,e| merge(m, e))',
      ] as const,
  ),
  [
    '|v: vec[i64]| result(for(v, merger[i64,+], |b,i,e| merge(b, result(for(rangeiter(0L, 10L, e), merger[i64,+], |n,j,f| merge(n, f))))))',
    '[[5, 3]]',
    'W6002',
    'BadIteratorLength',
    'for(rangeiter(0L, 10L, e), merger[i64,+], |n,j,f| merge(n, f))',
  ],
  ['|v: vec[i64]| cudf[nothing,vec[i64]](v)', '[[1]]', 'W2007', 'CompileError', 'cudf[nothing,vec[i64]](v)'],
];

describe('run-time errors have one code, kind and place on every target', () => {
  it.each(FAILURES)('%s %s', async (text, args, code, kind, place) => {
    const { status, json } = await everyWay(text, args);
    const start = text.indexOf(place);
    expect(start).toBeGreaterThan(0);
    const end = start + place.length;
    expect(status).toBe(1);
    expect(json).toEqual(
      failure(code, kind, {
        source: '<stdin>',
        start,
        end,
        line: 1,
        column: start + 1,
        endLine: 1,
        endColumn: end + 1,
      }),
    );
  });

  it('the first row that fails is the one that is reported, whatever the threads', async () => {
    const text = '|v: vec[i64]| result(for(v, merger[i64,+], |b,i,e| merge(b, 7L / (e - 50000L))))';
    for (const threads of ['1', '2']) {
      const { err } = await w.run(['run', '-', '--args', '[{"cycle":[{"range":[0,60000]},2]}]', '--threads', threads], {
        stdin: text,
      });
      expect(err).toMatch(/^error\[W6005\]: integer division by zero in row 50000 of the loop\n --> <stdin>:1:61\n/);
    }
  });

  it('one of several candidates of fused code is shown as such', async () => {
    const text = '|v: vec[i64]| result(for(v, merger[i64,+], |b,i,e| merge(b, lookup(v, e) + lookup(v, e - 3L))))';
    const { status, err } = await w.run(['run', '-', '--args', '[[1,2,3]]'], { stdin: text });
    expect(status).toBe(1);
    expect(err).toMatchInlineSnapshot(`
      "error[W6001]: an index is outside its vector in row 0 of the loop
       --> <stdin>:1:22
        |
      1 | |v: vec[i64]| result(for(v, merger[i64,+], |b,i,e| merge(b, lookup(v, e) + lookup(v, e - 3L))))
        |                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       ::: <stdin>:1:61
        |
      1 | |v: vec[i64]| result(for(v, merger[i64,+], |b,i,e| merge(b, lookup(v, e) + lookup(v, e - 3L))))
        |                                                             ^^^^^^^^^^^^ here?
       ::: <stdin>:1:76
        |
      1 | |v: vec[i64]| result(for(v, merger[i64,+], |b,i,e| merge(b, lookup(v, e) + lookup(v, e - 3L))))
        |                                                                            ^^^^^^^^^^^^^^^^^ here?
        = help: check the index against len first, or clamp it
      "
    `);
  });

  it('a broken promise of @(dense:true) is the fault of who promised', async () => {
    const text =
      '|v: vec[i64]| tovec(result(for(v, @(dense:true)dictmerger[i64,i64,+](3L), |b,i,e| merge(b, {e, 1L}))))';
    const { status, err } = await w.run(['run', '-', '--args', '[[0,2,3]]'], { stdin: text });
    expect(status).toBe(1);
    expect(err).toMatchInlineSnapshot(`
      "error[W6010]: a key in row 2 of the loop is outside the range that @(dense:true) and its size promise
       --> <stdin>:1:83
        |
      1 | |v: vec[i64]| tovec(result(for(v, @(dense:true)dictmerger[i64,i64,+](3L), |b,i,e| merge(b, {e, 1L}))))
        |                                                                                   ^^^^^^^^^^^^^^^^^
        = help: drop the annotation, or give the largest key plus 1 as size
      "
    `);
    // The interpreter hashes anyway: the promise is about speed only.
    const { out } = await w.run(['run', '-', '--args', '[[0,2,3]]', '--target', 'interp'], { stdin: text });
    expect(out).toBe('[[0,1],[2,1],[3,1]]\n');
  });

  it('errors after fusion point into the producer', async () => {
    const text = `|v: vec[i64]|
  let halves = result(for(v, appender[i64], |b, i, e| merge(b, 100L / e)));
  let big = result(for(halves, appender[i64], |b, i, e| if(e > 10L, merge(b, e), b)));
  result(for(big, merger[i64,+], |b, i, e| merge(b, e)))`;
    const { json } = await everyWay(text, '[[5, 0]]');
    expect(json).toMatchObject({ diagnostics: [{ code: 'W6005', span: { line: 2, column: 64 } }] });
  });
});

describe('vectors in vectors', () => {
  it.each([
    ['|x: vec[vec[f64]]| result(for(x, appender[i64], |b,i,e| merge(b, len(e))))', '[[[1,2],[3]]]', [2, 1]],
    ['|x: vec[vec[f64]]| len(x)', '[[[1,2],[3]]]', 2],
    [
      '|x: vec[i64]| result(for(x, groupmerger[i64,i64], |b,i,e| merge(b, {e, i})))',
      '[[7,8,7]]',
      [
        [7, [0, 2]],
        [8, [1]],
      ],
    ],
  ])('%s: the same on every target', async (text, args, value) => {
    const { json } = await everyWay(text, args);
    expect(json).toMatchObject({ value });
  });

  it('what the interpreter runs in the place of code is told', async () => {
    const text =
      '|x: vec[f64]| result(for(x, appender[i64], |b,i,e| merge(b, len(cudf[argsort,vec[i64]]([false], slice(x, i, 9L))))))';
    const explained = await w.run(['explain', '-'], { stdin: text });
    expect([explained.status, explained.err]).toEqual([0, '']);
    expect(explained.out).toContain('the reference interpreter, row by row on the host: slow');
    expect((await everyWay(text, '[[3, 1, 2]]')).json).toMatchObject({ value: [3, 2, 1] });
  });
});

describe('faults of weldc', () => {
  it('say so, with a stack trace only when asked', async () => {
    // An output that throws once is the nearest thing to a fault that a test can make.
    const broken = { stdin: () => '|x: i64| x', console: noConsole };
    const { main } = await import('./main.ts');
    const run = async (env: Record<string, string>, ...more: string[]) => {
      let err = '';
      let first = true;
      const out: string[] = [];
      const status = await main(['check', '-', ...more], {
        ...broken,
        out: (text) => {
          if (first) {
            first = false;
            throw new RangeError('a made-up fault');
          }
          out.push(text);
        },
        err: (text) => {
          err += text;
        },
        env,
      });
      return { status, err, out: out.join('') };
    };
    expect(await run({})).toEqual({
      status: 1,
      out: '',
      err: 'weldc: internal fault: a made-up fault\nThis is a mistake of weldc, please report it with the program; WELD_DEBUG=1 shows where it happened.\n',
    });
    expect((await run({ WELD_DEBUG: '1' })).err).toContain('main.ts');
    expect((await run({ WELD_DEBUG: '0' })).err).not.toContain('main.ts');
    expect(JSON.parse((await run({}, '--json')).out)).toEqual(failure(null, 'RangeError', null, 'a made-up fault'));
  });
});
