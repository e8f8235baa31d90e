/**
 * The child process of our own implementations and of the plain JavaScript loop: `serve.js WORKLOAD IMPL FOLDER ROWS
 * THREADS`. What it says and hears is told in `process.ts`; answers are written to FOLDER.
 */

import { createInterface } from 'node:readline';
import { KERNEL_WORKLOADS } from '../kernels/index.ts';
import { MATHS } from '../maths/index.ts';
import { MICRO } from '../micro/index.ts';
import { WORKLOADS } from '../workloads/index.ts';
import { writeLeaves } from './columns.ts';
import { load, OURS, peakMb } from './ours.ts';

const [name, impl, folder = '.', rows, threads] = process.argv.slice(2);
const workload = [...WORKLOADS, ...MICRO, ...KERNEL_WORKLOADS, ...MATHS].find((w) => w.name === name);
const ours = OURS.find((o) => o === impl);
const say = (reply: object): void => void process.stdout.write(`${JSON.stringify(reply)}\n`);

if (workload === undefined || ours === undefined) {
  say({ error: `there is no ${impl} for ${name}` });
} else {
  const loaded = await load(workload, ours, { folder, rows: Number(rows), threads: Number(threads) });
  say({ version: loaded.version, compile_ms: loaded.compileMs });
  for await (const command of createInterface({ input: process.stdin })) {
    try {
      if (command === 'run') say({ ms: await loaded.run() });
      else if (command === 'answer') say({ leaves: writeLeaves(folder, ours, loaded.answer()) });
      else if (command === 'peak') say({ peak_mb: peakMb(), ...loaded.memory() });
      else say({ error: `there is no command ${command}` });
    } catch (e) {
      say({ error: e instanceof Error ? e.message : String(e) });
    }
  }
  await loaded.close();
}
