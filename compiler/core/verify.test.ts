import { describe, expect, test } from 'vitest';
import { InternalError, type Origin } from '../diag/diagnostic.ts';
import { Builder, bool, f64, i64, scan } from './build.ts';
import { checkLinear } from './linear.ts';
import type { Atom, Block, Let, Sym } from './op.ts';
import type { Program } from './program.ts';
import { appender, F64, I32, I64, merger, vec } from './types.ts';
import { verify } from './verify.ts';

const sum = merger(F64, '+');
const program = (make: (b: Builder) => Atom): Program => {
  const b = new Builder();
  return b.finish(make(b));
};
/** The message of the InternalError that `verify` must throw. */
function refusal(p: Program): string {
  try {
    verify(p);
  } catch (e) {
    if (e instanceof InternalError) return e.message;
    throw e;
  }
  throw new Error('verify found nothing');
}
/** The second atom, after the first was made. */
const second = (_made: Atom, then: Atom): Atom => then;
const codes = (p: Program): readonly string[] => checkLinear(p).map((d) => d.code);
/** The program with the lets of its block replaced. */
const withLets = (p: Program, lets: readonly Let[], result = p.body.result): Program => ({
  syms: p.syms,
  body: { params: p.body.params, lets, result },
});

describe('verify', () => {
  const good = program((b) => {
    const x = b.param(vec(F64), 'x');
    const n = b.loop([scan(x)], b.builder(sum), (acc, _i, e) =>
      b.if(
        b.bin('<', e, f64(0)),
        () => acc,
        () => b.merge(acc, b.un('sqrt', e)),
      ),
    );
    return b.result(n);
  });

  test('accepts what the Builder makes', () => {
    expect(() => verify(good)).not.toThrow();
    expect(() => verify(program(() => f64(1)))).not.toThrow();
  });

  test('once: a let twice, a param twice, a let that binds a param', () => {
    const [first] = good.body.lets;
    if (first === undefined) throw new Error('no let');
    expect(refusal(withLets(good, [first, ...good.body.lets]))).toMatch(
      /^verify: once: b%1 is bound a second time\n {2}in: let b%1 = merger\[f64,\+\]/,
    );
    const [x] = good.body.params;
    if (x === undefined) throw new Error('no param');
    const twice: Program = { syms: good.syms, body: { ...good.body, params: [x, x] } };
    expect(refusal(twice)).toContain('verify: once: x%0 is bound a second time');
    expect(refusal(withLets(good, [{ sym: x, op: first.op }, ...good.body.lets]))).toContain('once');
  });

  test('scope: before its let, outside its block, after a branch', () => {
    expect(refusal(withLets(good, [...good.body.lets].reverse()))).toContain('before it is bound');
    const leaked = program((b) => {
      let inner: Sym | null = null;
      b.if(
        bool(true),
        () => {
          inner = b.un('exp', f64(1));
          return inner;
        },
        () => f64(0),
      );
      return inner ?? f64(0);
    });
    expect(refusal(leaked)).toMatch(
      /scope: t%0 is read outside the block that binds it\n {2}in: the result of the program/,
    );
  });

  test('types: a wrong table entry and an operation that the rules refuse', () => {
    const b = new Builder();
    const wrong = b.syms.fresh(I32, 'w');
    const add = { kind: 'bin', op: '+', a: f64(1), b: f64(2) } as const;
    const p = { syms: b.syms, body: { params: [], lets: [{ sym: wrong, op: add }], result: wrong } };
    expect(refusal(p)).toContain('types: the table says i32, the typing rules f64\n  in: let w%0 = 1.0 + 2.0');
    const mixed = { kind: 'bin', op: '+', a: f64(1), b: i64(2) } as const;
    expect(refusal(withLets(p, [{ sym: wrong, op: mixed }]))).toContain('types: W2001');
  });

  test('literal: outside its range, or in the wrong encoding', () => {
    const bad = (value: number | bigint | boolean): string => refusal(program(() => ({ lit: value, ty: I32 })));
    expect(bad(1n)).toContain('literal: 1 is not a i32');
    expect(bad(2 ** 31)).toContain('literal');
    expect(bad(0.5)).toContain('literal');
    expect(bad(-0)).toContain('literal');
  });

  test('params: branches take none, symbols are in the table', () => {
    const b = new Builder();
    const s = b.syms.fresh(F64);
    const t = b.syms.fresh(F64);
    const branch: Block = { params: [s], lets: [], result: s };
    const op = { kind: 'if', cond: bool(true), then: branch, else: { params: [], lets: [], result: f64(0) } } as const;
    expect(refusal({ syms: b.syms, body: { params: [], lets: [{ sym: t, op }], result: t } })).toContain(
      'params: a branch',
    );
    const other = new Builder().finish(f64(0));
    expect(refusal({ syms: other.syms, body: { params: [s], lets: [], result: f64(0) } })).toContain(
      "not in the program's table",
    );
  });

  test('linear violations are faults, too', () => {
    expect(refusal(program((b) => second(b.builder(sum), f64(0))))).toMatch(/^verify: linear: W3002/);
  });
});

