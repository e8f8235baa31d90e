import { describe, expect, test } from 'vitest';
import { Builder, f64, i32, i64, lit, range, scan } from '../core/build.ts';
import { interpret } from '../core/interp.ts';
import type { IValue } from '../core/ivalue.ts';
import type { Atom, Sym } from '../core/op.ts';
import { printProgram } from '../core/print.ts';
import { type Program, resultType } from '../core/program.ts';
import {
  appender,
  BOOL,
  F64,
  I32,
  I64,
  merger,
  type ScalarType,
  struct,
  type Type,
  U32,
  vec,
  vecmerger,
} from '../core/types.ts';
import { DEFAULT_PASS_OPTIONS } from '../options.ts';
import { countLoops, optimize } from '../pipeline.ts';
import { compareOutcomes, outcomeOf } from '../testing/differential.ts';
import { filter, map, ROW, reduce } from '../testing/shapes.ts';
import { cse } from './cse.ts';
import { dce } from './dce.ts';
import { fold } from './fold.ts';
import { inline } from './inline.ts';
import { lengths } from './lengths.ts';
import { mergeIfs } from './merge-ifs.ts';
import { motion } from './motion.ts';
import { type Pass, runPasses } from './pass.ts';
import { project } from './project.ts';

const apply = (p: Program, ...passes: Pass[]): Program =>
  runPasses(p, passes, { ...DEFAULT_PASS_OPTIONS, check: true }).program;
/** The program after the passes, in text. */
const textAfter = (p: Program, ...passes: Pass[]): string => printProgram(apply(p, ...passes));

function program(types: readonly Type[], body: (b: Builder, ...xs: Sym[]) => Atom): Program {
  const b = new Builder();
  const params = types.map((t) => b.param(t, 'x'));
  return b.finish(body(b, ...params));
}
const ints = (...xs: number[]): IValue => xs.map(BigInt);
const id = (_i: Sym, e: Sym): Atom => e;

describe('inline', () => {
  test('fields of structs and structs of fields', () => {
    const p = program([ROW, I64], (b, s, y) => {
      const copy = b.struct([b.field(s, 0), b.field(s, 1)]);
      const swapped = b.struct([b.field(s, 1), b.field(s, 0)]);
      return b.struct([copy, swapped, b.field(b.struct([y, s]), 0)]);
    });
    expect(textAfter(p, inline)).toMatchInlineSnapshot(`
      "|x: {i64,i64}, x1: i64|
        let f = x.$1;
        let f1 = x.$0;
        let s = {f, f1};
        let s1 = {x, s, x1};
        s1
      "
    `);
  });
  test('constant branches and branches with nothing to compute', () => {
    const p = program([BOOL, I64], (b, c, x) =>
      b.struct([
        b.if(
          lit('bool', false),
          () => b.bin('/', x, i64(0)),
          () => b.bin('+', x, i64(2)),
        ),
        b.if(
          c,
          () => x,
          () => i64(0),
        ),
        b.if(
          c,
          () => b.bin('/', i64(8), x),
          () => i64(0),
        ),
      ]),
    );
    expect(textAfter(p, inline)).toMatchInlineSnapshot(`
      "|x: bool, x1: i64|
        let t = x1 + 2L;
        let t1 = select(x, x1, 0L);
        let t2 = if(x, (
          let t3 = 8L / x1;
          t3), 0L);
        let s = {t, t1, t2};
        s
      "
    `);
  });
  test('builders without loops', () => {
    const p = program([I64, vec(I64)], (b, x, v) =>
      b.struct([
        b.result(b.merge(b.merge(b.builder(appender(I64)), x), i64(2))),
        b.result(b.builder(merger(I64, '+'), x)),
        b.result(b.builder(merger(I64, 'min'))),
        b.result(b.builder(vecmerger(I64, '+'), v)),
        // A merge into a merger stays: float sums have an order and a sign of zero.
        b.result(b.merge(b.builder(merger(I64, '+')), x)),
      ]),
    );
    expect(textAfter(p, inline)).toMatchInlineSnapshot(`
      "|x: i64, x1: vec[i64]|
        let r = [x, 2L];
        let b = merger[i64,+];
        let b1 = merge(b, x);
        let r1 = result(b1);
        let s = {r, x, 9223372036854775807L, x1, r1};
        s
      "
    `);
  });
  test('a loop over one element', () => {
    const p = program([I64], (b, x) => reduce(b, [b.vec(I64, [x])], I64, '+', (i, e) => b.bin('-', e, i)));
    const q = apply(p, inline);
    expect(countLoops(q)).toBe(0);
    expect(interpret(q, [7n])).toBe(7n);
  });
  test('a struct of builders is only looked through when nothing else consumes it', () => {
    const p = program([vec(I64)], (b, v) => {
      const pair = b.struct([b.builder(appender(I64)), b.builder(merger(I64, '+'))]);
      const loop = b.loop([scan(v)], pair, (s, _i, e) => {
        const again = b.struct([b.field(s, 0), b.field(s, 1)]);
        return b.if(
          b.bin('>', e, i64(0)),
          () => b.struct([b.merge(b.field(again, 0), e), b.merge(b.field(again, 1), e)]),
          () => again,
        );
      });
      return b.struct([b.result(b.field(loop, 0)), b.result(b.field(loop, 1))]);
    });
    const q = apply(p, inline);
    expect(printProgram(q)).toMatchInlineSnapshot(`
      "|x: vec[i64]|
        let b = appender[i64];
        let b1 = merger[i64,+];
        let s = {b, b1};
        let b2 = for(x, s, |b3, i, e|
          let t = e > 0L;
          let t1 = if(t, (
            let f = b3.$0;
            let b4 = merge(f, e);
            let f1 = b3.$1;
            let b5 = merge(f1, e);
            let s1 = {b4, b5};
            s1), b3);
          t1);
        let r = result(b2);
        r
      "
    `);
    expect(outcomeOf(() => interpret(q, [ints(1, -2, 3)]))).toEqual(outcomeOf(() => interpret(p, [ints(1, -2, 3)])));
  });
});

