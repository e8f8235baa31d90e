import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WeldError } from '../diag/diagnostic.ts';
import { at, build, errorOf, run, thrown } from '../testing/core-run.ts';
import { Builder, bool, f64, i32, i64, lit, range, scan } from './build.ts';
import { interpret } from './interp.ts';
import { fieldOf, type IValue } from './ivalue.ts';
import { encodeJson, type Json } from './json.ts';
import type { Atom, BinOp, Iter } from './op.ts';
import { type Program, resultType } from './program.ts';
import {
  appender,
  BOOL,
  type BuilderType,
  dict,
  dictmerger,
  F32,
  F64,
  groupmerger,
  I8,
  I32,
  I64,
  merger,
  struct,
  type Type,
  U8,
  U64,
  vec,
  vecmerger,
} from './types.ts';
import type { PrimSpec } from './value.ts';

describe('scalars', () => {
  test('wrap, truncate, saturate', () => {
    expect(run((b) => b.bin('+', lit(I8, 127), lit(I8, 1)))).toBe(-128);
    expect(run((b) => b.bin('/', lit(I32, -7), i32(2)))).toBe(-3);
    expect(run((b) => b.bin('%', lit(I32, -7), i32(2)))).toBe(-1);
    expect(run((b) => b.bin('/', i64(-(1n << 63n)), i64(-1)))).toBe('-9223372036854775808');
    expect(run((b) => b.cast(I32, f64(Number.NaN)))).toBe(0);
    expect(run((b) => b.cast(U8, f64(300)))).toBe(255);
    expect(run((b) => b.cast(F32, f64(0.1)))).toBe(Math.fround(0.1));
    expect(run((b) => b.un('neg', f64(0)))).toBe('-0');
  });

  test('select and if; division by zero is raised where it is evaluated', () => {
    const div = (b: Builder): Atom => b.bin('/', i32(1), i32(0));
    expect(
      run((b) =>
        b.if(
          bool(false),
          () => div(b),
          () => i32(4),
        ),
      ),
    ).toBe(4);
    expect(errorOf((b) => b.select(bool(false), div(b), i32(4)))).toBe('W6005 DivisionByZero');
  });
});

describe('vectors, structs, comparison', () => {
  const f = (...xs: number[]): readonly [Type, IValue] => [vec(F64), xs];
  const compare = (op: BinOp, x: readonly [Type, IValue], y: readonly [Type, IValue]): Json =>
    run((b, ...p) => b.bin(op, at(p, 0), at(p, 1)), [x, y]);

  test('lexicographic, a prefix is smaller, NaN is unequal and unordered', () => {
    expect(compare('<', f(1, 2), f(1, 2, 0))).toBe(true);
    expect(compare('<', f(2), f(1, 5))).toBe(false);
    expect(compare('>=', f(), f())).toBe(true);
    expect(compare('==', f(0), f(-0))).toBe(true);
    expect(compare('==', f(Number.NaN), f(Number.NaN))).toBe(false);
    expect(compare('!=', f(Number.NaN), f(Number.NaN))).toBe(true);
    expect(compare('<', f(1, Number.NaN), f(1, 3))).toBe(false);
    expect(compare('>=', f(1, Number.NaN), f(1, 3))).toBe(false);
    const s: Type = struct([I32, F64]);
    const of = (a: number, b: number): readonly [Type, IValue] => [s, { kind: 'struct', fields: [a, b] }];
    expect(compare('<', of(1, 2), of(1, 3))).toBe(true);
    expect(compare('<=', of(1, 2), of(1, 2))).toBe(true);
    expect(compare('>', of(1, 2), of(1, 2))).toBe(false);
  });

  test('lookup, slice, len and their bounds', () => {
    const v: readonly [Type, IValue] = [vec(I32), [5, 6, 7]];
    const slice = (start: number, size: number) => (b: Builder, x?: Atom) =>
      b.slice(x ?? i32(0), i64(start), i64(size));
    expect(run((b, x = i32(0)) => b.lookup(x, i64(2)), [v])).toBe(7);
    expect(errorOf((b, x = i32(0)) => b.lookup(x, i64(3)), [v])).toBe('W6001 ArrayOutOfBounds');
    expect(errorOf((b, x = i32(0)) => b.lookup(x, i64(-1)), [v])).toBe('W6001 ArrayOutOfBounds');
    expect(errorOf((b, x = i32(0)) => b.lookup(x, i64(1n << 62n)), [v])).toBe('W6001 ArrayOutOfBounds');
    expect(run(slice(1, 9), [v])).toEqual([6, 7]);
    expect(run(slice(3, 1), [v])).toEqual([]);
    expect(run(slice(0, -1), [v])).toEqual([]);
    expect(errorOf(slice(4, 0), [v])).toBe('W6001 ArrayOutOfBounds');
    expect(errorOf(slice(-1, 0), [v])).toBe('W6001 ArrayOutOfBounds');
    expect(run((b, x = i32(0)) => b.len(x), [v])).toBe(3);
  });
});

