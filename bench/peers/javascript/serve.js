/**
 * The child process of the peers in JavaScript: `serve.js WORKLOAD IMPL FOLDER`. What it says and hears is told in
 * `process.ts`. IMPL is a module of this folder with a function for each workload: it takes the inputs, brings them in the
 * form of its library, and gives the function that is timed, whose answer is a column or several.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const [workload, impl, folder] = process.argv.slice(2);
const PACKAGES = { 'numpy-ts': 'numpy-ts', arquero: 'arquero', 'jax-js': '@jax-js/jax' };
const KINDS = {
  i8: Int8Array,
  u8: Uint8Array,
  i32: Int32Array,
  i64: BigInt64Array,
  f32: Float32Array,
  f64: Float64Array,
};
const say = (reply) => void process.stdout.write(`${JSON.stringify(reply)}\n`);

function inputs() {
  return JSON.parse(readFileSync(`${folder}/inputs.json`, 'utf8')).map((entry) => {
    if (typeof entry !== 'object') return entry;
    const { buffer, byteOffset, byteLength } = readFileSync(`${folder}/${entry.file}`);
    return new KINDS[entry.kind](buffer.slice(byteOffset, byteOffset + byteLength));
  });
}

function leaves(answer) {
  const columns = Array.isArray(answer) && typeof answer[0] === 'object' ? answer : [answer];
  return columns.map((column, k) => {
    const file = `${impl}-${k}.bin`;
    const cells = Float64Array.from(column, Number);
    writeFileSync(`${folder}/${file}`, new Uint8Array(cells.buffer));
    return { kind: 'f64', length: cells.length, file };
  });
}

const processorMs = (since) => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
};

const LOOK_MS = 4;
const MOST_LOOKS = 100;

/** As `rest` of ours. */
async function rest() {
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    const before = process.cpuUsage();
    await sleep(LOOK_MS);
    if (processorMs(before) < LOOK_MS / 4) return;
  }
}

/** As `peakMb` of ours. */
const peakMb = () => process.resourceUsage().maxRSS / 1024;

async function serve() {
  const run = (await import(`./${impl}.js`))[workload](...inputs());
  const manifest = new URL(`./node_modules/${PACKAGES[impl]}/package.json`, import.meta.url);
  const { version } = JSON.parse(readFileSync(manifest, 'utf8'));
  let answer = await run();
  say({ version, compile_ms: null });
  for await (const command of createInterface({ input: process.stdin })) {
    if (command === 'run') {
      const [began, processor] = [performance.now(), process.cpuUsage()];
      answer = await run();
      const reply = { ms: performance.now() - began, cpu_ms: processorMs(processor) };
      await rest();
      say(reply);
    } else if (command === 'answer') say({ leaves: leaves(answer) });
    else if (command === 'peak') say({ peak_mb: peakMb() });
    else say({ error: `there is no command ${command}` });
  }
}

try {
  await serve();
} catch (e) {
  const absent = e.code === 'ERR_MODULE_NOT_FOUND';
  say({ error: absent ? `${PACKAGES[impl]} is not installed` : `${e.name}: ${e.message}` });
}
