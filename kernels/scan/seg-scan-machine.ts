/**
 * The machine form of scans of segments: of every block what it comes to behind its last start, and whether it has one; the
 * host joins these, and every block is joined again behind what its first segment comes to before it.
 */

import type { ScalarKind, ScalarValue } from '../../compiler/index.ts';
import { bin, cmp, type Get, type Kernel, KernelBuilder, lit, sel } from '../../compiler/kernels.ts';
import { vector, vectorOf } from '../column.ts';
import { type MachineForm, once } from '../machine.ts';
import { BLOCK, joiner, SCANS } from './scan.ts';
import { SEG_SCANS, type SegScanName, segmentsOf } from './seg-scan.ts';

export const segScanMachine =
  (name: SegScanName): MachineForm =>
  async (args, m) => {
    const { starts, column } = segmentsOf(name, args);
    const { kind, cells, length } = column;
    const join = joiner(SEG_SCANS[name], kind);
    const blocks = Math.ceil(length / BLOCK);
    const launch = { rows: blocks, rowsPerPart: Math.max(1, Math.ceil(blocks / (m.threads * 4))) };
    const [tails, fresh] = [m.alloc.alloc(kind, blocks), m.alloc.alloc('bool', blocks)];
    const given = [starts.cells, cells];
    await m.launch(blockTails(name, kind), { ...launch, bufs: [...given, tails, fresh], scalars: [length] });
    // What the segment that goes on comes to before each block; nothing is before the first one, whose own is not looked at.
    const before: (number | bigint)[] = [];
    for (let block = 0; block < blocks; block++) {
      const [own, last] = [tails[block - 1] ?? 0, before[block - 1]];
      const joined: ScalarValue = block <= 1 || last === undefined || fresh[block - 1] === 1 ? own : join(last, own);
      before.push(typeof joined === 'boolean' ? 0 : joined);
    }
    const to = m.alloc.alloc(kind, length);
    const befores = vectorOf(kind, before, m.alloc).cols;
    await m.launch(scanSegments(name, kind), { ...launch, bufs: [...given, ...befores, to], scalars: [length] });
    return vector(kind, to);
  };

const ONE = lit('i32', 1);

/** Joins the elements of a block, from the last start on; `each` gets what has been joined with its row, and if it began. */
function overBlock(
  k: KernelBuilder,
  name: SegScanName,
  [starts, column]: readonly [number, number],
  each: (own: Get, row: Get, isStart: Get) => void,
): Get {
  const length = k.scalar('length', 'i32');
  const first = k.let(bin('*', k.index, lit('i32', BLOCK)));
  const end = k.let(bin('min', bin('+', first, lit('i32', BLOCK)), length));
  const own = k.var(k.load(column, first));
  each(own, first, k.load(starts, first));
  k.range(bin('+', first, ONE), end, (row) => {
    const e = k.load(column, row);
    const isStart = k.load(starts, row);
    const joined = k.let(bin(SCANS[SEG_SCANS[name]], own, e));
    k.if(
      isStart,
      () => k.set(own, e),
      () => k.set(own, joined),
    );
    each(own, row, isStart);
  });
  return own;
}

/** tails[block] = what the elements behind its last start come to; fresh[block]: has it a start? */
const blockTails = once((name: SegScanName, kind: ScalarKind): Kernel => {
  const k = KernelBuilder.packed(`${name}_tails_${kind}`);
  const [starts, column] = [k.buf('starts', 'bool', 'read'), k.buf('column', kind, 'read')];
  const [tails, fresh] = [k.buf('tails', kind, 'write'), k.buf('fresh', 'bool', 'write')];
  const hasStart = k.var(lit('bool', false));
  const tail = overBlock(k, name, [starts, column], (_own, _row, isStart) =>
    k.set(hasStart, bin('|', hasStart, isStart)),
  );
  k.store(tails, k.index, tail);
  k.store(fresh, k.index, hasStart);
  return k.finish();
});

/** to[row] = what its segment comes to up to it. */
const scanSegments = once((name: SegScanName, kind: ScalarKind): Kernel => {
  const k = KernelBuilder.packed(`${name}_${kind}`);
  const [starts, column] = [k.buf('starts', 'bool', 'read'), k.buf('column', kind, 'read')];
  const [before, to] = [k.buf('before', kind, 'read'), k.buf('to', kind, 'write')];
  const start = k.load(before, k.index);
  // Has the block's first segment come to its end, or is nothing before it?
  const isOwn = k.var(cmp('==', k.index, lit('i32', 0)));
  overBlock(k, name, [starts, column], (own, row, isStart) => {
    k.set(isOwn, bin('|', isOwn, isStart));
    k.store(to, row, sel(isOwn, own, bin(SCANS[SEG_SCANS[name]], start, own)));
  });
  return k.finish();
});
