import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { interpret } from '../core/interp.ts';
import { printProgram, programKey } from '../core/print.ts';
import { resultType } from '../core/program.ts';
import { SCALAR_KINDS } from '../core/types.ts';
import { verify } from '../core/verify.ts';
import { cloneBlock } from '../core/walk.ts';
import { arbProgram, programOf, testPrims } from './arb-program.ts';
import { compareOutcomes, compareValues, outcomeOf } from './differential.ts';
import { Health, OP_KINDS } from './health.ts';
import { runs } from './runs.ts';
import { numbersFrom } from './tape.ts';

const FUEL = 2_000_000;

describe('generated programs', () => {
  test('are correct, run the same twice, and print the same when renamed', () => {
    fc.assert(
      fc.property(arbProgram(), ({ program, args }) => {
        verify(program);
        const once = interpret(program, args, { fuel: FUEL });
        const again = interpret(program, args, { fuel: FUEL });
        expect(compareValues(resultType(program), once, again)).toBeNull();
        const renamed = { syms: program.syms, body: cloneBlock(program.body, program.syms, program.syms) };
        verify(renamed);
        expect(printProgram(renamed)).toBe(printProgram(program));
        expect(programKey(renamed)).toBe(programKey(program));
        expect(compareValues(resultType(program), once, interpret(renamed, args))).toBeNull();
      }),
      runs(20240601),
    );
  });

  test('contain and run every operation, operator, scalar type and shape of loop', () => {
    const health = new Health();
    const next = numbersFrom(4);
    for (let n = 0; n < 400; n++) {
      const { program, args } = programOf(
        Array.from({ length: next() % 600 }, () => next() % 65536),
        { cudf: true },
      );
      interpret(program, args, { fuel: FUEL, prims: testPrims, onLet: health.add(program) });
    }
    const shapes = [
      'zip',
      'nested for',
      'iter range',
      'if around merges',
      'for struct of builders',
      'lookup dict',
      'compare vec',
      'compare struct',
    ];
    const builders = ['appender', 'merger', 'vecmerger', 'dictmerger'].map((b) => `builder ${b}`);
    const bins = '+ - * / % == != < <= > >= && || & | ^ min max pow'.split(' ').map((w) => `bin ${w}`);
    const uns = 'neg not exp log sqrt sin cos tan asin acos atan sinh cosh tanh erf'.split(' ').map((w) => `un ${w}`);
    const types = SCALAR_KINDS.map((k) => `type ${k}`);
    expect(health.missing([...OP_KINDS, ...shapes, ...builders, ...bins, ...uns, ...types])).toEqual([]);
    expect(health.of('several loops').made).toBeGreaterThan(200);
    expect(health.report()).toMatch(/^400 programs\n/);
  });

  test('raise no error unless asked to', () => {
    const kinds = new Set<string>();
    const next = numbersFrom(5);
    for (let n = 0; n < 400; n++) {
      const cells = Array.from({ length: next() % 400 }, () => next() % 65536);
      const { program, args } = programOf(cells, { errors: true });
      verify(program);
      const end = outcomeOf(() => interpret(program, args, { fuel: FUEL }));
      if ('error' in end) kinds.add(end.error);
      expect(
        compareOutcomes(
          resultType(program),
          end,
          outcomeOf(() => interpret(program, args, { fuel: FUEL })),
        ),
      ).toBeNull();
    }
    expect([...kinds].sort()).toEqual(expect.arrayContaining(['ArrayOutOfBounds', 'DivisionByZero']));
  });

  test('an empty tape gives the smallest program, and options leave things out', () => {
    expect(programOf([]).toString()).toBe('|x: vec[i64]|\n  x\n# vec[i64] [3,-4,1]\n# gives vec[i64]\n');
    const next = numbersFrom(6);
    for (let n = 0; n < 60; n++) {
      const cells = Array.from({ length: 300 }, () => next() % 65536);
      const text = printProgram(programOf(cells, { math: false, nestedVecs: false, floatSums: false }).program);
      expect(text).not.toMatch(/ (exp|log|sin|pow|erf)\(|vec\[vec|merger\[f(32|64),[+*]/);
    }
  });
});
