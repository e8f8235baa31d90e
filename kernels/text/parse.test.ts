import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BOOL, F64, fromColumns, I32, I64, plainMemory, struct, U8, vec } from '../../compiler/index.ts';
import { runs } from '../../compiler/testing/runs.ts';
import { expectAgreement } from '../testing/agree.ts';
import { stringColumn } from '../testing/strings.ts';
import { PARSED, type Parsed, parseName, parsers } from './parse.ts';

const primOf = (to: Parsed) => {
  const prim = parsers.find((p) => p.name === parseName(to));
  if (prim === undefined) throw new Error(to);
  return prim;
};
const TYPES = { i64: I64, f64: F64, date: I32, timestamp: I64 } as const;
/** Values, null for none; and the machine says the same. */
async function parsed(to: Parsed, texts: readonly (string | readonly number[])[]): Promise<readonly unknown[]> {
  const { args, types } = stringColumn(texts, { kind: 'i64' });
  await expectAgreement(primOf(to), args, types);
  const found = fromColumns(struct([vec(TYPES[to]), vec(BOOL)]), primOf(to).run(args, plainMemory));
  const [values, flags] = Object.values(found as object).find(Array.isArray) as [unknown[], boolean[]];
  return values.map((v, r) => (flags[r] ? v : null));
}

const digits = (most: number) => fc.array(fc.nat(9), { minLength: 1, maxLength: most }).map((all) => all.join(''));
const sign = fc.constantFrom('', '', '-', '+');
const garbage = fc.constantFrom(
  '',
  '-',
  '+',
  '.',
  'e5',
  '1e',
  '1e+',
  '1.2.3',
  ' 1',
  '1 ',
  '--1',
  '0x1',
  '1_0',
  'é',
  '12a',
  '\u0661',
  'Inf',
  'NAN',
  '-nan',
);

