import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BinOp } from '../core/op.ts';
import { binScalar, castScalar, normalise, type ScalarValue, unScalar } from '../core/scalar.ts';
import { SCALAR_KINDS, type ScalarKind } from '../core/types.ts';
import { WeldError } from '../diag/diagnostic.ts';
import { runs } from '../testing/runs.ts';
import {
  allOf,
  binInterval,
  castInterval,
  type Interval,
  interval,
  join,
  meet,
  negInterval,
  notInterval,
} from './interval.ts';

const INTS = SCALAR_KINDS.filter((k) => allOf(k) !== null && k !== 'bool');
const ARITH: readonly BinOp[] = ['+', '-', '*', '/', '%', 'min', 'max', '&', '|', '^', '<', '=='];
const LOGIC: readonly BinOp[] = ['&&', '||', '&', '|', '^', '=='];

const holds = (i: Interval | null, v: ScalarValue): boolean => {
  const n = typeof v === 'boolean' ? (v ? 1n : 0n) : BigInt(v);
  return i !== null && i.lo <= n && n <= i.hi;
};

/** An interval of a kind, near its limits or near zero, with its ends and some values inside. */
function sampled(kind: ScalarKind): fc.Arbitrary<{ readonly range: Interval; readonly values: readonly bigint[] }> {
  const { lo, hi } = allOf(kind) ?? interval(0n, 0n);
  const near = (n: bigint): fc.Arbitrary<bigint> => fc.bigInt({ min: n - 9n, max: n + 9n });
  const value = fc
    .oneof(near(0n), near(lo), near(hi), fc.bigInt({ min: lo, max: hi }))
    .map((n) => (n < lo ? lo : n > hi ? hi : n));
  return fc.array(value, { minLength: 1, maxLength: 6 }).map((values) => {
    const ordered = [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    const [first = 0n] = ordered;
    return { range: interval(first, ordered.at(-1) ?? first), values };
  });
}

/** What an operation gives, or null where it fails. */
function resultOf(f: () => ScalarValue): ScalarValue | null {
  try {
    return f();
  } catch (e) {
    if (e instanceof WeldError) return null;
    throw e;
  }
}

describe('an interval holds every value', () => {
  const kinds = fc.constantFrom(...INTS);
  test('of an operation on integers', () => {
    fc.assert(
      fc.property(
        kinds.chain((kind) => fc.tuple(fc.constant(kind), sampled(kind), sampled(kind))),
        fc.constantFrom(...ARITH),
        ([kind, a, b], op) => {
          const made = binInterval(op, kind, a.range, b.range);
          for (const x of a.values) {
            for (const y of b.values) {
              const v = resultOf(() => binScalar(op, kind, normalise(kind, x), normalise(kind, y)));
              if (v !== null) expect(holds(made, v), `${x} ${op} ${y} of ${kind}`).toBe(true);
            }
          }
        },
      ),
      runs(11, 10),
    );
  });
  test('of an operation on all i8 of an interval', () => {
    fc.assert(
      fc.property(sampled('i8'), sampled('i8'), fc.constantFrom(...ARITH), (a, b, op) => {
        const made = binInterval(op, 'i8', a.range, b.range);
        const step = (i: Interval): number => Math.max(1, Number(i.hi - i.lo) >> 4);
        for (let x = Number(a.range.lo); x <= a.range.hi; x += step(a.range)) {
          for (let y = Number(b.range.lo); y <= b.range.hi; y += step(b.range)) {
            const v = resultOf(() => binScalar(op, 'i8', x, y));
            if (v !== null) expect(holds(made, v), `${x} ${op} ${y}`).toBe(true);
          }
        }
      }),
      runs(12),
    );
  });
  test('of a negation and of a conversion', () => {
    fc.assert(
      fc.property(
        kinds.chain((kind) => fc.tuple(fc.constant(kind), sampled(kind))),
        fc.constantFrom<ScalarKind>('bool', ...INTS),
        ([kind, { range, values }], to) => {
          for (const x of values.map((v) => normalise(kind, v))) {
            expect(holds(negInterval(kind, range), unScalar('neg', kind, x))).toBe(true);
            expect(holds(castInterval(to, range), castScalar(kind, to, x)), `${to}(${x})`).toBe(true);
          }
        },
      ),
      runs(13, 4),
    );
  });
  test('of bools', () => {
    const all = [interval(0n, 0n), interval(0n, 1n), interval(1n, 1n)];
    const values = (i: Interval): boolean[] => [false, true].filter((v) => holds(i, v));
    for (const a of all) {
      for (const x of values(a)) expect(holds(notInterval(a), !x)).toBe(true);
      for (const b of all) {
        for (const op of LOGIC) {
          for (const x of values(a)) {
            for (const y of values(b)) {
              expect(holds(binInterval(op, 'bool', a, b), binScalar(op, 'bool', x, y)), op).toBe(true);
            }
          }
        }
      }
    }
  });
  test('of either of two, and of both', () => {
    expect(join(interval(-3n, 1n), interval(0n, 9n))).toEqual(interval(-3n, 9n));
    expect(meet(interval(-3n, 1n), interval(0n, 9n))).toEqual(interval(0n, 1n));
    expect(meet(interval(-3n, 1n), interval(2n, 9n))).toEqual(interval(-3n, 1n));
  });
});

test('intervals are tight where passes count on it', () => {
  const i64 = allOf('i64') ?? interval(0n, 0n);
  const of = (op: BinOp, a: Interval, b: Interval): Interval | null => binInterval(op, 'i64', a, b);
  const eight = interval(8n, 8n);
  expect(of('%', i64, eight)).toEqual(interval(-7n, 7n));
  expect(of('%', interval(0n, i64.hi), eight)).toEqual(interval(0n, 7n));
  expect(of('%', i64, interval(-8n, -8n))).toEqual(interval(-7n, 7n));
  expect(of('%', interval(-3n, 2n), eight)).toEqual(interval(-3n, 2n));
  expect(of('&', i64, interval(7n, 7n))).toEqual(interval(0n, 7n));
  expect(of('|', interval(0n, 4n), interval(0n, 3n))).toEqual(interval(0n, 7n));
  expect(of('/', interval(-9n, 100n), interval(-2n, 10n))).toEqual(interval(-100n, 100n));
  expect(of('+', i64, interval(1n, 1n))).toEqual(i64);
  expect(castInterval('u8', interval(0n, 255n))).toEqual(interval(0n, 255n));
  expect(castInterval('u8', interval(-1n, 3n))).toEqual(interval(0n, 255n));
});
