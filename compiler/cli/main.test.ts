/** The command line as a stranger meets it: what is right, what is wrong, and what is said about it. */

import { afterAll, describe, expect, it } from 'vitest';
import { weldc } from '../testing/weldc.ts';
import { USAGE } from './arguments.ts';

const w = weldc();
afterAll(() => w.clean());

const SUM = '# the sum of squares\n|x: vec[f64]|\n  result(for(x, merger[f64,+], |b, i, e| merge(b, e * e)))\n';
const sum = w.file('sum.weld', SUM);
const mistyped = w.file('type.weld', '|x: vec[f64]|\n  result(for(x, merger[f64,+], |b, i, e| merge(b, e * 2)))\n');
const broken = w.file('syntax.weld', '|x: vec[f64]|\n  result(for(x, merger[f64,+], |b, i, e| merge(b, e * 2.0))\n');
const builder = w.file('builder.weld', '|x: vec[f64]| for(x, merger[f64,+], |b, i, e| merge(b, e))');

/** Status, standard output and standard error as one list. */
async function answer(argv: readonly string[], options: Parameters<typeof w.run>[1] = {}) {
  const { status, out, err } = await w.run(argv, options);
  return [status, out, err];
}

describe('commands', () => {
  it('check gives the type of a program', async () => {
    expect(await answer(['check', sum])).toEqual([0, 'ok: |vec[f64]|(f64)\n', '']);
    expect(await answer(['check', sum, '--json'])).toEqual([0, '{"ok":true,"type":"|vec[f64]|(f64)"}\n', '']);
    expect(
      await answer(['check', w.file('two.weld', '|x: i64, d: dict[i64,vec[u8]]| {x, len(lookup(d, x))}')]),
    ).toEqual([0, 'ok: |i64,dict[i64,vec[u8]]|({i64,i64})\n', '']);
  });

  it('fmt prints the program let-normalised, and its own output as it is', async () => {
    const { status, out } = await w.run(['fmt', sum]);
    expect(status).toBe(0);
    expect(out).toMatchInlineSnapshot(`
      "|x: vec[f64]|
        let b = merger[f64,+];
        let b1 = for(x, b, |b2, i, e|
          let t = e * e;
          let b3 = merge(b2, t);
          b3);
        let r = result(b1);
        r
      "
    `);
    expect(await answer(['fmt', '-'], { stdin: out })).toEqual([0, out, '']);
    expect(await answer(['fmt', sum, '--json'])).toEqual([0, `${JSON.stringify({ text: out })}\n`, '']);
    // It also prints what cannot be run.
    expect((await w.run(['fmt', builder])).status).toBe(0);
  });

  it('explain tells the story, as text and as data', async () => {
    const { status, out } = await w.run(['explain', sum]);
    expect(status).toBe(0);
    expect(out).toMatch(/^loops: 1 before, 1 after\n\npasses\n/);
    expect(out).toContain('let t = e * e;');
    expect(out).toContain('registers, one partial a part (a merger of scalars)');
    const json: unknown = JSON.parse((await w.run(['explain', '--json', sum])).out);
    expect(json).toMatchObject({ loops_before: 1, loops_after: 1, final: expect.stringContaining('e * e') });
    const off = await w.run(['explain', sum], { env: { WELD_DISABLE: 'vectorize, cse' } });
    expect(off.out).toContain('vectorize is off');
  });

  it('the program may come from standard input', async () => {
    expect(await answer(['check', '-'], { stdin: '|x: i8| x' })).toEqual([0, 'ok: |i8|(i8)\n', '']);
    expect(await answer(['check', '-'], { stdin: '|x: i8| y' })).toEqual([
      1,
      '',
      'error[W2003]: unknown name y\n --> <stdin>:1:9\n  |\n1 | |x: i8| y\n  |         ^\n',
    ]);
    // A byte order mark and Windows line ends are no part of the program.
    expect(await answer(['check', '-'], { stdin: '\uFEFF|x: i8|\r\n  x\r\n' })).toEqual([0, 'ok: |i8|(i8)\n', '']);
  });

  it('help and version', async () => {
    for (const argv of [['--help'], ['-h'], ['help'], ['run', '--help']])
      expect(await answer(argv)).toEqual([0, USAGE, '']);
    expect(await answer([])).toEqual([2, '', USAGE]);
    expect(await answer(['--version'])).toEqual([0, expect.stringMatching(/^weldc \d+\.\d+\.\d+\n$/), '']);
  });
});

