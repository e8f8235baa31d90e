import { describe, expect, test } from 'vitest';
import { WeldError } from '../diag/diagnostic.ts';
import { Builder, bool, f64, i32, i64, lit, range, scan } from './build.ts';
import { type InterpretOptions, interpret } from './interp.ts';
import type { IValue } from './ivalue.ts';
import { encodeJson, type Json } from './json.ts';
import type { Atom, BinOp } from './op.ts';
import { resultType } from './program.ts';
import {
  appender,
  BOOL,
  dictmerger,
  F32,
  F64,
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
import { verify } from './verify.ts';

/** Builds, verifies and interprets; gives the result as JSON. */
function run(
  make: (b: Builder, ...params: readonly Atom[]) => Atom,
  params: readonly (readonly [Type, IValue])[] = [],
  options: InterpretOptions = {},
): Json {
  const b = new Builder();
  const atoms = params.map(([t], k) => b.param(t, `x${k}`));
  const p = b.finish(make(b, ...atoms));
  verify(p);
  return encodeJson(
    resultType(p),
    interpret(
      p,
      params.map(([, v]) => v),
      options,
    ),
  );
}
/** The code of the error that a run ends with. */
function errorOf(...args: Parameters<typeof run>): string {
  try {
    run(...args);
  } catch (e) {
    if (e instanceof WeldError) return `${e.code} ${e.kind}`;
    throw e;
  }
  return 'none';
}
const at = (atoms: readonly Atom[], k: number): Atom => atoms[k] ?? i32(0);

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

  test('a long chain does not recurse', () => {
    const chain = run((b) => {
      let a: Atom = i32(0);
      for (let k = 0; k < 50_000; k++) a = b.bin('+', a, i32(1));
      return a;
    });
    expect(chain).toBe(50_000);
  });

  test('cudf calls a primitive on columns; unknown names and wrong types are errors', () => {
    const double: PrimSpec = {
      name: 'double',
      doc: 'twice every element',
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
    expect(errorOf(call, [[vec(F64), []]])).toBe('W6008 CompileError');
    expect(errorOf(call, [[vec(I32), [1]]], { prims })).toBe('W2002 CompileError');
  });

  test('a wrong number of arguments', () => {
    const p = new Builder().finish(bool(true));
    expect(() => interpret(p, [1])).toThrow('W2005');
    expect(encodeJson(BOOL, interpret(p, []))).toBe(true);
  });
});
