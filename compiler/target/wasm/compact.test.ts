/**
 * Pushes under masks as machine code: every kind in every number of lanes, several columns, every mask, few rows and
 * many, parts and calls; then random kernels against their bodies in the interpreter. Both sinks run, between marked
 * bytes: a register that is stored behind the last place of the last part would be seen.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ScalarKind, scalarBytes } from '../../core/types.ts';
import { cmp, KernelBuilder } from '../../sir/build.ts';
import { type KernelArray, kernelArray, runKernel } from '../../sir/interp.ts';
import type { Kernel } from '../../sir/kernel.ts';
import { expandMath } from '../../sir/passes/expand-math.ts';
import { interleave } from '../../sir/passes/interleave.ts';
import { vectorize } from '../../sir/passes/vectorize.ts';
import { verifyKernel } from '../../sir/verify.ts';
import { arbKernel, callOf } from '../../testing/arb-kernel.ts';
import { wasmRunner } from '../../testing/run-wasm.ts';
import { compacts } from './compact.ts';

const KINDS: readonly ScalarKind[] = ['bool', 'i8', 'u8', 'i16', 'u16', 'i32', 'u32', 'f32', 'i64', 'u64', 'f64'];
/** One column of each kind; structs of all that have four lanes, and of all in two. */
const STRUCTS: readonly (readonly ScalarKind[])[] = [
  ...KINDS.map((kind) => [kind]),
  KINDS.filter((kind) => scalarBytes(kind) < 8),
  KINDS,
];

/** Keeps the rows where `keep` is true and fails at row `bad`; its wide form has all lanes. */
function filterOf(kinds: readonly ScalarKind[]): Kernel {
  const k = new KernelBuilder('filter');
  const keep = k.load(k.buf('keep', 'bool', 'read'), k.index);
  const columns = kinds.map((kind, i) => {
    const value = k.load(k.buf(`x${i}`, kind, 'read'), k.index);
    return [k.buf(`out${i}`, kind, 'write'), value] as const;
  });
  const cursor = k.cursor();
  k.if(keep, () => k.push(cursor, columns));
  k.fail('AssertionError', cmp('==', k.index, k.scalar('bad', 'i32')));
  const { kernel, reason } = vectorize(k.finish(), { always: true });
  expect(reason).not.toContain('row by row');
  expect(kernel.wide?.lanes).toBe(kinds.some((kind) => scalarBytes(kind) === 8) ? 2 : 4);
  return kernel;
}

/** Values whose bytes differ, so that a wrong byte is seen. */
function columnOf(kind: ScalarKind, n: number): KernelArray {
  const array = kernelArray(kind, n);
  if (kind === 'bool') return Uint8Array.from({ length: n }, (_, i) => Number((i * 7) % 3 === 1));
  if (kind === 'f32' || kind === 'f64') {
    for (let i = 0; i < n; i++) array[i] = (i * 37 + 11) / 3;
  } else {
    const bytes = new Uint8Array(array.buffer);
    for (const i of bytes.keys()) bytes[i] = i * 37 + 11;
  }
  return array;
}

const MASKS: Readonly<Record<string, (row: number) => boolean>> = {
  none: () => false,
  all: () => true,
  'every pattern of four': (row) => (((row >> 2) >> (row & 3)) & 1) === 1,
  'two of three': (row) => row % 3 !== 0,
};
const ROWS = [0, 1, 2, 3, 4, 5, 16, 67];

interface Cut {
  readonly n: number;
  readonly rowsPerPart: number;
  readonly rowsPerCall: number;
}
const cuts = (n: number): readonly Cut[] => [
  { n, rowsPerPart: Math.max(n, 1), rowsPerCall: Math.max(n, 1) },
  { n, rowsPerPart: 29, rowsPerCall: 13 },
];

describe.each(STRUCTS.map((kinds) => [kinds.join(), kinds] as const))('a filter of %s', (_, kinds) => {
  it('keeps the rows of the mask, in order', async () => {
    const kernel = filterOf(kinds);
    const together = { ...interleave(kernel), name: 'together' };
    expect(together.wide?.step).toBeGreaterThan(kernel.wide?.step ?? 0);
    verifyKernel(together);
    const run = await wasmRunner([kernel, together]);
    for (const cut of ROWS.flatMap(cuts)) {
      const given = kinds.map((kind) => columnOf(kind, cut.n));
      for (const [name, mask] of Object.entries(MASKS)) {
        const keep = Uint8Array.from({ length: cut.n }, (_row, row) => Number(mask(row)));
        const bufs = [keep, ...given.flatMap((x, i) => [x, kernelArray(kinds[i] ?? 'i32', cut.n)])];
        const want = given.map((x) => [...x].filter((_value, row) => mask(row)));
        for (const made of [kernel, together]) {
          const got = run(made, { ...cut, bufs, scalars: [-1] });
          expect(keptRows(got, cut, kinds.length), `${name}, ${cut.n} rows`).toStrictEqual(want);
        }
      }
    }
  });
});

/** The columns that the parts pushed to, without their gaps. */
function keptRows(
  got: { readonly cursors: readonly (readonly number[])[]; readonly bufs: readonly (readonly KernelArray[])[] },
  { rowsPerPart }: Cut,
  columns: number,
): readonly (readonly (number | bigint)[])[] {
  return Array.from({ length: columns }, (_, k) =>
    got.cursors.flatMap(([count = 0], part) => {
      const out = got.bufs[2 + 2 * k]?.[0] ?? new Uint8Array(0);
      return [...out.slice(part * rowsPerPart, part * rowsPerPart + count)];
    }),
  );
}

it('takes the pushes of a broken off iteration back', async () => {
  const kernel = interleave(filterOf(['i32']));
  const run = await wasmRunner([kernel]);
  const bufs = [new Uint8Array(40).fill(1), columnOf('i32', 40), new Int32Array(40)];
  for (const bad of [0, 1, 15, 16, 37]) {
    const want = { code: expect.any(Number), row: bad };
    expect(run(kernel, { bufs, scalars: [bad], n: 40 }).status).toEqual([want]);
  }
});

it('random kernels push what their bodies push', async () => {
  const seen = { masked: 0, rows: 0, failing: 0 };
  await fc.assert(
    fc.asyncProperty(arbKernel(), async (c) => {
      const kernel = interleave(expandMath(vectorize(c.kernel, { always: true }).kernel));
      if (!compacts(kernel) || c.part !== 0) return;
      seen.masked++;
      const call = callOf(c, false);
      const status = runKernel(c.kernel, call);
      const run = await wasmRunner([kernel]);
      const got = run(kernel, { bufs: c.bufs(), scalars: c.scalars, n: c.end, rowsPerPart: c.rowsPerPart });
      expect(got.status).toEqual([status]);
      if (status !== null) {
        seen.failing++;
        return;
      }
      expect(got.cursors).toEqual([call.cursors]);
      const [count = 0] = call.cursors;
      seen.rows += count;
      for (const [k, { name, access }] of kernel.bufs.entries()) {
        const rows = name.startsWith('list') ? count : (call.bufs[k]?.length ?? 0);
        if (access !== 'read' && access !== 'scratch')
          expect([...(got.bufs[k]?.[0] ?? [])].slice(0, rows), name).toEqual([...(call.bufs[k] ?? [])].slice(0, rows));
      }
    }),
    { numRuns: 150, seed: 1120 },
  );
  for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(2);
});
