/**
 * The recorder of a session: what happens, in lanes, for as long as somebody records. Then `inLane` gives a lane to every
 * evaluation (spans of evaluations at the same time would not nest in one), worker threads have one each, and the heap
 * tells how much of it is in use. While nobody does, the lane is null, and that is all there is to it.
 *
 * Times are whole nanoseconds of the main thread's clock, so spans nest exactly.
 */

import { invariant, type Notes, type Spans, spanAsync } from '../../compiler/index.ts';
import type { Heap } from '../cpu/heap.ts';
import type { CounterEvent, SpanEvent } from './events.ts';

/** A profile keeps so many events: some hundred MB of JSON would help nobody. */
const MOST_EVENTS = 500_000;
/** Lanes by number: the memory, then the worker threads, then evaluations. */
export const LANES = { memory: 0, workers: 1, evaluations: 1000 } as const;

let recorders = 0;

/** An event with its place among those that begin at the same time. */
export interface Recorded {
  readonly order: number;
  readonly event: SpanEvent | CounterEvent;
}

/** What one profile has recorded. */
export class Tape {
  readonly began = now();
  readonly events: Recorded[] = [];
  dropped = 0;

  /** Spans that were open when the recording began are not in it. */
  add(from: number, recorded: Recorded): void {
    if (from < this.began) return;
    if (this.events.length < MOST_EVENTS) this.events.push(recorded);
    else this.dropped++;
  }
}

export class Recorder {
  /** Which session of the process it is: the group of its lanes. */
  readonly pid: number;
  readonly #heap: Heap;
  readonly #tapes = new Set<Tape>();
  /** The lanes of evaluations that are in use. */
  readonly #busy: boolean[] = [];
  #order = 0;
  /** Threads count `performance.now` from their own start, `process.hrtime` is one for all: what it is ahead of ours. */
  #hrtimeAhead = 0;

  constructor(heap: Heap) {
    this.#heap = heap;
    this.pid = ++recorders;
  }

  /** Begins to record. */
  start(): Tape {
    if (this.#tapes.size === 0) this.#hrtimeAhead = Number(process.hrtime.bigint()) - performance.now() * 1e6;
    const tape = new Tape();
    this.#tapes.add(tape);
    this.#heap.watch = () => this.#countHeap();
    this.#countHeap();
    return tape;
  }
  /** Ends a recording. */
  stop(tape: Tape): void {
    this.#tapes.delete(tape);
    if (this.#tapes.size === 0) this.#heap.watch = null;
  }

  /** Does something that runs beside others, in a lane of its own; without one when nobody records. */
  inLane<T>(name: string, run: (lane: Lane | null) => T | Promise<T>): T | Promise<T> {
    if (this.#tapes.size === 0) return run(null);
    const lane = this.#lane();
    const done = spanAsync(lane, 'session', name, () => run(lane));
    return Promise.resolve(done).finally(() => lane.close());
  }
  #lane(): Lane {
    const free = this.#busy.indexOf(false);
    const number = free < 0 ? this.#busy.length : free;
    this.#busy[number] = true;
    return new Lane(this, LANES.evaluations + number, () => {
      this.#busy[number] = false;
    });
  }

  get hrtimeAhead(): number {
    return this.#hrtimeAhead;
  }
  /** The place of an event that begins now. */
  next(): number {
    return this.#order++;
  }
  /** Records a span with times in nanoseconds. */
  span(tid: number, open: Open, to: number, args: Notes): void {
    const { order, kind: cat, name, from } = open;
    const event: SpanEvent = { ph: 'X', cat, name, pid: this.pid, tid, ts: from / 1e3, dur: (to - from) / 1e3, args };
    for (const tape of this.#tapes) tape.add(from, { order, event });
  }

  #countHeap(): void {
    const from = now();
    const args = { bytes: this.#heap.used };
    const event: CounterEvent = { ph: 'C', name: 'heap', pid: this.pid, tid: LANES.memory, ts: from / 1e3, args };
    const order = this.next();
    for (const tape of this.#tapes) tape.add(from, { order, event });
  }
}

interface Open {
  readonly order: number;
  readonly kind: string;
  readonly name: string;
  readonly from: number;
}

/** The spans of one evaluation, and of the worker threads in it. */
export class Lane implements Spans {
  readonly #recorder: Recorder;
  readonly #tid: number;
  readonly #onClose: () => void;
  readonly #open: Open[] = [];

  constructor(recorder: Recorder, tid: number, onClose: () => void) {
    this.#recorder = recorder;
    this.#tid = tid;
    this.#onClose = onClose;
  }

  begin(kind: string, name: string): void {
    this.#open.push({ order: this.#recorder.next(), kind, name, from: now() });
  }
  end(notes: Notes = {}): void {
    const open = this.#open.pop();
    invariant(open !== undefined, () => 'trace: an end without a beginning');
    this.#recorder.span(this.#tid, open, now(), notes);
  }
  /** What a worker thread did, with times of `process.hrtime` in nanoseconds. */
  worker(number: number, name: string, from: number, to: number, notes: Notes): void {
    const onMain = (hrtime: number): number => Math.round(hrtime - this.#recorder.hrtimeAhead);
    const open: Open = { order: this.#recorder.next(), kind: 'kernel', name, from: onMain(from) };
    this.#recorder.span(LANES.workers + number, open, onMain(to), notes);
  }
  /** Gives the lane back. */
  close(): void {
    invariant(this.#open.length === 0, () => 'trace: a lane is closed in the middle of a span');
    this.#onClose();
  }
}

/** Nanoseconds on this thread's clock. */
function now(): number {
  return Math.round(performance.now() * 1e6);
}
