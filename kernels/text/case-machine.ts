/**
 * The machine forms of str_lower, str_upper, str_fold and str_length.
 *
 * Text is ASCII until a byte says otherwise: all of it is mapped where it stands, 64 bytes at a time, and if there was no
 * other byte that is the answer. Else strings are written anew, character by character where they are not ASCII.
 */

import type { Value } from '../../compiler/index.ts';
import {
  any,
  bin,
  cast,
  cmp,
  type Get,
  type Kernel,
  KernelBuilder,
  lit,
  type SExpr,
  sel,
  un,
  whole,
} from '../../compiler/kernels.ts';
import { vector } from '../column.ts';
import { MAP_ROWS, type Machine, type MachineForm, once } from '../machine.ts';
import { minus, num, plus } from '../terms.ts';
import { caseName, lengths } from './case.ts';
import { BEHIND_CASED, type Case, casedTable } from './cased.ts';
import { newBytes, newOffsets, offsetKind, type Strings, startOf } from './strings.ts';
import { loadStart, machineStrings } from './strings-machine.ts';
import { charBytes, skipChars } from './utf8-machine.ts';
import { writtenValue } from './written.ts';
import { machineWritten, type Put, type Sink, writing } from './written-machine.ts';

type Kind = 'i32' | 'i64';

export const caseMachine =
  (to: Case): MachineForm =>
  async ([offsets, bytes], m) => {
    const strings = await machineStrings(caseName(to), offsets, bytes, m);
    const kind = offsetKind(strings);
    return (
      (await ofAscii(to, strings, m)) ??
      machineWritten(
        caseName(to),
        {
          writing: ofAny,
          of: [to, kind],
          rows: strings.rows,
          kind,
          bufs: [strings.offsets, strings.bytes, casedTable(to)],
        },
        m,
      )
    );
  };

/** Bytes of a row of the launch: four registers. */
const STEP = 64;

/** The strings in another case, or null where a byte is not ASCII. */
async function ofAscii(to: Case, strings: Strings, m: Machine): Promise<Value | null> {
  const [first, last] = [startOf(strings, 0), startOf(strings, strings.rows)];
  const made = newBytes('u8', last - first, m.alloc);
  const { parts, cell } = await m.launch(mapAscii(to === 'upper' ? 97 : 65), {
    rows: Math.ceil(made.length / STEP),
    rowsPerPart: MAP_ROWS / STEP,
    bufs: [strings.bytes, made],
    scalars: [first, last],
  });
  for (let part = 0; part < parts; part++) if (Number(cell(part, 0)) > 0) return null;
  const kind = offsetKind(strings);
  const { offsets } = newOffsets(kind, strings.rows + 1, m.alloc);
  await m.launch(rebase(kind), {
    rows: offsets.length,
    rowsPerPart: MAP_ROWS,
    bufs: [strings.offsets, offsets],
    scalars: [kind === 'i32' ? first : BigInt(first)],
  });
  return writtenValue(kind, offsets, made);
}

const rebase = once((kind: Kind): Kernel => {
  const k = new KernelBuilder(`rebase_${kind}`);
  const [offsets, made] = [k.buf('offsets', kind, 'read'), k.buf('made', kind, 'write')];
  const first = k.scalar('first', kind);
  k.store(made, k.index, bin('-', k.load(offsets, k.index), first));
  return k.finish();
});

/** ASCII letters from the first that is changed on in the other case; the bit that makes it is 32. */
const swapLetters = (bytes: SExpr, firstLetter: number): SExpr => {
  const every = (byte: number): SExpr => lit('u8', byte, 16);
  const isLetter = cmp('<', bin('-', bytes, every(firstLetter)), every(26));
  return bin('^', bytes, sel(isLetter, every(32), every(0)));
};

const mapAscii = once((firstLetter: number): Kernel => {
  const k = KernelBuilder.packed(`case_from_${firstLetter}`);
  const [bytes, made] = [k.buf('bytes', 'u8', 'read'), k.buf('made', 'u8', 'write')];
  const [first, last] = [k.scalar('first', 'i32'), k.scalar('last', 'i32')];
  const others = k.reduction('others', 'i32', 'max');
  const to = k.let(bin('*', k.index, num(STEP)));
  const from = k.let(plus(to, first));
  const count = (isOther: SExpr): void => k.accum(others, cast(isOther, 'i32'));
  k.if(
    cmp('<=', plus(from, STEP), last),
    () => {
      const four = [0, 16, 32, 48].map((by): SExpr => k.load(bytes, k.let(plus(from, by)), 16));
      for (const [n, register] of four.entries()) {
        k.store(made, k.let(plus(to, 16 * n)), swapLetters(register, firstLetter));
      }
      const all = four.reduce((a, b) => bin('|', a, b));
      count(any(cmp('>=', all, lit('u8', 0x80, 16))));
    },
    () =>
      k.range(from, last, (at) => {
        const byte = k.let(cast(k.load(bytes, at), 'i32'));
        const letter = k.let(minus(byte, firstLetter));
        const isLetter = bin('&', cmp('>=', letter, num(0)), cmp('<', letter, num(26)));
        k.store(made, k.let(minus(at, first)), cast(bin('^', byte, sel(isLetter, num(32), num(0))), 'u8'));
        count(cmp('>=', byte, num(0x80)));
      }),
  );
  return k.finish();
});

