/**
 * A session: one heap, one pool of threads, one cache of compiled programs. Frontends evaluate their programs here.
 *
 * Results live in the session's heap and are freed when the garbage collector finds their columns unused; `release`
 * frees them at once. When memory runs short the session collects garbage and tries once more before it gives up
 * with OutOfMemory.
 */

import {
  type Explanation,
  fail,
  fromColumns,
  heldType,
  interpret,
  type Plan,
  type PrimSpec,
  type Program,
  paramTypes,
  preload,
  resultType,
  span,
  spanAsync,
  type TypedArray,
  toColumns,
  type Value,
  WeldError,
} from '../compiler/index.ts';
import type { HostWork, Machine } from '../kernels/index.ts';
import { throwIfCancelled } from './cancel.ts';
import { CpuDevice } from './cpu/device.ts';
import type { Heap } from './cpu/heap.ts';
import type { DeviceProgram, Soon } from './device.ts';
import { ASYNC_DISPOSE } from './dispose.ts';
import { type Env, readEnv } from './env.ts';
import { execute } from './execute.ts';
import { type Given, valuesOf } from './given.ts';
import type { LaunchRecord } from './launch.ts';
import { log, ms } from './log.ts';
import type { Artifact, CompileSettings, EvaluateOptions, Prepared, RunRecord, SessionOptions } from './options.ts';
import { Owned } from './owned.ts';
import { machineOf, PrimCode } from './prim-machine.ts';
import { Profile } from './profile/profile.ts';
import { type Lane, Recorder } from './profile/recorder.ts';
import { traceTo } from './profile/trace-file.ts';
import { Programs } from './programs.ts';
import {
  type Batch,
  checkStreamed,
  type Host,
  type PartialArgs,
  type Partitioned,
  Stages,
  streamBatches,
  streamedOf,
} from './stream/partitions.ts';
import { checkValue, columnsOf } from './value.ts';

/** Garbage is collected when the heap holds this much more than twice what was left after the last collection. */
const COLLECT_SLACK_BYTES = 256 * 1024 * 1024;

interface Found {
  readonly prepared: Prepared;
  readonly cached: boolean;
}

export class Session {
  readonly heap: Heap;
  readonly threads: number;
  /** Is everything checked that can be (WELD_CHECK)? */
  readonly isChecking: boolean;
  /** What the evaluation that finished last did; null before the first. */
  lastRun: RunRecord | null = null;
  readonly #device: CpuDevice;
  readonly #env: Env;
  readonly #primCode: PrimCode;
  readonly #programs: Programs;
  readonly #recorder: Recorder;
  #collectAt = COLLECT_SLACK_BYTES;
  #disposed = false;

