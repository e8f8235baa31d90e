/**
 * Runs the automaton of a pattern over strings. A step waits for the one before it, so the strings of a stretch are dealt to
 * several lanes, whose steps are taken in turn: while one waits for its table the others go on. All lanes take as many
 * steps as the one that is nearest to the end of its string, or until one of them knows its answer.
 */

import { bin, cast, cmp, type Get, type KernelBuilder, lit, type SExpr, sel } from '../../../compiler/kernels.ts';
import { minus, num, plus } from '../../terms.ts';
import { loadStart } from '../strings-machine.ts';
import { ACCEPT } from './determinize.ts';

const LANES = 4;

/** Buffers and parameters of a kernel that runs an automaton (`determinize.ts`). */
export interface DfaKernel {
  readonly offsets: number;
  readonly bytes: number;
  readonly classes: number;
  readonly next: number;
  readonly start: Get;
  /** The class of the end of a string. */
  readonly end: Get;
  /** The row of a place in the list of rows that are asked for. */
  rowAt(place: Get): Get;
  /** Is told whether the pattern is in a row. */
  onRow(row: Get, isFound: SExpr): void;
}

interface Lane {
  /** In the list. */
  readonly place: Get;
  readonly last: Get;
  readonly row: Get;
  readonly at: Get;
  /** Of the string. */
  readonly end: Get;
  readonly state: Get;
}

/** Runs the automaton over the rows at the places [first, last). */
export function runDfa(k: KernelBuilder, d: DfaKernel, [first, last]: readonly [Get, Get]): void {
  const share = k.let(bin('/', plus(minus(last, first), LANES - 1), num(LANES)));
  const lanes = Array.from({ length: LANES }, (_, l): Lane => {
    const place = k.var(bin('min', plus(first, bin('*', share, num(l))), last));
    const [row, at, end] = [k.var(num(0)), k.var(num(0)), k.var(num(0))];
    return { place, last: k.let(bin('min', plus(place, share), last)), row, at, end, state: k.var(d.start) };
  });
  const allRun = k.var(lit('bool', true));
  for (const lane of lanes) open(k, d, lane, allRun);
  k.while(allRun, () => {
    const left = k.var(lanes.map((lane): SExpr => minus(lane.end, lane.at)).reduce((a, b) => bin('min', a, b)));
    const states = lanes.map((lane): SExpr => lane.state).reduce((a, b) => bin('|', a, b));
    k.while(bin('&', cmp('>', left, num(0)), cmp('>=', states, num(0))), () => {
      for (const lane of lanes) step(k, d, lane);
      k.set(left, minus(left, 1));
    });
    for (const lane of lanes) k.if(isDone(lane), () => close(k, d, lane, allRun));
  });
  for (const lane of lanes) {
    const runs = k.var(cmp('<', lane.place, lane.last));
    k.while(runs, () => {
      step(k, d, lane);
      k.if(isDone(lane), () => close(k, d, lane, runs));
    });
  }
}

/** At the end of its string, or in a state from which there is no way on. */
const isDone = (lane: Lane): SExpr => bin('|', cmp('==', lane.at, lane.end), cmp('<', lane.state, num(0)));

function step(k: KernelBuilder, d: DfaKernel, lane: Lane): void {
  const c = k.load(d.classes, k.let(cast(k.load(d.bytes, lane.at), 'i32')));
  k.set(lane.state, k.load(d.next, k.let(plus(lane.state, cast(c, 'i32')))));
  k.set(lane.at, plus(lane.at, 1));
}

/** Ends the row of a lane and begins its next one; `runs` becomes false when there is none. */
function close(k: KernelBuilder, d: DfaKernel, lane: Lane, runs: Get): void {
  const { state } = lane;
  const atEnd = k.load(d.next, k.let(plus(bin('max', state, num(0)), d.end)));
  d.onRow(lane.row, cmp('==', sel(cmp('<', state, num(0)), state, atEnd), num(ACCEPT)));
  k.set(lane.place, plus(lane.place, 1));
  open(k, d, lane, runs);
}

/** Begins the row at the place of a lane, or the first one behind it that has a byte to read. */
function open(k: KernelBuilder, d: DfaKernel, lane: Lane, runs: Get): void {
  const isOver = k.var(lit('bool', true));
  k.while(bin('&', isOver, cmp('<', lane.place, lane.last)), () => {
    k.set(lane.row, d.rowAt(lane.place));
    k.set(lane.at, loadStart(k, d.offsets, lane.row));
    k.set(lane.end, loadStart(k, d.offsets, plus(lane.row, 1)));
    k.set(lane.state, d.start);
    k.set(isOver, isDone(lane));
    k.if(isOver, () => {
      const atEnd = k.load(d.next, k.let(plus(bin('max', d.start, num(0)), d.end)));
      d.onRow(lane.row, cmp('==', sel(cmp('<', d.start, num(0)), d.start, atEnd), num(ACCEPT)));
      k.set(lane.place, plus(lane.place, 1));
    });
  });
  k.if(cmp('>=', lane.place, lane.last), () => k.set(runs, lit('bool', false)));
}
