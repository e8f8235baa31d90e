/** `weldc bench`: runs an artifact on seeded or given data, and says how long it takes. */

import type { Artifact } from '../../../runtime/index.ts';
import { plainMemory, toColumns } from '../../core/convert.ts';
import { decodeJson } from '../../core/json.ts';
import type { Value } from '../../core/value.ts';
import { fail } from '../../diag/diagnostic.ts';
import type { Answer, Invocation } from '../command.ts';
import { UsageError } from '../report.ts';
import { batchesOf } from './batches.ts';
import { seededArguments } from './data.ts';

const DEFAULT_ROWS = 1_000_000;
const DEFAULT_RUNS = 10;
const DEFAULT_SEED = 1;
const WARMUP = 2;

export async function benchArtifact(x: Invocation): Promise<Answer> {
  const { threads, memory, args: given } = x.options;
  if (given !== null && (x.options.n !== null || x.options.seed !== null)) {
    throw new UsageError('--n and --seed are for made-up data: leave them out where --args gives the data');
  }
  const n = x.options.n ?? DEFAULT_ROWS;
  const seed = x.options.seed ?? DEFAULT_SEED;
  const runs = x.options.runs ?? DEFAULT_RUNS;
  const { batch } = x.options;
  const { readEnv, Session } = await import('../../../runtime/index.ts');
  const options = {
    ...(threads === null ? {} : { threads }),
    ...(memory === null ? {} : { memoryLimitBytes: memory }),
  };
  const session = new Session(options, readEnv(x.env));
  try {
    const began = x.now();
    const artifact = await session.load(x.name);
    const loadMs = x.now() - began;
    if (given !== null && given.length !== artifact.paramTypes.length) {
      fail('W8006', `the artifact takes ${artifact.paramTypes.length} arguments, found ${given.length}`);
    }
    const args: readonly Value[] =
      given === null
        ? seededArguments(artifact.paramTypes, n, seed, session.heap)
        : artifact.paramTypes.map((t, k) =>
            toColumns(t, decodeJson(t, given[k] ?? null, `argument ${k + 1}`), plainMemory),
          );
    const evaluate = batch === null ? () => artifact.run(args) : streaming(artifact, args, batch);
    await session.warmUp();
    const times: number[] = [];
    for (let run = 0; run < WARMUP + runs; run++) {
      const start = x.now();
      const value = await evaluate();
      if (run >= WARMUP) times.push(x.now() - start);
      session.release(value);
    }
    times.sort((a, b) => a - b);
    const [median, least] = [times[times.length >> 1] ?? 0, times[0] ?? 0];
    const rows = given === null ? n : null;
    const json = {
      artifact: x.name,
      program: artifact.manifest.hash['program.weld'],
      n: rows,
      seed: given === null ? seed : null,
      batch,
      threads: session.threads,
      runs,
      median_ms: median,
      min_ms: least,
      times_ms: times,
      load_ms: loadMs,
    };
    const data = rows === null ? 'given data' : `${rows} rows of seed ${seed}`;
    const cut = batch === null ? '' : ` in batches of ${batch}`;
    const text =
      `${x.name}: median ${median.toFixed(3)} ms, least ${least.toFixed(3)} ms of ${runs} runs on ${data}${cut}, ` +
      `${session.threads} thread${session.threads === 1 ? '' : 's'}; loaded in ${loadMs.toFixed(1)} ms\n`;
    return { text, json };
  } finally {
    await session.dispose();
  }
}

/** Runs an artifact by its stages over the arguments that it streams, cut into batches. */
function streaming(artifact: Artifact, args: readonly Value[], rows: number): () => Promise<Value> {
  const streamed = artifact.manifest.stages?.streamed ?? [];
  const fixed = args.map((a, k) => (streamed.includes(k) ? null : a));
  const columns = streamed.flatMap((k) => args[k] ?? []);
  return () => artifact.stream(fixed, batchesOf(columns, rows));
}
