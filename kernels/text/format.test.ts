import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { F64, I32, I64, plainMemory, type ScalarKind, scalar, struct, U8, vec } from '../../compiler/index.ts';
import { runs } from '../../compiler/testing/runs.ts';
import { expectAgreement } from '../testing/agree.ts';
import { type Cell, cellsOf, column } from '../testing/columns.ts';
import { guardedMachine } from '../testing/guarded-machine.ts';
import { writtenTexts } from '../testing/strings.ts';
import { FORMATTED, type Formatted, formatName, formatters } from './format.ts';
import { formatDoubles } from './format-double-machine.ts';

const primOf = (of: Formatted) => {
  const prim = formatters.find((p) => p.name === formatName(of));
  if (prim === undefined) throw new Error(of);
  return prim;
};
const KINDS = { i64: 'i64', f64: 'f64', date: 'i32', timestamp: 'i64' } as const satisfies Record<
  Formatted,
  ScalarKind
>;
/** Strings; and the machine gives the same. */
async function formatted(of: Formatted, cells: readonly Cell[]): Promise<readonly string[]> {
  const values = column(KINDS[of], cells);
  await expectAgreement(primOf(of), [values], [vec(scalar(KINDS[of]))]);
  return writtenTexts(primOf(of).run([values], plainMemory)).map((text) => Buffer.from(text).toString());
}

