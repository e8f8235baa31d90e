import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatTimestamp, isMidnight, MICROS_PER_DAY, parseTimestampBytes } from './time.ts';

const SETTINGS = { numRuns: 200, seed: 11 };

/** Microseconds since 1970-01-01T00:00Z of an ISO timestamp, or null when `text` is none. */
function parseTimestamp(text: string): bigint | null {
  const bytes = new TextEncoder().encode(text);
  const parsed = { days: 0, micros: 0 };
  if (!parseTimestampBytes(bytes, 0, bytes.length, parsed)) return null;
  return BigInt(parsed.days) * BigInt(MICROS_PER_DAY) + BigInt(parsed.micros);
}

describe('parsing a timestamp', () => {
  test('every accepted form', () => {
    const base = BigInt(Date.UTC(2001, 0, 17)) * 1000n;
    expect(parseTimestamp('2001-01-17')).toBe(base);
    expect(parseTimestamp('2001-01-17T15:35')).toBe(base + 56_100_000_000n);
    expect(parseTimestamp('2001-01-17 15:35:01')).toBe(base + 56_101_000_000n);
    expect(parseTimestamp('2001-01-17T15:35:01Z')).toBe(base + 56_101_000_000n);
    expect(parseTimestamp('2001-01-17T15:35:01.5')).toBe(base + 56_101_500_000n);
    expect(parseTimestamp('2001-01-17T15:35:01.000001')).toBe(base + 56_101_000_001n);
    expect(parseTimestamp('2001-01-17T15:35:01.000001999')).toBe(base + 56_101_000_001n);
    expect(parseTimestamp('2001-01-17T01:00+02:30')).toBe(base - 5_400_000_000n);
    expect(parseTimestamp('2001-01-17T01:00-0230')).toBe(base + 12_600_000_000n);
    expect(parseTimestamp('2001-01-17T01:00+01')).toBe(base);
  });

  test.each([
    '',
    '2001',
    '2001-1-17',
    '2001-13-01',
    '2001-00-01',
    '2001-02-29',
    '1900-02-29',
    '2001-04-31',
    '2001-01-00',
    '2001/01/17',
    '2001-01-17T',
    '2001-01-17T15',
    '2001-01-17T24:00',
    '2001-01-17T15:60',
    '2001-01-17T15:35:60',
    '2001-01-17T15:35:01.',
    '2001-01-17T15:35:01.0000000001',
    '2001-01-17T15:35Zx',
    '2001-01-17T15:35+1',
    '2001-01-17T15:35+24:00',
    '2001-01-17T15:35+01-30',
    '2001-01-17x15:35',
    ' 2001-01-17',
    '20010117',
    '1234567890',
  ])('rejects %j', (text) => {
    expect(parseTimestamp(text)).toBeNull();
  });

  test('leap days', () => {
    expect(parseTimestamp('2000-02-29')).toBe(BigInt(Date.UTC(2000, 1, 29)) * 1000n);
    expect(parseTimestamp('0000-01-01')).toBe(-62_167_219_200_000_000n);
    expect(parseTimestamp('9999-12-31T23:59:59.999999')).toBe(253_402_300_799_999_999n);
  });
});

describe('formatTimestamp', () => {
  test('drops a fraction of zero and floors before 1970', () => {
    expect(formatTimestamp(0n)).toBe('1970-01-01T00:00:00');
    expect(formatTimestamp(-1n)).toBe('1969-12-31T23:59:59.999999');
    expect(formatTimestamp(1_500_000n)).toBe('1970-01-01T00:00:01.500');
    expect(formatTimestamp(-1n, 'date')).toBe('1969-12-31');
    expect(isMidnight(0n)).toBe(true);
    expect(isMidnight(-86_400_000_000n)).toBe(true);
    expect(isMidnight(1n)).toBe(false);
  });

  test('agrees with JavaScript dates over their whole range', () => {
    const anyDate = fc.date({ noInvalidDate: true });
    fc.assert(
      fc.property(anyDate, (date) => {
        const ours = formatTimestamp(BigInt(date.getTime()) * 1000n);
        expect(ours).toBe(date.toISOString().replace(/(\.000)?Z$/, ''));
      }),
      SETTINGS,
    );
  });

  test('the ends of the i64 range have a text', () => {
    expect(formatTimestamp(2n ** 63n - 1n)).toBe('+294247-01-10T04:00:54.775807');
    expect(formatTimestamp(-(2n ** 63n))).toBe('-290308-12-21T19:59:05.224192');
  });

  test('what is written is read back', () => {
    const micros = fc.bigInt({
      min: -62_167_219_200_000_000n,
      max: 253_402_300_799_999_999n,
    });
    fc.assert(
      fc.property(micros, (us) => {
        expect(parseTimestamp(formatTimestamp(us))).toBe(us);
      }),
      SETTINGS,
    );
  });
});
