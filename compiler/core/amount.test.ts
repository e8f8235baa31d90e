import { describe, expect, it } from 'vitest';
import { type Amount, amount, amountAtoms, amountText, amountValue, both, mapAmount } from './amount.ts';

const len = (of: string): Amount<string> => ({ amount: 'len', of });
const value = (of: string): Amount<string> => ({ amount: 'value', of });
const range = (start: string, end: string, stride: string): Amount<string> => ({ amount: 'range', start, end, stride });
const LENGTHS: Readonly<Record<string, number>> = { v: 5, w: 0 };
const INTS: Readonly<Record<string, bigint>> = { '0': 0n, '1': 1n, '2': 2n, n: 7n, m: -3n, huge: 2n ** 62n };
const worth = (m: Amount<string>): number | null =>
  amountValue(
    m,
    (a) => LENGTHS[a] ?? 0,
    (a) => INTS[a] ?? 0n,
  );
const text = (m: Amount<string>): string => amountText(m, (a) => a);

describe('amounts', () => {
  it('have values, but for ranges that no loop takes', () => {
    expect([amount(3), len('v'), value('n'), value('m')].map(worth)).toEqual([3, 5, 7, 0]);
    expect(worth(range('1', 'n', '2'))).toBe(3);
    expect([range('n', '1', '1'), range('0', 'n', '0'), range('0', 'n', 'm')].map(worth)).toEqual([null, null, null]);
    expect(worth(both('*', len('v'), both('+', value('n'), range('0', '2', '1'))))).toBe(45);
    expect(worth(both('max', len('w'), len('v')))).toBe(5);
    expect(worth(both('+', amount(1), range('n', '1', '1')))).toBeNull();
    expect(worth(both('*', value('huge'), value('huge')))).toBe(2 ** 124);
  });

  it('are simple where they can be', () => {
    expect([
      both('*', amount(2), amount(3)),
      both('+', amount(2), amount(3)),
      both('max', amount(2), amount(3)),
    ]).toEqual([amount(6), amount(5), amount(3)]);
    expect([both('*', amount(1), len('v')), both('*', len('v'), amount(0)), both('+', amount(0), len('v'))]).toEqual([
      len('v'),
      amount(0),
      len('v'),
    ]);
    expect(both('max', len('v'), amount(0))).toEqual(len('v'));
  });

  it('are written as people do, and mapped atom by atom', () => {
    const m = both('*', both('+', len('v'), amount(2)), both('max', range('0', 'n', '1'), range('1', 'n', '2')));
    expect(text(m)).toBe('(len(v) + 2) * max(n, (n - 1) / 2)');
    expect(text(mapAmount(m, (a) => `${a}'`))).toBe("(len(v') + 2) * max((n' - 0') / 1', (n' - 1') / 2')");
    expect(amountAtoms(m)).toEqual(['v', '0', 'n', '1', '1', 'n', '2']);
  });
});
