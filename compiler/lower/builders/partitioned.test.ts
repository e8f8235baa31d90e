/**
 * The form of a loop for dictionaries of many keys: which loops have it, its kernels on a full part, with marks around
 * every buffer, and keys of all kinds.
 */

import { afterAll, describe, expect, it } from 'vitest';
import { compile, lowerForWasm } from '../../compile.ts';
import type { IValue } from '../../core/ivalue.ts';
import type { ScalarKind } from '../../core/types.ts';
import { type KernelArray, kernelArray } from '../../sir/interp.ts';
import type { Launch, Output, Plan } from '../../sir/plan.ts';
import { SCATTER } from '../../sir/scatter.ts';
import { Both } from '../../testing/both.ts';
import { wasmRunner } from '../../testing/run-wasm.ts';
import { parseProgram } from '../../text.ts';

const both = new Both();
afterAll(() => both.dispose());

const launches = (plan: Plan): readonly Launch[] =>
  plan.body.steps.flatMap((s) => (s.step === 'launch' ? [s.launch] : []));
const lowered = (text: string): readonly Launch[] =>
  launches(
    lowerForWasm(parseProgram(`|k: vec[i64], v: vec[f64], w: vec[vec[u8]]| ${text}`), { check: true, ahead: true }),
  );
const merging = (builder: string, merge: string): string =>
  `tovec(result(for(zip(k, v, w), ${builder}, |b, i, e| ${merge})))`;

type Partitioned = Extract<Output, { readonly out: 'partitioned' }>;
const partitionedOf = (l: Launch | undefined): readonly Partitioned[] =>
  l?.partitioned?.outputs.flatMap((o) => (o.out === 'partitioned' ? [o] : [])) ?? [];

describe('loops that have the form', () => {
  it.each<[text: string, outputs: number]>([
    [merging('dictmerger[i64,f64,+]', 'merge(b, {e.$0, e.$1})'), 1],
    [merging('dictmerger[{i64,f64},{f64,i64},min]', 'if(e.$1 > 0.0, merge(b, {{e.$0, e.$1}, {e.$1, i}}), b)'), 1],
    [merging('groupmerger[i64,f64]', 'merge(b, {e.$0, e.$1})'), 1],
    [merging('dictmerger[i64,f64,+](10L)', 'merge(b, {e.$0, e.$1})'), 0],
    [merging('@(dense:true)dictmerger[i64,f64,+](10L)', 'merge(b, {e.$0, e.$1})'), 0],
    [merging('dictmerger[vec[u8],f64,+]', 'merge(b, {e.$2, e.$1})'), 0],
    [merging('dictmerger[i64,f64,+]', 'merge(merge(b, {e.$0, e.$1}), {i, e.$1})'), 0],
  ])('%s', (text, outputs) => {
    expect(partitionedOf(lowered(text)[0]).length).toBe(outputs);
  });

  it('one of several dictionaries, beside other outputs', () => {
    const [loop] =
      lowered(`let r = for(zip(k, v), {dictmerger[i64,i64,+], dictmerger[i64,f64,+](8L), merger[f64,+]}, |b, i, e|
      {merge(b.$0, {e.$0, i}), merge(b.$1, {e.$0 & 7L, e.$1}), merge(b.$2, e.$1)});
      {tovec(result(r.$0)), tovec(result(r.$1)), result(r.$2)}`);
    expect(loop?.partitioned?.outputs.map((o) => o.out)).toEqual(['partitioned', 'dict', 'reduce']);
    expect(loop?.partitioned?.outputs.map((o) => o.dst)).toEqual(loop?.outputs.map((o) => o.dst));
  });

  it('is not compiled unless it is asked for, and then the rest of the plan is the same', async () => {
    const p = parseProgram(`|s: {vec[i64],{vec[f64],i64}}|
      let d = result(for(zip(s.$0, s.$1.$0), dictmerger[i64,f64,+], |b, i, e| merge(b, {e.$0 + s.$1.$1, e.$1})));
      {tovec(d), result(for(s.$0, merger[f64,+], |b, i, e| merge(b, lookup(d, e + s.$1.$1))))}`);
    const [plain, ahead] = [await compile(p), await compile(p, { ahead: true })];
    const without = JSON.stringify(ahead.plan.body, (key, x: unknown) =>
      key === 'partitioned' ? undefined : bigText(x),
    );
    expect(without).toBe(JSON.stringify(plain.plan.body, (_, x: unknown) => bigText(x)));
    expect(ahead.plan.kernels.length).toBe(plain.plan.kernels.length + 5);
    const off = await compile(p, { ahead: true, disable: ['partition'] });
    expect(launches(off.plan).flatMap(partitionedOf)).toEqual([]);
  });

  it.each<[use: string, slots: boolean]>([
    ['tovec(d)', false],
    ['d', true],
    ['{tovec(d), keyexists(d, 1L)}', true],
    ['result(for(k, merger[f64,+], |b, i, e| merge(b, lookup(d, e))))', true],
    ['if(len(k) > 3L, tovec(d), tovec(d))', false],
    ['if(len(k) > 3L, lookup(d, 1L), 0.0)', true],
    ['iterate({0L, 0L}, |s| {{s.$0, len(tovec(d))}, false})', false],
  ])('slots where keys are looked for: %s', (use, slots) => {
    const text = `let d = result(for(zip(k, v), dictmerger[i64,f64,+], |b, i, e| merge(b, {e.$0, e.$1}))); ${use}`;
    expect(partitionedOf(lowered(text)[0]).map((o) => o.kernels.index !== null)).toEqual([slots]);
  });
});