describe('checkLinear', () => {
  const over = (body: (b: Builder, acc: Sym, other: Sym) => Atom): Program =>
    program((b) => {
      const x = b.param(vec(F64), 'x');
      const other = b.builder(sum);
      const r = b.loop([scan(x)], b.builder(sum), (acc) => body(b, acc, other));
      b.result(other);
      return b.result(r);
    });

  test('a builder used twice on a path', () => {
    const twice = program((b) => {
      const acc = b.builder(sum);
      b.result(b.merge(acc, f64(1)));
      return b.result(b.merge(acc, f64(2)));
    });
    expect(codes(twice)).toEqual(['W3001']);
    expect(
      codes(
        program((b) => {
          const acc = b.builder(sum);
          b.result(b.struct([acc, acc]));
          return f64(0);
        }),
      ),
    ).toEqual(['W3001']);
  });

  test('a builder dropped, in a block, in a body, in one branch', () => {
    expect(codes(program((b) => second(b.builder(sum), f64(0))))).toEqual(['W3002']);
    expect(codes(over((b, acc) => second(b.builder(sum), acc)))).toEqual(['W3002']);
    const oneSided = program((b) => {
      const acc = b.builder(sum);
      return b.if(
        bool(true),
        () => b.result(acc),
        () => f64(0),
      );
    });
    const [found] = checkLinear(oneSided);
    expect(found?.code).toBe('W3002');
    expect(found?.message).toBe("builder 'b' is consumed in the then branch and dropped in the else branch");
  });

  test('both branches may use one builder, and no more after them', () => {
    const both = (after: boolean): Program =>
      program((b) => {
        const acc = b.builder(sum);
        const c = b.if(
          bool(true),
          () => b.merge(acc, f64(1)),
          () => acc,
        );
        if (after) b.result(acc);
        return b.result(c);
      });
    expect(codes(both(false))).toEqual([]);
    expect(codes(both(true))).toEqual(['W3001']);
  });

  test('a loop body does not use builders from outside, and gives its own back', () => {
    expect(codes(over((b, acc, other) => second(b.merge(other, f64(1)), acc)))).toContain('W3001');
    expect(codes(over((b, acc) => second(b.result(acc), b.builder(sum))))).toEqual(['W3003']);
    expect(codes(over((b, acc) => second(b.result(acc), b.merge(b.builder(sum), f64(2)))))).toEqual(['W3003']);
  });

  test('nested loops take the builder along; branches that differ are no descent', () => {
    const nested = over((b, acc) => {
      const [x] = [b.vec(F64, [f64(1)])];
      return b.loop([scan(x)], b.merge(acc, f64(3)), (inner, _i, e) => b.merge(inner, e));
    });
    expect(codes(nested)).toEqual([]);
    expect(() => verify(nested)).not.toThrow();
    const swapped = over((b, acc) => {
      const fresh = b.builder(sum);
      return b.if(
        bool(true),
        () => second(b.result(fresh), acc),
        () => second(b.result(acc), fresh),
      );
    });
    expect(codes(swapped)).toEqual(['W3003']);
  });

  test('structs of builders: each field once, in its own place', () => {
    const pair = (body: (b: Builder, s: Sym) => Atom): Program =>
      program((b) => {
        const x = b.param(vec(F64), 'x');
        const start = b.struct([b.builder(sum), b.builder(sum)]);
        return b.result(b.loop([scan(x)], start, (s) => body(b, s)));
      });
    expect(codes(pair((_b, s) => s))).toEqual([]);
    expect(codes(pair((b, s) => b.struct([b.field(s, 0), b.merge(b.field(s, 1), f64(1))])))).toEqual([]);
    expect(codes(pair((b, s) => b.struct([b.field(s, 1), b.field(s, 0)])))).toEqual(['W3003']);
    expect(codes(pair((b, s) => b.struct([b.field(s, 0), b.field(s, 0)])))).toEqual(['W3001', 'W3002', 'W3003']);
    const [dropped] = checkLinear(pair((b, s) => b.struct([b.field(s, 0), b.builder(sum)]))).filter(
      (d) => d.code === 'W3002',
    );
    expect(dropped?.message).toBe("builder .$1 of 'b' of type {merger[f64,+],merger[f64,+]} is dropped");
    expect(codes(pair((b, s) => second(b.field(s, 0), s)))).toContain('W3001');
  });

  test('a loop carries nothing but builders', () => {
    const carried = program((b) => {
      const x = b.param(vec(F64), 'x');
      const s = b.loop([scan(x)], b.struct([b.builder(sum), i64(0)]), (acc) => b.struct([b.field(acc, 0), i64(1)]));
      b.result(b.field(s, 0));
      return b.field(s, 1);
    });
    const [found] = checkLinear(carried);
    expect(found?.code).toBe('W3003');
    expect(found?.message).toContain('found i64 in {merger[f64,+],i64}');
  });

  test('params and results may be builders; a diagnostic has the place of both uses', () => {
    expect(codes(program((b) => b.merge(b.param(appender(I64), 'a'), i64(1))))).toEqual([]);
    expect(codes(program((b) => second(b.param(appender(I64), 'a'), i64(0))))).toEqual(['W3002']);
    const at = (start: number): Origin => ({ kind: 'text', span: { start, end: start + 1 } });
    const b = new Builder();
    const acc = b.at(at(1), () => b.builder(sum));
    b.at(at(2), () => b.result(acc));
    const p = b.finish(b.at(at(3), () => b.result(acc)));
    const [found] = checkLinear(p);
    expect(found?.origin).toEqual(at(3));
    expect(found?.labels).toEqual([{ span: { start: 2, end: 3 }, text: 'used up here' }]);
  });
});
