/**
 * Cases on generated code: a session for each number of threads, and one of its own for a case with a memory limit.
 * With the optimizer off every pass is, and kernels are scalar, so that the two runs of a case share little.
 */

import { fromColumns, type Program, plainMemory, toColumns, type Value } from '../../compiler/index.ts';
import { ALL_PASSES } from '../../compiler/pipeline.ts';
import { columnsOf, Session } from '../../runtime/index.ts';
import type { Engine, Ready, Settings } from './engine.ts';

const EVERYTHING: readonly string[] = [...ALL_PASSES.map((pass) => pass.name), 'vectorize'];
/** What an argument's column takes in the heap besides its data, at most. */
const COLUMN_SLACK = 256;

/** `threads` is the command's wish, which goes before that of a case; without either, one thread runs. */
export function wasmEngine(threads: number | null): Engine<Value> {
  const sessions = new Map<number, Session>();
  const sessionFor = (n: number): Session => {
    const known = sessions.get(n);
    if (known !== undefined) return known;
    const made = new Session({ threads: n });
    sessions.set(n, made);
    return made;
  };
  return {
    target: 'wasm',
    async prepare(p, settings) {
      const n = threads ?? settings.threads ?? 1;
      const limit = settings.memoryLimitBytes;
      return limit === null ? ready(p, settings, sessionFor(n), n) : readyWithin(p, settings, limit, n);
    },
    give: (t, v) => toColumns(t, v, plainMemory),
    take: fromColumns,
    async dispose() {
      for (const s of sessions.values()) await s.dispose();
      sessions.clear();
    },
  };
}

/** What a session has where nothing is said: cases run on engines that have no more. */
const MOST_BYTES = 2 ** 32;

const passesOff = ({ optimizer }: Settings): readonly string[] => (optimizer === 'off' ? EVERYTHING : []);

async function ready(p: Program, settings: Settings, session: Session, threads: number): Promise<Ready<Value>> {
  const disable = passesOff(settings);
  await session.compile(p, { disable });
  return {
    run: (args) => session.evaluate(p, args, { target: 'wasm', threads, disable }),
    close: async () => {},
  };
}

/** A session of its own, made at the first run: its limit leaves room for the arguments, as those do not count. */
function readyWithin(p: Program, settings: Settings, limit: number, threads: number): Ready<Value> {
  const disable = passesOff(settings);
  let session: Session | null = null;
  return {
    async run(args) {
      session ??= new Session({ threads, memoryLimitBytes: Math.min(limit + bytesOf(args), MOST_BYTES) });
      return session.evaluate(p, args, { target: 'wasm', threads, disable });
    },
    async close() {
      await session?.dispose();
    },
  };
}

function bytesOf(args: readonly Value[]): number {
  return args.flatMap(columnsOf).reduce((sum, column) => sum + column.byteLength + COLUMN_SLACK, 0);
}
