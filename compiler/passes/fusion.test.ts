import { describe, expect, test } from 'vitest';
import { Builder, f64, i64, range, scan } from '../core/build.ts';
import { interpret } from '../core/interp.ts';
import type { IValue } from '../core/ivalue.ts';
import type { Atom, Sym } from '../core/op.ts';
import { printProgram } from '../core/print.ts';
import { type Program, resultType } from '../core/program.ts';
import { appender, F64, I64, merger, struct, vec } from '../core/types.ts';
import { forEachLet } from '../core/walk.ts';
import { countLoops, optimize } from '../pipeline.ts';
import { compareOutcomes, outcomeOf } from '../testing/differential.ts';
import { filter, groupSum, map, ROW, reduce, repeat } from '../testing/shapes.ts';

const ints = (...xs: number[]): IValue => xs.map(BigInt);

/**
 * Optimizes with all checks on, and compares with the unoptimized program on the arguments. Short loops are kept: they
 * are counted here.
 */
function optimized(p: Program, ...argLists: readonly (readonly IValue[])[]): Program {
  const { program } = optimize(p, { check: true, disable: ['unroll'] });
  for (const args of argLists) {
    const want = outcomeOf(() => interpret(p, args));
    const got = outcomeOf(() => interpret(program, args));
    expect(compareOutcomes(resultType(p), want, got)).toBeNull();
  }
  return program;
}

/** A program over vectors of i64. */
function program(vectors: number, body: (b: Builder, ...xs: Sym[]) => Atom): Program {
  const b = new Builder();
  const xs = Array.from({ length: vectors }, () => b.param(vec(I64), 'x'));
  return b.finish(body(b, ...xs));
}
const positive =
  (b: Builder) =>
  (_i: Sym, e: Sym): Atom =>
    b.bin('>', e, i64(0));
const id = (_i: Sym, e: Sym): Atom => e;
const plus =
  (b: Builder, k: number) =>
  (_i: Sym, e: Sym): Atom =>
    b.bin('+', e, i64(k));
const DATA = [ints(3, -1, 4, -1, 5, 0), ints(2, 7, -1, 8, 2, 8), ints(), ints(-9)];
const one = DATA.map((x) => [x]);
const two = [
  [ints(1, -2, 3), ints(4, 5, 6)],
  [ints(), ints()],
  [ints(1), ints(1, 2)],
];

/** Loops left, with every argument list giving the same outcome. */
const loopsOf = (p: Program, ...args: readonly (readonly IValue[])[]): number => countLoops(optimized(p, ...args));

