/**
 * A profile: what a session does from `session.profile()` to `stop()`, as a trace that chrome://tracing and
 * ui.perfetto.dev show. `spec/debugging.md` says what is in it.
 */

import { fail } from '../../compiler/index.ts';
import type { CounterEvent, NameEvent, TraceEvent, TraceFile } from './events.ts';
import { LANES, type Recorded, type Recorder, type Tape } from './recorder.ts';

export class Profile {
  readonly #recorder: Recorder;
  readonly #tape: Tape;
  #trace: TraceFile | null = null;

  /** Begins to record. */
  constructor(recorder: Recorder) {
    this.#recorder = recorder;
    this.#tape = recorder.start();
  }

  /**
   * Ends the recording and gives the trace; with a name it is written to that file, too. Evaluations that have not ended
   * are not in it. W8006 for a file that cannot be written. A second time gives the same trace.
   */
  async stop(file?: string): Promise<TraceFile> {
    this.#trace ??= traceOf([this.end()]);
    if (file !== undefined) await write(file, this.#trace);
    return this.#trace;
  }

  /** Ends the recording: what was recorded of the session. */
  end(): Recording {
    this.#recorder.stop(this.#tape);
    return { pid: this.#recorder.pid, tape: this.#tape };
  }
}

/** What was recorded of one session. */
export interface Recording {
  readonly pid: number;
  readonly tape: Tape;
}

/** The trace of several sessions. */
export function traceOf(recordings: readonly Recording[]): TraceFile {
  const names = recordings.flatMap(({ pid, tape }) => namesOf(pid, tape));
  const events = recordings.flatMap(({ tape }) => ordered(tape));
  return {
    displayTimeUnit: 'ms',
    traceEvents: [...names, ...(recordings.length > 1 ? events.sort((a, b) => a.ts - b.ts) : events)],
    otherData: { node: process.version, dropped: recordings.reduce((sum, { tape }) => sum + tape.dropped, 0) },
  };
}

type Timed = Recorded['event'];

/** Events by the time of their beginning, with a counter of the most memory so far. */
function ordered({ events }: Tape): Timed[] {
  const sorted = [...events].sort((a, b) => a.event.ts - b.event.ts || a.order - b.order);
  let peak = 0;
  return sorted.flatMap(({ event }): Timed[] => {
    if (event.ph !== 'C' || (event.args['bytes'] ?? 0) <= peak) return [event];
    peak = event.args['bytes'] ?? 0;
    return [event, { ...event, name: 'heap peak' } satisfies CounterEvent];
  });
}

function namesOf(pid: number, { events }: Tape): readonly NameEvent[] {
  const lanes = [...new Set(events.map(({ event }) => event.tid))].sort((a, b) => a - b);
  const group: NameEvent = {
    ph: 'M',
    name: 'process_name',
    pid,
    tid: LANES.memory,
    args: { name: `weld session ${pid} of process ${process.pid}` },
  };
  const named = lanes.flatMap((tid): NameEvent[] => [
    { ph: 'M', name: 'thread_name', pid, tid, args: { name: laneName(tid) } },
    // Evaluations stand above the threads.
    {
      ph: 'M',
      name: 'thread_sort_index',
      pid,
      tid,
      args: { sort_index: tid < LANES.evaluations ? tid + LANES.evaluations : tid - LANES.evaluations },
    },
  ]);
  return [group, ...named];
}

function laneName(tid: number): string {
  if (tid === LANES.memory) return 'memory';
  if (tid < LANES.evaluations) return `worker ${tid - LANES.workers + 1}`;
  const number = tid - LANES.evaluations + 1;
  return number === 1 ? 'evaluations' : `evaluations, ${number} at a time`;
}

async function write(file: string, trace: TraceFile): Promise<void> {
  const { writeFile } = await import('node:fs/promises');
  try {
    await writeFile(file, textOf(trace));
  } catch (e) {
    const why = e instanceof Error ? e.message : String(e);
    fail('W8006', `cannot write the trace to ${file}: ${why}`, { help: 'name a file in a folder that is there' });
  }
}

/** The trace as JSON, an event a line. */
export function textOf({ traceEvents, ...rest }: TraceFile): string {
  const lines = traceEvents.map((e: TraceEvent) => JSON.stringify(e));
  return `{"traceEvents":[\n${lines.join(',\n')}\n],${JSON.stringify(rest).slice(1)}\n`;
}
