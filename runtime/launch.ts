/**
 * One launch of a plan: the rows of the loop, how they are cut in parts, the partial states, the run, the results.
 *
 *     rows      the common length of the iterators (W6003), whose bounds are checked first (W6002)
 *     parts     by the number of rows and the size of a part's state alone, never by threads
 *     look      at the first rows of a long loop, where the size of a table depends on the data
 *     run       again with larger tables while a part reports TableFull, and with the places that an appender lacked
 *     results   every output combines its partial states in part order
 */

import {
  type Amount,
  amountValue,
  cost,
  type Decision,
  type DictValue,
  fail,
  type HostAtom,
  type HostReg,
  invariant,
  type Launch,
  type Output,
  type Refers,
  refersToMemory,
  spanAsync,
  type Value,
  type VecValue,
} from '../compiler/index.ts';
import { buffersOf, placeOf, type Scope, scalarOf } from './bindings.ts';
import type { DeviceProgram, Failure, LaunchReport, Mem, Soon, Trial } from './device.ts';
import { failInRow } from './errors.ts';
import { Holds } from './inside.ts';
import { dictionary } from './outputs/dict.ts';
import type { GroupCounts } from './outputs/groups.ts';
import { grow, tooMany } from './outputs/grow.ts';
import type { Loop, Note, OutputRule, OutputSize, OutputState, Seen } from './outputs/output.ts';
import { reduce } from './outputs/reduce.ts';
import { compact, direct } from './outputs/rows.ts';
import { table } from './outputs/table.ts';
import type { Lane } from './profile/recorder.ts';
import { makesVectors, Regions } from './regions.ts';
import { iterLength } from './space.ts';
import { asBig, asVec } from './value.ts';

const {
  ENTRIES_A_GROUP,
  FEW_GROUPS,
  GROWTH,
  MAX_STATE_BYTES,
  MIN_SAMPLED_PARTS,
  MIN_TRIED_ROWS,
  MOST_COMPUTED,
  MAX_NESTED_PARTS,
  NESTED_PART_ROWS,
  PART_ROWS,
  SAMPLE_ROWS,
  STATE_BYTES_A_ROW,
  TRIAL_ROWS,
} = cost;

/** Kernels count rows in i32, and a part may end one unit behind the last row. */
export const MAX_ROWS = 2 ** 31 - 1 - PART_ROWS;

/**
 * Rows of a part of a loop with inner loops that only stores what each row makes, so that no result shows where parts
 * end: a few thousand rows can be work for several threads.
 */
export function rowsPerNestedPart(rows: number): number {
  const units = Math.ceil(rows / MAX_NESTED_PARTS / NESTED_PART_ROWS);
  return Math.min(PART_ROWS, Math.max(1, units) * NESTED_PART_ROWS);
}

/**
 * Rows of a part for a loop of `rows` rows whose parts have `stateBytes` of state: rows enough to be worth filling and
 * combining the state, and parts so few that the states of all fit in memory.
 */
export function rowsPerPart(rows: number, stateBytes: number): number {
  const most = Math.max(1, Math.floor(MAX_STATE_BYTES / Math.max(stateBytes, 1)));
  const least = Math.max(rows / most, stateBytes / STATE_BYTES_A_ROW);
  return Math.max(1, Math.ceil(least / PART_ROWS)) * PART_ROWS;
}

/** What a launch did. */
export interface LaunchRecord {
  readonly kernel: string;
  readonly rows: number;
  readonly parts: number;
  /** How often the loop ran: more than once where tables were full, or places not enough. */
  readonly runs: number;
  /** What was chosen after a look at the data, and why. */
  readonly choices: readonly Decision[];
  readonly ms: number;
}

/** What a launch runs in. */
export interface LaunchContext extends Scope {
  readonly program: DeviceProgram;
  readonly threads: number;
  /** Cancels the run. */
  readonly signal: AbortSignal | null;
  /** Is told what the launch does. */
  readonly lane: Lane | null;
}

/** The values of a launch's outputs by register, and how they came about. */
export interface Launched {
  readonly values: readonly (readonly [HostReg, Value])[];
  readonly record: LaunchRecord;
}