describe('one loop is left of', () => {
  test('a chain of 100 maps', () => {
    const p = program(1, (b, x) => {
      let v = x;
      for (let k = 0; k < 100; k++) v = map(b, [v], I64, plus(b, k));
      return v;
    });
    expect(loopsOf(p, ...one)).toBe(1);
  });

  test('filter, map, sum', () => {
    const p = program(1, (b, x) => {
      const kept = filter(b, [x], I64, positive(b), id);
      return reduce(b, [map(b, [kept], I64, plus(b, 2))], I64, '+', id);
    });
    const done = optimized(p, ...one);
    expect(printProgram(done)).toMatchInlineSnapshot(`
      "|x: vec[i64]|
        let b = merger[i64,+];
        let b1 = for(x, b, |b2, i, e|
          let t = e > 0L;
          let t1 = if(t, (
            let t2 = e + 2L;
            let b3 = merge(b2, t2);
            b3), b2);
          t1);
        let r = result(b1);
        r
      "
    `);
  });

  test('two sums over the same data, and equal sums once', () => {
    const p = program(1, (b, x) =>
      b.struct([
        reduce(b, [x], I64, '+', id),
        reduce(b, [x], I64, '*', plus(b, 1)),
        reduce(b, [x], I64, '+', (_i, e) => e),
      ]),
    );
    const done = optimized(p, ...one);
    expect(printProgram(done)).toMatchInlineSnapshot(`
      "|x: vec[i64]|
        let b = merger[i64,+];
        let b1 = merger[i64,*];
        let b2 = {b, b1};
        let b3 = for(x, b2, |b4, i, e|
          let b5 = b4.$0;
          let b6 = merge(b5, e);
          let b7 = b4.$1;
          let t = e + 1L;
          let b8 = merge(b7, t);
          let b9 = {b6, b8};
          b9);
        let r = result(b3);
        let r1 = r.$0;
        let r2 = r.$1;
        let s = {r1, r2, r1};
        s
      "
    `);
  });

  test('several aggregates of a filter, with its length', () => {
    const p = program(1, (b, x) => {
      const kept = filter(b, [x], I64, positive(b), id);
      return b.struct([
        reduce(b, [kept], I64, '+', id),
        b.len(kept),
        reduce(b, [kept], I64, 'max', id),
        map(b, [kept], I64, plus(b, 1)),
      ]);
    });
    const done = optimized(p, ...one);
    expect(printProgram(done)).toMatchInlineSnapshot(`
      "|x: vec[i64]|
        let b = merger[i64,+];
        let b1 = merger[i64,+];
        let b2 = merger[i64,max];
        let b3 = appender[i64];
        let b4 = {b, b1, b2, b3};
        let b5 = for(x, b4, |b6, i, e|
          let t = e > 0L;
          let t1 = if(t, (
            let b7 = b6.$0;
            let b8 = merge(b7, e);
            let b9 = b6.$1;
            let b10 = merge(b9, 1L);
            let b11 = b6.$2;
            let b12 = merge(b11, e);
            let b13 = b6.$3;
            let t2 = e + 1L;
            let b14 = merge(b13, t2);
            let b15 = {b8, b10, b12, b14};
            b15), b6);
          t1);
        let r = result(b5);
        r
      "
    `);
  });

  test('a filter that is read and returned', () => {
    const p = program(1, (b, x) => {
      const kept = filter(b, [x], I64, positive(b), id);
      return b.struct([kept, reduce(b, [kept], I64, '+', id)]);
    });
    expect(loopsOf(p, ...one)).toBe(1);
  });

  test('a chain of filters', () => {
    const p = program(1, (b, x) => {
      let v = x;
      for (let k = 0; k < 20; k++) v = filter(b, [v], I64, (_i, e) => b.bin('!=', e, i64(k)), plus(b, 1));
      return v;
    });
    expect(loopsOf(p, ...one)).toBe(1);
  });

  test('a frame: columns, filter, derived column, group by, with shared producers', () => {
    const p = program(2, (b, x, y) => {
      const rows = map(b, [x, y], ROW, (_i, ex, ey) => b.struct([ex as Atom, ey as Atom]));
      const kept = filter(b, [rows], ROW, (_i, e) => b.bin('>', b.field(e, 0), i64(0)), id);
      const sum = map(b, [kept], I64, (_i, e) => b.bin('+', b.field(e, 0), b.field(e, 1)));
      const key = map(b, [kept], I64, (_i, e) => b.bin('&', b.field(e, 1), i64(3)));
      const groups = groupSum(
        b,
        [key, sum],
        (_i, k) => k,
        (_i, _k, s) => s as Atom,
      );
      const both = map(b, [kept, sum], I64, (_i, e, s) => b.bin('*', b.field(e, 0), s as Atom));
      return b.struct([groups, reduce(b, [both], I64, '+', id), reduce(b, [sum], I64, 'min', id)]);
    });
    expect(loopsOf(p, ...two, [DATA[0] ?? [], DATA[1] ?? []])).toBe(1);
  });

  test('a map that is returned and read', () => {
    const b = new Builder();
    const x = b.param(vec(F64), 'x');
    const v = map(b, [x], F64, (_i, e) => b.un('exp', e));
    const p = b.finish(b.struct([v, reduce(b, [v], F64, '+', id)]));
    const done = optimized(p, [[1, -0, Number.NaN]], [[]]);
    expect(printProgram(done)).toMatchInlineSnapshot(`
      "|x: vec[f64]|
        let b = appender[f64];
        let b1 = merger[f64,+];
        let b2 = {b, b1};
        let b3 = for(x, b2, |b4, i, e|
          let b5 = b4.$0;
          let t = exp(e);
          let b6 = merge(b5, t);
          let b7 = b4.$1;
          let b8 = merge(b7, t);
          let b9 = {b6, b8};
          b9);
        let r = result(b3);
        r
      "
    `);
  });

  test('loops over a range and over maps of it', () => {
    const p = program(1, (b, x) => {
      const n = b.len(x);
      const squares = map(b, [range(i64(0), n, i64(1))], I64, (_i, e) => b.bin('*', e, e));
      return b.struct([reduce(b, [squares, x], I64, '+', (_i, s, e) => b.bin('*', s, e as Atom)), b.len(squares)]);
    });
    expect(loopsOf(p, ...one)).toBe(1);
  });

  test('a flattening loop and its sum', () => {
    const p = program(1, (b, x) => reduce(b, [repeat(b, x, I64, 3n)], I64, '+', id));
    expect(loopsOf(p, ...one)).toBe(2);
  });

  test('a conditional map, which is a map', () => {
    const p = program(1, (b, x) => {
      const loop = b.loop([scan(x)], b.builder(appender(I64)), (acc, i, e) =>
        b.if(
          b.bin('>', e, i64(0)),
          () => b.merge(acc, b.bin('/', i64(12), e)),
          () => b.merge(acc, i),
        ),
      );
      const v = b.result(loop);
      return reduce(b, [v, x], I64, '+', (i, e, f) => b.bin('+', b.bin('*', e, f as Atom), i));
    });
    expect(loopsOf(p, ...one)).toBe(1);
  });

  test('zips of different columns, joined through a third', () => {
    const p = program(2, (b, x, y) =>
      b.struct([
        reduce(b, [x], I64, '+', id),
        reduce(b, [y], I64, '+', id),
        reduce(b, [x, y], I64, '+', (_i, e, f) => b.bin('*', e, f as Atom)),
      ]),
    );
    expect(loopsOf(p, ...two)).toBe(1);
  });
});

