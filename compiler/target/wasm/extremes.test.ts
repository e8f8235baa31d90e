/** Least and largest floats of a wide loop: every order of NaN, zeros and infinities in a lane, against one by one. */

import { expect, it } from 'vitest';
import { binary, type Scalar } from '../../sir/arith.ts';
import { KernelBuilder } from '../../sir/build.ts';
import { identity } from '../../sir/interp.ts';
import type { Kernel } from '../../sir/kernel.ts';
import { interleave } from '../../sir/passes/interleave.ts';
import { arrayOf } from '../../testing/kernel-values.ts';
import { wasmRunner } from '../../testing/run-wasm.ts';

const VALUES = [-0, 0, Number.NaN, 1, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
const TRIPLES = VALUES.flatMap((a) => VALUES.flatMap((b) => VALUES.map((c) => [a, b, c] as const)));

function reduction(op: 'min' | 'max', kind: 'f64' | 'f32', lanes: 2 | 4): Kernel {
  const k = new KernelBuilder(`${op}_${kind}`);
  const x = k.buf('x', kind, 'read');
  const r = k.reduction('r', kind, op);
  k.accum(r, k.load(x, k.index));
  k.wide(lanes, () => k.accum(r, k.load(x, k.index, lanes)));
  return k.finish();
}

it.each([
  ['min', 'f64', 2],
  ['max', 'f64', 2],
  ['min', 'f32', 4],
  ['max', 'f32', 4],
] as const)('%s of %s in %i lanes, and in several copies of them', async (op, kind, lanes) => {
  const one = reduction(op, kind, lanes);
  const copies = interleave({ ...one, name: 'copies' });
  expect(copies.wide?.step).toBe(4 * lanes);
  for (const kernel of [one, copies]) await agrees(kernel, op, kind);
});

async function agrees(kernel: Kernel, op: 'min' | 'max', kind: 'f64' | 'f32'): Promise<void> {
  const run = await wasmRunner([kernel]);
  const start = identity(op, kind);
  const step = kernel.wide?.step ?? 1;
  for (const triple of TRIPLES) {
    // The triple in the last lane, the identity in the others.
    const rows = triple.flatMap((v) => [...new Array<Scalar>(step - 1).fill(start), v]);
    const want = triple.reduce((a: Scalar, b) => binary(op, kind, a, b), start);
    const { cells } = run(kernel, { bufs: [arrayOf(kind, rows)], n: rows.length, cells: [start] });
    expect(cells, triple.join(' ')).toEqual([[want]]);
  }
}
