/**
 * The child process of our own implementations and of the plain JavaScript loop: `serve.js WORKLOAD IMPL FOLDER ROWS
 * THREADS`. What it says and hears is told in `process.ts`; answers are written to FOLDER.
 */

import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
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

/** Milliseconds of the processors since then, by all threads. */
function processorMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}

const LOOK_MS = 4;
const MOST_LOOKS = 100;

/** Waits until the threads of this process use next to no processor time. */
async function rest(): Promise<void> {
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    const before = process.cpuUsage();
    await sleep(LOOK_MS);
    if (processorMs(before) < LOOK_MS / 4) return;
  }
}

if (workload === undefined || ours === undefined) {
  say({ error: `there is no ${impl} for ${name}` });
} else {
  const loaded = await load(workload, ours, { folder, rows: Number(rows), threads: Number(threads) });
  say({ version: loaded.version, compile_ms: loaded.compileMs });
  for await (const command of createInterface({ input: process.stdin })) {
    try {
      if (command === 'run') {
        const began = process.cpuUsage();
        const ms = await loaded.run();
        const cpu_ms = processorMs(began);
        await rest();
        say({ ms, cpu_ms });
      } else if (command === 'answer') say({ leaves: writeLeaves(folder, ours, loaded.answer()) });
      else if (command === 'peak') say({ peak_mb: peakMb(), ...loaded.memory() });
      else say({ error: `there is no command ${command}` });
    } catch (e) {
      say({ error: e instanceof Error ? e.message : String(e) });
    }
  }
  await loaded.close();
}