const bigText = (x: unknown): unknown => (typeof x === 'bigint' ? String(x) : x);

describe('the kernels', () => {
  /** Keys by their hash, which is a product by an odd number, folded: the inverse of that number takes it back. */
  const keyOf = (hash: number): bigint => BigInt.asIntN(64, BigInt(hash >>> 0) * INVERSE);

  it.each<[name: string, rows: number, hash: (row: number) => number, merge: 'merge' | 'mergeMany']>([
    // As many rows in each partition, which fill blocks to the last row: no block is left over.
    ['all blocks in use', SCATTER.partRows, (i) => ((i % 128) << 25) | ((i >> 7) % 40), 'merge'],
    ['one partition has all rows', 20_000, (i) => i % 57, 'merge'],
    ['slots for many entries', 20_000, (i) => i % 57, 'mergeMany'],
    ['the last partition, and the first', 5_000, (i) => (i % 3 === 0 ? i % 50 : -1 - (i % 50)), 'merge'],
  ])('stay in their buffers: %s', async (_, rows, hash, which) => {
    const [loop] = lowered(merging('dictmerger[i64,f64,+]', 'merge(b, {e.$0, e.$1})'));
    const [form, out] = [loop?.partitioned, partitionedOf(loop)[0]];
    if (form === undefined || out === undefined) throw new Error('no form');
    const { [which]: merge, order } = out.kernels;
    const run = await wasmRunner([form.kernel, merge, order]);
    const keys = BigInt64Array.from({ length: rows }, (_x, i) => keyOf(hash(i)));
    const addends = Float64Array.from({ length: rows }, (_x, i) => (i % 1000) / 7);

    const arrays = form.kernel.bufs.map((b, k): KernelArray => {
      const binding = form.bufs[k];
      if (binding?.bind === 'column') return b.elem === 'i64' ? keys : addends;
      return b.name.startsWith('places') ? freshPlaces() : kernelArray(b.elem, SCATTER.capacity);
    });
    const scattered = run(form.kernel, { bufs: arrays, n: rows, rowsPerCall: 16_384 });
    expect(scattered.status).toEqual([null]);
    const outputs = form.bufs.flatMap((b, k) =>
      b.bind === 'output' ? [scattered.bufs[k]?.[0] ?? kernelArray('i32', 0)] : [],
    );

    const [capacity, slots, n] = [64, 256, SCATTER.partitions];
    const array = (kind: ScalarKind, length: number): KernelArray => kernelArray(kind, length);
    const tables = [
      array('i64', capacity),
      array('f64', capacity),
      array('i32', capacity),
      array(which === 'merge' ? 'u16' : 'i32', slots),
    ];
    const merged = run(merge, {
      bufs: [...outputs, ...tables, array('i32', n), array('i32', n)],
      scalars: [0, 1, capacity, slots - 1],
      n,
      rowsPerPart: 1,
    });
    expect(merged.status.every((s) => s === null)).toBe(true);
    const [after] = merged.bufs.at(-1) ?? [];
    const count = Array.from(after ?? [], Number).reduce((sum, c) => sum + c, 0);

    const entries = [0, 1, 2].map((k) => joined((merged.bufs[outputs.length + k] ?? []).slice(0, n)));
    const ordered = run(order, {
      bufs: [
        ...entries,
        after ?? array('i32', n),
        array('i32', 1),
        array('u32', SCATTER.bitWords),
        array('i32', SCATTER.bitWords),
        array('i64', count),
        array('f64', count),
      ],
      scalars: [capacity],
      n: 1,
    });
    const sums = new Map<bigint, number>();
    for (const [i, key] of keys.entries()) {
      const sum = sums.get(key);
      sums.set(key, sum === undefined ? (addends[i] ?? 0) : sum + (addends[i] ?? 0));
    }
    expect([...(ordered.bufs.at(-2)?.[0] ?? [])]).toEqual([...sums.keys()]);
    expect([...(ordered.bufs.at(-1)?.[0] ?? [])]).toEqual([...sums.values()]);
  });
});

