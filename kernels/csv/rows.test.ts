import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainMemory } from '../../compiler/index.ts';
import { guardedMachine } from '../testing/guarded-machine.ts';
import { SLACK } from './blocks-machine.ts';
import { indexLines } from './lines-machine.ts';
import { Room } from './room.ts';
import { type Dialect, type Scanned, scanRows } from './rows.ts';
import { indexRows } from './rows-machine.ts';

const COMMA = 0x2c;
const PLAIN: Dialect = { delimiter: COMMA, escapeByte: null, comment: null, ragged: 'error' };

/** The rows and fields of a layout, without what its buffers hold behind them. */
const shown = ({ layout, next }: Scanned): unknown => {
  const { rows, columns, rowStarts, ends } = layout;
  return { next, rows, rowStarts: [...rowStarts.subarray(0, rows)], ends: [...ends.subarray(0, rows * columns)] };
};

const machine = guardedMachine(2);

/** Checks the index of a text against the definition, where it does not decline; gives whether it did. */
async function agrees(text: string, columns: number, part: number): Promise<boolean> {
  const bytes = new TextEncoder().encode(text);
  const buffer = new Uint8Array(bytes.length + SLACK + 3).fill(0x22);
  buffer.set(bytes, 3);
  const stretch = { from: 3, to: bytes.length + 3, columns };
  const got = await indexRows(machine, new Room(plainMemory), buffer, { ...stretch, delimiter: COMMA }, part);
  const want = scanRows(buffer, PLAIN, { ...stretch, last: false });
  if (got === null) return false;
  expect('fault' in want ? want : shown(want)).toEqual(shown(got));
  return true;
}

describe('the rows of a text', () => {
  const SAMPLE = 'a,"b ""x"" , \n y",c\r\n"",,\n1,"2\r\n",3\n"a,""",,"\n"\n';
  it('are the same with the border of a part at every byte', async () => {
    for (let part = 1; part < SAMPLE.length; part++) expect(await agrees(SAMPLE, 3, part)).toBe(true);
  });
  it('are the same with every byte at the border of a block', async () => {
    for (let pad = 0; pad < 70; pad++) expect(await agrees(`${'x'.repeat(pad)},,\n${SAMPLE}`, 3, 64)).toBe(true);
  });
  it('are the same for random fields, and only strange texts are declined', async () => {
    const plain = fc.string({ unit: fc.constantFrom('a', 'é', ' ', '\0'), maxLength: 30 });
    const nasty = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r'), maxLength: 30 });
    const field = fc.oneof(
      plain,
      nasty.map((t) => `"${t.replaceAll('"', '""')}"`),
    );
    const row = fc.tuple(fc.array(field, { minLength: 2, maxLength: 2 }), fc.constantFrom('\n', '\r\n'));
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 200 }),
        async (rows, part) => {
          const text = rows.map(([fields, end]) => fields.join(',') + end).join('');
          expect(await agrees(text, 2, part)).toBe(true);
        },
      ),
      { numRuns: 100, seed: 5 },
    );
  });
  it('never differ where any text is not declined', async () => {
    const text = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r\n', '\r'), minLength: 1, maxLength: 100 });
    await fc.assert(
      fc.asyncProperty(
        text,
        fc.integer({ min: 1, max: 70 }),
        fc.integer({ min: 1, max: 3 }),
        async (t, part, columns) => {
          await agrees(`${t}\n`, columns, part);
        },
      ),
      { numRuns: 200, seed: 6 },
    );
  });
  it.each(['a"b,c\n', '"a"b,c\n', 'a,b\rc,d\n', 'a\n', 'a,b,c\n', '\n'])('decline %j', async (text) => {
    expect(await agrees(text, 2, 64)).toBe(false);
    expect(await agrees(`${'x,y\n'.repeat(20)}${text}`, 2, 13)).toBe(false);
  });
});

