/** `weldc bisect` as it is met: what is said when all is well, and what of a pass that is broken on purpose. */

import { afterAll, describe, expect, it } from 'vitest';
import type { Step } from '../../passes/pass.ts';
import { weldc } from '../../testing/weldc.ts';
import { parseCommandLine } from '../arguments.ts';
import type { Answer } from '../command.ts';
import { bisectProgram } from './bisect.ts';
import { backwards, shift, withPass } from './broken-fixture.ts';

const w = weldc();
afterAll(() => w.clean());
const TEXT = '|x: vec[i64]|\n  let y = map(x, |e| e + 5L);\n  sum(filter(y, |e| e > 6L))\n';
const file = w.file('sum.weld', TEXT);

/** The command with other passes, which no command line can ask for. */
function bisect(steps: readonly Step[], ...options: string[]): Promise<Answer> {
  const line = parseCommandLine(['bisect', 'sum.weld', ...options], {});
  if (line.do !== 'command') throw new Error('bisect is a command');
  return bisectProgram({ text: TEXT, name: 'sum.weld', options: line.options, env: {}, now: () => 0 }, steps);
}

describe('nothing is wrong', () => {
  it('with arguments that are made up, and with those that are given', async () => {
    const made = await w.run(['bisect', file]);
    expect([made.status, made.err]).toEqual([0, '']);
    expect(made.out).toMatch(
      /^nothing is wrong: \d+ rewrites in \d+ runs of passes, 5 sets of arguments, the interpreter and generated code\n$/,
    );
    const given = await w.run(['bisect', file, '--args', '[[1, 2, 3]]', '--target', 'interp', '--fuel', '10000']);
    expect([given.status, given.err]).toEqual([0, '']);
    expect(given.out).toMatch(
      /^nothing is wrong: .*, 1 set of arguments, the interpreter; generated code was not compared\n$/,
    );
  });

  it('as data', async () => {
    const { out } = await w.run(['bisect', file, '--json', '--target', 'interp']);
    expect(JSON.parse(out)).toEqual({
      ok: true,
      rewrites: expect.any(Number),
      runs: expect.any(Number),
      compared: ['interp'],
      blame: null,
    });
  });

  it('a program without parameters', async () => {
    const constant = w.file('constant.weld', '|| 1 + 2');
    expect((await w.run(['bisect', constant])).out).toMatch(
      /, 1 set of arguments, the interpreter and generated code\n$/,
    );
  });

  it('WELD_DISABLE and WELD_BISECT count', async () => {
    const run = (env: Readonly<Record<string, string>>) =>
      w.run(['bisect', file, '--target', 'interp', '--json'], { env });
    const some: unknown = JSON.parse((await run({ WELD_BISECT: '2' })).out);
    expect(some).toMatchObject({ ok: true, rewrites: 2 });
    expect(await run({ WELD_DISABLE: 'fols' })).toMatchObject({
      status: 2,
      out: expect.stringContaining(`"message":"there is no pass 'fols'"`),
    });
    expect((await run({ WELD_BISECT: 'two' })).out).toContain(
      'WELD_BISECT must be a whole number of at least 0, found \\"two\\"',
    );
  });
});

describe('a broken pass', () => {
  it('is named, with what it changed and how to go on', async () => {
    const { text, status } = await bisect(withPass(shift), '--args', '[[1, 2, 3]]');
    expect(text).toMatchInlineSnapshot(`
      "wrong from rewrite 1 on: pass shift, run 1, rule wrong-sign
        on the interpreter: $: expected 15, found 0
        with --args '[[1,2,3]]'

      -     let t = x1 + 5L;
      +     let t = x1 - 5L;

      WELD_DISABLE=wrong-sign avoids it
      "
    `);
    expect(status).toBe(1);
  });

  it('as data', async () => {
    const { json } = await bisect(withPass(shift));
    expect(json).toEqual({
      rewrites: expect.any(Number),
      runs: expect.any(Number),
      compared: ['interp'],
      blame: {
        number: expect.any(Number),
        pass: 'shift',
        run: 1,
        rules: ['wrong-sign'],
        diff: [expect.stringMatching(/^- .*\+ 5L;$/), expect.stringMatching(/^\+ .*- 5L;$/)],
        target: 'interp',
        difference: expect.stringMatching(/^\$: expected \d+, found \d+$/),
        disable: 'wrong-sign',
        args: [expect.any(Array)],
      },
    });
  });

  it('that leaves no program behind', async () => {
    const { text } = await bisect(withPass(backwards), '--args', '[[1]]');
    expect(text).toMatch(
      /^wrong from rewrite \d+ on: pass backwards, run 1\n {2}on the interpreter: pass backwards broke/,
    );
    expect(text).toMatch(/\nWELD_DISABLE=backwards avoids it\n$/);
  });
});

describe('what bisect refuses', () => {
  it('arguments that do not fit, or for which there is no value', async () => {
    expect(await w.run(['bisect', file, '--args', '[]'])).toMatchObject({
      status: 2,
      err: "error[W8006]: the program takes 1 argument, found 0\n  = help: give --args '[<x: vec[i64]>]', a JSON array\n",
    });
    const first = w.file('first.weld', '|x: vec[i64]| lookup(x, 9000L)');
    expect(await w.run(['bisect', first])).toMatchObject({
      status: 2,
      out: '',
      err: 'weldc: the program has no value for made-up arguments (ArrayOutOfBounds): give --args\n',
    });
    const given = await w.run(['bisect', first, '--args', '[[1]]']);
    expect(given.status).toBe(1);
    expect(given.err).toMatch(
      /^error\[W6001\]: lookup: index 9000 is outside a vector of length 1\n --> first\.weld:1:/,
    );
  });

  it('a program that cannot be run', async () => {
    const builder = w.file('builder.weld', '|x: vec[f64]| for(x, merger[f64,+], |b, i, e| merge(b, e))');
    expect((await w.run(['bisect', builder])).err).toMatch(/^error\[W3002\]/);
    const endless = w.file('endless.weld', '|n: i64| iterate(n, |x| {x + 1L, true})');
    expect((await w.run(['bisect', endless, '--target', 'interp', '--fuel', '1000'])).err).toBe(
      'weldc: the program has no value for made-up arguments (OutOfFuel): give --args\n',
    );
  });
});
