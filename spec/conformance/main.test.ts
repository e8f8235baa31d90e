/** The runner as a command: small files of cases, what is printed about them, and the exit status. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { Json } from '../../compiler/core/json.ts';
import { USAGE } from './arguments.ts';
import { readCases } from './cases.ts';
import { main } from './main.ts';
import { reportJson, reportText } from './report.ts';
import type { Result } from './suite.ts';

const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the command on a file of these cases; status, standard output, standard error. */
async function conformance(cases: readonly object[], ...options: readonly string[]) {
  const file = join(folder, 'cases.json');
  writeFileSync(file, JSON.stringify(cases));
  return command(file, ...options);
}
async function command(...argv: readonly string[]) {
  let [out, err] = ['', ''];
  const io = {
    out(text: string) {
      out += text;
    },
    err(text: string) {
      err += text;
    },
  };
  return { status: await main(argv, io), out, err };
}
/** What is said about one case, without the table of tags. */
async function failureOf(one: object, ...options: readonly string[]): Promise<string> {
  const { status, out } = await conformance([one], ...options);
  expect([status, out.slice(out.lastIndexOf('\n', out.length - 2) + 1)]).toEqual([1, '0 passed, 1 failed\n']);
  return out.slice(0, out.indexOf('\n\n'));
}

const run = (program: string, args: readonly [type: string, value: Json][], expected: object, more: object = {}) => ({
  name: 'a/run',
  kind: 'run',
  tags: ['t'],
  program,
  args: args.map(([type, value]) => ({ type, value })),
  expect: expected,
  ...more,
});
const text = (kind: string, program: string, expected: object, more: object = {}) => ({
  name: `a/${kind}`,
  kind,
  tags: ['text'],
  program,
  expect: expected,
  ...more,
});

const SUM = '|v: vec[i64]| result(for(v, merger[i64,+], |b, i, e| merge(b, e)))';
/** The example that the README points to. */
const EXAMPLE = fileURLToPath(new URL('./example.json', import.meta.url));
const TARGETS: readonly (readonly string[])[] = [['interp'], ['wasm'], ['wasm', '--threads', '2']];

describe('cases that pass', () => {
  it.each(TARGETS.map((t) => [t]))('on %s', async (target) => {
    const { status, out, err } = await command(EXAMPLE, '--target', ...target);
    expect({ status, out, err }).toMatchObject({ status: 0, err: '' });
    expect(out).toBe(
      [
        'tag     passed  failed  deviation  unsupported',
        'error        2       .          .            .',
        'float        2       .          .            .',
        'loop         1       .          .            .',
        'scalar       2       .          .            .',
        'text         8       .          .            .',
        '',
        'deviations: 0',
        '',
        'unsupported: 0',
        '',
        '13 passed, 0 failed',
        '',
      ].join('\n'),
    );
  });
});

it.each(['interp', 'wasm'])('an extern that is not registered is an error before execution on %s', async (target) => {
  const program = '|n: i32| cudf[nobody_has_this, i32](n)';
  const { out } = await conformance([run(program, [['i32', 1]], { error: 'CompileError' })], '--target', target);
  expect(out).toMatch(/\n1 passed, 0 failed\n$/);
});

