/** The kernels of str_parse_date and str_parse_timestamp: digits at known places, and what is wrong with any of them. */

import { bin, cast, cmp, type Get, type Kernel, KernelBuilder, lit, type SExpr, sel } from '../../compiler/kernels.ts';
import { once } from '../machine.ts';
import { both, either, minus, num, plus } from '../terms.ts';
import { loadStart } from './strings-machine.ts';

type Kind = 'i32' | 'i64';

const over = (a: SExpr, n: number): SExpr => bin('/', a, num(n));
const char = (c: string): SExpr => num(c.charCodeAt(0));
const i64 = (n: bigint): SExpr => lit('i64', n);

/** Reads the bytes of a string, and knows whether all is right so far. */
interface Reader {
  readonly k: KernelBuilder;
  readonly isRight: Get;
  need(what: SExpr): void;
  byteAt(place: SExpr): Get;
  /** The number of so many digits. */
  number(place: SExpr, digits: number): Get;
}

function reader(k: KernelBuilder, bytes: number): Reader {
  const isRight = k.var(lit('bool', true));
  const need = (what: SExpr): void => k.set(isRight, both(isRight, what));
  const byteAt = (place: SExpr): Get => k.let(cast(k.load(bytes, k.let(place)), 'i32'));
  const number = (place: SExpr, digits: number): Get => {
    const value = k.var(num(0));
    for (let d = 0; d < digits; d++) {
      const digit = k.let(minus(byteAt(plus(place, d)), 48));
      need(both(cmp('>=', digit, num(0)), cmp('<=', digit, num(9))));
      k.set(value, plus(bin('*', value, num(10)), digit));
    }
    return value;
  };
  return { k, isRight, need, byteAt, number };
}

/** The day that ten bytes write, as its number since 1970. */
function dayAt({ k, need, byteAt, number }: Reader, start: Get): SExpr {
  const [year, month, day] = [number(start, 4), number(plus(start, 5), 2), number(plus(start, 8), 2)];
  for (const by of [4, 7]) need(cmp('==', byteAt(plus(start, by)), char('-')));
  need(both(cmp('>=', month, num(1)), cmp('<=', month, num(12)), cmp('>=', day, num(1))));
  const isMultiple = (a: SExpr, n: number): SExpr => cmp('==', bin('%', a, num(n)), num(0));
  const isCentury = cmp('==', isMultiple(year, 100), lit('bool', false));
  const isLeap = both(isMultiple(year, 4), either(isCentury, isMultiple(year, 400)));
  const isShort = either(...[4, 6, 9, 11].map((n): SExpr => cmp('==', month, num(n))));
  const february = sel(isLeap, num(29), num(28));
  need(cmp('<=', day, sel(cmp('==', month, num(2)), february, sel(isShort, num(30), num(31)))));
  // Years begin in March, so that the leap day is the last one; 400 more keep all numbers positive.
  const isEarly = k.let(cmp('<=', month, num(2)));
  const y = k.let(minus(plus(year, 400), cast(isEarly, 'i32')));
  const monthOfYear = sel(isEarly, plus(month, 9), minus(month, 3));
  const dayOfYear = plus(over(plus(bin('*', num(153), monthOfYear), 2), 5), minus(day, 1));
  const leaps = plus(minus(over(y, 4), over(y, 100)), over(y, 400));
  return minus(plus(plus(bin('*', y, num(365)), leaps), dayOfYear), 719_468 + 146_097);
}

export const dates = once((kind: Kind): Kernel => {
  const k = KernelBuilder.packed(`parse_date_${kind}`);
  const [offsets, bytes] = [k.buf('offsets', kind, 'read'), k.buf('bytes', 'u8', 'read')];
  const [values, flags] = [k.buf('values', 'i32', 'write'), k.buf('flags', 'bool', 'write')];
  const [start, end] = [loadStart(k, offsets, k.index), loadStart(k, offsets, plus(k.index, 1))];
  const r = reader(k, bytes);
  r.need(cmp('==', minus(end, start), num(10)));
  const day = dayAt(r, start);
  k.store(values, k.index, sel(r.isRight, day, num(0)));
  k.store(flags, k.index, r.isRight);
  return k.finish();
});

