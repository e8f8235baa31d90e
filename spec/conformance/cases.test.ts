/** Case files: what a right one reads as, and the sentence about each way in which one is wrong. */

import { describe, expect, it } from 'vitest';
import type { Json } from '../../compiler/core/json.ts';
import { readCases } from './cases.ts';
import { readDeviations } from './deviations.ts';
import { CaseError } from './fields.ts';

const RUN = {
  name: 'a/b',
  kind: 'run',
  tags: ['x'],
  origin: 'ours',
  program: '|n: i32| n',
  args: [{ type: 'i32', value: 3 }],
  expect: { type: 'i32', value: 3 },
};
const read = (...cases: readonly object[]) => readCases(JSON.stringify(cases), 'c.json');

function mistake(f: () => unknown): string {
  try {
    f();
  } catch (e) {
    if (e instanceof CaseError) return e.message;
    throw e;
  }
  return 'no error';
}

describe('a right file', () => {
  it('is read with its defaults', () => {
    expect(read(RUN)).toMatchObject([{ name: 'a/b', kind: 'run', runs: 1, threads: null, memoryLimitBytes: null }]);
    expect(read({ ...RUN, runs: 3, conf: { threads: 2, memoryLimitBytes: 10 }, note: 'n' })).toMatchObject([
      { runs: 3, threads: 2, memoryLimitBytes: 10 },
    ]);
  });

  it('has values decoded and types interned', () => {
    const [c] = read({ ...RUN, args: [{ type: '{ vec[i8], f64 }', value: ['ab', '-0'] }] });
    if (c?.kind !== 'run') throw new Error('not a run case');
    expect(c.args[0]?.value).toEqual({ kind: 'struct', fields: [[97, 98], -0] });
  });

  it('reads every kind', () => {
    const common = { name: 'n', tags: [], program: 'p' };
    const print = { print: 'p' };
    const kinds: readonly object[] = [
      { ...common, kind: 'parse', expect: { print: 'p', printTyped: 'p:?' } },
      { ...common, kind: 'parse_type', expect: print },
      { ...common, kind: 'parse_program', expect: { ok: true } },
      { ...common, kind: 'parse_program', expect: print },
      { ...common, kind: 'typecheck', expect: { type: '|i32, i64| (f64)' } },
      { ...common, kind: 'macro', macros: 'm', expect: { ...print, compare: 'alpha' } },
      { ...common, kind: 'type_alias', aliases: 'a', expect: print },
      { ...common, kind: 'infer', expect: { error: 'CompileError' } },
    ];
    const cases = kinds.map((k, i) => read({ ...k, name: `n${i}` })[0]);
    expect(cases.map((c) => c !== undefined && 'definitions' in c && c.definitions)).toEqual([
      '',
      '',
      '',
      '',
      '',
      'm',
      'a',
      '',
    ]);
    expect(cases[4]?.expect).toEqual({ expect: 'type', text: '|i32,i64|(f64)' });
    expect(cases[5]?.expect).toEqual({ expect: 'print', plain: 'p', typed: null, alpha: true });
  });
});