/** Runs a launch. */
export async function launch(l: Launch, cx: LaunchContext): Promise<Launched> {
  const began = performance.now();
  const { arena, program, signal, lane } = cx;
  const rows = rowsOf(l, cx);
  const outputs = l.outputs.map((o) => openOutput(o, cx));
  const learns = rows >= MIN_SAMPLED_PARTS * PART_ROWS && outputs.some((o) => o.learns);
  const groups = learns ? await firstRows(l, outputs, cx) : null;
  const regions = makesVectors(l.bufs) ? new Regions(arena) : null;
  let counts: readonly (readonly number[] | null)[] = [];
  for (let growth = 1, runs = 1; ; runs++) {
    const sizes = outputs.map((o, k) => o.size(rows, { growth, groups: groups?.[k] ?? null }));
    const state = sizes.reduce((sum, s) => sum + s.bytes, 0);
    const perPart = l.nested === true ? rowsPerNestedPart(rows) : rowsPerPart(rows, state);
    const parts = Math.ceil(rows / perPart);
    const region = regions === null ? null : await regions.open(rows, perPart, parts);
    const loop: Loop = { arena, program, signal, rows, rowsPerPart: perPart, parts, region };
    const states: OutputState[] = [];
    for (const [k, o] of outputs.entries()) {
      const state = o.init(sizes[k], loop, counts[k] ?? null);
      states.push(state instanceof Promise ? await state : state);
    }
    const tried: Note[] = [];
    const trial = trialOf(l, states, loop, cx, (n) => tried.push(n));
    const running = rows === 0 ? NOTHING : run(l, states, loop, cx, trial);
    const report = running instanceof Promise ? await running : running;
    if (report.failure?.code === 'RegionFull') {
      await regions?.grow();
      arena.settle();
      continue;
    }
    if (report.failure !== null) {
      growth *= growthOf(report.failure, l, loop);
      arena.settle();
      // Larger tables may cut the rows into other parts.
      counts = [];
      continue;
    }
    const lacking: (readonly number[] | null)[] = [];
    for (const [k, o] of outputs.entries()) lacking.push(o.lacking === null ? null : await o.lacking(states[k], loop));
    if (lacking.some((n) => n !== null)) {
      arena.settle();
      counts = lacking;
      continue;
    }
    const regional = regions === null ? [] : await regions.close();
    const values: [HostReg, Value][] = [];
    for (const [k, o] of outputs.entries()) {
      const combine = (): Soon<Value> => o.result(states[k], report, loop);
      const made = lane === null ? combine() : spanAsync(lane, 'combine', `${o.out.out} r${o.dst}`, combine);
      const value = made instanceof Promise ? await made : made;
      values.push([o.dst, refersInside(value) ? refersTo(value, holdsOf(o.out, l.refers[k], l, regional, cx)) : value]);
    }
    const { name: kernel } = l.kernel;
    const sized = sizes.flatMap(({ note }, k): Decision[] =>
      note === null ? [] : [{ what: `${kernel} output r${outputs[k]?.dst}`, ...note }],
    );
    const choices = [...tried.map((n) => ({ what: kernel, ...n })), ...sized];
    return { values, record: { kernel, rows, parts: loop.parts, runs, choices, ms: performance.now() - began } };
  }
}

/**
 * What the first rows of a long loop leave in outputs whose size depends on the data. The rows are run again with all
 * others; a failure among them is found again then, and so is a table that was full.
 */