export const timestamps = once((kind: Kind): Kernel => {
  const k = KernelBuilder.packed(`parse_timestamp_${kind}`);
  const [offsets, bytes] = [k.buf('offsets', kind, 'read'), k.buf('bytes', 'u8', 'read')];
  const [values, flags] = [k.buf('values', 'i64', 'write'), k.buf('flags', 'bool', 'write')];
  const [start, end] = [loadStart(k, offsets, k.index), loadStart(k, offsets, plus(k.index, 1))];
  const r = reader(k, bytes);
  const length = k.let(minus(end, start));
  r.need(cmp('>=', length, num(10)));
  const micros = k.var(bin('*', cast(dayAt(r, start), 'i64'), i64(86_400_000_000n)));
  k.if(both(r.isRight, cmp('>', length, num(10))), () => {
    r.need(cmp('>=', length, num(16)));
    k.set(micros, bin('+', micros, clockAt(r, start, end)));
  });
  k.store(values, k.index, sel(r.isRight, micros, i64(0n)));
  k.store(flags, k.index, r.isRight);
  return k.finish();
});

/** The microseconds that the bytes behind a date write. */
function clockAt({ k, need, byteAt, number }: Reader, start: Get, end: Get): SExpr {
  const below = (n: Get, limit: number): void => need(cmp('<', n, num(limit)));
  const mark = byteAt(plus(start, 10));
  need(either(cmp('==', mark, char('T')), cmp('==', mark, char(' '))));
  const [hour, minute] = [number(plus(start, 11), 2), number(plus(start, 14), 2)];
  need(cmp('==', byteAt(plus(start, 13)), char(':')));
  below(hour, 24);
  below(minute, 60);
  const [at, seconds, fraction] = [k.var(plus(start, 16)), k.var(num(0)), k.var(num(0))];
  const isNext = (c: string): SExpr => both(cmp('<', at, end), cmp('==', byteAt(at), char(c)));
  k.if(isNext(':'), () => {
    need(cmp('<=', plus(at, 3), end));
    k.set(seconds, number(plus(at, 1), 2));
    below(seconds, 60);
    k.set(at, plus(at, 3));
    k.if(isNext('.'), () => {
      k.set(at, plus(at, 1));
      const [digits, more] = [k.var(num(0)), k.var(cmp('<', at, end))];
      k.while(more, () => {
        const digit = k.let(minus(byteAt(at), 48));
        k.set(more, both(cmp('>=', digit, num(0)), cmp('<=', digit, num(9))));
        k.if(more, () => {
          k.if(cmp('<', digits, num(6)), () => k.set(fraction, plus(bin('*', fraction, num(10)), digit)));
          k.set(digits, plus(digits, 1));
          k.set(at, plus(at, 1));
        });
        k.set(more, both(more, cmp('<', at, end)));
      });
      need(both(cmp('>=', digits, num(1)), cmp('<=', digits, num(9))));
      k.while(cmp('<', digits, num(6)), () => {
        k.set(fraction, bin('*', fraction, num(10)));
        k.set(digits, plus(digits, 1));
      });
    });
  });
  const offset = k.var(num(0));
  k.if(cmp('<', at, end), () => {
    const sign = byteAt(at);
    const left = k.let(minus(end, at));
    k.if(
      cmp('==', sign, char('Z')),
      () => need(cmp('==', left, num(1))),
      () => {
        need(either(cmp('==', sign, char('+')), cmp('==', sign, char('-'))));
        const hasColon = k.let(both(cmp('==', left, num(6)), cmp('==', byteAt(plus(at, 3)), char(':'))));
        need(either(cmp('==', left, num(3)), cmp('==', left, num(5)), hasColon));
        const hours = number(plus(at, 1), 2);
        below(hours, 24);
        k.set(offset, bin('*', hours, num(60)));
        k.if(cmp('>', left, num(3)), () => {
          const minutes = number(plus(at, plus(num(3), cast(hasColon, 'i32'))), 2);
          below(minutes, 60);
          k.set(offset, plus(offset, minutes));
        });
        k.set(offset, sel(cmp('==', sign, char('-')), minus(num(0), offset), offset));
      },
    );
  });
  const all = plus(bin('*', minus(plus(bin('*', hour, num(60)), minute), offset), num(60)), seconds);
  return bin('+', bin('*', cast(all, 'i64'), i64(1_000_000n)), cast(fraction, 'i64'));
}
