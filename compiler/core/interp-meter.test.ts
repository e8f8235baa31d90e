import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { build, errorOf, type Given, messageOf, run, thrown } from '../testing/core-run.ts';
import { type Builder, bool, i32, i64, lit, range, scan } from './build.ts';
import { extern } from './externs.ts';
import { interpret } from './interp.ts';
import type { Atom } from './op.ts';
import {
  appender,
  dictmerger,
  groupmerger,
  I8,
  I32,
  I64,
  merger,
  struct,
  type Type,
  U8,
  vec,
  vecmerger,
} from './types.ts';

type Make = (b: Builder, ...params: readonly Atom[]) => Atom;

/** The least limit under which a run ends with its value, found by bisection. */
function need(make: Make, params: readonly Given[] = []): number {
  const fits = (memoryLimit: number): boolean => {
    try {
      run(make, params, { memoryLimit });
      return true;
    } catch {
      return false;
    }
  };
  let [low, high] = [-1, 1 << 20];
  if (!fits(high)) throw new Error('more than a MiB');
  while (high - low > 1) {
    const mid = (low + high) >> 1;
    if (fits(mid)) high = mid;
    else low = mid;
  }
  return high;
}

const times = (n: number) => [range(i64(0), i64(n), i64(1))];
/** 0, 1 ... n-1, or n items made by `item`. */
const fill = (b: Builder, n: number, elem: Type = I64, item: (i: Atom) => Atom = (i) => i): Atom =>
  b.result(b.loop(times(n), b.builder(appender(elem)), (a, i) => b.merge(a, item(i))));
const sum = (b: Builder, v: Atom): Atom =>
  b.result(b.loop([scan(v)], b.builder(merger(I64, '+')), (m, _i, e) => b.merge(m, e)));