describe('loops and builders', () => {
  const xs: readonly [Type, IValue] = [vec(I64), [3n, 1n, 3n]];

  test('zip, index, appender in order; zip of different lengths', () => {
    const zip = (b: Builder, x: Atom, y: Atom): Atom =>
      b.result(
        b.loop([scan(x), scan(y)], b.builder(appender(I64)), (a, i, e, f) =>
          b.merge(a, b.bin('+', b.bin('*', e, f), i)),
        ),
      );
    expect(run((b, x = i32(0)) => zip(b, x, x), [xs])).toEqual([9, 2, 11]);
    expect(errorOf((b, x = i32(0), y = i32(0)) => zip(b, x, y), [xs, [vec(I64), []]])).toBe('W6003 MismatchedZipSize');
  });

  test('ranges', () => {
    const over = (from: number, to: number, step: number) => (b: Builder) =>
      b.result(b.loop([range(i64(from), i64(to), i64(step))], b.builder(appender(I64)), (a, _i, e) => b.merge(a, e)));
    expect(run(over(2, 8, 3))).toEqual([2, 5]);
    expect(run(over(2, 2, 1))).toEqual([]);
    for (const [from, to, step] of [
      [0, 4, 0],
      [4, 0, 1],
      [0, 5, 2],
      [0, 4, -1],
    ] as const) {
      expect(errorOf(over(from, to, step))).toBe('W6002 BadIteratorLength');
    }
  });

  test('mergers: identities, initial values once, structs field by field, folds in input order', () => {
    const fold = (op: '+' | '*' | 'min' | 'max', init: Atom | null, data: readonly number[]): Json =>
      run(
        (b, x = i32(0)) => b.result(b.loop([scan(x)], b.builder(merger(F64, op), init), (m, _i, e) => b.merge(m, e))),
        [[vec(F64), data]],
      );
    expect(fold('+', null, [])).toBe(0);
    expect(fold('+', null, [-0])).toBe(0);
    expect(fold('+', f64(-0), [-0])).toBe('-0');
    expect(fold('*', f64(3), [2, 5])).toBe(30);
    expect(fold('min', null, [])).toBe('Infinity');
    expect(fold('max', null, [1, Number.NaN, 3])).toBe('NaN');
    expect(fold('+', null, [1e16, 1, -1e16])).toBe(0);
    const pair = struct([I64, I64]);
    const both = run(
      (b, x = i32(0)) =>
        b.result(b.loop([scan(x)], b.builder(merger(pair, 'max')), (m, i, e) => b.merge(m, b.struct([e, i])))),
      [xs],
    );
    expect(both).toEqual([3, 2]);
    expect(run((b) => b.result(b.builder(merger(U64, 'min'))))).toBe('18446744073709551615');
  });

  test('vecmerger copies its vector and checks the index', () => {
    const hist = (b: Builder, x: Atom, init: Atom): Atom =>
      b.result(
        b.loop([scan(x)], b.builder(vecmerger(I64, '+'), init), (m, _i, e) => b.merge(m, b.struct([e, i64(1)]))),
      );
    const init: readonly [Type, IValue] = [vec(I64), [10n, 0n, 0n, 0n]];
    expect(run((b, x = i32(0), v = i32(0)) => b.struct([hist(b, x, v), v]), [xs, init])).toEqual([
      [10, 1, 0, 2],
      [10, 0, 0, 0],
    ]);
    expect(errorOf((b, x = i32(0)) => hist(b, x, x), [xs])).toBe('W6001 ArrayOutOfBounds');
  });

  test('dictmerger: first insertion order, keys by value, look-ups', () => {
    const count = (b: Builder, x: Atom, key: Type): Atom =>
      b.result(
        b.loop([scan(x)], b.builder(dictmerger(key, I64, '+'), i64(0)), (m, _i, e) =>
          b.merge(m, b.struct([e, i64(1)])),
        ),
      );
    expect(run((b, x = i32(0)) => b.tovec(count(b, x, I64)), [xs])).toEqual([
      [3, 2],
      [1, 1],
    ]);
    const floats: IValue = [Number.NaN, 0, -0, Number.NaN, 0];
    expect(run((b, x = i32(0)) => b.tovec(count(b, x, F64)), [[vec(F64), floats]])).toEqual([
      ['NaN', 2],
      [0, 2],
      ['-0', 1],
    ]);
    const words: IValue = [[1, 2], [12], [1, 2], []];
    expect(run((b, x = i32(0)) => b.tovec(count(b, x, vec(I8))), [[vec(vec(I8)), words]])).toEqual([
      [[1, 2], 2],
      [[12], 1],
      [[], 1],
    ]);
    expect(run((b, x = i32(0)) => b.lookup(count(b, x, I64), i64(3)), [xs])).toBe(2);
    expect(run((b, x = i32(0)) => b.keyexists(count(b, x, I64), i64(2)), [xs])).toBe(false);
    expect(errorOf((b, x = i32(0)) => b.lookup(count(b, x, I64), i64(2)), [xs])).toBe('W6004 KeyNotFoundError');
  });

  test('nested loops, structs of builders, builders through if', () => {
    const pairs = run(
      (b, x = i32(0)) => {
        const start = b.struct([b.builder(appender(I64)), b.builder(merger(I64, '+'))]);
        const done = b.loop([scan(x)], start, (s, i, e) => {
          const inner = b.loop([scan(x)], b.field(s, 0), (a, _j, f) =>
            b.if(
              b.bin('<', e, f),
              () => b.merge(a, f),
              () => a,
            ),
          );
          return b.struct([inner, b.merge(b.field(s, 1), i)]);
        });
        return b.result(done);
      },
      [xs],
    );
    expect(pairs).toEqual([[3, 3], 3]);
  });

  test('a builder argument is not merged into', () => {
    const b = new Builder();
    const acc = b.param(appender(I64), 'a');
    const p = b.finish(b.merge(acc, i64(7)));
    const made = new Builder();
    const start = interpret(made.finish(made.builder(appender(I64))), []);
    const once = interpret(p, [start]);
    const finish = new Builder();
    const value = finish.finish(finish.result(finish.param(appender(I64), 'a')));
    expect(interpret(value, [once])).toEqual([7n]);
    expect(interpret(value, [start])).toEqual([]);
  });
});