/** The inverse of the factor of the hash, modulo 2^64. */
const INVERSE = (() => {
  let inverse = 1n;
  for (let k = 0; k < 6; k++) inverse = BigInt.asUintN(64, inverse * (2n - 0x9e3779b97f4a7c15n * inverse));
  return inverse;
})();

/** The first blocks of all partitions. */
function freshPlaces(): Int32Array {
  const places = new Int32Array(SCATTER.words);
  for (let p = 0; p < SCATTER.partitions; p++) places[SCATTER.next + p] = p * SCATTER.blockRows;
  places[SCATTER.free] = SCATTER.partitions;
  return places;
}

function joined(arrays: readonly KernelArray[]): KernelArray {
  const [first] = arrays;
  if (first === undefined) throw new Error('no tables');
  const bytes = new Uint8Array(arrays.length * first.byteLength);
  for (const [k, a] of arrays.entries()) {
    bytes.set(new Uint8Array(a.buffer, a.byteOffset, a.byteLength), k * first.byteLength);
  }
  if (first instanceof BigInt64Array) return new BigInt64Array(bytes.buffer);
  return first instanceof Float64Array ? new Float64Array(bytes.buffer) : new Int32Array(bytes.buffer);
}

const EDGES: Readonly<Partial<Record<ScalarKind, readonly IValue[]>>> = {
  bool: [true, false],
  i8: [-128, 0, 127, -1],
  u64: [0n, 2n ** 64n - 1n, 5n],
  f32: [0, -0, Number.NaN, Number.POSITIVE_INFINITY, 1.5],
  f64: [0, -0, Number.NaN, Number.NEGATIVE_INFINITY, 5e-324],
};

describe('keys', () => {
  it.each(Object.entries(EDGES))('of %s, alone and in a struct, on every way to run', async (kind, values) => {
    const p = parseProgram(`|k: vec[${kind}], x: vec[f64]|
      {tovec(result(for(zip(k, x), dictmerger[${kind},{f64,i64},+], |b, i, e| merge(b, {e.$0, {e.$1, i}})))),
       tovec(result(for(zip(k, x), dictmerger[{i64,{${kind},bool}},f64,max], |b, i, e| merge(b, {{i % 2L, {e.$0, e.$1 > 0.5}}, e.$1}))))}`);
    const keys = Array.from({ length: 500 }, (_, i) => values[(i * 7919) % values.length] ?? 0);
    await both.agrees(p, [keys, keys.map((_, i) => ((i * 31) % 101) / 64)]);
    await both.agrees(p, [[], []]);
  });
});
