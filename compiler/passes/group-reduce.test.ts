/**
 * Groups of random shapes: keys and elements of several types (NaN, both zeros and wrapping integers among them),
 * filters before the grouping, and any mixture of reductions, walked or looked up. The pass must apply, and change
 * no bit.
 */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { IValue } from '../core/ivalue.ts';
import { istruct } from '../core/ivalue.ts';
import { countLoops, optimize } from '../pipeline.ts';
import { difference, onePass } from '../testing/one-pass.ts';
import { DEEP_TIMEOUT, runs } from '../testing/runs.ts';
import { parseProgram } from '../text.ts';
import { groupReduce } from './group-reduce.ts';

const FLOATS = [0, -0, Number.NaN, 1, -1.5, 0.1, 0.2, 1e16, -1e16, 5e-324, Number.POSITIVE_INFINITY];
const INTS = [0n, 1n, -1n, 7n, 2n ** 62n, -(2n ** 63n), 3n];

interface Elem {
  readonly ty: string;
  readonly value: fc.Arbitrary<IValue>;
  /** What may be merged into a merger of `out`, of the element `e`. */
  readonly out: string;
  readonly terms: readonly string[];
  readonly zero: string;
  readonly one: string;
  readonly starts: readonly string[];
}
const float = (ty: 'f64' | 'f32', suffix: string): Elem => ({
  ty,
  value: fc.constantFrom(...FLOATS.map((v) => (ty === 'f32' ? Math.fround(v) : v))),
  out: ty,
  terms: ['e', `e * 0.5${suffix}`, '-e', 'e * e'],
  zero: `0.0${suffix}`,
  one: `1.0${suffix}`,
  starts: [],
});
const ELEMS: readonly Elem[] = [
  float('f64', ''),
  float('f32', 'f'),
  {
    ty: 'i64',
    value: fc.constantFrom(...INTS),
    out: 'i64',
    terms: ['e', 'e * e', 'e % 3L', '-e'],
    zero: '0L',
    one: '1L',
    starts: ['5L', 'n'],
  },
  {
    ty: '{f64,i64}',
    value: fc.tuple(fc.constantFrom(...FLOATS), fc.constantFrom(...INTS)).map((t) => istruct(t)),
    out: 'f64',
    terms: ['e.$0', 'e.$0 * f64(e.$1)'],
    zero: '0.0',
    one: '1.0',
    starts: [],
  },
];
interface Key {
  readonly ty: string;
  readonly value: fc.Arbitrary<IValue>;
}
const KEYS: readonly Key[] = [
  { ty: 'i64', value: fc.constantFrom(0n, 1n, 2n) },
  { ty: 'f64', value: fc.constantFrom<IValue>(0, -0, Number.NaN) },
  { ty: '{bool,i8}', value: fc.tuple(fc.boolean(), fc.constantFrom(-1, 4)).map((t) => istruct(t)) },
];

/** One reduction of the group `g`, as text. */
function reduction(e: Elem): fc.Arbitrary<string> {
  const op = fc.constantFrom('+', '*', 'min', 'max');
  const start = fc.nat(3);
  return fc.tuple(op, fc.constantFrom(...e.terms), fc.nat(4), start).map(([o, term, shape, s]) => {
    // A sum of floats may start from either zero.
    const zero = e.out.startsWith('f') && term === 'e' ? `-${e.zero}` : e.zero;
    const neutral = o === '+' ? zero : o === '*' ? e.one : null;
    const choice = s === 0 && neutral !== null ? neutral : e.starts[s % Math.max(1, e.starts.length)];
    const from = s > 1 || choice === undefined ? '' : `(${choice})`;
    const cond = `${term} > ${e.zero}`;
    if (shape === 0) return 'len(g)';
    if (shape === 1) return `result(for(g, merger[${e.out},${o}]${from}, |b, i, e| if(${cond}, merge(b, ${term}), b)))`;
    if (shape === 2) {
      return (
        `(let r = result(for(g, {merger[${e.out},${o}]${from}, merger[{i64,${e.out}},max]}, |b, i, e| ` +
        `if(${cond}, {merge(b.$0, ${term}), merge(b.$1, {1L, ${term}})}, {b.$0, b.$1}))); {r.$1, r.$0})`
      );
    }
    return `result(for(g, merger[${e.out},${o}]${from}, |b, i, e| merge(b, ${term})))`;
  });
}

const shape = fc.constantFrom(...ELEMS).chain((elem) =>
  fc.record({
    elem: fc.constant(elem),
    key: fc.constantFrom(...KEYS),
    reductions: fc.array(reduction(elem), { minLength: 1, maxLength: 4 }),
    filter: fc.boolean(),
    way: fc.constantFrom('walk', 'branch', 'lookup'),
    zip: fc.boolean(),
  }),
);

const cases = shape.chain(({ elem, key, reductions, filter, way, zip }) => {
  const merge = 'merge(b, {e.$0, e.$1})';
  const fill = filter ? `if(i % 3L < 2L, ${merge}, b)` : merge;
  const all = `{${reductions.join(', ')}}`;
  const out = way === 'branch' ? `if(i % 2L == 0L, merge(b, {r.$0, ${all}}), b)` : `merge(b, {r.$0, ${all}})`;
  const walk = `result(for(${zip ? 'zip(tovec(d), tovec(d))' : 'tovec(d)'}, appender, |b, i, q| let r = q${zip ? '.$1' : ''}; let g = r.$1; ${out}))`;
  const look = `result(for(ks, appender, |b, i, k| if(keyexists(d, k), (let g = lookup(d, k); merge(b, ${all})), b)))`;
  const text =
    `|x: vec[{${key.ty},${elem.ty}}], ks: vec[${key.ty}], n: i64| ` +
    `let d = result(for(x, groupmerger[${key.ty},${elem.ty}], |b, i, e| ${fill})); ` +
    `{len(tovec(d)), ${way === 'lookup' ? look : walk}}`;
  return fc.record({
    text: fc.constant(text),
    x: fc.array(
      fc.tuple(key.value, elem.value).map((t) => istruct(t)),
      { maxLength: 12 },
    ),
    ks: fc.array(key.value, { maxLength: 3 }),
  });
});