describe('fold', () => {
  test('integer identities', () => {
    const p = program([I64], (b, x) =>
      b.struct([
        b.bin('+', i64(0), x),
        b.bin('*', x, i64(1)),
        b.bin('*', i64(0), x),
        b.bin('-', x, x),
        b.un('neg', b.un('neg', x)),
        b.un('not', b.bin('<', x, i64(3))),
        b.bin('+', i64(2), i64(3)),
        b.bin('%', x, i64(1)),
      ]),
    );
    expect(textAfter(p, fold, dce)).toMatchInlineSnapshot(`
      "|x: i64|
        let t = x >= 3L;
        let s = {x, x, 0L, 0L, x, t, 5L, 0L};
        s
      "
    `);
  });
  test('floats: only what is exact for NaN and -0', () => {
    const p = program([F64], (b, x) =>
      b.struct([
        b.bin('+', x, f64(0)),
        b.bin('+', x, f64(-0)),
        b.bin('-', x, f64(0)),
        b.bin('-', x, f64(-0)),
        b.bin('*', x, f64(1)),
        b.bin('*', x, f64(0)),
        b.bin('-', x, x),
        b.bin('==', x, x),
        b.un('not', b.bin('<', x, f64(0))),
        b.un('not', b.bin('==', x, f64(0))),
        b.un('exp', f64(1)),
        b.bin('/', f64(1), f64(0)),
      ]),
    );
    expect(textAfter(p, fold, dce)).toMatchInlineSnapshot(`
      "|x: f64|
        let t = x + 0.0;
        let t1 = x - -0.0;
        let t2 = x * 0.0;
        let t3 = x - x;
        let t4 = x == x;
        let t5 = x < 0.0;
        let t6 = !t5;
        let t7 = x != 0.0;
        let t8 = exp(1.0);
        let s = {t, x, x, t1, x, t2, t3, t4, t6, t7, t8, (1.0/0.0)};
        s
      "
    `);
  });
  test('errors stay: division by zero, and operands that are evaluated though not needed', () => {
    const p = program([I64], (b, x) =>
      b.struct([
        b.bin('/', i64(1), i64(0)),
        b.bin('*', b.bin('/', i64(1), x), i64(0)),
        b.select(lit('bool', true), x, b.bin('%', i64(1), x)),
        b.if(
          b.bin('==', b.bin('/', i64(1), x), i64(0)),
          () => i64(1),
          () => i64(1),
        ),
      ]),
    );
    expect(textAfter(p, fold, dce)).toMatchInlineSnapshot(`
      "|x: i64|
        let t = 1L / 0L;
        let t1 = 1L / x;
        let t2 = t1 * 0L;
        let t3 = 1L % x;
        let t4 = select(true, x, t3);
        let t5 = 1L / x;
        let t6 = t5 == 0L;
        let t7 = if(t6, 1L, 1L);
        let s = {t, t2, t4, t7};
        s
      "
    `);
  });
  test('the condition is known inside its branches', () => {
    const p = program([I64], (b, x) => {
      const c = b.bin('>', x, i64(0));
      return b.if(
        c,
        () =>
          b.if(
            c,
            () => b.bin('+', x, i64(1)),
            () => b.bin('+', x, i64(2)),
          ),
        () => b.select(c, i64(3), x),
      );
    });
    expect(textAfter(p, fold, inline, fold)).toMatchInlineSnapshot(`
      "|x: i64|
        let t = x > 0L;
        let t1 = if(t, (
          let t2 = x + 1L;
          t2), x);
        t1
      "
    `);
  });
});

