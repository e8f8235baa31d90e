/** The repl on a terminal, on a pipe, and with a history: what `repl.test.ts`, which types ahead, does not see. */

import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { afterAll, describe, expect, it } from 'vitest';
import { weldc } from '../../testing/weldc.ts';
import { main } from '../main.ts';

const w = weldc();
afterAll(() => w.clean());

/** What a terminal shows, without the sequences that move the cursor. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what they are made of.
const plain = (text: string): string => text.replace(/\x1b\[\d*[A-Za-z]/g, '').replace(/\r/g, '');

/** Types `keys`, each when the terminal has shown the text before it, and gives the status and what is shown. */
async function type(keys: readonly (readonly [string, string])[], env: Record<string, string> = {}) {
  const [input, output] = [new PassThrough(), new PassThrough()];
  let shown = '';
  let from = 0;
  const waiting = [...keys];
  const show = (text: string): void => {
    shown += text;
    const [next] = waiting;
    const at = next === undefined ? -1 : plain(shown).indexOf(next[0], from);
    if (next === undefined || at === -1) return;
    waiting.shift();
    from = at + next[0].length;
    setImmediate(() => input.write(next[1]));
  };
  output.on('data', (chunk: Buffer) => show(chunk.toString()));
  const status = await main(['repl'], {
    out: show,
    err: show,
    stdin: () => '',
    console: () => ({ input, output, terminal: true }),
    env,
  });
  expect(waiting).toEqual([]);
  return { status, shown: plain(shown) };
}

const CTRL_C = '\x03';
const CTRL_D = '\x04';
const UP = '\x1b[A';

describe('on a terminal', () => {
  it('there are prompts, and Ctrl-D leaves with status 0 whatever failed', async () => {
    const { status, shown } = await type([
      ['weld> ', 'let x = 1 +\r'],
      ['  ... ', '2;\r'],
      ['x: i32 = 3\nweld> ', 'y\r'],
      ['  | ^\nweld> ', CTRL_D],
    ]);
    expect(status).toBe(0);
    expect(shown).toMatch(/^weldc \S+; :help for help, :quit to leave\nweld> /);
    expect(shown).toContain('error[W2003]: unknown name y\n --> <2>:1:1\n');
    expect(shown.endsWith('weld> \n')).toBe(true);
  });

  it('Ctrl-C drops what is typed, and leaves when it comes twice on an empty line', async () => {
    const { status, shown } = await type([
      ['weld> ', `1 + 1${CTRL_C}`],
      ['(dropped)\nweld> ', 'for(\r'],
      ['  ... ', CTRL_C],
      ['(dropped)\nweld> ', '2 + 2\r'],
      ['4: i32\nweld> ', CTRL_C],
      ['Ctrl-C once more, Ctrl-D or :quit to leave\nweld> ', CTRL_C],
    ]);
    expect(status).toBe(0);
    expect(shown).not.toContain('2: i32\n');
  });

  it('lines can be called back, and names completed', async () => {
    const { shown } = await type([
      ['weld> ', 'let abc = 41;\r'],
      ['weld> ', 'ab'],
      ['ab', '\t'],
      ['c', ' + 1\r'],
      ['42: i32\nweld> ', `${UP}\r`],
      ['42: i32\nweld> ', ':qu'],
      [':qu', '\t'],
      ['it', '\r'],
    ]);
    expect(shown).toContain('weld> abc + 1');
    expect(shown).toContain('weld> :quit');
  });

  it('pasted lines are answered one after the other', async () => {
    const { shown } = await type([['weld> ', 'let a = 1;\rlet b = a + 1;\ra + b\r:quit\r']]);
    expect(shown.match(/^(a|b|\d): .*$|^\w: .* = .*$/gm)).toEqual(['a: i32 = 1', 'b: i32 = 2', '3: i32']);
  });
});

describe('history', () => {
  it('is kept in the file that WELD_HISTORY names, one line a line', async () => {
    const path = w.path('history');
    const stdin = 'let x = 1 +\n2;\n\nx\n';
    expect((await w.run(['repl'], { stdin })).all).toBe('x: i32 = 3\n3: i32\n');
    expect(existsSync(path)).toBe(false);
    await w.run(['repl'], { stdin, env: { WELD_HISTORY: path } });
    await w.run(['repl'], { stdin: ':vars\n', env: { WELD_HISTORY: path } });
    expect(readFileSync(path, 'utf8')).toBe('let x = 1 +\n2;\nx\n:vars\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const { shown } = await type(
      [
        ['weld> ', `${UP}${UP}`],
        ['weld> x', `\r${CTRL_D}`],
      ],
      { WELD_HISTORY: path },
    );
    expect(shown).toContain('unknown name x');
  });

  it('keeps the last thousand lines', async () => {
    const path = w.path('long');
    writeFileSync(path, Array.from({ length: 1500 }, (_, k) => `${k}\n`).join(''));
    await w.run(['repl'], { stdin: '7\n', env: { WELD_HISTORY: path } });
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    expect([lines.length, lines[0], lines.at(-1)]).toEqual([1001, '500', '7']);
  });

  it('that cannot be kept is said once', async () => {
    const env = { WELD_HISTORY: w.path('no/such/folder') };
    const { status, all } = await w.run(['repl'], { stdin: '1\n2\n', env });
    expect([status, all]).toEqual([
      0,
      'weldc: no history is kept: WELD_HISTORY is no/such/folder (ENOENT)\n1: i32\n2: i32\n',
    ]);
  });
});

