import { describe, expect, test } from 'vitest';
import { thrown } from '../testing/core-run.ts';
import { decodeJson, encodeJson, type Json } from './json.ts';
import {
  appender,
  BOOL,
  dict,
  F32,
  F64,
  groupmerger,
  I8,
  I16,
  I32,
  I64,
  merger,
  struct,
  type Type,
  U8,
  U16,
  U32,
  U64,
  vec,
} from './types.ts';

/** Decodes and encodes. */
const round = (t: Type, json: Json): Json => encodeJson(t, decodeJson(t, json));
/** The message of the refusal. */
function refusal(t: Type, json: Json): string {
  const e = thrown(() => decodeJson(t, json));
  expect(e.code).toBe('W8006');
  return e.diagnostics[0]?.message ?? '';
}

describe('typed JSON', () => {
  test('scalars, structs, vectors and dictionaries come back', () => {
    const cases: readonly (readonly [Type, Json])[] = [
      [BOOL, true],
      [I8, -128],
      [I64, '9223372036854775807'],
      [I64, 9007199254740991],
      [U64, '18446744073709551615'],
      [F64, 'NaN'],
      [F64, '-0'],
      [F32, '-Infinity'],
      [F64, 0],
      [struct([]), []],
      [
        vec(struct([I32, vec(BOOL)])),
        [
          [1, []],
          [2, [true, false]],
        ],
      ],
      [
        dict(F64, I32),
        [
          ['-0', 1],
          [0, 2],
          ['NaN', 3],
        ],
      ],
      [
        dict(vec(U8), I32),
        [
          [[104, 105], 1],
          [[], 2],
        ],
      ],
    ];
    for (const [t, json] of cases) expect(round(t, json)).toEqual(json);
    expect(Object.is(decodeJson(F64, '-0'), -0)).toBe(true);
    expect(decodeJson(I64, 7)).toBe(7n);
    expect(decodeJson(F32, 0.1)).toBe(Math.fround(0.1));
  });

  test('every kind of integer has its range', () => {
    const ranges: readonly (readonly [Type, bigint, bigint])[] = [
      [I8, -128n, 127n],
      [I16, -32768n, 32767n],
      [I32, -(2n ** 31n), 2n ** 31n - 1n],
      [I64, -(2n ** 63n), 2n ** 63n - 1n],
      [U8, 0n, 255n],
      [U16, 0n, 65535n],
      [U32, 0n, 2n ** 32n - 1n],
      [U64, 0n, 2n ** 64n - 1n],
    ];
    for (const [t, low, high] of ranges) {
      const big = t === I64 || t === U64;
      const json = (v: bigint): Json => (big ? String(v) : Number(v));
      for (const v of [low, high, low + 1n, high - 1n, 0n]) {
        expect(decodeJson(t, json(v))).toBe(big ? v : Number(v));
        expect(round(t, json(v))).toEqual(Number.isSafeInteger(Number(v)) ? Number(v) : String(v));
      }
      for (const v of [low - 1n, high + 1n]) expect(refusal(t, json(v))).toContain('an integer in its range');
      for (const v of [0.5, 'NaN', 'x', '', '1.0', '1e3', '0x1', null, true, [1], '9'.repeat(5000)]) {
        expect(refusal(t, v)).toContain('an integer');
      }
      // Text is for what a JSON number cannot say.
      if (!big) expect(refusal(t, '1')).toContain('an integer');
    }
    expect(decodeJson(I32, -0)).toBe(0);
    expect(decodeJson(I64, '-0')).toBe(0n);
  });

  test('vectors of vectors, strings, dictionaries in dictionaries', () => {
    const words = vec(vec(U8));
    expect(round(words, ['hi', '', [1, 2], { repeat: [7, 2] }])).toEqual([[104, 105], [], [1, 2], [7, 7]]);
    expect(round(vec(words), [['a'], []])).toEqual([[[97]], []]);
    const nested = dict(struct([vec(I8), F64]), dict(vec(vec(I8)), vec(BOOL)));
    const json: Json = [
      [
        [[97], 'NaN'],
        [
          [[[98], []], [true]],
          [[], []],
        ],
      ],
      [[[], '-0'], []],
    ];
    expect(round(nested, json)).toEqual(json);
    expect(round(nested, [[['a', 'NaN'], [[['b', ''], [true]]]]])).toEqual([[[[97], 'NaN'], [[[[98], []], [true]]]]]);
    expect(
      refusal(dict(vec(I8), I32), [
        ['a', 1],
        [[97], 2],
      ]),
    ).toContain('keys that differ');
  });

  test('null is no value', () => {
    for (const t of [I32, I64, F64, BOOL, vec(I32), struct([]), struct([I32]), dict(I32, I32)]) {
      expect(refusal(t, null)).toMatch(/, found null$/);
    }
    expect(refusal(vec(vec(I32)), [[1], null])).toContain('$.[1]: vec[i32] needs');
    expect(refusal(dict(I32, vec(I32)), [[1, null]])).toContain('$.[0].1: vec[i32] needs');
  });

  test('builders cannot be written, wherever they stand', () => {
    for (const t of [appender(I32), struct([I32, merger(I64, '+')]), groupmerger(I32, I32)]) {
      const e = thrown(() => encodeJson(t, { kind: 'struct', fields: [1, 2] }));
      expect([e.code, e.message]).toEqual(['W8006', expect.stringContaining('cannot be written as JSON')]);
    }
    expect(refusal(struct([I32, merger(I64, '+')]), [1, 2])).toContain('merger[i64,+] cannot be written as JSON');
  });

  test('compact forms are held to the type and to a size', () => {
    expect(refusal(vec(U8), { range: [0, 257] })).toContain('elements in the range of u8, found 256');
    expect(refusal(vec(I8), { affine: [200, 1, 0, 1000] })).toContain('elements in the range of i8, found 128');
    expect(round(vec(U8), { range: [0, 3] })).toEqual([0, 1, 2]);
    expect(round(vec(F32), { range: [0, 3, 2] })).toEqual([0, 2]);
    expect(round(vec(I64), { range: [5, 2] })).toEqual([]);
    expect(round(vec(I64), { range: [5, 2, -2] })).toEqual([5, 3]);
    for (const form of [
      { range: [0, 2 ** 40] },
      { affine: [2 ** 40, 1, 0, 2] },
      { repeat: [1, 2 ** 40] },
      { cycle: [[], 2 ** 40] },
      { cycle: [[1, 2], 2 ** 26] },
    ]) {
      expect(refusal(vec(I64), form)).toContain('at most 67108864 elements');
    }
    let deep: Json = [1];
    for (let k = 0; k < 5000; k++) deep = { concat: [deep] };
    expect(refusal(vec(I64), deep)).toContain('at most 100 forms in one another');
  });

  test('compact forms', () => {
    const v = vec(I64);
    expect(round(v, { range: [2, 5] })).toEqual([2, 3, 4]);
    expect(round(v, { range: [5, -1, -2] })).toEqual([5, 3, 1]);
    expect(round(v, { range: [0, 5, 2] })).toEqual([0, 2, 4]);
    expect(round(v, { range: [3, 3] })).toEqual([]);
    expect(round(vec(F64), { repeat: ['-0', 2] })).toEqual(['-0', '-0']);
    expect(round(v, { affine: [4, 7, 3, 5] })).toEqual([3, 0, 2, 4]);
    expect(round(v, { affine: [3, -1, 0, 5] })).toEqual([0, 4, 3]);
    expect(round(v, { cycle: [{ range: [0, 2] }, 2] })).toEqual([0, 1, 0, 1]);
    expect(round(v, { concat: [[9], { repeat: [1, 2] }, []] })).toEqual([9, 1, 1]);
    expect(round(vec(vec(I64)), { repeat: [{ range: [0, 2] }, 2] })).toEqual([
      [0, 1],
      [0, 1],
    ]);
    expect(round(vec(U8), 'hi')).toEqual([104, 105]);
    expect(round(vec(I8), { cycle: ['ab', 2] })).toEqual([97, 98, 97, 98]);
  });

  test('refusals name the place', () => {
    expect(refusal(I8, 128)).toBe('$: i8 needs an integer in its range, found 128');
    expect(refusal(I32, 0.5)).toBe('$: i32 needs an integer, found 0.5');
    expect(refusal(I64, 2 ** 53)).toContain('an integer, found 9007199254740992');
    expect(refusal(U8, -1)).toContain('in its range');
    expect(refusal(BOOL, 1)).toContain('true or false');
    expect(refusal(F64, 'nan')).toContain('"NaN"');
    expect(
      refusal(vec(struct([I32, F64])), [
        [1, 2],
        [3, null],
      ]),
    ).toMatch(/^\$\.\[1\]\.1: f64 needs a number/);
    expect(refusal(struct([I32]), [1, 2])).toContain('1 fields');
    expect(
      refusal(dict(I32, I32), [
        [1, 2],
        [1, 3],
      ]),
    ).toContain('keys that differ');
    expect(refusal(dict(I32, I32), [[1]])).toContain('$.[0]: dict[i32,i32] needs [key, value]');
    expect(refusal(vec(I32), { range: [0, 4, 0] })).toContain('a step that is not 0');
    expect(refusal(vec(I32), { squares: [4] })).toContain('range, repeat, affine, cycle or concat');
    expect(refusal(vec(BOOL), { range: [0, 2] })).toContain('no numbers');
    expect(refusal(vec(I32), 'text')).toContain('an array');
    expect(refusal(vec(U8), 'ä')).toContain('ASCII');
    expect(refusal(appender(I32), [])).toContain('cannot be written as JSON');
  });
});