/** Programs that algebra on the wrong numbers gets wrong: name, type, argument, expression, value. */
const EXACT: readonly (readonly [string, ScalarType, IValue, (b: Builder, x: Sym) => Atom, IValue])[] = [
  ['x*3/2', I32, 5, (b, x) => b.bin('/', b.bin('*', x, i32(3)), i32(2)), 7],
  ['x/2*4', I32, 5, (b, x) => b.bin('*', b.bin('/', x, i32(2)), i32(4)), 8],
  ['x*2==5', I32, 2, (b, x) => b.bin('==', b.bin('*', x, i32(2)), i32(5)), false],
  ['x*2>=5', I32, 2, (b, x) => b.bin('>=', b.bin('*', x, i32(2)), i32(5)), false],
  ['x/2==3', I32, 7, (b, x) => b.bin('==', b.bin('/', x, i32(2)), i32(3)), true],
  ['x+1>0', I32, 2147483647, (b, x) => b.bin('>', b.bin('+', x, i32(1)), i32(0)), false],
  ['x-1>5', U32, 0, (b, x) => b.bin('>', b.bin('-', x, lit(U32, 1)), lit(U32, 5)), true],
  ['x+1e16-1e16', F64, 1, (b, x) => b.bin('-', b.bin('+', x, f64(1e16)), f64(1e16)), 0],
];

test.each(EXACT)('%s keeps its value', (_name, ty, arg, body, want) => {
  const p = program([ty], body);
  expect(interpret(optimize(p, { check: true }).program, [arg])).toBe(want);
  // In a loop, too, where operands are not constants of the whole program.
  const q = program([vec(ty)], (b, v) => map(b, [v], resultType(p), (_i, e) => body(b, e)));
  expect(interpret(optimize(q, { check: true }).program, [[arg]])).toEqual([want]);
});

describe('cse', () => {
  test('commutative operands, equal structs, and never a value of another branch', () => {
    const p = program([I64, I64, BOOL], (b, x, y, c) => {
      const u = b.struct([b.bin('+', x, y), b.bin('-', x, y)]);
      const v = b.struct([b.bin('+', y, x), b.bin('-', y, x)]);
      const w = b.if(
        c,
        () => b.bin('*', x, y),
        () => b.bin('-', b.bin('*', x, y), b.bin('+', x, y)),
      );
      return b.struct([u, v, w]);
    });
    expect(textAfter(p, cse)).toMatchInlineSnapshot(`
      "|x: i64, x1: i64, x2: bool|
        let t = x + x1;
        let t1 = x - x1;
        let s = {t, t1};
        let t2 = x1 - x;
        let s1 = {t, t2};
        let t3 = if(x2, (
          let t4 = x * x1;
          t4), (
          let t5 = x * x1;
          let t6 = t5 - t;
          t6));
        let s2 = {s, s1, t3};
        s2
      "
    `);
  });
  test('equal loops once, different loops not; builders are never shared', () => {
    const p = program([vec(I64)], (b, x) => {
      const sum = (k: number): Sym => reduce(b, [x], I64, '+', (_i, e) => b.bin('*', e, i64(k)));
      const product = reduce(b, [x], I64, '*', (_i, e) => b.bin('*', e, i64(2)));
      return b.struct([sum(2), sum(2), sum(3), product]);
    });
    const q = apply(p, cse);
    expect(countLoops(q)).toBe(3);
    expect(interpret(q, [ints(1, 2)])).toEqual(interpret(p, [ints(1, 2)]));
  });
});