describe('what a run holds', () => {
  test('vectors by the bytes of their elements', () => {
    expect(need((b) => fill(b, 100))).toBe(800);
    expect(need((b) => fill(b, 100, I8, () => lit(I8, 1)))).toBe(100);
    expect(need((b) => fill(b, 100, struct([I8, I64]), (i) => b.struct([lit(I8, 1), i])))).toBe(900);
    expect(need((b) => b.vec(I32, [i32(1), i32(2), i32(3)]))).toBe(12);
    expect(need((b) => fill(b, 10, struct([]), () => b.struct([])))).toBe(10);
    expect(need((b) => b.bin('+', i32(1), i32(2)))).toBe(0);
  });

  test('inner vectors once, and 16 bytes where they stand', () => {
    const row = vec(I64);
    expect(need((b) => fill(b, 10, row, (i) => b.vec(I64, [i, i])))).toBe(10 * (16 + 16));
    // One row, held ten times.
    expect(
      need((b) => {
        const one = b.vec(I64, [i64(1), i64(2)]);
        return fill(b, 10, row, () => one);
      }),
    ).toBe(10 * 16 + 16);
  });

  test('dictionaries and groups by their entries', () => {
    const count = (b: Builder, n: number): Atom =>
      b.result(
        b.loop(times(n), b.builder(dictmerger(I64, I32, '+')), (d, i) =>
          b.merge(d, b.struct([b.bin('%', i, i64(10)), i32(1)])),
        ),
      );
    expect(need((b) => count(b, 5))).toBe(5 * 20);
    expect(need((b) => count(b, 50))).toBe(10 * 20);
    expect(need((b) => b.tovec(count(b, 50)))).toBe(10 * 20 + 10 * 12);
    const group = (b: Builder, n: number): Atom =>
      b.result(
        b.loop(times(n), b.builder(groupmerger(I64, I64)), (d, i) => b.merge(d, b.struct([b.bin('%', i, i64(10)), i]))),
      );
    expect(need((b) => group(b, 50))).toBe(10 * (8 + 16 + 8) + 50 * 8);
    // One group outlives the dictionary that held it.
    expect(
      need((b) => {
        const one = b.lookup(group(b, 50), i64(3));
        return b.struct([one, fill(b, 45)]);
      }),
    ).toBe(10 * 32 + 50 * 8);
    const words = (b: Builder): Atom =>
      b.result(
        b.loop(times(4), b.builder(dictmerger(vec(I64), I64, '+')), (d, i) =>
          b.merge(d, b.struct([b.vec(I64, [b.bin('%', i, i64(2))]), i])),
        ),
      );
    // Two keys are held; the third row was made and dropped.
    expect(need(words)).toBe(2 * (16 + 8 + 8) + 2 * 8 + 8);
  });

  test('what builders start with', () => {
    const given: Given = [vec(I64), new Array<bigint>(100).fill(1n)];
    const hist = (b: Builder, v: Atom = i32(0)): Atom =>
      b.result(b.loop(times(3), b.builder(vecmerger(I64, '+'), v), (m, i) => b.merge(m, b.struct([i, i64(1)]))));
    expect(need(hist, [given])).toBe(800);
  });

  test('not the arguments, nor parts of them, but copies', () => {
    const given: Given = [vec(vec(I64)), [[1n, 2n], [3n]]];
    expect(need((b, v = i32(0)) => b.lookup(v, i64(0)), [given])).toBe(0);
    expect(need((_b, v = i32(0)) => v, [given])).toBe(0);
    expect(need((b, v = i32(0)) => b.slice(v, i64(0), i64(2)), [given])).toBe(32);
    expect(need((b, v = i32(0)) => b.sort(v, () => i32(0)), [given])).toBe(32);
    const pair: Given = [struct([I64, vec(I64)]), { kind: 'struct', fields: [1n, [1n]] }];
    expect(need((b, s = i32(0)) => b.vec(vec(I64), [b.field(s, 1)]), [pair])).toBe(16);
  });

  test('bytes, before they are made', () => {
    const given: Given = [vec(I64), new Array<bigint>(10).fill(1n)];
    expect(need((b, v = i32(0)) => b.serialize(v), [given])).toBe(88);
    expect(need((b, v = i32(0)) => b.deserialize(vec(I64), b.serialize(v)), [given])).toBe(88 + 80);
    // Every doubling shares, so little is held; what would be written is 2^40 rows.
    const doubled = (b: Builder): Atom => {
      let v: Atom = b.vec(I64, [i64(1)]);
      let t: Type = vec(I64);
      for (let k = 0; k < 40; k++) {
        v = b.vec(t, [v, v]);
        t = vec(t);
      }
      return b.len(b.serialize(v));
    };
    expect(messageOf(doubled, [], { memoryLimit: 1 << 30 })).toMatch(/^W6006: out of memory: asked for \d+ bytes with/);
    expect(errorOf(doubled)).toBe('W6006 OutOfMemory');
  });

  test('what externs give', () => {
    const ones = extern('ones', [I64], vec(I64), (n: bigint) => new BigInt64Array(Number(n)).fill(1n), { pure: true });
    const prims = new Map([['ones', ones]]);
    const call = (b: Builder): Atom => b.cudf('ones', vec(I64), [i64(100)]);
    expect(errorOf(call, [], { prims, memoryLimit: 799 })).toBe('W6006 OutOfMemory');
    expect(interpret(build(call), [], { prims, memoryLimit: 800 })).toHaveLength(100);
  });
});

describe('what a run lets go', () => {
  test('values after the last let that reads them', () => {
    // A chain of ten vectors: two are held at a time.
    const chain = (b: Builder): Atom => {
      let v = fill(b, 100);
      for (let k = 0; k < 10; k++) {
        const from = v;
        v = b.result(b.loop([scan(from)], b.builder(appender(I64)), (a, i) => b.merge(a, i)));
      }
      return sum(b, v);
    };
    expect(need(chain)).toBe(1600);
    // All ten are read at the end.
    const kept = (b: Builder): Atom => b.struct(Array.from({ length: 10 }, () => fill(b, 100)));
    expect(need(kept)).toBe(8000);
    expect(
      need((b) => {
        fill(b, 100);
        fill(b, 100);
        return i32(1);
      }),
    ).toBe(800);
  });

  test('what a loop makes and drops, a hundred thousand times', () => {
    const n = 100_000;
    const loop = (b: Builder): Atom =>
      b.result(
        b.loop(times(n), b.builder(merger(I64, '+')), (m, i) => {
          const rows = b.vec(vec(I64), [b.vec(I64, [i, i]), b.vec(I64, [i])]);
          const part = b.slice(b.lookup(rows, i64(0)), i64(0), i64(1));
          const made = b.if(
            b.bin('<', i, i64(n / 2)),
            () => b.vec(I64, [i, i, i]),
            () => part,
          );
          const ends = b.iterate(made, (v) => b.struct([b.slice(v, i64(0), i64(1)), bool(false)]));
          return b.merge(m, b.lookup(ends, i64(0)));
        }),
      );
    expect(run(loop, [], { memoryLimit: 500 })).toBe((n * (n - 1)) / 2);
  });

  test('the states of iterate', () => {
    const grow = (b: Builder): Atom =>
      b.len(
        b.field(
          b.iterate(b.struct([fill(b, 10), i64(0)]), (s) => {
            const n = b.bin('+', b.field(s, 1), i64(1));
            const copy = b.slice(b.field(s, 0), i64(0), i64(10));
            return b.struct([b.struct([copy, n]), b.bin('<', n, i64(1000))]);
          }),
          0,
        ),
      );
    // The first state, the current and the next.
    expect(need(grow)).toBe(240);
  });

  test('inner builders', () => {
    const inner = (b: Builder): Atom =>
      b.result(b.loop(times(100), b.builder(merger(I64, '+')), (m) => b.merge(m, b.len(fill(b, 50)))));
    expect(need(inner)).toBe(400 + 8);
  });

  test('nothing that something else still holds', () => {
    const rows = (b: Builder): Atom =>
      b.result(
        b.loop(times(10), b.builder(appender(vec(I64))), (a) => {
          const row = fill(b, 10);
          return b.if(
            bool(true),
            () => b.merge(a, row),
            () => a,
          );
        }),
      );
    expect(need(rows)).toBe(10 * (16 + 80));
  });
});

