import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SCALAR_KINDS, scalarBytes, type TypedArray, WeldError } from '../../compiler/index.ts';
import { collectGarbage } from './collect.ts';
import { Heap, PADDING } from './heap.ts';

const bytesOf = (v: TypedArray): Uint8Array => new Uint8Array(v.buffer, v.byteOffset, v.byteLength);

describe('heap', () => {
  it('gives aligned columns that never share bytes, with padding behind them', () => {
    const column = fc.record({ kind: fc.constantFrom(...SCALAR_KINDS), length: fc.nat(30000), free: fc.boolean() });
    fc.assert(
      fc.property(fc.array(column, { maxLength: 30 }), (columns) => {
        const heap = new Heap();
        const live: { view: TypedArray; mark: number }[] = [];
        for (const [k, { kind, length, free }] of columns.entries()) {
          const view = heap.alloc(kind, length);
          const mark = (k % 255) + 1;
          expect(view.length).toBe(length);
          expect(view.byteOffset % 64).toBe(0);
          expect(view.byteOffset + view.byteLength + PADDING).toBeLessThanOrEqual(heap.memory.buffer.byteLength);
          bytesOf(view).fill(mark);
          live.push({ view, mark });
          if (free) {
            const [gone] = live.splice((k * 7) % live.length, 1);
            if (gone !== undefined) heap.free(gone.view);
          }
        }
        for (const { view, mark } of live) expect(bytesOf(view).every((b) => b === mark)).toBe(true);
        const needed = live.reduce((sum, { view }) => sum + view.byteLength + PADDING, 0);
        expect(heap.used).toBeGreaterThanOrEqual(needed);
        for (const { view } of live) heap.free(view);
        expect(heap.used).toBe(0);
      }),
      { numRuns: 60, seed: 2 },
    );
  });

  it('keeps views of before a growth valid and knows their addresses', () => {
    const heap = new Heap();
    const small = heap.alloc('i32', 3);
    small.set([7, 8, 9] as never);
    const before = heap.memory.buffer;
    const large = heap.alloc('u8', 8 * 1024 * 1024);
    expect(heap.memory.buffer).not.toBe(before);
    expect([...small]).toEqual([7, 8, 9]);
    expect(heap.address(small)).toBe(small.byteOffset);
    expect(heap.address(large)).toBe(large.byteOffset);
    expect([...heap.view('i32', small.byteOffset, 3)]).toEqual([7, 8, 9]);
  });

  it('does not take memory of others for its own', () => {
    const heap = new Heap();
    expect(heap.address(new Float64Array(4))).toBeNull();
    expect(heap.address(new Heap().alloc('f64', 4))).toBeNull();
    expect(heap.owner(new Float64Array(4))).toBeNull();
  });

  it('finds the block of a part of a column, also of an empty one at its end', () => {
    const heap = new Heap();
    const column = heap.alloc('f64', 100);
    heap.alloc('f64', 100);
    expect(heap.owner(column.subarray(40, 50))).toBe(column.byteOffset);
    expect(heap.owner(column.subarray(100))).toBe(column.byteOffset);
  });

  it('zeroes only on request', () => {
    const heap = new Heap();
    const dirty = heap.alloc('u8', 1000);
    bytesOf(dirty).fill(0xff);
    heap.free(dirty);
    const clean = heap.allocZeroed('u8', 1000);
    expect(clean.byteOffset).toBe(dirty.byteOffset);
    expect(clean.every((b) => b === 0)).toBe(true);
  });

  it('says how much was asked for, used and allowed when memory is out', () => {
    const heap = new Heap({ limitBytes: 1_000_000 });
    const column = heap.alloc('u8', 600_000);
    let caught: unknown = null;
    try {
      heap.alloc('f64', 100_000);
    } catch (e) {
      caught = e;
    }
    expect(caught).toBeInstanceOf(WeldError);
    if (!(caught instanceof WeldError)) return;
    expect(caught.kind).toBe('OutOfMemory');
    expect(caught.code).toBe('W6006');
    expect(caught.message).toContain('asked for 800000 bytes with 600064 of 1000000 bytes in use');
    heap.free(column);
    expect(heap.alloc('f64', 100_000).length).toBe(100_000);
  });

  it('refuses more than 4 GiB in one piece', () => {
    expect(() => new Heap().alloc('f64', 2 ** 30)).toThrow('W6006');
  });

  it('reaches addresses above 2 GiB', () => {
    const heap = new Heap();
    const low = heap.reserve(2 ** 31 + 2 ** 20);
    const high = heap.alloc('i32', 4);
    expect(high.byteOffset).toBeGreaterThan(2 ** 31);
    high.set([1, -2, 3, -4] as never);
    expect([...heap.view('i32', high.byteOffset, 4)]).toEqual([1, -2, 3, -4]);
    heap.release(low);
    heap.free(high);
    expect(heap.used).toBe(0);
  });

  it('frees a block when the last of its views is freed, and forgives a second time', () => {
    const heap = new Heap();
    const column = heap.alloc('f64', 1000);
    const part = column.subarray(10, 20);
    heap.manage(part);
    heap.free(column);
    heap.free(column);
    expect(heap.used).toBeGreaterThan(0);
    heap.free(part);
    expect(heap.used).toBe(0);
  });

  it('shrinks a block in place', () => {
    const heap = new Heap();
    const block = heap.reserve(1_000_000);
    heap.shrink(block, 1000);
    expect(heap.used).toBe(Math.ceil((1000 + PADDING) / 64) * 64);
    heap.release(block);
    expect(heap.used).toBe(0);
  });

  it('gets memory back from the garbage collector', async () => {
    const heap = new Heap();
    const kept = heap.alloc('f64', 1000);
    const used = heap.used;
    (() => {
      for (let k = 0; k < 10; k++) heap.alloc('f64', 1000);
    })();
    expect(heap.used).toBe(11 * used);
    await collectGarbage();
    expect(heap.used).toBe(used);
    expect(kept.byteLength).toBe(1000 * scalarBytes('f64'));
  });
});
