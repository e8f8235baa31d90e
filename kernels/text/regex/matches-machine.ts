/**
 * The machine form of str_matches: the pattern's automaton runs over each string, until it is found or cannot be any more;
 * where every match has some text in it, only over the strings that hold that text.
 *
 * A pattern whose automaton would have too many states is searched for on the host, as defined, which takes much longer.
 */

import { type Get, type Kernel, KernelBuilder } from '../../../compiler/kernels.ts';
import { vector } from '../../column.ts';
import { type Machine, type MachineForm, once } from '../../machine.ts';
import { plus } from '../../terms.ts';
import { searchParams, searchRows, searchScalars } from '../contains-machine.ts';
import { patternBuffer } from '../pattern-machine.ts';
import { newBytes, offsetKind, patternOf, type Strings } from '../strings.ts';
import { machineStrings, stretchesOf, stretchRows } from '../strings-machine.ts';
import { determinize, MOST_STATES } from './determinize.ts';
import { matches } from './matches.ts';
import { compileRegex, type RegexProgram } from './program.ts';
import { type DfaKernel, runDfa } from './run-machine.ts';

/** Shorter texts are in most strings. */
const LEAST_REQUIRED = 3;

export const matchesMachine: MachineForm = async (args, m) => {
  const strings = await machineStrings(matches.name, args[0], args[1], m);
  const { rows } = strings;
  const flags = await matchFlags(strings, compileRegex(matches.name, patternOf(args[2])), m);
  if (flags !== null) return vector('bool', flags);
  const reason = `the automaton of its pattern would have more than ${MOST_STATES} states`;
  m.onHost({ kernel: matches.name, rows, of: rows, reason });
  return matches.run(args, m.alloc);
};

/** In which strings, whose offsets are checked, a pattern is found; null for one whose automaton is too large. */
export async function matchFlags(strings: Strings, program: RegexProgram, m: Machine): Promise<Uint8Array | null> {
  const { rows } = strings;
  const dfa = determinize(program);
  if (dfa === null) return null;
  const flags = newBytes('bool', rows, m.alloc).fill(0);
  const { required } = program;
  const isFirst = required.length >= LEAST_REQUIRED;
  const { stretch, stretches } = stretchesOf(rows, m);
  await m.launch(kernelOf(offsetKind(strings), isFirst ? (required.length > 16 ? 'long' : 'short') : 'none'), {
    rows: stretches,
    rowsPerPart: 1,
    bufs: [
      ...[strings.offsets, strings.bytes, dfa.classes, dfa.next, flags],
      ...(isFirst ? [m.alloc.alloc('i32', rows), patternBuffer(required, m)] : []),
    ],
    scalars: [rows, stretch, dfa.start, dfa.end, ...(isFirst ? searchScalars(required) : [])],
  });
  return flags;
}

/** `required`: what has to be found in a row first. */
const kernelOf = once((kind: 'i32' | 'i64', required: 'none' | 'short' | 'long'): Kernel => {
  const k = KernelBuilder.packed(`matches_${kind}_${required}`);
  const [offsets, bytes] = [k.buf('offsets', kind, 'read'), k.buf('bytes', 'u8', 'read')];
  const [classes, next] = [k.buf('classes', 'u8', 'read'), k.buf('next', 'i32', 'read')];
  const flags = k.buf('flags', 'bool', 'write');
  const scalar = (name: string): Get => k.scalar(name, 'i32');
  const [rows, stretch, start, end] = [scalar('rows'), scalar('stretch'), scalar('start'), scalar('end')];
  const [first, last] = stretchRows(k, stretch, rows);
  const table = { offsets, bytes, classes, next, start, end };
  const onRow: DfaKernel['onRow'] = (row, isFound) => k.store(flags, row, isFound);
  if (required === 'none') {
    runDfa(k, { ...table, rowAt: (place) => place, onRow }, [first, last]);
    return k.finish();
  }
  // The rows of a stretch that hold the text are listed where the stretch begins, and run over while they are near.
  const list = k.buf('list', 'i32', 'readwrite');
  const pattern = k.buf('required', 'u8', 'read');
  const search = { offsets, bytes, pattern, long: required === 'long', ...searchParams(k) };
  const listed = k.var(first);
  searchRows(k, search, [first, last], (row) => {
    k.store(list, listed, row);
    k.set(listed, plus(listed, 1));
  });
  runDfa(k, { ...table, rowAt: (place) => k.load(list, place), onRow }, [first, listed]);
  return k.finish();
});