  constructor(options: SessionOptions = {}, env: Env = readEnv()) {
    const threads = checkThreads(options.threads ?? env.threads);
    const { memoryLimitBytes } = options;
    if (memoryLimitBytes !== undefined && !(memoryLimitBytes > 0)) {
      fail('W8006', `memoryLimitBytes must be above 0, found ${memoryLimitBytes}`);
    }
    this.#env = env;
    this.isChecking = env.check;
    this.#device = new CpuDevice({ threads, ...(memoryLimitBytes === undefined ? {} : { memoryLimitBytes }) });
    this.#primCode = new PrimCode(this.#device, env.sink);
    const { fastMath = false, prims = [], cacheFolder = env.cache } = options;
    this.#programs = new Programs({ device: this.#device, env, fastMath, prims, cacheFolder });
    this.heap = this.#device.heap;
    this.threads = this.#device.pool.threads;
    this.#recorder = new Recorder(this.heap);
    if (env.trace !== null) traceTo(env.trace, this.#recorder);
    if (env.target === 'wasm' && cacheFolder === null) preload();
  }

  /**
   * Makes functions callable by name: `cudf[name,T](args)` in a text, `Builder.cudf` in a program. W8006 for a name
   * that is taken. See `extern` for functions of JavaScript and `wasmExtern` for exports of a WebAssembly module.
   */
  register(...prims: readonly PrimSpec[]): void {
    this.#programs.register(prims);
  }

  /**
   * The value of `program` for `args`, which are values of its parameters' types; a vector of numbers may be a typed array.
   * W2005 and W8006 for others, and what programs throw.
   */
  async evaluate(given: Program, args: readonly Given[], options: EvaluateOptions = {}): Promise<Value> {
    const program = this.#programs.resolve(given);
    throwIfCancelled(options.signal ?? null);
    if (this.heap.used > this.#collectAt) await this.#collect();
    if (options.threads !== undefined) checkThreads(options.threads);
    const target = options.target ?? this.#env.target;
    if (target !== 'wasm' && target !== 'interp') {
      fail('W8006', `the target must be wasm or interp, found ${String(target)}`);
    }
    const values = valuesOf(args, paramTypes(program));
    return this.#recorder.inLane('evaluate', (lane) =>
      target === 'interp' ? this.#interpret(program, values) : this.#evaluate(program, values, options, lane),
    );
  }
  async #evaluate(
    program: Program,
    args: readonly Value[],
    options: EvaluateOptions,
    lane: Lane | null,
  ): Promise<Value> {
    const began = performance.now();
    const found = this.#prepare(program, options, lane);
    const { prepared, cached } = found instanceof Promise ? await found : found;
    const { plan, program: code } = prepared;
    const ready = performance.now();
    const seen: Seen = { launches: [], onHost: [] };
    const ahead = (): Promise<Prepared> => this.#programs.ahead(program, options, lane);
    const value = await this.#execute(plan, code, args, options, ahead, lane, seen);
    const done = performance.now();
    this.lastRun = { compileMs: ready - began, runMs: done - ready, cached, ...seen };
    log(
      this.#env.debug >= 2,
      () => `compile ${ms(ready - began)}${cached ? ' (cached)' : ''}, run ${ms(done - ready)}`,
    );
    return value;
  }

  /** Compiles and loads a program, or finds it in the cache: programs that are equal up to names share an entry. */
  async compile(program: Program, settings: CompileSettings = {}): Promise<Prepared> {
    const resolved = this.#programs.resolve(program);
    const { prepared } = await this.#recorder.inLane('compile', (lane) => this.#prepare(resolved, settings, lane));
    return prepared;
  }

