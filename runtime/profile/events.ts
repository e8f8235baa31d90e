/**
 * The part of Chrome's trace-event format that we write (chrome://tracing and ui.perfetto.dev read it): spans, counters,
 * and names of lanes. Times are microseconds from the start of the process, durations too.
 */

import type { Notes } from '../../compiler/index.ts';

interface InLane {
  readonly pid: number;
  readonly tid: number;
}
/** Something that took time. Spans of one lane nest. */
export interface SpanEvent extends InLane {
  readonly ph: 'X';
  readonly cat: string;
  readonly name: string;
  readonly ts: number;
  readonly dur: number;
  readonly args: Notes;
}
/** A quantity from this time on. */
export interface CounterEvent extends InLane {
  readonly ph: 'C';
  readonly name: string;
  readonly ts: number;
  readonly args: Readonly<Record<string, number>>;
}
/** What a lane or a group of lanes is called, and where it stands. */
export interface NameEvent extends InLane {
  readonly ph: 'M';
  readonly name: 'process_name' | 'thread_name' | 'thread_sort_index';
  readonly args: { readonly name: string } | { readonly sort_index: number };
}
export type TraceEvent = SpanEvent | CounterEvent | NameEvent;

/** A trace as `JSON.stringify` writes it to a file. */
export interface TraceFile {
  readonly displayTimeUnit: 'ms';
  /** Names first, then spans and counters by the time at which they begin; of spans that begin together the outer ones first. */
  readonly traceEvents: readonly TraceEvent[];
  readonly otherData: {
    readonly node: string;
    /** Events that were left out, because a profile keeps half a million. */
    readonly dropped: number;
  };
}