const ofAny = writing('case', (to: Case, kind: Kind) => (k) => {
  const [offsets, bytes] = [k.buf('offsets', kind, 'read'), k.buf('bytes', 'u8', 'read')];
  const table = k.buf('table', 'i32', 'read');
  return (row, sink) => {
    const [at, end] = [k.var(loadStart(k, offsets, row)), loadStart(k, offsets, plus(row, 1))];
    k.while(cmp('<', at, end), () => {
      const register = k.load(bytes, at, 16);
      const high = whole('bits', cmp('>=', register, lit('u8', 0x80, 16)));
      const ascii = k.let(bin('min', un('ctz', bin('|', high, num(1 << 16))), minus(end, at)));
      k.if(
        bin('&', cmp('>', ascii, num(0)), sink.hasRoom()),
        () => {
          sink.add(ascii, (put) => put(num(0), swapLetters(register, to === 'upper' ? 97 : 65)));
          k.set(at, plus(at, ascii));
        },
        () => {
          const pair = pairAt(k, { bytes, table, at, end });
          k.if(
            pair.isPair,
            () => {
              sink.add(num(2), (put) => putChar(put, pair.code, 2));
              k.set(at, plus(at, 2));
            },
            () => {
              const length = charBytes(k, bytes, at, end);
              addCased(k, { bytes, table, at, length }, sink);
              k.set(at, plus(at, length));
            },
          );
        },
      );
    });
  };
});

/** The other case of the character at a place, if both have two bytes: Latin, Greek and Cyrillic letters do. */
function pairAt(
  k: KernelBuilder,
  c: { readonly bytes: number; readonly table: number; readonly at: Get; readonly end: Get },
): { readonly isPair: SExpr; readonly code: Get } {
  const first = k.let(cast(k.load(c.bytes, c.at), 'i32'));
  const second = k.let(cast(k.load(c.bytes, k.let(plus(c.at, 1))), 'i32'));
  const both = bin('|', bin('<<', bin('&', first, num(0x1f)), num(6)), bin('&', second, num(0x3f)));
  const code = k.load(c.table, k.let(both));
  const between = (n: SExpr, low: number, high: number): SExpr =>
    bin('&', cmp('>=', n, num(low)), cmp('<=', n, num(high)));
  const spelled = bin('&', between(first, 0xc2, 0xdf), between(second, 0x80, 0xbf));
  const isInside = cmp('<', plus(c.at, 1), c.end);
  return { isPair: bin('&', bin('&', spelled, isInside), between(code, 0x80, 0x7ff)), code };
}

/** Writes a character of so many bytes. */
function putChar(put: Put, code: Get, length: number): void {
  const first = [0, 0xc0, 0xe0, 0xf0][length - 1] ?? 0;
  put(num(0), cast(bin('|', num(first), bin('>>', code, num(6 * (length - 1)))), 'u8'));
  for (let by = 1; by < length; by++) {
    const six = bin('&', bin('>>', code, num(6 * (length - 1 - by))), num(0x3f));
    put(num(by), cast(bin('|', num(0x80), six), 'u8'));
  }
}

/** Adds the character at a place in another case. */
function addCased(
  k: KernelBuilder,
  c: { readonly bytes: number; readonly table: number; readonly at: Get; readonly length: Get },
  sink: Sink,
): void {
  const byte = (by: number): Get => k.let(cast(k.load(c.bytes, by === 0 ? c.at : k.let(plus(c.at, by))), 'i32'));
  const code = k.var(byte(0));
  for (const [length, first] of [
    [2, 0x1f],
    [3, 0x0f],
    [4, 0x07],
  ] as const) {
    k.if(cmp('==', c.length, num(length)), () => {
      k.set(code, bin('&', code, num(first)));
      for (let by = 1; by < length; by++) k.set(code, bin('|', bin('<<', code, num(6)), bin('&', byte(by), num(0x3f))));
    });
  }
  // A byte of a character of its own may be none.
  const isByte = k.let(cmp('==', c.length, num(1)));
  const known = bin(
    '&',
    cmp('<', code, num(BEHIND_CASED)),
    bin('|', cmp('<', code, num(0x80)), cmp('==', isByte, lit('bool', false))),
  );
  k.if(known, () => k.set(code, k.load(c.table, code)));
  const lengths = [0x80, 0x800, 0x10000].map((limit): SExpr => cast(cmp('>=', code, num(limit)), 'i32'));
  const length = k.let(
    sel(
      isByte,
      num(1),
      lengths.reduce((a, b) => plus(a, b), num(1)),
    ),
  );
  sink.add(length, (put) => {
    for (const n of [1, 2, 3, 4]) k.if(cmp('==', length, num(n)), () => putChar(put, code, n));
  });
}

export const lengthMachine: MachineForm = async ([offsets, bytes], m) => {
  const strings = await machineStrings(lengths.name, offsets, bytes, m);
  const counts = m.alloc.alloc('i32', strings.rows);
  await m.launch(countChars(offsetKind(strings)), {
    rows: strings.rows,
    rowsPerPart: MAP_ROWS / 4,
    bufs: [strings.offsets, strings.bytes, counts],
  });
  return vector('i32', counts);
};

const countChars = once((kind: Kind): Kernel => {
  const k = KernelBuilder.packed(`count_chars_${kind}`);
  const [offsets, bytes] = [k.buf('offsets', kind, 'read'), k.buf('bytes', 'u8', 'read')];
  const counts = k.buf('counts', 'i32', 'write');
  const [at, end] = [k.var(loadStart(k, offsets, k.index)), loadStart(k, offsets, plus(k.index, 1))];
  const most = num(2 ** 31 - 1);
  const left = k.var(most);
  skipChars(k, bytes, { at, left, end });
  k.store(counts, k.index, minus(most, left));
  return k.finish();
});
