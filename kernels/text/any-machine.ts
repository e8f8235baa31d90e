/**
 * The machine forms of str_contains_any and str_find_any: the automaton of the patterns reads the bytes of many rows as if
 * they were one text; where patterns end, the row of the place is found, and those count that began in that row. So a step
 * asks for nothing but whether its state is special.
 *
 * A step waits for the one before it. The rows of a stretch are dealt to several lanes, whose steps are taken in turn: while
 * one waits for its table the others go on.
 */

import type { TypedArray } from '../../compiler/index.ts';
import { bin, cast, cmp, type Get, type Kernel, KernelBuilder, lit, type SExpr } from '../../compiler/kernels.ts';
import { vector } from '../column.ts';
import { type Machine, type MachineForm, once } from '../machine.ts';
import { minus, num, plus } from '../terms.ts';
import { type PatternDfa, patternDfa } from './aho-corasick.ts';
import { containsAny, findAny, patternsOf, wordsFor } from './any.ts';
import { offsetKind, type Strings } from './strings.ts';
import { loadStart, machineStrings, stretchesOf, stretchRows, toRowOf } from './strings-machine.ts';

const LANES = 4;

export const containsAnyMachine: MachineForm = async (args, m) => {
  const strings = await machineStrings(containsAny.name, args[0], args[1], m);
  const patterns = patternsOf(containsAny.name, args);
  const words = wordsFor(patterns);
  const found = m.alloc.alloc('u64', strings.rows * words);
  const everywhere = new BigUint64Array(words);
  for (const [p, { length }] of patterns.entries()) if (length === 0) setBit(everywhere, p);
  if (found instanceof BigUint64Array) {
    found.fill(everywhere[0] ?? 0n);
    if (words > 1) for (let at = 0; at < found.length; at++) found[at] = everywhere[at % words] ?? 0n;
  }
  await scan(m, 'bits', { strings, patterns, found, words });
  return vector('u64', found);
};

function setBit(words: BigUint64Array, p: number): void {
  words[p >> 6] = (words[p >> 6] ?? 0n) | (1n << BigInt(p & 63));
}

export const findAnyMachine: MachineForm = async (args, m) => {
  const strings = await machineStrings(findAny.name, args[0], args[1], m);
  const patterns = patternsOf(findAny.name, args);
  const found = m.alloc.alloc('i32', strings.rows);
  // Nothing is met before the empty pattern.
  const empty = patterns.findIndex((p) => p.length === 0);
  if (found instanceof Int32Array) found.fill(empty);
  if (empty < 0) await scan(m, 'first', { strings, patterns, found, words: 1 });
  return vector('i32', found);
};

interface Scan {
  readonly strings: Strings;
  readonly patterns: readonly Uint8Array[];
  /** `words` elements a row. */
  readonly found: TypedArray;
  readonly words: number;
}
type What = 'bits' | 'first';

async function scan(m: Machine, what: What, { strings, patterns, found, words }: Scan): Promise<void> {
  const dfa = patternDfa(patterns);
  if (dfa.ends.length === 0) return;
  const { stretch, stretches } = stretchesOf(strings.rows, m);
  const lengths = Int32Array.from(patterns, (p) => p.length);
  await m.launch(kernelOf(what, offsetKind(strings)), {
    rows: stretches,
    rowsPerPart: 1,
    bufs: [strings.offsets, strings.bytes, dfa.classes, dfa.next, ...endsOf(dfa), lengths, found],
    scalars: [strings.rows, stretch, dfa.start, dfa.special, dfa.width, words],
  });
}

/** Where the patterns of each special state stand in the list of all, and that list. */
function endsOf({ ends }: PatternDfa): readonly [Int32Array, Int32Array] {
  const from = new Int32Array(ends.length + 1);
  for (const [k, { length }] of ends.entries()) from[k + 1] = (from[k] ?? 0) + length;
  return [from, Int32Array.from(ends.flat())];
}

interface Lane {
  readonly at: Get;
  readonly stop: Get;
  readonly row: Get;
  readonly last: Get;
  readonly state: Get;
}

const kernelOf = once((what: What, kind: 'i32' | 'i64'): Kernel => {
  const k = KernelBuilder.packed(`any_${what}_${kind}`);
  const [offsets, bytes] = [k.buf('offsets', kind, 'read'), k.buf('bytes', 'u8', 'read')];
  const [classes, next] = [k.buf('classes', 'u8', 'read'), k.buf('next', 'i32', 'read')];
  const [ends, listed] = [k.buf('ends', 'i32', 'read'), k.buf('listed', 'i32', 'read')];
  const lengths = k.buf('lengths', 'i32', 'read');
  const found = k.buf('found', what === 'bits' ? 'u64' : 'i32', 'readwrite');
  const scalar = (name: string): Get => k.scalar(name, 'i32');
  const [rows, stretch, start, special] = [scalar('rows'), scalar('stretch'), scalar('start'), scalar('special')];
  const [width, words] = [scalar('width'), scalar('words')];
  const [first, last] = stretchRows(k, stretch, rows);

  /** Pattern `p` ends in a row. */
  const note = (p: Get, row: Get): void => {
    if (what === 'first') {
      // The list is ascending, and what ended before is there already.
      k.if(cmp('<', k.load(found, row), num(0)), () => k.store(found, row, p));
      return;
    }
    const place = k.let(plus(bin('*', row, words), bin('>>', p, num(6))));
    const bit = bin('<<', lit('u64', 1n), cast(bin('&', p, num(63)), 'u64'));
    k.store(found, place, bin('|', k.load(found, place), bit));
  };
  const step = (lane: Lane): void => {
    const c = k.load(classes, k.let(cast(k.load(bytes, lane.at), 'i32')));
    k.set(lane.state, k.load(next, k.let(plus(lane.state, cast(c, 'i32')))));
    k.if(cmp('>=', lane.state, special), () => {
      toRowOf(k, offsets, { place: lane.at, row: lane.row, last: lane.last });
      const room = k.let(plus(minus(lane.at, loadStart(k, offsets, lane.row)), 1));
      const number = k.let(bin('/', minus(lane.state, special), width));
      k.range(k.load(ends, number), k.load(ends, k.let(plus(number, 1))), (at) => {
        const p = k.load(listed, at);
        k.if(cmp('<=', k.load(lengths, p), room), () => note(p, lane.row));
      });
    });
    k.set(lane.at, plus(lane.at, 1));
  };

  const share = k.let(bin('/', plus(minus(last, first), LANES - 1), num(LANES)));
  const lanes = Array.from({ length: LANES }, (_, l): Lane => {
    const row = k.var(bin('min', plus(first, bin('*', share, num(l))), last));
    const end = k.let(bin('min', plus(row, share), last));
    const [at, stop] = [k.var(loadStart(k, offsets, row)), loadStart(k, offsets, end)];
    return { at, stop, row, last: end, state: k.var(start) };
  });
  const left = k.var(lanes.map(({ at, stop }): SExpr => minus(stop, at)).reduce((a, b) => bin('min', a, b)));
  k.while(cmp('>', left, num(0)), () => {
    for (const lane of lanes) step(lane);
    k.set(left, minus(left, 1));
  });
  for (const lane of lanes) k.while(cmp('<', lane.at, lane.stop), () => step(lane));
  return k.finish();
});
