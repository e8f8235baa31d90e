/** The command line as a stranger meets it: what is right, what is wrong, and what is said about it. */

import { readdirSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { weldc } from '../testing/weldc.ts';
import { USAGE } from './usage.ts';

const w = weldc();
afterAll(() => w.clean());

const SUM = '# the sum of squares\n|x: vec[f64]|\n  result(for(x, merger[f64,+], |b, i, e| merge(b, e * e)))\n';
const sum = w.file('sum.weld', SUM);
const mistyped = w.file('type.weld', '|x: vec[f64]|\n  result(for(x, merger[f64,+], |b, i, e| merge(b, e * 2)))\n');
const broken = w.file('syntax.weld', '|x: vec[f64]|\n  result(for(x, merger[f64,+], |b, i, e| merge(b, e * 2.0))\n');
const picture = w.file('picture.weld', new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0xff, 0xd8]));
const builder = w.file('builder.weld', '|x: vec[f64]| for(x, merger[f64,+], |b, i, e| merge(b, e))');

/** What `--json` prints for one diagnostic. */
const failure = (code: string | null, kind: string, message: unknown, span: unknown) => ({
  ok: false,
  diagnostics: [{ code, kind, severity: 'error', message, span, labels: [], notes: [], help: null }],
});

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
    expect(await answer(['fmt', sum, '--json'])).toEqual([0, `${JSON.stringify({ ok: true, text: out })}\n`, '']);
    // It also prints what cannot be run.
    expect((await w.run(['fmt', builder])).status).toBe(0);
  });

  it('explain tells the story, as text and as data', async () => {
    const { status, out } = await w.run(['explain', sum]);
    expect(status).toBe(0);
    expect(out).toMatch(/^loops: 1 before, 1 after\nbytes moved: 8\.0 MB before, 8\.0 MB after \(.*\)\n\npasses\n/);
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
      'error[W2003]: unknown name y\n --> <stdin>:1:9\n  |\n1 | |x: i8| y\n  |         ^\n\n1 error\n',
    ]);
    // A byte order mark and Windows line ends are no part of the program.
    expect(await answer(['check', '-'], { stdin: '\uFEFF|x: i8|\r\n  x\r\n' })).toEqual([0, 'ok: |i8|(i8)\n', '']);
  });

  it('fmt --compact prints the text on one line, macros in front', async () => {
    const text = `# Two aliases, a macro and a built-in one.
type point = {f64,f64}; type path = vec[point];
macro first(p) = p.$0;   # a comment
|p: path, k: f64|
  let xs = map(p, |e| first(e) * -k);
  {len(xs), sum(xs)}
`;
    const compact =
      'macro first(p)=p.$0;|p:vec[{f64,f64}],k:f64|' + '(let xs=((map)(p,|e|((first)(e)*(-k))));{len(xs),(sum)(xs)})\n';
    expect(await answer(['fmt', '--compact', '-'], { stdin: text })).toEqual([0, compact, '']);
    expect(await answer(['fmt', '--compact', '-'], { stdin: compact })).toEqual([0, compact, '']);
    expect(await answer(['fmt', '-', '--compact', '--json'], { stdin: text })).toEqual([
      0,
      `${JSON.stringify({ ok: true, text: compact })}\n`,
      '',
    ]);
    // Both texts are the same program.
    expect((await w.run(['fmt', '-'], { stdin: compact })).out).toBe((await w.run(['fmt', '-'], { stdin: text })).out);
    // No types are asked for, so it takes what is no program yet.
    expect(await answer(['fmt', '--compact', '-'], { stdin: 'a + f(b) # ?' })).toEqual([0, '(a+(f)(b))\n', '']);
  });

  it('macros and aliases are known to every command', async () => {
    const text =
      'type t = vec[f64];\nmacro sq(a) = a * a;\n|x: t| result(for(x, merger[f64,+], |b,i,e| merge(b, sq(e))))';
    const file = w.file('heads.weld', text);
    expect(await answer(['check', file])).toEqual([0, 'ok: |vec[f64]|(f64)\n', '']);
    for (const target of ['wasm', 'interp']) {
      expect(await answer(['run', file, '--args', '[[1,2,3]]', '--target', target])).toEqual([0, '14\n', '']);
    }
    expect((await w.run(['explain', file])).out).toContain('let t = e * e;');
  });

  it('fuel and memory limit a run', async () => {
    const grow = w.file(
      'grow.weld',
      '|n: i64| lookup(result(for(rangeiter(0L, n, 1L), appender, |b, i, e| merge(b, e))), n - 1L)',
    );
    const run = (...options: string[]) => w.run(['run', grow, '--args', '[1000000]', ...options]);
    expect(await run('--target', 'interp', '--fuel', '1000')).toMatchObject({
      status: 1,
      out: '',
      err: [
        'error[W6007]: the program used up its fuel',
        ' --> grow.weld:1:24',
        '  |',
        '1 | |n: i64| lookup(result(for(rangeiter(0L, n, 1L), appender, |b, i, e| merge(b, e))), n - 1L)',
        '  |                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^',
        '  = help: give more fuel or less data\n',
      ].join('\n'),
    });
    for (const target of ['wasm', 'interp']) {
      const { status, err } = await run('--target', target, '--memory', '64K');
      expect(status).toBe(1);
      expect(err).toMatch(/^error\[W6006\]: out of memory: .*\n --> grow\.weld:1:\d+\n/);
      expect(await run('--target', target, '--memory', '100m')).toMatchObject({ status: 0, out: '999999\n' });
    }
    expect(await run('--target', 'interp', '--fuel', '100000000', '--memory', '1G')).toMatchObject({
      out: '999999\n',
    });
  });

  it('the WELD_* switches of the passes', async () => {
    const text = '|v: vec[i64]| sum(map(v, |e| e * 2L))';
    const fused = w.file('fused.weld', text);
    const stopped = await w.run(['explain', fused], { env: { WELD_STOP_AFTER: 'inline' } });
    expect(stopped.out).toMatch(/^loops: 2 before, 2 after\n.*\n\npasses\n {2}1 more run changed nothing\n/);
    const wrong = { env: { WELD_STOP_AFTER: 'fuse' } };
    for (const command of [['explain'], ['run', '--args', '[[1]]']]) {
      expect((await w.run([...command, fused], wrong)).err).toMatch(/^error\[W8006\]: there is no pass 'fuse'\n/);
    }
    for (const [folder, command] of [
      ['d1', ['explain']],
      ['d2', ['run', '--args', '[[1, 2]]']],
    ] as const) {
      const { status } = await w.run([...command, fused], { env: { WELD_DUMP: w.path(folder) } });
      expect(status).toBe(0);
      const names = readdirSync(w.path(folder)).sort();
      expect(names.map((name) => name.replace(/^p\d+-/, ''))).toEqual(['00-input.weld', '01-fuse-vertical.weld']);
      const [before, after] = await Promise.all(
        names.map((n) => w.run(['run', w.path(`${folder}/${n}`), '--args', '[[1, 2]]'])),
      );
      expect([before?.out, after?.out]).toEqual(['6\n', '6\n']);
    }
    const nowhere = await w.run(['explain', fused], { env: { WELD_DUMP: w.path('fused.weld') } });
    expect(nowhere.status).toBe(2);
    expect(nowhere.err).toMatch(
      /^error\[W8006\]: WELD_DUMP: cannot write fused\.weld\/p\d+-00-input\.weld: .*\n {2}= help: name a folder to write to\n$/,
    );
  });

  it('help and version', async () => {
    expect(USAGE).toMatchInlineSnapshot(`
      "usage: weldc COMMAND FILE.weld [options]
             weldc build FILE.weld -o DIR; weldc bench DIR [options]
             weldc repl [FILE.weld] [options]

      commands
        run      run a program and print its value
        check    say whether a program is right, and everything that is wrong with it
        fmt      print a program let-normalised: macros expanded, one operation a let
        explain  show the passes, what they save, the fused program and the lowering decisions
        bisect   find the rewrite of a pass that makes the result of a program wrong
        build    compile a program, or the lazy value that a module exports, into a folder (an artifact)
        bench    run an artifact on made-up or given data and say how long it takes
        repl     read definitions and expressions, print their values; :help there says more

      options
        --args JSON       arguments of the program, a JSON array with one value each
                          (run; default []. bisect, bench; default made up)
        --target TARGET   wasm or interp, the reference interpreter; bisect compares both unless interp
                          is asked for (run, bisect, repl; default WELD_TARGET, else wasm, in repl interp)
        --threads N       threads to use (run, bisect, bench, repl; default all cores, or WELD_THREADS)
        --fuel N          how many lets and iterations a run may take (run, bisect, repl; interp only)
        --memory BYTES    how much memory a run may hold: 65536, 64K, 16M, 2G; above 4G on engines with
                          memory64 (run, bisect, bench, repl; build: what the sessions that load it may)
        --fast-math       let passes use rules that hold over the real numbers only: results may differ
                          by more than rounding (run, explain, bisect, build, repl; generated code only)
        --compact         print the text as it is on one line, without comments: aliases are replaced,
                          macros are not expanded, their definitions come first (fmt)
        --diff            show the lines that each pass changed (explain)
        --html FILE       write a page with the program before and after each pass (explain)
        -o, --out DIR     the folder to write (build)
        --stream NAMES    parameters that may come in batches, by name or number: x,y or 1,3 (build)
        -O, --optimize    also run binaryen's optimiser over the machine code, which takes a while (build)
        --n N             elements of each made-up vector (bench; default 1000000)
        --seed N          of made-up data (bench; default 1)
        --runs N          timed runs (bench; default 10)
        --batch ROWS      run by the stages of a stream, in batches of so many rows (bench)
        --json            print one JSON object; repl: one for each input
        -h, --help        this text
        --version         the version
        FILE may be - for standard input (not in repl)

      exit status
        0  there is a result
        1  the program is wrong or failed; bisect: a pass or the code generator is wrong;
           repl without a terminal: some input failed
        2  the command line or the arguments are wrong, or the file cannot be read

      example
        weldc run sum.weld --args '[[1, 2, 3], 10]'
      "
    `);
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
    [['run', `/${'x'.repeat(300)}`], `cannot read /${'x'.repeat(300)}: the name is too long`],
    [['run', ''], 'the name of the file is empty'],
    [['run', 'a\0b'], 'cannot read a\0b: that is no name of a file'],
    [['check', picture], 'cannot read picture.weld: it is no UTF-8 text'],
    [['rpel'], 'unknown command rpel, did you mean repl?; see weldc --help'],
    [['check', sum, '--compact'], 'check takes no --compact; see weldc --help'],
    [['fmt', sum, '--fuel', '3'], 'fmt takes no --fuel; see weldc --help'],
    [['run', sum, '--compcat'], 'unknown option --compcat, did you mean --compact?; see weldc --help'],
    [['run', sum, '--json=yes'], "Option '--json' does not take an argument; see weldc --help"],
    [['run', sum, '--fuel', '10'], '--fuel is counted by the interpreter only: add --target interp'],
    [['run', sum, '--fuel', '-3'], '--fuel needs a value: a value like -3 is written --fuel=-3'],
    [['run', sum, '--fuel=-3'], '--fuel must be a whole number of at least 0, found -3'],
    [['run', sum, '--fuel', '1e3'], '--fuel must be a whole number of at least 0, found 1e3'],
    [['run', sum, '--memory', '0'], '--memory must be a number of bytes such as 65536, 64K, 16M or 2G, found 0'],
    [['run', sum, '--memory', '5T'], '--memory must be a number of bytes such as 65536, 64K, 16M or 2G, found 5T'],
    [['run', sum, '--memory='], '--memory must be a number of bytes such as 65536, 64K, 16M or 2G, found nothing'],
    [
      ['run', sum, '--args', `${'['.repeat(60000)}${']'.repeat(60000)}`],
      `--args nests more than 1000 deep: ${'['.repeat(57)}...`,
    ],
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
    [['fmt', sum, '--diff'], 'fmt takes no --diff; see weldc --help'],
    [['run', sum, '--html', 'x.html'], 'run takes no --html; see weldc --help'],
    [['explain', sum, '--html='], '--html needs the name of a file to write'],
    [['explain', sum, '--html'], '--html needs a value'],
    [['explain', sum, '--html', '/nowhere/x.html'], 'cannot write /nowhere/x.html: there is no such file'],
    [['explain', sum, '--html', '/'], 'cannot write /: it is a directory, a file is needed'],
    [['explain', sum, '--args', '[]'], 'explain takes no --args; see weldc --help'],
    [['explian', sum], 'unknown command explian, did you mean explain?; see weldc --help'],
    [['bisekt', sum], 'unknown command bisekt, did you mean bisect?; see weldc --help'],
    [['bisect'], 'bisect needs a file: weldc bisect FILE.weld'],
    [['bisect', sum, '--html', 'x'], 'bisect takes no --html; see weldc --help'],
    [
      ['bisect', sum, '--args', '3'],
      `--args must be a JSON array with one value a parameter, found 3; for example --args '[[1, 2, 3], 10]'`,
    ],
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
    expect(JSON.parse(json.out)).toEqual(failure(null, 'UsageError', message, null));
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
      // Only check counts.
      const count = command === 'check' ? ['', '1 error'] : [];
      expect(await answer([command, mistyped])).toEqual([
        1,
        '',
        [
          'error[W2001]: both sides of * must have one type, found f64 and i32',
          ' --> type.weld:2:51',
          '  |',
          '2 |   result(for(x, merger[f64,+], |b, i, e| merge(b, e * 2)))',
          '  |                                                   ^^^^^',
          '  = help: convert with f64(..)',
          ...count,
          '',
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
        '  |                                                            ^',
        '',
        '1 error\n',
      ].join('\n'),
    );
    const span = { source: 'syntax.weld', start: 73, end: 73, line: 2, column: 60, endLine: 2, endColumn: 60 };
    expect(JSON.parse((await w.run(['check', broken, '--json'])).out)).toEqual(
      failure('W1002', 'CompileError', 'expected ")", found the end of the text', span),
    );
  });

  it('check lists all mistakes of a text and counts them', async () => {
    const text = '|x: vec[i64], y: f6|\n  let a = x +;\n  let b = len(x, x);\n  b ++ 1L\n';
    expect(await answer(['check', w.file('many.weld', text)])).toEqual([
      1,
      '',
      [
        'error[W2003]: unknown type f6',
        ' --> many.weld:1:18',
        '  |',
        '1 | |x: vec[i64], y: f6|',
        '  |                  ^^',
        '  = help: did you mean f64?',
        '',
        'error[W1002]: expected an expression, found ";"',
        ' --> many.weld:2:14',
        '  |',
        '2 |   let a = x +;',
        '  |              ^',
        '',
        'error[W2005]: len takes 1 argument, found 2',
        ' --> many.weld:3:11',
        '  |',
        '3 |   let b = len(x, x);',
        '  |           ^^^^^^^^^',
        '',
        'error[W1002]: expected an expression, found "+"',
        ' --> many.weld:4:6',
        '  |',
        '4 |   b ++ 1L',
        '  |      ^',
        '',
        '4 errors',
        '',
      ].join('\n'),
    ]);
    const json: unknown = JSON.parse((await w.run(['check', 'many.weld', '--json'])).out);
    expect(json).toMatchObject({
      ok: false,
      diagnostics: [
        { code: 'W2003', span: { line: 1, column: 18, endColumn: 20 }, help: 'did you mean f64?' },
        { code: 'W1002', span: { line: 2, column: 14 } },
        { code: 'W2005', span: { line: 3, column: 11 } },
        { code: 'W1002', span: { line: 4, column: 6 } },
      ],
    });
  });

  it('labels, notes and help are part of the JSON', async () => {
    const text = '|b: merger[i64,+]|\n  let c = merge(b, 1L);\n  merge(b, 2L)\n';
    const answered = await w.run(['check', '-', '--json'], { stdin: text });
    expect(answered.status).toBe(1);
    expect(answered.out.split('\n').length).toBe(2);
    const at = (start: number, end: number, line: number, column: number) => {
      return { source: '<stdin>', start, end, line, column, endLine: line, endColumn: column + end - start };
    };
    const common = { kind: 'CompileError', severity: 'error', notes: [] };
    expect(JSON.parse(answered.out)).toEqual({
      ok: false,
      diagnostics: [
        {
          ...common,
          code: 'W3001',
          message: "builder 'b' is used a second time on one path",
          span: at(45, 57, 3, 3),
          labels: [{ span: at(29, 41, 2, 11), text: 'used up here' }],
          help: 'use the builder that merge, for or if gives back',
        },
        {
          ...common,
          code: 'W3002',
          message: "builder 'c' of type merger[i64,+] is dropped",
          span: at(29, 41, 2, 11),
          labels: [],
          help: 'take its result, or return it',
        },
      ],
    });
  });

  it('texts of any size end in a result or a diagnostic', async () => {
    const nested = `|x: i64| ${'('.repeat(100_000)}x${')'.repeat(100_000)}`;
    for (const command of ['check', 'fmt', 'run']) {
      const { status, err } = await w.run([command, '-'], { stdin: nested });
      expect(status).toBe(1);
      expect(err).toMatch(/^error\[W1004\]: the text nests more than 200 deep\n --> <stdin>:1:2\d\d\n/);
    }
    const sumOf = `|x: i64| ${Array.from({ length: 10_000 }, () => 'x').join(' + ')}`;
    expect(await answer(['check', '-'], { stdin: sumOf })).toEqual([0, 'ok: |i64|(i64)\n', '']);
    expect((await w.run(['fmt', '-', '--compact'], { stdin: sumOf })).status).toBe(0);
  });

  it('an empty file', async () => {
    expect((await w.run(['run', '-'])).err).toMatch(
      /^error\[W1002\]: the text is empty: there is no program\n --> <stdin>:1:1/,
    );
  });

  it('builders at the border of the program', async () => {
    expect(await answer(['check', builder])).toEqual([0, 'ok: |vec[f64]|(merger[f64,+])\n', '']);
    for (const command of ['explain', 'run']) {
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