describe('sort', () => {
  const byFirst = (b: Builder, v: Atom): Atom => b.sort(v, (x, y) => b.bin('-', b.field(x, 0), b.field(y, 0)));
  const pairs = vec(struct([I32, I32]));
  const rows = (...xs: readonly (readonly [number, number])[]): IValue =>
    xs.map((x) => ({ kind: 'struct', fields: x }));

  test('is stable, and leaves its vector as it is', () => {
    const v = rows([2, 0], [1, 1], [2, 2], [1, 3], [0, 4]);
    expect(run((b, x = i32(0)) => b.struct([byFirst(b, x), x]), [[pairs, v]])).toEqual([
      [
        [0, 4],
        [1, 1],
        [1, 3],
        [2, 0],
        [2, 2],
      ],
      [
        [2, 0],
        [1, 1],
        [2, 2],
        [1, 3],
        [0, 4],
      ],
    ]);
    expect(run((b, x = i32(0)) => byFirst(b, x), [[pairs, []]])).toEqual([]);
    expect(run((b, x = i32(0)) => byFirst(b, x), [[pairs, rows([7, 7])]])).toEqual([[7, 7]]);
  });

  test('is the stable order of any vector', () => {
    const p = build((b, x = i32(0)) => byFirst(b, x), [pairs]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -5, max: 5 }), { maxLength: 60 }), (keys) => {
        const data = keys.map((k, i): [number, number] => [k, i]);
        const want = [...data].sort((a, b) => a[0] - b[0]);
        expect(interpret(p, [rows(...data)])).toEqual(rows(...want));
      }),
      { numRuns: 200, seed: 3 },
    );
  });

  test('with a limit is the slice from 0, of any size and by any comparator', () => {
    const p = build(
      (b, x = i32(0), k = i32(0)) => {
        const by = (c: Atom, d: Atom): Atom =>
          b.select(b.bin('<', c, d), i32(-1), b.select(b.bin('>', c, d), i32(1), i32(0)));
        return b.struct([b.sort(x, by, k), b.slice(b.sort(x, by), i64(0), k)]);
      },
      [vec(F64), I64],
    );
    const number = fc.constantFrom(0, -0, 1, 2, 3, Number.NaN, Number.POSITIVE_INFINITY);
    const size = fc.oneof(fc.bigInt({ min: -2n, max: 20n }), fc.constantFrom(-(2n ** 63n), 2n ** 63n - 1n));
    fc.assert(
      fc.property(fc.array(number, { maxLength: 20 }), size, (v, k) => {
        const both = interpret(p, [v, k]);
        expect(fieldOf(both, 0)).toEqual(fieldOf(both, 1));
      }),
      { numRuns: 200, seed: 5 },
    );
  });

  test('ends with a comparator that contradicts itself, with some permutation', () => {
    for (const order of [1, -1, 0]) {
      const sorted = run((b, x = i32(0)) => b.sort(x, () => i32(order)), [[vec(I32), [3, 1, 2, 5, 4]]]);
      expect(Array.isArray(sorted) && [...sorted].sort()).toEqual([1, 2, 3, 4, 5]);
    }
  });

  test('raises what its comparator raises, at its place, and burns fuel', () => {
    const origin = { kind: 'text', span: { start: 1, end: 2 } } as const;
    const p = build((b, x = i32(0)) => b.sort(x, (c, d) => b.at(origin, () => b.bin('/', c, d))), [vec(I32)]);
    const e = thrown(() => interpret(p, [[0, 0]]));
    expect([e.code, e.diagnostics[0]?.origin]).toEqual(['W6005', origin]);
    expect(interpret(p, [[0]])).toEqual([0]);
    const long = build((b, x = i32(0)) => b.sort(x, () => i32(0)), [vec(I32)]);
    expect(thrown(() => interpret(long, [new Array<number>(1000).fill(1)], { fuel: 100 })).code).toBe('W6007');
  });
});