describe('a wrong command line is status 2 and one line', () => {
  it.each([
    [['rnu', 'x.weld'], 'unknown command rnu, did you mean run?; see weldc --help'],
    [['compile', 'x.weld'], 'unknown command compile; see weldc --help'],
    [['x.weld'], 'a command comes before the file: weldc run x.weld'],
    [['run'], 'run needs a file: weldc run FILE.weld'],
    [['run', 'a.weld', 'b.weld'], 'one file at a time, found also b.weld'],
    [['run', '/nowhere/a.weld'], 'cannot read /nowhere/a.weld: there is no such file'],
    [['run', '/'], 'cannot read /: it is a directory, a file is needed'],
    [['run', sum, '--arg', '[]'], 'unknown option --arg, did you mean --args?; see weldc --help'],
    [['run', sum, '--frobnicate'], 'unknown option --frobnicate; see weldc --help'],
    [['run', sum, '-x'], 'unknown option -x; see weldc --help'],
    [['run', sum, '--args'], '--args needs a value'],
    [['run', sum, '--threads', '0'], '--threads must be a whole number from 1 to 256, found 0'],
    [['run', sum, '--threads', '1.5'], '--threads must be a whole number from 1 to 256, found 1.5'],
    [['run', sum, '--threads', 'two'], '--threads must be a whole number from 1 to 256, found two'],
    [['run', sum, '--threads', '257'], '--threads must be a whole number from 1 to 256, found 257'],
    [['run', sum, '--threads='], '--threads must be a whole number from 1 to 256, found nothing'],
    [['run', sum, '--target', 'gpu'], '--target must be wasm or interp, found gpu'],
    [['check', sum, '--args', '[1]'], 'check takes no --args; see weldc --help'],
    [['fmt', sum, '--target', 'wasm'], 'fmt takes no --target; see weldc --help'],
    [['explain', sum, '--threads', '2'], 'explain takes no --threads; see weldc --help'],
    [
      ['run', sum, '--args', '{"x":1}'],
      `--args must be a JSON array with one value a parameter, found {"x":1}; for example --args '[[1, 2, 3], 10]'`,
    ],
    [
      ['run', sum, '--args', '3'],
      `--args must be a JSON array with one value a parameter, found 3; for example --args '[[1, 2, 3], 10]'`,
    ],
  ])('%j', async (argv, message) => {
    expect(await answer(argv)).toEqual([2, '', `weldc: ${message}\n`]);
    const json = await w.run([...argv, '--json']);
    expect([json.status, json.err]).toEqual([2, '']);
    expect(JSON.parse(json.out)).toEqual({ error: { code: null, kind: 'UsageError', message, span: null } });
  });

  it('--args that is no JSON, with the reason of the parser', async () => {
    const { status, err } = await w.run(['run', sum, '--args', `[1, ${'9'.repeat(100)}`]);
    expect(status).toBe(2);
    expect(err).toMatch(
      /^weldc: --args is not JSON: \[1, 9+\.\.\. \(.+\); for example --args '\[\[1, 2, 3\], 10\]'\n$/,
    );
  });

  it('switches of the environment that make no sense', async () => {
    const run = ['run', sum, '--args', '[[1]]'];
    expect(await answer(run, { env: { WELD_TARGET: 'gpu' } })).toEqual([
      2,
      '',
      'weldc: WELD_TARGET must be wasm or interp, found gpu\n',
    ]);
    expect(await answer(run, { env: { WELD_THREADS: 'x' } })).toEqual([
      2,
      '',
      'error[W8006]: WELD_THREADS must be a whole number of at least 1, found "x"\n',
    ]);
    expect(await answer(run, { env: { WELD_DISABLE: 'fuse-vertikal' } })).toEqual([
      2,
      '',
      "error[W8006]: there is no pass 'fuse-vertikal'\n  = help: did you mean 'fuse-vertical'?\n",
    ]);
    expect((await w.run(['explain', sum], { env: { WELD_DISABLE: 'foldd' } })).err).toContain("did you mean 'fold'?");
  });
});

describe('wrong arguments are status 2 and name the parameter', () => {
  const x8 = w.file('i8.weld', '|x: i8, t: {i64,vec[bool]}| x');
  it.each([
    [sum, '[]', "the program takes 1 argument, found 0\n  = help: give --args '[<x: vec[f64]>]', a JSON array"],
    [
      x8,
      '[1]',
      "the program takes 2 arguments, found 1\n  = help: give --args '[<x: i8>, <t: {i64,vec[bool]}>]', a JSON array",
    ],
    [w.file('none.weld', '|| 1'), '[1]', 'the program takes 0 arguments, found 1\n  = help: leave --args out'],
    [sum, '[1]', 'argument x: vec[f64] needs an array or a compact form, found 1'],
    [sum, '[["a"]]', 'argument x.[0]: f64 needs a number, "NaN", "Infinity", "-Infinity" or "-0", found "a"'],
    [sum, '[[1, null]]', 'argument x.[1]: f64 needs a number, "NaN", "Infinity", "-Infinity" or "-0", found null'],
    [x8, '[300, [1, []]]', 'argument x: i8 needs an integer in its range, found 300'],
    [x8, '[1.5, [1, []]]', 'argument x: i8 needs an integer, found 1.5'],
    [x8, '[1, [1, [true, 1]]]', 'argument t.1.[1]: bool needs true or false, found 1'],
    [x8, '[1, [1]]', 'argument t: {i64,vec[bool]} needs 2 fields, found [1]'],
    [
      x8,
      '[1, [9007199254740993, []]]',
      'argument t.0: i64 needs an integer, found 9007199254740992\n  = help: write integers beyond 2^53-1 as decimal strings',
    ],
    [sum, '[{"type":"vec[i64]","value":[1]}]', 'argument x must be vec[f64], found the type "vec[i64]"'],
  ])('%s %s', async (file, args, message) => {
    for (const target of ['wasm', 'interp']) {
      expect(await answer(['run', file, '--args', args, '--target', target])).toEqual([
        2,
        '',
        `error[W8006]: ${message}\n`,
      ]);
    }
  });
});

describe('a wrong program is status 1 and shows its place', () => {
  it('types', async () => {
    for (const command of ['check', 'fmt', 'explain', 'run']) {
      expect(await answer([command, mistyped])).toEqual([
        1,
        '',
        [
          'error[W2001]: both sides of * must have one type, found f64 and i32',
          ' --> type.weld:2:51',
          '  |',
          '2 |   result(for(x, merger[f64,+], |b, i, e| merge(b, e * 2)))',
          '  |                                                   ^^^^^',
          '  = help: convert with f64(..)\n',
        ].join('\n'),
      ]);
    }
  });

  it('syntax', async () => {
    expect((await w.run(['check', broken])).err).toBe(
      [
        'error[W1002]: expected ")", found the end of the text',
        ' --> syntax.weld:2:60',
        '  |',
        '2 |   result(for(x, merger[f64,+], |b, i, e| merge(b, e * 2.0))',
        '  |                                                            ^\n',
      ].join('\n'),
    );
    expect(JSON.parse((await w.run(['check', broken, '--json'])).out)).toEqual({
      error: {
        code: 'W1002',
        kind: 'CompileError',
        message: 'expected ")", found the end of the text',
        span: { start: 73, end: 73, line: 2, column: 60 },
      },
    });
  });

  it('several mistakes are all shown', async () => {
    const { status, err } = await w.run(['check', '-'], { stdin: '|x: f6, y: i65| x.a' });
    expect(status).toBe(1);
    expect(err.match(/^error\[\w+\]/gm)).toEqual(['error[W2003]', 'error[W2003]', 'error[W1002]']);
  });

  it('an empty file', async () => {
    expect((await w.run(['run', '-'])).err).toMatch(
      /^error\[W1002\]: the text is empty: there is no program\n --> <stdin>:1:1/,
    );
  });

  it('builders at the border of the program', async () => {
    for (const command of ['check', 'explain', 'run']) {
      expect((await w.run([command, builder])).err).toBe(
        [
          'error[W3002]: the value of the program is an unfinished builder, merger[f64,+]',
          ' --> builder.weld:1:15',
          '  |',
          '1 | |x: vec[f64]| for(x, merger[f64,+], |b, i, e| merge(b, e))',
          '  |               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^',
          '  = help: finish it with result(..)\n',
        ].join('\n'),
      );
    }
    expect((await w.run(['run', '-'], { stdin: '|b: merger[i64,+]| result(b)' })).err).toContain(
      'parameter b is a builder, merger[i64,+], which no caller can give',
    );
  });
});
