import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { printProgram, programKey } from '../core/print.ts';
import { resultType } from '../core/program.ts';
import { SCALAR_KINDS } from '../core/types.ts';
import { verify } from '../core/verify.ts';
import { cloneBlock } from '../core/walk.ts';
import { arbProgram, freshPrims, type ProgramOptions, programOf, type TestCase } from './arb-program.ts';
import { compareOutcomes } from './differential.ts';
import { OP_KINDS } from './features.ts';
import { Health } from './health.ts';
import { observe } from './influence.ts';
import { DEEP_RUNS, DEEP_TIMEOUT, isDeep, runs } from './runs.ts';
import { numbersFrom } from './tape.ts';

const FUEL = 2_000_000;

/** Cases from a seed, to be counted rather than shrunk. */
function* cases(count: number, seed: number, longest: number, options: ProgramOptions): Iterable<TestCase> {
  const next = numbersFrom(seed);
  for (let n = 0; n < count; n++) {
    const cells = Array.from({ length: next() % longest }, () => next() % 65536);
    yield programOf(cells, options);
  }
}

const words = (prefix: string, list: string): readonly string[] => list.split(' ').map((w) => `${prefix} ${w}`);
const BUILDERS = words('builder', 'appender merger vecmerger dictmerger groupmerger');
const ITERATORS = words('iter', 'scan range iter nditer');
const OPERATORS = [
  ...words('bin', '+ - * / % == != < <= > >= && || & | ^ min max pow atan2'),
  ...words(
    'un',
    'neg not exp expm1 log log1p log2 log10 sqrt sin cos tan asin acos atan sinh cosh tanh erf erfc normcdf',
  ),
];
const SHAPES = [
  'zip',
  'nested for',
  'for into outer builder',
  'for struct of builders',
  'for nested builders',
  'if around merges',
  'if around struct of builders',
  'iterate with builder',
  'iterate scalar',
  'iterate vec',
  'iterate struct',
  'lookup vec',
  'lookup dict',
  'compare vec',
  'compare struct',
  'sort of scalar',
  'sort of struct',
  'sort of vec',
  'sort with limit',
  'cudf pure',
  'cudf counted',
  'serialize dict',
  'deserialize vec',
  'deserialize struct',
  'deserialize dict',
  'builder with notes',
  ...BUILDERS.filter((b) => b !== 'builder groupmerger').map((b) => `${b} with arg`),
];
const TYPES = [
  ...words('type', SCALAR_KINDS.join(' ')),
  ...words('vec of', 'scalar struct vec dict'),
  ...words('dict of', 'scalar struct vec'),
  ...words('key', `${SCALAR_KINDS.join(' ')} struct vec`),
  ...words('appender of', 'struct vec dict'),
  ...words('groupmerger of', 'struct vec'),
  'merger of struct',
  'vecmerger of struct',
  'dictmerger of struct',
  'struct value',
  'struct with vec',
  'string',
];
/** What a program cannot be given another value of, or what says nothing when it has one. */
const VALUELESS = ['struct empty'];
const LITERALS = [
  ...words('literal', SCALAR_KINDS.join(' ')),
  ...words('extreme', SCALAR_KINDS.filter((k) => k !== 'bool').join(' ')),
];
/** What must matter even in a few hundred programs; many thousands must show it of everything. */
const COMMON = [...OP_KINDS, ...BUILDERS, ...ITERATORS];
const ALL = [...COMMON, ...OPERATORS, ...SHAPES, ...TYPES, ...LITERALS, ...OP_KINDS.map((k) => `${k} inside`)];

describe('generated programs', () => {
  test(
    'are correct, run the same twice, and print the same when renamed',
    () => {
      fc.assert(
        fc.property(arbProgram({ cudf: true }), (c) => {
          const { program } = c;
          verify(program);
          const once = observe(c, freshPrims(), { fuel: FUEL });
          const again = observe(c, freshPrims(), { fuel: FUEL });
          expect('error' in once.end ? once.end.error : null).toBeNull();
          expect(compareOutcomes(resultType(program), once.end, again.end)).toBeNull();
          const renamed = { syms: program.syms, body: cloneBlock(program.body, program.syms, program.syms) };
          verify(renamed);
          expect(printProgram(renamed)).toBe(printProgram(program));
          expect(programKey(renamed)).toBe(programKey(program));
          const other = observe({ ...c, program: renamed }, freshPrims(), {});
          expect(compareOutcomes(resultType(program), once.end, other.end)).toBeNull();
        }),
        runs(20240601),
      );
    },
    DEEP_TIMEOUT,
  );

  test(
    'contain every operation, operator, builder, iterator, type and literal, run them, and depend on them',
    () => {
      const health = new Health();
      const count = isDeep ? DEEP_RUNS : 400;
      const seed = isDeep ? Date.now() & 0x7fffffff : 4;
      let n = 0;
      for (const c of cases(count, seed, 600, { cudf: true })) {
        const { end } = health.run(c, FUEL, n++ % (isDeep ? 3 : 1) === 0);
        expect('error' in end ? `${end.error} in\n${c}` : null).toBeNull();
      }
      if (isDeep) console.log(`seed ${seed}, ${health.report()}`);
      // The rarest combinations take thousands of programs.
      const many = count >= 20_000;
      expect(health.missing(many ? [...ALL, ...VALUELESS] : [...COMMON, ...OPERATORS])).toEqual([]);
      expect(health.idle(many ? ALL : COMMON)).toEqual([]);
      expect(health.missing(ALL).length).toBeLessThan(10);
      expect(health.of('several loops').made).toBeGreaterThan(count / 2);
      expect(health.report()).toContain(`${count} programs\n`);
    },
    DEEP_TIMEOUT,
  );

  test('raise no error unless asked to, and then of every kind', () => {
    const kinds = new Set<string>();
    for (const c of cases(1000, 5, 400, { errors: true, cudf: true })) {
      verify(c.program);
      const { end } = observe(c, freshPrims(), { fuel: FUEL });
      if ('error' in end) kinds.add(end.error);
      const again = observe(c, freshPrims(), { fuel: FUEL });
      expect(compareOutcomes(resultType(c.program), end, again.end)).toBeNull();
    }
    expect([...kinds].sort()).toEqual([
      'ArrayOutOfBounds',
      'AssertionError',
      'BadIteratorLength',
      'DeserializationError',
      'DivisionByZero',
      'KeyNotFoundError',
      'MismatchedZipSize',
    ]);
  });

  test(
    'near misses are correct and raise no error unless asked to',
    () => {
      fc.assert(
        fc.property(arbProgram({ cudf: true, nearMisses: true }), (c) => {
          verify(c.program);
          const { end } = observe(c, freshPrims(), { fuel: FUEL });
          expect('error' in end ? end.error : null).toBeNull();
        }),
        runs(20240602, 0.3),
      );
    },
    DEEP_TIMEOUT,
  );

  test('an empty tape gives the smallest program, and options leave things out', () => {
    expect(programOf([]).toString()).toBe('|x: vec[i64]|\n  x\n# vec[i64] [3,-4,1]\n# gives vec[i64]\n');
    for (const { program } of cases(60, 6, 300, { nestedVecs: false, floatSums: false })) {
      expect(printProgram(program)).not.toMatch(/vec\[vec|merger\[f(32|64),[+*]/);
    }
    for (const { program } of cases(60, 7, 300, { rich: false })) {
      expect(printProgram(program)).not.toMatch(
        / (sort|iterate|serialize|assert|optlookup)\(|groupmerger|nditer|\biter\(/,
      );
    }
  });
});
