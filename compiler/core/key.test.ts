import { describe, expect, test } from 'vitest';
import { Builder, f64, i32, i64, lit, range, scan } from './build.ts';
import { blockKey, opKey } from './key.ts';
import type { Atom, Block, Op } from './op.ts';
import { F32, F64, I32, merger, vec } from './types.ts';
import { cloneBlock } from './walk.ts';

const loop = (b: Builder, x: Atom, word: '+' | '*', note: number): Atom =>
  b.loop([scan(x)], b.builder(merger(F64, '+')), (m, _i, e) => b.merge(m, b.bin(word, e, e)), { note });

describe('keys', () => {
  const b = new Builder();
  const x = b.param(vec(F64), 'x');
  const y = b.param(vec(F64), 'y');
  const block = (make: () => Atom): Block => b.block([], make);

  test('are alpha-invariant and see what is bound outside', () => {
    const one = block(() => loop(b, x, '+', 1));
    expect(blockKey(cloneBlock(one, b.syms, b.syms))).toBe(blockKey(one));
    expect(blockKey(block(() => loop(b, x, '+', 1)))).toBe(blockKey(one));
    for (const other of [() => loop(b, y, '+', 1), () => loop(b, x, '*', 1), () => loop(b, x, '+', 2)]) {
      expect(blockKey(block(other))).not.toBe(blockKey(one));
    }
    expect(blockKey(one)).toContain(`%${x}`);
  });

  test('of operations differ where meaning does', () => {
    const ops: readonly Op[] = [
      { kind: 'bin', op: '+', a: f64(0), b: f64(1) },
      { kind: 'bin', op: '-', a: f64(0), b: f64(1) },
      { kind: 'bin', op: '+', a: f64(-0), b: f64(1) },
      { kind: 'bin', op: '+', a: lit(F32, 0), b: lit(F32, 1) },
      { kind: 'bin', op: '+', a: i64(0), b: i64(1) },
      { kind: 'bin', op: '+', a: i32(0), b: i32(1) },
      { kind: 'cast', to: F32, a: f64(0) },
      { kind: 'cast', to: I32, a: f64(0) },
      { kind: 'vec', elem: F32, items: [] },
      { kind: 'vec', elem: F64, items: [] },
      { kind: 'struct', fields: [] },
      { kind: 'struct', fields: [i32(1)] },
      { kind: 'field', of: x, index: 0 },
      { kind: 'field', of: x, index: 1 },
      { kind: 'cudf', name: 'sort', ty: F64, args: [], notes: {} },
      { kind: 'cudf', name: 'sorted', ty: F64, args: [], notes: {} },
      { kind: 'builder', ty: merger(F64, '+'), arg: null, notes: {} },
      { kind: 'builder', ty: merger(F64, '*'), arg: null, notes: {} },
      { kind: 'builder', ty: merger(F64, '+'), arg: f64(0), notes: {} },
    ];
    expect(new Set(ops.map(opKey)).size).toBe(ops.length);
    for (const op of ops) expect(opKey({ ...op })).toBe(opKey(op));
  });

  test('the order of annotations is no difference, the kind of an iterator is', () => {
    const builder = b.builder(merger(F64, '+'));
    const body: Block = { params: [], lets: [], result: builder };
    const of = (notes: Record<string, number>, it: ReturnType<typeof scan>): string =>
      opKey({ kind: 'for', iters: [it], builder, body, notes });
    expect(of({ a: 1, b: 2 }, scan(x))).toBe(of({ b: 2, a: 1 }, scan(x)));
    expect(of({}, scan(x))).not.toBe(of({}, range(x, x, x)));
  });
});