  /**
   * Loads an artifact that `weldc build` has written; nothing is parsed or compiled. W7001 and W7002 for a folder that
   * has none this version can run, W2007 for an extern that it calls and the session does not have.
   */
  async load(folder: string): Promise<Artifact> {
    const [{ MEMORY64, readArtifact }, { LoadedArtifact }] = await Promise.all([
      import('./artifact.ts'),
      import('./loaded.ts'),
    ]);
    const parts = readArtifact(folder);
    if (parts.manifest.features.includes(MEMORY64) !== this.heap.memory64) {
      const [made, own] = this.heap.memory64 ? ['at most', 'more than'] : ['more than', 'at most'];
      fail('W7002', `the artifact was built for sessions of ${made} 4 GiB, and this one may use ${own} that`, {
        help: `build it with the memory of the session: weldc build FILE -o DIR --memory ${this.heap.limit}`,
      });
    }
    for (const name of parts.manifest.externs) {
      if (this.#programs.prims.has(name)) continue;
      fail('W2007', `the artifact calls the extern ${name}, which the session does not have`, {
        help: 'register it with the session before the artifact is loaded',
      });
    }
    return LoadedArtifact.load(parts, {
      load: (code) => this.#device.prepare(code),
      unload: (program) => this.#device.unload(program),
      run: async ({ plan }, program, args, options) =>
        this.#recorder.inLane('run artifact', (lane) => {
          this.#checkAlive();
          return this.#execute(plan, program, args, options, null, lane);
        }),
      release: (value) => this.release(value),
      forget: (value) => this.forget(value),
    });
  }

  /** How a program would be compiled, as data (`explainText` and `explainHtml` tell it to people). Nothing is run. */
  explain(program: Program, settings: CompileSettings = {}): Promise<Explanation> {
    return this.#programs.explain(program, settings);
  }

  /**
   * Frees the memory of a value or of a typed array now. Neither it nor a slice of it made outside programs may be used
   * again. Of columns that are not in the session's memory the copies in it are freed, and they may be used again. No run
   * may be using it.
   */
  release(value: Value | TypedArray): void {
    this.forget(value);
    for (const column of ArrayBuffer.isView(value) ? [value] : columnsOf(value)) this.heap.free(column);
  }
  /** Frees the copies that the session has made of columns in memory of others. They may be used again. */
  forget(value: Value | TypedArray): void {
    if (ArrayBuffer.isView(value)) this.#device.forgetColumn(value);
    else this.#device.forget(value);
  }
  /** The value, to be released at the end of a block: `using sorted = session.own(await session.evaluate(..))`. */
  own(value: Value): Owned {
    return new Owned(value, (v) => this.release(v));
  }

  /**
   * The value of `program` where some vectors come in batches: `args` has null for them, and a batch has a value for each,
   * in order, all of one length. It is the value for their concatenation; floats bit for bit if batches end on multiples of
   * 16,384 rows (`spec/semantics.md`, section 8). Of the columns only one batch is held at a time. W5002 for a program that
   * does not split.
   */
  async stream(
    program: Program,
    args: PartialArgs,
    batches: AsyncIterable<Batch> | Iterable<Batch>,
    options: EvaluateOptions = {},
  ): Promise<Value> {
    const stages = await this.#stages(program, args, options);
    return streamBatches(stages, batches, options.signal ?? null);
  }

  /** The same program by the builder law: states that begin apart, go on batch by batch and are combined in order. */
  async partition(program: Program, args: PartialArgs, options: EvaluateOptions = {}): Promise<Partitioned> {
    const stages = await this.#stages(program, args, options);
    return stages.partitioned();
  }
  async #stages(program: Program, args: PartialArgs, options: EvaluateOptions): Promise<Stages> {
    checkStreamed(paramTypes(program), args);
    const split = await this.#programs.split(program, streamedOf(args), options);
    const host: Host = {
      evaluate: (stage, values, asked) => this.evaluate(split.programs[stage], values, asked),
      release: (value) => this.release(value),
      forget: (value) => this.forget(value),
    };
    return Stages.begin(host, split, paramTypes(program), args, options);
  }

  /** What kernels that are no part of a program run on: the session's memory and threads. */
  machine(signal: AbortSignal | null = null): Machine {
    this.#checkAlive();
    const onHost = (work: HostWork): void => this.#logHost(work);
    return machineOf(this.#device, this.#primCode, this.heap, { threads: this.threads, signal, lane: null, onHost });
  }

  /** Starts all threads and waits for them: for benchmarks, evaluations start them when they need them. */
  warmUp(): Promise<void> {
    return this.#device.pool.ready();
  }

  /** Ends the threads of the session. Values stay readable; evaluating fails from now on. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#programs.clear();
    await this.#device.dispose();
  }
  async [ASYNC_DISPOSE](): Promise<void> {
    await this.dispose();
  }

  /**
   * Begins to record what the session does: compiling with its passes, runs with their loops, threads and memory. The
   * trace that `stop()` gives, and `stop('trace.json')` writes, opens in chrome://tracing and ui.perfetto.dev.
   */
  profile(): Profile {
    return new Profile(this.#recorder);
  }

  #logHost(work: HostWork): void {
    log(this.#env.debug >= 1, () => hostText(work));
  }
  #checkAlive(): void {
    if (this.#disposed) fail('W8009', 'the session was disposed', { help: 'start another one with init()' });
  }
  /** The program compiled and loaded, and whether it had been before. */
  #prepare(program: Program, settings: CompileSettings, lane: Lane | null): Found | Promise<Found> {
    this.#checkAlive();
    const ready = span(lane, 'compile', 'find', () => this.#programs.ready(program, settings));
    if (ready !== undefined) return { prepared: ready, cached: true };
    let cached = true;
    const compile = async (): Promise<Found> => {
      const prepared = await this.#programs.prepare(program, settings, lane, () => {
        cached = false;
      });
      return { prepared, cached };
    };
    return spanAsync(lane, 'compile', 'compile', compile, (found) => ({ cached: found.cached }));
  }

  /** Runs a plan; when memory is short, once more after collecting garbage. */
  async #execute(
    plan: Plan,
    program: DeviceProgram,
    args: readonly Value[],
    options: EvaluateOptions,
    ahead: (() => Promise<Prepared>) | null,
    lane: Lane | null,
    seen: Seen = { launches: [], onHost: [] },
  ): Promise<Value> {
    const { signal = null } = options;
    const threads = Math.min(options.threads ?? this.threads, this.threads);
    const run = (): Soon<Value> =>
      spanAsync(lane, 'run', 'run', () =>
        execute(plan, args, {
          device: this.#device,
          program,
          prims: this.#programs.prims,
          primCode: this.#primCode,
          threads,
          signal,
          lane,
          ahead,
          onLaunch: (record) => {
            seen.launches.push(record);
            log(this.#env.debug >= 1, () => launchText(record));
          },
          onHost: (work) => {
            seen.onHost.push(work);
            this.#logHost(work);
          },
        }),
      );
    try {
      return await run();
    } catch (e) {
      if (!(e instanceof WeldError) || e.kind !== 'OutOfMemory') throw e;
      const before = this.heap.used;
      await spanAsync(lane, 'wait', 'for the garbage collector', () => this.#collect());
      if (this.heap.used >= before) throw e;
      seen.launches.length = 0;
      seen.onHost.length = 0;
      return run();
    }
  }

  #interpret(program: Program, args: readonly Value[]): Value {
    const types = paramTypes(program);
    const began = performance.now();
    const rows = types.map((t, k) => {
      const arg = args[k] ?? 0;
      checkValue(arg, heldType(t), `argument ${k + 1}`);
      return fromColumns(t, arg);
    });
    const value = toColumns(resultType(program), interpret(program, rows, { prims: this.#programs.prims }), this.heap);
    this.lastRun = { compileMs: 0, runMs: performance.now() - began, cached: true, launches: [], onHost: [] };
    return value;
  }

  async #collect(): Promise<void> {
    const { collectGarbage } = await import('./cpu/collect.ts');
    await collectGarbage();
    this.#collectAt = 2 * this.heap.used + COLLECT_SLACK_BYTES;
  }
}

/** Starts a session. */
export async function init(options: SessionOptions = {}): Promise<Session> {
  return new Session(options);
}

let shared: Promise<Session> | null = null;
/** The session that frontends use when none is given, started at the first call. */
export function defaultSession(): Promise<Session> {
  shared ??= init();
  return shared;
}

/** What a run tells of itself. */
interface Seen {
  readonly launches: LaunchRecord[];
  readonly onHost: HostWork[];
}

function launchText({ kernel, rows, parts, runs, choices, ms: t }: LaunchRecord): string {
  const again = runs === 1 ? '' : `, ${runs} runs`;
  const lines = choices.map((c) => `\n  ${c.what}: ${c.choice} (${c.reason})`);
  return `${kernel}: ${rows} rows, ${parts} parts${again}, ${ms(t)}${lines.join('')}`;
}
const hostText = ({ kernel, rows, of, reason }: HostWork): string =>
  `${kernel}: ${rows} of ${of} rows on the host (${reason})`;

function checkThreads(threads: number): number {
  if (Number.isInteger(threads) && threads >= 1) return threads;
  return fail('W8006', `threads must be a whole number of at least 1, found ${String(threads)}`);
}