describe('parsing', () => {
  it('whole numbers of every size, and nothing else', async () => {
    const edges = [
      '9223372036854775807',
      '9223372036854775808',
      '-9223372036854775808',
      '-9223372036854775809',
      '000000000000000000000042',
      '-0',
      '+7',
      '1.0',
    ];
    const want = [2n ** 63n - 1n, null, -(2n ** 63n), null, 42n, 0n, 7n, null];
    expect(await parsed('i64', edges)).toEqual(want);
    const text = fc.oneof(
      fc.tuple(sign, digits(22)).map((p) => p.join('')),
      garbage,
    );
    await fc.assert(
      fc.asyncProperty(fc.array(text, { maxLength: 20 }), async (texts) => {
        const valid = (t: string): bigint | null => {
          if (!/^[+-]?[0-9]+$/.test(t)) return null;
          const n = BigInt(t.replace('+', ''));
          return n < -(2n ** 63n) || n >= 2n ** 63n ? null : n;
        };
        expect(await parsed('i64', texts)).toEqual(texts.map(valid));
      }),
      runs(92, 0.2),
    );
  });

  it('floats to the nearest one', async () => {
    const exact = [
      '0',
      '-0',
      '1e22',
      '1e23',
      '123456789012345',
      '1234567890123456',
      '9007199254740993',
      '1e-22',
      '4.9e-324',
      '1e400',
      '.5',
      '5.',
      '1E5',
      'inf',
      '-Infinity',
      '+inf',
      '0.1',
      '2.5e-8',
      '000000000000000000.5',
      '5e-00001',
      '1.7976931348623158e308',
      '1.7976931348623159e308',
      '2.2250738585072011e-308',
      '2.4703282292062327208e-324',
      '2.4703282292062328e-324',
      `0.${'0'.repeat(400)}1e400`,
      `1${'0'.repeat(400)}e-400`,
      `${'1'.repeat(19)}5e0`,
      '0e999',
      '0e-99999999999',
      '1e99999999999',
    ];
    const want = exact.map((t) => (/inf/i.test(t) ? (t[0] === '-' ? -Infinity : Infinity) : Number(t)));
    expect(await parsed('f64', exact)).toEqual(want);
    expect(await parsed('f64', ['nan', 'NaN'])).toEqual([Number.NaN, Number.NaN]);
    const shortest = fc.double({ noNaN: true, noDefaultInfinity: true }).map(String);
    // Halves between two doubles, and next to them, with more digits than are taken.
    const halves = fc
      .tuple(
        fc.bigInt({ min: 2n ** 52n, max: 2n ** 53n - 1n }),
        fc.nat(120),
        fc.constantFrom('', '.0', `.${'0'.repeat(30)}1`),
      )
      .map(([n, e, rest]) => `${(2n * n + 1n) << BigInt(e)}${rest}`);
    const small = fc
      .tuple(digits(25), fc.integer({ min: 290, max: 360 }))
      .map(([d, e]) => `${d[0]}.${d.slice(1)}e-${e}`);
    const written = fc
      .tuple(sign, digits(18), fc.constantFrom('', '.'), digits(6), fc.constantFrom('', 'e3', 'e-20', 'E+12', 'e-400'))
      .map((p) => p.join(''));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(shortest, written, halves, small), { maxLength: 20 }), async (texts) => {
        expect(await parsed('f64', texts)).toEqual(texts.map(Number));
      }),
      runs(93, 0.2),
    );
    const none = [
      '',
      '-',
      '.',
      'e5',
      'i',
      'N',
      'nanny',
      'Infinit',
      '-nan',
      '1i',
      '.e1',
      '1e',
      '1e+',
      '1.2.3',
      ' 1',
      '1 ',
      '--1',
      '0x1',
      '1_0',
      '12a',
      'Inf',
      '1e5.0',
    ];
    expect(await parsed('f64', [...none, [0xff], [49, 0xff]])).toEqual([...none, 0, 0].map(() => null));
  });

  it('dates that there are', async () => {
    const day = 86_400_000;
    const texts = [
      '1970-01-01',
      '1969-12-31',
      '2024-02-29',
      '2023-02-29',
      '1900-02-29',
      '2000-02-29',
      '0000-01-01',
      '0000-03-01',
      '9999-12-31',
      '2024-04-31',
      '2024-13-01',
      '2024-00-10',
      '2024-01-00',
      '2024-1-01',
      '2024-01-01 ',
      '2024/01/01',
      '',
      '20a4-01-01',
    ];
    const want = [
      0,
      -1,
      Date.UTC(2024, 1, 29) / day,
      null,
      null,
      Date.UTC(2000, 1, 29) / day,
      -719528,
      -719468,
      2932896,
    ];
    expect(await parsed('date', texts)).toEqual([...want, ...Array.from({ length: 9 }, () => null)]);
    const all = Array.from({ length: 400 }, (_, k) => new Date(Date.UTC(1896, 0, 1) + k * 47 * day));
    expect(
      await parsed(
        'date',
        all.map((d) => d.toISOString().slice(0, 10)),
      ),
    ).toEqual(all.map((d) => d.getTime() / day));
  });

  it('timestamps, in UTC', async () => {
    const right = {
      '2001-01-17': '2001-01-17T00:00:00.000Z',
      '2001-01-17T15:35': '2001-01-17T15:35:00.000Z',
      '2001-01-17 15:35:07': '2001-01-17T15:35:07.000Z',
      '1969-12-31T23:59:59.5Z': '1969-12-31T23:59:59.500Z',
      '0000-01-01T00:00:00+23:59': '-000001-12-31T00:01:00.000Z',
      '9999-12-31T23:59:59.999-2359': '+010000-01-01T23:58:59.999Z',
      '2024-02-29T00:00+02': '2024-02-28T22:00:00.000Z',
      '2024-02-29T00:00:00.125+05:30': '2024-02-28T18:30:00.125Z',
    };
    const want = Object.values(right).map((iso) => BigInt(Date.parse(iso)) * 1000n);
    expect(await parsed('timestamp', Object.keys(right))).toEqual(want);
    const fractions = ['000001', '0000019', '123456789', '1'].map((f) => `1970-01-01T00:00:00.${f}`);
    expect(await parsed('timestamp', fractions)).toEqual([1n, 1n, 123_456n, 100_000n]);
    const wrong = [
      ...['', '2001-01-1', '2001-02-29', '2001-01-17T', '2001-01-17T15', '2001-01-17T15:3', '2001-01-17x15:35'],
      ...['2001-01-17T24:00', '2001-01-17T15:60', '2001-01-17T15:35:60', '2001-01-17T15:35:0', '2001-01-17T15:35:'],
      ...['2001-01-17T15:35:07.', '2001-01-17T15:35:07.1234567890', '2001-01-17T15:35.5', '2001-01-17T15:35 '],
      ...['2001-01-17Z', '2001-01-17T15:35z', '2001-01-17T15:35ZZ', '2001-01-17T15:35+1', '2001-01-17T15:35+24'],
      ...['2001-01-17T15:35+01:60', '2001-01-17T15:35+1:00', '2001-01-17T15:35+01:0', '2001-01-17T15:35*01:00'],
    ];
    expect(await parsed('timestamp', wrong)).toEqual(wrong.map(() => null));
    const pieces = fc.constantFrom(...Object.keys(right), ...fractions, ...wrong, ':00', '+01', 'Z', '.5', '9');
    const cut = fc.tuple(pieces, fc.nat(35), fc.constantFrom('', '0', '9', ':', '-', 'Z', 'x'), fc.boolean());
    await fc.assert(
      fc.asyncProperty(
        fc.array(cut.map(([text, at, put, over]) => text.slice(0, at) + put + text.slice(at + (over ? 1 : 0)))),
        fc.date({ min: new Date('0000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
        async (texts, date) => {
          const all = await parsed('timestamp', [...texts, date.toISOString()]);
          expect(all.at(-1)).toBe(BigInt(date.getTime()) * 1000n);
        },
      ),
      runs(99, 0.2),
    );
  });

  it.each(PARSED)('to %s says what is wrong with its arguments', (to) => {
    const { types } = stringColumn([]);
    expect(primOf(to).typing([vec(U8)])).toContain('needs the offsets of its strings first');
    expect(primOf(to).typing([...types, vec(U8)])).toContain('takes 2 arguments, found 3');
  });
});
