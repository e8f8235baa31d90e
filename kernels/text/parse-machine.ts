/**
 * The machine forms of str_parse_*. Numbers of few digits are exact in f64, and so are powers of ten up to 22: one product
 * or quotient of them is rounded once (Clinger). Whatever is not as simple, and what is no number, the host looks at.
 */

import {
  bin,
  bitcast,
  cast,
  cmp,
  type Get,
  type Kernel,
  KernelBuilder,
  lit,
  type SExpr,
  sel,
  un,
} from '../../compiler/kernels.ts';
import { vector } from '../column.ts';
import { MAP_ROWS, type MachineForm, once } from '../machine.ts';
import { both, minus, no, num, plus } from '../terms.ts';
import { type Parsed, parse, parsedKind, parseName } from './parse.ts';
import { newBytes, offsetKind, stringAt } from './strings.ts';
import { loadStart, machineStrings } from './strings-machine.ts';
import { dates, timestamps } from './time-machine.ts';

/** A flag of a row that the host is to look at. */
const ASK = 2;

export const parseMachine =
  (to: Parsed): MachineForm =>
  async ([offsets, bytes], m) => {
    const strings = await machineStrings(parseName(to), offsets, bytes, m);
    const { rows } = strings;
    const kind = parsedKind(to);
    const [values, flags] = [m.alloc.alloc(kind, rows), newBytes('bool', rows, m.alloc)];
    const states = newBytes('u8', rows, m.alloc);
    const shared = [strings.offsets, strings.bytes, values, states];
    await m.launch(kernelOf(to, offsetKind(strings)), {
      rows,
      rowsPerPart: MAP_ROWS / 4,
      bufs: to === 'f64' ? [...shared, POWERS] : shared,
    });
    for (let r = 0; r < rows; r++) {
      const state = states[r] ?? 0;
      flags[r] = state;
      if (state !== ASK) continue;
      const value = parse(to, stringAt(strings, r));
      flags[r] = value === null ? 0 : 1;
      if (values instanceof BigInt64Array) values[r] = BigInt(value ?? 0);
      else values[r] = Number(value ?? 0);
    }
    return { kind: 'struct', fields: [vector(kind, values), vector('bool', flags)] };
  };

function kernelOf(to: Parsed, kind: 'i32' | 'i64'): Kernel {
  switch (to) {
    case 'i64':
    case 'f64':
      return numbers(to, kind);
    case 'date':
      return dates(kind);
    case 'timestamp':
      return timestamps(kind);
    default:
      return to satisfies never;
  }
}

const MOST_POWER = 22;
const POWERS = Float64Array.from({ length: MOST_POWER + 1 }, (_, k) => Number(`1e${k}`));
/** Digits of what is exact. */
const DIGITS = { i64: 18, f64: 15 } as const;

const numbers = once((to: 'i64' | 'f64', kind: 'i32' | 'i64'): Kernel => {
  const k = KernelBuilder.packed(`parse_${to}_${kind}`);
  const [offsets, bytes] = [k.buf('offsets', kind, 'read'), k.buf('bytes', 'u8', 'read')];
  const [values, states] = [k.buf('values', to, 'write'), k.buf('states', 'u8', 'write')];
  const powers = to === 'f64' ? k.buf('powers', 'f64', 'read') : null;
  const [at, end] = [k.var(loadStart(k, offsets, k.index)), loadStart(k, offsets, plus(k.index, 1))];
  const byteAt = (): Get => k.let(cast(k.load(bytes, at), 'i32'));
  /** Moves over a sign; is it a minus? */
  const sign = (): Get => {
    const byte = byteAt();
    const isMinus = k.let(both(cmp('==', byte, num(45)), cmp('<', at, end)));
    const isPlus = both(cmp('==', byte, num(43)), cmp('<', at, end));
    k.set(at, plus(at, cast(bin('|', isMinus, isPlus), 'i32')));
    return isMinus;
  };
  /** Moves over digits and, where `onDot` is given, what it takes besides. */
  const digits = (onDigit: (digit: Get) => void, onDot: ((byte: Get) => SExpr) | null = null): void => {
    const more = k.var(cmp('<', at, end));
    k.while(more, () => {
      const byte = byteAt();
      const digit = k.let(minus(byte, 48));
      k.if(
        both(cmp('>=', digit, num(0)), cmp('<=', digit, num(9))),
        () => onDigit(digit),
        () => k.set(more, onDot === null ? no : onDot(byte)),
      );
      k.set(at, plus(at, cast(more, 'i32')));
      k.set(more, both(more, cmp('<', at, end)));
    });
  };
  const isMinus = sign();
  const [mantissa, significant, seen] = [k.var(lit('i64', 0n)), k.var(num(0)), k.var(num(0))];
  const [scale, isBehind] = [k.var(num(0)), k.var(num(0))];
  digits(
    (digit) => {
      k.set(mantissa, bin('+', bin('*', mantissa, lit('i64', 10n)), cast(digit, 'i64')));
      // A mantissa that has wrapped to 0 has more digits than are taken anyway.
      k.set(
        significant,
        plus(significant, cast(bin('|', cmp('>', significant, num(0)), cmp('!=', digit, num(0))), 'i32')),
      );
      k.set(seen, plus(seen, 1));
      k.set(scale, minus(scale, isBehind));
    },
    to === 'f64'
      ? (byte) => {
          const isDot = k.let(both(cmp('==', byte, num(46)), cmp('==', isBehind, num(0))));
          k.set(isBehind, bin('|', isBehind, cast(isDot, 'i32')));
          return isDot;
        }
      : null,
  );
  const isRight = k.var(both(cmp('>', seen, num(0)), cmp('<=', significant, num(DIGITS[to]))));
  if (powers === null) {
    k.set(isRight, both(isRight, cmp('==', at, end)));
    k.store(values, k.index, sel(isMinus, un('neg', mantissa), mantissa));
  } else {
    k.if(cmp('<', at, end), () => {
      k.set(isRight, both(isRight, cmp('==', bin('|', byteAt(), num(32)), num(101))));
      k.set(at, plus(at, 1));
      const isNegative = sign();
      const [exponent, count] = [k.var(num(0)), k.var(num(0))];
      digits((digit) => {
        k.set(exponent, bin('min', plus(bin('*', exponent, num(10)), digit), num(10_000)));
        k.set(count, plus(count, 1));
      });
      k.set(isRight, both(isRight, cmp('>', count, num(0)), cmp('==', at, end)));
      k.set(scale, plus(scale, sel(isNegative, minus(num(0), exponent), exponent)));
    });
    const size = k.let(sel(cmp('<', scale, num(0)), minus(num(0), scale), scale));
    k.set(isRight, both(isRight, cmp('<=', size, num(MOST_POWER))));
    const power = k.load(powers, k.let(bin('min', size, num(MOST_POWER))));
    const exact = k.let(cast(mantissa, 'f64'));
    const value = k.let(sel(cmp('<', scale, num(0)), bin('/', exact, power), bin('*', exact, power)));
    const bits = bin('|', bitcast(value, 'u64'), sel(isMinus, lit('u64', 1n << 63n), lit('u64', 0n)));
    k.store(values, k.index, bitcast(bits, 'f64'));
  }
  k.store(states, k.index, cast(sel(isRight, num(1), num(ASK)), 'u8'));
  return k.finish();
});