describe('dce', () => {
  test('unused loops, components of loops, and operations that would fail', () => {
    const p = program([vec(I64)], (b, x) => {
      map(b, [x], I64, (_i, e) => b.bin('/', i64(1), e));
      b.lookup(x, i64(99));
      const builders = b.struct([b.builder(appender(I64)), b.builder(merger(I64, '+')), b.builder(merger(I64, 'max'))]);
      const loop = b.loop([scan(x)], builders, (s, _i, e) =>
        b.struct([
          b.merge(b.field(s, 0), b.bin('*', e, e)),
          b.if(
            b.bin('>', e, i64(0)),
            () => b.merge(b.field(s, 1), e),
            () => b.field(s, 1),
          ),
          b.merge(b.field(s, 2), e),
        ]),
      );
      return b.field(b.result(loop), 1);
    });
    expect(textAfter(p, dce)).toMatchInlineSnapshot(`
      "|x: vec[i64]|
        let b = merger[i64,+];
        let b1 = for(x, b, |b2, i, e|
          let t = e > 0L;
          let t1 = if(t, (
            let b3 = merge(b2, e);
            b3), b2);
          t1);
        let r = result(b1);
        r
      "
    `);
  });
});

describe('merge-ifs', () => {
  test('one test for two builders, and a merge behind both branches', () => {
    const p = program([vec(I64)], (b, x) => {
      const builders = b.struct([b.builder(appender(I64)), b.builder(merger(I64, '+')), b.builder(appender(I64))]);
      const loop = b.loop([scan(x)], builders, (s, i, e) => {
        const c = b.bin('>', e, i64(0));
        const u = b.if(
          c,
          () => b.merge(b.field(s, 0), e),
          () => b.field(s, 0),
        );
        const t = b.bin('*', e, e);
        const v = b.if(
          c,
          () => b.merge(b.field(s, 1), t),
          () => b.field(s, 1),
        );
        const third = b.field(s, 2);
        const w = b.if(
          c,
          () => b.merge(third, i),
          () => b.merge(third, b.bin('/', i64(7), e)),
        );
        return b.struct([u, v, w]);
      });
      return b.result(loop);
    });
    expect(textAfter(p, mergeIfs)).toMatchInlineSnapshot(`
      "|x: vec[i64]|
        let b = appender[i64];
        let b1 = merger[i64,+];
        let b2 = appender[i64];
        let s = {b, b1, b2};
        let b3 = for(x, s, |b4, i, e|
          let t = e > 0L;
          let t1 = e * e;
          let b5 = if(t, (
            let f = b4.$0;
            let b6 = merge(f, e);
            let f1 = b4.$1;
            let b7 = merge(f1, t1);
            let b8 = {b6, b7};
            b8), (
            let f2 = b4.$0;
            let f3 = b4.$1;
            let b9 = {f2, f3};
            b9));
          let t2 = b5.$0;
          let t3 = b5.$1;
          let f4 = b4.$2;
          let v = if(t, i, (
            let t4 = 7L / e;
            t4));
          let t5 = merge(f4, v);
          let s1 = {t2, t3, t5};
          s1);
        let r = result(b3);
        r
      "
    `);
  });
  test('a second merge goes on with the first; a read between keeps them apart', () => {
    const p = program([vec(I64)], (b, x) => {
      const loop = b.loop([scan(x)], b.builder(appender(I64)), (acc, _i, e) => {
        const c = b.bin('>', e, i64(0));
        const u = b.if(
          c,
          () => b.merge(acc, e),
          () => acc,
        );
        const v = b.if(
          c,
          () => b.merge(u, i64(1)),
          () => u,
        );
        const w = b.merge(v, i64(2));
        return b.if(
          c,
          () => b.merge(w, i64(3)),
          () => w,
        );
      });
      return b.result(loop);
    });
    const q = apply(p, mergeIfs);
    expect(printProgram(q)).toMatchInlineSnapshot(`
      "|x: vec[i64]|
        let b = appender[i64];
        let b1 = for(x, b, |b2, i, e|
          let t = e > 0L;
          let t1 = if(t, (
            let b3 = merge(b2, e);
            let b4 = merge(b3, 1L);
            b4), b2);
          let b5 = merge(t1, 2L);
          let t2 = if(t, (
            let b6 = merge(b5, 3L);
            b6), b5);
          t2);
        let r = result(b1);
        r
      "
    `);
    expect(interpret(q, [ints(1, -1)])).toEqual(interpret(p, [ints(1, -1)]));
  });
});