describe('the limit', () => {
  test('ends an endless appender, at its place', () => {
    const origin = { kind: 'text', span: { start: 4, end: 9 } } as const;
    const p = build((b) =>
      b.result(
        b.loop([range(i64(0), i64(1n << 60n), i64(1))], b.builder(appender(I64)), (a, i) =>
          b.at(origin, () => b.merge(a, i)),
        ),
      ),
    );
    const e = thrown(() => interpret(p, [], { memoryLimit: 1 << 20 }));
    expect([e.code, e.kind, e.diagnostics[0]?.origin]).toEqual(['W6006', 'OutOfMemory', origin]);
    expect(e.diagnostics[0]?.message).toBe('out of memory: asked for 8 bytes with 1048576 of 1048576 bytes in use');
  });

  test('counts builders that are handed on', () => {
    const t = appender(I64);
    const begin = interpret(
      build((b) => b.loop(times(100), b.builder(t), (a, i) => b.merge(a, i))),
      [],
    );
    const more = build((b, a = i32(0)) => b.result(b.merge(a, i64(1))), [t]);
    expect(thrown(() => interpret(more, [begin], { memoryLimit: 807 })).code).toBe('W6006');
    expect(interpret(more, [begin], { memoryLimit: 808 })).toHaveLength(101);
    const groups = groupmerger(I64, vec(U8));
    const held = interpret(
      build((b) =>
        b.loop(times(4), b.builder(groups), (g, i) => b.merge(g, b.struct([b.bin('%', i, i64(2)), b.vec(U8, [])]))),
      ),
      [],
    );
    const done = build((b, g = i32(0)) => b.len(b.tovec(b.result(g))), [groups]);
    const bytes = 2 * 32 + 4 * 16;
    expect(interpret(done, [held], { memoryLimit: bytes + 2 * 24 })).toBe(2n);
    expect(thrown(() => interpret(done, [held], { memoryLimit: bytes + 2 * 24 - 1 })).code).toBe('W6006');
  });

  test('does not depend on how a value is shared out: what is let go was held', () => {
    // Random lets over a few vectors: in the end the run holds what the last ones read.
    const step = fc.record({ kind: fc.nat(4), a: fc.nat(20), b: fc.nat(20) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const make = (b: Builder): Atom => {
          const rows: Atom[] = [b.vec(I64, [i64(1)])];
          const pick = (k: number): Atom => rows[k % rows.length] ?? i32(0);
          for (const s of steps) {
            const [x, y] = [pick(s.a), pick(s.b)];
            if (s.kind === 0) rows.push(b.slice(x, i64(0), i64(1)));
            else if (s.kind === 1) rows.push(b.lookup(b.vec(vec(I64), [x, y]), i64(1)));
            else if (s.kind === 2) {
              rows.push(
                b.if(
                  b.bin('==', x, y),
                  () => x,
                  () => b.slice(y, i64(0), i64(1)),
                ),
              );
            } else if (s.kind === 3) rows.push(b.field(b.struct([x, y]), 0));
            else rows.push(b.iterate(x, () => b.struct([y, bool(false)])));
          }
          // Whatever happened before, only this counts for the last let.
          return b.len(fill(b, 1000));
        };
        const bytes = need(make);
        expect(bytes).toBe(8000);
      }),
      { numRuns: 100, seed: 5 },
    );
  });
});