describe('formatting', () => {
  it('whole numbers of every size', async () => {
    const edges = [
      0n,
      1n,
      -1n,
      9n,
      10n,
      -10n,
      2n ** 63n - 1n,
      -(2n ** 63n),
      10n ** 18n,
      10n ** 18n - 1n,
      -(10n ** 17n),
    ];
    expect(await formatted('i64', edges)).toEqual(edges.map(String));
    expect(await formatted('i64', [])).toEqual([]);
    const anyCells = fc.oneof(cellsOf('i64', 200), fc.array(fc.nat(18).map((p) => 10n ** BigInt(p) - BigInt(p % 2))));
    await fc.assert(
      fc.asyncProperty(anyCells, async (cells) => {
        expect(await formatted('i64', cells)).toEqual(cells.map(String));
      }),
      runs(96, 0.1),
    );
  });
  describe('floats as JavaScript does', () => {
    /** The doubles so many steps away, 0 among them. */
    const next = (x: number, steps: number): number => {
      const words = new BigInt64Array(Float64Array.of(x).buffer);
      words[0] = (words[0] ?? 0n) + BigInt(steps);
      return new Float64Array(words.buffer)[0] ?? 0;
    };
    const around = (xs: readonly number[]): readonly number[] => xs.flatMap((x) => [-1, 0, 1].map((by) => next(x, by)));
    const tens = Array.from({ length: 634 }, (_, k) => Number(`1e${k - 325}`));
    const twos = Array.from({ length: 2098 }, (_, k) => 2 ** (k - 1074));
    it.each<[string, readonly number[]]>([
      ['of every sign and none', [0, -0, 1, -1, Number.NaN, -Infinity, Infinity, 1 / 3, -1 / 3]],
      ['where an exponent begins', around([1e21, 1e-6, 1e-7, 1e20, 123456789012345680000, 0.000012345, 1e100, 1e-100])],
      ['next to powers of ten', around(tens.filter((x) => x > 0))],
      ['next to powers of two', around(twos)],
      ['at both ends', around([5e-324, 1e-323, 2.2250738585072014e-308, 2 ** 53]).concat(Number.MAX_VALUE, -5e-324)],
      // Halfway between two numbers of as many digits, or read as such.
      ['with digits that are as near', [5e-324, 2 ** 53, 2 ** 54 + 2, 2 ** -44, 9.5e-322, 8.41e21, 2.0 ** -24]],
      ['whole', [...Array.from({ length: 300 }, (_, k) => k - 150), 1e15 + 1, 2 ** 53 - 1, -(2 ** 53), 2 ** 63, 1e15]],
    ])('%s', async (_, cells) => {
      expect(await formatted('f64', cells)).toEqual(cells.map(String));
    });
    it('in several rooms', async () => {
      const cells = Array.from({ length: 100 }, (_, k) => (k - 50) / 7);
      const found = await formatDoubles(column('f64', cells), guardedMachine(2), 33);
      expect(writtenTexts(found).map((text) => Buffer.from(text).toString())).toEqual(cells.map(String));
    });
    it('of any bits', async () => {
      const bits = fc
        .bigInt({ min: 0n, max: 2n ** 64n - 1n })
        .map((b) => new Float64Array(BigUint64Array.of(b).buffer)[0] ?? 0);
      const tiny = fc
        .bigInt({ min: 0n, max: 2n ** 53n })
        .map((b) => new Float64Array(BigUint64Array.of(b).buffer)[0] ?? 0);
      const short = fc.tuple(fc.nat(99_999), fc.integer({ min: -30, max: 30 })).map(([d, e]) => Number(`${d}e${e}`));
      const any = fc.oneof(bits, tiny, short, fc.double(), fc.maxSafeInteger());
      await fc.assert(
        fc.asyncProperty(fc.array(any, { maxLength: 200 }), async (cells) => {
          expect(await formatted('f64', cells)).toEqual(cells.map(String));
        }),
        runs(95, 0.3),
      );
    });
  });
  it('days', async () => {
    const edges = [
      0,
      -1,
      59,
      11_016,
      -719_528,
      -719_529,
      2_932_896,
      2_932_897,
      2 ** 31 - 1,
      -(2 ** 31),
      -135_140,
      146_097,
    ];
    expect(await formatted('date', edges)).toEqual([
      ...['1970-01-01', '1969-12-31', '1970-03-01', '2000-02-29', '0000-01-01', '-000001-12-31', '9999-12-31'],
      ...['+010000-01-01', '+5881580-07-11', '-5877641-06-23', '1600-01-01', '2370-01-01'],
    ]);
    const days = fc.integer({ min: -100_000_000, max: 100_000_000 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(days, fc.integer({ min: -1_000_000, max: 4_000_000 }))), async (cells) => {
        expect(await formatted('date', cells)).toEqual(
          cells.map((d) => new Date(d * 86_400_000).toISOString().replace(/T.*/, '')),
        );
      }),
      runs(97, 0.1),
    );
  });
  it('timestamps', async () => {
    const edges = [
      0n,
      -1n,
      979_745_700_125_000n,
      86_399_999_999n,
      2n ** 63n - 1n,
      -(2n ** 63n),
      -62_167_219_200_000_001n,
    ];
    expect(await formatted('timestamp', edges)).toEqual([
      ...['1970-01-01T00:00:00', '1969-12-31T23:59:59.999999', '2001-01-17T15:35:00.125', '1970-01-01T23:59:59.999999'],
      ...['+294247-01-10T04:00:54.775807', '-290308-12-21T19:59:05.224192', '-000001-12-31T23:59:59.999999'],
    ]);
    const millis = fc.integer({ min: -8_640_000_000_000_000, max: 8_640_000_000_000_000 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            millis,
            millis.map((ms) => ms - (ms % 1000)),
          ),
        ),
        async (cells) => {
          const want = cells.map((ms) => new Date(ms).toISOString().replace(/(\.000)?Z$/, ''));
          expect(
            await formatted(
              'timestamp',
              cells.map((ms) => BigInt(ms) * 1000n),
            ),
          ).toEqual(want);
        },
      ),
      runs(98, 0.1),
    );
  });
  it('says what is wrong with its argument', () => {
    for (const of of FORMATTED) expect(primOf(of).typing([vec(scalar(KINDS[of]))])).toBe(struct([vec(I32), vec(U8)]));
    expect(primOf('date').typing([vec(F64)])).toContain('str_format_date takes vec[i32] as argument 1, found vec[f64]');
    expect(primOf('i64').typing([vec(I64), I32])).toContain('str_format_i64 takes 1 arguments, found 2');
  });
});
