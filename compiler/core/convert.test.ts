import { describe, expect, test } from 'vitest';
import { WeldError } from '../diag/diagnostic.ts';
import { fromColumns, hashKey, keyWord, plainMemory, slotTable, toColumns } from './convert.ts';
import { decodeJson, encodeJson, type Json } from './json.ts';
import { BOOL, dict, F32, F64, I16, I32, I64, leaves, struct, type Type, U8, U64, UNIT, vec } from './types.ts';

/** Through JSON, rows, columns and back. */
const round = (t: Type, json: Json): Json =>
  encodeJson(t, fromColumns(t, toColumns(t, decodeJson(t, json), plainMemory)));

describe('columns', () => {
  test('values come back', () => {
    const cases: readonly (readonly [Type, Json])[] = [
      [F64, 'NaN'],
      [vec(F64), []],
      [vec(F64), ['-0', 0, 'NaN', 'Infinity', 1.5]],
      [vec(F32), [0.5]],
      [vec(BOOL), [true, false]],
      [vec(U64), ['18446744073709551615', 0]],
      [
        vec(struct([I64, struct([BOOL, UNIT, F64])])),
        [
          [1, [true, [], 2]],
          [-3, [false, [], '-0']],
        ],
      ],
      [vec(UNIT), [[], [], []]],
      [struct([vec(I16), U8]), [[-1, 2], 255]],
      [
        dict(struct([I32, F64]), I64),
        [
          [[1, '-0'], 2],
          [[1, 0], 3],
        ],
      ],
      [dict(I32, UNIT), []],
    ];
    for (const [t, json] of cases) expect(round(t, json)).toEqual(json);
  });

  test('leaves are in field order, one array each', () => {
    const t = struct([I32, struct([F32, U8])]);
    expect(leaves(t)).toEqual(['i32', 'f32', 'u8']);
    const v = toColumns(
      vec(t),
      decodeJson(vec(t), [
        [1, [2, 3]],
        [4, [5, 6]],
      ]),
      plainMemory,
    );
    expect(v).toMatchObject({
      kind: 'vec',
      length: 2,
      cols: [Int32Array.of(1, 4), Float32Array.of(2, 5), Uint8Array.of(3, 6)],
    });
  });

  test('nested vectors have no column form', () => {
    expect(leaves(vec(F64))).toBeNull();
    expect(() => toColumns(vec(vec(F64)), [], plainMemory)).toThrow(WeldError);
    expect(() => fromColumns(vec(F64), 3)).toThrow('a value of type vec[f64] was expected');
  });

  test('every key is found by probing its slot table', () => {
    const keys = Int32Array.from({ length: 300 }, (_, k) => (k * 7919) % 1009);
    const slots = slotTable(['i32'], [keys], keys.length, plainMemory);
    expect(slots.length).toBe(1024);
    for (const [entry, key] of keys.entries()) {
      let slot = hashKey([keyWord('i32', key)]) & (slots.length - 1);
      while (slots[slot] !== 0 && slots[slot] !== entry + 1) slot = (slot + 1) & (slots.length - 1);
      expect(slots[slot]).toBe(entry + 1);
    }
  });

  test('key words are the bits, signed kinds extended', () => {
    expect(keyWord('i32', -1)).toBe((1n << 64n) - 1n);
    expect(keyWord('u8', 255)).toBe(255n);
    expect(keyWord('f64', -0)).toBe(1n << 63n);
    expect(keyWord('f32', -0)).toBe(0xffffffff80000000n);
    const odd = new Float64Array(new BigUint64Array([0xfff8000000000123n]).buffer)[0] ?? 0;
    expect(keyWord('f64', odd)).toBe(0x7ff8000000000000n);
    expect(keyWord('f32', odd)).toBe(0x7fc00000n);
  });
});
