/**
 * The pool runs jobs (a kernel over the parts of a launch) on the calling thread and on worker threads.
 *
 * Workers start with the first job that wants them and never keep the process alive. The calling thread does not wait
 * for them to start: it claims parts at once, and a worker that wakes too late finds nothing left. A job ends when
 * all parts are claimed and no worker is inside; the wait spins shortly, sleeps shortly, and then lets the event loop
 * turn, so that the end of a crashed worker is noticed instead of hanging the program.
 *
 * A worker that ends inside a job may have taken a part with it, so the job fails (W6014); one that ends between jobs is
 * replaced by the next job that wants it. With a signal the calling thread lets the event loop turn between its calls.
 */

import type { Worker } from 'node:worker_threads';
import { fail, InternalError, invariant, type Notes, span, spanAsync } from '../../compiler/index.ts';
import { Checkpoint } from '../cancel.ts';
import type { Soon } from '../device.ts';
import type { Lane } from '../profile/recorder.ts';
import { mathImports } from './math-imports.mjs';
import { CONTROL_BYTES, CTL, callsOf, MAX_WORKERS, NOTE_NUMBERS, NOTES_BYTE, runParts, TEXT_WORD } from './parts.mjs';

type KernelFunction = (args: number, begin: number, end: number, part: number) => number;

/** A module that is loaded on the calling thread and can be sent to the workers. */
export interface LoadedModule {
  readonly id: number;
  readonly module: WebAssembly.Module;
  readonly names: readonly string[];
  readonly kernels: readonly KernelFunction[];
}
/** Addresses of the cursors of all parts, and of the places at which they began. */
export interface Cursors {
  readonly ofPart: number;
  readonly address: number;
  readonly beginnings: number;
}
const NO_CURSORS: Cursors = { ofPart: 0, address: 0, beginnings: 0 };
/** One run of a kernel over all its parts. */
export interface Job {
  readonly module: LoadedModule;
  readonly kernel: string;
  /** Address of the argument block. */
  readonly args: number;
  readonly rows: number;
  readonly rowsPerPart: number;
  /** Rows before this one are done; a multiple of the rows of a call. */
  readonly firstRow?: number;
  /** Where the cursors of the parts are, if they have any. */
  readonly cursors?: Cursors;
  /** Most threads to use, the calling one included. */
  readonly threads: number;
  /** Ends the job with W6013 when it fires. */
  readonly signal: AbortSignal | null;
  /** Is told what the threads do. */
  readonly lane?: Lane | null;
}

/** A job of the calling thread alone. */
type SoloJob = Omit<Job, 'threads' | 'signal' | 'lane'>;

const ranParts = (parts: number): Notes => ({ parts });

interface Member {
  readonly worker: Worker;
  readonly loaded: Set<number>;
  ready: boolean;
}

/** Starts a worker thread with what it needs to know. */
export type StartWorker = (Thread: typeof Worker, workerData: Readonly<Record<string, unknown>>) => Worker;
export const startWorker: StartWorker = (Thread, workerData) =>
  new Thread(new URL('./worker.mjs', import.meta.url), { workerData, execArgv: [] });

/** Polls before going to sleep: about 20 microseconds. */
const SPINS = 2000;
/** Sleep between two looks at whether a worker died. */
const SLEEP_MS = 20;

const newControl = (): Int32Array => new Int32Array(new SharedArrayBuffer(CONTROL_BYTES));

export class Pool {
  /** Most threads of a job, the calling one included. */
  readonly threads: number;
  readonly #memory: WebAssembly.Memory;
  readonly #startWorker: StartWorker;
  readonly #ctl = newControl();
  /** For jobs of the calling thread alone, which never overlap with anything. */
  readonly #soloCtl = newControl();
  #members: (Member | null)[] = [];
  /** Workers have numbers below this. */
  #started = 0;
  #nextModule = 1;
  /** Why a worker ended that was inside a job or never came up. */
  #failure: string | null = null;
  /** Jobs that use workers run one at a time. */
  #last: Promise<void> = Promise.resolve();
  #disposed = false;