describe('a wrong file', () => {
  const wrong: readonly (readonly [string, object, string])[] = [
    ['an unknown field', { ...RUN, prgram: '' }, 'case "a/b": unknown field "prgram"; did you mean \'program\'?'],
    ['an unknown kind', { ...RUN, kind: 'runs' }, 'case "a/b": field "kind" must be one of run, session, parse,'],
    ['a field of another kind', { ...RUN, kind: 'parse', args: [] }, 'case "a/b": unknown field "args"'],
    ['a missing field', { ...RUN, args: undefined }, 'case "a/b": field "args" is missing'],
    ['no name', { ...RUN, name: undefined }, 'case number 1: field "name" is missing'],
    ['a wrong name', { ...RUN, name: 7 }, 'case number 1: field "name" must be a string, found 7'],
    ['wrong tags', { ...RUN, tags: [1] }, 'case "a/b": field "tags[0]" must be a string, found 1'],
    ['no case', [3], 'case number 1: must be an object, found [3]'],
    ['runs', { ...RUN, runs: 0 }, 'case "a/b": field "runs" must be a whole number of at least 1, found 0'],
    [
      'threads',
      { ...RUN, conf: { threads: 1.5 } },
      'case "a/b": field "conf.threads" must be a whole number of at least 1, found 1.5',
    ],
    ['an unknown setting', { ...RUN, conf: { lanes: 4 } }, 'case "a/b": unknown field "conf.lanes"; there is'],
    [
      'a value of another type',
      { ...RUN, args: [{ type: 'vec[i32]', value: [1, 'x'] }] },
      'case "a/b": field "args[0].value": $.[1]: i32 needs an integer, found "x"',
    ],
    ['no type', { ...RUN, args: [{ type: 'i33', value: 1 }] }, 'case "a/b": field "args[0].type": '],
    [
      'an error nobody raises',
      { ...RUN, expect: { error: 'Overflow' } },
      'case "a/b": field "expect.error" must be one of CompileError,',
    ],
    [
      'an error with a value',
      { ...RUN, expect: { error: 'CompileError', value: 1 } },
      'case "a/b": unknown field "expect.value"',
    ],
    [
      'an expected value of another type',
      { ...RUN, expect: { type: '{i32,i32}', value: [1, null, 2] } },
      'case "a/b": field "expect.value" must be 2 fields for {i32,i32}, found [1,null,2]',
    ],
    [
      'a comparison that is none',
      { ...RUN, expect: { type: 'f64', value: 1, compare: { ulp: 1 } } },
      'case "a/b": unknown field "expect.compare.ulp"; there is \'abs\', \'rel\'',
    ],
    [
      'two comparisons',
      { ...RUN, expect: { type: 'f64', value: 1, compare: { abs: 1, rel: 1 } } },
      'case "a/b": field "expect.compare" must be {"abs": t} or {"rel": t}, found {"abs":1,"rel":1}',
    ],
    [
      'a negative tolerance',
      { ...RUN, expect: { type: 'f64', value: 1, compare: { abs: -1 } } },
      'case "a/b": field "expect.compare.abs" must be a number that is not negative, found -1',
    ],
    ['ok for a run', { ...RUN, expect: { ok: true } }, 'case "a/b": unknown field "expect.ok"'],
    [
      'nothing expected',
      { name: 'p', kind: 'parse', tags: [], program: '1', expect: {} },
      'case "p": field "expect" must be an error or a print, found {}',
    ],
    [
      'a session without steps',
      { name: 's', kind: 'session', tags: [], steps: [], expect: { error: 'CompileError' } },
      'case "s": field "steps" must be one step or more, found []',
    ],
    [
      'a name that nothing binds',
      {
        name: 's',
        kind: 'session',
        tags: [],
        steps: [{ program: '', args: [{ type: 'i32', ref: 'q' }], bind: 'q' }],
        expect: { error: 'CompileError' },
      },
      'case "s": field "steps[0].args[0].ref" must be a name that an earlier step binds, found "q"',
    ],
  ];

  it.each(wrong)('%s', (_, one, message) => {
    expect(mistake(() => read(one))).toContain(message);
  });

  it('a name twice, no array, no JSON', () => {
    expect(mistake(() => read(RUN, RUN))).toBe('case "a/b": another case of the file has this name');
    expect(mistake(() => readCases('{}', 'c.json'))).toBe('c.json: must be an array, found {}');
    expect(mistake(() => readCases('[', 'c.json'))).toMatch(/^c\.json is no JSON: /);
  });
});

describe('deviations', () => {
  const deviations = (json: Json) => mistake(() => readDeviations(JSON.stringify(json), 'd.json'));
  it('need a reason and what they are about', () => {
    expect(
      deviations([
        { name: 'a', reason: 'r' },
        { kind: 'run', program: 'p', reason: 'r' },
      ]),
    ).toBe('no error');
    expect(deviations([{ name: 'a' }])).toBe('d.json, entry 1: field "reason" is missing');
    expect(deviations([{ reason: 'r' }])).toBe('d.json, entry 1: a "name", or "kind" and "program", is missing');
    expect(deviations([{ kind: 'run', reason: 'r' }])).toBe('d.json, entry 1: "kind" and "program" go together');
    expect(deviations([{ name: 'a', why: 'r', reason: 'r' }])).toContain('unknown field "why"');
  });
});
