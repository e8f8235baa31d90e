import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { thrown } from '../testing/core-run.ts';
import { deserialize, serialize, serializedSize } from './codec.ts';
import { compareValues } from './compare.ts';
import { dictOf } from './ibuilder.ts';
import { type IValue, istruct } from './ivalue.ts';
import { decodeJson, type Json } from './json.ts';
import { normalise } from './scalar.ts';
import {
  BOOL,
  dict,
  F32,
  F64,
  I8,
  I16,
  I32,
  I64,
  isBigKind,
  isFloatKind,
  SCALAR_KINDS,
  type ScalarKind,
  scalar,
  struct,
  type Type,
  U16,
  U32,
  U64,
  UNIT,
  vec,
} from './types.ts';

const bytesOf = (t: Type, json: Json): number[] => [...serialize(t, decodeJson(t, json))];
const read = (t: Type, bytes: readonly number[]): IValue => deserialize(t, Uint8Array.from(bytes));
/** The message of the refusal. */
function refusal(t: Type, bytes: readonly number[]): string {
  const e = thrown(() => read(t, bytes));
  expect([e.code, e.kind]).toEqual(['W6012', 'DeserializationError']);
  return e.diagnostics[0]?.message ?? '';
}
const long = (n: number): number[] => [n, 0, 0, 0, 0, 0, 0, 0];

describe('bytes', () => {
  test('are little-endian and packed', () => {
    expect(bytesOf(struct([BOOL, I8, I16, I32]), [true, -1, 258, -2])).toEqual([1, 255, 2, 1, 254, 255, 255, 255]);
    expect(bytesOf(struct([U16, U32, U64]), [1, 2 ** 31, '18446744073709551615'])).toEqual([
      ...[1, 0],
      ...[0, 0, 0, 128],
      ...new Array<number>(8).fill(255),
    ]);
    expect(bytesOf(I64, '-9223372036854775808')).toEqual([0, 0, 0, 0, 0, 0, 0, 128]);
    expect(bytesOf(F64, 1)).toEqual([0, 0, 0, 0, 0, 0, 240, 63]);
    expect(bytesOf(F32, '-0')).toEqual([0, 0, 0, 128]);
    expect(bytesOf(vec(I16), [1, 2])).toEqual([...long(2), 1, 0, 2, 0]);
    expect(bytesOf(vec(vec(I8)), [[7], []])).toEqual([...long(2), ...long(1), 7, ...long(0)]);
    expect(bytesOf(dict(I8, BOOL), [[5, true]])).toEqual([...long(1), 5, 1]);
    expect(bytesOf(UNIT, [])).toEqual([]);
    expect(bytesOf(vec(UNIT), [[], []])).toEqual(long(2));
  });

  test('of NaN are those of one NaN', () => {
    expect(bytesOf(F64, 'NaN')).toEqual([0, 0, 0, 0, 0, 0, 248, 127]);
    expect(bytesOf(F32, 'NaN')).toEqual([0, 0, 192, 127]);
    // Any NaN is read.
    expect(read(F64, [1, 0, 0, 0, 0, 0, 240, 255])).toBeNaN();
    expect(read(F32, [1, 0, 128, 127])).toBeNaN();
  });

  test('are as many as is said before', () => {
    const t = struct([vec(struct([I8, vec(F64)])), dict(vec(I8), I32)]);
    const v = decodeJson(t, [
      [
        [1, [1, 2]],
        [2, []],
      ],
      [['ab', 1]],
    ]);
    expect(serializedSize(t, v)).toBe(serialize(t, v).length);
  });

  test('are refused where there would be too many', () => {
    let [v, t]: [IValue, Type] = [[1n], vec(I64)];
    for (let k = 0; k < 100; k++) {
      v = [v, v];
      t = vec(t);
    }
    const e = thrown(() => serialize(t, v));
    expect([e.code, e.kind]).toEqual(['W6006', 'OutOfMemory']);
  });
});

