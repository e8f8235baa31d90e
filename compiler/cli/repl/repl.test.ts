/** Sessions of the repl, as whole transcripts. */

import { afterAll, describe, expect, it } from 'vitest';
import { replTranscript } from '../../testing/repl.ts';
import { weldc } from '../../testing/weldc.ts';
import { HELP } from './help.ts';

const w = weldc();
afterAll(() => w.clean());

/** Holds a session against its transcript, which stands in the test with an indentation. */
async function holds(transcript: string, options: Parameters<typeof replTranscript>[1] = {}): Promise<void> {
  const lines = transcript.split('\n').slice(1, -1);
  const indent = Math.min(...lines.filter((l) => l.trim() !== '').map((l) => l.search(/\S/)));
  // A continuation prompt begins with blanks.
  const depth = lines.some((l) => l.startsWith(`${' '.repeat(indent)}...`)) ? indent - 2 : indent;
  const wanted = `${lines.map((l) => l.slice(depth)).join('\n')}\n`;
  expect(await replTranscript(wanted, options)).toBe(wanted);
}

describe('expressions and definitions', () => {
  it('values keep their types, and a later definition replaces an earlier one', () =>
    holds(`
      weld> let x = [1, 2, 3];
      x: vec[i32] = [1,2,3]
      weld> map(x, |e| f64(e) * 1.5)
      [1.5,3,4.5]: vec[f64]
      weld> let n = len(x); let m: i64 = n * 2L; n + m
      n: i64 = 3
      m: i64 = 6
      9: i64
      weld> let x = x.$0;
      error[W2002]: .$0 needs a struct with that field, found vec[i32]
       --> <4>:1:9
        |
      1 | let x = x.$0;
        |         ^^^^
      weld> let x = {lookup(x, 0L), -0.0, 0.0 / 0.0, 9223372036854775807L};
      x: {i32,f64,f64,i64} = [1,"-0","NaN","9223372036854775807"]
      weld> x.$0
      1: i32
    `));

  it('macros, functions and types', () =>
    holds(`
      weld> macro twice(a) = a + a;
      macro twice(a)
      weld> macro again(a) = twice(twice(a));
      macro again(a)
      weld> again(1L)
      4: i64
      weld> macro twice(a) = a * a;
      macro twice(a)
      weld> again(3L)
      81: i64
      weld> let k = 10L;
      k: i64 = 10
      weld> let f = (|a: i64, b: i64| (a - b) * k);
      f: |i64,i64|(i64)
      weld> f(5L, 2L)
      30: i64
      weld> let id = (|a| a);
      id: of any types that fit
      weld> {id(1), id("ab")}
      [1,[97,98]]: {i32,vec[i8]}
      weld> let f = 3;
      f: i32 = 3
      weld> f(1L, 2L)
      error[W2005]: only a lambda or a macro can be called
       --> <12>:1:1
        |
      1 | f(1L, 2L)
        | ^
      weld> |a: i64| a + k
      a function: |i64|(i64)
      weld> type point = {f64,f64};
      type point = {f64,f64}
      weld> type path = vec[point];
      type path = vec[{f64,f64}]
      weld> type point = i8;
      type point = i8
      weld> let p: path = [];
      p: vec[{f64,f64}] = []
      weld> let q: point = 7c;
      q: i8 = 7
    `));

  it('an unknown name is compared with what there is', () =>
    holds(`
      weld> let price = 3; let unrelated = 4;
      price: i32 = 3
      unrelated: i32 = 4
      weld> pirce * 2
      error[W2003]: unknown name pirce
       --> <2>:1:1
        |
      1 | pirce * 2
        | ^^^^^
        = help: did you mean price?
      weld> let a = 1; a + b
      a: i32 = 1
      error[W2003]: unknown name b
       --> <3>:1:16
        |
      1 | let a = 1; a + b
        |                ^
      weld> a
      1: i32
    `));

  it('a variable of a loop or a lambda hides that of the session', () =>
    holds(`
      weld> let x = 1L; let e = 2L; let b = 3L;
      x: i64 = 1
      e: i64 = 2
      b: i64 = 3
      weld> map([10L, 20L], |x| x + e)
      [12,22]: vec[i64]
      weld> (let e = x + 1L; e * e) + e
      6: i64
    `));

  it('builders are values: using one uses a copy', () =>
    holds(`
      weld> let b = appender[i64];
      b: appender[i64] = unfinished
      weld> let c = for([1L, 2L], b, |b, i, e| merge(b, e * 10L));
      c: appender[i64] = unfinished
      weld> {result(b), result(merge(c, 7L)), result(c)}
      error[W3001]: builder 'c' is used a second time on one path
       --> <3>:1:35
        |
      1 | {result(b), result(merge(c, 7L)), result(c)}
        |                                   ^^^^^^^^^
       ::: <3>:1:20
        |
      1 | {result(b), result(merge(c, 7L)), result(c)}
        |                    ^^^^^^^^^^^^ used up here
        = help: use the builder that merge, for or if gives back
      weld> result(merge(c, 7L))
      [10,20,7]: vec[i64]
      weld> result(c)
      [10,20]: vec[i64]
      weld> {c, 1L}
      unfinished: {appender[i64],i64}
      weld> :target wasm
      target wasm
      weld> result(c)
      error[W5001]: machine code gives and takes no unfinished builder yet, found appender[i64]
        = help: evaluate it on the interpreter (:target interp), or finish it with result(..)
    `));

  it('long values are cut', async () => {
    const text = await replTranscript('weld> result(for(rangeiter(0L, 5000L, 1L), appender, |b, i, e| merge(b, e)))\n');
    expect(text.split('\n')[1]).toBe('[0,1,2,3,4,5,6,7,8,9, ... 5000 elements]: vec[i64]');
    const struct = await replTranscript(
      'weld> {1, result(for(rangeiter(0L, 5000L, 1L), appender, |b, i, e| merge(b, e)))}\n',
    );
    expect(struct).toMatch(/^\[1,\[0,1,.{1992} \.\.\. \(23895 characters\): \{i32,vec\[i64\]\}$/m);
  });
});

describe('an input goes on while it is not whole', () => {
  it('brackets, operators, definitions, bodies of lambdas', () =>
    holds(`
      weld> let v = [
        ...   1,   # one
        ...   2
        ... ];
      v: vec[i32] = [1,2]
      weld> 1 +
        ... 2
      3: i32
      weld> let a =
        ... 5
        ... ;
      a: i32 = 5
      weld> macro add(x, y) =
        ...   let s = x + y;
        ...   s;
      macro add(x, y)
      weld> |x: vec[f64]|
        ...   let t = map(x, |e| e * 2.0);
        ...   sum(t)
      a function: |vec[f64]|(f64)
      weld> "abc
        ... d"
      [97,98,99,10,100]: vec[i8]
      weld> :type map(v,
        ...   |e| f64(e))
      vec[f64]
    `));

  it('what is wrong already is answered at once', () =>
    holds(`
      weld> foo(1 2
      error[W1002]: expected ")", found "2"
       --> <1>:1:7
        |
      1 | foo(1 2
        |       ^
      weld> 1 ~ (
      error[W1001]: "~" starts no token
       --> <2>:1:3
        |
      1 | 1 ~ (
        |   ^
      weld> 1 )
      error[W1002]: expected the end of the text, found ")"
       --> <3>:1:3
        |
      1 | 1 )
        |   ^
    `));

  it('an empty line ends it as it is, Ctrl-C drops it', () =>
    holds(`
      weld> let y = 5
        ...
      error[W1002]: expected ";", found the end of the text
       --> <1>:1:10
        |
      1 | let y = 5
        |          ^
      weld> for([1],
        ... appender^C
      (dropped)
      weld> for([1],
        ... ^C
      (dropped)
      weld> garbage^C
      (dropped)
      weld> ^C
      Ctrl-C once more, Ctrl-D or :quit to leave
      weld> 1
      1: i32
      weld> ^C
      Ctrl-C once more, Ctrl-D or :quit to leave
      weld> ^C
    `));

  it('empty lines and comments are no inputs', () =>
    holds(`
      weld>
      weld> # nothing
      weld> 1 # one
      1: i32
      weld> :history
      1  1 # one
      2  :history
    `));

  it('the end of the lines ends the last input', async () => {
    const { status, all } = await w.run(['repl'], { stdin: '1 +\n2 *' });
    expect(status).toBe(1);
    expect(all).toBe(
      'error[W1002]: expected an expression, found the end of the text\n --> <1>:2:4\n  |\n2 | 2 *\n  |    ^\n',
    );
  });
});

describe('commands', () => {
  it(':type, with places in the line as it was typed', () =>
    holds(`
      weld> let v = [1.0];
      v: vec[f64] = [1]
      weld> :type v
      vec[f64]
      weld> :type for(v, merger[f64,+], |b, i, e| merge(b, e))
      merger[f64,+]
      weld> :type |x: vec[i64]| sum(x)
      |vec[i64]|(i64)
      weld> :type || v
      ||(vec[f64])
      weld> :type v + 1.0
      error[W2001]: both sides of + must have one type, found vec[f64] and f64
       --> <6>:1:7
        |
      1 | :type v + 1.0
        |       ^^^^^^^
      weld> :type
      weldc: an expression is missing
      weld> :type let x = 1;
      weldc: an expression is missing: there are definitions only
    `));

  it(':passes shows what changed', async () => {
    const text = await replTranscript(
      [
        'weld> :passes',
        'weld> let v = [1, 2, 3];',
        'weld> let doubled = (|d: vec[i32]| result(for(d, appender[i32], |b, i, e| merge(b, e * 2))));',
        'weld> result(for(doubled(v), merger[i32,+], |b, i, e| merge(b, e)))',
        'weld> :passes',
        'weld> :passes merge(merger[i64,+], 1L + 1L)',
      ].join('\n'),
    );
    // How many runs there are is up to the pipeline.
    expect(text.replace(/^\d+ more runs/gm, 'N more runs')).toBe(
      [
        'weld> :passes',
        'weldc: nothing has been evaluated yet: give an expression, :passes EXPR',
        'weld> let v = [1, 2, 3];',
        'v: vec[i32] = [1,2,3]',
        'weld> let doubled = (|d: vec[i32]| result(for(d, appender[i32], |b, i, e| merge(b, e * 2))));',
        'doubled: |vec[i32]|(vec[i32])',
        'weld> result(for(doubled(v), merger[i32,+], |b, i, e| merge(b, e)))',
        '12: i32',
        'weld> :passes',
        'loops: 2 before, 1 after',
        'fuse-vertical  lets 9 -> 5, loops 2 -> 1  [pull-map]',
        '    -   let b = appender[i32];',
        '    +   let b = merger[i32,+];',
        '    -   let b4 = merger[i32,+];',
        '    -   let b5 = for(r, b4, |b6, i1, e1|',
        '    -     let b7 = merge(b6, e1);',
        '    -     b7);',
        '    -   let r1 = result(b5);',
        '    -   r1',
        '    +   r',
        'N more runs changed nothing',
        'weld> :passes merge(merger[i64,+], 1L + 1L)',
        'loops: 0 before, 0 after',
        'fold  lets 3 -> 2  [bin-constant]',
        '    -   let t = 1L + 1L;',
        '    -   let b1 = merge(b, t);',
        '    +   let b1 = merge(b, 2L);',
        'N more runs changed nothing',
        '',
      ].join('\n'),
    );
  });

  it(':explain', async () => {
    const text = await replTranscript('weld> let v = [1.5];\nweld> :explain sum(v)\nweld> :explain appender[i64]\n');
    expect(text).toContain('loops: 1 before, 1 after\nbytes moved: 8.0 MB before, 8.0 MB after (');
    expect(text).toContain('\nprogram after the passes\n|v: vec[f64]|\n  let b = merger[f64,+];\n');
    expect(text).toContain('registers, one partial a part (a merger of scalars)');
    expect(text).toContain(
      'error[W3002]: the value of the program is an unfinished builder, appender[i64]\n --> <3>:1:10',
    );
  });

  it(':vars, :history and :reset', () =>
    holds(`
      weld> :vars
      nothing is defined
      weld> type t = vec[i64]; macro m(a, b) = a + b; let v: t = [1L]; let b = merger[i64,+];
      type t = vec[i64]
      macro m(a, b)
      v: vec[i64] = [1]
      b: merger[i64,+] = unfinished
      weld> let f = (|x: i64|
        ...   x);
      f: |i64|(i64)
      weld> :vars
      type t = vec[i64]
      macro m(a,b)=(a+b);
      f: |i64|(i64)
      v: vec[i64] = [1]
      b: merger[i64,+] = unfinished
      weld> :history
      1  :vars
      2  type t = vec[i64]; macro m(a, b) = a + b; let v: t = [1L]; let b = merger[i64,+];
      3  let f = (|x: i64|
           x);
      4  :vars
      5  :history
      weld> :reset
      all definitions are forgotten
      weld> v
      error[W2003]: unknown name v
       --> <7>:1:1
        |
      1 | v
        | ^
      weld> m(1, 2)
      error[W2003]: unknown name m
       --> <8>:1:1
        |
      1 | m(1, 2)
        | ^
    `));

  it(':load', async () => {
    const text =
      'type v = vec[f64];\nmacro sq(a) = a * a;\n# the sum of squares\n|x: v| result(for(x, merger[f64,+], |b, i, e| merge(b, sq(e))))\n';
    w.file('sum.weld', text);
    w.file('data.weld', 'let xs = [1.0, 2.0];\nlet n = len(xs);\n');
    w.file('wrong.weld', 'let a = 1;\nlet b = a + 1.0;\n');
    const script = ['data.weld', 'sum.weld', 'wrong.weld', 'nowhere.weld', '']
      .map((name) => `weld> :load ${name === '' ? '' : w.path(name)}`)
      .join('\n');
    const said = await replTranscript(`${script}\nweld> main(xs)\nweld> sq(n)\nweld> a\n`);
    expect(said.replaceAll(`${w.path('')}/`, '')).toBe(
      [
        'weld> :load data.weld',
        'xs: vec[f64] = [1,2]',
        'n: i64 = 2',
        'weld> :load sum.weld',
        'type v = vec[f64]',
        'macro sq(a)',
        'main: |vec[f64]|(f64)',
        'weld> :load wrong.weld',
        'a: i32 = 1',
        'error[W2001]: both sides of + must have one type, found i32 and f64',
        ' --> wrong.weld:2:9',
        '  |',
        '2 | let b = a + 1.0;',
        '  |         ^^^^^^^',
        '  = help: convert with i32(..)',
        'weld> :load nowhere.weld',
        'weldc: cannot read nowhere.weld: there is no such file',
        'weld> :load',
        'weldc: a file is missing: :load FILE',
        'weld> main(xs)',
        '5: f64',
        'weld> sq(n)',
        '4: i64',
        'weld> a',
        '1: i32',
        '',
      ].join('\n'),
    );
  });

  it(':target and :threads', () =>
    holds(`
      weld> :target
      target interp
      weld> let v = [1.5, 2.5];
      v: vec[f64] = [1.5,2.5]
      weld> :target wasm
      target wasm
      weld> :threads 2
      threads 2
      weld> sum(map(v, |e| e * 2.0))
      8: f64
      weld> lookup(v, i64(v == [1.5]))
      1.5: f64
      weld> :target gpu
      weldc: :target must be wasm or interp, found gpu
      weld> :threads 0
      weldc: :threads must be a whole number from 1 to 256, found 0
      weld> :target i
      weldc: :target must be wasm or interp, found i
    `));

  it('wrong commands', () =>
    holds(`
      weld> :t
      weldc: :t may be :type or :target or :threads
      weld> :frob
      weldc: unknown command :frob; see :help
      weld> :histry
      weldc: unknown command :histry, did you mean :history?; see :help
      weld> :
      weldc: unknown command :; see :help
      weld> :quit now
      weldc: nothing follows this command, found now
      weld> :json maybe
      weldc: :json is on or off, found maybe
      weld> :q
    `));

  it(':help', async () => {
    expect(await replTranscript('weld> :help\n')).toBe(`weld> :help\n${HELP}`);
    expect(HELP).toMatchInlineSnapshot(`
      "An input is an expression, or definitions, or definitions and an expression behind them. It goes on in the next
      line while it is not whole; an empty line ends it as it is, Ctrl-C drops it. A later definition of a name replaces
      the earlier one. Values are JSON, with their type.

        let x = [1, 2, 3];           a value; a builder, too: each use of it is a use of a copy
        let f = (|a: i64| a + 1L);   a function, to be called: f(2L)
        macro twice(a) = a + a;      a macro
        type point = {f64,f64};      a type
        map(x, |e| e * 2)            an expression is evaluated

        :type EXPR       the type of an expression
        :passes [EXPR]   what each pass changes in it, or in the one evaluated last, and how many loops are left
        :explain EXPR    the passes, the fused program and the lowering decisions
        :load FILE       evaluate a file; a program that is a function becomes main
        :vars            what is defined
        :history         the inputs so far
        :reset           forget what is defined
        :target [NAME]   where programs run: interp or wasm
        :threads [N]     the most threads that wasm uses
        :json on|off     answer each input with one JSON object
        :help            this text
        :quit            leave, as Ctrl-D does

      A command may be shortened, :q. While something runs, Ctrl-C ends weldc; --fuel N limits what an input may take.
      "
    `);
  });
});

describe('errors while running', () => {
  it('have their place, and the session goes on', () =>
    holds(`
      weld> let v = [1, 2];
      v: vec[i32] = [1,2]
      weld> let w = map(v, |e| 10 / (e - 2));
      error[W6005]: integer division by zero
       --> <2>:1:20
        |
      1 | let w = map(v, |e| 10 / (e - 2));
        |                    ^^^^^^^^^^^
        = help: guard the divisor with select or if
      weld> v
      [1,2]: vec[i32]
    `));

  it('fuel and memory end an input, not the session', () =>
    holds(
      `
      weld> iterate(0L, |i| {i + 1L, true})
      error[W6007]: the program used up its fuel
       --> <1>:1:1
        |
      1 | iterate(0L, |i| {i + 1L, true})
        | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        = help: give more fuel or less data
      weld> 1 + 1
      2: i32
      weld> :target wasm
      weldc: --fuel is counted by the interpreter only: start weldc repl without it for :target wasm
    `,
      { fuel: 1000 },
    ));

  it('a text that nests deep, and one that is long', async () => {
    const deep = await replTranscript(`weld> ${'('.repeat(5000)}1${')'.repeat(5000)}\nweld> 1\n`);
    expect(deep).toMatch(/^error\[W1004\]: the text nests more than 200 deep\n --> <1>:1:20\d\n/m);
    expect(deep.endsWith('weld> 1\n1: i32\n')).toBe(true);
    const long = await replTranscript(
      `weld> let x = 1L;\nweld> ${Array.from({ length: 5000 }, () => 'x').join(' + ')}\n`,
    );
    expect(long.endsWith('\n5000: i64\n')).toBe(true);
  });
});