async function firstRows(
  l: Launch,
  outputs: readonly OpenOutput[],
  cx: LaunchContext,
): Promise<readonly (GroupCounts | null)[] | null> {
  const entriesAfter = async (n: number): Promise<readonly number[] | null> => {
    const { arena, program, signal } = cx;
    const region = makesVectors(l.bufs) ? await new Regions(arena).open(n, n, 1) : null;
    const loop: Loop = { arena, program, signal, rows: n, rowsPerPart: n, parts: 1, region };
    const states: OutputState[] = [];
    for (const o of outputs) {
      const size = o.size(n, { growth: 1, groups: { first: SAMPLE_ROWS, second: 2 * SAMPLE_ROWS } });
      states.push(await o.init(size, loop, null));
    }
    const { failure } = await run(l, states, loop, cx);
    const entries = [];
    for (const [k, o] of outputs.entries()) entries.push(await o.entries(states[k], loop));
    arena.settle();
    return failure === null ? entries : null;
  };
  const look = async (n: number): Promise<readonly number[] | null> =>
    spanAsync(cx.lane, 'look', `at the first ${n} rows`, () => entriesAfter(n));
  const first = await look(SAMPLE_ROWS);
  if (first === null || first.every((n) => n <= FEW_GROUPS)) return null;
  const second = await look(2 * SAMPLE_ROWS);
  if (second === null) return null;
  return outputs.map((o, k) => (o.learns ? { first: first[k] ?? 0, second: second[k] ?? 0 } : null));
}

/**
 * How many times as large the tables must be after a failure; throws for one that running again does not mend. If all
 * rows brought new groups at the rate of those before the table was full, it would hold them in the end.
 */
function growthOf({ code, part, row }: Failure, l: Launch, { rows, rowsPerPart: perPart }: Loop): number {
  if (code !== 'TableFull') failInRow(code, row, l.kernel.name, l.origin, l.sites);
  if (l.outputs.some((o) => o.out === 'dict' && !o.dense)) {
    return Math.min(GROWTH, Math.max(2, (ENTRIES_A_GROUP * rows) / (row + 1 - part * perPart)));
  }
  if (l.outputs.some((o) => o.out === 'grow')) tooMany(2 ** 31);
  failInRow(code, row, l.kernel.name, l.origin, l.sites);
}

const NOTHING: LaunchReport = { parts: 0, failure: null, cell: () => 0, count: () => 0 };

/** The memory that the elements of an output refer to. */
function holdsOf(out: Output, refers: Refers | undefined, l: Launch, made: readonly Mem[], cx: LaunchContext): Holds {
  const holds = new Holds(cx.arena.device);
  if (refers?.region === true) for (const mem of made) holds.placeOf(mem);
  const inside = (a: HostAtom): void => {
    const v = cx.value(a);
    if (typeof v === 'object' && v.kind !== 'struct') holds.addInside(v);
  };
  if (out.init !== null) inside(out.init);
  for (const atom of refers?.values ?? []) {
    inside(atom);
    for (const s of l.scalars) if (s.bind === 'place' && sameAtom(s.of, atom)) placeOf(s.of, s.leaf, holds, cx);
  }
  return holds;
}
const sameAtom = (a: HostAtom, b: HostAtom): boolean => 'reg' in a && 'reg' in b && a.reg === b.reg;

type Elements = VecValue | DictValue;

/** Is it a value whose elements refer to memory? */
const refersInside = (v: Value): v is Elements =>
  typeof v === 'object' &&
  (v.kind === 'vec' ? refersToMemory(v.elem) : v.kind === 'dict' && (refersToMemory(v.key) || refersToMemory(v.value)));

/** An output with the memory that its elements refer to. */
function refersTo(v: Elements, holds: Holds): Value {
  return { ...v, ...(v.kind === 'vec' ? holds.of(v.elem) : holds.of(v.key, v.value)) };
}

function run(
  l: Launch,
  states: readonly OutputState[],
  loop: Loop,
  cx: LaunchContext,
  trial?: Trial,
): Soon<LaunchReport> {
  const { kernel } = l;
  invariant(l.scalars.length === kernel.scalars.length, () => `launch: ${kernel.name} has unbound scalars`);
  return cx.arena.device.launch({
    program: loop.program,
    kernel,
    rows: loop.rows,
    rowsPerPart: loop.rowsPerPart,
    buffers: buffersOf(kernel, l.bufs, states, loop, cx),
    scalars: l.scalars.map((s, k) => scalarOf(s, kernel.scalars[k]?.kind ?? 'i32', states, cx)),
    threads: cx.threads,
    signal: cx.signal,
    lane: cx.lane,
    ...(trial === undefined ? {} : { trial }),
  });
}