describe('reading', () => {
  test('says what is too short, and where', () => {
    expect(refusal(I32, [1, 2, 3])).toBe('deserialize[i32]: at byte 0: i32 needs 4 bytes, 3 left');
    expect(refusal(struct([I8, F64]), [1, 2])).toBe('deserialize[{i8,f64}]: at byte 1: f64 needs 8 bytes, 1 left');
    expect(refusal(vec(I8), [1, 0, 0])).toBe(
      'deserialize[vec[i8]]: at byte 0: the length of vec[i8] needs 8 bytes, 3 left',
    );
    expect(refusal(BOOL, [])).toContain('bool needs 1 byte, 0 left');
  });

  test('says what is left over', () => {
    expect(refusal(I8, [1, 2, 3])).toBe('deserialize[i8]: at byte 1: 2 bytes left over');
    expect(refusal(UNIT, [0])).toContain('at byte 0: 1 byte left over');
    expect(refusal(vec(I8), [...long(1), 5, 6])).toContain('at byte 9: 1 byte left over');
  });

  test('holds a length against the bytes before it makes anything', () => {
    expect(refusal(vec(I32), [...long(9), 1, 0, 0, 0])).toBe(
      'deserialize[vec[i32]]: at byte 0: vec[i32] of length 9 needs 36 bytes, 4 left',
    );
    const huge = [255, 255, 255, 255, 255, 255, 255, 127];
    expect(refusal(vec(I64), huge)).toContain('of length 9223372036854775807 needs 73786976294838206456 bytes');
    expect(refusal(vec(vec(I64)), huge)).toContain('vec[vec[i64]] of length 9223372036854775807');
    expect(refusal(dict(I8, vec(I8)), huge)).toContain('dict[i8,vec[i8]] of length');
    expect(refusal(vec(I64), new Array<number>(8).fill(255))).toContain('the length -1 of vec[i64] is below 0');
    expect(refusal(struct([I8, vec(BOOL)]), [1, ...long(2), 1])).toContain('at byte 1: vec[bool] of length 2');
    // Elements without bytes: nothing bounds them but this.
    const e = thrown(() => read(vec(UNIT), huge));
    expect([e.code, e.kind]).toEqual(['W6006', 'OutOfMemory']);
    const many = [...long(40), ...Array.from({ length: 40 }, () => [0, 0, 8, 0, 0, 0, 0, 0]).flat()];
    expect(thrown(() => read(vec(vec(UNIT)), many)).code).toBe('W6006');
    expect(read(vec(UNIT), long(3))).toEqual([istruct([]), istruct([]), istruct([])]);
  });

  test('takes 0 and 1 for bools only, and a key once', () => {
    expect(read(vec(BOOL), [...long(2), 0, 1])).toEqual([false, true]);
    expect(refusal(vec(BOOL), [...long(2), 0, 2])).toBe('deserialize[vec[bool]]: at byte 9: a bool is 0 or 1, found 2');
    const t = dict(F32, I8);
    expect(refusal(t, [...long(2), 0, 0, 192, 127, 1, 1, 0, 192, 255, 2])).toBe(
      'deserialize[dict[f32,i8]]: at byte 13: a key that stands there already',
    );
    // -0 and +0 are two keys.
    expect(read(t, [...long(2), 0, 0, 0, 0, 1, 0, 0, 0, 128, 2])).toEqual(
      dictOf(F32, [
        [0, 1],
        [-0, 2],
      ]),
    );
    expect(refusal(dict(UNIT, UNIT), long(2))).toContain('a key that stands there already');
  });

  test('works on a part of a buffer', () => {
    const whole = Uint8Array.from([9, 9, 1, 2, 9]);
    expect(deserialize(I16, whole.subarray(2, 4))).toBe(513);
  });
});

const cell = (kind: ScalarKind): fc.Arbitrary<IValue> => {
  if (kind === 'bool') return fc.boolean();
  if (isBigKind(kind)) return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }).map((v) => normalise(kind, v));
  if (!isFloatKind(kind)) return fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).map((v) => normalise(kind, v));
  return fc.oneof(fc.double(), fc.constantFrom(0, -0, Number.NaN, Infinity, -Infinity)).map((v) => normalise(kind, v));
};
/** A type, and values of it. */
interface Kind {
  readonly t: Type;
  readonly values: fc.Arbitrary<IValue>;
}
const kindOf = (depth: number): fc.Arbitrary<Kind> => {
  const scalars = fc.constantFrom(...SCALAR_KINDS).map((k): Kind => ({ t: scalar(k), values: cell(k) }));
  if (depth === 0) return scalars;
  const inner = kindOf(depth - 1);
  return fc.oneof(
    scalars,
    inner.map(({ t, values }): Kind => ({ t: vec(t), values: fc.array(values, { maxLength: 4 }) })),
    fc.array(inner, { maxLength: 3 }).map(
      (all): Kind => ({
        t: struct(all.map((f) => f.t)),
        values: fc.tuple(...all.map((f) => f.values)).map(istruct),
      }),
    ),
    fc.tuple(scalars, inner).map(
      ([key, value]): Kind => ({
        t: dict(key.t, value.t),
        values: fc.array(fc.tuple(key.values, value.values), { maxLength: 4 }).map((pairs) => dictOf(key.t, pairs)),
      }),
    ),
  );
};
const typed = kindOf(3).chain(({ t, values }) => values.map((v) => ({ t, v })));

describe('every value', () => {
  test('comes back', () => {
    fc.assert(
      fc.property(typed, ({ t, v }) => {
        const bytes = serialize(t, v);
        expect(bytes.length).toBe(serializedSize(t, v));
        const back = deserialize(t, bytes);
        expect(compareValues(t, v, back)).toBeNull();
        expect(serialize(t, back)).toEqual(bytes);
      }),
      { numRuns: 200, seed: 7 },
    );
  });

  test('with bytes that were changed is a value or a typed refusal', () => {
    fc.assert(
      fc.property(
        typed,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
        fc.nat(3),
        ({ t, v }, edits, cut) => {
          const bytes = [...serialize(t, v)];
          for (const [at, byte] of edits) if (bytes.length > 0) bytes[at % bytes.length] = byte;
          bytes.length = Math.max(0, bytes.length - cut);
          let back: IValue;
          try {
            back = read(t, bytes);
          } catch {
            expect(['W6012', 'W6006']).toContain(thrown(() => read(t, bytes)).code);
            return;
          }
          // What is accepted has these bytes, but for the payloads of NaN.
          expect(serialize(t, back).length).toBe(bytes.length);
        },
      ),
      { numRuns: 300, seed: 8 },
    );
  });
});