  constructor(memory: WebAssembly.Memory, threads: number, start: StartWorker = startWorker) {
    this.#memory = memory;
    this.#startWorker = start;
    this.threads = Math.max(1, Math.min(Math.floor(threads), MAX_WORKERS + 1));
  }

  /** Compiles and instantiates a module whose kernels are its exported functions. At once: engines only validate now
   *  and make machine code at the first call, so another thread would take longer to get at it. */
  load(bytes: Uint8Array): LoadedModule {
    const module = new WebAssembly.Module(bytes);
    const instance = new WebAssembly.Instance(module, { env: { memory: this.#memory }, math: mathImports });
    const names: string[] = [];
    const kernels: KernelFunction[] = [];
    for (const [name, f] of Object.entries(instance.exports)) {
      if (!isKernelFunction(f)) continue;
      names.push(name);
      kernels.push(f);
    }
    return { id: this.#nextModule++, module, names, kernels };
  }
  /** Lets the workers forget a module. */
  unload(module: LoadedModule): void {
    for (const member of this.#members) {
      if (member?.loaded.delete(module.id)) member.worker.postMessage({ unload: module.id });
    }
  }

  /** Runs a job to its end. Fail codes of the kernel are in the status records; only faults of ours throw. */
  run(job: Job): Soon<void> {
    const parts = Math.ceil(job.rows / job.rowsPerPart);
    const helpers = Math.min(this.threads, job.threads, parts) - 1;
    const { signal, lane = null } = job;
    if (helpers > 0) return this.#runInTurn(job, helpers);
    if (signal !== null) return this.#runWatched(job, signal);
    if (lane === null) this.runAlone(job);
    else span(lane, 'kernel', job.kernel, () => this.runAlone(job), ranParts);
  }
  /** Runs a job on several threads when those before it are done. */
  async #runInTurn(job: Job, helpers: number): Promise<void> {
    const before = this.#last;
    const run = async (): Promise<void> => {
      await spanAsync(job.lane ?? null, 'wait', 'for other loops', () => before);
      await this.#runShared(job, helpers);
    };
    const turn = run();
    this.#last = turn.then(undefined, () => {});
    await turn;
  }
  /** Runs a job on the calling thread before it returns; gives the number of parts. */
  runAlone(job: SoloJob): number {
    const { kernel, index } = this.#kernelOf(job);
    openJob(this.#soloCtl, job, index, 0);
    return runOnCaller(kernel, this.#soloCtl, this.#memory, job);
  }

  /** Runs a job on the calling thread, which does other things in between: so the job has a control block of its own. */
  async #runWatched(job: Job, signal: AbortSignal): Promise<void> {
    const { kernel, index } = this.#kernelOf(job);
    const ctl = newControl();
    openJob(ctl, job, index, 0);
    await spanAsync(
      job.lane ?? null,
      'kernel',
      job.kernel,
      () => runInTurns(kernel, ctl, this.#memory, job, signal),
      ranParts,
    );
  }

  /** Starts the workers and resolves when all of them are up: for tests and benchmarks, `run` does not need it. */
  async ready(): Promise<void> {
    await this.#start(this.threads - 1);
    const waiting = this.#members.filter((m) => m !== null && !m.ready);
    for (const m of waiting) m?.worker.ref();
    await Promise.all(waiting.map((m) => m && new Promise((up) => m.worker.once('message', up).once('exit', up))));
    for (const m of waiting) m?.worker.unref();
    this.#throwFailure();
  }

  /** Ends the workers. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    const members = this.#members;
    this.#members = [];
    await Promise.all(members.map((m) => m?.worker.terminate()));
  }

  async #runShared(job: Job, helpers: number): Promise<void> {
    const { kernel, index } = this.#kernelOf(job);
    const ctl = this.#ctl;
    const { signal, lane = null } = job;
    await spanAsync(lane, 'wait', 'start workers', () => this.#start(helpers));
    this.#send(job.module, helpers);
    openJob(ctl, job, index, helpers);
    if (lane !== null) this.#askForNotes(helpers);
    Atomics.store(ctl, CTL.OPEN, 1);
    Atomics.add(ctl, CTL.JOB, 1);
    Atomics.notify(ctl, CTL.JOB);
    const share = (): number | Promise<number> =>
      signal === null
        ? runOnCaller(kernel, ctl, this.#memory, job)
        : runInTurns(kernel, ctl, this.#memory, job, signal);
    try {
      await spanAsync(lane, 'kernel', job.kernel, share, ranParts);
    } finally {
      Atomics.store(ctl, CTL.OPEN, 0);
      await spanAsync(lane, 'wait', 'for workers', () => this.#idle());
      if (lane !== null) this.#takeNotes(job.kernel, helpers, lane);
    }
    const trap = Atomics.load(ctl, CTL.TRAP);
    if (trap !== 0) {
      const text = new TextDecoder().decode(new Uint8Array(ctl.buffer, TEXT_WORD * 4, trap).slice());
      throw new InternalError(`kernel ${job.kernel} trapped on a worker thread: ${text}`);
    }
    this.#throwFailure();
  }

  /** Lets the workers note when they are in the job that is about to open. */
  #askForNotes(helpers: number): void {
    for (let k = 0; k < helpers; k++) this.#notesOf(k).fill(0);
    this.#ctl[CTL.TRACED] = 1;
  }
  /** Hands on what the workers noted. */
  #takeNotes(kernel: string, helpers: number, lane: Lane): void {
    for (let k = 0; k < helpers; k++) {
      const [came = 0, ready = 0, left = 0, parts = 0] = this.#notesOf(k);
      if (left > 0) lane.worker(k, kernel, came, left, { parts, loadMs: (ready - came) / 1e6 });
    }
  }
  #notesOf(worker: number): Float64Array {
    return new Float64Array(this.#ctl.buffer, NOTES_BYTE + worker * NOTE_NUMBERS * 8, NOTE_NUMBERS);
  }

  /** Waits until no worker is inside the job. */
  async #idle(): Promise<void> {
    const ctl = this.#ctl;
    for (let k = 0; k < SPINS; k++) if (this.#nobodyInside()) return;
    for (;;) {
      const left = Atomics.load(ctl, CTL.LEFT);
      if (this.#nobodyInside()) return;
      if (Atomics.wait(ctl, CTL.LEFT, left, SLEEP_MS) === 'timed-out') {
        await new Promise((resume) => setTimeout(resume, 0));
      }
    }
  }

  #nobodyInside(): boolean {
    for (let k = 0; k < this.#started; k++) if (Atomics.load(this.#ctl, CTL.INSIDE + k) !== 0) return false;
    return true;
  }

  #kernelOf(job: Pick<Job, 'module' | 'kernel'>): { readonly kernel: KernelFunction; readonly index: number } {
    invariant(!this.#disposed, () => 'pool: used after dispose');
    const index = job.module.names.indexOf(job.kernel);
    const kernel = job.module.kernels[index];
    invariant(kernel !== undefined, () => `pool: the module has no kernel ${job.kernel}`);
    return { kernel, index };
  }
  #throwFailure(): void {
    const failure = this.#failure;
    this.#failure = null;
    if (failure !== null) fail('W6014', failure, { help: 'run it again: a new worker takes the place of the old one' });
  }

  async #start(count: number): Promise<void> {
    const { Worker: Thread } = await import('node:worker_threads');
    // Disposed meanwhile: a thread started now would never end.
    invariant(!this.#disposed, () => 'pool: used after dispose');
    this.#started = Math.max(this.#started, count);
    for (let k = 0; k < count; k++) this.#members[k] ??= this.#startOne(k, Thread);
  }
  #startOne(number: number, Thread: typeof Worker): Member {
    const worker = this.#startWorker(Thread, { memory: this.#memory, ctl: this.#ctl, number });
    const member: Member = { worker, loaded: new Set(), ready: false };
    worker.once('message', () => {
      member.ready = true;
    });
    let fault = '';
    worker.on('error', (e) => {
      fault = `: ${String(e)}`;
    });
    worker.on('exit', (code) => this.#ended(number, member, `with exit code ${code}${fault}`));
    worker.unref();
    return member;
  }
  /** Cleans up behind a worker that ended: it may have been inside a job, which then will not wait for it. */
  #ended(number: number, member: Member, how: string): void {
    const inside = Atomics.exchange(this.#ctl, CTL.INSIDE + number, 0) === 1;
    if (this.#members[number] === member) this.#members[number] = null;
    if (inside) this.#failure ??= `worker thread ${number} ended in the middle of a run, ${how}`;
    else if (!member.ready && !this.#disposed)
      this.#failure ??= `worker thread ${number} did not start: it ended ${how}`;
  }
  #send(module: LoadedModule, helpers: number): void {
    for (const member of this.#members.slice(0, helpers)) {
      if (member === null || member === undefined || member.loaded.has(module.id)) continue;
      member.worker.postMessage({ load: module.id, module: module.module, names: module.names });
      member.loaded.add(module.id);
    }
  }
}

function isKernelFunction(f: unknown): f is KernelFunction {
  return typeof f === 'function';
}

function openJob(ctl: Int32Array, job: SoloJob, index: number, helpers: number): void {
  const { firstRow = 0, cursors = NO_CURSORS } = job;
  ctl[CTL.NEXT] = Math.floor(firstRow / job.rowsPerPart);
  ctl[CTL.FIRST_ROW] = firstRow;
  ctl[CTL.STOP] = 0;
  ctl[CTL.TRAP] = 0;
  ctl[CTL.CANCEL] = 0;
  ctl[CTL.TRACED] = 0;
  ctl[CTL.HELPERS] = helpers;
  ctl[CTL.MODULE] = job.module.id;
  ctl[CTL.KERNEL] = index;
  ctl[CTL.ARGS] = job.args;
  ctl[CTL.ROWS] = job.rows;
  ctl[CTL.ROWS_PER_PART] = job.rowsPerPart;
  ctl[CTL.PARTS] = Math.ceil(job.rows / job.rowsPerPart);
  ctl[CTL.CURSORS_A_PART] = cursors.ofPart;
  ctl[CTL.CURSORS] = cursors.address;
  ctl[CTL.BEGINNINGS] = cursors.beginnings;
}

/** The calling thread's share. A trap is a fault of ours: generated code checks what may go wrong. */
function runOnCaller(kernel: KernelFunction, ctl: Int32Array, memory: WebAssembly.Memory, job: SoloJob): number {
  return trapped(ctl, job, () => runParts(kernel, ctl, memory));
}
/** The same, with turns of the event loop between calls; W6013 when the signal fires. */
async function runInTurns(
  kernel: KernelFunction,
  ctl: Int32Array,
  memory: WebAssembly.Memory,
  job: SoloJob,
  signal: AbortSignal,
): Promise<number> {
  const checkpoint = new Checkpoint(signal);
  const calls = callsOf(kernel, ctl, memory);
  try {
    for (;;) {
      const { done, value } = trapped(ctl, job, () => calls.next());
      if (done === true) return value;
      if (checkpoint.due()) await checkpoint.pass();
    }
  } catch (e) {
    Atomics.store(ctl, CTL.CANCEL, 1);
    throw e;
  }
}
function trapped<T>(ctl: Int32Array, job: SoloJob, run: () => T): T {
  try {
    return run();
  } catch (e) {
    Atomics.store(ctl, CTL.STOP, 1);
    throw new InternalError(`kernel ${job.kernel} trapped: ${String(e)}`);
  }
}