describe('two loops are left when one needs all of the other', () => {
  test('mean and variance: a cheap map is computed again', () => {
    const b = new Builder();
    const x = b.param(vec(F64), 'x');
    const twice = map(b, [x], F64, (_i, e) => b.bin('*', e, f64(2)));
    const mean = b.bin('/', reduce(b, [twice], F64, '+', id), b.cast(F64, b.len(twice)));
    const centred = map(b, [twice], F64, (_i, e) => b.bin('-', e, mean));
    const p = b.finish(reduce(b, [centred], F64, '+', (_i, e) => b.bin('*', e, e)));
    const done = optimized(p, [[1, 2, 4]], [[]], [[Number.NaN, 1]]);
    expect(printProgram(done)).toMatchInlineSnapshot(`
      "|x: vec[f64]|
        let b = merger[f64,+];
        let b1 = for(x, b, |b2, i, e|
          let t = e * 2.0;
          let b3 = merge(b2, t);
          b3);
        let r = result(b1);
        let n = len(x);
        let t1 = f64(n);
        let t2 = r / t1;
        let b4 = merger[f64,+];
        let b5 = for(x, b4, |b6, i1, e1|
          let t3 = e1 * 2.0;
          let t4 = t3 - t2;
          let t5 = t4 * t4;
          let b7 = merge(b6, t5);
          b7);
        let r1 = result(b5);
        r1
      "
    `);
  });

  test('a dear map is kept', () => {
    const b = new Builder();
    const x = b.param(vec(F64), 'x');
    const dear = map(b, [x], F64, (_i, e) => b.un('exp', e));
    const mean = reduce(b, [dear], F64, '+', id);
    const p = b.finish(map(b, [dear], F64, (_i, e) => b.bin('-', e, mean)));
    const done = optimized(p, [[1, 2, 4]], [[]]);
    expect(countLoops(done)).toBe(2);
    let exps = 0;
    forEachLet(done.body, (l) => {
      if (l.op.kind === 'un' && l.op.op === 'exp') exps++;
    });
    expect(exps).toBe(1);
  });

  test('a cheap filter with two readers is tested twice', () => {
    const p = program(1, (b, x) => {
      const kept = filter(b, [x], I64, positive(b), id);
      const sum = reduce(b, [kept], I64, '+', id);
      return map(b, [kept], I64, (_i, e) => b.bin('-', e, sum));
    });
    const done = optimized(p, ...one);
    expect(countLoops(done)).toBe(2);
    expect(printProgram(done)).not.toContain('$');
  });

  test('a dear filter and its normalisation: tested once, unread columns are not made', () => {
    const p = program(2, (b, x, y) => {
      const dear = (_i: Sym, e: Sym): Atom => b.bin('>', b.un('exp', b.cast(F64, e)), f64(1));
      const rows = filter(b, [x, y], ROW, dear, (_i, e, f) => b.struct([e, f as Atom]));
      const sum = reduce(b, [rows], I64, '+', (_i, e) => b.field(e, 1));
      return map(b, [rows], I64, (_i, e) => b.bin('-', b.field(e, 1), sum));
    });
    const done = optimized(p, ...two);
    expect(countLoops(done)).toBe(2);
    expect(printProgram(done)).toMatchInlineSnapshot(`
      "|x: vec[i64], x1: vec[i64]|
        let b = appender[{i64}];
        let b1 = merger[i64,+];
        let b2 = {b, b1};
        let b3 = for(zip(x, x1), b2, |b4, i, e|
          let b5 = b4.$0;
          let t = f64(e.$0);
          let t1 = exp(t);
          let t2 = t1 > 1.0;
          let b6 = b4.$1;
          let b7 = if(t2, (
            let s = {e.$1};
            let b8 = merge(b5, s);
            let b9 = merge(b6, e.$1);
            let b10 = {b8, b9};
            b10), (
            let b11 = {b5, b6};
            b11));
          b7);
        let r = result(b3);
        let r1 = r.$0;
        let r2 = r.$1;
        let b12 = appender[i64];
        let b13 = for(r1, b12, |b14, i1, e1|
          let f = e1.$0;
          let t3 = f - r2;
          let b15 = merge(b14, t3);
          b15);
        let r3 = result(b13);
        r3
      "
    `);
  });
});