describe('cases that fail', () => {
  it('a value, in every form of the program', async () => {
    expect(
      await failureOf(run('|n: i32| {n, [n, n + 1]}', [['i32', 3]], { type: '{i32,vec[i32]}', value: [3, [3, 5]] })),
    ).toBe(
      [
        'FAILED a/run (run)',
        '  optimizer off: at $.1.[1]: expected 5, found 4',
        '  default passes: at $.1.[1]: expected 5, found 4',
        '',
      ]
        .join('\n')
        .trimEnd(),
    );
  });

  it('a type, an error, no error', async () => {
    const said = async (program: string, expected: object): Promise<string> =>
      (await failureOf(run(program, [['i32', 0]], expected))).split('\n')[1] ?? '';
    expect(await said('|n: i32| i64(n)', { type: 'i32', value: 0 })).toBe(
      '  optimizer off: expected the type i32, found i64',
    );
    expect(await said('|n: i32| 1 / n', { type: 'i32', value: 0 })).toMatch(
      /^ {2}optimizer off: expected a value, found DivisionByZero \(W6005: .+\)$/,
    );
    expect(await said('|n: i32| 1 / n', { error: 'ArrayOutOfBounds' })).toMatch(
      /^ {2}optimizer off: expected ArrayOutOfBounds, found DivisionByZero \(W6005: .+\)$/,
    );
    expect(await said('|n: i32| [n]', { error: 'ArrayOutOfBounds' })).toBe(
      '  optimizer off: expected ArrayOutOfBounds, found the value [0]',
    );
    expect(await said('|n: i64| n', { type: 'i64', value: 0 })).toBe(
      '  optimizer off: argument 1 of the program is i64, the case gives i32',
    );
    expect(await said('|| 1', { error: 'CompileError' })).toBe(
      '  optimizer off: the program takes 0 arguments, the case gives 1',
    );
    expect(await said('|n: i32| m', { type: 'i32', value: 0 })).toMatch(
      /^ {2}expected a value, found CompileError \(W2003: /,
    );
    expect(await said('|n: i32| appender[i32]', { error: 'ArrayOutOfBounds' })).toBe(
      '  optimizer off: expected ArrayOutOfBounds, found an unfinished builder, appender[i32]',
    );
  });

  it('texts', async () => {
    const said = async (kind: string, program: string, expected: object, more: object = {}): Promise<string> =>
      (await failureOf(text(kind, program, expected, more))).split('\n')[1] ?? '';
    expect(await said('parse', '1 + 2', { print: '(1-2)' })).toBe(
      '  expected the print (1-2), found (1+2): "+2)" stands where "-2)" should',
    );
    expect(await said('parse', '1 + 2', { error: 'CompileError' })).toBe('  expected CompileError, found (1+2)');
    expect(await said('parse', '1 +', { print: '1' })).toMatch(
      /^ {2}expected the print 1, found CompileError \(W1002: /,
    );
    expect(await said('typecheck', '|n: i32| n', { type: '|i32|(i64)' })).toContain(
      'expected the type |i32|(i64), found',
    );
    expect(await said('macro', 'm(n)', { print: 'q', compare: 'alpha' }, { macros: 'macro m(p) = p;' })).toContain(
      'expected the print q, found n',
    );
    expect(await said('parse_program', 'a;', { ok: true })).toContain('expected no error, found CompileError');
  });
});

describe('sessions', () => {
  const steps = [
    {
      program: '|v: vec[i32]| for(v, appender[i32], |b, i, e| merge(b, e * 2))',
      args: [{ type: 'vec[i32]', value: [1, 2] }],
      bind: 'acc',
      resultType: 'appender[i32]',
    },
    {
      program: '|v: vec[i32], a: appender[i32]| result(for(v, a, |b, i, e| merge(b, -e)))',
      args: [
        { type: 'vec[i32]', value: [9] },
        { type: 'appender[i32]', ref: 'acc' },
      ],
    },
  ];
  const session = (more: object) => ({
    name: 'a/session',
    kind: 'session',
    tags: ['session'],
    steps,
    expect: { type: 'vec[i32]', value: [2, 4, -9] },
    ...more,
  });

  it('pass an unfinished builder on', async () => {
    const { status, out } = await conformance([session({})]);
    expect([status, out.slice(-20)]).toEqual([0, '1 passed, 0 failed\n'.padStart(20, '\n')]);
  });

  it('are judged by their last step, and every step must come to its end', async () => {
    expect(await failureOf(session({ expect: { type: 'vec[i32]', value: [2, 4, 9] } }))).toContain(
      'optimizer off: step 2 of 2: at $.[2]: expected 9, found -9',
    );
    const early = [{ program: '|n: i32| 1 / n', args: [{ type: 'i32', value: 0 }], bind: 'q' }, steps[0]];
    expect(await failureOf(session({ steps: early, expect: { error: 'DivisionByZero' } }))).toContain(
      'optimizer off: step 1 of 2: expected a value, found DivisionByZero',
    );
    const mistyped = [{ ...steps[0], resultType: 'appender[i64]' }, steps[1]];
    expect(await failureOf(session({ steps: mistyped }))).toContain(
      'step 1 of 2: expected the result type appender[i64], found appender[i32]',
    );
  });
});

describe('what is counted apart', () => {
  it('deviations, by the text of their program', async () => {
    const program =
      '|v: vec[f64]| result(for(v, {appender, merger[f64, max]}, |b, i, e| {merge(b.$0, e), merge(b.$1, e)}))';
    const { status, out } = await conformance([text('typecheck', program, { error: 'CompileError' })]);
    expect(status).toBe(0);
    expect(out).toContain('text       .       .          1            .\n');
    expect(out).toMatch(/\ndeviations: 1\n {2}a\/typecheck: A struct of builders is a builder/);
    expect(out).toMatch(/\n0 passed, 0 failed\n$/);
  });

  it('what generated code does not support, by construct', () => {
    const one = (name: string, construct: string): Result => {
      const [c] = readCases(JSON.stringify([run('|| 1', [], { error: 'OutOfMemory' }, { name })]), 'c.json');
      if (c === undefined) throw new Error('no case');
      return { case: c, verdict: { outcome: 'unsupported', construct } };
    };
    const results = [one('a', 'a list'), one('b', 'a vector of vec[i8]'), one('c', 'a vector of vec[f64]')];
    const text = reportText(results);
    expect(text.slice(text.indexOf('unsupported: '))).toBe(
      'unsupported: 3\n    2  a vector of vec[T]\n    1  a list\n\n0 passed, 0 failed\n',
    );
    expect(reportJson(results, { target: 'wasm', threads: 2 })).toMatchObject({
      threads: 2,
      unsupported: 3,
      unsupportedConstructs: [
        { construct: 'a vector of vec[T]', cases: ['b', 'c'] },
        { construct: 'a list', cases: ['a'] },
      ],
    });
  });

  it('limits of memory hold, and arguments do not count', async () => {
    const made = '|n: i64| result(for(rangeiter(0L, n, 1L), appender[i64], |b, i, e| merge(b, e)))';
    const conf = { conf: { memoryLimitBytes: 65536 } };
    const cases = [
      run(made, [['i64', 2_000_000]], { error: 'OutOfMemory' }, { name: 'm/out', ...conf }),
      run(made, [['i64', 2]], { type: 'vec[i64]', value: [0, 1] }, { name: 'm/small', ...conf }),
      run(
        SUM,
        [['vec[i64]', { repeat: [1, 50_000] }]],
        { type: 'i64', value: 50_000 },
        { name: 'm/argument', ...conf },
      ),
    ];
    for (const target of ['interp', 'wasm']) {
      const { status, out } = await conformance(cases, '--target', target);
      expect({ target, status, out }).toMatchObject({ status: 0 });
      expect(out).toMatch(/\n3 passed, 0 failed\n$/);
    }
  });
});

describe('the command line', () => {
  const cases = [
    run('|n: i32| n', [['i32', 1]], { type: 'i32', value: 1 }, { name: 'x/one', tags: ['a'] }),
    run('|n: i32| n', [['i32', 1]], { type: 'i32', value: 2 }, { name: 'x/two', tags: ['b'] }),
  ];

  it('selects by tag and by name', async () => {
    const last = async (...options: readonly string[]) => (await conformance(cases, ...options)).out.split('\n').at(-2);
    expect(await last()).toBe('1 passed, 1 failed');
    expect(await last('--tag', 'a')).toBe('1 passed, 0 failed');
    expect(await last('--only', 'two')).toBe('0 passed, 1 failed');
    expect(await conformance(cases, '--tag', 'c')).toMatchObject({ status: 2, out: '' });
    expect((await conformance(cases, '--only', 'three')).err).toContain('no case has three in its name');
    expect((await conformance(cases, '--only', 'one', '--tag', 'b')).err).toContain('no case with the tag b has one');
  });

  it('prints one JSON object', async () => {
    const { status, out } = await conformance(cases, '--json');
    expect(status).toBe(1);
    expect(JSON.parse(out)).toEqual({
      target: 'interp',
      threads: null,
      passed: 1,
      failed: 1,
      deviations: 0,
      unsupported: 0,
      tags: {
        a: { passed: 1, failed: 0, deviation: 0, unsupported: 0 },
        b: { passed: 0, failed: 1, deviation: 0, unsupported: 0 },
      },
      failures: [
        {
          name: 'x/two',
          kind: 'run',
          differences: ['optimizer off: at $: expected 2, found 1', 'default passes: at $: expected 2, found 1'],
        },
      ],
      deviating: [],
      unsupportedConstructs: [],
    });
  });

  it('says what is wrong with it, and with the file', async () => {
    expect(await command('--help')).toEqual({ status: 0, out: USAGE, err: '' });
    const wrong: readonly (readonly [readonly string[], string])[] = [
      [[], 'a file of cases is needed'],
      [['a.json', 'b.json'], 'one file at a time, found also b.json'],
      [['a.json', '--target', 'gpu'], '--target must be interp or wasm, found gpu'],
      [['a.json', '--threads', '0'], '--threads must be a whole number from 1 to 256, found 0'],
      [['a.json', '--tags', 'x'], 'unknown option --tags, did you mean --tag?'],
      [[join(folder, 'missing.json')], 'cannot read '],
    ];
    for (const [argv, message] of wrong) {
      const { status, out, err } = await command(...argv);
      expect([status, out, err.startsWith(`conformance: ${message}`)], err).toEqual([2, '', true]);
    }
    expect(await conformance([])).toMatchObject({ status: 2, err: expect.stringContaining('has no cases') });
    expect(await conformance([{ ...cases[0], runs: -1 }])).toEqual({
      status: 2,
      out: '',
      err: 'conformance: case "x/one": field "runs" must be a whole number of at least 1, found -1\n',
    });
  });
});
