/**
 * A machine for tests of machine forms that runs their kernels by the interpreter of kernels, which looks at every place:
 * a load that begins outside its buffer and the padding behind it, or a store outside, is an InternalError, also where
 * the value would not have been missed. Slow, so for small arguments.
 */

import { partialIdentity, type ScalarKind, scalarBytes, type TypedArray } from '../../compiler/index.ts';
import type { Kernel } from '../../compiler/kernels.ts';
import { type KernelArray, kernelArray, runKernel, type Scalar } from '../../compiler/sir/interp.ts';
import { vectorize } from '../../compiler/sir/passes/vectorize.ts';
import type { Machine, MachineLaunch, MachineReport } from '../machine.ts';
import { markedMemory, turn } from './guarded-machine.ts';

const widened = new Map<Kernel, Kernel>();
/** The kernel as it is compiled: a plain one with its form for several rows at once. */
function wideOf(kernel: Kernel): Kernel {
  const made = widened.get(kernel) ?? (kernel.packed ? kernel : vectorize(kernel).kernel);
  widened.set(kernel, made);
  return made;
}

/** A machine of memory with marks in it. Few rows are cut in parts, as by `guardedMachine`. */
export const checkedMachine = (threads: number): Machine => ({
  alloc: markedMemory(0x5a),
  threads,
  fewestRows: 16,
  tuning: turn(threads),
  launch: async (kernel, launch) => run(wideOf(kernel), launch),
  onHost: () => {},
});

const bytesOf = (a: TypedArray | KernelArray): Uint8Array => new Uint8Array(a.buffer, a.byteOffset, a.byteLength);

function run(kernel: Kernel, { rows, rowsPerPart, bufs, scalars = [] }: MachineLaunch): MachineReport {
  const parts = Math.ceil(rows / rowsPerPart);
  const columns = bufs.map((b) => ('copies' in b ? b.copies : b));
  // Of the kind that the kernel declares, wherever the column begins.
  const copies = kernel.bufs.map(({ elem }, k) => {
    const given = bytesOf(columns[k] ?? new Uint8Array());
    const copy = kernelArray(elem, Math.ceil(given.length / scalarBytes(elem)));
    bytesOf(copy).set(given);
    return copy;
  });
  const cells = Array.from({ length: parts }, () =>
    kernel.reductions.map((r): Scalar => partialIdentity(r.op, r.kind)),
  );
  const counts = Array.from({ length: parts }, () => new Array<number>(kernel.cursors).fill(0));
  let failure: MachineReport['failure'] = null;
  for (let part = 0; part < parts && failure === null; part++) {
    const status = runKernel(kernel, {
      bufs: copies.map((copy, k) => {
        const given = bufs[k];
        if (given === undefined || !('copies' in given)) return copy;
        return copy.subarray(part * given.length, (part + 1) * given.length);
      }),
      scalars: scalars.map((s, k) => scalarFor(kernel.scalars[k]?.kind, s)),
      begin: part * rowsPerPart,
      end: Math.min(rows, (part + 1) * rowsPerPart),
      part,
      rowsPerPart,
      cells: cells[part] ?? [],
      cursors: counts[part] ?? [],
      useWide: true,
    });
    if (status !== null) failure = { code: 'stopped', part, row: status.row };
  }
  for (const [k, copy] of copies.entries()) {
    const to = bytesOf(columns[k] ?? new Uint8Array());
    if (kernel.bufs[k]?.access !== 'read') to.set(bytesOf(copy).subarray(0, to.length));
  }
  return {
    parts,
    failure,
    cell: (part, red) => cells[part]?.[red] ?? 0,
    first: (part) => part * rowsPerPart,
    count: (part, cursor) => counts[part]?.[cursor] ?? 0,
  };
}

const scalarFor = (kind: ScalarKind | undefined, s: Scalar): Scalar => (kind === 'bool' ? Boolean(s) : s);
