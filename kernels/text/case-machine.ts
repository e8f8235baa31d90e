/**
 * The machine forms of str_lower, str_upper, str_fold and str_length.
 *
 * Text is ASCII until a byte says otherwise: all of it is mapped where it stands, 64 bytes at a time, and if there was no
 * other byte that is the answer. Else it is mapped where it stands by characters (`case-in-place-machine.ts`); and where one
 * of these changes its length, strings are written anew.
 */

import type { Value } from '../../compiler/index.ts';
import {
  any,
  bin,
  cast,
  cmp,
  type Kernel,
  KernelBuilder,
  lit,
  type SExpr,
  sel,
  un,
  whole,
} from '../../compiler/kernels.ts';
import { vector } from '../column.ts';
import { MAP_ROWS, type Machine, type MachineForm, type MachineReport, once } from '../machine.ts';
import { minus, num, plus } from '../terms.ts';
import { caseName, lengths } from './case.ts';
import { casedPages, caseInPlace } from './case-in-place-machine.ts';
import { type Case, casedTable } from './cased.ts';
import { addCased, firstLetterOf, pairAt, putChar, swapLetters } from './cased-machine.ts';
import { newBytes, newOffsets, offsetKind, type Strings, startOf } from './strings.ts';
import { loadStart, machineStrings, stretchesOf } from './strings-machine.ts';
import { charBytes, skipChars } from './utf8-machine.ts';
import { writtenValue } from './written.ts';
import { machineWritten, writing } from './written-machine.ts';

type Kind = 'i32' | 'i64';

export const caseMachine =
  (to: Case): MachineForm =>
  async ([offsets, bytes], m) => {
    const strings = await machineStrings(caseName(to), offsets, bytes, m);
    const { rows } = strings;
    const kind = offsetKind(strings);
    const [first, last] = [startOf(strings, 0), startOf(strings, rows)];
    const made = newBytes('u8', last - first, m.alloc);
    if ((await ofAscii(to, strings, made, m)) || (await inPlace(to, strings, made, m))) {
      return sameLengths(strings, made, m);
    }
    const bufs = [strings.offsets, strings.bytes, casedTable(to)];
    return machineWritten(caseName(to), { writing: ofAny, of: [to, kind], rows, kind, bufs }, m);
  };

/** Bytes of a row of the launch: four registers. */
const STEP = 64;

/** Writes the bytes in another case; false where one is not ASCII. */
async function ofAscii(to: Case, strings: Strings, made: Uint8Array, m: Machine): Promise<boolean> {
  const report = await m.launch(mapAscii(firstLetterOf(to)), {
    rows: Math.ceil(made.length / STEP),
    rowsPerPart: MAP_ROWS / STEP,
    bufs: [strings.bytes, made],
    scalars: [startOf(strings, 0), startOf(strings, strings.rows)],
  });
  return isNowhere(report);
}

/** Writes the strings in another case; false where a character changes its length. */
async function inPlace(to: Case, strings: Strings, made: Uint8Array, m: Machine): Promise<boolean> {
  const { stretch, stretches } = stretchesOf(strings.rows, m);
  const report = await m.launch(caseInPlace(to, offsetKind(strings)), {
    rows: stretches,
    rowsPerPart: 1,
    bufs: [strings.offsets, strings.bytes, made, casedTable(to), casedPages(to)],
    scalars: [strings.rows, stretch, startOf(strings, 0)],
  });
  return isNowhere(report);
}

/** Is reduction 0 of every part 0? */
const isNowhere = ({ parts, cell }: MachineReport): boolean =>
  Array.from({ length: parts }, (_, part) => Number(cell(part, 0))).every((found) => found === 0);

/** The strings with other bytes, as many as before. */
async function sameLengths(strings: Strings, made: Uint8Array, m: Machine): Promise<Value> {
  const kind = offsetKind(strings);
  const { offsets } = newOffsets(kind, strings.rows + 1, m.alloc);
  await m.launch(rebase(kind), {
    rows: offsets.length,
    rowsPerPart: MAP_ROWS,
    bufs: [strings.offsets, offsets],
    scalars: [kind === 'i32' ? startOf(strings, 0) : BigInt(startOf(strings, 0))],
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
          sink.add(ascii, (put) => put(num(0), swapLetters(register, firstLetterOf(to))));
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
