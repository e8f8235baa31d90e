/**
 * New strings on the machine, in two readings made of one description: the first counts the bytes that a stretch of rows
 * comes to; then it is known where the stretch goes, and its strings are written there.
 *
 * Sixteen bytes may be written where fewer are meant: what stands behind is overwritten by the strings that follow. Never
 * do they reach into the next stretch, which another thread may be writing.
 */

import type { Value } from '../../compiler/index.ts';
import { bin, cast, cmp, type Get, type Kernel, KernelBuilder, lit, type SExpr } from '../../compiler/kernels.ts';
import { type Machine, type MachineBuffer, once } from '../machine.ts';
import { minus, num, plus } from '../terms.ts';
import { newBytes, newOffsets } from './strings.ts';
import { stretchesOf, stretchRows } from './strings-machine.ts';
import { fitting, writtenValue } from './written.ts';

/** Writes a byte, or sixteen, so far behind the first of those that are added. */
export type Put = (by: SExpr, bytes: SExpr) => void;

/** Where strings go, one behind the other. */
export interface Sink {
  /** Adds bytes; `write` is asked for them where they are not only counted. */
  add(length: SExpr, write: (put: Put) => void): void;
  /** May sixteen bytes be written here? Always, where bytes are counted. */
  readonly hasRoom: () => SExpr;
  /** Adds the bytes [from, to) of a buffer. */
  copy(buffer: number, from: SExpr, to: SExpr): void;
}

/** Declares buffers and scalars, and says what is added for a row. */
export type Describe = (k: KernelBuilder) => (row: Get, sink: Sink) => void;

/** The two kernels of a description, from what it depends on. */
export interface Writing<A extends (string | number | boolean)[]> {
  readonly count: (...of: A) => Kernel;
  readonly write: (kind: 'i32' | 'i64', ...of: A) => Kernel;
}

/** A description as kernels; the name tells those of different arguments apart. */
export function writing<A extends (string | number | boolean)[]>(
  name: string,
  describe: (...of: A) => Describe,
): Writing<A> {
  const count = once((...of: A): Kernel => {
    const k = KernelBuilder.packed(['count', name, ...of].join('_'));
    const sizes = k.buf('sizes', 'f64', 'write');
    const [rows, stretch] = [k.scalar('rows', 'i32'), k.scalar('stretch', 'i32')];
    const each = describe(...of)(k);
    // Strings may come to more bytes than an i32 counts.
    const size = k.var(lit('f64', 0));
    const add = (length: SExpr): void => k.set(size, bin('+', size, cast(length, 'f64')));
    const sink: Sink = { add, hasRoom: () => lit('bool', true), copy: (_, from, to) => add(minus(to, from)) };
    const [first, last] = stretchRows(k, stretch, rows);
    k.range(first, last, (row) => each(row, sink));
    k.store(sizes, k.index, size);
    return k.finish();
  });
  const write = once((kind: 'i32' | 'i64', ...of: A): Kernel => {
    const k = KernelBuilder.packed(['write', name, kind, ...of].join('_'));
    const [starts, offsets] = [k.buf('starts', 'i32', 'read'), k.buf('written_offsets', kind, 'write')];
    const made = k.buf('written', 'u8', 'write');
    const [rows, stretch] = [k.scalar('rows', 'i32'), k.scalar('stretch', 'i32')];
    const each = describe(...of)(k);
    const [first, last] = stretchRows(k, stretch, rows);
    const at = k.var(k.load(starts, k.index));
    const sink = writer(k, { made, at, limit: k.load(starts, k.let(plus(k.index, 1))) });
    k.range(first, last, (row) => {
      k.store(offsets, row, cast(at, kind));
      each(row, sink);
    });
    return k.finish();
  });
  return { count, write };
}

function writer(k: KernelBuilder, o: { readonly made: number; readonly at: Get; readonly limit: Get }): Sink {
  const { made, at, limit } = o;
  const hasRoom = (): SExpr => cmp('<=', plus(at, 16), limit);
  return {
    hasRoom,
    add(length, write) {
      const behind = k.let(plus(at, length));
      write((by, bytes) => k.store(made, by.x === 'lit' && by.value === 0 ? at : k.let(plus(at, by)), bytes));
      k.set(at, behind);
    },
    copy(buffer, first, to) {
      const from = k.var(first);
      const behind = k.let(plus(at, minus(to, from)));
      k.while(cmp('<', at, behind), () => {
        const step = k.var(num(1));
        k.if(
          hasRoom(),
          () => {
            k.store(made, at, k.load(buffer, from, 16));
            k.set(step, num(16));
          },
          () => k.store(made, at, k.load(buffer, from)),
        );
        k.set(at, plus(at, step));
        k.set(from, plus(from, step));
      });
      k.set(at, behind);
    },
  };
}

/** The column of the strings that are described. */
export async function machineWritten<A extends (string | number | boolean)[]>(
  name: string,
  o: {
    readonly writing: Writing<A>;
    readonly of: A;
    readonly rows: number;
    readonly kind: 'i32' | 'i64';
    readonly bufs: readonly MachineBuffer[];
    readonly scalars?: readonly number[];
  },
  m: Machine,
): Promise<Value> {
  const { rows, kind } = o;
  const { stretch, stretches } = stretchesOf(rows, m);
  const launch = { rows: stretches, rowsPerPart: 1 };
  const scalars = [rows, stretch, ...(o.scalars ?? [])];
  const sizes = m.alloc.alloc('f64', stretches);
  await m.launch(o.writing.count(...o.of), { ...launch, bufs: [sizes, ...o.bufs], scalars });
  let total = 0;
  for (let s = 0; s < stretches; s++) total += Number(sizes[s]);
  fitting(name, total);
  const starts = m.alloc.alloc('i32', stretches + 1);
  starts[0] = 0;
  for (let s = 0; s < stretches; s++) starts[s + 1] = Number(starts[s]) + Number(sizes[s]);
  const { offsets, put } = newOffsets(kind, rows + 1, m.alloc);
  put(rows, total);
  const bytes = newBytes('u8', total, m.alloc);
  await m.launch(o.writing.write(kind, ...o.of), { ...launch, bufs: [starts, offsets, bytes, ...o.bufs], scalars });
  return writtenValue(kind, offsets, bytes);
}
