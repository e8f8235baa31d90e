/**
 * Dictionaries with keys of random ranges: the pass applies, changes nothing, and machine code, which checks that every
 * key is in the range that it was promised, agrees.
 */

import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { interpret } from '../core/interp.ts';
import type { IValue } from '../core/ivalue.ts';
import { istruct } from '../core/ivalue.ts';
import { isLit, type Sym } from '../core/op.ts';
import { printProgram } from '../core/print.ts';
import type { Program } from '../core/program.ts';
import { forEachLet } from '../core/walk.ts';
import { optimize } from '../pipeline.ts';
import { Both } from '../testing/both.ts';
import { difference, onePass } from '../testing/one-pass.ts';
import { runs } from '../testing/runs.ts';
import { parseProgram } from '../text.ts';
import { denseDict } from './dense-dict.ts';

/** Keys of few values, of an element `e` of `{i64,u8,i8,f64}`. */
const KEYS = [
  'e.$0 % 5L',
  'e.$0 & 15L',
  'i32(e.$0 % 100L) * 2 - 7',
  'e.$1',
  'e.$2',
  'u64(e.$1) + 18446744073709551000u64',
  'u32(e.$1) + 4294967000u32',
  'i64(e.$1) / 3L - 9000000000L',
  'e.$0 > 0L',
  'select(e.$3 > 0.0, 3si, -3si)',
  'min(max(e.$0, -2L), 6L)',
  'i8(e.$3) % 4c',
  '{e.$0 < 3L, e.$2 / 16c}',
  '{e.$1 & 3u8, {e.$0 % 3L, e.$3 != e.$3}}',
  '{u64(e.$1 / 8u8) + 18446744073709551584u64, i32(e.$2 & 1c)}',
];
const elem = fc
  .tuple(
    fc.constantFrom(0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 37n, -4n, 1234567n),
    fc.constantFrom(0, 1, 128, 255, 77),
    fc.constantFrom(0, -128, 127, -1, 5),
    fc.constantFrom(0, -0, Number.NaN, 1e300, -3.7, 2),
  )
  .map((t): IValue => istruct(t));

/** A program that fills dictionaries by these keys, beside a count. */
const textOf = (keys: readonly string[], filter: boolean): string => {
  const builders = keys.map((_, k) => `dictmerger[?,{i64,f64},${k === 0 ? '+' : 'max'}]`);
  const merges = keys.map((key, k) => {
    const merge = `merge(b.$${k}, {${key}, {i, e.$3}})`;
    return filter ? `if(e.$0 != 37L, ${merge}, b.$${k})` : merge;
  });
  return (
    `|x: vec[{i64,u8,i8,f64}]| let r = result(for(x, {${builders.join(', ')}, merger[i64,+]}, |b, i, e| ` +
    `{${merges.join(', ')}, merge(b.$${keys.length}, 1L)})); {${keys.map((_, k) => `tovec(r.$${k})`).join(', ')}}`
  );
};

/** The keys in the dense dictionaries of a run that are not below the size that was promised. */
function keysOutside(p: Program, args: readonly IValue[]): readonly IValue[] {
  const bound = new Map<Sym, bigint>();
  forEachLet(p.body, ({ sym, op }) => {
    if (op.kind === 'builder' && op.notes['dense'] === true && op.arg !== null && isLit(op.arg)) {
      bound.set(sym, BigInt(op.arg.lit));
    }
  });
  const least = [...bound.values()].sort((a, b) => (a < b ? -1 : 1))[0];
  if (least === undefined) return [];
  const outside: IValue[] = [];
  interpret(p, args, {
    onValue: (_s, v) => {
      if (typeof v !== 'object' || !('kind' in v) || v.kind !== 'dict') return v;
      for (const [key] of v.entries.values()) {
        if (typeof key === 'object' || BigInt(key) < 0n || BigInt(key) >= least) outside.push(key);
      }
      return v;
    },
  });
  return outside;
}

const both = new Both();
afterAll(() => both.dispose());

describe('dictionaries with few keys', () => {
  test('give the same values', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...KEYS), { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        fc.array(elem, { maxLength: 20 }),
        (keys, filter, x) => {
          const p = parseProgram(textOf(keys, filter));
          const { program, fired } = onePass(denseDict, p);
          expect(fired).toBeGreaterThan(0);
          expect(printProgram(program)).not.toMatch(/[^)]dictmerger/);
          expect(difference(p, program, [x])).toBeNull();
          expect(onePass(denseDict, program).fired).toBe(0);
        },
      ),
      runs(20240702, 0.5),
    );
  });

  test('and others, with several merges and other readers, give the same values', () => {
    const wide = fc.constantFrom('e.$0', 'e.$0 % 5L', 'e.$0 & 7L', 'i64(e.$2)', 'i64(e.$1) * 1000L');
    const reads = fc.constantFrom(
      'tovec(d)',
      'keyexists(d, 0L)',
      '{tovec(d), keyexists(d, -4L)}',
      'd',
      '{d, tovec(d)}',
    );
    fc.assert(
      fc.property(wide, wide, reads, fc.boolean(), fc.array(elem, { maxLength: 12 }), (k1, k2, read, join, x) => {
        const merges = (b: string): string =>
          `if(e.$3 > 0.0, merge(${b}, {${k1}, i}), merge(merge(${b}, {${k2}, i}), {1L, 1L}))`;
        const loop = join
          ? `let s = result(for(x, {merger[i64,+], dictmerger[i64,i64,+]}, |b, i, e| {merge(b.$0, i), ${merges('b.$1')}})); let d = s.$1;`
          : `let d = result(for(x, dictmerger[i64,i64,+], |b, i, e| ${merges('b')}));`;
        const p = parseProgram(`|x: vec[{i64,u8,i8,f64}]| ${loop} {${read}, ${join ? 's.$0' : '0L'}}`);
        const after = onePass(denseDict, p).program;
        expect(difference(p, after, [x])).toBeNull();
        expect(keysOutside(after, [x])).toEqual([]);
      }),
      runs(20240708),
    );
  });

  test.each(KEYS)('in machine code, by %s', async (key) => {
    const p = parseProgram(textOf([key], true));
    expect(printProgram(optimize(p).program)).toContain('@(dense:true)');
    const x = fc.sample(elem, { seed: 5, numRuns: 60 });
    await both.agrees(p, [x]);
    await both.agrees(p, [[]]);
  });
});
