import { expect, test } from 'vitest';
import { Builder, i64, scan } from '../core/build.ts';
import { compareValues } from '../core/compare.ts';
import { builderMaker } from '../core/ibuilder.ts';
import { type IValue, istruct } from '../core/ivalue.ts';
import type { Sym } from '../core/op.ts';
import {
  appender,
  BOOL,
  dict,
  dictmerger,
  F64,
  groupmerger,
  I8,
  I64,
  merger,
  struct,
  type Type,
  U64,
  vec,
  vecmerger,
} from '../core/types.ts';
import { freshPrims } from './arb-prims.ts';
import { featuresOf } from './features.ts';
import { Health } from './health.ts';
import { matters, observe, otherValue } from './influence.ts';

const FUEL = 10_000;

/** A sum over `x`, a value that nobody reads, one that is multiplied by 0, and a call that counts. */
function example() {
  const b = new Builder();
  const x = b.param(vec(I64), 'x');
  const dead = b.bin('+', i64(1), i64(2));
  const len = b.len(x);
  const idle = b.bin('*', len, i64(0));
  const called = b.bin('+', i64(5), i64(6));
  b.cudf('test_tick', I64, [called], { pure: false });
  let product: Sym | null = null;
  const sum = b.loop([scan(x)], b.builder(merger(I64, '+')), (acc, _i, e) => {
    product = b.bin('*', e, i64(3));
    return b.merge(acc, product);
  });
  const program = b.finish(b.bin('+', b.result(sum), idle));
  const c = { program, args: [[1n, 2n]] };
  return { c, dead, len, idle, called, sum, product };
}

test('a value matters when another one in its place changes the result or the calls', () => {
  const { c, dead, idle, called, sum, product, len } = example();
  const want = observe(c, freshPrims(), { fuel: FUEL });
  expect(want.end).toEqual({ value: 9n });
  expect(want.ticks).toEqual([11n]);
  const says = (s: Sym | null): boolean => s !== null && matters(c, want, s, freshPrims, FUEL);
  expect([dead, len, idle, called, sum, product].map(says)).toEqual([false, false, true, true, true, true]);
});

test('another value of a type differs and is of the type; where there is none it is the same', () => {
  const cases: readonly (readonly [Type, IValue])[] = [
    [BOOL, true],
    [I8, 127],
    [U64, 0n],
    [F64, Number.NaN],
    [F64, Number.POSITIVE_INFINITY],
    [F64, 1e300],
    [vec(I8), []],
    [vec(vec(I64)), [[1n], []]],
    [struct([BOOL, vec(F64)]), istruct([true, [0]])],
    [dict(I64, BOOL), { kind: 'dict', entries: new Map([[1n, [1n, true]]]) }],
    [appender(F64), builderMaker(appender(F64))(null)],
    [merger(I64, '+'), builderMaker(merger(I64, '+'))(null)],
    [vecmerger(I64, '+'), builderMaker(vecmerger(I64, '+'))([4n])],
    [dictmerger(I64, I64, 'max'), builderMaker(dictmerger(I64, I64, 'max'))(null)],
    [groupmerger(I64, BOOL), builderMaker(groupmerger(I64, BOOL))(null)],
  ];
  for (const [ty, v] of cases) {
    for (const variant of [0, 1] as const)
      expect(compareValues(ty, v, otherValue(ty, v, variant)), ty.kind).not.toBeNull();
  }
  expect(otherValue(struct([]), istruct([]), 0)).toEqual(istruct([]));
});

test('a program is counted by feature, in three numbers, and by how it ended elsewhere', () => {
  const health = new Health();
  const { c, sum } = example();
  health.run({ ...c, toString: () => '' }, FUEL, true);
  health.note('wasm', 'ran');
  expect(featuresOf(c.program).get(sum)).toEqual(['for', 'iter scan']);
  expect(health.of('merge')).toEqual({ made: 1, ran: 2, tried: 1, changed: 1 });
  expect(health.of('cudf counted')).toEqual({ made: 1, ran: 1, tried: 1, changed: 0 });
  expect([health.missing(['for', 'sort']), health.idle(['for', 'cudf'])]).toEqual([['sort'], ['cudf']]);
  expect([health.noted('wasm', 'ran'), health.noted('wasm', 'unsupported')]).toEqual([1, 0]);
  expect(health.report()).toMatch(/^1 programs\nwasm: 1 ran\n(.*\n)*for +1 made +1 ran +1 changed of +1$/m);
});

test('an unfinished builder is compared as the value that it would give', () => {
  const ty = appender(F64);
  const [a, b] = [builderMaker(ty)(null), builderMaker(ty)(null)];
  a.merge(1);
  expect(compareValues(ty, a, b)).toBe('$: expected 1 elements, found 0');
  b.merge(1);
  expect(compareValues(ty, a, b)).toBeNull();
});