describe('not fused, because it would be wrong', () => {
  test('a loop that reads its index after a filter', () => {
    const p = program(1, (b, x) => {
      const kept = filter(b, [x], I64, positive(b), id);
      return map(b, [kept], I64, (i, e) => b.bin('+', b.bin('*', e, i64(100)), i));
    });
    expect(loopsOf(p, ...one)).toBe(2);
  });
  test('a loop that reads its index after flattening', () => {
    const p = program(1, (b, x) => map(b, [repeat(b, x, I64, 2n)], I64, (i, e) => b.bin('+', e, i)));
    expect(loopsOf(p, ...one)).toBe(3);
  });
  test('a zip with a filter: lengths differ and the error stays', () => {
    const p = program(1, (b, x) => {
      const kept = filter(b, [x], I64, positive(b), id);
      return reduce(b, [kept, x], I64, '+', (_i, e, f) => b.bin('*', e, f as Atom));
    });
    expect(loopsOf(p, ...one, [ints(1, 2)])).toBe(2);
  });
  test('different lengths in a zip of maps: the check stays', () => {
    const p = program(2, (b, x, y) => {
      const a = map(b, [x], I64, plus(b, 1));
      const c = map(b, [y], I64, plus(b, 2));
      return b.struct([reduce(b, [a, c], I64, '+', (_i, e) => e), b.len(a)]);
    });
    expect(loopsOf(p, ...two)).toBe(1);
    const { program: done } = optimize(p);
    expect(outcomeOf(() => interpret(done, [ints(1), ints(1, 2)]))).toEqual({ error: 'MismatchedZipSize' });
  });
  test('loops over vectors of unrelated lengths', () => {
    const p = program(2, (b, x, y) => b.struct([reduce(b, [x], I64, '+', id), reduce(b, [y], I64, '+', id)]));
    expect(loopsOf(p, ...two)).toBe(2);
  });
  test('a vector that is also looked up', () => {
    const p = program(1, (b, x) => {
      const v = map(b, [x], I64, plus(b, 1));
      return map(b, [v], I64, (i, e) => b.bin('+', e, b.lookup(v, b.bin('/', i, i64(2)))));
    });
    expect(loopsOf(p, ...one)).toBe(2);
  });
  test('a producer that goes on with a builder from outside', () => {
    const b = new Builder();
    const x = b.param(vec(I64), 'x');
    const y = b.param(vec(I64), 'y');
    const first = b.loop([scan(y)], b.builder(appender(I64)), (acc, _i, e) => b.merge(acc, e));
    const v = b.result(b.loop([scan(x)], first, (acc, _i, e) => b.merge(acc, b.bin('+', e, i64(1)))));
    const p = b.finish(reduce(b, [v], I64, '+', id));
    expect(loopsOf(p, ...two)).toBe(3);
  });
  test('loops that need each other are not joined', () => {
    const p = program(1, (b, x) => {
      const sum = reduce(b, [x], I64, '+', id);
      const second = reduce(b, [x], I64, '+', (_i, e) => b.bin('*', e, sum));
      return b.struct([sum, second, reduce(b, [x], I64, 'max', (_i, e) => b.bin('-', e, second))]);
    });
    expect(loopsOf(p, ...one)).toBe(3);
  });
  test('a size hint may go, an initial value may not', () => {
    const b = new Builder();
    const x = b.param(vec(I64), 'x');
    const hinted = b.result(b.loop([scan(x)], b.builder(appender(I64), b.len(x)), (acc, _i, e) => b.merge(acc, e)));
    const total = b.loop([scan(hinted)], b.builder(merger(I64, '+'), i64(40)), (acc, _i, e) => b.merge(acc, e));
    const done = optimized(b.finish(b.result(total)), ...one);
    expect(countLoops(done)).toBe(1);
    expect(interpret(done, [ints(1, 1)])).toBe(42n);
  });
  test('a part of a map, by a range of positions', () => {
    const p = program(1, (b, x) => {
      const v = map(b, [x], I64, plus(b, 1));
      return reduce(b, [range(i64(0), i64(2), i64(2))], I64, '+', (_i, k) => b.lookup(v, k));
    });
    expect(loopsOf(p, ...one)).toBe(2);
  });
});