/** The trial of the form that jumps over blocks, which a long loop begins with; `note` gets what came out. */
function trialOf(
  l: Launch,
  states: readonly OutputState[],
  loop: Loop,
  cx: LaunchContext,
  note: (choice: Note) => void,
): Trial | undefined {
  if (l.skipping === undefined || loop.rows < MIN_TRIED_ROWS) return undefined;
  const { kernel, bufs, counter, branches } = l.skipping;
  return {
    kernel,
    buffers: buffersOf(kernel, bufs, states, loop, cx),
    rows: TRIAL_ROWS,
    isBetter(report) {
      const computed = Number(report.cell(0, counter)) / (branches * TRIAL_ROWS);
      const better = computed <= MOST_COMPUTED;
      const percent = (100 * computed).toFixed(computed < 0.1 ? 1 : 0);
      note({
        choice: better ? 'blocks that no row takes are jumped over' : 'all rows are computed under masks',
        reason: `${percent} % of the first ${TRIAL_ROWS} rows were in blocks that some row takes`,
      });
      return better;
    },
  };
}

/** An output with its rule and the values that it starts from. */
interface OpenOutput {
  readonly out: Output;
  readonly dst: HostReg;
  readonly learns: boolean;
  size(rows: number, seen: Seen): OutputSize;
  init(size: OutputSize | undefined, loop: Loop, counts: readonly number[] | null): Soon<OutputState>;
  entries(state: OutputState | undefined, loop: Loop): Soon<number>;
  readonly lacking: ((state: OutputState | undefined, loop: Loop) => Soon<readonly number[] | null>) | null;
  result(state: OutputState | undefined, report: LaunchReport, loop: Loop): Soon<Value>;
}

function openOutput(out: Output, cx: LaunchContext): OpenOutput {
  switch (out.out) {
    case 'reduce':
      return tie(reduce, out, null, cx);
    case 'direct':
      return tie(direct, out, null, cx);
    case 'compact':
      return tie(compact, out, null, cx);
    case 'grow':
      return tie(grow, out, perRow(out.most, cx), cx);
    case 'table':
      return tie(table, out, valueAt(out.init, cx), cx);
    case 'dict':
      return tie(dictionary, out, valueAt(out.size, cx), cx);
    default:
      return out satisfies never;
  }
}

const valueAt = (a: HostAtom | null, cx: LaunchContext): Value | null => (a === null ? null : cx.value(a));

/** How many merges a row makes. */
function perRow(most: Amount<HostAtom> | null, cx: LaunchContext): number | null {
  if (most === null) return null;
  return amountValue(
    most,
    (v) => asVec(cx.value(v)).length,
    (a) => asBig(cx.value(a)),
  );
}

/** `size` says how large a part's state is. */
function tie<O extends Output>(rule: OutputRule<O>, out: O, size: Value | null, cx: LaunchContext): OpenOutput {
  const start = valueAt(out.init, cx);
  const present = <T>(x: T | undefined): T => {
    invariant(x !== undefined, () => 'launch: an output without state');
    return x;
  };
  return {
    out,
    dst: out.dst,
    learns: rule.learns?.(out, size) ?? false,
    size: (rows, seen) => rule.size(out, size, rows, seen),
    init: (s, loop, counts) => rule.init(out, present(s), start, loop, counts),
    entries: (state, loop) => rule.entries?.(present(state), loop) ?? 0,
    lacking: rule.lacking === undefined ? null : (state, loop) => rule.lacking?.(out, present(state), loop) ?? null,
    result: (state, report, loop) => rule.result(out, present(state), report, start, loop),
  };
}

/** The number of rows of a launch's space. */
function rowsOf(l: Launch, cx: LaunchContext): number {
  const { origin } = l;
  const lengths = l.space.map((it) => iterLength(it, cx.value));
  const [rows = 0] = lengths;
  if (lengths.some((n) => n !== rows)) {
    fail('W6003', `zip: iterators of lengths ${lengths.join(' and ')}`, {
      origin,
      help: 'slice them to one length first',
    });
  }
  if (rows > MAX_ROWS) {
    fail('W6009', `a loop over ${rows} rows, the most is ${MAX_ROWS}`, { origin, help: 'split the range in several' });
  }
  return rows;
}
