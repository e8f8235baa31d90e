import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { F64, type PrimSpec, type Value } from '../../compiler/index.ts';
import { parseProgram } from '../../compiler/text.ts';
import { Heap } from '../cpu/heap.ts';
import { init, type Session } from '../session.ts';
import type { SpanEvent, TraceFile } from './events.ts';
import { LANES, Recorder } from './recorder.ts';
import { traceTo } from './trace-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'weld-profile-'));
const sessions: Session[] = [];
const fails: PrimSpec = {
  name: 'fails',
  doc: '',
  pure: true,
  typing: () => F64,
  run: () => {
    throw new Error('on purpose');
  },
};
async function session(threads: number): Promise<Session> {
  const made = await init({ threads, prims: [fails] });
  sessions.push(made);
  return made;
}
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await Promise.all(sessions.map((s) => s.dispose()));
});

const doubles = (n: number): Value => ({
  kind: 'vec',
  elem: F64,
  length: n,
  cols: [Float64Array.from({ length: n }, (_, k) => k)],
});
const SUM = parseProgram('|x: vec[f64]| result(for(x, merger[f64,+], |b, i, e| merge(b, e * 2.0)))');
const FILTER = parseProgram('|x: vec[f64]| result(for(x, appender[f64], |b, i, e| if(e > 9.0, merge(b, e), b)))');
const GROUP = parseProgram(
  '|x: vec[f64]| tovec(result(for(x, dictmerger[i64,f64,+], |b, i, e| merge(b, {i64(e) % 7L, e}))))',
);

const spansOf = (t: TraceFile): readonly SpanEvent[] => t.traceEvents.flatMap((e) => (e.ph === 'X' ? [e] : []));
const namesOf = (t: TraceFile): readonly string[] => spansOf(t).map((e) => `${e.cat}: ${e.name}`);
const nanoseconds = (microseconds: number): number => Math.round(microseconds * 1e3);

/** Checks what every trace keeps. */
function expectWellFormed(t: TraceFile): void {
  // What a viewer reads is the JSON.
  const { traceEvents } = JSON.parse(JSON.stringify(t));
  expect(traceEvents).toEqual(t.traceEvents);
  const named = new Set<string>();
  const open = new Map<string, number[]>();
  let last = 0;
  for (const e of t.traceEvents) {
    const lane = `${e.pid}/${e.tid}`;
    if (e.ph === 'M') {
      if (e.name === 'thread_name') named.add(lane);
      continue;
    }
    expect(named, `the lane of ${e.name}`).toContain(lane);
    expect(e.ts).toBeGreaterThanOrEqual(last);
    last = e.ts;
    if (e.ph === 'C') {
      expect(e.args['bytes']).toBeGreaterThanOrEqual(0);
      continue;
    }
    expect(e.dur).toBeGreaterThanOrEqual(0);
    const [from, to] = [nanoseconds(e.ts), nanoseconds(e.ts + e.dur)];
    const ends = open.get(lane) ?? [];
    // The spans that ended before this one began are no longer open; it must end before those that are.
    while (ends.length > 0 && (ends.at(-1) ?? 0) <= from && to > (ends.at(-1) ?? 0)) ends.pop();
    expect(to, `${e.name} in ${lane}`).toBeLessThanOrEqual(ends.at(-1) ?? Number.POSITIVE_INFINITY);
    open.set(lane, [...ends, to]);
  }
}