describe('the rows among other lines', () => {
  const machines = [1, 2, 7].map(guardedMachine);
  /** Checks the lines of a text against the definition, where they are not declined; gives whether they were not. */
  async function agreeLines(text: string, columns: number, dialect: Partial<Dialect>, part = 64): Promise<boolean> {
    const bytes = new TextEncoder().encode(text);
    const buffer = new Uint8Array(bytes.length + SLACK + 3).fill(0x22);
    buffer.set(bytes, 3);
    const stretch = { from: 3, to: bytes.length + 3, columns };
    const whole = { ...PLAIN, ...dialect };
    const want = scanRows(buffer, whole, { ...stretch, last: false });
    let isFound = true;
    for (const m of machines) {
      const room = new Room(plainMemory);
      const got = await indexLines(m, room, buffer, { ...stretch, delimiter: COMMA }, whole, part);
      isFound &&= got !== null;
      if (got !== null) expect('fault' in want ? want : shown(want)).toEqual(shown(got));
    }
    return isFound;
  }
  const HASH = { comment: 0x23 };
  it.each<[string, Partial<Dialect>]>([
    ['\n\n1,2\r\n\r\n3,4\n\n', {}],
    ['#\n1,2\n#3,4\n#,,,\r\n5,#6\n#', HASH],
    ['"#1","\n#"\n# x\n"\n\n",\n', HASH],
    ['1\n1,2\n1,2,3\n\n4,"5,6",7,8\r\n9\r\n', { ragged: 'skip' }],
    ['1\n1,2\n1,2,3\n\n4,"5,6",7,8\r\n9\r\n', { ragged: 'truncate' }],
    ['1\n1,2\n\n4\r\n9\r\n', { ragged: 'null' }],
  ])('are found in %j', async (text, dialect) => {
    for (let part = 1; part < 12; part++) expect(await agreeLines(`${text}\n`, 2, dialect, part)).toBe(true);
    for (let pad = 50; pad < 66; pad++) {
      expect(await agreeLines(`${'x'.repeat(pad)},\n${text}\n`, 2, dialect)).toBe(true);
    }
  });
  it('of one column are blank lines too', async () => {
    expect(await agreeLines('1\n\n"2\n"\n\r\n', 1, {})).toBe(true);
  });
  it.each<[string, Partial<Dialect>]>([
    ['1,2\n# "x"\n3,4\n', HASH],
    ['1,2\n# x\ry\n3,4\n', HASH],
    ['1,2\n3\n', {}],
    ['1,2,3\n', { ragged: 'null' }],
    ['1,2"3"\n', { ragged: 'skip' }],
  ])('are left to the definition in %j', async (text, dialect) => {
    expect(await agreeLines(text, 2, dialect)).toBe(false);
  });
  it('never differ where any text is not declined', async () => {
    const text = fc.string({
      unit: fc.constantFrom('a', ',', '"', '\n', '\r\n', '\r', '#'),
      minLength: 1,
      maxLength: 80,
    });
    const ragged = fc.constantFrom<Dialect['ragged']>('error', 'null', 'truncate', 'skip');
    await fc.assert(
      fc.asyncProperty(
        text,
        ragged,
        fc.constantFrom(null, 0x23),
        fc.integer({ min: 1, max: 3 }),
        async (t, r, c, n) => {
          await agreeLines(`${t}\n`, n, { ragged: r, comment: c }, 1 + (t.length % 33));
        },
      ),
      { numRuns: 200, seed: 7 },
    );
  });
});

describe('the definition', () => {
  const scan = (text: string, dialect: Partial<Dialect>, last = true) => {
    const bytes = new TextEncoder().encode(text);
    const scanned = scanRows(bytes, { ...PLAIN, ...dialect }, { from: 0, to: bytes.length, last, columns: 0 });
    if ('fault' in scanned) return scanned;
    const { columns, rows, rowStarts, ends } = scanned.layout;
    return Array.from({ length: rows }, (_, r) => {
      let start = rowStarts[r] ?? 0;
      return Array.from({ length: columns }, (__, c) => {
        const end = ends[r * columns + c] ?? 0;
        const field = text.slice(start, end);
        start = end + 1;
        return field;
      });
    });
  };
  it('takes comments out, wherever quotes are in them', () => {
    expect(scan('#"\na,b\n#x\n1,2\n# end', { comment: 0x23 })).toEqual([
      ['a', 'b'],
      ['1', '2'],
    ]);
  });
  it('knows an escape inside quotes', () => {
    expect(scan('"a\\"b",c\n\\,d\n', { escapeByte: 0x5c })).toEqual([
      ['"a\\"b"', 'c'],
      ['\\', 'd'],
    ]);
  });
  it('has four ways with ragged rows', () => {
    const text = 'a,b\n1\n1,2,3\n4,5\n';
    expect(scan(text, {})).toEqual({ fault: 'ragged', at: 4, row: 1, found: 1, columns: 2 });
    expect(scan(text, { ragged: 'null' })).toEqual({ fault: 'ragged', at: 6, row: 2, found: 3, columns: 2 });
    expect(scan(text, { ragged: 'truncate' })).toEqual([
      ['a', 'b'],
      ['1', ''],
      ['1', '2'],
      ['4', '5'],
    ]);
    expect(scan(text, { ragged: 'skip' })).toEqual([
      ['a', 'b'],
      ['4', '5'],
    ]);
  });
  it('looks at nothing behind the text', () => {
    const bytes = new TextEncoder().encode('a,"b');
    const scanned = scanRows(bytes, PLAIN, { from: 0, to: 2, last: true, columns: 0 });
    if ('fault' in scanned) throw new Error('no fault expected');
    expect(shown(scanned)).toEqual({ next: 2, rows: 1, rowStarts: [0], ends: [1, 2] });
  });
  it('leaves the row at the end that may go on', () => {
    const text = 'a,b\r\nc,"d\r\n"\r\ne';
    for (let to = 0; to <= text.length; to++) {
      const bytes = new TextEncoder().encode(text.slice(0, to));
      const scanned = scanRows(bytes, PLAIN, { from: 0, to, last: false, columns: 0 });
      if ('fault' in scanned) throw new Error('no fault expected');
      const { next } = scanned;
      const rest = scanRows(new TextEncoder().encode(text), PLAIN, {
        from: next,
        to: text.length,
        last: true,
        columns: 2,
      });
      if ('fault' in rest) expect(rest.fault).toBe('ragged');
      expect([0, 5, text.indexOf('e')]).toContain(next);
    }
  });
});
