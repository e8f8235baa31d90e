/**
 * Drives an implementation in a child process by lines of JSON: it says `{version, compile_ms}` when its data is
 * loaded, then answers `run` by `{ms, cpu_ms}`, `answer` by `{leaves}` and `peak` by `{peak_mb}`, where it knows them with
 * `base_mb` and `data_mb`. It waits between turns, so any number of them can be timed alternately on the same data; and
 * it answers `run` when all its threads rest: a garbage collector that tidies up behind a run would slow down whoever is
 * next. The end of its input is the end of it.
 */

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { type Output, readLeaf } from './columns.ts';
import { type Implementation, PeerError, type Run } from './implementation.ts';

export interface Command {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts the process; it is ready when this resolves. PeerError when it is not able to run the workload. */
export async function startProcess(c: Command, folder: string): Promise<Implementation> {
  const child = spawn(c.file, c.args, { env: { ...process.env, ...c.env }, stdio: 'pipe' });
  const answers = new Lines(c.name, child);
  const ready = await answers.next();
  const ask = async (command: string): Promise<Reply> => {
    child.stdin.write(`${command}\n`);
    return answers.next();
  };
  return {
    name: c.name,
    version: String(ready.version ?? ''),
    compileMs: ready.compile_ms ?? null,
    run: async (): Promise<Run> => {
      const { ms, cpu_ms } = await ask('run');
      return { ms: present(ms, c.name), cpuMs: present(cpu_ms, c.name) };
    },
    answer: async () => {
      const leaves = present((await ask('answer')).leaves, c.name);
      return leaves.map((leaf) => (typeof leaf === 'number' ? [leaf] : readLeaf(folder, leaf)));
    },
    memory: async () => {
      const { peak_mb, base_mb = null, data_mb = null } = await ask('peak');
      return { peakMb: present(peak_mb, c.name), baseMb: base_mb, dataMb: data_mb };
    },
    close: async () => {
      child.stdin.end();
      await answers.ended;
    },
  };
}

interface Reply {
  readonly version?: string;
  readonly compile_ms?: number | null;
  readonly ms?: number;
  readonly cpu_ms?: number;
  readonly leaves?: readonly Output[];
  readonly peak_mb?: number;
  readonly base_mb?: number;
  readonly data_mb?: number;
  readonly error?: string;
}

function present<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new PeerError(`${name} answers another question than it was asked`);
  return value;
}

/** The replies of a child, in order; its end and its errors reach whoever waits for one. */
class Lines {
  readonly ended: Promise<void>;
  readonly #replies: AsyncIterator<string>;
  readonly #name: string;
  #stderr = '';

  constructor(name: string, child: ChildProcessWithoutNullStreams) {
    this.#name = name;
    child.stderr.on('data', (text) => {
      this.#stderr = `${this.#stderr}${text}`.slice(-4_000);
    });
    // A command for a process that has ended is not lost: its reply is missed.
    child.stdin.on('error', () => {});
    this.#replies = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    this.ended = new Promise((resolve) => {
      child.on('close', () => resolve());
      child.on('error', (e) => {
        this.#stderr = e.message;
        resolve();
      });
    });
  }

  async next(): Promise<Reply> {
    const line = await Promise.race([this.#replies.next(), this.ended.then(() => null)]);
    if (line === null || line.done === true) {
      await this.ended;
      throw new PeerError(`${this.#name} ended without an answer: ${this.#stderr.trim() || 'no message'}`);
    }
    const reply = parse(line.value);
    if (reply === null) return this.next();
    if (reply.error !== undefined) throw new PeerError(`${this.#name}: ${reply.error}`);
    return reply;
  }
}

/** Null for a line that is none of ours: libraries print what they like. */
function parse(line: string): Reply | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Reply) : null;
  } catch {
    return null;
  }
}
