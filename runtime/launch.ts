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
import { type Ahead, launchLike } from './ahead.ts';
import { buffersOf, placeOf, type Scope, scalarOf } from './bindings.ts';
import { cutOf, MAX_ROWS, rowsPerPart, stateBytes } from './cut.ts';
import type { DeviceProgram, Failure, LaunchReport, Mem, Rounds, Soon, Trial } from './device.ts';
import { failInRow } from './errors.ts';
import { Holds } from './inside.ts';
import type { GroupCounts } from './outputs/groups.ts';
import { tooMany } from './outputs/grow.ts';
import type { SeenKeys } from './outputs/near.ts';
import { type OpenOutput, openOutput } from './outputs/open.ts';
import type { Loop, Note, OutputSize, OutputState } from './outputs/output.ts';
import type { Lane } from './profile/recorder.ts';
import { makesVectors, Regions } from './regions.ts';
import { iterLength } from './space.ts';

const {
  ENTRIES_A_GROUP,
  FEW_GROUPS,
  FINAL_GROWTH,
  GROWTH,
  MIN_SAMPLED_PARTS,
  MIN_TRIED_ROWS,
  MOST_COMPUTED,
  PART_ROWS,
  PARTITIONED_ENTRIES,
  PARTITIONED_PART_ROWS,
  SAMPLE_ROWS,
  TRIAL_ROWS,
} = cost;

/** How often rows are partitioned, with larger tables the second time, before the loop runs as it is: a partition that is
 *  full again says that the keys are dealt unevenly. */
const PARTITION_ATTEMPTS = 2;
/** How often the keys in a full table are looked at: bounds that were drawn from some may do harm for the others. */
const KEY_LOOKS = 2;

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
  /** The plan with the second forms of its loops; null if there will be none. */
  readonly ahead: (() => Promise<Ahead>) | null;
}

/** The values of a launch's outputs by register, and how they came about. */
export interface Launched {
  readonly values: readonly (readonly [HostReg, Value])[];
  readonly record: LaunchRecord;
}

/** A form of a launch, with its code and its outputs. */
interface Form {
  readonly l: Launch;
  readonly program: DeviceProgram;
  readonly outputs: readonly OpenOutput[];
}
const formOf = (l: Launch, program: DeviceProgram, cx: LaunchContext): Form => ({
  l,
  program,
  outputs: l.outputs.map((o) => openOutput(o, cx)),
});

/** The form with partitioned rows; null where there is none. */
async function partitionedForm(l: Launch, cx: LaunchContext): Promise<Form | null> {
  if (l.partitioned !== undefined) return formOf(l.partitioned, cx.program, cx);
  const ahead = (await cx.ahead?.()) ?? null;
  const found = ahead === null ? undefined : launchLike(l, ahead.plan.body)?.partitioned;
  return ahead === null || found === undefined ? null : formOf(found, ahead.program, cx);
}

