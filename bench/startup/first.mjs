/**
 * A process of its own: loads the frame library from the file that is given, computes a small result, and prints how
 * long that took. Nothing else may be loaded here. `wholeMs` counts from the start of the process.
 */

const [, , door = ''] = process.argv;
const ROWS = 1000;

const began = performance.now();
const { col, fromColumns } = await import(door);
const imported = performance.now();
const x = Float64Array.from({ length: ROWS }, (_, k) => k);
const total = fromColumns({ x })
  .filter(col('x').ge(10))
  .withColumns({ y: col('x').mul(2).add(1) })
  .column('y')
  .sum();
const value = await total.item();
const done = performance.now();
if (value !== 999900) throw new Error(`the sum is ${value}`);
const used = process.resourceUsage();
const cpuMs = (used.userCPUTime + used.systemCPUTime) / 1000;
const peakMb = used.maxRSS / 1024;
console.log(JSON.stringify({ importMs: imported - began, resultMs: done - imported, wholeMs: done, cpuMs, peakMb }));