describe('without a terminal', () => {
  it('there are no prompts; answers and errors go apart; the status tells of failures', async () => {
    expect(await w.run(['repl'], { stdin: '1 + 1\n:type 2L\n' })).toMatchObject({
      status: 0,
      out: '2: i32\ni64\n',
      err: '',
    });
    expect(await w.run(['repl'], { stdin: 'x\n1\n:quit\n2\n' })).toMatchObject({
      status: 1,
      out: '1: i32\n',
      err: 'error[W2003]: unknown name x\n --> <1>:1:1\n  |\n1 | x\n  | ^\n',
    });
    expect(await w.run(['repl'], { stdin: '' })).toMatchObject({ status: 0, all: '' });
  });

  it('a file is evaluated first', async () => {
    w.file('start.weld', 'let x = 2.0;\n|y: f64| x * y');
    expect(await w.run(['repl', 'start.weld'], { stdin: 'main(4.0)\n' })).toMatchObject({
      status: 0,
      all: 'x: f64 = 2\nmain: |f64|(f64)\n8: f64\n',
    });
    w.file('bad.weld', 'let x = 2.0;\nlet y = x + 1;\n');
    expect(await w.run(['repl', 'bad.weld'], { stdin: 'x\n' })).toMatchObject({
      status: 1,
      out: 'x: f64 = 2\n2: f64\n',
      err: expect.stringMatching(/^error\[W2001\]: .*\n --> bad\.weld:2:9\n/),
    });
  });

  it('--json gives one object for each input', async () => {
    w.file('start.weld', 'type t = i64;\nmacro m(a) = a;\nlet x = 2L;\n');
    const stdin = [
      'let b = merger[i64,+]; let f = (|a: i64| a); x + 1L',
      'result(merge(b, 5L))',
      'merge(b, 5L)',
      '|a: i64| a',
      'lookup([1], x)',
      'let y = 1; y +',
      '',
      ':type x',
      ':vars',
      ':target',
      ':oops',
      ':json off',
      'x',
    ].join('\n');
    const { status, out, err } = await w.run(['repl', 'start.weld', '--json'], { stdin });
    expect([status, err]).toEqual([1, '']);
    const lines = out.trimEnd().split('\n');
    const value = (name: string, type: string, v: unknown) => ({ kind: 'value', name, type, value: v });
    const span = (start: number, end: number, line: number, column: number, endColumn: number, source: string) => {
      return { source, start, end, line, column, endLine: line, endColumn };
    };
    const failed = (code: string | null, kind: string, message: string, at: unknown, help: string | null = null) => ({
      ok: false,
      diagnostics: [{ code, kind, severity: 'error', message, span: at, labels: [], notes: [], help }],
    });
    expect(lines.slice(0, -1).map((l): unknown => JSON.parse(l))).toEqual([
      {
        input: 0,
        ok: true,
        defined: [
          { kind: 'type', name: 't', type: 'i64' },
          { kind: 'macro', name: 'm', params: ['a'] },
          value('x', 'i64', 2),
        ],
      },
      {
        input: 1,
        ok: true,
        defined: [
          { ...value('b', 'merger[i64,+]', null), unfinished: true },
          { kind: 'function', name: 'f', type: '|i64|(i64)' },
        ],
        type: 'i64',
        value: 3,
      },
      { input: 2, ok: true, type: 'i64', value: 5 },
      { input: 3, ok: true, type: 'merger[i64,+]', value: null, unfinished: true },
      { input: 4, ok: true, kind: 'function', type: '|i64|(i64)' },
      {
        input: 5,
        ...failed(
          'W6001',
          'ArrayOutOfBounds',
          'lookup: index 2 is outside a vector of length 1',
          span(0, 14, 1, 1, 15, '<5>'),
          'check the index against len first, or clamp it',
        ),
      },
      {
        input: 6,
        ...failed(
          'W1002',
          'CompileError',
          'expected an expression, found the end of the text',
          span(14, 14, 1, 15, 15, '<6>'),
        ),
      },
      { input: 7, ok: true, type: 'i64' },
      {
        input: 8,
        ok: true,
        types: [{ name: 't', type: 'i64' }],
        macros: [{ name: 'm', params: ['a'] }],
        functions: [{ name: 'f', type: '|i64|(i64)' }],
        variables: [
          { name: 'x', type: 'i64' },
          { name: 'b', type: 'merger[i64,+]' },
        ],
      },
      { input: 9, ok: true, target: 'interp' },
      { input: 10, ...failed(null, 'UsageError', 'unknown command :oops; see :help', null) },
    ]);
    expect(lines.at(-1)).toBe('2: i64');
  });

  it('wrong command lines', async () => {
    const said = async (...argv: string[]) => {
      const { status, all } = await w.run(argv);
      return [status, all];
    };
    expect(await said('repl', '/nowhere')).toEqual([2, 'weldc: cannot read /nowhere: there is no such file\n']);
    expect(await said('repl', '-')).toEqual([
      2,
      'weldc: repl reads its inputs from standard input: give a file, or none\n',
    ]);
    expect(await said('repl', '--args', '[]')).toEqual([2, 'weldc: repl takes no --args; see weldc --help\n']);
    expect(await said('repl', '--fuel', '9', '--target', 'wasm')).toEqual([
      2,
      'weldc: --fuel is counted by the interpreter only: add --target interp\n',
    ]);
  });
});