describe('iterate', () => {
  test('runs at least once, and as long as its body says', () => {
    const up = (from: number, below: number) => (b: Builder) =>
      b.iterate(i32(from), (x) => {
        const next = b.bin('+', x, i32(3));
        return b.struct([next, b.bin('<', next, i32(below))]);
      });
    expect(run(up(0, 10))).toBe(12);
    expect(run(up(100, 10))).toBe(103);
  });

  test('carries vectors and builders', () => {
    const made = run((b) => {
      const start = b.struct([b.builder(appender(I64)), i64(0)]);
      const end = b.iterate(start, (s) => {
        const n = b.field(s, 1);
        const next = b.bin('+', n, i64(1));
        return b.struct([b.struct([b.merge(b.field(s, 0), n), next]), b.bin('<', next, i64(3))]);
      });
      const items = b.result(b.field(end, 0));
      return b.struct([items, b.field(end, 1)]);
    });
    expect(made).toEqual([[0, 1, 2], 3]);
  });

  test('that never ends runs out of fuel', () => {
    const forever = (b: Builder): Atom => b.iterate(i32(0), (x) => b.struct([x, bool(true)]));
    expect(errorOf(forever, [], { fuel: 10_000 })).toBe('W6007 OutOfFuel');
  });
});

describe('dictionaries, assertions, bytes', () => {
  const table = dict(I64, struct([F64, vec(I32)]));
  const entry: IValue = { kind: 'struct', fields: [1.5, [7]] };
  const given: readonly [Type, IValue] = [table, { kind: 'dict', entries: new Map([[3n, [3n, entry]]]) }];

  test('optlookup says whether there is a value', () => {
    const find =
      (key: number) =>
      (b: Builder, d: Atom = i32(0)) =>
        b.optlookup(d, i64(key));
    expect(run(find(3), [given])).toEqual([true, [1.5, [7]]]);
    // The language leaves the value of a miss open; here it is zero.
    expect(run(find(4), [given])).toEqual([false, [0, []]]);
  });

  test('assert gives true, or ends the run at its place', () => {
    expect(run((b) => b.assert(bool(true)))).toBe(true);
    expect(errorOf((b) => b.assert(bool(false)))).toBe('W6011 AssertionError');
    const origin = { kind: 'text', span: { start: 3, end: 8 } } as const;
    const p = build((b, x = i32(0)) => b.at(origin, () => b.assert(x)), [BOOL]);
    expect(thrown(() => interpret(p, [false])).diagnostics[0]?.origin).toEqual(origin);
    // Of an `if` one side runs.
    expect(
      run((b) =>
        b.if(
          bool(true),
          () => i32(1),
          () => b.cast(I32, b.assert(bool(false))),
        ),
      ),
    ).toBe(1);
  });

  test('serialize and deserialize', () => {
    expect(run((b) => b.serialize(b.struct([bool(true), i32(-2)])))).toEqual([1, 254, 255, 255, 255]);
    const there =
      (t: Type) =>
      (b: Builder, x: Atom = i32(0)) =>
        b.deserialize(t, b.serialize(x));
    expect(run(there(table), [given])).toEqual([[3, [1.5, [7]]]]);
    expect(errorOf(there(struct([I32, I8])), [[I64, 5n]])).toBe('W6012 DeserializationError');
  });
});

