import { describe, expect, test } from 'vitest';
import { WeldError } from '../diag/diagnostic.ts';
import { decodeJson, encodeJson, type Json } from './json.ts';
import { appender, BOOL, dict, F32, F64, I8, I32, I64, struct, type Type, U8, U64, vec } from './types.ts';

/** Decodes and encodes. */
const round = (t: Type, json: Json): Json => encodeJson(t, decodeJson(t, json));
/** The message of the refusal. */
function refusal(t: Type, json: Json): string {
  try {
    decodeJson(t, json);
  } catch (e) {
    if (e instanceof WeldError && e.code === 'W8006') return e.diagnostics[0]?.message ?? '';
    throw e;
  }
  throw new Error('nothing was refused');
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