describe('session.profile', () => {
  it('has the passes, the lowering and the code of what is compiled, and the loops of what is run', async () => {
    const s = await session(2);
    await s.warmUp();
    const p = s.profile();
    await s.evaluate(GROUP, [doubles(50_000)]);
    await s.evaluate(GROUP, [doubles(50_000)]);
    const t = await p.stop();
    expectWellFormed(t);
    const names = namesOf(t);
    for (const name of [
      ...['session: evaluate', 'compile: compile', 'compile: load the compiler', 'compile: passes', 'pass: inline'],
      ...['compile: lower', 'kernel: loop0', 'compile: encode', 'compile: engine compile'],
      ...['run: run', 'launch: loop0'],
    ]) {
      expect(names).toContain(name);
    }
    expect(names.filter((n) => n.startsWith('combine: dict'))).toHaveLength(2);
    expect(names.filter((n) => n === 'compile: passes')).toHaveLength(1);
    const [first, second] = spansOf(t).filter((e) => e.cat === 'launch' && e.name === 'loop0');
    expect(first?.args).toMatchObject({ rows: 50_000, parts: 4, runs: 1 });
    expect(second?.args).toMatchObject({ rows: 50_000, parts: 4, runs: 1 });
    expect(names.filter((n) => n === 'compile: find')).toHaveLength(2);
    expect(spansOf(t).flatMap((e) => (e.name === 'compile' ? [e.args['cached']] : []))).toEqual([false]);
    // Of each run, all parts were run by somebody.
    const ran = spansOf(t).filter((e) => e.cat === 'kernel' && e.name === 'loop0' && 'parts' in e.args);
    expect(ran.reduce((sum, e) => sum + Number(e.args['parts']), 0)).toBe(8);
    const heap = t.traceEvents.filter((e) => e.ph === 'C');
    expect(new Set(heap.map((e) => e.name))).toEqual(new Set(['heap', 'heap peak']));
    expect(heap.length).toBeGreaterThan(4);
    expect(t.otherData).toEqual({ node: process.version, dropped: 0 });
  });

  it('gives a lane to each thread, and to evaluations at the same time', async () => {
    const s = await session(2);
    await s.warmUp();
    const p = s.profile();
    const x = doubles(400_000);
    await Promise.all([s.evaluate(SUM, [x]), s.evaluate(FILTER, [x]), s.evaluate(SUM, [x])]);
    const t = await p.stop();
    expectWellFormed(t);
    const lanes = t.traceEvents.flatMap((e) => (e.ph === 'M' && e.name === 'thread_name' ? [e] : []));
    const names = lanes.map((e) => ('name' in e.args ? e.args.name : ''));
    expect(names.filter((n) => n !== 'worker 1')).toEqual([
      'memory',
      'evaluations',
      'evaluations, 2 at a time',
      'evaluations, 3 at a time',
    ]);
    const parts = spansOf(t).filter((e) => e.cat === 'kernel' && 'parts' in e.args);
    expect(parts.reduce((sum, e) => sum + Number(e.args['parts']), 0)).toBe(3 * Math.ceil(400_000 / 16_384));
  });

  it('notes the threads of a run with a signal, too', async () => {
    const s = await session(2);
    await s.warmUp();
    const p = s.profile();
    await s.evaluate(FILTER, [doubles(100_000)], { signal: new AbortController().signal });
    await s.evaluate(FILTER, [doubles(100)], { signal: new AbortController().signal });
    const t = await p.stop();
    expectWellFormed(t);
    const parts = spansOf(t).filter((e) => e.cat === 'kernel' && 'parts' in e.args);
    expect(parts.reduce((sum, e) => sum + Number(e.args['parts']), 0)).toBe(8);
  });

  it('has what fails, and lanes that go on afterwards', async () => {
    const s = await session(1);
    const p = s.profile();
    await expect(s.evaluate(parseProgram('|x: f64| cudf[fails,f64](x)'), [1])).rejects.toThrow('W6008');
    await expect(s.evaluate(SUM, [1])).rejects.toThrow('W8006');
    await s.evaluate(SUM, [doubles(10)], { target: 'interp' });
    const t = await p.stop();
    expectWellFormed(t);
    const failed = spansOf(t).filter((e) => e.args['failed'] === true);
    expect(failed.map((e) => e.name)).toEqual(['evaluate', 'run', 'prim fails', 'evaluate', 'run']);
    expect(new Set(spansOf(t).map((e) => e.tid))).toEqual(new Set([LANES.evaluations]));
  });

  it('records from its beginning to its end, each profile for itself', async () => {
    const s = await session(1);
    const all = s.profile();
    await s.evaluate(SUM, [doubles(10)]);
    const later = s.profile();
    await s.evaluate(FILTER, [doubles(10)]);
    const [two, one] = [await all.stop(), await later.stop()];
    await s.evaluate(SUM, [doubles(10)]);
    const evaluations = (t: TraceFile): number => namesOf(t).filter((n) => n === 'session: evaluate').length;
    expect([evaluations(two), evaluations(one), evaluations(await all.stop())]).toEqual([2, 1, 2]);
    expect(s.heap.watch).toBe(null);
    const running = s.evaluate(SUM, [doubles(10)]);
    const middle = s.profile();
    await running;
    expect(namesOf(await middle.stop())).toEqual([]);
  });

  it('writes a file', async () => {
    const s = await session(1);
    const p = s.profile();
    await s.evaluate(SUM, [doubles(10)]);
    const file = join(folder, 'trace.json');
    const t = await p.stop(file);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(t);
    await expect(p.stop(join(folder, 'no', 'trace.json'))).rejects.toThrow(/^W8006: cannot write the trace to .*no/);
  });
});

describe('WELD_DEBUG=2', () => {
  it('writes the lanes of all sessions to one file when the process ends, and says so', async () => {
    const [file, bad] = [join(folder, 'all.json'), join(folder, 'no', 'all.json')];
    const heaps = [new Heap(), new Heap()];
    const exits: (() => void)[] = [];
    for (const heap of heaps) {
      const recorder = new Recorder(heap);
      traceTo(file, recorder, (run) => exits.push(run));
      await recorder.inLane('evaluate', () => 1);
    }
    traceTo(bad, new Recorder(new Heap()), (run) => exits.push(run));
    const lines: string[] = [];
    const spy = vi.spyOn(console, 'error').mockImplementation((line: string) => void lines.push(line));
    for (const run of exits) run();
    spy.mockRestore();
    expect(lines).toEqual([
      `weld: the trace is in ${file}; chrome://tracing and ui.perfetto.dev show it`,
      expect.stringContaining(`weld: cannot write the trace to ${bad}: ENOENT`),
    ]);
    const t = JSON.parse(readFileSync(file, 'utf8'));
    expectWellFormed(t);
    expect(namesOf(t)).toEqual(['session: evaluate', 'session: evaluate']);
    expect(new Set(spansOf(t).map((e) => e.pid)).size).toBe(2);
  });
});