describe('builders from one program to the next', () => {
  const kinds: readonly (readonly [BuilderType, (b: Builder, n: Atom) => Atom, Json])[] = [
    [appender(I64), (_b, n) => n, [1, 2]],
    [merger(I64, '+'), (_b, n) => n, 3],
    [vecmerger(I64, '+'), (b, n) => b.struct([i64(0), n]), [13, 20]],
    [dictmerger(I64, I64, '+'), (b, n) => b.struct([i64(9), n]), [[9, 3]]],
    [groupmerger(I64, I64), (b, n) => b.struct([i64(9), n]), [[9, [1, 2]]]],
  ];
  const start = (b: Builder, t: BuilderType): Atom =>
    b.builder(t, t.kind === 'vecmerger' ? b.vec(I64, [i64(10), i64(20)]) : null);

  test.each(kinds)('%o', (t, item, want) => {
    const begin = interpret(
      build((b) => start(b, t)),
      [],
    );
    const more = (n: number): Program => build((b, x = i32(0)) => b.merge(x, item(b, i64(n))), [t]);
    const done = build((b, x = i32(0)) => b.result(x), [t]);
    const one = interpret(more(1), [begin]);
    const two = interpret(more(2), [one]);
    const show = (v: IValue): Json => encodeJson(resultType(done), interpret(done, [v]));
    const empty = show(begin);
    expect(show(two)).toEqual(want);
    // Each state is one's own: what came after has not changed it, nor has its result.
    expect(show(interpret(more(2), [one]))).toEqual(want);
    expect(show(two)).toEqual(want);
    expect(show(begin)).toEqual(empty);
  });

  test('a struct of builders', () => {
    const types = [appender(F64), groupmerger(I64, F64), dictmerger(vec(I8), I64, 'max')] as const;
    const t = struct(types);
    const begin = interpret(
      build((b) => b.struct(types.map((f) => b.builder(f)))),
      [],
    );
    const word = (b: Builder): Atom => b.vec(I8, [lit(I8, 104)]);
    const more = build(
      (b, x = i32(0), v = i32(0)) =>
        b.loop([scan(v)], x, (s, i, e) =>
          b.struct([
            b.merge(b.field(s, 0), e),
            b.merge(b.field(s, 1), b.struct([b.bin('%', i, i64(2)), e])),
            b.merge(b.field(s, 2), b.struct([word(b), i])),
          ]),
        ),
      [t, vec(F64)],
    );
    const done = build((b, x = i32(0)) => b.result(x), [t]);
    const end = interpret(more, [interpret(more, [begin, [1, 2, 3]]), [4, Number.NaN]]);
    expect(encodeJson(resultType(done), interpret(done, [end]))).toEqual([
      [1, 2, 3, 4, 'NaN'],
      [
        [0, [1, 3, 4]],
        [1, [2, 'NaN']],
      ],
      [[[104], 2]],
    ]);
    expect(encodeJson(resultType(done), interpret(done, [begin]))).toEqual([[], [], []]);
  });
});

describe('groupmerger', () => {
  test('keeps keys as they came first, values of each in input order', () => {
    const keys: IValue = [Number.NaN, 0, -0, Number.NaN, 0];
    const group = (b: Builder, x: Atom): Atom =>
      b.result(b.loop([scan(x)], b.builder(groupmerger(F64, I64)), (g, i, e) => b.merge(g, b.struct([e, i]))));
    expect(run((b, x = i32(0)) => group(b, x), [[vec(F64), keys]])).toEqual([
      ['NaN', [0, 3]],
      [0, [1, 4]],
      ['-0', [2]],
    ]);
    expect(run((b, x = i32(0)) => b.lookup(group(b, x), f64(-0)), [[vec(F64), keys]])).toEqual([2]);
    expect(run((b, x = i32(0)) => group(b, x), [[vec(F64), []]])).toEqual([]);
  });
});