/** Runs a launch. */
export async function launch(launched: Launch, cx: LaunchContext): Promise<Launched> {
  const began = performance.now();
  const { arena, signal, threads, lane } = cx;
  const rows = rowsOf(launched, cx);
  const plain = formOf(launched, cx.program, cx);
  const isLong = rows >= MIN_SAMPLED_PARTS * PART_ROWS;
  const { groups, keys: firstKeys } =
    isLong && plain.outputs.some((o) => o.learns) ? await firstRows(plain, rows, cx) : NOT_LOOKED;
  let keys = firstKeys;
  let looks = KEY_LOOKS;
  const regions = makesVectors(launched.bufs) ? new Regions(arena) : null;
  let counts: readonly (readonly number[] | null)[] = [];
  let [growth, attempts] = [1, 0];
  for (let runs = 1; ; runs++) {
    const sizesOf = ({ outputs }: Form, more = 1): readonly OutputSize[] =>
      outputs.map((o, k) => o.size(rows, { growth: growth * more, groups: groups[k] ?? null, keys: keys[k] ?? null }));
    const plainSizes = sizesOf(plain);
    const partition = isLong && attempts < PARTITION_ATTEMPTS && pays(plain, plainSizes, rows);
    const partitioned = partition ? await partitionedForm(launched, cx) : null;
    const form = partitioned ?? plain;
    const { l, program, outputs } = form;
    const sizes = partitioned === null ? plainSizes : sizesOf(partitioned, FINAL_GROWTH ** attempts);
    const cut = cutOf(l, rows, sizes, threads, arena.device.info());
    const region = regions === null ? null : await regions.open(rows, cut.rowsPerPart, cut.parts);
    const loop: Loop = { arena, program, signal, threads, lane, rows, ...cut, region };
    const states: OutputState[] = [];
    for (const [k, o] of outputs.entries()) {
      const state = o.init(sizes[k], loop, counts[k] ?? null);
      states.push(state instanceof Promise ? await state : state);
    }
    const tried: Note[] = [];
    const trial = trialOf(l, states, loop, cx, (n) => tried.push(n));
    const running = rows === 0 ? NOTHING : run(form, states, loop, cx, trial);
    const report = running instanceof Promise ? await running : running;
    if (report.failure?.code === 'RegionFull') {
      await regions?.grow();
      arena.settle();
      continue;
    }
    if (report.failure !== null) {
      const factor = growthOf(report.failure, l, loop);
      if (partitioned === null) growth *= factor;
      else attempts++;
      keys = looks-- > 0 ? await keysLeft(form, states, report.failure, loop) : [];
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

/** The keys in tables of which one was full. */
function keysLeft(
  { outputs }: Form,
  states: readonly OutputState[],
  { part, row }: Failure,
  loop: Loop,
): Promise<readonly (SeenKeys | null)[]> {
  return Promise.all(outputs.map((o, k) => o.keys(states[k], part, row + 1 - part * loop.rowsPerPart, loop)));
}

/** Is a table so large that its rows are partitioned, and may the other outputs have parts of that size? */
function pays({ l }: Form, sizes: readonly OutputSize[], rows: number): boolean {
  const may = l.outputs.map((o) => o.out === 'dict' && o.partition);
  const others = sizes.filter((_, k) => may[k] !== true);
  if (rowsPerPart(rows, stateBytes(others)) > PARTITIONED_PART_ROWS) return false;
  return sizes.some(({ capacity, near = null, entries = 0 }, k) => {
    // The places of sorted keys are gone through once: they need no cache.
    const many = near === null ? capacity : near.isSorted ? 0 : entries;
    return may[k] === true && many >= PARTITIONED_ENTRIES;
  });
}

/**
 * What the first rows of a long loop leave in outputs whose size depends on the data. The rows are run again with all
 * others; a failure among them is found again then, and so is a table that was full.
 */
async function firstRows(form: Form, rows: number, cx: LaunchContext): Promise<FirstRows> {
  const { l, program, outputs } = form;
  let keys: readonly (SeenKeys | null)[] = [];
  const entriesAfter = async (n: number): Promise<readonly number[] | null> => {
    const { arena, signal, threads, lane } = cx;
    const region = makesVectors(l.bufs) ? await new Regions(arena).open(n, n, 1) : null;
    const cut = { rows: n, rowsPerPart: n, parts: 1, roundParts: 1 };
    const loop: Loop = { arena, program, signal, threads, lane, ...cut, region };
    const states: OutputState[] = [];
    for (const o of outputs) {
      const size = o.size(n, { growth: 1, groups: { first: SAMPLE_ROWS, second: 2 * SAMPLE_ROWS }, keys: null });
      states.push(await o.init(size, loop, null));
    }
    const { failure } = await run(form, states, loop, cx);
    const entries = [];
    for (const [k, o] of outputs.entries()) entries.push(await o.entries(states[k], loop));
    if (failure === null) {
      const whole = { ...loop, rows };
      keys = await Promise.all(outputs.map((o, k) => (o.learns ? o.keys(states[k], 0, n, whole) : null)));
    }
    arena.settle();
    return failure === null ? entries : null;
  };
  const look = async (n: number): Promise<readonly number[] | null> =>
    spanAsync(cx.lane, 'look', `at the first ${n} rows`, () => entriesAfter(n));
  const first = await look(SAMPLE_ROWS);
  if (first === null || first.every((n) => n <= FEW_GROUPS)) return { groups: [], keys };
  const second = await look(2 * SAMPLE_ROWS);
  if (second === null) return { groups: [], keys };
  const groups = outputs.map((o, k) => (o.learns ? { first: first[k] ?? 0, second: second[k] ?? 0 } : null));
  return { groups, keys };
}

interface FirstRows {
  readonly groups: readonly (GroupCounts | null)[];
  readonly keys: readonly (SeenKeys | null)[];
}
const NOT_LOOKED: FirstRows = { groups: [], keys: [] };

/**
 * How many times as large the tables must be after a failure; throws for one that running again does not mend. If all
 * rows brought new groups at the rate of those before the table was full, it would hold them in the end.
 */
function growthOf({ code, part, row }: Failure, l: Launch, { rows, rowsPerPart: perPart }: Loop): number {
  if (code !== 'TableFull') failInRow(code, row, l.kernel.name, l.origin, l.sites);
  if (l.outputs.some((o) => o.out === 'partitioned' || (o.out === 'dict' && !o.dense))) {
    return Math.min(GROWTH, Math.max(2, (ENTRIES_A_GROUP * rows) / (row + 1 - part * perPart)));
  }
  if (l.outputs.some((o) => o.out === 'grow')) tooMany(2 ** 31);
  failInRow(code, row, l.kernel.name, l.origin, l.sites);
}

const NOTHING: LaunchReport = { parts: 0, failure: null, cell: () => 0, first: () => 0, count: () => 0 };

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
  { l, outputs }: Form,
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
    rounds: roundsOf(outputs, states, loop),
    ...(trial === undefined ? {} : { trial }),
  });
}

/** The rounds of a launch with outputs that take what parts left; the first that fails ends it. */
function roundsOf(outputs: readonly OpenOutput[], states: readonly OutputState[], loop: Loop): Rounds | null {
  if (outputs.every((o) => o.take === null)) return null;
  return {
    parts: loop.roundParts,
    async take(first, end) {
      for (const [k, o] of outputs.entries()) {
        const failure = (await o.take?.(states[k], first, end, loop)) ?? null;
        if (failure !== null) return failure;
      }
      return null;
    },
  };
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
