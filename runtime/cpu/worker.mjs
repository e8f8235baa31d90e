/**
 * A worker thread: sleeps until the job number changes, takes the modules that were sent meanwhile, joins the job if
 * it is still open, and runs parts beside the main thread.
 *
 * Messages are {load: id, module, names} and {unload: id}; they are read only after a wake-up, because a sleeping
 * thread has no event loop. A job that closed before this worker woke is skipped: main never waits for a late worker.
 */

import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { mathImports } from './math-imports.mjs';
import { CTL, NOTE_NUMBERS, NOTES_BYTE, runParts, TEXT_BYTES, TEXT_WORD } from './parts.mjs';

const { memory, ctl, number } = workerData;
/** Kernels by module id, each an array in the order of `names`. */
const modules = new Map();
const notes = new Float64Array(ctl.buffer, NOTES_BYTE + number * NOTE_NUMBERS * 8, NOTE_NUMBERS);
const now = () => Number(process.hrtime.bigint());

function receive() {
  for (;;) {
    const received = receiveMessageOnPort(parentPort);
    if (received === undefined) return;
    const { load, unload, module, names } = received.message;
    if (unload !== undefined) modules.delete(unload);
    else modules.set(load, { module, names, kernels: null });
  }
}

function kernelOf(moduleId, index) {
  const loaded = modules.get(moduleId);
  if (loaded === undefined) return undefined;
  if (loaded.kernels === null) {
    const { exports } = new WebAssembly.Instance(loaded.module, { env: { memory }, math: mathImports });
    loaded.kernels = loaded.names.map((name) => exports[name]);
  }
  return loaded.kernels[index];
}

function reportTrap(error) {
  const text = new TextEncoder().encode(String(error)).subarray(0, TEXT_BYTES);
  new Uint8Array(ctl.buffer, TEXT_WORD * 4, TEXT_BYTES).set(text);
  Atomics.store(ctl, CTL.TRAP, text.length);
  Atomics.store(ctl, CTL.STOP, 1);
}

/** Takes part in the open job. Being INSIDE before looking at OPEN is what keeps main from moving on. */
function join() {
  Atomics.store(ctl, CTL.INSIDE + number, 1);
  try {
    if (Atomics.load(ctl, CTL.OPEN) === 1 && number < ctl[CTL.HELPERS]) {
      const traced = ctl[CTL.TRACED] === 1;
      const came = traced ? now() : 0;
      receive();
      const kernel = kernelOf(ctl[CTL.MODULE], ctl[CTL.KERNEL]);
      if (kernel === undefined) return;
      const ready = traced ? now() : 0;
      const parts = runParts(kernel, ctl, memory);
      if (traced) notes.set([came, ready, now(), parts]);
    }
  } catch (error) {
    reportTrap(error);
  } finally {
    Atomics.store(ctl, CTL.INSIDE + number, 0);
    Atomics.add(ctl, CTL.LEFT, 1);
    Atomics.notify(ctl, CTL.LEFT);
  }
}

parentPort.postMessage('ready');
let seen = 0;
for (;;) {
  Atomics.wait(ctl, CTL.JOB, seen);
  seen = Atomics.load(ctl, CTL.JOB);
  join();
}
