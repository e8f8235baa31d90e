/** The machine forms of str_lower, str_upper and str_length. */

import { bin, cmp, type Kernel, KernelBuilder, lit, type SExpr, sel, splat } from '../../compiler/kernels.ts';
import { vector } from '../column.ts';
import { MAP_ROWS, type MachineForm, once } from '../machine.ts';
import { type Case, FIRST_LETTER, lengths } from './case.ts';
import { newBytes, offsetKind, patternOf } from './strings.ts';
import { loadStart, machineStrings, minus, num, plus } from './strings-machine.ts';
import { skipChars } from './utf8-machine.ts';

/** Bytes of a row of the launch. */
const REGISTER = 16;

export const caseMachine =
  (to: Case): MachineForm =>
  async ([bytes], m) => {
    const from = patternOf(bytes);
    // The last register may be written whole.
    const made = newBytes('u8', Math.ceil(from.length / REGISTER) * REGISTER, m.alloc);
    const rows = made.length / REGISTER;
    await m.launch(mapCase(to), { rows, rowsPerPart: MAP_ROWS / REGISTER, bufs: [from, made] });
    return vector('u8', made.subarray(0, from.length));
  };

const mapCase = once((to: Case): Kernel => {
  const k = KernelBuilder.packed(`case_${to}`);
  const [from, made] = [k.buf('from', 'u8', 'read'), k.buf('made', 'u8', 'write')];
  const every = (byte: number): SExpr => splat(lit('u8', byte), REGISTER);
  const at = k.let(bin('*', k.index, num(REGISTER)));
  const bytes = k.load(from, at, REGISTER);
  const isLetter = cmp('<', bin('-', bytes, every(FIRST_LETTER[to])), every(26));
  k.store(made, at, bin('^', bytes, sel(isLetter, every(32), every(0))));
  return k.finish();
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

const countChars = once((kind: 'i32' | 'i64'): Kernel => {
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