describe('limits and nesting', () => {
  /** Merges each element and its negation, when it is positive. */
  const mirror = (b: Builder, x: Sym): Sym => {
    const loop = b.loop([scan(x)], b.builder(appender(I64)), (acc, _i, e) =>
      b.if(
        b.bin('>', e, i64(0)),
        () => b.merge(b.merge(acc, e), b.un('neg', e)),
        () => acc,
      ),
    );
    return b.result(loop);
  };
  test.each([
    [5, 1],
    [80, 2],
  ])('a consumer of %i operations at two merge sites leaves %i loops', (operations, loops) => {
    const p = program(1, (b, x) =>
      reduce(b, [mirror(b, x)], I64, '+', (_i, e) => {
        let v: Atom = e;
        for (let k = 0; k < operations; k++) v = b.bin(k % 2 === 0 ? '*' : '^', v, i64(k + 3));
        return v;
      }),
    );
    expect(loopsOf(p, ...one)).toBe(loops);
  });
  test('a hundred sums are two loops: 64 builders are the most that one takes', () => {
    const p = program(1, (b, x) =>
      b.struct(Array.from({ length: 100 }, (_, k) => reduce(b, [x], I64, '+', (_i, e) => b.bin('*', e, i64(k + 2))))),
    );
    expect(loopsOf(p, ...one)).toBe(2);
  });
  test('loops in the body of a loop are fused there', () => {
    const p = program(2, (b, x, y) =>
      map(b, [x], I64, (_i, k) => {
        const scaled = map(b, [y], I64, (_j, e) => b.bin('*', e, k));
        const kept = filter(b, [scaled], I64, (_j, e) => b.bin('>', e, i64(2)), id);
        return b.bin('+', reduce(b, [kept], I64, '+', id), b.len(kept));
      }),
    );
    expect(loopsOf(p, ...two, [DATA[0] ?? [], DATA[1] ?? []])).toBe(2);
  });
  test('a dear vector from outside is not made again by an inner loop', () => {
    const p = program(2, (b, x, y) => {
      const rems = map(b, [y], I64, (_i, e) => b.bin('%', b.bin('/', e, i64(3)), i64(5)));
      return map(b, [x], I64, (_i, k) => reduce(b, [rems], I64, '+', (_j, e) => b.bin('*', e, k)));
    });
    expect(loopsOf(p, ...two)).toBe(3);
  });
  test('nested vectors: the inner loop takes over its producer after the outer did', () => {
    const p = program(2, (b, x, y) => {
      const rows = map(b, [x], vec(I64), (_i, k) => map(b, [y], I64, (_j, e) => b.bin('*', e, k)));
      return map(b, [rows], I64, (_i, row) => reduce(b, [row], I64, 'max', id));
    });
    expect(loopsOf(p, ...two)).toBe(2);
  });
});

describe('length of programs', () => {
  test('1000 maps, each result returned, and the sums of all', () => {
    const p = program(1, (b, x) => {
      const out: Atom[] = [];
      let v = x;
      for (let k = 0; k < 1000; k++) {
        v = map(b, [v], I64, plus(b, k));
        if (k % 100 === 0) out.push(v);
      }
      return b.struct([...out, v]);
    });
    expect(loopsOf(p, [ints(1, 2, 3)])).toBe(1);
  });
  test('1000 maps, with half of them reading two before', () => {
    const p = program(1, (b, x) => {
      let [u, v] = [x, x];
      for (let k = 0; k < 1000; k++) [u, v] = [v, map(b, [v, u], I64, (_i, e, f) => b.bin('^', e, f as Atom))];
      return reduce(b, [v], I64, '+', id);
    });
    expect(loopsOf(p, [ints(1, 2, 3)])).toBe(1);
  });
  test('a struct of rows through many steps', () => {
    const p = program(1, (b, x) => {
      let v = map(b, [x], ROW, (i, e) => b.struct([e, i]));
      for (let k = 0; k < 50; k++) {
        v = map(b, [v], ROW, (_i, e) => b.struct([b.field(e, 1), b.bin('+', b.field(e, 0), i64(1))]));
      }
      return reduce(b, [v], struct([I64]), '+', (_i, e) => b.struct([b.field(e, 0)]));
    });
    expect(loopsOf(p, ...one)).toBe(1);
  });
});
