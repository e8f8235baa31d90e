/**
 * Parts of strings on the machine, in two readings: the first finds where each part is, and how many bytes those of a
 * stretch of rows have; then it is known where the stretch goes, and its parts are copied there.
 */

import type { Value } from '../../compiler/index.ts';
import { cast, cmp, type Get, type Kernel, KernelBuilder, sel } from '../../compiler/kernels.ts';
import { type HostWork, type Machine, type MachineBuffer, once } from '../machine.ts';
import { minus, num, plus } from '../terms.ts';
import { partsValue, type Span } from './spans.ts';
import { newBytes, newOffsets, offsetKind, type Strings } from './strings.ts';
import { loadStart, stretchesOf, stretchRows } from './strings-machine.ts';

/** A string, and its part: variables that are the whole string at first; a `from` below 0 says that there is no part. */
export interface PartOf {
  readonly row: Get;
  readonly start: Get;
  readonly end: Get;
  readonly from: Get;
  readonly to: Get;
}

/** A kernel that finds parts; `declare` adds buffers and scalars behind those that all of them have. */
export function spansKernel(
  name: string,
  kind: 'i32' | 'i64',
  declare: (k: KernelBuilder, bytes: number) => (part: PartOf) => void,
): Kernel {
  const k = KernelBuilder.packed(`${name}_${kind}`);
  const [offsets, bytes] = [k.buf('offsets', kind, 'read'), k.buf('bytes', 'u8', 'read')];
  const [froms, tos] = [k.buf('froms', 'i32', 'write'), k.buf('tos', 'i32', 'write')];
  const sums = k.buf('sums', 'i32', 'write');
  const [rows, stretch] = [k.scalar('rows', 'i32'), k.scalar('stretch', 'i32')];
  const find = declare(k, bytes);
  const [first, last] = stretchRows(k, stretch, rows);
  const sum = k.var(num(0));
  k.range(first, last, (row) => {
    const [start, end] = [loadStart(k, offsets, row), loadStart(k, offsets, plus(row, 1))];
    const part = { row, start, end, from: k.var(start), to: k.var(end) };
    find(part);
    k.store(froms, row, part.from);
    k.store(tos, row, part.to);
    k.set(sum, plus(sum, sel(cmp('<', part.from, num(0)), num(0), minus(part.to, part.from))));
  });
  k.store(sums, k.index, sum);
  return k.finish();
}

export interface Finding {
  /** Made by `spansKernel`, with what `declare` added. */
  readonly kernel: Kernel;
  readonly bufs?: readonly MachineBuffer[];
  readonly scalars?: readonly number[];
  /** In how many parts the first launch is cut at most, where each has memory of its own. */
  readonly parts?: number;
  /** Who finds the parts of rows for which the kernel says UNKNOWN, and why it does. */
  readonly onHost?: Pick<HostWork, 'kernel' | 'reason'> & { readonly find: (row: number) => Span };
}

/** A `from` that says that the host is to find the part. */
export const UNKNOWN = -2;

/** The column of the parts that a kernel finds. */
export async function machineParts(m: Machine, strings: Strings, f: Finding): Promise<Value> {
  const { rows } = strings;
  const kind = offsetKind(strings);
  const { stretch, stretches } = stretchesOf(rows, m);
  const [froms, tos] = [m.alloc.alloc('i32', rows), m.alloc.alloc('i32', rows)];
  const sums = m.alloc.alloc('i32', stretches);
  const launch = { rows: stretches, rowsPerPart: 1 };
  await m.launch(f.kernel, {
    rows: stretches,
    rowsPerPart: Math.ceil(stretches / (f.parts ?? stretches)) || 1,
    bufs: [strings.offsets, strings.bytes, froms, tos, sums, ...(f.bufs ?? [])],
    scalars: [rows, stretch, ...(f.scalars ?? [])],
  });
  const { onHost } = f;
  let left = 0;
  for (let row = 0; onHost !== undefined && row < rows; row++) {
    if (froms[row] !== UNKNOWN) continue;
    left += 1;
    const [from, to] = onHost.find(row) ?? [-1, -1];
    const s = Math.floor(row / stretch);
    [froms[row], tos[row], sums[s]] = [from, to, Number(sums[s]) + to - from];
  }
  if (onHost !== undefined && left > 0)
    m.onHost({ kernel: onHost.kernel, rows: left, of: rows, reason: onHost.reason });
  let total = 0;
  for (let s = 0; s < stretches; s++) {
    const sum = Number(sums[s]);
    sums[s] = total;
    total += sum;
  }
  const { offsets, put } = newOffsets(kind, rows + 1, m.alloc);
  put(rows, total);
  const [bytes, flags] = [newBytes('u8', total, m.alloc), newBytes('bool', rows, m.alloc)];
  await m.launch(copyParts(kind), {
    ...launch,
    bufs: [strings.bytes, froms, tos, sums, offsets, bytes, flags],
    scalars: [rows, stretch, total],
  });
  return partsValue(strings, offsets, bytes, flags);
}

const copyParts = once((kind: 'i32' | 'i64'): Kernel => {
  const k = KernelBuilder.packed(`copy_parts_${kind}`);
  const [bytes, froms, tos] = [
    k.buf('bytes', 'u8', 'read'),
    k.buf('froms', 'i32', 'read'),
    k.buf('tos', 'i32', 'read'),
  ];
  const sums = k.buf('sums', 'i32', 'read');
  const [offsets, made] = [k.buf('offsets', kind, 'write'), k.buf('made', 'u8', 'write')];
  const flags = k.buf('flags', 'bool', 'write');
  const [rows, stretch, total] = [k.scalar('rows', 'i32'), k.scalar('stretch', 'i32'), k.scalar('total', 'i32')];
  const [first, last] = stretchRows(k, stretch, rows);
  /** Where the parts of the next stretch begin, which another thread may be writing. */
  const limit = k.var(total);
  k.if(cmp('<', last, rows), () => k.set(limit, k.load(sums, k.let(plus(k.index, 1)))));
  const at = k.var(k.load(sums, k.index));
  k.range(first, last, (row) => {
    const from = k.var(k.load(froms, row));
    const isThere = k.let(cmp('>=', from, num(0)));
    const length = sel(isThere, minus(k.load(tos, row), from), num(0));
    const end = k.let(plus(at, length));
    k.store(offsets, row, cast(at, kind));
    k.store(flags, row, isThere);
    k.while(cmp('<', at, end), () => {
      // What is written behind the part is overwritten by the next ones.
      k.if(
        cmp('<=', plus(at, 16), limit),
        () => {
          k.store(made, at, k.load(bytes, from, 16));
          k.set(at, plus(at, 16));
          k.set(from, plus(from, 16));
        },
        () => {
          k.store(made, at, k.load(bytes, from));
          k.set(at, plus(at, 1));
          k.set(from, plus(from, 1));
        },
      );
    });
    k.set(at, end);
  });
  return k.finish();
});
