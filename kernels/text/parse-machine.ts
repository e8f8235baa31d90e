/**
 * The machine forms of str_parse_*. Numbers are read as those of other texts (`numbers/`); what they do not decide, the
 * host looks at: whole numbers of more than nineteen digits, words for NaN and infinities, and doubles of which the first
 * nineteen digits leave open to which side they are rounded.
 */

import { bin, bitcast, cast, cmp, type Get, type Kernel, KernelBuilder, lit, sel } from '../../compiler/kernels.ts';
import { vector } from '../column.ts';
import { MAP_ROWS, type MachineForm, once } from '../machine.ts';
import { isByte, readDecimal, takeSign, type Written } from '../numbers/decimal-machine.ts';
import { nearestDouble } from '../numbers/nearest-machine.ts';
import { EXACT_POWERS, WIDE_POWERS } from '../numbers/powers.ts';
import { readWhole, WHOLE_DIGITS } from '../numbers/whole-machine.ts';
import { both, either, minus, no, num, plus, u64 } from '../terms.ts';
import { type Parsed, parse, parsedKind, parseName } from './parse.ts';
import { newBytes, offsetKind, stringAt } from './strings.ts';
import { loadStart, machineStrings } from './strings-machine.ts';
import { dates, timestamps } from './time-machine.ts';

export const parseMachine =
  (to: Parsed): MachineForm =>
  async ([offsets, bytes], m) => {
    const strings = await machineStrings(parseName(to), offsets, bytes, m);
    const { rows } = strings;
    const kind = parsedKind(to);
    const [values, flags] = [m.alloc.alloc(kind, rows), newBytes('bool', rows, m.alloc)];
    const isNumber = to === 'i64' || to === 'f64';
    const asked = isNumber ? [m.alloc.alloc('i32', rows)] : [];
    const report = await m.launch(kernelOf(to, offsetKind(strings)), {
      rows,
      rowsPerPart: MAP_ROWS / 4,
      bufs: [
        ...[strings.offsets, strings.bytes, values, flags],
        ...asked,
        ...(to === 'f64' ? [EXACT_POWERS, WIDE_POWERS] : []),
      ],
    });
    let left = 0;
    for (let part = 0; part < report.parts && isNumber; part++) {
      const first = report.first(part, 0);
      left += report.count(part, 0);
      for (let place = first; place < first + report.count(part, 0); place++) {
        const row = Number(asked[0]?.[place]);
        const value = parse(to, stringAt(strings, row));
        flags[row] = value === null ? 0 : 1;
        if (values instanceof BigInt64Array) values[row] = BigInt(value ?? 0);
        else values[row] = Number(value ?? 0);
      }
    }
    if (left > 0) m.onHost({ kernel: parseName(to), rows: left, of: rows, reason: OPEN[to === 'i64' ? 'i64' : 'f64'] });
    return { kind: 'struct', fields: [vector(kind, values), vector('bool', flags)] };
  };

/** Why numbers are left to the host. */
const OPEN = {
  i64: `more than ${WHOLE_DIGITS} bytes`,
  f64: 'words like NaN, or digits beyond the nineteenth that decide',
} as const;

function kernelOf(to: Parsed, kind: 'i32' | 'i64'): Kernel {
  switch (to) {
    case 'i64':
      return wholes(kind);
    case 'f64':
      return doubles(kind);
    case 'date':
      return dates(kind);
    case 'timestamp':
      return timestamps(kind);
    default:
      return to satisfies never;
  }
}

/** What a kernel finds in a row: variables. */
interface Found {
  readonly value: Get;
  readonly isNumber: Get;
  /** Is the host to look at it? */
  readonly isOpen: Get;
}

/** A kernel of numbers; those that are left open are listed, in cursor 0. */
function numbers(
  to: 'i64' | 'f64',
  kind: 'i32' | 'i64',
  declare: (k: KernelBuilder) => (text: Written, isMinus: Get, found: Found) => void,
): Kernel {
  const k = KernelBuilder.packed(`parse_${to}_${kind}`);
  const [offsets, bytes] = [k.buf('offsets', kind, 'read'), k.buf('bytes', 'u8', 'read')];
  const [values, flags] = [k.buf('values', to, 'write'), k.buf('flags', 'bool', 'write')];
  const asked = k.buf('asked', 'i32', 'write');
  const cursor = k.cursor();
  const read = declare(k);
  const written = {
    text: bytes,
    start: k.var(loadStart(k, offsets, k.index)),
    end: loadStart(k, offsets, plus(k.index, 1)),
  };
  const isMinus = takeSign(k, written);
  const found = { value: k.var(to === 'i64' ? lit('i64', 0n) : lit('f64', 0)), isNumber: k.var(no), isOpen: k.var(no) };
  read(written, isMinus, found);
  k.store(values, k.index, found.value);
  k.store(flags, k.index, found.isNumber);
  k.if(found.isOpen, () => k.push(cursor, [[asked, k.index]]));
  return k.finish();
}

const wholes = once((kind: 'i32' | 'i64') =>
  numbers('i64', kind, (k) => (written, isMinus, { value, isNumber, isOpen }) => {
    const { isWritten, magnitude } = readWhole(k, written);
    const most = sel(isMinus, u64(2n ** 63n), u64(2n ** 63n - 1n));
    k.set(isNumber, both(isWritten, cmp('<=', magnitude, most)));
    const signed = cast(sel(isMinus, bin('-', u64(0), magnitude), magnitude), 'i64');
    k.set(value, sel(isNumber, signed, value));
    k.set(isOpen, cmp('>', minus(written.end, written.start), num(WHOLE_DIGITS)));
  }),
);

/** The first letters of words for NaN and infinities. */
const WORDS = ['i', 'I', 'n', 'N'];

const doubles = once((kind: 'i32' | 'i64') =>
  numbers('f64', kind, (k) => {
    const powers = { exact: k.buf('exact', 'f64', 'read'), wide: k.buf('wide', 'u64', 'read') };
    return (written, isMinus, { value, isNumber, isOpen }) => {
      const { text, start, end } = written;
      const number = readDecimal(k, written, powers.exact);
      k.if(
        number.isWritten,
        () => {
          const nearest = nearestDouble(k, number, powers);
          const sign = sel(isMinus, u64(1n << 63n), u64(0));
          k.set(value, bitcast(bin('|', bitcast(nearest.value, 'u64'), sign), 'f64'));
          k.set(isNumber, nearest.isKnown);
          k.set(isOpen, cmp('==', nearest.isKnown, no));
        },
        () => {
          const first = k.load(text, start);
          const isWord = either(...WORDS.map((letter) => isByte(first, letter)));
          k.set(isOpen, either(both(isWord, cmp('<', start, end)), number.isOpen));
        },
      );
    };
  }),
);