describe('groups that are only reduced', () => {
  test(
    'give the same values',
    () => {
      fc.assert(
        fc.property(cases, ({ text, x, ks }) => {
          const p = parseProgram(text);
          const args = [x, ks, 9n];
          const { program, fired } = onePass(groupReduce, p);
          expect(fired, text).toBe(1);
          expect(difference(p, program, args)).toBeNull();
          expect(onePass(groupReduce, program).fired).toBe(0);
          expect(difference(p, optimize(p, { check: true }).program, args)).toBeNull();
        }),
        runs(20240701, 0.3),
      );
    },
    DEEP_TIMEOUT,
  );

  test('are refused, or give the same values and errors, where something else is read', () => {
    const other = fc.constantFrom(
      'result(for(g, merger[i64,+], |b, i, e| merge(b, e * i)))',
      'result(for(g, merger[f64,+], |b, i, e| merge(merge(b, f64(e) * 0.1), 1e16)))',
      'result(for(g, merger[f64,+](0.1), |b, i, e| merge(b, f64(e) * 0.3)))',
      'result(for(g, merger[f64,*](3.0), |b, i, e| merge(b, f64(e) * 0.3)))',
      'result(for(g, merger[i64,+], |b, i, e| for(ks, b, |b, j, k| merge(b, e + k))))',
      'result(for(g, merger[i64,+], |b, i, e| merge(b, lookup(ks, e & 3L))))',
      'result(for(g, merger[i64,+], |b, i, e| merge(b, 10L / (e - 3L))))',
      'if(r.$0 == 0L, result(for(g, merger[i64,+], |b, i, e| merge(b, 10L / (e - 3L)))), 0L)',
      'result(for(zip(g, ks), merger[i64,+], |b, i, e| merge(b, e.$0 * e.$1)))',
      '(let m = len(g); result(for(g, merger[i64,+], |b, i, e| merge(b, e * m))))',
      '(let k = r.$0; result(for(g, merger[i64,+], |b, i, e| merge(b, e * k))))',
      '(let k = r.$0; result(for(tovec(d), merger[i64,+], |b, i, q|' +
        ' merge(b, result(for(q.$1, merger[i64,+], |b, i, e| merge(b, e * k)))))))',
      'result(for(iter(g, 0L, 1L, 1L), merger[i64,+], |b, i, e| merge(b, e)))',
      'result(for(g, appender[i64], |b, i, e| merge(b, e)))',
      'len(slice(g, 0L, 1L))',
      'g',
      'r',
    );
    const numbers = fc.array(fc.constantFrom(...INTS), { maxLength: 8 });
    fc.assert(
      fc.property(fc.array(other, { minLength: 1, maxLength: 2 }), fc.nat(3), numbers, numbers, (others, n, x, ks) => {
        const d = 'for(x, groupmerger[i64,i64], |b, i, e| merge(b, {e & 3L, e}))';
        const both =
          'for(x, {groupmerger[i64,i64], merger[i64,+]}, |b, i, e| {merge(b.$0, {e & 3L, e}), merge(b.$1, e)})';
        const end = n === 0 ? ', len(lookup(d, 3L))' : n === 1 ? ', len(lookup(tovec(d), 0L).$1)' : '';
        const p = parseProgram(`|x: vec[i64], ks: vec[i64]|
          ${n === 3 ? `let s = result(${both}); let d = s.$0;` : `let d = result(${d});`}
          {map(tovec(d), |r| let g = r.$1; {len(g), ${others.join(', ')}})${end}${n === 3 ? ', keyexists(s.$0, 1L)' : ''}}`);
        expect(difference(p, onePass(groupReduce, p).program, [x, ks])).toBeNull();
      }),
      runs(20240705),
    );
  });

  test('do not fail in a group that nobody asks for', () => {
    const p = parseProgram(`|x: vec[i64]|
      let d = result(for(x, groupmerger[i64,i64], |b, i, e| merge(b, {e & 3L, e})));
      map(tovec(d), |r| if(r.$0 == 0L, result(for(r.$1, merger[i64,+], |b, i, e| merge(b, 8L / (e - 3L)))), 0L))`);
    const { program, fired } = onePass(groupReduce, p);
    expect(fired).toBe(0);
    expect(difference(p, program, [[3n, 4n, 8n]])).toBeNull();
  });

  test('need two loops: the one that fills and the one that walks', () => {
    const p = parseProgram(`|x: vec[{i64,f64}]|
      let d = result(for(x, groupmerger[i64,f64], |b, i, e| merge(b, {e.$0, e.$1})));
      let v = map(tovec(d), |r| {r.$0, sum(r.$1), sum(filter(r.$1, |e| e > 0.0)), len(filter(r.$1, |e| e > 0.0))});
      map(v, |r| {r.$0, r.$1 / f64(r.$3), r.$2})`);
    const { program } = optimize(p, { check: true });
    expect([countLoops(p), countLoops(program)]).toEqual([7, 2]);
    const x = FLOATS.map((v, k) => istruct([BigInt(k % 3), v]));
    expect(difference(p, program, [x])).toBeNull();
  });
});