describe('motion', () => {
  test('invariants leave loops; what can fail, and what is in a branch, stays', () => {
    const p = program([vec(I64), ROW, vec(I64)], (b, x, s, y) =>
      map(b, [x], I64, (_i, e) => {
        const k = b.bin('+', b.field(s, 0), i64(1));
        const q = b.bin('/', k, b.field(s, 1));
        const inner = reduce(b, [y], I64, '+', id);
        const r = b.if(
          b.bin('>', e, i64(0)),
          () => b.bin('*', k, k),
          () => q,
        );
        return b.bin('+', b.bin('+', r, inner), e);
      }),
    );
    const q = apply(p, motion);
    expect(printProgram(q)).toMatchInlineSnapshot(`
      "|x: vec[i64], x1: {i64,i64}, x2: vec[i64]|
        let b = appender[i64];
        let f = x1.$0;
        let t = f + 1L;
        let f1 = x1.$1;
        let b1 = merger[i64,+];
        let b2 = for(x2, b1, |b3, i, e|
          let b4 = merge(b3, e);
          b4);
        let r = result(b2);
        let b5 = for(x, b, |b6, i1, e1|
          let t1 = t / f1;
          let t2 = e1 > 0L;
          let t3 = if(t2, (
            let t4 = t * t;
            t4), t1);
          let t5 = t3 + r;
          let t6 = t5 + e1;
          let b7 = merge(b6, t6);
          b7);
        let r1 = result(b5);
        r1
      "
    `);
    // Division by zero in a loop without iterations is none.
    const empty = [[], { kind: 'struct', fields: [1n, 0n] }, []] as const;
    expect(interpret(optimize(p).program, empty)).toEqual([]);
  });
});

describe('lengths', () => {
  test('of a map: its source; of a zip: stays; of a filter: a count, unless the vector is needed anyway', () => {
    const p = program([vec(I64), vec(I64)], (b, x, y) => {
      const m = map(b, [x], I64, (_i, e) => b.bin('+', e, i64(1)));
      const z = map(b, [x, y], I64, (_i, e, f) => b.bin('+', e, f as Atom));
      const r = map(b, [range(i64(0), i64(6), i64(2))], I64, id);
      const kept = filter(b, [x], I64, (_i, e) => b.bin('>', e, i64(0)), id);
      const out = filter(b, [x], I64, (_i, e) => b.bin('<', e, i64(0)), id);
      const sum = reduce(b, [kept], I64, '+', id);
      return b.struct([b.len(m), b.len(z), b.len(r), b.len(kept), sum, b.len(out), out]);
    });
    const q = apply(p, lengths);
    expect(countLoops(q)).toBe(countLoops(p) + 1);
    const args = [ints(1, -2, 3), ints(1, 2, 3)];
    expect(compareOutcomes(resultType(p), { value: interpret(p, args) }, { value: interpret(q, args) })).toBeNull();
    const mismatch = outcomeOf(() => interpret(apply(q, dce), [ints(1), ints(1, 2)]));
    expect(mismatch).toEqual({ error: 'MismatchedZipSize' });
  });
});

describe('project', () => {
  const rows = struct([I64, F64, I64]);
  const frame = (b: Builder, x: Sym): Sym =>
    filter(
      b,
      [x],
      rows,
      (_i, e) => b.bin('>', e, i64(0)),
      (i, e) => b.struct([e, b.cast(F64, e), i]),
    );
  test('fields that are read in loops and by lookup stay', () => {
    const p = program([vec(I64)], (b, x) => {
      const v = frame(b, x);
      const sum = reduce(b, [v], I64, '+', (i, e) => b.bin('+', b.field(e, 2), i));
      const nested = map(b, [x], I64, () => reduce(b, [v], I64, '+', (_i, e) => b.field(e, 2)));
      return b.struct([sum, nested, b.len(v), b.field(b.lookup(v, i64(0)), 0)]);
    });
    const q = apply(p, project, inline, dce);
    expect(printProgram(q)).toContain('appender[{i64,i64}]');
    expect(printProgram(q)).not.toContain('f64');
    for (const arg of [ints(3, -1, 4), ints()]) {
      const [want, got] = [p, q].map((r) => outcomeOf(() => interpret(r, [arg])));
      expect(want !== undefined && got !== undefined && compareOutcomes(resultType(p), want, got)).toBeNull();
    }
  });
  test('a vector whose elements are read whole, or that leaves, is not touched', () => {
    const whole = program([vec(I64)], (b, x) => {
      const v = frame(b, x);
      return b.struct([reduce(b, [v], I64, '+', (_i, e) => b.field(e, 0)), map(b, [v], rows, id)]);
    });
    expect(apply(whole, project)).toBe(whole);
    const leaves = program([vec(I64)], (b, x) => {
      const v = frame(b, x);
      return b.struct([reduce(b, [v], I64, '+', (_i, e) => b.field(e, 0)), v]);
    });
    expect(apply(leaves, project)).toBe(leaves);
  });
});