describe('the run itself', () => {
  test('fuel ends a run, and enough fuel does not', () => {
    const long = (b: Builder): Atom =>
      b.result(
        b.loop([range(i64(0), i64(1n << 40n), i64(1))], b.builder(merger(I64, '+')), (m, _i, e) => b.merge(m, e)),
      );
    expect(errorOf(long, [], { fuel: 10_000 })).toBe('W6007 OutOfFuel');
    expect(run((b) => b.un('exp', f64(0)), [], { fuel: 1 })).toBe(1);
    expect(errorOf((b) => b.un('exp', f64(0)), [], { fuel: 0 })).toBe('W6007 OutOfFuel');
  });

  test('fuel ends loops of any length, which take no memory', () => {
    const huge = 1n << 62n;
    const loops: Readonly<Record<string, (b: Builder, v: Atom) => Iter>> = {
      range: () => range(i64(-huge), i64(huge), i64(1)),
      nditer: (b, v) => ({
        kind: 'nditer',
        vec: v,
        start: i64(0),
        end: i64(huge),
        stride: i64(1),
        shape: b.vec(I64, [i64(huge)]),
        steps: b.vec(I64, [i64(0)]),
      }),
    };
    for (const make of Object.values(loops)) {
      const sum = (b: Builder, v: Atom = i32(0)): Atom =>
        b.result(b.loop([make(b, v)], b.builder(merger(I64, '+')), (m, _i, e) => b.merge(m, e)));
      expect(errorOf(sum, [[vec(I64), [1n]]], { fuel: 5_000 })).toBe('W6007 OutOfFuel');
      expect(errorOf(sum, [[vec(I64), [1n]]], { fuel: 0 })).toBe('W6007 OutOfFuel');
    }
  });

  test('an error has the origin of its let, inner lets too', () => {
    const b = new Builder();
    const x = b.param(vec(I32), 'x');
    const origin = { kind: 'text', span: { start: 4, end: 9 } } as const;
    const done = b.loop([scan(x)], b.builder(merger(I32, '+')), (m, _i, e) =>
      b.at(origin, () => b.merge(m, b.bin('%', e, i32(0)))),
    );
    const p = b.finish(b.result(done));
    try {
      interpret(p, [[1]]);
      expect.unreachable();
    } catch (e) {
      expect(e instanceof WeldError && e.diagnostics[0]?.origin).toEqual(origin);
    }
  });

  test('a long chain does not recurse, and blocks may nest deep', () => {
    const chain = run((b) => {
      let a: Atom = i32(0);
      for (let k = 0; k < 100_000; k++) a = b.bin('+', a, i32(1));
      return a;
    });
    expect(chain).toBe(100_000);
    const nested = (b: Builder, x: Atom, depth: number): Atom =>
      depth === 0
        ? x
        : b.if(
            bool(true),
            () => nested(b, b.bin('+', x, i32(1)), depth - 1),
            () => i32(0),
          );
    expect(run((b) => nested(b, i32(0), 500))).toBe(500);
  });

  test('cudf calls a primitive on columns; unknown names and wrong types are errors', () => {
    const double: PrimSpec = {
      name: 'double',
      doc: 'twice every element',
      pure: true,
      typing: ([t]) => (t === vec(F64) ? vec(F64) : 'double takes vec[f64]'),
      run: ([v], memory) => {
        if (typeof v !== 'object' || v.kind !== 'vec') throw new Error('not a vector');
        const col = memory.alloc('f64', v.length);
        for (let k = 0; k < v.length; k++) col[k] = 2 * Number(v.cols[0]?.[k]);
        return { ...v, cols: [col] };
      },
    };
    const prims = new Map([['double', double]]);
    const call = (b: Builder, x: Atom = i32(0)): Atom => b.cudf('double', vec(F64), [x]);
    expect(run(call, [[vec(F64), [1, 2.5]]], { prims })).toEqual([2, 5]);
    expect(errorOf(call, [[vec(F64), []]])).toBe('W2007 CompileError');
    expect(errorOf(call, [[vec(I32), [1]]], { prims })).toBe('W2002 CompileError');
  });

  test('a wrong number of arguments', () => {
    const p = new Builder().finish(bool(true));
    expect(() => interpret(p, [1])).toThrow('W2005');
    expect(encodeJson(BOOL, interpret(p, []))).toBe(true);
  });
});
