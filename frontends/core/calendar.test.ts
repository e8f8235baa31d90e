import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { col, fromColumns } from '../frame/index.ts';
import { testSessions } from './sessions-fixture.ts';

const sessions = testSessions();
afterAll(() => Promise.all(sessions.map((s) => s.session.dispose())));

/** All that a JavaScript Date can hold is in the range of i64 microseconds. */
const dates = fc.array(fc.date({ noInvalidDate: true }), { minLength: 1, maxLength: 20 });

describe.each(sessions)('calendar on $name', ({ session }) => {
  it('agrees with Date in UTC, before and after 1970', async () => {
    const t = col('t').dt;
    const parts = {
      year: t.year(),
      month: t.month(),
      day: t.day(),
      hour: t.hour(),
      minute: t.minute(),
      second: t.second(),
      weekday: t.weekday(),
    };
    await fc.assert(
      fc.asyncProperty(dates, async (all) => {
        const edges = [new Date(0), new Date(-1), new Date('1900-03-01T00:00:00Z'), new Date('2000-02-29T23:59:59Z')];
        const days = [...edges, ...all];
        const got = await fromColumns({ t: days }, { session }).select(parts).toRecords();
        expect(got).toEqual(
          days.map((d) => ({
            year: d.getUTCFullYear(),
            month: d.getUTCMonth() + 1,
            day: d.getUTCDate(),
            hour: d.getUTCHours(),
            minute: d.getUTCMinutes(),
            second: d.getUTCSeconds(),
            weekday: d.getUTCDay() === 0 ? 7 : d.getUTCDay(),
          })),
        );
      }),
      { numRuns: 100, seed: 3 },
    );
  });

  it('compares and subtracts timestamps', async () => {
    const f = fromColumns({ a: [new Date(5), null], b: [new Date(2), new Date(3)] }, { session });
    expect(
      await f.select({ d: col('a').sub(col('b')), l: col('b').lt(new Date(3)), m: col('a').max(col('b')) }).toRecords(),
    ).toEqual([
      { d: 3000, l: true, m: new Date(5) },
      { d: null, l: false, m: null },
    ]);
  });
});
