import { describe, expect, test } from 'vitest';
import { fromColumns, plainMemory, toColumns } from './convert.ts';
import { decodeJson, encodeJson, type Json } from './json.ts';
import { hashKey, keyWord, slotTable } from './slots.ts';
import { BOOL, dict, F32, F64, I8, I16, I32, I64, leaves, struct, type Type, U8, U64, UNIT, vec } from './types.ts';

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
      [vec(vec(F64)), [[], ['NaN', 1], [], ['-0']]],
      [vec(vec(vec(I8))), [[], [[]], [[1], [], [2, 3]]]],
      [
        vec(struct([vec(BOOL), I64])),
        [
          [[true], 1],
          [[], 2],
        ],
      ],
      [vec(vec(UNIT)), [[[], []], []]],
      [
        dict(vec(U8), vec(struct([I32, vec(F32)]))),
        [
          [[1, 2], [[1, [0.5]]]],
          [[], []],
        ],
      ],
      [
        vec(dict(I64, vec(I32))),
        [
          [],
          [
            [1, [2]],
            [3, []],
          ],
        ],
      ],
      [
        dict(I64, dict(vec(I64), I64)),
        [
          [
            1,
            [
              [[5], 6],
              [[], 7],
            ],
          ],
          [2, []],
        ],
      ],
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

  test('vectors in elements are their length and the places of their columns', () => {
    expect(leaves(vec(F64))).toEqual(['i32', 'i32']);
    expect(leaves(struct([U8, vec(struct([F64, vec(BOOL)]))]))).toEqual(['u8', 'i32', 'i32', 'i32', 'i32']);
    expect(leaves(dict(I64, F32))).toEqual(['i32', 'i32', 'i32', 'i32', 'i32']);
    const shared = [1, 2];
    const v = toColumns(vec(vec(F64)), [shared, [], [3], shared], plainMemory);
    const [length, place] = typeof v === 'object' && v.kind === 'vec' ? v.cols : [];
    expect(length).toEqual(Int32Array.of(2, 0, 1, 2));
    expect(place?.[0]).toBe(place?.[3]);
    expect(Number(place?.[2]) - Number(place?.[0])).toBe(2);
  });

  test('more than the engine has room for is out of memory', () => {
    const asked = 'W6006: out of memory: asked for 8796093022208 bytes of the JavaScript heap';
    expect(() => plainMemory.alloc('f64', 2 ** 40)).toThrow(asked);
    expect(() => plainMemory.alloc('f64', -1)).toThrow(RangeError);
  });

  test('a value is asked for as what it is', () => {
    expect(() => fromColumns(vec(F64), 3)).toThrow('a value of type vec[f64] was expected');
  });

  test('every key is found by probing its slot table', () => {
    const keys = Int32Array.from({ length: 300 }, (_, k) => (k * 7919) % 1009);
    const slots = slotTable(I32, [keys], keys.length, plainMemory);
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
