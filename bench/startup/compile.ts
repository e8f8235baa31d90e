/**
 * A process of its own: compiles a workload again and again, and prints how long that took: the first time, the least
 * and the median time, and the median of each step. From Core to kernels that can be called.
 */

import { lowerForWasm } from '../../compiler/compile.ts';
import { optimize } from '../../compiler/pipeline.ts';
import { compileWasm, type SinkName } from '../../compiler/target/wasm/emit.ts';
import { CpuDevice } from '../../runtime/cpu/device.ts';
import { median } from '../stats.ts';
import { WORKLOADS } from '../workloads/index.ts';
import { programOf } from '../workloads/workload.ts';

const ROUNDS = 40;
const [, , name = '', word = ''] = process.argv;
const sink: SinkName = word === 'binaryen' ? 'binaryen' : 'direct';
const workload = WORKLOADS.find((w) => w.name === name);
if (workload === undefined) throw new Error(`there is no workload ${name}`);

const program = programOf(workload);
const device = new CpuDevice({ threads: 1 });
const rounds: (readonly number[])[] = [];
for (let round = 0; round < ROUNDS; round++) {
  const times = [performance.now()];
  const { program: optimized } = optimize(program);
  times.push(performance.now());
  const { kernels } = lowerForWasm(optimized);
  times.push(performance.now());
  const { bytes } = await compileWasm(kernels, { sink });
  times.push(performance.now());
  const loaded = await device.prepare(bytes);
  times.push(performance.now());
  device.unload(loaded);
  rounds.push(times.slice(1).map((t, k) => t - (times[k] ?? 0)));
}
const sum = (steps: readonly number[]): number => steps.reduce((a, b) => a + b, 0);
const [passesMs, lowerMs, encodeMs, loadMs] = [0, 1, 2, 3].map((k) => median(rounds.slice(1).map((r) => r[k] ?? 0)));
const [firstMs = 0, ...laterMs] = rounds.map(sum);
const [leastMs, medianMs] = [Math.min(...laterMs), median(laterMs)];
console.log(JSON.stringify({ firstMs, leastMs, medianMs, passesMs, lowerMs, encodeMs, loadMs }));
await device.dispose();
